//! Log lines to standard error: the sink everywhere but on a device.

use super::log::{LogLevel, LogSink};
use std::io::Write;

/// Writes `level tag: line`. A standard error that cannot be written to loses the line and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct StderrSink;

impl LogSink for StderrSink {
    fn write(&self, level: LogLevel, tag: &str, line: &str) {
        drop(writeln!(std::io::stderr().lock(), "{level:5} {tag}: {line}"));
    }
}
