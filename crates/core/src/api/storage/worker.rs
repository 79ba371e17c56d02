//! The thread that works on the store of one run of one applet. It begins with the first call and ends, after the last
//! call has been worked off, when the run is over. It owns the store alone, so calls are done in their order.

use super::database::{Fault, Result};
use super::files::Files;
use super::lanes::Place;
use super::request::Operation;
use super::store::Store;
use crate::bridge::{Caller, HostCall, Payload};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Hears what the host must know of the store.
pub(crate) type Tell = Arc<dyn Fn(Error) + Send + Sync>;

/// The way to a worker. The worker ends when this is gone.
pub(super) struct Worker {
    jobs: Sender<Job>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
}

enum Job {
    Call {
        operation: Operation,
        call: HostCall,
        bytes: usize,
    },
    /// Give back memory.
    Shrink,
}

/// Where a store lies: its files, and the place in their lane. None: in memory.
pub(super) type Kept = Option<(Files, Place)>;

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread.
    #[expect(
        clippy::disallowed_methods,
        reason = "the third of the doors for threads: each store is worked on by its own"
    )]
    pub(super) fn start(kept: Kept, limits: &Arc<Limits>, tell: Tell) -> std::result::Result<Self, Error> {
        let (sender, jobs) = channel();
        let waiting = Arc::<AtomicUsize>::default();
        let bench = Bench { limits: limits.clone(), tell, waiting: waiting.clone(), store: None };
        std::thread::Builder::new()
            .name("finapp-storage".to_owned())
            .stack_size(512 * 1024)
            .spawn(move || bench.work(&jobs, kept))
            .map_err(|_| Error::new(ErrorCode::Limit, "no thread for the store"))?;
        Ok(Self { jobs: sender, waiting, most_waiting: 2 * limits.storage_bytes })
    }

    /// Hands a call over. It ends with `E_BUSY` when too much waits already.
    pub(super) fn take(&self, operation: Operation, call: HostCall) {
        let bytes = call.params.text().len() + call.params.binaries().iter().map(|own| own.bytes.len()).sum::<usize>();
        let before = self.waiting.fetch_add(bytes, Ordering::AcqRel);
        if before > 0 && before + bytes > self.most_waiting {
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
            call.reply.fail_with(Payload::none(), Error::new(ErrorCode::Busy, "too much waits to be stored"));
            return;
        }
        // The thread is there as long as this is; a job that comes back is dropped, which fails its call.
        drop(self.jobs.send(Job::Call { operation, call, bytes }));
    }

    /// Gives back memory, when what was asked for before is done.
    pub(super) fn shrink(&self) {
        drop(self.jobs.send(Job::Shrink));
    }
}

struct Bench {
    limits: Arc<Limits>,
    tell: Tell,
    waiting: Arc<AtomicUsize>,
    store: Option<Store>,
}

impl Bench {
    fn work(mut self, jobs: &Receiver<Job>, mut kept: Kept) {
        if let Some((_, place)) = &mut kept {
            place.wait();
        }
        let files = kept.as_ref().map(|(files, _)| files);
        while let Ok(job) = jobs.recv() {
            let Job::Call { operation, call, bytes } = job else {
                self.store.iter().for_each(Store::shrink);
                continue;
            };
            // Before the answer: whoever has it may ask again at once.
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
            // What was to be written is written, also when its caller has gone meanwhile.
            if call.reply.is_open() || !operation.only_reads() {
                // The call is dropped by the panic, and fails with it.
                let ran = catch_unwind(AssertUnwindSafe(|| self.answer(files, operation, call)));
                if let Err(panic) = ran {
                    std::mem::forget(panic);
                    self.store = None;
                }
            }
        }
        // Before the place in the lane is given up.
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    fn answer(&mut self, files: Option<&Files>, operation: Operation, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let owner = match &*info.caller {
            Caller::Plugin { plugin, .. } => plugin.as_str(),
            Caller::Applet { .. } | Caller::Page { .. } => "",
        };
        let limits = self.limits.clone();
        let done = self.opened(files).and_then(|store| operation.run(store, owner, params, info.sync, &limits));
        match done {
            Ok(body) => reply.success(body),
            Err(Fault::Refused(error)) => reply.fail_with(Payload::none(), error),
            Err(Fault::Damaged) => {
                let error = self.set_aside(files).err();
                let error = error.unwrap_or_else(|| Error::new(ErrorCode::Internal, "the store was damaged"));
                reply.fail_with(Payload::none(), error)
            }
        };
    }

    /// The store. One that was found damaged while it was opened has been replaced by an empty one.
    fn opened(&mut self, files: Option<&Files>) -> Result<&mut Store> {
        let store = match (self.store.take(), files) {
            (Some(store), _) => store,
            (None, None) => Store::in_memory(&self.limits)?,
            (None, Some(files)) => match Store::open(files, &self.limits) {
                Err(Fault::Damaged) => {
                    self.set_aside(Some(files))?;
                    Store::open(files, &self.limits)?
                }
                opened => opened?,
            },
        };
        Ok(self.store.insert(store))
    }

    /// Moves the damaged files out of the way, and tells the host. The next call finds an empty store.
    fn set_aside(&mut self, files: Option<&Files>) -> std::result::Result<(), Error> {
        self.store = None;
        let Some(files) = files else { return Ok(()) };
        match files.set_aside() {
            Ok(name) => {
                let text = format!("the store was damaged; it is kept as {name}, and an empty one takes its place");
                (self.tell)(Error::new(ErrorCode::Internal, text));
                Ok(())
            }
            Err(error) => {
                let text = format!("the store is damaged and cannot be set aside: {}", error.kind());
                let error = Error::new(ErrorCode::Internal, text);
                (self.tell)(error.clone());
                Err(error)
            }
        }
    }
}
