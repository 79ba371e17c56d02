//! What a call gives back by returning: FinClip's base library waits for it, and so may the thread that the call came on.

use crate::lock::lock;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The place where the answer to a synchronous call is put.
#[derive(Debug, Default)]
pub(super) struct Returned {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    Answered(String),
    Over,
}

impl Returned {
    /// Puts the answer there, for whoever still waits.
    pub(super) fn put(&self, answer: String) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Open) {
            *state = State::Answered(answer);
            self.changed.notify_all();
        }
    }

    /// Nobody waits any more, or nobody will answer.
    pub(super) fn give_up(&self) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Open) {
            *state = State::Over;
            self.changed.notify_all();
        }
    }

    /// Whether nobody waits any more.
    pub(super) fn is_over(&self) -> bool {
        matches!(*lock(&self.state), State::Over)
    }

    /// Takes the answer when there is one within that time, and what came after it never.
    pub(super) fn wait(&self, at_most: Duration) -> Option<String> {
        let state = lock(&self.state);
        let open = |state: &mut State| matches!(state, State::Open);
        let (mut state, _) =
            self.changed.wait_timeout_while(state, at_most, open).unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Answered(answer) => {
                let answer = std::mem::take(answer);
                *state = State::Over;
                Some(answer)
            }
            State::Open | State::Over => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_is_returned_once_and_none_after_nobody_waits() {
        let returned = Returned::default();
        assert_eq!(returned.wait(Duration::ZERO), None);
        returned.put("1".to_owned());
        returned.put("2".to_owned());
        assert_eq!(returned.wait(Duration::ZERO).as_deref(), Some("1"));
        returned.put("3".to_owned());
        assert_eq!(returned.wait(Duration::ZERO), None);
        let returned = Returned::default();
        returned.give_up();
        returned.put("late".to_owned());
        assert!(returned.is_over() && returned.wait(Duration::from_secs(60)).is_none());
    }
}
