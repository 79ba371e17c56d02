//! A queue that is worked off in order by whoever comes first, without a lock held while the work runs.

use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::Mutex;

/// What waits, and whether somebody is at work.
pub(super) struct Serial<T>(Mutex<Queue<T>>);

struct Queue<T> {
    waiting: VecDeque<T>,
    busy: bool,
}

impl<T> Default for Serial<T> {
    fn default() -> Self {
        Self(Mutex::new(Queue { waiting: VecDeque::new(), busy: false }))
    }
}

impl<T> Serial<T> {
    /// Puts one more behind the others. It is done by the next [`Serial::work`], or by one that runs now.
    pub(super) fn push(&self, item: T) {
        lock(&self.0).waiting.push_back(item);
    }

    /// Does what waits, until nothing does. Returns at once when somebody else is at it.
    pub(super) fn work(&self, mut each: impl FnMut(T)) {
        /// Also when `each` panics, the next one may work.
        struct Shift<'a, T>(&'a Serial<T>, bool);
        impl<T> Drop for Shift<'_, T> {
            fn drop(&mut self) {
                if self.1 {
                    lock(&self.0.0).busy = false;
                }
            }
        }
        {
            let mut queue = lock(&self.0);
            if queue.busy {
                return;
            }
            queue.busy = true;
        }
        let mut shift = Shift(self, true);
        loop {
            let item = {
                let mut queue = lock(&self.0);
                let item = queue.waiting.pop_front();
                // Under the same lock: what is pushed from now on finds nobody at work.
                queue.busy = item.is_some();
                item
            };
            match item {
                Some(item) => each(item),
                None => {
                    shift.1 = false;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_while_at_work_is_done_after_it_and_not_within() {
        let serial = Serial::default();
        serial.push(1);
        let done = Mutex::new(Vec::new());
        serial.work(|item| {
            if item == 1 {
                serial.push(2);
                serial.work(|_| unreachable!("somebody is at work"));
            }
            lock(&done).push(item);
        });
        assert_eq!(*lock(&done), [1, 2]);
    }

    #[test]
    fn a_panic_leaves_the_queue_usable() {
        let serial = Serial::default();
        serial.push(1);
        let fell = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| serial.work(|_| panic!("on purpose"))));
        assert!(fell.is_err());
        serial.push(2);
        let mut done = Vec::new();
        serial.work(|item| done.push(item));
        assert_eq!(done, [2]);
    }
}
