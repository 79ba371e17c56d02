//! What a host can see of an applet's pages and do there: for views, tests and the desktop runner. Nothing waits: each
//! function takes a callback, which is called once: on the applet's thread, or wherever the applet is closed first.

use super::applet::AppletClient;
use crate::api::navigation::Navigation;
use crate::applet::mailbox::{Ask, Look};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::PageId;

/// Where a host sends an applet. Addresses are written as in `navigateTo`: `/pages/item/item?id=3`.
///
/// ```
/// use finapp_core::Route;
/// assert_eq!(Route::Back, Route::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// A new page on top.
    To(String),
    /// A new page in the place of the one that is seen.
    Redirect(String),
    /// A page of the tab bar.
    Tab(String),
    /// A page alone.
    ReLaunch(String),
    /// One page back.
    #[default]
    Back,
}

impl AppletClient {
    /// Goes to another page. `arrived` hears when the page is there, or why not.
    ///
    /// # Errors
    /// For `arrived`: `E_NOT_FOUND`, `E_PARAM` or `E_LIMIT` with the text that a mini-program would see,
    /// `E_BAD_PACKAGE` when the page does not open, `E_UNSUPPORTED` when there are no pages, `E_CLOSED`.
    pub fn navigate(&self, route: Route, arrived: impl FnOnce(Result<()>) + Send + 'static) {
        let navigation = match route {
            Route::To(url) => Navigation::To(url),
            Route::Redirect(url) => Navigation::Redirect(url),
            Route::Tab(url) => Navigation::SwitchTab(url),
            Route::ReLaunch(url) => Navigation::ReLaunch(url),
            Route::Back => Navigation::Back(1),
        };
        self.applet.ask(Ask::Navigate(navigation.into(), Box::new(surely(arrived))));
    }

    /// The page stack as JSON text, the first page first: `[{"id": 1, "path": "pages/list/list"}]`.
    pub fn pages(&self, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::Stack, seen);
    }

    /// How the tab bar stands as JSON text: what `app.json` says of it with what the mini-program has changed, `visible`,
    /// and `selected`, the place of the page that is seen. `null` without a tab bar.
    pub fn tab_bar(&self, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::TabBar, seen);
    }

    /// The elements of a page as JSON text; of the page that is seen when none is named.
    pub fn page_tree(&self, page: Option<PageId>, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::Tree(page), seen);
    }

    /// The data of a page as JSON text; of the page that is seen when none is named.
    pub fn page_data(&self, page: Option<PageId>, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::Data(page), seen);
    }

    /// Says that a view draws a page, or no longer does; the page that is seen when none is named. From then on its
    /// changes are kept for [`AppletClient::page_changes`], the first of them the whole tree.
    pub fn watch_page(&self, page: Option<PageId>, on: bool, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::Watch(page, on), seen);
    }

    /// What has changed in the pages that a view draws, in order, since this was asked last: JSON text
    /// `{"lost": false, "pages": [{"id": 1, "changes": [...]}]}`. When some were lost because nobody asked for long, watch
    /// the page anew for the whole of it.
    pub fn page_changes(&self, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.look(Look::Changes, seen);
    }

    /// Sends an event to the first element that `selector` finds: `tap` on `#add`, or `input` with the detail
    /// `{"value": "milk"}`. `seen` gets `true` when there is such an element, else `false`.
    pub fn page_event(
        &self,
        selector: &str,
        kind: &str,
        detail: &str,
        seen: impl FnOnce(Result<String>) + Send + 'static,
    ) {
        let look =
            Look::Event { page: None, selector: selector.to_owned(), kind: kind.to_owned(), detail: detail.to_owned() };
        self.look(look, seen);
    }

    /// Calls a hook of the page that is seen, as the view does when the user pulls down or scrolls. `argument` is JSON
    /// text.
    ///
    /// # Errors
    /// For `seen`: `E_PARAM` when a page has no such hook.
    pub fn page_hook(&self, name: &str, argument: &str, seen: impl FnOnce(Result<String>) + Send + 'static) {
        if !HOOKS.contains(&name) {
            return seen(Err(Error::new(ErrorCode::Parameter, format!("hook: expected one of {}", HOOKS.join(", ")))));
        }
        self.look(Look::Hook { page: None, name: name.to_owned(), argument: argument.to_owned() }, seen);
    }

    /// The number of the page that is seen; 0 when there is none.
    #[must_use]
    pub fn top_page(&self) -> PageId {
        self.applet.top_page()
    }

    fn look(&self, look: Look, seen: impl FnOnce(Result<String>) + Send + 'static) {
        self.applet.ask(Ask::Look(look, Box::new(surely(seen))));
    }
}

/// Calls `told` with `E_CLOSED` when nobody else calls it.
fn surely<T: 'static>(told: impl FnOnce(Result<T>) + Send + 'static) -> impl FnOnce(Result<T>) + Send {
    struct Told<T>(Option<Box<dyn FnOnce(Result<T>) + Send>>);
    impl<T> Drop for Told<T> {
        fn drop(&mut self) {
            if let Some(told) = self.0.take() {
                told(Err(ErrorCode::Closed.into()));
            }
        }
    }
    let mut waits = Told(Some(Box::new(told)));
    move |result| {
        if let Some(told) = waits.0.take() {
            told(result);
        }
    }
}

/// The hooks of a page that only its view can cause.
const HOOKS: [&str; 9] = [
    "onPullDownRefresh",
    "onReachBottom",
    "onPageScroll",
    "onResize",
    "onTabItemTap",
    "onShareAppMessage",
    "onShareTimeline",
    "onAddToFavorites",
    "onSaveExitState",
];
