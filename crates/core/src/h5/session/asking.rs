//! What the app says to a page unasked: events, and calls of the page's functions.

use super::super::document::Document;
use super::super::frames;
use super::super::questions::{self, PageAnswer};
use super::super::script::{self, Bridge};
use super::super::stamp::{self, Stamp};
use super::super::view::ScriptValue;
use super::{Outgoing, PageSession};
use crate::bridge::Payload;
use crate::bridge::members::quoted;
use crate::error::ErrorCode;
use crate::lock::lock;
use std::time::Duration;

impl PageSession {
    /// Tells the page of an event: `data` is JSON text. False when there is no page to tell, or one of a foreign origin.
    pub fn event(&self, name: &str, data: &Payload) -> bool {
        let told = {
            let mut state = lock(&self.state);
            state.document.as_mut().filter(|document| document.is_own).is_some_and(|document| {
                if !data.binaries().is_empty() && document.port.is_none() {
                    return false;
                }
                let stamp = document.stamp.as_mut().map_or_else(|| "null".to_owned(), Stamp::message);
                self.outbox.push((document.epoch, self.subscribe(document, name, data, &stamp)));
                true
            })
        };
        self.send();
        told
    }

    /// Calls the function `name` of the page; `params` is JSON text. `answer` gets what its handler gave.
    ///
    /// # Errors
    /// For `answer`: `E_PARAM` for an empty name, `E_PAGE_GONE` when there is no document, or it goes away first,
    /// `E_DENIED` when it is of a foreign origin, `E_UNSUPPORTED` for bytes that it cannot take, `E_NOT_FOUND` when it has
    /// no such function, `E_HANDLER` when that threw, `E_TIMEOUT` after `within`, `E_BUSY` when too many wait.
    pub fn call(&self, name: &str, params: &Payload, within: Duration, answer: PageAnswer) {
        let mut state = lock(&self.state);
        let busy = self.parts.limits.page_calls_in_flight;
        let document = match state.document.as_mut() {
            // A page takes no such message, and whatever comes after it would wait for it.
            _ if name.is_empty() => Err(ErrorCode::Parameter),
            None => Err(ErrorCode::PageGone),
            Some(document) if !document.is_own => Err(ErrorCode::Denied),
            Some(document) if document.questions.len() >= busy => Err(ErrorCode::Busy),
            // Without a port, or replies that go through it, there is no way for bytes.
            Some(document) if !params.binaries().is_empty() && !document.takes_bytes() => Err(ErrorCode::Unsupported),
            Some(document) => Ok(document),
        };
        let document = match document {
            Ok(document) => document,
            Err(code) => {
                drop(state);
                return answer(Err(code.into()));
            }
        };
        let call = match document.questions.ask(answer) {
            Ok(call) => call,
            Err((answer, error)) => {
                drop(state);
                return answer(Err(error));
            }
        };
        let epoch = document.epoch;
        let late = call.clone();
        let deadline =
            self.after(within, move |session| session.answered(epoch, &late, Err(ErrorCode::Timeout.into())));
        document.questions.limit(&call, deadline);
        let replies = document.features.contains(stamp::REPLY);
        let stamp = match &mut document.stamp {
            Some(stamp) if replies => stamp.question(&call),
            Some(stamp) => stamp.message(),
            None => "null".to_owned(),
        };
        if replies {
            self.outbox.push((epoch, self.subscribe(document, name, params, &stamp)));
        } else {
            let data = if params.is_none() { "{}" } else { params.text() };
            let (name, page) = (quoted(name), self.parts.page.0.to_string());
            let arguments = [&*name, data, &*page, "null", &*stamp];
            let (me, limits) = (self.me.clone(), self.parts.limits.clone());
            let value: ScriptValue = Box::new(move |text| {
                if let Some(session) = me.upgrade() {
                    let value = text.ok_or_else(|| ErrorCode::NotFound.into());
                    let value = value.and_then(|text| questions::value(Some(text), &limits));
                    session.answered(epoch, &call, value);
                }
            });
            let script = script::call_for_value(Bridge::Subscribe, &arguments);
            self.outbox.push((epoch, Outgoing::Script(script, Some(value))));
        }
        drop(state);
        self.send();
    }

    /// An event, or a call of a function of the page: through its port when there are bytes.
    fn subscribe(&self, document: &Document, name: &str, data: &Payload, stamp: &str) -> Outgoing {
        let text = if data.is_none() { "{}" } else { data.text() };
        let name = quoted(name);
        if let Some(port) = document.port.as_ref().filter(|_| !data.binaries().is_empty()) {
            let head = format!("\"type\":\"event\",\"name\":{name},\"data\":{text},\"stamp\":{stamp}");
            if let Some(frame) = frames::written(&head, data.binaries()) {
                return Outgoing::Frame(port.clone(), frame);
            }
        }
        let arguments = [&*name, text, &*self.parts.page.0.to_string(), "null", stamp];
        Outgoing::Script(script::call(Bridge::Subscribe, &arguments), None)
    }
}
