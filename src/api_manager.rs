//! `appletApiManager`: events under the name that the Android SDK has for them.

use crate::arguments;
use crate::guard::export;
use crate::page_calls::{Asked, Target};
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

    /// Calls a function of an H5 page: one that the page registered with `ft.registNativeAPIHandler`. `params` is JSON
    /// text, any other text, or an object; `webViewId` is the number of the page, 0 or nothing the one on top. Without a
    /// callback it gives a Promise of what the function returned, which is rejected with what `onError` would tell.
    /// Wrong arguments are told in the same way; only a callback that is none throws E_PARAM.
    ///
    /// ```ts
    /// const answer = await client.appletApiManager.callJS('demo', 'app2jsFunction', { a: 1 })
    /// ```
    #[napi(
        catch_unwind,
        js_name = "callJS",
        ts_args_type = "appId: string, func: string, params?: string | Object, webViewId?: number, callback?: PageCallback",
        ts_return_type = "Promise<Object | null> | undefined"
    )]
    pub fn call_js<'s>(
        &self,
        env: &'s Env,
        app_id: Unknown<'s>,
        func: Unknown<'s>,
        params: Unknown<'s>,
        web_view_id: Unknown<'s>,
        callback: Unknown<'s>,
    ) -> Result<Unknown<'s>> {
        export(env, |js| {
            let asked = Asked {
                function: func.into(),
                params: params.into(),
                page: web_view_id.into(),
                callback: callback.into(),
            };
            let target = arguments::text(js, "appId", app_id.into()).map(Target::Named);
            self.session.call_page(js, target, asked).map(|promise| js.hand_out(promise))
        })
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
