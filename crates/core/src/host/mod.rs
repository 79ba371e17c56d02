//! What the platform gives us, as traits: tests and other platforms bring their own.

#[cfg(target_env = "ohos")]
pub mod arkweb;
pub mod clock;
#[cfg(any(target_env = "ohos", test))]
pub mod hilog;
pub mod log;
pub mod stderr;

pub use clock::{Clock, MonotonicClock};
pub use log::{LogLevel, LogSink};
