//! The store of one run of one applet, as its worker uses it: opened with the first call, set aside when it is damaged.

use super::database::{Fault, Result};
use super::files::Files;
use super::lanes::Place;
use super::notes::{self, Errand};
use super::request::Operation;
use super::store::Store;
use crate::api::worker::{Bench, Worker};
use crate::bridge::{Caller, HostCall, Payload};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use std::sync::Arc;

/// Hears what the host must know of the store.
pub(crate) type Tell = Arc<dyn Fn(Error) + Send + Sync>;

/// Where a store lies: its files, and the place in their lane. None: in memory.
pub(super) type Kept = Option<(Files, Place)>;

/// The store of one run, and what it takes to open it.
pub(super) struct Desk {
    kept: Kept,
    limits: Arc<Limits>,
    tell: Tell,
    store: Option<Store>,
}

/// Starts the thread.
///
/// # Errors
/// `E_LIMIT` when the system gives no thread.
pub(super) fn start(
    kept: Kept,
    limits: &Arc<Limits>,
    tell: Tell,
) -> std::result::Result<Worker<Operation, Errand>, Error> {
    let desk = Desk { kept, limits: limits.clone(), tell, store: None };
    Worker::start("finapp-storage", desk, 2 * limits.storage_bytes, "too much waits to be stored")
}

impl Bench for Desk {
    type Operation = Operation;
    type Errand = Errand;

    fn wait(&mut self) {
        if let Some((_, place)) = &mut self.kept {
            place.wait();
        }
    }

    fn only_reads(operation: &Operation) -> bool {
        operation.only_reads()
    }

    fn answer(&mut self, operation: Operation, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let owner = match &*info.caller {
            Caller::Plugin { plugin, .. } => plugin.as_str(),
            Caller::Applet { .. } | Caller::Page { .. } => "",
        };
        let limits = self.limits.clone();
        match self.done(|store| operation.run(store, owner, params, info.sync, &limits)) {
            Ok(body) => reply.success(body),
            Err(error) => reply.fail_with(Payload::none(), error),
        };
    }

    fn run(&mut self, errand: Errand) {
        match errand {
            Errand::Read(done) => done(self.done(|store| notes::read(store))),
            Errand::Write(notes, done) => done(self.done(|store| notes::write(store, notes))),
            Errand::Shrink => self.store.iter().for_each(Store::shrink),
        }
    }

    fn doubt(&mut self) {
        self.store = None;
    }

    /// Before the place in the lane is given up.
    fn close(mut self) {
        if let Some(store) = self.store.take() {
            store.close();
        }
    }
}

impl Desk {
    /// Does something with the store. One that turns out to be damaged is replaced for the next call.
    fn done<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T>) -> std::result::Result<T, Error> {
        self.opened().and_then(work).map_err(|fault| match fault {
            Fault::Refused(error) => error,
            Fault::Unwritten => Error::new(ErrorCode::Internal, "the store cannot be read or written"),
            Fault::Damaged => {
                let error = self.set_aside().err();
                error.unwrap_or_else(|| Error::new(ErrorCode::Internal, "the store was damaged"))
            }
        })
    }

    /// The store. One that was found damaged while it was opened has been replaced by an empty one.
    fn opened(&mut self) -> Result<&mut Store> {
        let files = self.kept.as_ref().map(|(files, _)| files.clone());
        let store = match (self.store.take(), &files) {
            (Some(store), _) => store,
            (None, None) => Store::in_memory(&self.limits)?,
            (None, Some(files)) => match Store::open(files, &self.limits) {
                Err(Fault::Damaged) => {
                    self.set_aside()?;
                    Store::open(files, &self.limits)?
                }
                opened => opened?,
            },
        };
        Ok(self.store.insert(store))
    }

    /// Moves the damaged files out of the way, and tells the host. The next call finds an empty store.
    fn set_aside(&mut self) -> std::result::Result<(), Error> {
        self.store = None;
        let Some((files, _)) = &self.kept else { return Ok(()) };
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
