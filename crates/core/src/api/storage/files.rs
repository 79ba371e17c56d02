//! The files of one store: where they lie, and how damaged ones are set aside.
#![expect(clippy::disallowed_methods, reason = "the door to the files of the store")]

use crate::error::{Error, ErrorCode};
use std::fs;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The files of one store in one folder.
#[derive(Clone, Debug)]
pub(in crate::api) struct Files {
    folder: PathBuf,
    name: &'static str,
}

/// What lies in the place of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Store,
    /// An empty file, a log without its store, or a store without the log it needs: no run of ours leaves such.
    Rest,
}

impl Files {
    /// The store of that name.
    pub(in crate::api) fn new(folder: PathBuf, name: &'static str) -> Self {
        Self { folder, name }
    }

    /// The store.
    pub(super) fn store(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// Where a store is made, so that one that has its name is complete.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.folder.join(format!("{}.new", self.name))
    }

    pub(super) fn look(&self) -> Result<Found> {
        match fs::metadata(self.store()) {
            Ok(found) if found.len() > 0 && (self.has_log() || !self.mark().exists()) => Ok(Found::Store),
            Ok(_) => Ok(Found::Rest),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(if self.has_log() { Found::Rest } else { Found::Nothing })
            }
            Err(error) => Err(error),
        }
    }

    /// Makes the folder, and room for a new store.
    pub(super) fn prepare(&self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        for end in ["", "-wal", "-shm", "-journal"] {
            remove(&beside(&self.unfinished(), end))?;
        }
        Ok(())
    }

    /// Gives the finished store its name.
    pub(super) fn finish(&self) -> Result<()> {
        fs::rename(self.unfinished(), self.store())?;
        self.sync_names()
    }

    /// Notes that there may be writes that stand in the log alone.
    pub(in crate::api) fn mark_log(&self) -> Result<()> {
        fs::File::create(self.mark())?;
        self.sync_names()
    }

    /// Notes that the store has all.
    pub(in crate::api) fn unmark_log(&self) -> Result<()> {
        remove(&self.mark())
    }

    fn mark(&self) -> PathBuf {
        beside(&self.store(), "-needs-wal")
    }

    fn has_log(&self) -> bool {
        beside(&self.store(), "-wal").exists()
    }

    /// Names, too, must outlast a power loss.
    fn sync_names(&self) -> Result<()> {
        fs::File::open(&self.folder)?.sync_all()
    }

    /// What the disk says to a file as long as the log and one value more, which is not written.
    pub(super) fn why_unwritten(&self, value: usize) -> Error {
        let log = fs::metadata(beside(&self.store(), "-wal")).map_or(0, |log| log.len());
        let path = beside(&self.store(), ".probe");
        let probed = fs::File::create(&path).and_then(|file| {
            let length = log + u64::try_from(value).unwrap_or(0);
            Ok(rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, length)?)
        });
        drop(remove(&path));
        match probed.err().unwrap_or_else(|| ErrorKind::Other.into()).kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                ErrorCode::StorageFull.into()
            }
            _ => Error::new(ErrorCode::Internal, "the store cannot be read or written"),
        }
    }

    /// Moves a damaged store out of the way. Gives its new name.
    pub(in crate::api) fn set_aside(&self) -> Result<String> {
        let name = (1_u32..)
            .map(|number| format!("{}.corrupt-{number}", self.name))
            .find(|name| !self.folder.join(name).exists() && !beside(&self.folder.join(name), "-wal").exists())
            .ok_or(ErrorKind::AlreadyExists)?;
        let aside = self.folder.join(&name);
        for end in ["-wal", ""] {
            match fs::rename(beside(&self.store(), end), beside(&aside, end)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        remove(&beside(&self.store(), "-shm"))?;
        self.unmark_log()?;
        Ok(name)
    }
}

/// SQLite's own names for the files beside a store.
fn beside(store: &Path, end: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
