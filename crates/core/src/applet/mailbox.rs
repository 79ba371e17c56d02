//! The mailbox of an applet: everything that reaches its thread, in order of arrival, bounded. Senders never block.

use super::enter::Entrance;
use super::web_views::Serial;
use crate::api::navigation::{Arrived, Change, Journey};
use crate::bridge::{CallSink, Counters, Outcome, Payload};
use crate::engine::AppEvent;
use crate::error::Result;
use crate::ids::{CallId, PageId};
use crate::limits::Limits;
use crate::lock::lock;
use std::collections::VecDeque;
use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What an applet's thread is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A call has ended.
    Settled(CallId, Outcome),
    /// A call has an intermediate state.
    Progress(CallId, Payload),
    /// The host sends an event.
    Event(Arc<Payload>),
    /// The applet is seen, or no longer seen.
    Visible(bool),
    /// Memory is short.
    CollectGarbage,
    /// Somebody asks for something that is done between turns.
    Ask(Ask),
}

/// What is asked of an applet's thread from outside of its calls. Whoever asked hears the answer, or that it was dropped.
pub(crate) enum Ask {
    /// Go to another page.
    Navigate(Journey, Arrived),
    /// Change the tab bar.
    ChangeTabBar(Change, Arrived),
    /// Come to the front, entered anew.
    Enter(Entrance),
    /// Tell the hook and the listeners of an event of the whole app. JSON text.
    Raise(AppEvent, String),
    /// Look at the pages, or do something on one.
    Look(Look, Seen),
    /// Tell a page what happens in its `<web-view>`.
    Web(WebNews),
    /// Tell when there is nothing to do, and how many calls are in flight then.
    Idle(Sender<usize>),
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Navigate(navigation, _) => f.debug_tuple("Navigate").field(navigation).finish(),
            Self::ChangeTabBar(change, _) => f.debug_tuple("ChangeTabBar").field(change).finish(),
            Self::Enter(entrance) => f.debug_tuple("Enter").field(entrance).finish(),
            Self::Raise(event, _) => f.debug_tuple("Raise").field(event).finish(),
            Self::Look(look, _) => f.debug_tuple("Look").field(look).finish(),
            Self::Web(news) => f.debug_tuple("Web").field(&news.kind).finish(),
            Self::Idle(_) => f.write_str("Idle"),
        }
    }
}

/// Something that happens in a `<web-view>`.
pub(crate) struct WebNews {
    /// Whose.
    pub(crate) page: PageId,
    /// Which opening of it; none when it could not be opened.
    pub(crate) serial: Option<Serial>,
    /// The event: `load`, for instance.
    pub(crate) kind: &'static str,
    /// What the handlers find in `detail`, as JSON text.
    pub(crate) detail: String,
    /// Hears when they have run.
    pub(crate) told: Option<Arrived>,
}

/// What a host may want to see of the pages, or do there. The page that is seen, unless another is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// The stack, the first page first.
    Stack,
    /// The tab bar.
    TabBar,
    /// The elements of a page.
    Tree(Option<PageId>),
    /// The data of a page.
    Data(Option<PageId>),
    /// A view is attached to a page, or is no longer.
    Watch(Option<PageId>, bool),
    /// What has changed in pages with a view, since this was asked last.
    Changes,
    /// An event on the first element that a selector finds; the detail is JSON text.
    Event {
        /// The page.
        page: Option<PageId>,
        /// Which element.
        selector: String,
        /// The event, `tap` for instance.
        kind: String,
        /// What the handlers find in `detail`.
        detail: String,
    },
    /// Calls a hook of a page, `onPullDownRefresh` for instance; the argument is JSON text.
    Hook {
        /// The page.
        page: Option<PageId>,
        /// The hook.
        name: String,
        /// What it gets.
        argument: String,
    },
}

/// Hears what was seen, as JSON text.
pub(crate) type Seen = Box<dyn FnOnce(Result<String>) + Send>;

#[derive(Default)]
struct Queues {
    /// Order of arrival, over both queues.
    next: u64,
    messages: VecDeque<(u64, Message)>,
    /// Apart from the others, so that dropping the oldest event takes no search.
    events: VecDeque<(u64, Message)>,
    progress: usize,
    progress_bytes: usize,
    /// The end of the synchronous call that the thread waits for.
    sync: Option<(CallId, Outcome)>,
    closing: bool,
    waiting: bool,
}

