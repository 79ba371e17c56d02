//! `appletApiManager`: events under the name that the Android SDK has for them.

use crate::guard::export;
use crate::port::class::Exported;
use crate::session::Session;
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result, Unknown};
use std::ffi::CStr;
use std::rc::Rc;

/// Sends events to mini-programs.
#[napi]
pub struct AppletApiManager {
    session: Rc<Session>,
}

#[napi]
impl AppletApiManager {
    /// Sends an event to one mini-program; see FinAppClient.
    #[napi(catch_unwind, ts_args_type = "appId: string, detail: Object")]
    pub fn send_custom_event<'s>(&self, env: &'s Env, app_id: Unknown<'s>, detail: Unknown<'s>) -> Result<()> {
        export(env, |js| self.session.send_event(js, app_id.into(), detail.into()))
    }

    /// Sends an event to all mini-programs. Gives how many took it.
    #[napi(catch_unwind, ts_args_type = "detail: Object", ts_return_type = "number")]
    pub fn send_custom_event_to_all<'s>(&self, env: &'s Env, detail: Unknown<'s>) -> Result<f64> {
        export(env, |js| self.session.send_event_to_all(js, detail.into()))
    }
}

impl Exported for AppletApiManager {
    const NAME: &'static CStr = c"AppletApiManager";
}

impl AppletApiManager {
    /// The manager of a client.
    pub fn new(session: Rc<Session>) -> Self {
        Self { session }
    }
}
