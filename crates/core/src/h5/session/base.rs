//! What FinClip's base library says in a page: `invokeHandler`, which may return its answer, and `publishHandler`. Both
//! serve the same calls as the JSSDK; docs/h5-wire.md, "FinClip's base library".

use super::super::incoming::{Channel, Incoming};
use super::super::result;
use super::super::returned::Returned;
use super::super::script::{self, Bridge};
use super::{Frame, Outgoing, PageSession};
use crate::bridge::members::{Members, quoted};
use crate::bridge::{Counters, Outcome, Payload, envelope};
use crate::error::{Error, ErrorCode};
use crate::ids::CallId;
use crate::limits::Limits;
use crate::lock::lock;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::sync::Arc;
use std::time::Duration;

/// What the library adds to the parameters of each custom API: whether its caller waits for the value.
const SYNC: &str = "_sync";

/// The longest number of a task that is kept.
const TASK_BYTES: usize = 64;

/// The longest name of an event that is looked at.
const EVENT_BYTES: usize = 128;

impl PageSession {
    /// A page says something with FinClip's base library: `FinChatJSCore.invokeHandler(name, params, id)`. Gives what that
    /// function returns: JSON text for a synchronous call, and nothing for all others, whose answers come as scripts.
    /// It never waits, so the app's own thread may call it; a synchronous call that is not answered at once fails.
    pub fn invoke(&self, frame: Frame<'_>, name: &str, params: String, id: f64) -> Option<String> {
        self.invoke_and_wait(frame, name, params, id, Duration::ZERO)
    }

    /// As [`PageSession::invoke`], on a thread that may wait for the answer to a synchronous call.
    pub fn invoke_and_wait(
        &self,
        frame: Frame<'_>,
        name: &str,
        params: String,
        id: f64,
        at_most: Duration,
    ) -> Option<String> {
        let mut waits = None;
        let heard = self.take(frame, name, |most_bytes| {
            let (params, said) = without_sync(params, &self.parts.limits);
            // The library's own functions do not say that they are synchronous.
            let known = || name.ends_with("Sync") && self.parts.dispatcher.built_ins.get(name).is_some();
            let message = Incoming::read(Channel::Base, name, params, id, most_bytes)?;
            waits = (said || known()).then(Arc::<Returned>::default);
            Some(message.returning(waits.clone()))
        });
        let waits = waits.filter(|_| heard)?;
        waits.wait(at_most).or_else(|| Some(self.too_late(name, &waits, at_most)))
    }

    /// Ends a call whose caller cannot wait any longer.
    fn too_late(&self, name: &str, waits: &Arc<Returned>, at_most: Duration) -> String {
        let call = lock(&self.state).document.as_ref().and_then(|document| document.asked.returning_to(waits));
        let error = if at_most.is_zero() {
            Error::new(ErrorCode::Unsupported, "the answer is not there at once, and cannot be waited for here")
        } else {
            ErrorCode::Timeout.into()
        };
        if let Some(call) = call {
            call.abort(&error);
        }
        // What came in between counts.
        let answer = waits.wait(Duration::ZERO);
        waits.give_up();
        answer.unwrap_or_else(|| result::of_outcome(name, &Outcome::failed(error), false).0)
    }

    /// A page publishes something with FinClip's base library: `FinChatJSCore.publishHandler(event, params, webviewIds)`.
    /// What it speaks to are other layers of FinClip's own framework, which are not here: it is checked like any message,
    /// and has no receiver.
    pub fn publish(&self, frame: Frame<'_>, event: &str, params: &str, web_view_ids: &str) {
        let most = self.parts.limits.message_bytes;
        let has_form = (1..=EVENT_BYTES).contains(&event.len()) && params.len() <= most && web_view_ids.len() <= most;
        let heard = {
            let mut state = lock(&self.state);
            self.document_of(&mut state, frame, event).map(|_| ())
        };
        let counters = &self.parts.counters;
        match heard {
            Err(counter) => Counters::count(counter),
            Ok(()) if !has_form => Counters::count(&counters.page_messages_malformed),
            Ok(()) => {}
        }
    }

