//! The `<web-view>`s of an applet: which page shows which address, the session of the web page there, and what that page
//! has posted. The applet's own thread opens and ends them; everybody else asks.

use super::handle::Applet;
use super::mailbox::{Ask, WebNews};
use crate::api::navigation::Arrived;
use crate::api::web_view::{Standing, WebPages};
use crate::bridge::Payload;
use crate::engine::{Engine, WebViewChange};
use crate::error::{Error, ErrorCode, Result};
use crate::h5::{PageSession, PageWatcher, origin};
use crate::ids::PageId;
use crate::limits::Limits;
use crate::lock::lock;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::task::AbortHandle;

/// Which opening of a `<web-view>` it is: what belongs to one that is over finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Serial(u64);

/// A `<web-view>` that is to be shown.
pub(crate) struct Wanted {
    pub(crate) page: PageId,
    pub(crate) serial: Serial,
    /// The path of the mini-program's page.
    pub(crate) path: String,
    /// Checked, absolute.
    pub(crate) url: String,
}

/// All of one applet.
pub(crate) struct WebViews {
    limits: Arc<Limits>,
    /// Whether any address may be shown.
    development: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    serials: u64,
    open: HashMap<PageId, Open>,
}

/// One that shows something.
struct Open {
    serial: Serial,
    url: String,
    /// The host has one as long as it shows the page.
    session: Weak<PageSession>,
    posted: Vec<Arc<str>>,
    posted_bytes: usize,
    /// Waits for the page to say that it is complete.
    timer: Option<AbortHandle>,
}

impl Open {
    fn stop_timer(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }
}

impl WebViews {
    pub(crate) fn new(limits: Arc<Limits>, development: bool) -> Self {
        Self { limits, development, state: Mutex::default() }
    }

    /// The web page of a page, while the host shows it.
    pub(crate) fn session(&self, page: PageId) -> Option<Arc<PageSession>> {
        let session = lock(&self.state).open.get(&page)?.session.upgrade()?;
        (!session.is_closed()).then_some(session)
    }

    /// The host shows it: gives the address that is to be loaded now. A session that it had before ends.
    ///
    /// # Errors
    /// `E_PAGE_GONE` when the `<web-view>` is gone.
    pub(crate) fn attach(&self, page: PageId, serial: Serial, session: &Arc<PageSession>) -> Result<String> {
        let (before, url) = {
            let mut state = lock(&self.state);
            let open = state.open.get_mut(&page).filter(|open| open.serial == serial);
            let open = open.ok_or(ErrorCode::PageGone)?;
            (std::mem::replace(&mut open.session, Arc::downgrade(session)), open.url.clone())
        };
        if let Some(before) = before.upgrade() {
            before.end();
        }
        Ok(url)
    }

    /// Whether what belongs to that opening still concerns anybody.
    pub(super) fn concerns(&self, news: &WebNews) -> bool {
        let Some(serial) = news.serial else { return true };
        lock(&self.state).open.get(&news.page).is_some_and(|open| open.serial == serial)
    }

    /// What a page has posted, as JSON text of a list; none when there is nothing.
    #[cfg(feature = "components")]
    pub(super) fn messages(&self, page: PageId, keep: bool) -> Option<String> {
        let mut state = lock(&self.state);
        let open = state.open.get_mut(&page).filter(|open| !open.posted.is_empty())?;
        let list = format!("[{}]", open.posted.join(","));
        if !keep {
            open.posted.clear();
            open.posted_bytes = 0;
        }
        Some(list)
    }

    /// Tells the web page of a page something, if there is one. `data` is JSON text.
    pub(super) fn tell(&self, page: PageId, event: &str, data: String) {
        if let Some(session) = self.session(page) {
            // What is over a limit was no query of an address either.
            session.event(event, &Payload::parse(data, Vec::new(), &self.limits).unwrap_or_default());
        }
    }

    /// Nothing is shown there any more.
    pub(super) fn end(&self, page: PageId) {
        let open = lock(&self.state).open.remove(&page);
        let Some(mut open) = open else { return };
        open.stop_timer();
        if let Some(session) = open.session.upgrade() {
            session.end();
        }
    }

    /// The applet is over; its sessions end with all others.
    pub(super) fn clear(&self) {
        let open = std::mem::take(&mut lock(&self.state).open);
        open.into_values().for_each(|mut open| open.stop_timer());
    }

    /// Notes the address that a page is to show. Gives the serial of a new opening; none when it shows something already,
    /// and the session of that is given instead, if the host has made one.
    fn begin(&self, page: PageId, url: &str) -> std::result::Result<Serial, Option<Arc<PageSession>>> {
        let mut state = lock(&self.state);
        if let Some(open) = state.open.get_mut(&page) {
            url.clone_into(&mut open.url);
            open.stop_timer();
            return Err(open.session.upgrade());
        }
        state.serials += 1;
        let serial = Serial(state.serials);
        let open = Open {
            serial,
            url: url.to_owned(),
            session: Weak::new(),
            posted: Vec::new(),
            posted_bytes: 0,
            timer: None,
        };
        state.open.insert(page, open);
        Ok(serial)
    }

