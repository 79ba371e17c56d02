//! `AppletClient`: one running mini-program. After it has closed, what reaches into it answers `E_CLOSED`, also when the
//! same mini-program has been started again.

use crate::arguments;
use crate::client::json;
use crate::guard::export;
use crate::port::class::Exported;
use crate::port::ffi::Env as Js;
use crate::port::raise::Raise;
use crate::port::style::Style;
use crate::registration::Registration;
use crate::session::Session;
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result, Unknown};
use std::ffi::CStr;
use std::rc::Rc;

/// One running mini-program.
#[napi]
pub struct AppletClient {
    session: Rc<Session>,
    applet: finapp_core::AppletClient,
}

#[napi]
impl AppletClient {
    /// The id of the mini-program.
    #[napi(getter, catch_unwind)]
    pub fn app_id(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.applet.app_id().to_owned()))
    }

    /// The server it belongs to, as the request or the configuration named it.
    #[napi(getter, catch_unwind)]
    pub fn api_server(&self, env: &Env) -> Result<Option<String>> {
        export(env, |_| Ok(self.applet.info().api_server.clone()))
    }

    /// Registers a custom API for this mini-program alone; it wins over the one for all.
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, handler: (args: InvokeArgs) => Object | void, options?: ApiOptions",
        ts_return_type = "void"
    )]
    pub fn register_custom_api<'s>(
        &self,
        env: &'s Env,
        name: Unknown<'s>,
        handler: Unknown<'s>,
        options: Unknown<'s>,
    ) -> Result<()> {
        export(env, |js| {
            let given = Registration::read(js, Style::Custom, name, handler, options)?;
            self.register(js, given)
        })
    }

    /// Registers a synchronous custom API for this mini-program alone.
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, handler: (args: InvokeArgs) => Object | void",
        ts_return_type = "void"
    )]
    pub fn register_sync_api<'s>(&self, env: &'s Env, name: Unknown<'s>, handler: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let given = Registration::synchronous(js, name, handler)?;
            self.register(js, given)
        })
    }

    /// Registers an API in the style of TCMPP's Flutter plugin for this mini-program alone; see FinAppClient. It wins
    /// over any registration for all.
    ///
    /// ```ts
    /// applet.registerMiniAppApi('getUser', async (call: MiniApiCall): Promise<Object | null> => {
    ///   return await users.find(call.params.data['id'] as string)
    /// })
    /// ```
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, handler: (call: MiniApiCall) => Promise<Object | null> | Object | null | void, options?: ApiOptions",
        ts_return_type = "void"
    )]
    pub fn register_mini_app_api<'s>(
        &self,
        env: &'s Env,
        name: Unknown<'s>,
        handler: Unknown<'s>,
        options: Unknown<'s>,
    ) -> Result<()> {
        export(env, |js| {
            let given = Registration::read(js, Style::MiniApp, name, handler, options)?;
            self.register(js, given)
        })
    }

    /// Registers one event of a plugin in the style of TCMPP's Android SDK for this mini-program alone; see
    /// FinAppClient. It wins over any registration for all.
    ///
    /// ```ts
    /// applet.registerPluginEvent('beep', (call: MiniApiCall): void => call.callback.onSuccess())
    /// ```
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, handler: (call: MiniApiCall) => void, options?: ApiOptions",
        ts_return_type = "void"
    )]
    pub fn register_plugin_event<'s>(
        &self,
        env: &'s Env,
        name: Unknown<'s>,
        handler: Unknown<'s>,
        options: Unknown<'s>,
    ) -> Result<()> {
        export(env, |js| {
            let given = Registration::read(js, Style::Plugin, name, handler, options)?;
            self.register(js, given)
        })
    }

    /// Takes back a custom API of this mini-program. False when there was none.
    #[napi(catch_unwind, ts_args_type = "name: string")]
    pub fn unregister_custom_api<'s>(&self, env: &'s Env, name: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.applet.unregister_custom_api(&arguments::text(js, "name", name.into())?)?))
    }

    /// Sends it an event.
    #[napi(catch_unwind, ts_args_type = "detail: Object")]
    pub fn send_custom_event<'s>(&self, env: &'s Env, detail: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let detail = arguments::detail(js, detail.into(), self.session.client.limits())?;
            Ok(self.applet.send_custom_event(detail)?)
        })
    }

    /// The back gesture of the user. True when it went back one page; false when it showed its first page and has been
    /// asked to close instead. Throws E_CLOSED once it has closed.
    #[napi(catch_unwind)]
    pub fn go_back(&self, env: &Env) -> Result<bool> {
        export(env, |_| Ok(self.applet.go_back()?))
    }

    /// Asks it to close.
    #[napi(catch_unwind)]
    pub fn close(&self, env: &Env) -> Result<()> {
        export(env, |_| {
            self.applet.close();
            Ok(())
        })
    }

    /// Tells it that it is seen.
    #[napi(catch_unwind)]
    pub fn set_foreground(&self, env: &Env) -> Result<()> {
        export(env, |_| {
            self.applet.set_visible(true);
            Ok(())
        })
    }

    /// Tells it that it is not seen.
    #[napi(catch_unwind)]
    pub fn set_background(&self, env: &Env) -> Result<()> {
        export(env, |_| {
            self.applet.set_visible(false);
            Ok(())
        })
    }

    /// What has been counted for it; the last figures once it has closed.
    #[napi(catch_unwind, ts_return_type = "CallCounters")]
    pub fn counters<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| json(js, serde_json::to_string(&self.applet.counters())).map(|counters| js.hand_out(counters)))
    }
}

impl Exported for AppletClient {
    const NAME: &'static CStr = c"AppletClient";
}

impl AppletClient {
    fn register<'s>(&self, js: Js<'s>, given: Registration<'s>) -> std::result::Result<(), Raise<'s>> {
        given.finish(js, &self.session, |name, handler, options| self.applet.register(name, handler, options))
    }

    /// The Rust half for a running applet.
    pub fn new(session: Rc<Session>, applet: finapp_core::AppletClient) -> Self {
        Self { session, applet }
    }
}