    /// Handles what came over `invokeHandler`. `initPage` and the extensions are words of the JSSDK alone.
    pub(super) fn handle_base(&self, epoch: u64, mut message: Incoming) {
        let params =
            message.params.as_deref().filter(|params| envelope::check_bounds(params, &self.parts.limits).is_ok());
        let task = params.and_then(|params| Some(Members::parse(params).ok()?.get("taskId")?.to_owned()));
        if message.asks.name != "taskAbort" {
            message.asks.task = task.filter(|task| task.len() <= TASK_BYTES);
            return self.dispatch(epoch, message);
        }
        let call = {
            let state = lock(&self.state);
            let document = state.document.as_ref().filter(|document| document.epoch == epoch);
            task.and_then(|task| document?.asked.of_task(&task))
        };
        if let Some(call) = call {
            call.abort(&ErrorCode::Cancelled.into());
        }
        self.answer(epoch, &message.asks, &Outcome::Success(Payload::none()));
    }

    /// Tells FinClip's base library how a task goes on. False when it has no place for that.
    pub(super) fn task_went_on(&self, epoch: u64, call: CallId, state: &Payload) -> bool {
        let told = {
            let own = lock(&self.state);
            let document = own.document.as_ref().filter(|document| document.epoch == epoch);
            let task = document.and_then(|document| document.asked.task_of(call));
            let event = task.and_then(|task| task_event(task, state));
            event.map(|(name, data)| {
                let arguments = [&*quoted(name), &*data, &*self.parts.page.0.to_string()];
                let script = script::call(Bridge::BaseSubscribe, &arguments);
                self.outbox.push((epoch, Outgoing::Script(script, None)));
            })
        };
        self.send();
        told.is_some()
    }

    /// Tells FinClip's base library of an event, if the page has it: `data` is JSON text. False when there is no page to
    /// tell, or one of a foreign origin.
    pub fn base_event(&self, name: &str, data: &Payload) -> bool {
        let told = {
            let state = lock(&self.state);
            let told = state.document.as_ref().is_some_and(|document| document.is_own);
            if told {
                let data = if data.is_none() { "{}" } else { data.text() };
                let arguments = [&*quoted(name), data, &*self.parts.page.0.to_string()];
                let script = script::call(Bridge::BaseSubscribe, &arguments);
                self.outbox.push((state.epoch, Outgoing::Script(script, None)));
            }
            told
        };
        self.send();
        told
    }
}

/// What is said of a task: the name of the event, and its data as JSON text.
fn task_event(task: &str, state: &Payload) -> Option<(&'static str, String)> {
    let mut members = Members::parse(state.text()).ok()?;
    let name = match &*members.take("event")? {
        "\"HeadersReceived\"" => "onTaskHeadersReceived",
        "\"ChunkReceived\"" => "onTaskChunkReceived",
        _ => return None,
    };
    let bytes = match state.binaries() {
        [] => String::new(),
        [piece, ..] => {
            members.take("data")?;
            format!(",\"isBase64\":true,\"data\":\"{}\"", BASE64_STANDARD.encode(&piece.bytes))
        }
    };
    let rest = members.text();
    let comma = if rest == "{}" { "" } else { "," };
    Some((name, format!("{{\"taskId\":{task}{bytes}{comma}{}", rest.get(1..)?)))
}

/// Takes the library's own member out of the parameters, and says whether it asked for a returned value. What is no
/// object within the limits stays as it is, and is refused where all is.
fn without_sync(params: String, limits: &Limits) -> (String, bool) {
    if !params.contains("\"_sync\"") || envelope::check_bounds(&params, limits).is_err() {
        return (params, false);
    }
    let Ok(mut members) = Members::parse(&params) else { return (params, false) };
    match members.take(SYNC) {
        Some(said) => (members.text(), said == "true"),
        None => (params, false),
    }
}
