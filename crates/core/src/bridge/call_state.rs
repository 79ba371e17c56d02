//! The state machine of one call: `Pending -> Done`, once. It stands alone so that it can be checked exhaustively.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a call has ended.
#[derive(Debug, Default)]
pub(crate) struct CallState {
    done: AtomicBool,
}

impl CallState {
    /// Ends the call. True for exactly one of all the threads that ever ask.
    pub(crate) fn end(&self) -> bool {
        !self.done.swap(true, Ordering::AcqRel)
    }

    /// Whether nobody has ended it yet.
    pub(crate) fn is_pending(&self) -> bool {
        !self.done.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn of_many_threads_exactly_one_ends_the_call() {
        for _ in 0..200 {
            let state = Arc::new(CallState::default());
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let state = state.clone();
                    std::thread::spawn(move || usize::from(state.end()))
                })
                .collect();
            assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>(), 1);
            assert!(!state.is_pending());
        }
    }
}
