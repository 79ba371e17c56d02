//! What a page and its frames ask the network for, before the network is asked: whether the page may show it, files of the
//! package, and calls whose answer is returned.

use super::Page;
use crate::answers::{Request, Response};
use crate::connection::spawn;
use crate::proxy;
use finapp_core::h5::Frame;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
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

    /// A page, or one of its frames, stands still until something is returned to it.
    fn asked(&self, session: &str, paused: Paused) {
        let request = (session.to_owned(), paused.request_id);
        let call = self.state().returning.ask(paused.request.post_data, request);
        if let Some((call, request)) = call {
            self.answer_call(call, request);
        }
    }

    /// What such a page says: who it is, is known from this, and not from its request.
    pub(super) fn return_to(&self, key: String, call: Call) {
        let found = self.state().returning.say(key, call);
        if let Some((call, request)) = found {
            self.answer_call(call, request);
        }
    }

    fn answer_call(&self, call: Call, (session, request): Waiting) {
        let me = self.me.clone();
        // Others must not wait for it; without a thread the page gets nothing.
        let started = spawn("chromium-call", move || {
            let Some(page) = me.upgrade() else { return };
            let frame = Frame { url: &call.url, is_top: call.is_top };
            let owner = page.owner();
            let answer =
                owner.and_then(|owner| owner.invoke_and_wait(frame, &call.name, call.params, call.id, AT_MOST));
            let mut response = Response::file("application/json", answer.clone().unwrap_or_default());
            response.status = if answer.is_some() { 200 } else { 404 };
            response.headers.push(("Access-Control-Allow-Origin".to_owned(), "*".to_owned()));
            page.connection().send(&session, "Fetch.fulfillRequest", &response.fulfilled(&request), None);
        });
        drop(started);
    }
}

/// A call whose answer is returned.
pub(super) struct Call {
    pub(super) url: String,
    pub(super) is_top: bool,
    pub(super) name: String,
    pub(super) params: String,
    pub(super) id: f64,
}

/// A request that is held: its session and its name.
type Waiting = (String, String);

/// Calls and the requests for their answers, which come on two ways, by their keys. A page that stands still has one; more
/// than a few are nobody's.
#[derive(Default)]
pub(super) struct Returning {
    said: HashMap<String, Call>,
    asked: HashMap<String, Waiting>,
}

const MOST: usize = 64;

impl Returning {
    fn say(&mut self, key: String, call: Call) -> Option<(Call, Waiting)> {
        match self.asked.remove(&key) {
            Some(waiting) => Some((call, waiting)),
            None => {
                if self.said.len() < MOST {
                    self.said.insert(key, call);
                }
                None
            }
        }
    }

    fn ask(&mut self, key: String, waiting: Waiting) -> Option<(Call, Waiting)> {
        match self.said.remove(&key) {
            Some(call) => Some((call, waiting)),
            None => {
                if self.asked.len() < MOST {
                    self.asked.insert(key, waiting);
                }
                None
            }
        }
    }

    /// Another document is shown.
    pub(super) fn clear(&mut self) {
        self.said.clear();
        self.asked.clear();
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
