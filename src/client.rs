//! `FinAppClient`: what ArkTS makes first. Every export returns at once.

use crate::api_manager::AppletApiManager;
use crate::arguments;
use crate::guard::export;
use crate::page_calls::{Asked, Target};
use crate::port::Environment;
use crate::port::class::Exported;
use crate::port::ffi::{Env as Js, Value};
use crate::port::raise::Raise;
use crate::port::style::Style;
use crate::registration::{Registration, as_provider};
use crate::session::Session;
use finapp_core::{AppletRequest, Config, Error, ErrorCode};
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result, Unknown};
use std::ffi::CStr;
use std::rc::Rc;

/// Hosts mini-programs: starts them, answers the APIs they call, sends them events.
#[napi]
pub struct FinAppClient {
    session: Rc<Session>,
}

#[napi]
impl FinAppClient {
    /// Makes the client. The same configuration again gives the same client; another one is refused until shutdown.
    /// The context, the entry and the start mode belong to the pages of mini-programs and are not used yet.
    #[napi(
        catch_unwind,
        ts_args_type = "config: FinAppConfig, context?: Object, entryInfo?: Object, startMode?: number",
        ts_return_type = "FinAppClient"
    )]
    pub fn init<'s>(env: &'s Env, config: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| Ok(js.hand_out(opened(js, config.into())?)))
    }

    /// The client that init made, until shutdown.
    #[napi(catch_unwind, ts_return_type = "FinAppClient | undefined")]
    pub fn get_instance<'s>(env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| Ok(js.hand_out(current(js)?)))
    }

    /// FinClip's spelling of getInstance.
    #[napi(catch_unwind, ts_return_type = "FinAppClient | undefined")]
    pub fn get_insance<'s>(env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| Ok(js.hand_out(current(js)?)))
    }

    /// Registers a custom API for all mini-programs; a handler registered before is replaced. The handler answers by
    /// its callback, or by returning anything but undefined, or a Promise of it.
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

    /// Registers a synchronous custom API: what the handler returns is the mini-program's return value.
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

    /// Registers an API in the style of TCMPP's Flutter plugin, for all mini-programs: the handler is given the whole
    /// envelope, and answers by what it returns, or by a Promise of it. null and nothing are a success without payload.
    /// What it throws or rejects with fails the call: the message becomes the errMsg, a numeric code the errCode.
    /// Throws E_PARAM for a malformed name or option, E_CLOSED after shutdown.
    ///
    /// ```ts
    /// client.registerMiniAppApi('getUser', async (call: MiniApiCall): Promise<Object | null> => {
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

    /// Registers one event of a plugin in the style of TCMPP's Android SDK, for all mini-programs: the handler is given
    /// the whole envelope, and answers by the callback of the call, at once or later. What it returns does not count.
    /// With sync: true, one that returns without having answered ends the call with success and no payload.
    /// Throws E_PARAM for a malformed name or option, E_CLOSED after shutdown.
    ///
    /// ```ts
    /// client.registerPluginEvent('countDown', (call: MiniApiCall): void => {
    ///   call.callback.sendState({ left: 1 })
    ///   setTimeout(() => call.callback.onSuccess({ left: 0 }), 1000)
    /// })
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

    /// Takes a custom API back. Calls that run keep their handler. False when there was none.
    #[napi(catch_unwind, ts_args_type = "name: string")]
    pub fn unregister_custom_api<'s>(&self, env: &'s Env, name: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.session.client.unregister_custom_api(&arguments::text(js, "name", name.into())?)?))
    }

    /// Sets who answers a built-in that only the host can answer, such as 'chooseImage' or 'getLocation', for all mini-programs. The
    /// library has checked the parameters, has put in what was not given, and checks what is answered; files go both
    /// ways with paths of their own. The handler answers as one of a custom API does. One set before is replaced.
    /// Throws E_PARAM when no built-in of that name is answered by the host, E_CLOSED after shutdown.
    ///
    /// ```ts
    /// client.setProvider('login', async (): Promise<Object> => ({ code: await account.code() }))
    /// ```
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, handler: (args: InvokeArgs) => Object | void",
        ts_return_type = "void"
    )]
    pub fn set_provider<'s>(&self, env: &'s Env, name: Unknown<'s>, handler: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let given = Registration::provider(js, name, handler)?;
            given.finish(js, &self.session, |name, handler, _| {
                self.session.client.set_provider_for(None, name, as_provider(handler)?)
            })
        })
    }

    /// Takes a provider back: the next one answers, the one of the configuration, if there is one. Calls that run keep theirs.
    /// False when there was none. Throws E_PARAM as setProvider does.
    #[napi(catch_unwind, ts_args_type = "name: string")]
    pub fn remove_provider<'s>(&self, env: &'s Env, name: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.session.client.remove_provider(None, &arguments::text(js, "name", name.into())?)?))
    }

    /// Starts a mini-program, or gives the one that runs under that id.
    #[napi(catch_unwind, ts_args_type = "request: AppletRequest", ts_return_type = "Promise<AppletClient>")]
    pub fn start_applet<'s>(&self, env: &'s Env, request: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let request = arguments::object_text(js, "request", request.into())
                .and_then(|text| Ok(AppletRequest::from_json(&text)?));
            Ok(js.hand_out(self.session.start(js, request)?))
        })
    }

    /// Tells how a mini-program is started when another one opens it with `navigateToMiniProgram` before this app ever
    /// started it. One that was started once is known by its last request.
    #[napi(catch_unwind, ts_args_type = "request: AppletRequest")]
    pub fn add_applet<'s>(&self, env: &'s Env, request: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let text = arguments::object_text(js, "request", request.into())?;
            Ok(self.session.client.add_applet(&AppletRequest::from_json(&text)?)?)
        })
    }

    /// Asks a mini-program to close. Its calls have ended when this returns; the life-cycle event says when it is gone.
    #[napi(catch_unwind, ts_args_type = "appId: string")]
    pub fn close_applet<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<()> {
        export(env, |js| Ok(self.session.client.close_applet(&arguments::text(js, "appId", app_id.into())?)?))
    }

    /// The back gesture of the user. True when the mini-program went back one page; false when it showed its first page
    /// and has been asked to close instead. Throws E_APPLET_NOT_FOUND when no such mini-program runs.
    #[napi(catch_unwind, ts_args_type = "appId: string")]
    pub fn go_back<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.session.client.go_back(&arguments::text(js, "appId", app_id.into())?)?))
    }

    /// Asks all mini-programs to close.
    #[napi(catch_unwind)]
    pub fn close_all_applets(&self, env: &Env) -> Result<()> {
        export(env, |_| {
            self.session.client.close_all_applets();
            Ok(())
        })
    }

    /// The running mini-programs, sorted by id.
    #[napi(catch_unwind, ts_return_type = "Array<AppletInfo>")]
    pub fn running_applets<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| {
            json(js, serde_json::to_string(&self.session.client.running_applets())).map(|list| js.hand_out(list))
        })
    }

    /// Sends an event to one mini-program: its onCustomEvent listeners, and the named ones when it has a name.
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
    /// const answer = await client.callJS('demo', 'app2jsFunction', { a: 1 })
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

    /// Events and calls in the grouping that the Android SDK has.
    #[napi(getter, catch_unwind, ts_return_type = "AppletApiManager")]
    pub fn applet_api_manager<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| {
            let manager = AppletApiManager::new(self.session.clone());
            Ok(js.hand_out(Environment::of(js)?.classes.instance(js, manager)?))
        })
    }

    /// Tells a mini-program that it is seen.
    #[napi(catch_unwind, ts_args_type = "appId: string")]
    pub fn set_foreground<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<()> {
        export(env, |js| Ok(self.session.client.set_foreground(&arguments::text(js, "appId", app_id.into())?)?))
    }

    /// Tells a mini-program that it is not seen: smaller budget, paused timers.
    #[napi(catch_unwind, ts_args_type = "appId: string")]
    pub fn set_background<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<()> {
        export(env, |js| Ok(self.session.client.set_background(&arguments::text(js, "appId", app_id.into())?)?))
    }

    /// Tells what has changed of the app and the device: the theme, the language, the size of the window. Members that
    /// are not given stay as they are; calls from now on see the new ones. Throws E_PARAM, beginning with the name of
    /// the member, and E_CLOSED after shutdown.
    #[napi(catch_unwind, ts_args_type = "info: HostInfo")]
    pub fn update_host_info<'s>(&self, env: &'s Env, info: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let info = arguments::object_text(js, "info", info.into())?;
            Ok(self.session.client.update_host_info(&info)?)
        })
    }

    /// Gives back memory: collects garbage; when it is low, drops what is kept only to be quick; when it is critical,
    /// closes mini-programs in the background as well, the one that went there first first.
    #[napi(catch_unwind, ts_args_type = "level: 'moderate' | 'low' | 'critical'")]
    pub fn set_memory_level<'s>(&self, env: &'s Env, level: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            self.session.client.set_memory_level(arguments::memory_level(js, level.into())?);
            Ok(())
        })
    }

    /// Where a path of a running mini-program, such as `wxfile://usr/a`, lies on the disk, there or not.
    #[napi(catch_unwind, ts_args_type = "appId: string, path: string")]
    pub fn translate_path<'s>(&self, env: &'s Env, app_id: Unknown<'s>, path: Unknown<'s>) -> Result<String> {
        export(env, |js| {
            let app_id = arguments::text(js, "appId", app_id.into())?;
            let path = arguments::text(js, "path", path.into())?;
            Ok(self.session.client.translate_path(&app_id, &path)?.to_string_lossy().into_owned())
        })
    }

    /// The path under which a running mini-program knows a file of its own, from where it lies on the disk.
    #[napi(catch_unwind, ts_args_type = "appId: string, path: string")]
    pub fn applet_path<'s>(&self, env: &'s Env, app_id: Unknown<'s>, path: Unknown<'s>) -> Result<String> {
        export(env, |js| {
            let app_id = arguments::text(js, "appId", app_id.into())?;
            let path = arguments::text(js, "path", path.into())?;
            Ok(self.session.client.applet_path(&app_id, path.as_ref())?)
        })
    }

    /// Removes what a mini-program keeps for a user, and its compiled code; the user of the configuration if none is given.
    #[napi(catch_unwind, ts_args_type = "appId: string, user?: string")]
    pub fn clear_applet_data<'s>(&self, env: &'s Env, app_id: Unknown<'s>, user: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let app_id = arguments::text(js, "appId", app_id.into())?;
            let user = arguments::optional_text(js, "user", user.into())?;
            Ok(self.session.client.clear_applet_data(&app_id, user.as_deref())?)
        })
    }

    /// Lists the packages from servers that are kept on disk, sorted by id.
    #[napi(catch_unwind, ts_return_type = "Promise<Array<CachedPackage>>")]
    pub fn cached_packages<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| Ok(js.hand_out(self.session.cached_packages(js)?)))
    }

    /// Removes the cached package of one mini-program, or of all that do not run. The files go away soon. Throws E_BUSY
    /// while the mini-program runs.
    #[napi(catch_unwind, ts_args_type = "appId?: string")]
    pub fn clear_package_cache<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let app_id = arguments::optional_text(js, "appId", app_id.into())?;
            Ok(self.session.client.clear_package_cache(app_id.as_deref())?)
        })
    }

    /// What has been counted for a running mini-program.
    #[napi(catch_unwind, ts_args_type = "appId: string", ts_return_type = "CallCounters")]
    pub fn counters<'s>(&self, env: &'s Env, app_id: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let counters = self.session.client.counters(&arguments::text(js, "appId", app_id.into())?)?;
            json(js, serde_json::to_string(&counters)).map(|counters| js.hand_out(counters))
        })
    }

    /// What became of the events that mini-programs reported, since this client was made.
    #[napi(catch_unwind, ts_return_type = "ReportCounters")]
    pub fn report_counters<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| {
            json(js, serde_json::to_string(&self.session.client.report_counters()))
                .map(|counters| js.hand_out(counters))
        })
    }

    /// Sets the one listener for what happens to mini-programs; undefined takes it away.
    #[napi(catch_unwind, ts_args_type = "listener?: (event: LifeCycleEvent) => void", ts_return_type = "void")]
    pub fn set_life_cycle_listener<'s>(&self, env: &'s Env, listener: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let listener = arguments::optional_function(js, "listener", listener.into())?;
            self.session.listen(js, listener)
        })
    }

    /// Sets who shows the web-views of mini-programs; null takes it away, and then they stay empty. It is told of each
    /// <web-view> that opens, and attaches a view at once or later. Throws E_CLOSED after shutdown.
    #[napi(catch_unwind, ts_args_type = "shows: ((opening: WebViewOpening) => void) | null", ts_return_type = "void")]
    pub fn set_web_views<'s>(&self, env: &'s Env, shows: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let shows = arguments::optional_function(js, "shows", shows.into())?;
            self.session.show_web_views(js, shows)
        })
    }

    /// Ends all calls with E_CLOSED and closes all mini-programs. The promise is fulfilled when that is done, after at
    /// most two seconds; then a new client may be made.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn shutdown<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| Ok(js.hand_out(self.session.shut_down(js)?)))
    }
}

