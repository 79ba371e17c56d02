//! A host's JavaScript function as a handler of the bridge. The function itself stays on the host's thread; what
//! travels is its token.

use super::table::Token;
use super::{Item, Port};
use finapp_core::bridge::{HostCall, HostHandler};
use std::sync::Arc;

/// Hands calls over to the host's thread.
pub struct JsHandler {
    port: Arc<Port>,
    token: Token,
}

impl JsHandler {
    /// The handler whose function the session keeps under `token`.
    pub fn new(port: Arc<Port>, token: Token) -> Self {
        Self { port, token }
    }
}

impl HostHandler for JsHandler {
    fn call(&self, call: HostCall) {
        self.port.call(self.token, call);
    }
}

impl Drop for JsHandler {
    /// The last one who could call has gone, so every call of this handler is in the queue already: the function can be
    /// let go of when its turn comes (C8).
    fn drop(&mut self) {
        self.port.post(Item::Forget { handler: self.token });
    }
}
