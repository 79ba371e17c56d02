//! The session of one page, as the app and the browser use it. `words.rs` has the messages of the transport itself,
//! `base.rs` what FinClip's base library says, `calls.rs` the calls of the page, `asking.rs` those of the app into it,
//! `life.rs` what becomes of the page as a whole, `port.rs` the bytes beside its messages.

mod asking;
mod base;
mod calls;
mod life;
mod port;
mod words;

use super::document::{Asked, Document, Lane};
use super::incoming::{Channel, Incoming, Rate};
use super::order::Taken;
use super::origin;
use super::questions::Questions;
use super::serial::Serial;
use super::stamp::Stamp;
use super::view::{PagePort, PageView, PageWatcher, ScriptValue};
use crate::bridge::{CallScope, Caller, Counters, Deadline, Deadlines, Dispatcher};
use crate::host::Clock;
use crate::ids::{AppletId, Generation, PageId};
use crate::limits::Limits;
use crate::lock::lock;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

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
    pub(crate) generation: Generation,
    pub(crate) page: PageId,
    pub(crate) view: Arc<dyn PageView>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) deadlines: Deadlines,
    /// The calls in flight of the whole client.
    pub(crate) in_flight: Arc<AtomicUsize>,
    /// Whether pages may come over http.
    pub(crate) development: bool,
    /// Who hears what becomes of the page.
    pub(crate) watcher: Option<Arc<dyn PageWatcher>>,
}

/// One page in a web-view of a mini-program.
pub struct PageSession {
    parts: Parts,
    state: Mutex<State>,
    inbox: Serial<(u64, Incoming)>,
    outbox: Serial<(u64, Outgoing)>,
    me: Weak<PageSession>,
}

/// What the view is asked for: messages to the page, on either channel, in one order, and its end behind them.
enum Outgoing {
    Script(String, Option<ScriptValue>),
    Frame(Arc<dyn PagePort>, Vec<u8>),
    Close,
}

#[derive(Default)]
struct State {
    epoch: u64,
    document: Option<Document>,
    /// Whether the browser's history has an earlier entry.
    can_go_back: bool,
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

    /// A page says something: `FinChatJSCore.webInvokeHandler(name, params, id)`. Answers come as scripts. What a foreign
    /// frame says, or a document that may not call, is not answered: nobody there could hear it but the page.
    pub fn web_invoke(&self, frame: Frame<'_>, name: &str, params: String, id: f64) {
        self.take(frame, name, |bytes| Incoming::read(Channel::Web, name, params, id, bytes));
    }

    /// Takes a message, or counts why not. False when nobody hears it.
    fn take(&self, frame: Frame<'_>, name: &str, read: impl FnOnce(usize) -> Option<Incoming>) -> bool {
        let heard = self.hear(frame, name, read).map_err(Counters::count).is_ok();
        self.work();
        heard
    }

    /// How long the parameters of a message may be.
    #[must_use]
    pub fn message_bytes(&self) -> usize {
        self.parts.limits.message_bytes
    }

    /// Something came from the page that is not even text where a message has it: it is counted.
    pub fn malformed(&self) {
        Counters::count(&self.parts.counters.page_messages_malformed);
    }

    /// Takes a message, which is read once it is known that it may be; or says as what it is counted.
    fn hear(
        &self,
        frame: Frame<'_>,
        name: &str,
        read: impl FnOnce(usize) -> Option<Incoming>,
    ) -> Result<(), &AtomicU64> {
        let counters = &self.parts.counters;
        let mut state = lock(&self.state);
        let document = self.document_of(&mut state, frame, name)?;
        let message = read(self.parts.limits.message_bytes).ok_or(&counters.page_messages_malformed)?;
        self.order(document, message)
    }

    /// Puts a message behind those that come before it.
    fn order(&self, document: &mut Document, message: Incoming) -> Result<(), &AtomicU64> {
        let (epoch, channel, id) = (document.epoch, message.asks.channel, message.asks.id);
        let first = match channel {
            Channel::Web => message.asks.name == "initPage",
            Channel::Base => id == 1,
        };
        // Its caller stands still: whatever comes before it has come, or will not.
        let stands_still = message.asks.returned.is_some();
        let lane = document.lane(channel);
        lane.waiting_bytes = message.bytes() + if lane.order.waits() { lane.waiting_bytes } else { 0 };
        // What waits for others may not hold more than one message may.
        let limits = &self.parts.limits;
        let hurries = stands_still || lane.waiting_bytes > limits.message_bytes + limits.message_binary_bytes;
        match lane.order.take(id, first, message) {
            Taken::Ready(messages) => messages.into_iter().for_each(|message| self.inbox.push((epoch, message))),
            Taken::Again => return Err(&self.parts.counters.page_messages_malformed),
            Taken::Waits if hurries => {
                let (ready, lost) = lane.order.hurry(id);
                lane.waiting_bytes = 0;
                self.went_on(epoch, ready, lost);
            }
            Taken::Waits => {
                lane.gap.get_or_insert_with(|| self.after(GAP, move |session| session.go_on(epoch, channel)));
            }
        }
        Ok(())
    }

