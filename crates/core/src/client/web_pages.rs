//! H5 pages of an applet, as a host sees them: it opens a session for each web-view and calls the functions of pages.

use super::applet::AppletClient;
use super::client::FinAppClient;
use crate::bridge::Payload;
use crate::error::{ErrorCode, Result};
use crate::h5::{self, PageAnswer, PageSession, PageView, PageWatcher, Parts};
use crate::ids::{AppletId, PageId};
use crate::limits::Limits;
use std::collections::BTreeSet;
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
            deadlines: inner.timer.deadlines().clone(),
            in_flight: inner.in_flight.clone(),
            development: inner.config.debug,
            watcher,
        });
        if applet.add_web_page(&session) { Ok(session) } else { Err(ErrorCode::Closed.into()) }
    }

    /// Calls the function `name` of an H5 page, as FinClip's `callJS`: of the one with the number `page`, which is that of
    /// the mini-program's page around it; without a number, or with 0, of the one in the page that is seen, or else of the
    /// last that the host opened itself. `params` is JSON text. `answer` gets what the page's handler gave.
    ///
    /// # Errors
    /// For `answer`: as [`PageSession::call`]; `E_PAGE_GONE` when there is no such page, `E_CLOSED` once this run is over.
    pub fn call_js(&self, name: &str, params: &Payload, page: Option<PageId>, within: Duration, answer: PageAnswer) {
        if self.applet.is_closing() {
            return answer(Err(ErrorCode::Closed.into()));
        }
        match self.applet.web_page(page.filter(|page| *page != PageId::default())) {
            Some(session) => session.call(name, params, within, answer),
            None => answer(Err(ErrorCode::PageGone.into())),
        }
    }
}

impl AppletClient {
    /// ArkWeb's permission list for the object that pages call, as JSON text: the applet's own origins, and those that
    /// registrations name. What is registered later counts for pages that open later.
    #[must_use]
    pub fn proxy_permission(&self) -> String {
        let registries = [self.client.inner.global.clone(), self.client.inner.own_registry(&self.applet.id)];
        let named: Vec<String> = registries.iter().flat_map(|registry| registry.page_origins()).collect();
        let own = self.own_origins();
        h5::proxy::permission(&own.iter().chain(&named).map(String::as_str).collect::<BTreeSet<_>>())
    }
}

impl FinAppClient {
    /// Calls a function of an H5 page of the applet `app_id`; see [`AppletClient::call_js`].
    ///
    /// # Errors
    /// For `answer`: as there; `E_CLOSED` when that applet was started before and does not run, `E_APPLET_NOT_FOUND` when
    /// nobody knows it.
    pub fn call_js(
        &self,
        app_id: &str,
        name: &str,
        params: &Payload,
        page: Option<PageId>,
        within: Duration,
        answer: PageAnswer,
    ) {
        if let Some(applet) = self.applet(app_id) {
            return applet.call_js(name, params, page, within, answer);
        }
        let known = AppletId::parse(app_id).is_ok_and(|id| self.inner.known.knows(&id));
        answer(Err(if known { ErrorCode::Closed } else { ErrorCode::AppletNotFound }.into()));
    }
}

/// What a page's function is given for a text of the host: what the text says if it is JSON, else the text itself.
///
/// # Errors
/// `E_TOO_LARGE`, `E_TOO_DEEP`.
pub fn page_params(text: &str, limits: &Limits) -> Result<Payload> {
    if text.is_empty() {
        return Ok(Payload::none());
    }
    match Payload::parse(text.to_owned(), Vec::new(), limits) {
        Err(error) if error.code() == ErrorCode::Serialize => {
            Payload::parse(serde_json::Value::from(text).to_string(), Vec::new(), limits)
        }
        checked => checked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_h12_a_text_is_what_it_says_in_json_and_else_itself() {
        let limits = Limits::default();
        let text = |given: &str| page_params(given, &limits).unwrap().text().to_owned();
        assert_eq!(text("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(text("7"), "7");
        assert_eq!(text("plain \"text\""), r#""plain \"text\"""#);
        assert_eq!(text("{\"a\""), r#""{\"a\"""#);
        assert!(page_params("", &limits).unwrap().is_none());
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(page_params(&deep, &limits).unwrap_err().code(), ErrorCode::TooDeep);
    }
}
