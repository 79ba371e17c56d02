//! H5 pages of an applet, as a host sees them: it opens a session for each web-view and calls the functions of pages.

use super::applet::AppletClient;
use crate::bridge::Payload;
use crate::error::{ErrorCode, Result};
use crate::h5::{PageAnswer, PageSession, PageView, PageWatcher, Parts};
use crate::ids::PageId;
use std::sync::Arc;
use std::time::Duration;

impl AppletClient {
    /// Opens the session of a page in a web-view. `view` shows it, and tells the session which documents are committed
    /// and what they say. The session ends with [`PageSession::close`], and with this run of the applet.
    ///
    /// # Errors
    /// `E_CLOSED` once this run is over.
    pub fn open_web_page(&self, view: Arc<dyn PageView>) -> Result<Arc<PageSession>> {
        self.open_web_page_as(PageId::fresh(), view, None)
    }

    pub(super) fn open_web_page_as(
        &self,
        page: PageId,
        view: Arc<dyn PageView>,
        watcher: Option<Arc<dyn PageWatcher>>,
    ) -> Result<Arc<PageSession>> {
        let (inner, applet) = (&self.client.inner, &self.applet);
        let session = PageSession::new(Parts {
            applet: applet.id.clone(),
            generation: applet.generation,
            page,
            view,
            dispatcher: applet.dispatcher.clone(),
            limits: inner.limits.clone(),
            clock: inner.platform.clock.clone(),
            counters: applet.counters.clone(),
            timer: inner.timer.handle().clone(),
            in_flight: inner.in_flight.clone(),
            development: inner.config.debug,
            watcher,
        });
        if applet.add_web_page(&session) { Ok(session) } else { Err(ErrorCode::Closed.into()) }
    }

    /// Calls the function `name` of an H5 page, as FinClip's `callJS`: of the one that was opened last, or of the one with
    /// the number `page`. `params` is JSON text. `answer` gets what the page's handler gave.
    ///
    /// # Errors
    /// For `answer`: as [`PageSession::call`]; `E_PAGE_GONE` when there is no such page, `E_CLOSED` once this run is over.
    pub fn call_js(&self, name: &str, params: &Payload, page: Option<PageId>, within: Duration, answer: PageAnswer) {
        if self.applet.is_closing() {
            return answer(Err(ErrorCode::Closed.into()));
        }
        match self.applet.web_page(page) {
            Some(session) => session.call(name, params, within, answer),
            None => answer(Err(ErrorCode::PageGone.into())),
        }
    }
}
