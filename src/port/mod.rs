//! The host port: everything that other threads have for the host goes through one bounded queue, and one thread-safe
//! function wakes the host's thread, once for however many items wait. The host's thread drains them in time slices.
//! Only this folder touches raw Node-API.

mod bell;
mod binary;
mod built_ins;
mod callback;
mod calls;
pub mod class;
mod drain;
mod envelope;
mod environment;
mod ext_info;
pub mod ffi;
mod handler;
pub mod hook;
mod incoming;
mod invoke;
mod kind;
mod native;
mod outgoing;
mod page_callback;
pub mod raise;
mod signal;
pub mod style;
pub mod table;
mod taken;
mod thrown;
pub mod view;

pub use bell::Bell;
pub use binary::value as binary_value;
pub use environment::Environment;
pub use handler::JsHandler;
pub use incoming::value;
pub use outgoing::payload;
pub use thrown::thrown_message;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::host::LogLevel;
use finapp_core::{AppletClient, Error, ErrorCode, LifeCycleEvent, WebFile, WebViewOpening};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use table::Token;
use view::Act;

/// How many calls may wait for the host's thread; the next fails with `E_BUSY`.
const MOST_WAITING: usize = 4_096;
/// How many log lines may wait for the host's thread; the next is dropped.
const MOST_LINES: usize = 1_000;

/// How many things may wait when one more script of a page comes: it is dropped, and the page's library goes on without it
/// as soon as the next one comes.
const MOST_FOR_SCRIPTS: usize = 16_384;

/// One thing that waits for the host's thread.
pub enum Item {
    /// A call for a handler of the host.
    Call {
        /// The handler that was registered when the call was authorised.
        handler: Token,
        /// The call.
        call: HostCall,
    },
    /// Nobody can call this handler any more.
    Forget {
        /// The handler.
        handler: Token,
    },
    /// A call ended without the host's answer, and the host asked to be told.
    Cancelled {
        /// The call.
        call: Token,
        /// Why it ended.
        reason: Error,
    },
    /// An applet has started, or has not.
    Started {
        /// The promise that waits.
        promise: Token,
        /// What came of it.
        result: Result<AppletClient, Error>,
    },
    /// An applet's thread has answered what it was asked.
    Seen {
        /// The promise that waits.
        promise: Token,
        /// JSON text.
        result: Result<String, Error>,
    },
    /// A page has answered a call of the host, or has not.
    Answered {
        /// The promise that waits.
        promise: Token,
        /// What came of it.
        result: Result<Payload, Error>,
    },
    /// A file of a package has been read, or is not there.
    File {
        /// The promise that waits.
        promise: Token,
        /// The file.
        file: Option<WebFile>,
    },
    /// Something happened in the life of an applet.
    LifeCycle(LifeCycleEvent),
    /// A page of a mini-program has a web-view.
    WebView(WebViewOpening),
    /// The view of a page is asked to do something.
    View {
        /// The view.
        view: Token,
        /// What.
        act: Act,
    },
    /// Nobody can ask anything of this view any more.
    ForgetView {
        /// The view.
        view: Token,
    },
    /// Something that the library itself does on the host's thread, for a page.
    Work(Box<dyn FnOnce() + Send>),
    /// A line for the host's log function.
    Line {
        /// How urgent it is.
        level: LogLevel,
        /// The applet's id, or `finapp`.
        tag: String,
        /// The line.
        text: String,
    },
    /// The client has closed everything, or gave up waiting for it.
    ShutDown(Result<(), Error>),
}

/// The queue and the bell of one client.
pub struct Port {
    queue: Mutex<Queue>,
    bell: Bell,
    /// True from the ring until the host's thread has found the queue empty: nobody rings twice.
    awake: AtomicBool,
    /// Items that the host's thread has taken but not dealt with; they count towards the cap.
    in_hand: AtomicUsize,
}

struct Queue {
    items: VecDeque<Item>,
    open: bool,
}

impl Port {
    /// An open port without a bell; items wait until [`Bell::hang`] has run.
    pub fn new() -> Self {
        Self {
            queue: Mutex::new(Queue { items: VecDeque::new(), open: true }),
            bell: Bell::default(),
            awake: AtomicBool::new(false),
            in_hand: AtomicUsize::new(0),
        }
    }

    /// The bell.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Queues a call for the host. One that finds no room fails with `E_BUSY`, one that finds the port closed with
    /// `E_CLOSED`. Never blocks.
    pub fn call(&self, handler: Token, call: HostCall) {
        let mut queue = self.queue();
        let refusal = if !queue.open {
            ErrorCode::Closed
        } else if queue.items.len() + self.in_hand.load(Ordering::Relaxed) >= MOST_WAITING {
            ErrorCode::Busy
        } else {
            queue.items.push_back(Item::Call { handler, call });
            drop(queue);
            self.ring();
            return;
        };
        // The answer wakes the caller: not under our lock.
        drop(queue);
        call.reply.fail_with(Payload::none(), refusal.into());
    }

    /// Queues what is not a call. Log lines and scripts of pages have caps; of the rest there is at most one for
    /// each call, applet or registration. A closed port drops it.
    pub fn post(&self, item: Item) {
        let mut queue = self.queue();
        let most = match item {
            Item::Line { .. } => MOST_LINES,
            Item::View { act: Act::Run(_), .. } | Item::Work(_) => MOST_FOR_SCRIPTS,
            _ => usize::MAX,
        };
        if !queue.open || queue.items.len() >= most {
            return;
        }
        queue.items.push_back(item);
        drop(queue);
        self.ring();
    }

    /// Moves everything that waits to `items`. False when nothing waits.
    pub fn take(&self, items: &mut VecDeque<Item>) -> bool {
        let mut queue = self.queue();
        if items.is_empty() {
            std::mem::swap(items, &mut queue.items);
        } else {
            items.append(&mut queue.items);
        }
        self.hold(items.len());
        !items.is_empty()
    }

    /// Says how many taken items are still to be dealt with.
    pub fn hold(&self, in_hand: usize) {
        self.in_hand.store(in_hand, Ordering::Relaxed);
    }

    /// Goes to sleep. False when something has come in the meantime and nobody has rung for it: the host's thread must
    /// go on.
    pub fn sleep(&self) -> bool {
        self.awake.store(false, Ordering::Release);
        self.queue().items.is_empty() || self.awake.swap(true, Ordering::AcqRel)
    }

    /// Rings once more for what is still in hand: the time slice is over.
    pub fn ring_again(&self) {
        self.bell.ring();
    }

    /// Wakes the host's thread, unless somebody has.
    pub fn ring(&self) {
        if !self.awake.swap(true, Ordering::AcqRel) {
            self.bell.ring();
        }
    }

    /// Takes nothing from now on. Gives back what waited, to be dropped without a lock.
    #[must_use]
    pub fn close(&self) -> VecDeque<Item> {
        let mut queue = self.queue();
        queue.open = false;
        std::mem::take(&mut queue.items)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic cannot leave a queue half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
