//! What the library keeps for itself in the store of a mini-program, which can neither see it nor clear it: its owner is no
//! plugin's id. It goes when the host clears the data of the mini-program.

use super::Stores;
use super::database;
use super::store::Store;
use super::value::Stored;
use crate::error::Result;
use crate::ids::Generation;
use std::collections::BTreeMap;

/// No id of a plugin has this sign.
const OWNER: &str = "#finapp";

/// Names and what is noted under them.
pub(crate) type Notes = BTreeMap<String, String>;

type Done<T> = Box<dyn FnOnce(Result<T>) + Send>;

/// What a worker does for the library.
pub(super) enum Errand {
    Read(Done<Notes>),
    Write(Notes, Done<()>),
    /// Gives back memory.
    Shrink,
}

impl Stores {
    /// Reads all notes of a run. `done` has them on the thread of the store, or learns at once why that is not possible.
    pub(crate) fn notes(&self, generation: Generation, done: impl FnOnce(Result<Notes>) + Send + 'static) {
        match self.worker(generation) {
            Ok(worker) => worker.run(Errand::Read(Box::new(done))),
            Err(error) => done(Err(error)),
        }
    }

    /// Keeps these notes beside those there are. `done` hears of it when they are on the disk.
    pub(crate) fn note(&self, generation: Generation, notes: Notes, done: impl FnOnce(Result<()>) + Send + 'static) {
        match self.worker(generation) {
            Ok(worker) => worker.run(Errand::Write(notes, Box::new(done))),
            Err(error) => done(Err(error)),
        }
    }
}

pub(super) fn read(store: &Store) -> database::Result<Notes> {
    let mut notes = Notes::new();
    for name in store.info(OWNER)?.keys {
        if let Some(value) = store.get(OWNER, &name)? {
            notes.insert(name, value.text);
        }
    }
    Ok(notes)
}

pub(super) fn write(store: &mut Store, notes: Notes) -> database::Result<()> {
    let entries: Vec<(String, Stored)> = notes
        .into_iter()
        .map(|(name, text)| (name, Stored { kind: String::new(), text, binaries: Vec::new() }))
        .collect();
    store.set(OWNER, &entries)
}
