//! `WebPage`: one H5 page, as the browser that shows it speaks of it. Who calls is known from here alone: the frame's
//! address comes from the browser, and is judged in `finapp-core`.

use crate::arguments::{self, Given};
use crate::arkweb::{self, ByPort};
use crate::guard::export;
use crate::port::class::Exported;
use crate::port::ffi::{Env as Js, Value};
use crate::port::raise::Raise;
use crate::port::table::Token;
use crate::port::view::{self, JsView};
use crate::port::{Item, binary_value};
use crate::session::Session;
use finapp_core::arkweb::ServedView;
use finapp_core::bridge::BinaryKind;
use finapp_core::h5::{Frame, PageSession, PageView, ScriptValues};
use finapp_core::{AppletClient, ErrorCode, WebFile};
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result, Unknown};
use std::ffi::CStr;
use std::rc::Rc;
use std::sync::Arc;

/// What has to run in every document before any script of its own.
#[napi]
pub const WEB_PAGE_START_SCRIPT: &str = finapp_core::h5::START_SCRIPT;

/// The name of the object through which pages call.
#[napi]
pub const WEB_PAGE_PROXY: &str = finapp_core::h5::PROXY_NAME;

/// One H5 page. The browser that shows it tells what happens there.
#[napi]
pub struct WebPage {
    session: Rc<Session>,
    applet: AppletClient,
    page: Arc<PageSession>,
    values: Arc<ScriptValues>,
    view: Token,
    served: Arc<ServedView>,
}

#[napi]
impl WebPage {
    /// The number of the page: webViewId of callJS.
    #[napi(getter, catch_unwind)]
    pub fn web_view_id(&self, env: &Env) -> Result<u32> {
        export(env, |_| Ok(self.page.page().0))
    }

    /// Whether the page is gone.
    #[napi(getter, catch_unwind)]
    pub fn is_closed(&self, env: &Env) -> Result<bool> {
        export(env, |_| Ok(self.page.is_closed()))
    }

