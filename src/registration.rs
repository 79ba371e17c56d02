//! What a host gives to register a handler, checked; and for whom it is registered.

use crate::arguments::{self, Given};
use crate::port::ffi::{Env, Value};
use crate::port::raise::Raise;
use crate::port::style::{Manner, Style};
use crate::session::Session;
use finapp_core::ErrorCode;
use finapp_core::bridge::{ApiOptions, Handler, HostHandler};
use std::sync::Arc;

/// One registration.
pub struct Registration<'s> {
    name: String,
    function: Value<'s>,
    options: ApiOptions,
    style: Style,
}

impl<'s> Registration<'s> {
    /// The arguments of an export that takes options.
    pub fn read(
        env: Env<'s>,
        style: Style,
        name: impl Into<Value<'s>>,
        handler: impl Into<Value<'s>>,
        options: impl Into<Value<'s>>,
    ) -> Given<'s, Self> {
        let (name, function) = name_and_function(env, name.into(), handler.into())?;
        Ok(Self { name, function, options: arguments::api_options(env, options.into())?, style })
    }

    /// The arguments of `registerSyncApi`.
    pub fn synchronous(env: Env<'s>, name: impl Into<Value<'s>>, handler: impl Into<Value<'s>>) -> Given<'s, Self> {
        let (name, function) = name_and_function(env, name.into(), handler.into())?;
        let options = ApiOptions { sync: true, ..ApiOptions::default() };
        Ok(Self { name, function, options, style: Style::Custom })
    }

    /// The arguments of `setProvider`.
    pub fn provider(env: Env<'s>, name: impl Into<Value<'s>>, handler: impl Into<Value<'s>>) -> Given<'s, Self> {
        let (name, function) = name_and_function(env, name.into(), handler.into())?;
        Ok(Self { name, function, options: ApiOptions::default(), style: Style::Custom })
    }

    /// Registers it; `register` decides for whom.
    ///
    /// # Errors
    /// `E_PARAM` for a malformed name, `E_CLOSED` after shutdown.
    pub fn finish(
        self,
        env: Env<'s>,
        session: &Session,
        register: impl FnOnce(&str, Handler, ApiOptions) -> finapp_core::Result<()>,
    ) -> Result<(), Raise<'s>> {
        let manner = Manner { style: self.style, sync: self.options.sync };
        let handler = session.handler(env, self.function, manner)?;
        // A registration that is refused drops the handler, which lets go of the function.
        Ok(register(&self.name, handler, self.options)?)
    }
}

/// The handler as a provider: those of this module are all of the kind that answers later.
///
/// # Errors
/// `E_INTERNAL` for any other.
pub fn as_provider(handler: Handler) -> finapp_core::Result<Arc<dyn HostHandler>> {
    match handler {
        Handler::Host(handler) => Ok(handler),
        Handler::Inline(_) => Err(ErrorCode::Internal.into()),
    }
}

fn name_and_function<'s>(env: Env<'s>, name: Value<'s>, handler: Value<'s>) -> Given<'s, (String, Value<'s>)> {
    Ok((arguments::text(env, "name", name)?, arguments::function(env, "handler", handler)?))
}
