//! An applet as the rest of the library holds it: what is shared between its thread and everybody else.

use super::life_cycle::{AppletState, CloseReason, LifeCycleEvent};
use super::mailbox::{Ask, Mailbox, Message};
use super::mini_app_info::MiniAppInfo;
use super::package::Package;
use super::web_views::{Wanted, WebViews};
use crate::api::navigation::Navigation;
use crate::bridge::{CallScope, Counters, Dispatcher, Payload};
use crate::engine::TurnClock;
use crate::error::{Error, ErrorCode, Result};
use crate::h5::PageSession;
use crate::ids::{AppletId, Generation, PageId};
use crate::lock::lock;
use crate::package_index::IndexEntry;
use once_cell::sync::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::task::AbortHandle;

/// What an applet needs from whoever keeps it.
pub(crate) trait Keeper: Send + Sync {
    /// The applet is over and gives its place back. Called once.
    fn closed(&self, applet: &Applet, reason: &CloseReason);
    /// The applet is over and everybody has been told. Called once, after `closed`.
    fn gone(&self, applet: &Applet);
    /// Something else happened to it.
    fn happened(&self, event: LifeCycleEvent);
    /// A page of the applet has a `<web-view>`. Called on the applet's thread.
    ///
    /// # Errors
    /// `E_UNSUPPORTED` when the host shows none.
    fn open_web_view(&self, applet: &Arc<Applet>, wanted: Wanted) -> Result<()>;
    /// Does something later, on a thread that must not be kept busy.
    fn after(&self, wait: Duration, then: Box<dyn FnOnce() + Send>) -> Option<AbortHandle>;
    /// Its thread has been given up (true), or has come back after that (false).
    fn quarantined(&self, stuck: bool);
}

type Starter = Box<dyn FnOnce(Result<()>) + Send>;

/// Tells one who waits for the start. A panic of the host's code is no reason to end an applet or the watchdog.
fn answer(starter: Starter, outcome: Result<()>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| starter(outcome))) {
        std::mem::forget(panic);
    }
}

/// One run of a mini-program.
pub(crate) struct Applet {
    pub(crate) id: AppletId,
    pub(crate) generation: Generation,
    pub(crate) info: Arc<MiniAppInfo>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) scope: Arc<CallScope>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) turn: Arc<TurnClock>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) keeper: Arc<dyn Keeper>,
    /// What the server said of its package, if it came from one.
    package: OnceCell<Arc<IndexEntry>>,
    /// Its package, for as long as its thread has it open.
    files: OnceCell<Weak<Package>>,
    life: Mutex<Life>,
    over: Condvar,
    thread: AtomicU8,
    /// How many pages stand on its stack, less those that the user has been promised to leave.
    depth: AtomicUsize,
    /// The page that is seen; 0 when there is none.
    top: AtomicU32,
    /// Its H5 pages, the last one opened at the end.
    web_pages: Mutex<Vec<Weak<PageSession>>>,
    /// Those of them that its own pages hold.
    pub(crate) web_views: Arc<WebViews>,
}

/// What is known of the applet's thread: one of these three.
const RUNNING: u8 = 0;
const GIVEN_UP: u8 = 1;
const ENDED: u8 = 2;

struct Life {
    state: AppletState,
    reason: Option<CloseReason>,
    /// Everybody who waits for the start; none once it is decided.
    starters: Option<Vec<Starter>>,
    finished: bool,
    /// Finished, and the host has been told.
    over: bool,
    thread: Option<std::thread::ThreadId>,
    /// What its thread waits for while it opens.
    opening: Option<AbortHandle>,
}

/// The parts an [`Applet`] is made of.
pub(crate) struct Parts {
    pub(crate) id: AppletId,
    pub(crate) generation: Generation,
    pub(crate) info: Arc<MiniAppInfo>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) scope: Arc<CallScope>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) turn: Arc<TurnClock>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) keeper: Arc<dyn Keeper>,
    pub(crate) web_views: WebViews,
}