    /// ArkWeb's permission list for the object through which pages call, as JSON text: pages of the mini-program's own
    /// origins see it, and of those that registrations name.
    #[napi(getter, catch_unwind)]
    pub fn proxy_permission(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.applet.proxy_permission()))
    }

    /// A document was committed in the top frame, one from the browser's memory included, and none of its scripts has
    /// said anything yet. What the document before has open ends.
    #[napi(catch_unwind, ts_args_type = "url: string")]
    pub fn committed<'s>(&self, env: &'s Env, url: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            let url = arguments::text(js, "url", url.into())?;
            self.values.clear();
            self.page.committed(&url);
            Ok(())
        })
    }

    /// The document that was committed last is there with all that belongs to it.
    #[napi(catch_unwind, ts_args_type = "url: string")]
    pub fn loaded<'s>(&self, env: &'s Env, url: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            self.page.loaded(&arguments::text(js, "url", url.into())?);
            Ok(())
        })
    }

    /// A document could not be loaded into the top frame; `text` says why, for people.
    #[napi(catch_unwind, ts_args_type = "url: string, text: string")]
    pub fn failed<'s>(&self, env: &'s Env, url: Unknown<'s>, text: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            self.page.failed(&arguments::text(js, "url", url.into())?, &arguments::text(js, "text", text.into())?);
            Ok(())
        })
    }

    /// Whether the browser's history has a document before this one. To be told whenever that changes.
    #[napi(catch_unwind, ts_args_type = "can: boolean")]
    pub fn can_go_back<'s>(&self, env: &'s Env, can: Unknown<'s>) -> Result<()> {
        export(env, |js| {
            self.page.can_go_back(js.boolean_of(can.into()) == Some(true));
            Ok(())
        })
    }

    /// Whether the top frame may go to an address: to the mini-program's package and its business domains, and anywhere
    /// in development. To be asked before the browser goes there.
    #[napi(catch_unwind, ts_args_type = "url: string")]
    pub fn may_show<'s>(&self, env: &'s Env, url: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.page.check_navigation(&arguments::text(js, "url", url.into())?).is_ok()))
    }

    /// Whether an address is that of a file in the package, there or not: the browser gets it from webFile, never from the
    /// network.
    #[napi(catch_unwind, ts_args_type = "url: string")]
    pub fn is_web_file<'s>(&self, env: &'s Env, url: Unknown<'s>) -> Result<bool> {
        export(env, |js| Ok(self.applet.is_web_file(&arguments::text(js, "url", url.into())?)))
    }

    /// The file of the package at an address; null when there is none, and for any other address.
    #[napi(catch_unwind, ts_args_type = "url: string", ts_return_type = "Promise<WebFile | null>")]
    pub fn web_file<'s>(&self, env: &'s Env, url: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let url = arguments::text(js, "url", url.into())?;
            Ok(js.hand_out(self.session.read_file(js, &self.applet, url)?))
        })
    }

    /// A frame has called the object's function of this name. `frameUrl` is the address of the frame that called, from
    /// the browser and never from the message; a frame within the page is refused. Never throws for what a page says.
    #[napi(catch_unwind, ts_args_type = "frameUrl: string, isTop: boolean, name: string, params: string, id: number")]
    pub fn web_invoke<'s>(
        &self,
        env: &'s Env,
        frame_url: Unknown<'s>,
        is_top: Unknown<'s>,
        name: Unknown<'s>,
        params: Unknown<'s>,
        id: Unknown<'s>,
    ) -> Result<()> {
        export(env, |js| {
            let Said { url, is_top, name, params } = Said::read(js, frame_url, is_top, name, params);
            if !self.values.take(&name, &params) {
                self.page.web_invoke(Frame { url: &url, is_top }, &name, params, identity(js, id));
            }
            Ok(())
        })
    }

    /// The same for the function invokeHandler, which FinClip's base library calls. Gives the text that the function
    /// returns to the page; nothing for all but synchronous calls, whose answers come as scripts.
    #[napi(catch_unwind, ts_args_type = "frameUrl: string, isTop: boolean, name: string, params: string, id: number")]
    pub fn invoke<'s>(
        &self,
        env: &'s Env,
        frame_url: Unknown<'s>,
        is_top: Unknown<'s>,
        name: Unknown<'s>,
        params: Unknown<'s>,
        id: Unknown<'s>,
    ) -> Result<Option<String>> {
        export(env, |js| {
            let Said { url, is_top, name, params } = Said::read(js, frame_url, is_top, name, params);
            Ok(self.page.invoke(Frame { url: &url, is_top }, &name, params, identity(js, id)))
        })
    }

    /// The same for the function publishHandler.
    #[napi(
        catch_unwind,
        ts_args_type = "frameUrl: string, isTop: boolean, event: string, params: string, webViewIds: string"
    )]
    pub fn publish<'s>(
        &self,
        env: &'s Env,
        frame_url: Unknown<'s>,
        is_top: Unknown<'s>,
        event: Unknown<'s>,
        params: Unknown<'s>,
        web_view_ids: Unknown<'s>,
    ) -> Result<()> {
        export(env, |js| {
            let Said { url, is_top, name, params } = Said::read(js, frame_url, is_top, event, params);
            self.page.publish(Frame { url: &url, is_top }, &name, &params, &text(js, web_view_ids));
            Ok(())
        })
    }

    /// Serves the page without ArkTS from its next load on, if ArkWeb can: messages and scripts go between ArkWeb and the
    /// library directly, and the view is asked for no scripts any more. `webTag` is that of the component's
    /// WebviewController, which is attached: call it in onControllerAttached, in the place of registerJavaScriptProxy.
    /// Everything else stays with the host. False when it cannot be: the system is older than API 18, the page is gone or
    /// served already; then serve it as always. Synchronous calls of FinClip's base library get no value this way.
    #[napi(catch_unwind, ts_args_type = "webTag: string")]
    pub fn serve_natively<'s>(&self, env: &'s Env, web_tag: Unknown<'s>) -> Result<bool> {
        export(env, |js| {
            let tag = arguments::text(js, "webTag", web_tag.into())?;
            let permission = self.applet.proxy_permission();
            let thread = Arc::new(ByPort(self.session.port.clone()));
            Ok(self.served.serve(&self.page, &tag, &permission, arkweb::find(), thread))
        })
    }

    /// The view is gone, or its renderer is: the page's calls end, and nothing is heard of it any more.
    #[napi(catch_unwind)]
    pub fn close(&self, env: &Env) -> Result<()> {
        export(env, |js| {
            self.values.clear();
            self.page.close();
            // The view holds the host's side of the page, which holds this: nobody else would part them.
            self.session.views.forget(js, self.view);
            Ok(())
        })
    }
}