impl Exported for FinAppClient {
    const NAME: &'static CStr = c"FinAppClient";
}

impl FinAppClient {
    fn register<'s>(&self, js: Js<'s>, given: Registration<'s>) -> std::result::Result<(), Raise<'s>> {
        let client = &self.session.client;
        given.finish(js, &self.session, |name, handler, options| client.register(name, handler, options))
    }
}

/// The client of this configuration: the open one, or a new one.
fn opened<'s>(js: Js<'s>, config: Value<'s>) -> std::result::Result<Value<'s>, Raise<'s>> {
    let environment = Environment::of(js)?;
    let text = arguments::object_text(js, "config", config)?;
    let printer = arguments::optional_function(js, "config.log", js.member(config, c"log")?)?;
    let config = Config::from_json(&text)?;
    if let Some(session) = environment.current() {
        if *session.client.config() != config {
            let message = "config: a client with another configuration is open; shut it down first";
            return Err(Error::new(ErrorCode::Parameter, message).into());
        }
        return session.object(js).ok_or_else(|| ErrorCode::Internal.into());
    }
    let session = Session::open(js, &environment, config, printer)?;
    let made = environment.classes.instance(js, FinAppClient { session: session.clone() });
    match made.and_then(|object| session.set_object(js, object).map(|()| object)) {
        Ok(object) => {
            environment.open(session);
            Ok(object)
        }
        // Without its object nobody could shut the client down.
        Err(fault) => {
            session.shut_down(js)?;
            Err(fault.into())
        }
    }
}

fn current<'s>(js: Js<'s>) -> std::result::Result<Value<'s>, Raise<'s>> {
    let session = Environment::find(js).and_then(|environment| environment.current());
    Ok(match session.and_then(|session| session.object(js)) {
        Some(object) => object,
        None => js.undefined()?,
    })
}

/// A value of ours as a JavaScript value.
pub fn json<'s>(js: Js<'s>, text: serde_json::Result<String>) -> std::result::Result<Value<'s>, Raise<'s>> {
    let text = text.map_err(|_| ErrorCode::Internal)?;
    Ok(Environment::of(js)?.built_ins.parse(js, &text)?)
}
