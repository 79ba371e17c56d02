//! `AppletClient`: one running mini-program. After it has closed, what reaches into it answers `E_CLOSED`, also when the
//! same mini-program has been started again.

use crate::arguments;
use crate::client::json;
use crate::guard::export;
use crate::page_calls::{Asked, Target};
use crate::port::class::Exported;
use crate::port::ffi::Env as Js;
use crate::port::raise::Raise;
use crate::port::style::Style;
use crate::registration::{Registration, as_provider};
use crate::session::{Seen, Session};
use crate::web_page::WebPage;
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

    /// The address at which web pages have the files of its package: `https://…`, without a slash at the end.
    #[napi(getter, catch_unwind)]
    pub fn web_origin(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.applet.web_origin()))
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

    /// Sets who answers a built-in that only the host can answer, such as 'chooseImage' or 'getLocation', for this mini-program alone; it wins over the one for all. The
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
            given.finish(js, &self.session, |name, handler, _| self.applet.set_provider(name, as_provider(handler)?))
        })
    }

    /// Takes a provider back: the next one answers, the one for all, if there is one. Calls that run keep theirs.
    /// False when there was none. Throws E_PARAM as setProvider does.
    #[napi(catch_unwind, ts_args_type = "name: string")]
    pub fn remove_provider<'s>(&self, env: &'s Env, name: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.applet.remove_provider(&arguments::text(js, "name", name.into())?)?))
    }

    /// Sends it an event.
    #[napi(catch_unwind, ts_args_type = "detail: Object")]
    pub fn send_custom_event<'s>(&self, env: &'s Env, detail: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let detail = arguments::detail(js, detail.into(), self.session.client.limits())?;
            Ok(self.applet.send_custom_event(detail)?)
        })
    }

    /// Calls a function of an H5 page: one that the page registered with `ft.registNativeAPIHandler`. `params` is JSON
    /// text, any other text, or an object; `webViewId` is the number of the page, 0 or nothing the one on top. Without a
    /// callback it gives a Promise of what the function returned, which is rejected with what `onError` would tell.
    /// Wrong arguments are told in the same way; only a callback that is none throws E_PARAM.
    ///
    /// ```ts
    /// const answer = await applet.callJS('app2jsFunction', { a: 1 })
    /// ```
    #[napi(
        catch_unwind,
        js_name = "callJS",
        ts_args_type = "func: string, params?: string | Object, webViewId?: number, callback?: PageCallback",
        ts_return_type = "Promise<Object | null> | undefined"
    )]
    pub fn call_js<'s>(
        &self,
        env: &'s Env,
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
            let target = Ok(Target::Run(self.applet.clone()));
            self.session.call_page(js, target, asked).map(|promise| js.hand_out(promise))
        })
    }

    /// Opens an H5 page that no <web-view> asked for: the host loads what it likes. Throws E_PARAM when the view lacks a
    /// function, E_CLOSED once the mini-program has closed.
    #[napi(catch_unwind, ts_args_type = "view: WebPageView", ts_return_type = "WebPage")]
    pub fn open_web_page<'s>(&self, env: &'s Env, view: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let open = |view| self.applet.open_web_page(view);
            Ok(js.hand_out(WebPage::open(js, &self.session, self.applet.clone(), view.into(), open)?))
        })
    }

    /// The back gesture of the user. True when it went back one page; false when it showed its first page and has been
    /// asked to close instead. Throws E_CLOSED once it has closed.
    #[napi(catch_unwind)]
    pub fn go_back(&self, env: &Env) -> Result<bool> {
        export(env, |_| Ok(self.applet.go_back()?))
    }

    /// Goes to another page. The promise is fulfilled when it is there, and rejected with the text and code that the
    /// mini-program would see.
    ///
    /// ```ts
    /// await applet.navigate({ type: 'navigateTo', url: '/pages/item/item?id=3' })
    /// ```
    #[napi(catch_unwind, ts_args_type = "route: PageRoute", ts_return_type = "Promise<void>")]
    pub fn navigate<'s>(&self, env: &'s Env, route: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let route = arguments::route(js, route.into())?;
            self.seen(js, |seen| self.applet.navigate(route, |arrived| seen(arrived.map(|()| "null".to_owned()))))
        })
    }

    /// The page stack, the first page first.
    #[napi(catch_unwind, ts_return_type = "Promise<PageOnStack[]>")]
    pub fn pages<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| self.seen(js, |seen| self.applet.pages(seen)))
    }

    /// How the tab bar stands, for whoever draws it: what `app.json` says of it with what the mini-program has changed,
    /// `visible`, and `selected`, the place of the page that is seen. Null without a tab bar.
    #[napi(catch_unwind, ts_return_type = "Promise<Object | null>")]
    pub fn tab_bar<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| self.seen(js, |seen| self.applet.tab_bar(seen)))
    }

    /// The elements of the page that is seen: a tree of `{tag, id, class, attributes, text, events, children}`.
    #[napi(catch_unwind, ts_return_type = "Promise<Object>")]
    pub fn page_tree<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| self.seen(js, |seen| self.applet.page_tree(None, seen)))
    }

    /// The data of the page that is seen.
    #[napi(catch_unwind, ts_return_type = "Promise<Object>")]
    pub fn page_data<'s>(&self, env: &'s Env) -> Result<Unknown<'s>> {
        export(env, |js| self.seen(js, |seen| self.applet.page_data(None, seen)))
    }

    /// Sends an event to the first element of the page that `selector` finds, for instance `tap` on `#add`. False when
    /// there is none.
    #[napi(
        catch_unwind,
        ts_args_type = "selector: string, type: string, detail?: Object",
        ts_return_type = "Promise<boolean>"
    )]
    pub fn page_event<'s>(
        &self,
        env: &'s Env,
        selector: Unknown<'s>,
        kind: Unknown<'s>,
        detail: Unknown<'s>,
    ) -> Result<Unknown<'s>> {
        export(env, |js| {
            let selector = arguments::text(js, "selector", selector.into())?;
            let kind = arguments::text(js, "type", kind.into())?;
            let detail = arguments::optional_object_text(js, "detail", detail.into())?;
            self.seen(js, |seen| self.applet.page_event(&selector, &kind, &detail, seen))
        })
    }

    /// Calls a hook of the page that is seen, as a view does when the user pulls down or scrolls: `onPullDownRefresh`,
    /// `onReachBottom`, `onPageScroll`, `onResize`, `onTabItemTap`, `onShareAppMessage` and their like.
    #[napi(catch_unwind, ts_args_type = "name: string, argument?: Object", ts_return_type = "Promise<void>")]
    pub fn page_hook<'s>(&self, env: &'s Env, name: Unknown<'s>, argument: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let name = arguments::text(js, "name", name.into())?;
            let argument = arguments::optional_object_text(js, "argument", argument.into())?;
            self.seen(js, |seen| self.applet.page_hook(&name, &argument, seen))
        })
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

    fn seen<'s>(&self, js: Js<'s>, ask: impl FnOnce(Seen)) -> std::result::Result<Unknown<'s>, Raise<'s>> {
        self.session.ask(js, ask).map(|promise| js.hand_out(promise))
    }

    /// The Rust half for a running applet.
    pub fn new(session: Rc<Session>, applet: finapp_core::AppletClient) -> Self {
        Self { session, applet }
    }
}
