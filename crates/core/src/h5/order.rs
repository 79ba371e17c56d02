//! Puts the messages of one document back into their order: asynchronous proxies of a browser give none, ids do.

use std::collections::{BTreeMap, BTreeSet};

/// How many messages may be early, and how many missing ids are remembered.
const WINDOW: usize = 256;

/// The order of one channel of a document.
pub(super) struct Order<T> {
    next: Option<u32>,
    early: BTreeMap<u32, T>,
    /// Ids that did not come in time: they may still come, once.
    missing: BTreeSet<u32>,
}

/// What to do with a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken<T> {
    /// These, in this order.
    Ready(Vec<T>),
    /// It waits for others. Call [`Order::go_on`] when they do not come.
    Waits,
    /// It was there before.
    Again,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self { next: None, early: BTreeMap::new(), missing: BTreeSet::new() }
    }
}

impl<T> Order<T> {
    /// Takes a message. `first` says that it is the one that a document begins with.
    pub(super) fn take(&mut self, id: u32, first: bool, message: T) -> Taken<T> {
        let next = match self.next {
            None if first => *self.next.insert(id),
            None => {
                self.early.insert(id, message);
                return self.early_one();
            }
            Some(next) => next,
        };
        if id < next {
            return if self.missing.remove(&id) { Taken::Ready(vec![message]) } else { Taken::Again };
        }
        if id > next {
            if self.early.contains_key(&id) {
                return Taken::Again;
            }
            self.early.insert(id, message);
            return self.early_one();
        }
        let mut ready = vec![message];
        self.follow(id, &mut ready);
        Taken::Ready(ready)
    }

    /// Waits no longer for what is missing. Gives what was early, and how many ids are missing.
    pub(super) fn go_on(&mut self) -> (Vec<T>, usize) {
        let Some((id, message)) = self.early.pop_first() else { return (Vec::new(), 0) };
        let from = self.next.unwrap_or(id);
        let lost = usize::try_from(id.saturating_sub(from)).unwrap_or(usize::MAX);
        let window = u32::try_from(WINDOW).unwrap_or(u32::MAX);
        self.missing.extend(from.max(id.saturating_sub(window))..id);
        while self.missing.len() > WINDOW {
            self.missing.pop_first();
        }
        let mut ready = vec![message];
        self.follow(id, &mut ready);
        (ready, lost)
    }

    /// Waits no longer for what comes before `id`, which has come. As [`Order::go_on`].
    pub(super) fn hurry(&mut self, id: u32) -> (Vec<T>, usize) {
        let (mut ready, mut lost) = (Vec::new(), 0);
        while self.early.contains_key(&id) {
            let (more, missing) = self.go_on();
            ready.extend(more);
            lost += missing;
        }
        (ready, lost)
    }

    /// Whether messages wait for others.
    pub(super) fn waits(&self) -> bool {
        !self.early.is_empty()
    }

    fn early_one(&mut self) -> Taken<T> {
        if self.early.len() <= WINDOW { Taken::Waits } else { Taken::Ready(self.go_on().0) }
    }

    /// What comes right behind `id`.
    fn follow(&mut self, id: u32, ready: &mut Vec<T>) {
        let mut next = id.saturating_add(1);
        while let Some(message) = self.early.remove(&next) {
            ready.push(message);
            next = next.saturating_add(1);
        }
        self.next = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(taken: Taken<u32>) -> Vec<u32> {
        match taken {
            Taken::Ready(messages) => messages,
            Taken::Waits | Taken::Again => Vec::new(),
        }
    }

    #[test]
    fn h_b18_messages_in_any_order_come_out_in_that_of_their_ids() {
        // A fixed shuffle: each step of 7 among 50 comes once.
        let shuffled = (0..50).map(|at| at * 7 % 50);
        let mut order = Order::default();
        let mut seen = Vec::new();
        for id in shuffled {
            seen.extend(ready(order.take(1_000 + id, id == 0, id)));
        }
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
        assert!(!order.waits());
    }

    #[test]
    fn h_b18_what_is_missing_is_not_waited_for_for_ever_and_may_come_late_once() {
        let mut order = Order::default();
        assert_eq!(order.take(1, true, 1), Taken::Ready(vec![1]));
        assert_eq!(order.take(4, false, 4), Taken::Waits);
        assert_eq!(order.take(5, false, 5), Taken::Waits);
        assert_eq!(order.go_on(), (vec![4, 5], 2));
        assert_eq!(order.take(2, false, 2), Taken::Ready(vec![2]));
        for again in [2, 1, 4] {
            assert_eq!(order.take(again, false, again), Taken::Again, "{again}");
        }
        assert_eq!(order.take(6, false, 6), Taken::Ready(vec![6]));
    }

    #[test]
    fn h_b18_a_page_cannot_make_the_app_keep_more_than_a_window() {
        let mut order = Order::default();
        assert_eq!(order.take(1, true, 1), Taken::Ready(vec![1]));
        let mut seen = 0;
        for id in 0..10_000 {
            seen += ready(order.take(10 + id * 2, false, id)).len();
        }
        assert!(order.early.len() <= WINDOW + 1 && order.missing.len() <= WINDOW, "{seen}");
        assert!(seen > 9_000);
    }

    #[test]
    fn a_document_that_does_not_begin_as_documents_do_is_heard_all_the_same() {
        let mut order = Order::default();
        assert_eq!(order.take(2, false, 2), Taken::Waits);
        assert_eq!(order.go_on(), (vec![2], 0));
        assert_eq!(order.take(3, false, 3), Taken::Ready(vec![3]));
    }
}
