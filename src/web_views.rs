//! Web-views of mini-programs: who shows them, and one that waits to be shown.

use crate::arguments::Given;
use crate::guard::export;
use crate::port::class::Exported;
use crate::port::ffi::{Env as Js, Value};
use crate::port::{Item, Port};
use crate::session::Session;
use crate::web_page::WebPage;
use finapp_core::{WebViewOpening as Opening, WebViews};
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result, Unknown};
use std::ffi::CStr;
use std::rc::Rc;
use std::sync::Arc;

/// Hands web-views over to the host's thread.
struct HostWebViews {
    port: Arc<Port>,
}

impl WebViews for HostWebViews {
    fn open(&self, opening: Opening) {
        self.port.post(Item::WebView(opening));
    }
}

impl Session {
    /// Sets the host's function that is told of web-views of mini-programs, or takes it away.
    ///
    /// # Errors
    /// `E_CLOSED` after shutdown.
    pub fn show_web_views<'s>(&self, env: Js<'s>, shows: Option<Value<'s>>) -> Given<'s, ()> {
        self.not_done()?;
        let port = self.port.clone();
        let web_views = shows.map(|_| -> Arc<dyn WebViews> { Arc::new(HostWebViews { port }) });
        self.views.set_shows(env, shows)?;
        self.client.set_web_views(web_views);
        Ok(())
    }

    /// A page of a mini-program has a web-view: tells the host.
    pub fn open_web_view(self: &Rc<Self>, env: Js<'_>, opening: Opening) {
        let (Some(shows), Some(environment)) = (self.views.shows(env), self.environment.upgrade()) else { return };
        let opening = WebViewOpening { session: self.clone(), opening };
        let opening = environment.classes.instance(env, opening);
        let called = opening.and_then(|opening| env.call(shows, env.undefined()?, [opening]));
        self.caught(env, "who shows web-views", called);
    }
}

/// The <web-view> of a mini-program's page, which waits for a view.
#[napi]
pub struct WebViewOpening {
    session: Rc<Session>,
    opening: Opening,
}

#[napi]
impl WebViewOpening {
    /// The id of the mini-program.
    #[napi(getter, catch_unwind)]
    pub fn app_id(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.opening.applet().app_id().to_owned()))
    }

    /// The number of the mini-program's page, and of the H5 page in it: webViewId.
    #[napi(getter, catch_unwind)]
    pub fn page_id(&self, env: &Env) -> Result<u32> {
        export(env, |_| Ok(self.opening.page().0))
    }

    /// The path of the mini-program's page in its package.
    #[napi(getter, catch_unwind)]
    pub fn path(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.opening.path().to_owned()))
    }

    /// The address to begin with: checked, absolute.
    #[napi(getter, catch_unwind)]
    pub fn url(&self, env: &Env) -> Result<String> {
        export(env, |_| Ok(self.opening.url().to_owned()))
    }

    /// Gives the page its view, which is asked to load the address once this has returned. Throws E_PARAM when the view
    /// lacks a function, E_CLOSED when the mini-program has been closed, E_PAGE_GONE when the page has.
    #[napi(catch_unwind, ts_args_type = "view: WebPageView", ts_return_type = "WebPage")]
    pub fn attach<'s>(&self, env: &'s Env, view: Unknown<'s>) -> Result<Unknown<'s>> {
        export(env, |js| {
            let applet = self.opening.applet().clone();
            let page = WebPage::open(js, &self.session, applet, view.into(), |view| self.opening.attach(view))?;
            Ok(js.hand_out(page))
        })
    }
}

impl Exported for WebViewOpening {
    const NAME: &'static CStr = c"WebViewOpening";
}
