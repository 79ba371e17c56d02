//! The in-flight table: every call that has been handed to somebody who may answer later.
//! A call ends exactly once. Its slot stays taken until its caller has received the end, so a caller that does not
//! listen cannot make the queue of its answers grow.

use super::call_state::CallState;
use super::counters::Counters;
use super::deadline::{Deadline, Deadlines};
use super::payload::{Outcome, Payload};
use super::relay::Relay;
use super::sync::{Mutex, lock};
use super::trace::Trace;
use super::{envelope, payload::Binary};
use crate::error::{Error, ErrorCode, cut};
use crate::host::clock::Clock;
use crate::ids::CallId;
use crate::limits::Limits;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Where the end and the progress of a call go: the caller's mailbox. Called from any thread; must not block.
pub trait CallSink: Send + Sync {
    /// The call has ended. `sync` says that its caller is parked and waits for it.
    fn settled(&self, id: CallId, sync: bool, outcome: Outcome);
    /// An intermediate state. False when it was not taken.
    fn progress(&self, id: CallId, state: Payload) -> bool;
}

/// What all calls of one caller share.
pub struct CallScope {
    sink: Arc<dyn CallSink>,
    limits: Arc<Limits>,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    deadlines: Deadlines,
    table: Mutex<Table>,
    total: Arc<AtomicUsize>,
    trace: Option<Trace>,
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    taken: usize,
    closed: bool,
}

#[derive(Default)]
struct Slot {
    turn: u32,
    call: Option<Arc<PendingCall>>,
}

impl CallScope {
    /// A scope whose calls end in `sink`. `total` counts the calls of all scopes of one client.
    pub fn new(
        sink: Arc<dyn CallSink>,
        limits: Arc<Limits>,
        clock: Arc<dyn Clock>,
        counters: Arc<Counters>,
        deadlines: Deadlines,
        total: Arc<AtomicUsize>,
        trace: Option<Trace>,
    ) -> Arc<Self> {
        Arc::new(Self { sink, limits, clock, counters, deadlines, table: Mutex::default(), total, trace })
    }

    /// The counters of this caller.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The limits of this caller.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Where the calls are traced, if they are.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// How many calls are in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        lock(&self.table).taken
    }

    /// Takes a slot for a new call.
    ///
    /// # Errors
    /// `E_BUSY` at the cap, `E_CLOSED` after [`CallScope::close`].
    pub(super) fn begin(
        self: &Arc<Self>,
        sync: bool,
        deadline: Option<Duration>,
    ) -> Result<(Arc<PendingCall>, Reply), Error> {
        if self.total.fetch_add(1, Ordering::AcqRel) >= self.limits.calls_in_flight_total {
            self.total.fetch_sub(1, Ordering::AcqRel);
            return Err(ErrorCode::Busy.into());
        }
        let call = match self.take_slot(sync) {
            Ok(call) => call,
            Err(error) => {
                self.total.fetch_sub(1, Ordering::AcqRel);
                return Err(error);
            }
        };
        if let Some(after) = deadline {
            let late = Arc::downgrade(&call);
            let deadline = self.deadlines.arm(after, move || {
                if let Some(call) = late.upgrade() {
                    call.time_out();
                }
            });
            let mut ending = lock(&call.ending);
            if call.state.is_pending() {
                ending.deadline = Some(deadline);
            }
        }
        let reply = Reply { call: call.clone(), relay: None };
        Ok((call, reply))
    }

    fn take_slot(self: &Arc<Self>, sync: bool) -> Result<Arc<PendingCall>, Error> {
        let mut table = lock(&self.table);
        if table.closed {
            return Err(ErrorCode::Closed.into());
        }
        if table.taken >= self.limits.calls_in_flight {
            return Err(ErrorCode::Busy.into());
        }
        let slot = match table.free.pop() {
            Some(slot) => slot,
            None => {
                table.slots.push(Slot::default());
                u32::try_from(table.slots.len() - 1).map_err(|_| ErrorCode::Busy)?
            }
        };
        let entry = table.slots.get_mut(slot as usize).ok_or(ErrorCode::Internal)?;
        let call = Arc::new(PendingCall {
            id: CallId { slot, turn: entry.turn },
            sync,
            state: CallState::default(),
            scope: Arc::downgrade(self),
            started: self.clock.now(),
            ending: Mutex::default(),
        });
        entry.call = Some(call.clone());
        table.taken += 1;
        Ok(call)
    }

    /// Gives a slot back: the caller has received the end of the call. False for an id that is not in flight, which
    /// is counted.
    pub fn release(&self, id: CallId) -> bool {
        let released = {
            let mut table = lock(&self.table);
            let call = match table.slots.get_mut(id.slot as usize) {
                Some(slot) if slot.turn == id.turn => slot.call.take(),
                _ => None,
            };
            if call.is_some() {
                if let Some(slot) = table.slots.get_mut(id.slot as usize) {
                    // A slot whose turns are used up is never used again, so an id never repeats.
                    if let Some(turn) = slot.turn.checked_add(1) {
                        slot.turn = turn;
                        table.free.push(id.slot);
                    }
                }
                table.taken -= 1;
            }
            call
        };
        if released.is_none() {
            Counters::count(&self.counters.unknown_replies);
            return false;
        }
        self.total.fetch_sub(1, Ordering::AcqRel);
        true
    }

    /// Takes no further calls and ends those in flight with `reason`. Their handlers are told.
    pub fn close(&self, reason: &Error) {
        let calls: Vec<Arc<PendingCall>> = {
            let mut table = lock(&self.table);
            table.closed = true;
            let calls = table.slots.iter_mut().filter_map(|slot| slot.call.take()).collect::<Vec<_>>();
            table.taken = 0;
            calls
        };
        self.total.fetch_sub(calls.len(), Ordering::AcqRel);
        for call in calls {
            call.end(Outcome::failed(reason.clone()), Some(reason));
        }
    }
}

