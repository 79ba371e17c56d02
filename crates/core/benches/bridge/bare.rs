//! The references: the engine as rquickjs gives it, with our limits and our choice of intrinsics, and nothing of ours.

use crate::stage::limits;
use rquickjs::context::{Context, intrinsic};
use rquickjs::{Ctx, Runtime};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// A runtime with its context. The runtime comes second, to be dropped last.
pub fn engine() -> (Context, Runtime) {
    let limits = limits();
    let runtime = Runtime::new().expect("the engine starts");
    runtime.set_memory_limit(limits.memory);
    runtime.set_max_stack_size(limits.js_stack);
    runtime.set_interrupt_handler(Some(Box::new(|| false)));
    let context = Context::custom::<Intrinsics>(&runtime).expect("the engine has a context");
    (context, runtime)
}

/// Starts a thread with the stack that an applet's thread has.
pub fn on_thread<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::Builder::new().stack_size(limits().thread_stack).spawn(body).expect("the system gives a thread")
}

type Job = Box<dyn FnOnce(&Ctx<'_>) + Send>;

/// A bare engine on a thread of its own that takes jobs. Dropping it ends the thread.
pub struct BareThread {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl BareThread {
    /// Opens the engine and runs `prepare` in it.
    pub fn open(prepare: impl FnOnce(&Ctx<'_>) + Send + 'static) -> Self {
        let (jobs, waiting) = channel::<Job>();
        let thread = on_thread(move || {
            let (context, _runtime) = engine();
            context.with(|ctx| prepare(&ctx));
            for job in waiting {
                context.with(|ctx| job(&ctx));
            }
        });
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Runs one job and waits for what it gives.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce(&Ctx<'_>) -> T + Send + 'static) -> T {
        let (sender, receiver) = channel();
        let jobs = self.jobs.as_ref().expect("the thread lives until this is dropped");
        jobs.send(Box::new(move |ctx| drop(sender.send(job(ctx))))).expect("the thread takes jobs");
        receiver.recv().expect("the job comes to its end")
    }
}

impl Drop for BareThread {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("a bare engine does not panic");
        }
    }
}
