//! The session of one page: from a message of the page to an authorised handler and back, and from the app into the page.

use super::document::{Asked, Document};
use super::incoming::{Accept, Cancel, Incoming, Rate, Said};
use super::order::{Order, Taken};
use super::questions::{self, PageAnswer, Questions};
use super::script::{self, Bridge};
use super::serial::Serial;
use super::stamp::{self, Stamp};
use super::view::{PageView, ScriptValue};
use super::{origin, result};
use crate::bridge::{
    Answer, Authorized, CallInfo, CallScope, CallSink, Caller, Counters, Deadlines, Dispatcher, Outcome, Payload,
    Precedence, Spoken,
};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Clock;
use crate::ids::{ApiName, AppletId, CallId, PageId};
use crate::limits::Limits;
use crate::lock::lock;
use std::collections::HashSet;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// How long early messages wait for what is missing.
const GAP: Duration = Duration::from_millis(100);

/// The frame that a message came from, as the platform knows it.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The address of the frame's document.
    pub url: &'a str,
    /// Whether it is the page itself, and no frame within it.
    pub is_top: bool,
}

/// What a session is made of.
pub(crate) struct Parts {
    pub(crate) applet: AppletId,
    pub(crate) page: PageId,
    pub(crate) view: Arc<dyn PageView>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) timer: Handle,
    /// The calls in flight of the whole client.
    pub(crate) in_flight: Arc<AtomicUsize>,
    /// Whether pages may come over http.
    pub(crate) development: bool,
}

/// One page in a web-view of a mini-program.
pub struct PageSession {
    parts: Parts,
    state: Mutex<State>,
    inbox: Serial<(u64, Incoming)>,
    outbox: Serial<(String, Option<ScriptValue>)>,
    me: Weak<PageSession>,
}

#[derive(Default)]
struct State {
    epoch: u64,
    document: Option<Document>,
    closed: bool,
}

