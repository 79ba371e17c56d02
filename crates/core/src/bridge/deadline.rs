//! Deadlines, kept on the client's one small tokio runtime, which never runs JavaScript. One task sleeps until the first of
//! them is over: to set one and to end in time wakes nobody.

use crate::lock::lock;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Further away than anybody waits; the clock cannot count to any time that can be written down.
const FURTHEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Tells who was not answered in time.
#[derive(Clone)]
pub struct Deadlines(Arc<Shared>);

struct Shared {
    runtime: Handle,
    waiting: Mutex<Waiting>,
    /// There is one before the one that is slept for.
    sooner: Notify,
}

#[derive(Default)]
struct Waiting {
    last: u64,
    told: BTreeMap<Key, Told>,
    /// What the task sleeps for; none while there is no task.
    sleeps_until: Option<Instant>,
}

/// When it is over, and a number that no other has.
type Key = (Instant, u64);
type Told = Box<dyn FnOnce() + Send>;

impl Deadlines {
    /// Deadlines that run on `runtime`.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        let (waiting, sooner) = (Mutex::default(), Notify::new());
        Self(Arc::new(Shared { runtime, waiting, sooner }))
    }

    /// Runs `told` after `after`, on the runtime, unless what this gives is dropped by then.
    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: the one that sleeps for all deadlines")]
    pub(crate) fn arm(&self, after: Duration, told: impl FnOnce() + Send + 'static) -> Deadline {
        let at = Instant::now() + after.min(FURTHEST);
        let mut waiting = lock(&self.0.waiting);
        waiting.last += 1;
        let key = (at, waiting.last);
        waiting.told.insert(key, Box::new(told));
        match waiting.sleeps_until {
            Some(earlier) if earlier <= at => {}
            Some(_) => {
                waiting.sleeps_until = Some(at);
                self.0.sooner.notify_one();
            }
            None => {
                waiting.sleeps_until = Some(at);
                let shared = self.0.clone();
                self.0.runtime.spawn(async move { shared.tell().await });
            }
        }
        Deadline { shared: self.0.clone(), key }
    }
}

impl fmt::Debug for Deadlines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadlines").field("waiting", &lock(&self.0.waiting).told.len()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Ends when nobody waits.
    async fn tell(&self) {
        while let Some(next) = self.tell_those_that_are_over() {
            // Which of the two it was shows in the list.
            drop(timeout_at(next, self.sooner.notified()).await);
        }
    }

    /// Gives the next time to look.
    fn tell_those_that_are_over(&self) -> Option<Instant> {
        let (over, next) = {
            let mut waiting = lock(&self.waiting);
            let later = waiting.told.split_off(&(Instant::now(), u64::MAX));
            let over = std::mem::replace(&mut waiting.told, later);
            waiting.sleeps_until = waiting.told.first_key_value().map(|((at, _), _)| *at);
            (over, waiting.sleeps_until)
        };
        for told in over.into_values() {
            // One that panics must not keep the others from being told.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(told)) {
                // What the panic carried may panic again when it is dropped.
                std::mem::forget(panic);
            }
        }
        next
    }
}

/// One deadline: dropped, it tells nobody.
pub(crate) struct Deadline {
    shared: Arc<Shared>,
    key: Key,
}

impl Drop for Deadline {
    fn drop(&mut self) {
        let told = lock(&self.shared.waiting).told.remove(&self.key);
        // What it holds is dropped outside of the lock.
        drop(told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Builder;
    use tokio::sync::mpsc::unbounded_channel;

    const SOON: Duration = Duration::from_millis(1);
    const LATE: Duration = Duration::from_secs(3_600);

    fn with_deadlines<F: Future<Output = ()>>(test: impl FnOnce(Deadlines) -> F) {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(test(Deadlines::new(runtime.handle().clone())));
    }

    #[test]
    fn whoever_is_over_is_told_in_order_and_whoever_was_dropped_is_not() {
        with_deadlines(|deadlines| async move {
            let (sender, mut told) = unbounded_channel();
            let arm = |times: u32| {
                let sender = sender.clone();
                deadlines.arm(SOON * times, move || sender.send(times).unwrap())
            };
            let _late = deadlines.arm(LATE, || {});
            // Each is before the one that is slept for by then, but for the last.
            let _kept = [arm(30), arm(10), arm(20)];
            drop(arm(15));
            for expected in [10, 20, 30] {
                assert_eq!(told.recv().await, Some(expected));
            }
            assert!(told.is_empty());
        });
    }

    #[test]
    fn when_nobody_waits_the_task_ends_and_the_next_deadline_starts_another() {
        with_deadlines(|deadlines| async move {
            for _ in 0..3 {
                let (sender, mut told) = unbounded_channel();
                let _kept = deadlines.arm(SOON, move || sender.send(()).unwrap());
                assert_eq!(told.recv().await, Some(()));
                tokio::task::yield_now().await;
                assert_eq!(lock(&deadlines.0.waiting).sleeps_until, None);
            }
        });
    }

    #[test]
    fn one_that_panics_keeps_no_other_from_being_told() {
        with_deadlines(|deadlines| async move {
            let (sender, mut told) = unbounded_channel();
            let _falls = deadlines.arm(SOON, || panic!("on purpose"));
            let _next = deadlines.arm(SOON, move || sender.send(()).unwrap());
            let _furthest = deadlines.arm(Duration::MAX, || {});
            assert_eq!(told.recv().await, Some(()));
        });
    }

    #[test]
    fn those_that_end_in_time_leave_nothing_behind() {
        with_deadlines(|deadlines| async move {
            let first = deadlines.arm(LATE, || {});
            for _ in 0..1_000 {
                drop(deadlines.arm(2 * LATE, || {}));
            }
            assert_eq!(lock(&deadlines.0.waiting).told.len(), 1);
            drop(first);
            assert_eq!(lock(&deadlines.0.waiting).told.len(), 0);
        });
    }
}
