//! The files that a mini-program has open, under the descriptors that it knows them by. They are its own alone, and end
//! with its run.

use super::fault::Fault;
use super::place::{Area, Place};
use super::reading::Source;
use super::request::{Stats, whole};
use super::sandbox::{Sandbox, check_writable};
use super::writing::{self, for_folders, settle};
use crate::error::ErrorCode;
use crate::limits::Limits;
use rustix::fs::OFlags;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

type Result<T> = std::result::Result<T, Fault>;

/// The open files.
#[derive(Default)]
pub(super) struct Handles {
    open: HashMap<String, Handle>,
    made: u64,
}

/// One open file.
pub(super) struct Handle {
    source: Source,
    area: Area,
    mode: Mode,
}

/// What a flag allows.
#[derive(Clone, Copy)]
struct Mode {
    read: bool,
    write: bool,
    append: bool,
    flags: OFlags,
}

impl Mode {
    fn parse(flag: &str) -> Result<Self> {
        let base = flag.trim_end_matches('+');
        let both = base.len() + 1 == flag.len();
        let make = OFlags::CREATE;
        let (write, append, flags) = match base {
            "r" => (both, false, OFlags::empty()),
            "w" => (true, false, make | OFlags::TRUNC),
            "wx" => (true, false, make | OFlags::EXCL),
            "a" => (true, true, make | OFlags::APPEND),
            "ax" => (true, true, make | OFlags::APPEND | OFlags::EXCL),
            "as" => (true, true, make | OFlags::APPEND | OFlags::SYNC),
            _ => return Err(Fault::BadFlag),
        };
        if !both && base.len() != flag.len() {
            return Err(Fault::BadFlag);
        }
        let read = both || base == "r";
        let access = match (read, write) {
            (true, true) => OFlags::RDWR,
            (true, false) => OFlags::RDONLY,
            _ => OFlags::WRONLY,
        };
        Ok(Self { read, write, append, flags: flags | access })
    }
}

impl Handles {
    /// Opens a file and gives its descriptor.
    pub(super) fn open(&mut self, sandbox: &Sandbox, place: &Place, flag: &str, limits: &Limits) -> Result<String> {
        let mode = Mode::parse(flag)?;
        if self.open.len() >= limits.files_open {
            return Err(Fault::TooManyHandles);
        }
        let source = if mode.write {
            check_writable(place)?;
            let (folder, name) = sandbox.parent(place)?;
            if mode.flags.contains(OFlags::CREATE) && matches!(folder.look(name), Err(Fault::NoSuch)) {
                sandbox.check_room(place.area, 0, 1)?;
            }
            let file = folder.open(name, mode.flags).map_err(for_folders)?;
            if mode.flags.contains(OFlags::CREATE) {
                sandbox.changed(place.area);
            }
            Source::Disk(file)
        } else {
            Source::open(sandbox, place, limits)?
        };
        self.made += 1;
        let fd = self.made.to_string();
        self.open.insert(fd.clone(), Handle { source, area: place.area, mode });
        Ok(fd)
    }

    pub(super) fn get(&mut self, fd: Option<&str>) -> Result<&mut Handle> {
        fd.and_then(|fd| self.open.get_mut(fd)).ok_or(Fault::BadHandle)
    }

    /// Closes a file. What was written to it is on the disk then.
    pub(super) fn close(&mut self, fd: Option<&str>) -> Result<()> {
        let handle = fd.and_then(|fd| self.open.remove(fd)).ok_or(Fault::BadHandle)?;
        match &handle.source {
            Source::Disk(file) if handle.mode.write => writing::sync(file),
            _ => Ok(()),
        }
    }
}

impl Handle {
    /// Reads at most `length` bytes: from the position, or from where the last call ended.
    pub(super) fn read(&mut self, position: Option<f64>, length: u64, limits: &Limits) -> Result<Vec<u8>> {
        if !self.mode.read {
            return Err(Fault::HandleDenied);
        }
        if length > limits.message_binary_bytes as u64 {
            return Err(Fault::Own(ErrorCode::TooLarge));
        }
        let back = match position {
            Some(position) => {
                let back = self.source.stream_position()?;
                self.source.seek(SeekFrom::Start(whole(position, Fault::BadPosition)?))?;
                Some(back)
            }
            None => None,
        };
        let mut bytes = Vec::new();
        let read = (&mut self.source).take(length).read_to_end(&mut bytes);
        if let Some(back) = back {
            self.source.seek(SeekFrom::Start(back))?;
        }
        read?;
        Ok(bytes)
    }

    /// Writes at the position, or where the last call ended.
    pub(super) fn write(&mut self, sandbox: &Sandbox, position: Option<f64>, bytes: &[u8]) -> Result<()> {
        let (area, append) = (self.area, self.mode.append);
        let file = self.writable()?;
        let before = file.metadata()?.len();
        let current = file.stream_position()?;
        let start = match position {
            _ if append => before,
            Some(position) => whole(position, Fault::BadPosition)?,
            None => current,
        };
        let end = start.checked_add(bytes.len() as u64).ok_or(Fault::BadPosition)?;
        sandbox.check_room(area, end.saturating_sub(before), 0)?;
        let done =
            if append { file.write_all(bytes).map_err(Fault::from) } else { writing::write_at(file, start, bytes) };
        let after = if done.is_ok() && position.is_none() { end } else { current };
        settle(sandbox, area, file, before, done)?;
        file.seek(SeekFrom::Start(after))?;
        Ok(())
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        self.source.stats()
    }

    /// Makes the file as long as that.
    pub(super) fn set_length(&mut self, sandbox: &Sandbox, length: u64) -> Result<()> {
        let area = self.area;
        writing::set_length(sandbox, area, self.writable()?, length)
    }

    fn writable(&mut self) -> Result<&mut File> {
        match &mut self.source {
            Source::Disk(file) if self.mode.write => Ok(file),
            _ => Err(Fault::HandleDenied),
        }
    }
}
