//! What the bridge counts, per applet. Everything that is "ignored and counted" has its counter here.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

macro_rules! counters {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// Live counters of one applet. All relaxed: they are read for reports, never for decisions.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[$doc])* pub $field: AtomicU64,)* }

        /// The counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct CounterSnapshot { $($(#[$doc])* pub $field: u64,)* }

        impl Counters {
            /// Reads them all.
            #[must_use]
            pub fn snapshot(&self) -> CounterSnapshot {
                CounterSnapshot { $($field: self.$field.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Calls that reached a handler.
    calls,
    /// Calls that ended well.
    succeeded,
    /// Calls that failed after they had reached a handler.
    failed,
    /// Calls that were cancelled.
    cancelled,
    /// Calls refused before any handler saw them.
    refused,
    /// Of these, calls that were not allowed.
    denied,
    /// Calls that nobody answered in time.
    timed_out,
    /// Second answers, and answers after the end.
    late_answers,
    /// Progress messages delivered.
    progress,
    /// Progress messages refused: after the end, or over the cap.
    progress_dropped,
    /// Events delivered.
    events,
    /// Events dropped because the applet was too slow.
    events_dropped,
    /// Replies for calls that are not in flight.
    unknown_replies,
    /// Log lines dropped by the rate limit or by a failing sink.
    log_lines_dropped,
    /// Promise rejections that nobody handled.
    unhandled_rejections,
    /// Unhandled rejections beyond the cap, which were not reported.
    unhandled_rejections_dropped,
    /// Messages of H5 pages dropped because there were too many.
    page_messages_dropped,
    /// Messages of H5 pages that are not understood, or came twice.
    page_messages_malformed,
    /// Messages of H5 pages that did not come in time.
    page_messages_missing,
    /// Panics caught at a door.
    panics,
    /// Source files that were compiled.
    sources_compiled,
    /// Source files that an earlier run had compiled.
    sources_kept,
    /// Sum of the latencies of ended calls, in nanoseconds.
    latency_total_ns,
    /// The longest latency of a call, in nanoseconds.
    latency_max_ns,
}

impl Counters {
    /// Adds one.
    pub fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Records how long a call took.
    pub fn latency(&self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.latency_total_ns.fetch_add(ns, Ordering::Relaxed);
        self.latency_max_ns.fetch_max(ns, Ordering::Relaxed);
    }
}
