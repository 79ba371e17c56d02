//! The thread that does the work of one family for one run of one applet. It begins with the first call and ends, after
//! the last call has been worked off, when the run is over. It owns its bench alone, so calls are done in their order.

use crate::bridge::{HostCall, Payload};
use crate::error::{Error, ErrorCode};
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a worker works at, on its thread.
pub(super) trait Bench: Send + 'static {
    /// What one API does.
    type Operation: Send;

    /// What the library itself has done here, between the calls.
    type Errand: Send;

    /// Waits until the place is its own.
    fn wait(&mut self);

    /// Whether nothing is lost when nobody waits for the operation any more.
    fn only_reads(operation: &Self::Operation) -> bool;

    /// Does it, and answers the call.
    fn answer(&mut self, operation: Self::Operation, call: HostCall);

    /// Does an errand.
    fn run(&mut self, errand: Self::Errand);

    /// An operation or an errand panicked.
    fn doubt(&mut self);

    /// The run is over.
    fn close(self);
}

/// The way to a worker. The worker ends when this is gone.
pub(super) struct Worker<O, E = Infallible> {
    jobs: Sender<Job<O, E>>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    busy: &'static str,
}

enum Job<O, E> {
    Call { operation: O, call: HostCall, bytes: usize },
    Errand(E),
}

impl<O: Send + 'static, E: Send + 'static> Worker<O, E> {
    /// Starts the thread. Calls of more than `most_waiting` bytes in all fail with `busy`.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread.
    #[expect(
        clippy::disallowed_methods,
        reason = "the third of the doors for threads: what waits for the disk is done on one of its own"
    )]
    pub(super) fn start<B: Bench<Operation = O, Errand = E>>(
        name: &str,
        bench: B,
        most_waiting: usize,
        busy: &'static str,
    ) -> Result<Self, Error> {
        let (sender, jobs) = channel();
        let waiting = Arc::<AtomicUsize>::default();
        let shared = waiting.clone();
        std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(512 * 1024)
            .spawn(move || work(bench, &jobs, &shared))
            .map_err(|_| Error::new(ErrorCode::Limit, "no thread for the disk"))?;
        Ok(Self { jobs: sender, waiting, most_waiting, busy })
    }

    /// Hands a call over. It ends with `E_BUSY` when too much waits already.
    pub(super) fn take(&self, operation: O, call: HostCall) {
        let bytes = call.params.text().len() + call.params.binaries().iter().map(|own| own.bytes.len()).sum::<usize>();
        let before = self.waiting.fetch_add(bytes, Ordering::AcqRel);
        if before > 0 && before + bytes > self.most_waiting {
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
            call.reply.fail_with(Payload::none(), Error::new(ErrorCode::Busy, self.busy));
            return;
        }
        // The thread is there as long as this is; a job that comes back is dropped, which fails its call.
        drop(self.jobs.send(Job::Call { operation, call, bytes }));
    }

    /// Hands an errand over. It is done after the calls that came before it.
    pub(super) fn run(&self, errand: E) {
        drop(self.jobs.send(Job::Errand(errand)));
    }
}

fn work<B: Bench>(mut bench: B, jobs: &Receiver<Job<B::Operation, B::Errand>>, waiting: &AtomicUsize) {
    bench.wait();
    while let Ok(job) = jobs.recv() {
        // A call is dropped by the panic, and fails with it.
        let ran = catch_unwind(AssertUnwindSafe(|| match job {
            Job::Call { operation, call, bytes } => {
                // Before the answer: whoever has it may ask again at once.
                waiting.fetch_sub(bytes, Ordering::AcqRel);
                // What was to be written is written, also when its caller has gone meanwhile.
                if call.reply.is_open() || !B::only_reads(&operation) {
                    bench.answer(operation, call);
                }
            }
            Job::Errand(errand) => bench.run(errand),
        }));
        if let Err(panic) = ran {
            std::mem::forget(panic);
            bench.doubt();
        }
    }
    bench.close();
}
