//! Log lines for the host's own log function: they travel through the port, from any thread.

use crate::port::{Item, Port};
use finapp_core::host::{LogLevel, LogSink};
use std::sync::Arc;

/// Hands lines over to the host's thread. Too many at once are dropped.
pub struct HostSink {
    port: Arc<Port>,
}

impl HostSink {
    /// A sink that writes to this port.
    pub fn new(port: Arc<Port>) -> Self {
        Self { port }
    }
}

impl LogSink for HostSink {
    fn write(&self, level: LogLevel, tag: &str, line: &str) {
        self.port.post(Item::Line { level, tag: tag.to_owned(), text: line.to_owned() });
    }
}