    fn with<T>(&self, page: PageId, then: impl FnOnce(&mut Open) -> Result<T>) -> Result<T> {
        let mut state = lock(&self.state);
        let open = state.open.get_mut(&page);
        then(open.ok_or_else(|| Error::new(ErrorCode::Unsupported, "the page is in no web-view"))?)
    }
}

/// The `<web-view>` of a page is to show something else. `path` is that of the page.
pub(super) fn change(applet: &Arc<Applet>, engine: &Engine, path: &str, change: WebViewChange) {
    let WebViewChange { page, src, timeout } = change;
    let views = &applet.web_views;
    if src.is_empty() {
        return views.end(page);
    }
    let package = origin::of_package(&applet.id);
    let own = &applet.dispatcher.rules.own_origins;
    let checked = if src.len() > views.limits.message_bytes {
        Err(ErrorCode::TooLarge.into())
    } else {
        origin::of_web_view(&src, &package, own, views.development)
    };
    let url = match checked {
        Ok(url) => url,
        Err(error) => return refuse(applet, engine, page, &src, &error),
    };
    let begun = views.begin(page, &url);
    // Before anybody loads it: a page may be complete at once.
    if let Some(timeout) = timeout {
        arm(applet, page, &url, timeout);
    }
    match begun {
        Ok(serial) => {
            let wanted = Wanted { page, serial, path: path.to_owned(), url };
            if let Err(error) = applet.keeper.open_web_view(applet, wanted) {
                refuse(applet, engine, page, &src, &error);
            }
        }
        Err(Some(session)) => session.load(&url),
        // The host will ask for the address when it has a view.
        Err(None) => {}
    }
}

/// Tells the mini-program when the page has not said in time that it is complete.
fn arm(applet: &Arc<Applet>, page: PageId, url: &str, timeout: Duration) {
    let told = json!({ "src": url }).to_string();
    // Gone already only if the host closed the applet; then nobody would hear of it.
    drop(applet.web_views.with(page, |open| {
        let late = Watcher { applet: Arc::downgrade(applet), page, serial: open.serial };
        open.timer = applet.keeper.after(timeout, Box::new(move || late.tell("timeout", told)));
        Ok(())
    }));
}

/// Nothing is shown, and the mini-program hears why.
fn refuse(applet: &Arc<Applet>, engine: &Engine, page: PageId, src: &str, error: &Error) {
    applet.web_views.end(page);
    engine.warn(&format!("<web-view src=\"{src}\">: {error}"));
    let detail = failure(src, error.message());
    applet.ask(Ask::Web(WebNews { page, serial: None, kind: "error", detail, told: None }));
}

fn failure(url: &str, text: &str) -> String {
    let short = url.split(['?', '#']).next().unwrap_or_default();
    json!({ "src": url, "url": short, "fullUrl": url, "errMsg": text }).to_string()
}

/// Tells the page of a mini-program what becomes of the web page in it.
pub(crate) struct Watcher {
    pub(crate) applet: Weak<Applet>,
    pub(crate) page: PageId,
    pub(crate) serial: Serial,
}

impl Watcher {
    fn tell(&self, kind: &'static str, detail: String) {
        if let Some(applet) = self.applet.upgrade() {
            applet.ask(Ask::Web(WebNews { page: self.page, serial: Some(self.serial), kind, detail, told: None }));
        }
    }
}

impl PageWatcher for Watcher {
    fn loaded(&self, url: &str) {
        self.tell("load", json!({ "src": url }).to_string());
    }

    fn failed(&self, url: &str, text: &str) {
        self.tell("error", failure(url, text));
    }
}

impl WebPages for Applet {
    fn post(&self, page: PageId, message: &Payload) -> Result<()> {
        let views = &self.web_views;
        views.with(page, |open| {
            let (text, limits) = (message.text(), &views.limits);
            let bytes = open.posted_bytes + text.len();
            if open.posted.len() >= limits.web_messages_queued || bytes > limits.message_bytes {
                return Err(Error::new(ErrorCode::Limit, "too many messages wait for the mini-program"));
            }
            open.posted.push(text.into());
            open.posted_bytes = bytes;
            Ok(())
        })
    }

    fn event(&self, page: PageId, event: &Payload, told: Arrived) {
        let serial = match self.web_views.with(page, |open| Ok(open.serial)) {
            Ok(serial) => serial,
            Err(error) => return told(Err(error)),
        };
        let detail = format!("{{\"data\":{}}}", event.text());
        self.ask(Ask::Web(WebNews { page, serial: Some(serial), kind: "event", detail, told: Some(told) }));
    }

    fn complete(&self, page: PageId) -> Result<()> {
        self.web_views.with(page, |open| {
            open.stop_timer();
            Ok(())
        })
    }

    fn standing(&self, page: PageId) -> Standing {
        let can_go_back = self.web_page(Some(page)).is_some_and(|session| session.has_earlier_entry());
        Standing { can_go_back, can_navigate_back: self.has_page_below() }
    }

    fn send(&self, page: PageId, data: &Payload) -> Result<()> {
        let sent = self.web_views.session(page).is_some_and(|session| session.event("onWebviewEvent", data));
        if sent { Ok(()) } else { Err(Error::new(ErrorCode::PageGone, "there is no web page that could hear it")) }
    }
}