impl Applet {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { id, generation, info, mailbox, scope, counters, turn, dispatcher, keeper, web_views } = parts;
        Self {
            id,
            generation,
            info,
            mailbox,
            scope,
            counters,
            turn,
            dispatcher,
            keeper,
            package: OnceCell::new(),
            files: OnceCell::new(),
            life: Mutex::new(Life {
                state: AppletState::Starting,
                reason: None,
                starters: Some(Vec::new()),
                finished: false,
                over: false,
                thread: None,
                opening: None,
            }),
            over: Condvar::new(),
            thread: AtomicU8::new(RUNNING),
            depth: AtomicUsize::new(0),
            top: AtomicU32::new(0),
            web_pages: Mutex::default(),
            web_views: Arc::new(web_views),
        }
    }

    pub(crate) fn state(&self) -> AppletState {
        lock(&self.life).state
    }

    /// Runs `starter` once it is known whether the applet has started.
    pub(crate) fn when_started(&self, starter: Starter) {
        let outcome = {
            let mut life = lock(&self.life);
            match &mut life.starters {
                Some(starters) => {
                    starters.push(starter);
                    return;
                }
                None => match &life.reason {
                    Some(CloseReason::Failed(error)) => Err(error.clone()),
                    Some(_) => Err(ErrorCode::Closed.into()),
                    None => Ok(()),
                },
            }
        };
        answer(starter, outcome);
    }

    /// The applet has launched. False when it was told to stop meanwhile.
    pub(super) fn started(&self) -> bool {
        let starters = {
            let mut life = lock(&self.life);
            if life.state != AppletState::Starting {
                return false;
            }
            life.state = AppletState::Foreground;
            life.starters.take().unwrap_or_default()
        };
        self.keeper.happened(LifeCycleEvent::Opened { app_id: self.id.to_string() });
        for starter in starters {
            answer(starter, Ok(()));
        }
        true
    }

    /// Moves between foreground and background. True when that was a change.
    pub(super) fn set_visible(&self, visible: bool) -> bool {
        let mut life = lock(&self.life);
        let wanted = if visible { AppletState::Foreground } else { AppletState::Background };
        let changes = matches!(life.state, AppletState::Foreground | AppletState::Background) && life.state != wanted;
        if changes {
            life.state = wanted;
        }
        changes
    }

    /// Sends an event, to the mini-program and to those of its H5 pages that carry FinClip's base library.
    ///
    /// # Errors
    /// `E_CLOSED` when the applet is closing.
    pub(crate) fn send_event(&self, payload: Arc<Payload>) -> Result<()> {
        if !self.mailbox.event(payload.clone()) {
            return Err(ErrorCode::Closed.into());
        }
        for page in self.open_web_pages() {
            page.base_event("onCustomEvent", &payload);
        }
        Ok(())
    }

    /// Its H5 pages, in the order in which they were opened.
    fn open_web_pages(&self) -> Vec<Arc<PageSession>> {
        lock(&self.web_pages).iter().filter_map(Weak::upgrade).filter(|page| !page.is_closed()).collect()
    }

    /// Tells the applet that it is seen or not.
    pub(crate) fn show(&self, visible: bool) {
        self.mailbox.tell(Message::Visible(visible));
    }

    /// The back gesture: true when the applet went back one page, or the web page in its `<web-view>` did. On its first
    /// page, and while it has none, it closes.
    pub(crate) fn go_back(&self) -> bool {
        if self.web_views.session(self.top_page()).is_some_and(|session| session.go_back()) {
            return true;
        }
        let left = self
            .depth
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |depth| if depth > 1 { Some(depth - 1) } else { None });
        if left.is_ok() {
            self.ask(Ask::Navigate(Navigation::Back(1).into(), Box::new(drop)));
        } else {
            self.close(CloseReason::Host);
        }
        left.is_ok()
    }

    /// Asks its thread for something.
    pub(crate) fn ask(&self, ask: Ask) {
        self.mailbox.tell(Message::Ask(ask));
    }

    /// Whether another page stands below the one that is seen.
    pub(super) fn has_page_below(&self) -> bool {
        self.depth.load(Ordering::Acquire) > 1
    }

    /// How its page stack stands now.
    pub(super) fn pages_are(&self, depth: usize, top: Option<PageId>) {
        self.depth.store(depth, Ordering::Release);
        self.top.store(top.unwrap_or_default().0, Ordering::Release);
    }

    /// The page that is seen; 0 when there is none.
    pub(crate) fn top_page(&self) -> PageId {
        PageId(self.top.load(Ordering::Acquire))
    }

    /// Adds an H5 page, which is closed with the applet. False, and it is closed now, when that has been told to stop.
    pub(crate) fn add_web_page(&self, page: &Arc<PageSession>) -> bool {
        let added = {
            // Held until the page is in the list: closing comes before, and is seen, or after, and finds it there.
            let life = lock(&self.life);
            let runs = life.state != AppletState::Closing;
            if runs {
                let mut pages = lock(&self.web_pages);
                pages.retain(|page| page.upgrade().is_some_and(|page| !page.is_closed()));
                pages.push(Arc::downgrade(page));
            }
            runs
        };
        if !added {
            page.close();
        }
        added
    }

    /// An H5 page by its number; without one, that of the mini-program's page that is seen, or else the last that the host
    /// has opened itself and that is still there.
    pub(crate) fn web_page(&self, number: Option<PageId>) -> Option<Arc<PageSession>> {
        if number.is_none()
            && let Some(seen) = self.web_views.session(self.top_page())
        {
            return Some(seen);
        }
        let pages = lock(&self.web_pages);
        let mut open = pages.iter().rev().filter_map(Weak::upgrade).filter(|page| !page.is_closed());
        open.find(|page| number.map_or_else(|| !page.is_watched(), |number| page.page() == number))
    }

    /// Tells the applet to stop, for the first reason given. Returns at once; its calls have ended by then.
    pub(crate) fn close(&self, reason: CloseReason) {
        let opening = {
            let mut life = lock(&self.life);
            if life.state == AppletState::Closing {
                return;
            }
            life.state = AppletState::Closing;
            life.reason = Some(reason);
            life.opening.take()
        };
        if let Some(opening) = opening {
            opening.abort();
        }
        self.turn.stop();
        self.scope.close(&ErrorCode::Closed.into());
        self.web_views.clear();
        // Out of the lock: what waits for a page is the host's code, and may ask for another page.
        let pages = std::mem::take(&mut *lock(&self.web_pages));
        for page in pages.iter().filter_map(Weak::upgrade) {
            page.end();
        }
        self.mailbox.close();
    }

    /// What the applet's thread is about to wait for; it is ended when the applet is told to stop.
    pub(super) fn opening(&self, task: AbortHandle) {
        let mut life = lock(&self.life);
        if life.state == AppletState::Closing {
            drop(life);
            task.abort();
        } else {
            life.opening = Some(task);
        }
    }

    /// Remembers what the server said of the package.
    pub(super) fn opened_from(&self, entry: Arc<IndexEntry>) {
        // The one start of this run.
        drop(self.package.set(entry));
    }

    /// Remembers its package.
    pub(super) fn opened_package(&self, package: &Arc<Package>) {
        // The one start of this run.
        drop(self.files.set(Arc::downgrade(package)));
    }

    /// Its package, while it is open.
    pub(crate) fn files(&self) -> Option<Arc<Package>> {
        self.files.get()?.upgrade()
    }

    /// What the server said of the package that it runs; nothing for a folder or a zip of the host.
    pub(crate) fn package(&self) -> Option<&Arc<IndexEntry>> {
        self.package.get()
    }

    /// Whether it has been told to stop.
    pub(crate) fn is_closing(&self) -> bool {
        self.state() == AppletState::Closing
    }

    /// The thread is done, or has been given up. Tells everybody, once.
    pub(crate) fn finish(&self, reason: CloseReason) {
        // What nobody has closed yet is closed now: calls end before the host hears of the end.
        self.close(reason.clone());
        let (reason, starters) = {
            let mut life = lock(&self.life);
            if life.finished {
                return;
            }
            life.finished = true;
            // A failure outranks the polite reason that was given while it was under way.
            if let CloseReason::Failed(_) = reason {
                life.reason = Some(reason.clone());
            }
            (life.reason.clone().unwrap_or(reason), life.starters.take().unwrap_or_default())
        };
        self.keeper.closed(self, &reason);
        for starter in starters {
            let error = match &reason {
                CloseReason::Failed(error) => error.clone(),
                CloseReason::Host | CloseReason::Shutdown | CloseReason::Memory => ErrorCode::Closed.into(),
            };
            answer(starter, Err(error));
        }
        // Only now may the next run of the same applet begin: the host hears of this end before that start.
        lock(&self.life).over = true;
        self.over.notify_all();
        self.keeper.gone(self);
    }

    /// The watchdog's verdict: the thread runs native code that never comes back.
    pub(super) fn give_up(&self) {
        // Counted first: the thread may come back at this very moment, and takes itself off the count then.
        self.keeper.quarantined(true);
        if self.thread.compare_exchange(RUNNING, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return self.keeper.quarantined(false);
        }
        let error = Error::new(ErrorCode::Unresponsive, ErrorCode::Unresponsive.text());
        self.finish(CloseReason::Failed(error));
    }

    /// The thread has ended, whatever happened before.
    pub(super) fn thread_ended(&self) {
        if self.thread.swap(ENDED, Ordering::AcqRel) == GIVEN_UP {
            self.keeper.quarantined(false);
        }
    }

    pub(super) fn was_given_up(&self) -> bool {
        self.thread.load(Ordering::Acquire) == GIVEN_UP
    }

    /// Remembers which thread is the applet's own.
    pub(super) fn owned_by_this_thread(&self) {
        lock(&self.life).thread = Some(std::thread::current().id());
    }

    /// Whether the caller is the applet's own thread, which must never wait for the applet.
    pub(crate) fn is_own_thread(&self) -> bool {
        lock(&self.life).thread == Some(std::thread::current().id())
    }

    /// Waits until the applet is over. False when the time passed first.
    pub(crate) fn wait_until_over(&self, at_most: Duration) -> bool {
        let life = lock(&self.life);
        let (life, _) =
            self.over.wait_timeout_while(life, at_most, |life| !life.over).unwrap_or_else(PoisonError::into_inner);
        life.over
    }
}
