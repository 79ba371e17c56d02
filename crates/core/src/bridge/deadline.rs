//! Deadlines of calls, kept on the client's one small tokio runtime, which never runs JavaScript.

use super::call::PendingCall;
use std::sync::Weak;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Ends calls that nobody answered in time.
#[derive(Clone, Debug)]
pub struct Deadlines {
    runtime: Handle,
}

impl Deadlines {
    /// Deadlines that run on `runtime`.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        Self { runtime }
    }

    /// Ends `call` with `E_TIMEOUT` after `after`, unless it has ended by then. Abort the handle when it has.
    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: the deadline of one call")]
    pub(crate) fn arm(&self, after: Duration, call: Weak<PendingCall>) -> AbortHandle {
        let task = self.runtime.spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(call) = call.upgrade() {
                call.time_out();
            }
        });
        task.abort_handle()
    }
}
