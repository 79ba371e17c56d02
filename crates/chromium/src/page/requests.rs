//! What a page and its frames ask the network for, before the network is asked: whether the page may show it, files of the
//! package, and calls whose answer is returned.

use super::Page;
use crate::answers::{Request, Response};
use crate::connection::spawn;
use crate::proxy::{self, Said};
use finapp_core::h5::Frame;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long a page stands still for an answer.
const AT_MOST: Duration = Duration::from_secs(3);

impl Page {
    pub(super) fn paused(&self, session: &str, paused: Paused) {
        let is_main = paused.resource_type == "Document" && paused.frame_id == self.target;
        if is_main && self.owner().is_some_and(|owner| owner.check_navigation(&paused.request.url).is_err()) {
            let blocked = json!({"requestId": paused.request_id, "errorReason": "BlockedByClient"});
            return self.connection().send(session, "Fetch.failRequest", &blocked, None);
        }
        if paused.request.url == proxy::door(&self.browser().binding) {
            return self.asked(session, paused);
        }
        let (me, session) = (self.me.clone(), session.to_owned());
        self.browser().errands.later(move || {
            if let Some(page) = me.upgrade() {
                page.answer(&session, &paused);
            }
        });
    }

    fn answer(&self, session: &str, paused: &Paused) {
        let request = Request { url: paused.request.url.clone(), method: paused.request.method.clone() };
        let options = &self.browser().options;
        let found = (self.files)(&request).or_else(|| options.answers.as_ref()?(&request));
        let connection = self.connection();
        match found {
            Some(response) => {
                connection.send(session, "Fetch.fulfillRequest", &response.fulfilled(&paused.request_id), None);
            }
            None if options.offline => {
                let failed = json!({"requestId": paused.request_id, "errorReason": "InternetDisconnected"});
                connection.send(session, "Fetch.failRequest", &failed, None);
            }
            None => {
                connection.send(session, "Fetch.continueRequest", &json!({"requestId": paused.request_id}), None);
            }
        }
    }

    /// A page, or one of its frames, stands still until the app returns something. The frame is the one that the browser
    /// names, as with all messages.
    fn asked(&self, session: &str, paused: Paused) {
        let url = self.state().frames.url(&paused.frame_id);
        let is_top = session == self.session && paused.frame_id == self.target;
        let (me, session) = (self.me.clone(), session.to_owned());
        // Others must not wait for it; without a thread the page gets nothing.
        let started = spawn("chromium-call", move || {
            let Some(page) = me.upgrade() else { return };
            let answer = page.returned(&paused.request.post_data, Frame { url: &url, is_top });
            let mut response = Response::file("application/json", answer.clone().unwrap_or_default());
            response.status = if answer.is_some() { 200 } else { 404 };
            response.headers.push(("Access-Control-Allow-Origin".to_owned(), "*".to_owned()));
            page.connection().send(&session, "Fetch.fulfillRequest", &response.fulfilled(&paused.request_id), None);
        });
        drop(started);
    }

    fn returned(&self, text: &str, frame: Frame<'_>) -> Option<String> {
        let (owner, said) = (self.owner()?, Said::read(text)?);
        match said {
            Said::Invoke { name, params, id } if self.permission.reaches("invokeHandler", frame.url) => {
                owner.invoke_and_wait(frame, &name, params, id, AT_MOST)
            }
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paused {
    request_id: String,
    frame_id: String,
    resource_type: String,
    request: PausedRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PausedRequest {
    url: String,
    method: String,
    #[serde(default)]
    post_data: String,
}
