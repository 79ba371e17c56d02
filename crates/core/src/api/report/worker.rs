//! The thread that owns the store of reported events: it writes what mini-programs report, as many as wait in one
//! transaction, and hands batches to the sender. It begins with the first event, or with the client when there is a
//! collector that may still have to get what an earlier run left.

use super::counters::Tally;
use super::journal::Journal;
use super::otlp::Event;
use super::sender::Sending;
use super::store::{Batch, Store};
use crate::api::storage::{Fault, Files};
use crate::bridge::{Payload, Reply};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many jobs are taken in one go.
const GROUP: usize = 64;
/// How much one request may carry, before it is compressed.
const REQUEST_BYTES: usize = 1024 * 1024;

/// What the worker is asked to do.
pub(super) enum Job {
    /// Open the store: an earlier run may have left something in it.
    Look,
    /// Keep an event.
    Add(Event, Reply),
    /// Give at most so many of the oldest events.
    Batch(usize, oneshot::Sender<Result<Option<Batch>, Error>>),
    /// Forget all events up to this number: the collector has them, or will never take them.
    Done(i64, oneshot::Sender<Result<(), Error>>),
    /// Give back memory.
    Shrink,
    /// End, when what is asked for by then is done.
    Stop,
}

/// What the worker works with.
pub(super) struct Bench {
    /// None: in memory.
    pub(super) folder: Option<PathBuf>,
    pub(super) limits: Arc<Limits>,
    pub(super) journal: Journal,
    pub(super) tally: Arc<Tally>,
    /// None: there is no collector.
    pub(super) sending: Option<Arc<Sending>>,
    pub(super) store: Option<Store>,
}

impl Bench {
    /// Starts the thread. It ends after [`Job::Stop`], when nobody can give it jobs any more.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread.
    #[expect(clippy::disallowed_methods, reason = "the fifth of the doors for threads: one for what a client reports")]
    pub(super) fn start(self) -> Result<Sender<Job>, Error> {
        let (sender, jobs) = channel();
        let again = sender.clone();
        std::thread::Builder::new()
            .name("finapp-report".to_owned())
            .stack_size(512 * 1024)
            .spawn(move || self.work(&jobs, again))
            .map_err(|_| Error::new(ErrorCode::Limit, "no thread for reported events"))?;
        Ok(sender)
    }

    fn work(mut self, jobs: &Receiver<Job>, own: Sender<Job>) {
        // For the sending task. As long as it is here, the thread waits for itself.
        let mut own = Some(own);
        while let Ok(first) = jobs.recv() {
            let mut added = Vec::new();
            let mut others = Vec::new();
            for job in std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)) {
                match job {
                    Job::Add(event, reply) => added.push((event, reply)),
                    Job::Stop => own = None,
                    other => others.push(other),
                }
            }
            // What is dropped by a panic fails with it.
            let ran = catch_unwind(AssertUnwindSafe(|| {
                self.add(added);
                others.into_iter().for_each(|job| self.answer(job));
            }));
            if let Err(panic) = ran {
                std::mem::forget(panic);
                self.store = None;
            }
            self.tell(&mut own);
        }
        if let Some(store) = self.store.take() {
            store.close();
        }
    }

    /// Tells the sender that there is something to send.
    fn tell(&self, own: &mut Option<Sender<Job>>) {
        let waiting = self.store.as_ref().map_or(0, Store::waiting);
        self.tally.set_waiting(waiting);
        if let (true, Some(sending)) = (waiting > 0, &self.sending) {
            if let Some(jobs) = own.take() {
                sending.start(jobs);
            }
            sending.wake(waiting);
        }
    }

    fn add(&mut self, added: Vec<(Event, Reply)>) {
        if added.is_empty() {
            return;
        }
        let (events, replies): (Vec<Event>, Vec<Reply>) = added.into_iter().unzip();
        let done = self.with_store(|store| store.add(&events));
        // Before the answers: whoever has one may look at the counters.
        if let Ok(dropped) = done {
            self.tally.set_waiting(self.store.as_ref().map_or(0, Store::waiting));
            Tally::count(&self.tally.stored, events.len() as u64);
            if dropped > 0 && Tally::count(&self.tally.dropped, dropped) == 0 {
                self.journal.warn("too many reported events wait to be sent; the oldest are dropped from now on");
            }
        }
        for reply in replies {
            match &done {
                Ok(_) => reply.success(Payload::none()),
                Err(error) => reply.fail_with(Payload::none(), error.clone()),
            };
        }
    }

    fn answer(&mut self, job: Job) {
        match job {
            Job::Look => drop(self.with_store(|_| Ok(()))),
            // Whoever asked is gone when the answer cannot be given; nothing was taken from the store.
            Job::Batch(most, answer) => drop(answer.send(self.with_store(|store| store.batch(most, REQUEST_BYTES)))),
            Job::Done(last, answer) => drop(answer.send(self.with_store(|store| store.done(last)))),
            Job::Shrink => self.store.iter().for_each(Store::shrink),
            Job::Add(..) | Job::Stop => {}
        }
    }

    /// Works on the store. A damaged one is set aside, and an empty one takes its place at once if nothing was asked of
    /// it yet, else with the next job.
    fn with_store<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T, Fault>) -> Result<T, Error> {
        let files = self.folder.clone().map(|folder| Files::new(folder, "reports.sqlite"));
        if self.store.is_none() {
            let opened = match Store::open(files.as_ref(), &self.limits) {
                Err(Fault::Damaged) => {
                    self.set_aside(files.as_ref())?;
                    Store::open(files.as_ref(), &self.limits)
                }
                opened => opened,
            };
            self.store = Some(opened.map_err(plain)?);
        }
        let Some(store) = &mut self.store else { return Err(ErrorCode::Internal.into()) };
        work(store).map_err(|fault| {
            if matches!(fault, Fault::Damaged) {
                self.store = None;
                if let Err(error) = self.set_aside(files.as_ref()) {
                    return error;
                }
            }
            plain(fault)
        })
    }

    fn set_aside(&self, files: Option<&Files>) -> Result<(), Error> {
        let Some(files) = files else { return Ok(()) };
        match files.set_aside() {
            Ok(name) => {
                self.journal.error(&format!("the store of reported events was damaged; it is kept as {name}"));
                Ok(())
            }
            Err(error) => {
                let text = format!("the store of reported events is damaged and cannot be set aside: {}", error.kind());
                self.journal.error(&text);
                Err(Error::new(ErrorCode::Internal, text))
            }
        }
    }
}

fn plain(fault: Fault) -> Error {
    match fault {
        Fault::Refused(error) => error,
        Fault::Damaged => Error::new(ErrorCode::Internal, "the store was damaged"),
        Fault::Unwritten => Error::new(ErrorCode::Internal, "the store cannot be read or written"),
    }
}
