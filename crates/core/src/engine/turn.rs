//! The clock of a turn: how long JavaScript may run before control must come back. It stops while the thread is
//! parked in a synchronous call. Shared with the watchdog, which looks at it from outside.

use crate::error::ErrorCode;
use crate::host::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Why an engine can no longer be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A turn took longer than its budget.
    TurnTime,
    /// The memory cap was reached and nobody in the mini-program dealt with it.
    Memory,
    /// A panic of ours; its state is in doubt.
    Internal,
    /// Somebody asked the applet to stop.
    Stopped,
}

impl Ended {
    /// The code the host hears; none when the host itself asked for the end.
    pub(crate) fn code(self) -> Option<ErrorCode> {
        match self {
            Self::TurnTime => Some(ErrorCode::Timeout),
            Self::Memory => Some(ErrorCode::Memory),
            Self::Internal => Some(ErrorCode::Internal),
            Self::Stopped => None,
        }
    }
}

/// Wakes the watchdog when JavaScript begins to run. While nothing runs the watchdog sleeps, so an idle applet never
/// wakes the device.
#[derive(Default)]
pub(crate) struct Alarm {
    asleep: AtomicBool,
    wake: tokio::sync::Notify,
}

impl Alarm {
    /// Called before the watchdog looks for the last time; it must look once more after this.
    pub(crate) fn set(&self) {
        self.asleep.store(true, Ordering::SeqCst);
    }

    /// Takes it back: something runs after all.
    pub(crate) fn unset(&self) {
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// Sleeps until a turn begins.
    pub(crate) async fn rung(&self) {
        self.wake.notified().await;
    }

    fn ring(&self) {
        if self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst) {
            self.wake.notify_one();
        }
    }
}

/// When the turn in progress must be over. Zero while no JavaScript runs.
pub(crate) struct TurnClock {
    clock: Arc<dyn Clock>,
    deadline_ns: AtomicU64,
    stop: AtomicBool,
    expired: AtomicBool,
    alarm: Arc<Alarm>,
}

impl TurnClock {
    pub(crate) fn new(clock: Arc<dyn Clock>, alarm: Arc<Alarm>) -> Self {
        Self {
            clock,
            deadline_ns: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            expired: AtomicBool::new(false),
            alarm,
        }
    }

    /// The time now, on the clock that turns are measured with.
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) fn begin(&self, budget: Duration) {
        self.deadline_ns.store(nanos(self.clock.now() + budget).max(1), Ordering::SeqCst);
        self.alarm.ring();
    }

    pub(super) fn end(&self) {
        self.deadline_ns.store(0, Ordering::Release);
    }

    /// Stops the clock: the thread is about to wait for somebody else. Gives what is left of the budget.
    pub(super) fn park(&self) -> Duration {
        let deadline = Duration::from_nanos(self.deadline_ns.swap(0, Ordering::AcqRel));
        deadline.saturating_sub(self.clock.now())
    }

    /// Starts the clock again with what was left.
    pub(super) fn unpark(&self, left: Duration) {
        self.begin(left);
    }

    /// Asked by the engine every few thousand steps; true interrupts the JavaScript that runs, uncatchably.
    pub(super) fn must_interrupt(&self) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            return true;
        }
        let deadline = self.deadline_ns.load(Ordering::Relaxed);
        if deadline != 0 && nanos(self.clock.now()) >= deadline {
            self.expired.store(true, Ordering::Relaxed);
            return true;
        }
        false
    }

    /// What the interrupt handler has decided, if anything.
    pub(super) fn interrupted(&self) -> Option<Ended> {
        if self.stop.load(Ordering::Relaxed) {
            Some(Ended::Stopped)
        } else if self.expired.load(Ordering::Relaxed) {
            Some(Ended::TurnTime)
        } else {
            None
        }
    }

    /// Asks the engine to stop at the next opportunity. From any thread.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether JavaScript runs at this moment. From any thread.
    pub(crate) fn is_running(&self) -> bool {
        self.deadline_ns.load(Ordering::SeqCst) != 0
    }

    /// Whether JavaScript has been running past its deadline by more than `grace`. From any thread.
    pub(crate) fn is_overdue(&self, grace: Duration) -> bool {
        let deadline = self.deadline_ns.load(Ordering::Acquire);
        deadline != 0 && self.clock.now() > Duration::from_nanos(deadline) + grace
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