/// One call in flight.
pub struct PendingCall {
    id: CallId,
    sync: bool,
    state: CallState,
    scope: Weak<CallScope>,
    started: Duration,
    ending: Mutex<Ending>,
}

type CancelHook = Box<dyn FnOnce(&Error) + Send>;

#[derive(Default)]
struct Ending {
    cancelled: Option<Error>,
    on_cancel: Vec<CancelHook>,
    deadline: Option<Deadline>,
}

impl PendingCall {
    /// The id, unique among the calls of its caller.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.id
    }

    /// Ends the call with `E_TIMEOUT`.
    pub(crate) fn time_out(&self) {
        self.abort(&ErrorCode::Timeout.into());
    }

    /// Ends the call because its caller no longer wants it. The handler is told.
    pub fn abort(&self, reason: &Error) -> bool {
        self.end(Outcome::failed(reason.clone()), Some(reason))
    }

    /// Ends the call, if nobody has. `told` is what its handler's cancel hooks hear; none when the handler itself
    /// ended it.
    fn end(&self, outcome: Outcome, told: Option<&Error>) -> bool {
        let scope = self.scope.upgrade();
        let taken = {
            // Under the lock, or a hook that is added just now would see an ended call without its reason.
            let mut ending = lock(&self.ending);
            self.state.end().then(|| {
                ending.cancelled = told.cloned();
                (std::mem::take(&mut ending.on_cancel), ending.deadline.take())
            })
        };
        let Some((hooks, deadline)) = taken else {
            if let Some(scope) = &scope
                && told.is_none()
            {
                Counters::count(&scope.counters.late_answers);
            }
            return false;
        };
        drop(deadline);
        if let Some(scope) = &scope {
            let counters = &scope.counters;
            let took = scope.clock.now().saturating_sub(self.started);
            counters.latency(took);
            if let Some(trace) = &scope.trace {
                trace.ended(self.id, &outcome, took);
            }
            Counters::count(match &outcome {
                Outcome::Success(_) => &counters.succeeded,
                Outcome::Failure { .. } => &counters.failed,
                Outcome::Cancelled(_) => &counters.cancelled,
            });
            if told.is_some_and(|reason| reason.code() == ErrorCode::Timeout) {
                Counters::count(&counters.timed_out);
            }
            scope.sink.settled(self.id, self.sync, outcome);
        }
        if let Some(reason) = told {
            for hook in hooks {
                // A hook that panics must not keep the other calls of a closing applet from ending.
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| hook(reason))) {
                    std::mem::forget(panic);
                    if let Some(scope) = &scope {
                        Counters::count(&scope.counters.panics);
                    }
                }
            }
        }
        true
    }
}

/// Answers one call. The first answer wins; whatever comes later is ignored and counted.
///
/// Dropping it unanswered fails the call: nobody could answer it any more. The code is `E_HANDLER`, and `E_INTERNAL`
/// when a panic dropped it.
pub struct Reply {
    call: Arc<PendingCall>,
    /// Who has the answer first.
    relay: Option<Relay>,
}

