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

/// How often the watchdog looks while JavaScript runs.
pub(crate) const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// How late a look may be before it means that the whole process stood still.
const LATE: Duration = Duration::from_millis(200);

/// Wakes the watchdog when JavaScript begins to run. While nothing runs the watchdog sleeps, so an idle applet never
/// wakes the device. What it sees of time is how everybody knows that the system has frozen the app meanwhile.
#[derive(Default)]
pub(crate) struct Alarm {
    asleep: AtomicBool,
    wake: tokio::sync::Notify,
    /// When the watchdog looked last, or was woken.
    looked_ns: AtomicU64,
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

    /// For how long nothing ran since the watchdog looked last, not even the watchdog.
    pub(crate) fn stood_still(&self, now: Duration) -> Duration {
        let before = Duration::from_nanos(self.looked_ns.load(Ordering::SeqCst));
        let late = if before.is_zero() { before } else { now.saturating_sub(before + LOOKS_EVERY) };
        if late > LATE { late } else { Duration::ZERO }
    }

    /// Notes that the watchdog has looked. Only after turns have got back what they lost: until then they wait for it.
    pub(crate) fn looked(&self, now: Duration) {
        self.looked_ns.store(nanos(now).max(1), Ordering::SeqCst);
    }

    /// Whether the watchdog should have looked by now, and has not.
    fn is_late(&self, now: Duration) -> bool {
        let before = Duration::from_nanos(self.looked_ns.load(Ordering::SeqCst));
        !before.is_zero() && now > before + LOOKS_EVERY + LATE
    }

    fn ring(&self, now: Duration) {
        if self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst) {
            self.looked_ns.store(nanos(now).max(1), Ordering::SeqCst);
            self.wake.notify_one();
        }
    }
}

/// When the turn in progress must be over. Zero while no JavaScript runs.
pub(crate) struct TurnClock {
    clock: Arc<dyn Clock>,
    deadline_ns: AtomicU64,
    /// How long the turn may take in all.
    budget_ns: AtomicU64,
    stop: AtomicBool,
    expired: AtomicBool,
    alarm: Arc<Alarm>,
}

impl TurnClock {
    pub(crate) fn new(clock: Arc<dyn Clock>, alarm: Arc<Alarm>) -> Self {
        Self {
            clock,
            deadline_ns: AtomicU64::new(0),
            budget_ns: AtomicU64::new(0),
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
        let now = self.clock.now();
        self.budget_ns.store(nanos(budget), Ordering::SeqCst);
        self.deadline_ns.store(nanos(now + budget).max(1), Ordering::SeqCst);
        self.alarm.ring(now);
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
        if deadline == 0 {
            return false;
        }
        let now = self.clock.now();
        // In an app that was frozen, the watchdog has the first word: it knows how much of that time was none.
        if nanos(now) >= deadline && !self.alarm.is_late(now) {
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

    /// The process stood still for so long: that was not the mini-program's time. It gets back as much as it can have
    /// lost, and never more than a whole turn. From any thread.
    pub(crate) fn excuse(&self, stood_still: Duration) {
        let most = nanos(self.clock.now()).saturating_add(self.budget_ns.load(Ordering::SeqCst));
        let later = |deadline: u64| {
            let later = deadline.saturating_add(nanos(stood_still)).min(most);
            (deadline != 0 && later > deadline).then_some(later)
        };
        // It changes nothing when nothing runs, or there is nothing to give back.
        self.deadline_ns.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later).ok();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds that the test sets.
    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn h_c20_time_in_which_the_process_stood_still_is_given_back_up_to_one_turn() {
        let (hand, alarm) = (Arc::new(Hand::default()), Arc::<Alarm>::default());
        let turn = TurnClock::new(hand.clone(), alarm.clone());
        let at = |ms: u64| {
            hand.0.store(ms, Ordering::SeqCst);
            Duration::from_millis(ms)
        };
        let look = |ms: u64| {
            let now = at(ms);
            let stood_still = alarm.stood_still(now);
            alarm.looked(now);
            stood_still
        };
        look(10_000);
        turn.begin(Duration::from_millis(1_000));
        assert_eq!(look(10_100), Duration::ZERO);
        // Ten minutes: the engine asks before the watchdog is there, and is not told to stop, nor while it looks.
        let now = at(610_100);
        assert!(!turn.must_interrupt());
        let stood_still = alarm.stood_still(now);
        assert!(!turn.must_interrupt());
        turn.excuse(stood_still);
        alarm.looked(now);
        assert!(!turn.must_interrupt() && turn.is_running());
        at(610_199);
        assert!(!turn.must_interrupt());
        // The 900 ms that were left, without the 100 ms in which the watchdog would not have looked anyhow.
        for later in [610_300, 610_400, 610_500, 610_600, 610_700, 610_800] {
            assert_eq!(look(later), Duration::ZERO);
            assert!(!turn.must_interrupt(), "{later}");
        }
        look(610_900);
        assert!(turn.must_interrupt() && turn.interrupted() == Some(Ended::TurnTime));
    }

    #[test]
    fn h_c20_a_turn_that_began_after_a_freeze_gains_nothing_from_it() {
        let (hand, alarm) = (Arc::new(Hand::default()), Arc::<Alarm>::default());
        let turn = TurnClock::new(hand.clone(), alarm);
        hand.0.store(600_000, Ordering::SeqCst);
        turn.begin(Duration::from_millis(1_000));
        turn.excuse(Duration::from_secs(600));
        hand.0.store(601_000, Ordering::SeqCst);
        assert!(turn.must_interrupt());
    }
}