    /// The document that is shown, when `frame` is its own and it may say one more thing, which is about `name`.
    fn document_of<'a>(
        &self,
        state: &'a mut State,
        frame: Frame<'_>,
        name: &str,
    ) -> Result<&'a mut Document, &AtomicU64> {
        let counters = &self.parts.counters;
        let document = state.document.as_mut().ok_or(&counters.refused)?;
        let from = origin::of(frame.url, self.parts.development);
        if !frame.is_top || from.is_none() || from.as_deref() != document.origin() {
            let from = from.unwrap_or_default();
            self.parts.dispatcher.refusals.note_frame(self.parts.applet.as_str(), &from, name);
            return Err(&counters.denied);
        }
        if !document.rate.take(&*self.parts.clock) {
            return Err(&counters.page_messages_dropped);
        }
        Ok(document)
    }

    fn document(&self, epoch: u64, url: &str) -> Document {
        let parts = &self.parts;
        let origin = origin::of(url, parts.development);
        let is_own = origin.as_ref().is_some_and(|origin| parts.dispatcher.rules.own_origins.contains(origin));
        let caller = origin
            .map(|origin| (parts.applet.clone(), parts.generation, parts.page, origin))
            .map(|(applet, generation, page, origin)| Caller::Page { applet, generation, page, origin, epoch })
            .map(Arc::new);
        // A page has fewer places than its mini-program, and takes none of those.
        let limits = Limits { calls_in_flight: parts.limits.page_calls_in_flight, ..Limits::clone(&parts.limits) };
        let sink = Arc::new(calls::Ends { session: self.me.clone(), epoch });
        let (clock, counters, total) = (parts.clock.clone(), parts.counters.clone(), parts.in_flight.clone());
        let deadlines = parts.deadlines.clone();
        Document {
            epoch,
            caller,
            is_own,
            scope: CallScope::new(sink, Arc::new(limits), clock, counters, deadlines, total, None),
            asked: Asked::default(),
            web: Lane::default(),
            base: Lane::default(),
            rate: Rate::new(parts.limits.page_messages_per_second),
            stamp: None,
            features: HashSet::new(),
            questions: Questions::default(),
            port: None,
        }
    }

    /// What is missing has not come in time.
    fn go_on(&self, epoch: u64, channel: Channel) {
        let mut state = lock(&self.state);
        let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
        let lane = document.lane(channel);
        let (ready, lost) = lane.order.go_on();
        self.went_on(epoch, ready, lost);
        let again = || self.after(GAP, move |session| session.go_on(epoch, channel));
        lane.gap = lane.order.waits().then(again);
        drop(state);
        self.work();
    }

    fn went_on(&self, epoch: u64, ready: Vec<Incoming>, lost: usize) {
        for _ in 0..lost {
            Counters::count(&self.parts.counters.page_messages_missing);
        }
        ready.into_iter().for_each(|message| self.inbox.push((epoch, message)));
    }

    fn work(&self) {
        self.inbox.work(|(epoch, message)| self.handle(epoch, message));
        self.send();
    }

    fn send(&self) {
        self.outbox.work(|(epoch, message)| {
            // What was said to a document that is gone is no business of the next one, which may use the same ids.
            if lock(&self.state).epoch != epoch {
                return;
            }
            match message {
                Outgoing::Script(script, value) => self.parts.view.run(script, value),
                Outgoing::Frame(port, frame) => port.send(frame),
                Outgoing::Close => self.parts.view.close(),
            }
        });
    }

    fn after(&self, wait: Duration, then: impl FnOnce(Arc<Self>) + Send + 'static) -> Deadline {
        let me = self.me.clone();
        self.parts.deadlines.arm(wait, move || {
            if let Some(session) = me.upgrade() {
                then(session);
            }
        })
    }
}

#[cfg(test)]
mod tests;
