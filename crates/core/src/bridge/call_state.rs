//! The state machine of one call: `Pending -> Done`, once. It stands alone so that it can be checked exhaustively.

use super::sync::AtomicBool;
use std::sync::atomic::Ordering;

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
