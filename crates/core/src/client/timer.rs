//! The client's one small tokio runtime, on a thread of its own: deadlines and the watchdog. It never runs JavaScript.

use crate::bridge::Deadlines;
use crate::error::{Error, ErrorCode, Result};
use crate::lock::lock;
use std::sync::Mutex;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The runtime; it ends when this is dropped or stopped.
pub(super) struct TimerThread {
    handle: Handle,
    deadlines: Deadlines,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

impl TimerThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread or no event queue.
    #[expect(clippy::disallowed_methods, reason = "the second of the doors for threads")]
    pub(super) fn start() -> Result<Self> {
        let refused = |_| Error::new(ErrorCode::Limit, "no thread for the client's timers");
        let runtime = Builder::new_current_thread().enable_time().build().map_err(refused)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("finapp-timer".to_owned())
            .stack_size(256 * 1024)
            .spawn(move || {
                // A dropped sender means the same as a message: the client is gone.
                drop(runtime.block_on(stopped));
                runtime.shutdown_background();
            })
            .map_err(refused)?;
        let deadlines = Deadlines::new(handle.clone());
        Ok(Self { handle, deadlines, stop: Mutex::new(Some(stop)) })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Those of all calls of the client.
    pub(super) fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    /// Ends the thread soon.
    pub(super) fn stop(&self) {
        lock(&self.stop).take();
    }
}
