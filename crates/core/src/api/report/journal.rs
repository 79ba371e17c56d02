//! The log lines of reporting: from the worker's thread and the network's, about what no caller waits for.

use crate::host::log::escape;
use crate::host::{LogLevel, LogSink};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Writes to the client's log.
#[derive(Clone)]
pub(super) struct Journal(pub(super) Arc<dyn LogSink>);

impl Journal {
    pub(super) fn warn(&self, text: &str) {
        self.write(LogLevel::Warn, text);
    }

    pub(super) fn error(&self, text: &str) {
        self.write(LogLevel::Error, text);
    }

    fn write(&self, level: LogLevel, text: &str) {
        // A failing sink costs the line, nothing else.
        drop(catch_unwind(AssertUnwindSafe(|| self.0.write(level, "finapp", &escape(text)))));
    }
}