impl Queues {
    fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.events.is_empty()
    }

    /// Queues a message. True when the thread waits and is to be woken, which falls to one sender alone.
    fn push(&mut self, message: Message) -> bool {
        let order = self.next;
        self.next += 1;
        self.messages.push_back((order, message));
        std::mem::take(&mut self.waiting)
    }

    fn pop(&mut self) -> Option<Message> {
        let event_first = match (self.messages.front(), self.events.front()) {
            (Some((message, _)), Some((event, _))) => event < message,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        let (_, message) = if event_first { self.events.pop_front() } else { self.messages.pop_front() }?;
        if let Message::Progress(_, state) = &message {
            self.progress -= 1;
            self.progress_bytes -= state.bytes();
        }
        Some(message)
    }
}

/// The mailbox. Replies need no cap of their own: a call keeps its slot until its reply is delivered.
pub(crate) struct Mailbox {
    queues: Mutex<Queues>,
    arrived: Condvar,
    limits: Arc<Limits>,
    counters: Arc<Counters>,
}

impl Mailbox {
    pub(crate) fn new(limits: Arc<Limits>, counters: Arc<Counters>) -> Self {
        Self { queues: Mutex::default(), arrived: Condvar::new(), limits, counters }
    }

    /// Queues an event; the oldest gives way when there are too many. False when the applet is closing.
    pub(crate) fn event(&self, payload: Arc<Payload>) -> bool {
        let (dropped, waiting) = {
            let mut queues = lock(&self.queues);
            if queues.closing {
                return false;
            }
            let dropped =
                if queues.events.len() >= self.limits.events_queued { queues.events.pop_front() } else { None };
            let order = queues.next;
            queues.next += 1;
            queues.events.push_back((order, Message::Event(payload)));
            (dropped, std::mem::take(&mut queues.waiting))
        };
        self.wake(waiting);
        if dropped.is_some() {
            Counters::count(&self.counters.events_dropped);
        }
        true
    }

    /// Queues anything else. Visibility and memory messages are few: each replaces the last of its kind.
    pub(crate) fn tell(&self, message: Message) {
        let mut queues = lock(&self.queues);
        if queues.closing {
            return;
        }
        if let Some((_, last)) = queues.messages.back_mut()
            && std::mem::discriminant(last) == std::mem::discriminant(&message)
            && matches!(message, Message::Visible(_) | Message::CollectGarbage)
        {
            *last = message;
            return;
        }
        let waiting = queues.push(message);
        drop(queues);
        self.wake(waiting);
    }

