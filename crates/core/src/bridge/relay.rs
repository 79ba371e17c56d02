//! An answer that passes through the library: somebody answers, and what it says is looked at before the caller has it.

use super::call::Reply;
use super::payload::Outcome;
use crate::lock::lock;
use std::sync::Mutex;

type Then = Box<dyn FnOnce(Outcome) + Send>;

/// What happens to the first answer.
pub(super) struct Relay(Mutex<Option<Then>>);

impl Relay {
    pub(super) fn new(outer: Reply, then: impl FnOnce(Reply, Outcome) + Send + 'static) -> Self {
        Self(Mutex::new(Some(Box::new(move |outcome| then(outer, outcome)))))
    }

    /// What to do with an answer; none once there has been one.
    pub(super) fn take(&self) -> Option<Then> {
        lock(&self.0).take()
    }

    /// Whether nobody has answered yet.
    pub(super) fn is_waiting(&self) -> bool {
        lock(&self.0).is_some()
    }
}
