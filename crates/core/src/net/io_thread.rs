//! The client's thread for network I/O, with a tokio runtime of its own: what it does must not delay the deadlines of
//! calls. It begins with the first task and never runs JavaScript.

use crate::error::{Error, ErrorCode, Result};
use crate::lock::lock;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// Threads beside it, for what blocks: looking up names, and files.
const BLOCKING: usize = 4;

#[derive(Default)]
pub(super) struct IoThread(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Waiting,
    Running {
        handle: Handle,
        // Nothing is sent: the thread ends when it is gone.
        _stop: oneshot::Sender<()>,
    },
    Stopped,
}

impl IoThread {
    /// Runs a task.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread, `E_CLOSED` after [`IoThread::stop`].
    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: everything that waits for the network")]
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
        let mut state = lock(&self.0);
        if matches!(*state, State::Waiting) {
            *state = start()?;
        }
        match &*state {
            State::Running { handle, .. } => Ok(handle.spawn(task).abort_handle()),
            State::Waiting | State::Stopped => Err(ErrorCode::Closed.into()),
        }
    }

    /// Ends the thread soon.
    pub(super) fn stop(&self) {
        let before = std::mem::replace(&mut *lock(&self.0), State::Stopped);
        drop(before);
    }
}

#[expect(clippy::disallowed_methods, reason = "the fourth of the doors for threads")]
fn start() -> Result<State> {
    let refused = |_| Error::new(ErrorCode::Limit, "no thread for the network");
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(BLOCKING)
        .thread_keep_alive(Duration::from_secs(5))
        .thread_name("finapp-net-file")
        .build()
        .map_err(refused)?;
    let handle = runtime.handle().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::Builder::new()
        .name("finapp-net".to_owned())
        .stack_size(1024 * 1024)
        .spawn(move || {
            drop(runtime.block_on(stopped));
            runtime.shutdown_background();
        })
        .map_err(refused)?;
    Ok(State::Running { handle, _stop: stop })
}