impl PageSession {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            parts,
            state: Mutex::default(),
            inbox: Serial::default(),
            outbox: Serial::default(),
            me: me.clone(),
        })
    }

    /// The number of the page: `webViewId`.
    #[must_use]
    pub fn page(&self) -> PageId {
        self.parts.page
    }

    /// Whether the page is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// A document was committed in the top frame, be it one from the browser's memory: whatever the one before has open
    /// ends. `url` is its address after all redirects.
    pub fn committed(&self, url: &str) {
        let gone = {
            let mut state = lock(&self.state);
            if state.closed {
                return;
            }
            state.epoch += 1;
            let document = self.document(state.epoch, url);
            state.document.replace(document)
        };
        end(gone, &ErrorCode::PageGone.into());
    }

    /// The page is gone: its calls end, and nothing it says is heard any more.
    pub fn close(&self) {
        let gone = {
            let mut state = lock(&self.state);
            state.closed = true;
            state.document.take()
        };
        end(gone, &ErrorCode::PageGone.into());
    }

    /// A page says something: `FinChatJSCore.webInvokeHandler(name, params, id)`. Answers come as scripts. What a foreign
    /// frame says, or a document that may not call, is not answered: nobody there could hear it but the page.
    pub fn web_invoke(&self, frame: Frame<'_>, name: &str, params: String, id: f64) {
        if let Err(counter) = self.hear(frame, name, params, id) {
            Counters::count(counter);
        }
        self.work();
    }

    /// Takes a message, or says as what it is counted.
    fn hear(
        &self,
        frame: Frame<'_>,
        name: &str,
        params: String,
        id: f64,
    ) -> std::result::Result<(), &std::sync::atomic::AtomicU64> {
        let counters = &self.parts.counters;
        let mut state = lock(&self.state);
        let document = state.document.as_mut().ok_or(&counters.refused)?;
        let from = origin::of(frame.url, self.parts.development);
        if !frame.is_top || from.is_none() || from.as_deref() != document.origin() {
            return Err(&counters.denied);
        }
        if !document.rate.take(&*self.parts.clock) {
            return Err(&counters.page_messages_dropped);
        }
        let message = Incoming::read(name, params, id).ok_or(&counters.page_messages_malformed)?;
        let (id, first) = (message.id, message.name == "initPage");
        match document.order.take(id, first, message) {
            Taken::Ready(messages) => {
                messages.into_iter().for_each(|message| self.inbox.push((document.epoch, message)));
            }
            Taken::Again => return Err(&counters.page_messages_malformed),
            Taken::Waits => {
                if !std::mem::replace(&mut document.waited_for, true) {
                    let epoch = document.epoch;
                    self.after(GAP, move |session| session.go_on(epoch));
                }
            }
        }
        Ok(())
    }

    /// Tells the page of an event: `data` is JSON text. False when there is no page to tell, or one of a foreign origin.
    pub fn event(&self, name: &str, data: &Payload) -> bool {
        let told = {
            let mut state = lock(&self.state);
            state.document.as_mut().filter(|document| document.is_own).is_some_and(|document| {
                let stamp = document.stamp.as_mut().map_or_else(|| "null".to_owned(), Stamp::message);
                let data = if data.is_none() { "{}" } else { data.text() };
                let arguments = [&*quoted(name), data, &*self.parts.page.0.to_string(), "null", &*stamp];
                self.outbox.push((script::call(Bridge::Subscribe, &arguments), None));
                true
            })
        };
        self.send();
        told
    }

    /// Calls the function `name` of the page; `params` is JSON text. `answer` gets what its handler gave.
    ///
    /// # Errors
    /// For `answer`: `E_PAGE_GONE` when there is no document, or it goes away first, `E_DENIED` when it is of a foreign
    /// origin, `E_NOT_FOUND` when it has no such
    /// function, `E_HANDLER` when that threw, `E_TIMEOUT` after `within`, `E_BUSY` when too many wait.
    pub fn call(&self, name: &str, params: &Payload, within: Duration, answer: PageAnswer) {
        let mut state = lock(&self.state);
        let busy = self.parts.limits.calls_in_flight;
        let document = match state.document.as_mut() {
            None => Err(ErrorCode::PageGone),
            Some(document) if !document.is_own => Err(ErrorCode::Denied),
            Some(document) if document.questions.len() >= busy => Err(ErrorCode::Busy),
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
        let data = if params.is_none() { "{}" } else { params.text() };
        let (name, page) = (quoted(name), self.parts.page.0.to_string());
        let replies = document.features.contains(stamp::REPLY);
        let stamp = match &mut document.stamp {
            Some(stamp) if replies => stamp.question(&call),
            Some(stamp) => stamp.message(),
            None => "null".to_owned(),
        };
        let arguments = [&*name, data, &*page, "null", &*stamp];
        if replies {
            self.outbox.push((script::call(Bridge::Subscribe, &arguments), None));
        } else {
            let (me, limits) = (self.me.clone(), self.parts.limits.clone());
            let value: ScriptValue = Box::new(move |text| {
                if let Some(session) = me.upgrade() {
                    let value = text.ok_or_else(|| ErrorCode::NotFound.into());
                    let value = value.and_then(|text| questions::value(Some(text), &limits));
                    session.answered(epoch, &call, value);
                }
            });
            self.outbox.push((script::call_for_value(Bridge::Subscribe, &arguments), Some(value)));
        }
        drop(state);
        self.send();
    }

    fn document(&self, epoch: u64, url: &str) -> Document {
        let parts = &self.parts;
        let origin = origin::of(url, parts.development);
        let is_own = origin.as_ref().is_some_and(|origin| parts.dispatcher.rules.own_origins.contains(origin));
        let caller = origin
            .map(|origin| Arc::new(Caller::Page { applet: parts.applet.clone(), page: parts.page, origin, epoch }));
        let sink = Arc::new(Ends { session: self.me.clone(), epoch });
        let deadlines = Deadlines::new(parts.timer.clone());
        let (clock, counters, total) = (parts.clock.clone(), parts.counters.clone(), parts.in_flight.clone());
        Document {
            epoch,
            caller,
            is_own,
            scope: CallScope::new(sink, parts.limits.clone(), clock, counters, deadlines, total, None),
            asked: Asked::default(),
            order: Order::default(),
            waited_for: false,
            rate: Rate::new(parts.limits.page_messages_per_second),
            stamp: None,
            features: HashSet::new(),
            questions: Questions::default(),
        }
    }

    /// What is missing has not come in time.
    fn go_on(&self, epoch: u64) {
        let mut state = lock(&self.state);
        let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
        let (ready, lost) = document.order.go_on();
        for _ in 0..lost {
            Counters::count(&self.parts.counters.page_messages_missing);
        }
        ready.into_iter().for_each(|message| self.inbox.push((epoch, message)));
        document.waited_for = document.order.waits();
        if document.waited_for {
            self.after(GAP, move |session| session.go_on(epoch));
        }
        drop(state);
        self.work();
    }

    fn work(&self) {
        self.inbox.work(|(epoch, message)| self.handle(epoch, message));
        self.send();
    }

    fn send(&self) {
        self.outbox.work(|(script, value)| self.parts.view.run(script, value));
    }

    fn handle(&self, epoch: u64, message: Incoming) {
        let known = match &*message.name {
            "initPage" => return self.begin(epoch, message.id),
            "finapp.accept" => self.accept(epoch, &message.params),
            "finapp.cancel" => self.cancel(epoch, &message.params),
            "finapp.reply" => self.replied(epoch, &message.params),
            _ => return self.dispatch(epoch, message),
        };
        if known.is_none() {
            Counters::count(&self.parts.counters.page_messages_malformed);
        }
    }

    /// Gives the page its number, and the first time an offer with it.
    fn begin(&self, epoch: u64, id: u32) {
        let mut state = lock(&self.state);
        let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
        let (id, page) = (id.to_string(), self.parts.page.0.to_string());
        let stamp = match &mut document.stamp {
            Some(stamp) => stamp.message(),
            None => match Stamp::new() {
                Ok(stamp) => document.stamp.insert(stamp).offer(),
                // Without an offer the page is served as one of FinClip's.
                Err(_) => "null".to_owned(),
            },
        };
        self.outbox.push((script::call(Bridge::Callback, &[&id, &page, &stamp]), None));
    }

    fn accept(&self, epoch: u64, params: &str) -> Option<()> {
        let accept: Accept = serde_json::from_str(params).ok()?;
        let mut state = lock(&self.state);
        let document = state.document.as_mut().filter(|document| document.epoch == epoch)?;
        document.stamp.as_ref().filter(|stamp| stamp.is(&accept.token))?;
        document.features = accept.features;
        Some(())
    }

    fn cancel(&self, epoch: u64, params: &str) -> Option<()> {
        let cancel: Cancel = serde_json::from_str(params).ok()?;
        let call = {
            let state = lock(&self.state);
            let document = state.document.as_ref().filter(|document| document.epoch == epoch)?;
            document.features.contains(stamp::CANCEL).then_some(())?;
            document.asked.find(cancel.id)
        };
        if let Some(call) = call {
            call.abort(&ErrorCode::Cancelled.into());
        }
        Some(())
    }

    fn replied(&self, epoch: u64, params: &str) -> Option<()> {
        let bounds = crate::bridge::envelope::check_bounds(params, &self.parts.limits);
        let said: Said = bounds.ok().and_then(|()| serde_json::from_str(params).ok())?;
        let call = said.call.clone();
        self.answered(epoch, &call, questions::outcome(said, &self.parts.limits));
        Some(())
    }

    /// A call into the page has ended. A second end, and one that somebody made up, finds nobody.
    fn answered(&self, epoch: u64, call: &str, outcome: Result<Payload>) {
        let answer = {
            let mut state = lock(&self.state);
            let document = state.document.as_mut().filter(|document| document.epoch == epoch);
            document.and_then(|document| document.questions.take(call))
        };
        match answer {
            Some(answer) => answer(outcome),
            None => Counters::count(&self.parts.counters.unknown_replies),
        }
    }

    fn dispatch(&self, epoch: u64, message: Incoming) {
        let (caller, scope) = {
            let state = lock(&self.state);
            let Some(document) = state.document.as_ref().filter(|document| document.epoch == epoch) else { return };
            let Some(caller) = document.caller.clone() else { return };
            (caller, document.scope.clone())
        };
        if let Err(error) = self.start(epoch, caller, &scope, &message) {
            Counters::count(&self.parts.counters.refused);
            self.answer(epoch, message.id, &result::of_error(&message.name, &error));
        }
    }

    fn start(&self, epoch: u64, caller: Arc<Caller>, scope: &Arc<CallScope>, message: &Incoming) -> Result<()> {
        let parts = &self.parts;
        // A name that cannot be one is unknown, as every name is that this page may not call.
        let api = ApiName::parse(&message.name).map_err(|_| ErrorCode::NotFound)?;
        let find = |precedence| parts.dispatcher.authorise(&caller, api.as_str(), precedence);
        let authorized = find(Precedence::BuiltIn)
            .or_else(|_| find(Precedence::Custom))
            .map_err(|error| if error.code() == ErrorCode::Denied { ErrorCode::NotFound.into() } else { error })?;
        let params = Payload::parse(message.params.clone(), Vec::new(), &parts.limits)?;
        let info = CallInfo { caller, api, spoken: Spoken::Direct, sync: false, page: parts.page };
        if authorized.is_inline() {
            let text = inline(&authorized, &info, &params, &parts.limits)?;
            self.answer(epoch, message.id, &result::of_outcome(&message.name, &Outcome::Success(text)));
            return Ok(());
        }
        let deadline = authorized.timeout();
        let call = authorized.start(scope, info, params, deadline)?;
        let ended = {
            let mut state = lock(&self.state);
            let document = state.document.as_mut().filter(|document| document.epoch == epoch);
            document.and_then(|document| document.asked.began(&call, message.id, &message.name))
        };
        if let Some(outcome) = ended {
            scope.release(call.id());
            self.answer(epoch, message.id, &result::of_outcome(&message.name, &outcome));
        }
        Ok(())
    }

    /// Answers the page's call `id`, if its document is still there.
    fn answer(&self, epoch: u64, id: u32, result: &str) {
        {
            let mut state = lock(&self.state);
            let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
            let stamp = document.stamp.as_mut().map_or_else(|| "null".to_owned(), Stamp::message);
            self.outbox.push((script::call(Bridge::Callback, &[&id.to_string(), result, &stamp]), None));
        }
        self.send();
    }

    fn settled(&self, epoch: u64, call: CallId, outcome: Outcome) {
        let ended = {
            let mut state = lock(&self.state);
            let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
            let ended = document.asked.ended(call, outcome);
            if ended.is_some() {
                document.scope.release(call);
            }
            ended
        };
        if let Some((id, name, outcome)) = ended {
            self.answer(epoch, id, &result::of_outcome(&name, &outcome));
        }
    }

    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: a time limit of one page")]
    fn after(&self, wait: Duration, then: impl FnOnce(Arc<Self>) + Send + 'static) -> AbortHandle {
        let me = self.me.clone();
        let task = self.parts.timer.spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(session) = me.upgrade() {
                then(session);
            }
        });
        task.abort_handle()
    }
}