impl Reply {
    /// A reply for somebody who answers this call in another's place: what it says, and be it that it was dropped, comes
    /// to `then`, on the thread it was said on. All else is as with the call itself.
    pub(crate) fn through(self, then: impl FnOnce(Reply, Outcome) + Send + 'static) -> Reply {
        Self { call: self.call.clone(), relay: Some(Relay::new(self, then)) }
    }

    /// Ends the call as it has ended somewhere else. False when it had ended before.
    pub(crate) fn end(&self, outcome: Outcome) -> bool {
        let Some(relay) = &self.relay else { return self.call.end(outcome, None) };
        match relay.take() {
            Some(then) if self.call.state.is_pending() => {
                then(outcome);
                true
            }
            _ => {
                if let Some(scope) = self.call.scope.upgrade() {
                    Counters::count(&scope.counters.late_answers);
                }
                false
            }
        }
    }

    /// Ends the call well. False when it had ended before.
    pub fn success(&self, body: Payload) -> bool {
        self.end(Outcome::Success(body))
    }

    /// Ends the call well with JSON text, which is checked here. Text that cannot be sent fails the call with
    /// `E_HANDLER_RESULT`.
    pub fn success_text(&self, text: String) -> bool {
        match self.checked(text, Vec::new()) {
            Ok(body) => self.success(body),
            Err(error) => self.fail_with(Payload::none(), error),
        }
    }

    /// Ends the call as failed, with what the host wants to say.
    pub fn fail(&self, body: Payload) -> bool {
        self.end(Outcome::Failure { payload: body, error: None })
    }

    /// Ends the call as failed with a code. The message is cut to the limit for applets.
    pub fn fail_with(&self, body: Payload, error: Error) -> bool {
        let bytes = self.limits().error_text_applet_bytes;
        self.end(Outcome::Failure { payload: body, error: Some(error.cut_to(bytes)) })
    }

    /// Ends the call as failed because the handler threw: `E_HANDLER` with its message, cut to the limit.
    pub fn threw(&self, message: &str) -> bool {
        let message = cut(message, self.limits().error_text_applet_bytes).to_owned();
        let message = if message.is_empty() { ErrorCode::Handler.text().to_owned() } else { message };
        self.fail_with(Payload::none(), Error::new(ErrorCode::Handler, message))
    }

    /// Ends the call as cancelled.
    pub fn cancel(&self, body: Payload) -> bool {
        self.end(Outcome::Cancelled(body))
    }

    /// Sends an intermediate state. False when the call has ended or too many states wait.
    pub fn progress(&self, state: Payload) -> bool {
        let Some(scope) = self.call.scope.upgrade() else { return false };
        let taken = self.is_open() && scope.sink.progress(self.call.id, state);
        if !taken {
            Counters::count(&scope.counters.progress_dropped);
        }
        taken
    }

    /// Checks text for sending.
    ///
    /// # Errors
    /// `E_HANDLER_RESULT`, with the reason.
    pub fn checked(&self, text: String, binaries: Vec<Binary>) -> Result<Payload, Error> {
        let limits = self.limits();
        let cannot = |error: Error| Error::new(ErrorCode::HandlerResult, error.message().to_owned());
        envelope::check_bounds(&text, &limits).map_err(cannot)?;
        envelope::check_grammar(&text).map_err(cannot)?;
        Payload::from_writer(text, binaries, &limits).map_err(cannot)
    }

    /// Whether nobody has ended the call yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.call.state.is_pending() && self.relay.as_ref().is_none_or(Relay::is_waiting)
    }

    /// Runs `hook` when the call ends other than by an answer: its caller closed, navigated away, gave up, or the
    /// deadline passed. Runs at once when that has happened already, and never when the call was answered.
    pub fn on_cancel(&self, hook: impl FnOnce(&Error) + Send + 'static) {
        let reason = {
            let mut ending = lock(&self.call.ending);
            if let Some(reason) = ending.cancelled.clone() {
                reason
            } else {
                if self.call.state.is_pending() {
                    ending.on_cancel.push(Box::new(hook));
                }
                return;
            }
        };
        hook(&reason);
    }

    fn limits(&self) -> Arc<Limits> {
        self.call.scope.upgrade().map_or_else(|| Arc::new(Limits::default()), |scope| scope.limits.clone())
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.is_open() {
            return;
        }
        if std::thread::panicking() {
            self.fail_with(Payload::none(), ErrorCode::Internal.into());
        } else {
            self.threw("the handler dropped the call");
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("call", &self.call.id).field("open", &self.is_open()).finish()
    }
}

#[cfg(test)]
mod interleavings;
#[cfg(test)]
mod tests;
