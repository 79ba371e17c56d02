//! Writing so that a value is there whole or not at all: a file is made beside the others, flushed, and then given its
//! name; what is added to one is taken away again when it does not fit (C14, C16).

use super::fault::Fault;
use super::folder::{Folder, Kind};
use super::place::{Area, Place};
use super::sandbox::{Sandbox, check_writable};
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

type Result<T> = std::result::Result<T, Fault>;

/// A file that has no name yet. It is removed unless it gets one.
struct Unfinished<'a> {
    folder: &'a Folder,
    name: String,
    named: bool,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.named {
            // What stays is removed with the next run.
            drop(self.folder.remove_file(&self.name));
        }
    }
}

/// Puts the first `expected` bytes that `from` gives in the place, instead of what is there.
pub(super) fn put(sandbox: &Sandbox, place: &Place, from: &mut impl Read, expected: u64) -> Result<()> {
    check_writable(place)?;
    let (folder, name) = sandbox.parent(place)?;
    let old = match folder.look(name) {
        Ok(stat) => match Kind::of(&stat) {
            Kind::File => Some(u64::try_from(stat.st_size).unwrap_or(0)),
            Kind::Folder => return Err(Fault::NotForFolders),
            Kind::Other => return Err(Fault::Forbidden),
        },
        Err(Fault::NoSuch) => None,
        Err(fault) => return Err(fault),
    };
    sandbox.check_room(place.area, expected.saturating_sub(old.unwrap_or(0)), usize::from(old.is_none()))?;
    let beside = sandbox.unfinished()?;
    let (new_name, mut file) = sandbox.fresh(&beside, "", None)?;
    let mut unfinished = Unfinished { folder: &beside, name: new_name, named: false };
    let written = std::io::copy(&mut from.take(expected), &mut file)?;
    if written != expected {
        return Err(Fault::Broken);
    }
    sync(&file)?;
    beside.rename(&unfinished.name, &folder, name)?;
    unfinished.named = true;
    sandbox.count(place.area, signed(written) - signed(old.unwrap_or(0)), isize::from(old.is_none()));
    folder.sync()
}

/// Adds to the end of a file, which is made if it is missing.
pub(super) fn append(sandbox: &Sandbox, place: &Place, bytes: &[u8]) -> Result<()> {
    check_writable(place)?;
    let (folder, name) = sandbox.parent(place)?;
    let flags = OFlags::WRONLY | OFlags::APPEND;
    let mut file = match folder.open(name, flags) {
        Ok(file) => file,
        Err(Fault::NoSuch) => return put(sandbox, place, &mut { bytes }, bytes.len() as u64),
        Err(fault) => return Err(for_folders(fault)),
    };
    sandbox.check_room(place.area, bytes.len() as u64, 0)?;
    let before = file.metadata()?.len();
    let done = file.write_all(bytes).map_err(Fault::from).and_then(|()| sync(&file));
    settle(sandbox, place.area, &file, before, done)
}

/// Writes at a position: first what makes the file longer, since that is what a full disk refuses, then the rest.
pub(super) fn write_at(file: &mut File, position: u64, bytes: &[u8]) -> Result<()> {
    let before = file.metadata()?.len();
    let inside = usize::try_from(before.saturating_sub(position)).unwrap_or(usize::MAX).min(bytes.len());
    let (head, tail) = bytes.split_at(inside);
    let done = (|| {
        if !tail.is_empty() {
            file.seek(SeekFrom::Start(position + inside as u64))?;
            file.write_all(tail)?;
        }
        file.seek(SeekFrom::Start(position))?;
        file.write_all(head)
    })();
    if done.is_err() && !tail.is_empty() {
        file.set_len(before)?;
    }
    Ok(done?)
}

/// Makes a file as long as that: cut, or filled up with zeros.
pub(super) fn set_length(sandbox: &Sandbox, area: Area, file: &File, length: u64) -> Result<()> {
    let before = file.metadata()?.len();
    sandbox.check_room(area, length.saturating_sub(before), 0)?;
    let done = file.set_len(length).map_err(Fault::from).and_then(|()| sync(file));
    match done {
        Ok(()) => {
            sandbox.count(area, signed(length) - signed(before), 0);
            Ok(())
        }
        // What was cut off is gone; what was added can be taken away.
        Err(fault) if length > before => settle(sandbox, area, file, before, Err(fault)),
        Err(fault) => {
            sandbox.changed(area);
            Err(fault)
        }
    }
}

/// Counts what was added; or takes it away, when it was not added for good.
pub(super) fn settle(sandbox: &Sandbox, area: Area, file: &File, before: u64, done: Result<()>) -> Result<()> {
    match done {
        Ok(()) => {
            sandbox.count(area, signed(file.metadata()?.len()) - signed(before), 0);
            Ok(())
        }
        Err(fault) => {
            // The first fault is the one to tell, whatever comes of this.
            drop(file.set_len(before));
            sandbox.changed(area);
            Err(fault)
        }
    }
}

/// What a file holds is on the disk when this returns.
pub(super) fn sync(file: &File) -> Result<()> {
    Ok(file.sync_all()?)
}

/// A folder where a file is wanted.
pub(super) fn for_folders(fault: Fault) -> Fault {
    if fault == Fault::IsAFolder { Fault::NotForFolders } else { fault }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