/// Ends all that a document had open.
fn end(document: Option<Document>, reason: &Error) {
    let Some(mut document) = document else { return };
    document.scope.close(reason);
    for answer in document.questions.drain() {
        answer(Err(reason.clone()));
    }
}

/// Where the calls of one document end.
struct Ends {
    session: Weak<PageSession>,
    epoch: u64,
}

impl CallSink for Ends {
    fn settled(&self, id: CallId, _sync: bool, outcome: Outcome) {
        if let Some(session) = self.session.upgrade() {
            session.settled(self.epoch, id, outcome);
        }
    }

    /// FinClip's transport has no place for it.
    fn progress(&self, _id: CallId, _state: Payload) -> bool {
        false
    }
}

/// Runs an inline handler on text instead of an engine's values.
fn inline(authorized: &Authorized, info: &CallInfo, params: &Payload, limits: &Limits) -> Result<Payload> {
    struct Text(Option<String>);
    impl Answer for Text {
        fn put(&mut self, value: &dyn erased_serde::Serialize) -> Result<()> {
            let text = serde_json::to_string(value);
            self.0 = Some(text.map_err(|error| Error::new(ErrorCode::HandlerResult, error.to_string()))?);
            Ok(())
        }
    }
    let mut text = Text(None);
    let mut deserializer = serde_json::Deserializer::from_str(params.text());
    authorized.run(info, &mut <dyn erased_serde::Deserializer<'_>>::erase(&mut deserializer), &mut text)?;
    match text.0 {
        Some(text) => Payload::parse(text, Vec::new(), limits)
            .map_err(|error| Error::new(ErrorCode::HandlerResult, error.message().to_owned())),
        None => Ok(Payload::none()),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
