//! The clock: monotonic for all that waits, and the only file that reads time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that never goes back, whatever happens to the wall clock.
pub trait Clock: Send + Sync {
    /// Time since some fixed moment before the client was made.
    fn now(&self) -> Duration;

    /// Time since the beginning of 1970 as the device tells it, for people to read. It jumps, so nothing waits for it.
    #[expect(clippy::disallowed_methods, reason = "this is the clock file")]
    fn since_1970(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// The machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    origin: Instant,
}

impl MonotonicClock {
    /// A clock that starts at zero now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock file")]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}
