//! One log line when a call begins and one when it ends, for hosts that ask for them. Names and times only: what the
//! calls carry is nobody's business but the caller's and the handler's.

use super::payload::Outcome;
use crate::host::{LogLevel, LogSink};
use crate::ids::{ApiName, AppletId, CallId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Writes the lines of one applet.
#[derive(Clone)]
pub struct Trace {
    log: Arc<dyn LogSink>,
    applet: AppletId,
}

impl Trace {
    /// A trace of `applet` into `log`.
    #[must_use]
    pub fn new(log: Arc<dyn LogSink>, applet: AppletId) -> Self {
        Self { log, applet }
    }

    /// A call was handed to its handler.
    pub(crate) fn began(&self, id: CallId, api: &ApiName) {
        self.line(&format!("call {}.{} {api}", id.slot, id.turn));
    }

    /// A call has ended.
    pub(crate) fn ended(&self, id: CallId, outcome: &Outcome, took: Duration) {
        self.line(&format!("call {}.{} {} after {took:?}", id.slot, id.turn, word(outcome)));
    }

    /// A call was answered before its caller went on.
    pub(crate) fn answered(&self, api: &ApiName, took: Duration) {
        self.line(&format!("call {api} answered in {took:?}"));
    }

    fn line(&self, text: &str) {
        // A failing sink costs the line, nothing else.
        drop(catch_unwind(AssertUnwindSafe(|| self.log.write(LogLevel::Debug, self.applet.as_str(), text))));
    }
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success(_) => "succeeded".to_owned(),
        Outcome::Cancelled(_) => "was cancelled".to_owned(),
        Outcome::Failure { error: Some(error), .. } => format!("failed with {}", error.code()),
        Outcome::Failure { error: None, .. } => "failed".to_owned(),
    }
}
