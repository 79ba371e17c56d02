//! What is counted about reported events, over one run of the client.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of reported events since the client was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportCounters {
    /// Events that were stored.
    pub stored: u64,
    /// Events that the collector has taken, those of earlier runs among them.
    pub sent: u64,
    /// Events that gave way to newer ones before they could be sent.
    pub dropped: u64,
    /// Events that the collector will never take: requests it refused, and what it refused of requests it took.
    pub rejected: u64,
    /// Requests that have to be made again.
    pub retries: u64,
    /// Events that wait to be sent.
    pub waiting: u64,
}

/// The live counters. They are in one order, so that an event that counts as stored is seen to wait.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) stored: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) retries: AtomicU64,
    waiting: AtomicU64,
}

impl Tally {
    /// Adds so many; gives what was there before.
    pub(super) fn count(counter: &AtomicU64, more: u64) -> u64 {
        counter.fetch_add(more, Ordering::SeqCst)
    }

    pub(super) fn set_waiting(&self, events: usize) {
        self.waiting.store(events as u64, Ordering::SeqCst);
    }

    pub(super) fn snapshot(&self) -> ReportCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        ReportCounters {
            stored: read(&self.stored),
            sent: read(&self.sent),
            dropped: read(&self.dropped),
            rejected: read(&self.rejected),
            retries: read(&self.retries),
            waiting: read(&self.waiting),
        }
    }
}