/// What a frame said. A page may give values of any kind: what is no text is empty, and no message.
struct Said {
    url: String,
    is_top: bool,
    name: String,
    params: String,
}

impl Said {
    fn read<'s>(js: Js<'s>, url: Unknown<'s>, is_top: Unknown<'s>, name: Unknown<'s>, params: Unknown<'s>) -> Self {
        let is_top = js.boolean_of(is_top.into()) == Some(true);
        Self { url: text(js, url), is_top, name: text(js, name), params: text(js, params) }
    }
}

fn text<'s>(js: Js<'s>, value: Unknown<'s>) -> String {
    js.text_of(value.into()).unwrap_or_default()
}

/// The id of a message; what is no number is none.
fn identity<'s>(js: Js<'s>, id: Unknown<'s>) -> f64 {
    js.number_of(id.into()).unwrap_or(f64::NAN)
}

impl Exported for WebPage {
    const NAME: &'static CStr = c"WebPage";
}

impl WebPage {
    /// A page that the host's object `view` shows; `open` opens its session.
    ///
    /// # Errors
    /// `E_PARAM` when the object is no view, and what `open` gives.
    pub fn open<'s>(
        js: Js<'s>,
        session: &Rc<Session>,
        applet: AppletClient,
        view: Value<'s>,
        open: impl FnOnce(Arc<dyn PageView>) -> finapp_core::Result<Arc<PageSession>>,
    ) -> std::result::Result<Value<'s>, Raise<'s>> {
        session.not_done()?;
        let object = view::checked(js, view)?;
        let values = Arc::<ScriptValues>::default();
        let view = session.views.keep(js, object)?;
        let own_way = JsView::new(session.port.clone(), view, values.clone());
        let served = Arc::new(ServedView::new(Arc::new(own_way), values.clone()));
        let page = open(served.clone())?;
        let environment = session.environment.upgrade().ok_or(ErrorCode::Closed)?;
        Ok(environment.classes.instance(js, Self { session: session.clone(), applet, page, values, view, served })?)
    }
}

impl Session {
    /// Reads a file of a package; the promise is fulfilled when that is done.
    ///
    /// # Errors
    /// `E_CLOSED` after shutdown.
    fn read_file<'s>(&self, env: Js<'s>, applet: &AppletClient, url: String) -> Given<'s, Value<'s>> {
        self.not_done()?;
        let (deferred, promise) = env.promise()?;
        if let Some(token) = self.promise(env, deferred) {
            let port = self.port.clone();
            applet.read_web_file(url, move |file| port.post(Item::File { promise: token, file }));
        }
        Ok(promise)
    }

    /// A file of a package has been read, or is not there: settles the promise.
    pub fn file(&self, env: Js<'_>, promise: Token, file: Option<WebFile>) {
        self.settle(env, promise, || {
            let Some(file) = file else { return Ok(env.null()?) };
            let object = env.object()?;
            env.set_member(object, c"mediaType", env.text(&file.media_type)?)?;
            env.set_member(object, c"bytes", binary_value(env, BinaryKind::ArrayBuffer, file.bytes)?)?;
            Ok(object)
        });
    }
}

impl Drop for WebPage {
    /// Nobody is left who could say what the browser shows.
    fn drop(&mut self) {
        self.page.close();
    }
}