    /// Refuses whatever comes from now on, forgets what has come, and wakes the thread.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut queues = lock(&self.queues);
            queues.closing = true;
            self.arrived.notify_all();
            (std::mem::take(&mut queues.messages), std::mem::take(&mut queues.events))
        };
        drop(forgotten);
    }

    /// Moves up to `most` messages into `batch`. Waits for one, at most `at_most`, when there is none; not at all
    /// when that is zero, without end when it is none.
    pub(crate) fn take(&self, batch: &mut Vec<Message>, most: usize, at_most: Option<Duration>) {
        let mut queues = lock(&self.queues);
        if queues.is_empty() && !queues.closing && at_most != Some(Duration::ZERO) {
            let mut idle = |queues: &mut Queues| {
                queues.waiting = queues.is_empty() && !queues.closing;
                queues.waiting
            };
            queues = match at_most {
                None => self.arrived.wait_while(queues, &mut idle).unwrap_or_else(PoisonError::into_inner),
                Some(at_most) => {
                    let waited = self.arrived.wait_timeout_while(queues, at_most, &mut idle);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            queues.waiting = false;
        }
        while batch.len() < most
            && let Some(message) = queues.pop()
        {
            batch.push(message);
        }
    }

    /// Parks the thread until the synchronous call `id` has ended.
    pub(crate) fn wait_for(&self, id: CallId, at_most: Duration) -> Option<Outcome> {
        let mut queues = lock(&self.queues);
        let open = |queues: &mut Queues| {
            queues.waiting = queues.sync.as_ref().is_none_or(|(settled, _)| *settled != id);
            queues.waiting
        };
        if open(&mut queues) && !at_most.is_zero() {
            queues = self.arrived.wait_timeout_while(queues, at_most, open).unwrap_or_else(PoisonError::into_inner).0;
            queues.waiting = false;
        }
        match queues.sync.take() {
            Some((settled, outcome)) if settled == id => Some(outcome),
            _ => None,
        }
    }

    /// Wakes the thread if it waits. Never under the lock: the thread would wake only to wait for the lock, which
    /// doubles the switches of a call.
    fn wake(&self, waiting: bool) {
        if waiting {
            self.arrived.notify_one();
        }
    }
}

impl CallSink for Mailbox {
    fn settled(&self, id: CallId, sync: bool, outcome: Outcome) {
        let waiting = {
            let mut queues = lock(&self.queues);
            if sync {
                queues.sync = Some((id, outcome));
                std::mem::take(&mut queues.waiting)
            } else if queues.closing {
                return;
            } else {
                queues.push(Message::Settled(id, outcome))
            }
        };
        self.wake(waiting);
    }

    fn progress(&self, id: CallId, state: Payload) -> bool {
        let waiting = {
            let mut queues = lock(&self.queues);
            // What one message may hold may wait in all: parts of answers come faster than any program reads them.
            let bytes = queues.progress_bytes + state.bytes();
            let most = self.limits.message_bytes + self.limits.message_binary_bytes;
            let full = queues.progress >= self.limits.progress_queued || (queues.progress > 0 && bytes > most);
            if queues.closing || full {
                return false;
            }
            queues.progress += 1;
            queues.progress_bytes = bytes;
            queues.push(Message::Progress(id, state))
        };
        self.wake(waiting);
        true
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test of threads starts threads")]
mod tests {
    use super::*;

    fn mailbox(events: usize) -> Mailbox {
        let limits = Limits { events_queued: events, progress_queued: 2, ..Limits::default() };
        Mailbox::new(Arc::new(limits), Arc::default())
    }

    fn event(text: &str) -> Arc<Payload> {
        Arc::new(Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap())
    }

    fn id(slot: u32) -> CallId {
        CallId { slot, turn: 0 }
    }

    fn drain(mailbox: &Mailbox) -> Vec<String> {
        let mut batch = Vec::new();
        mailbox.take(&mut batch, usize::MAX, Some(Duration::ZERO));
        batch
            .into_iter()
            .map(|message| match message {
                Message::Event(payload) => payload.text().to_owned(),
                Message::Settled(id, _) => format!("settled {}", id.slot),
                Message::Progress(id, _) => format!("progress {}", id.slot),
                Message::Visible(visible) => format!("visible {visible}"),
                Message::CollectGarbage => "gc".to_owned(),
                Message::Ask(ask) => format!("{ask:?}"),
            })
            .collect()
    }

    #[test]
    fn h_d11_events_and_replies_keep_their_order_of_arrival() {
        let mailbox = mailbox(10);
        mailbox.event(event("1"));
        mailbox.settled(id(2), false, Outcome::Success(Payload::none()));
        mailbox.event(event("3"));
        assert!(mailbox.progress(id(4), Payload::none()));
        assert_eq!(drain(&mailbox), ["1", "settled 2", "3", "progress 4"]);
    }

    #[test]
    fn h_c10_the_oldest_event_gives_way_and_is_counted() {
        let mailbox = mailbox(2);
        for text in ["1", "2", "3", "4"] {
            assert!(mailbox.event(event(text)));
        }
        assert_eq!(drain(&mailbox), ["3", "4"]);
        assert_eq!(mailbox.counters.snapshot().events_dropped, 2);
    }

    #[test]
    fn progress_beyond_the_cap_is_refused_until_some_is_taken() {
        let mailbox = mailbox(2);
        assert!(mailbox.progress(id(1), Payload::none()) && mailbox.progress(id(1), Payload::none()));
        assert!(!mailbox.progress(id(1), Payload::none()));
        drain(&mailbox);
        assert!(mailbox.progress(id(1), Payload::none()));
    }

    #[test]
    fn a_closed_mailbox_takes_nothing_and_wakes_its_thread() {
        let mailbox = Arc::new(mailbox(2));
        let other = mailbox.clone();
        let thread = std::thread::spawn(move || {
            let mut batch = Vec::new();
            other.take(&mut batch, 1, None);
            batch.len()
        });
        mailbox.close();
        assert_eq!(thread.join().unwrap(), 0);
        assert!(!mailbox.event(event("1")));
    }
}
