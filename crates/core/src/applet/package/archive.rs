//! A package that is a zip: its directory is read and checked whole when it is opened, its files when asked for.
//! Nothing is ever unpacked to disk. The file stays open, so a zip that is replaced by another keeps its content here.

use super::{PackageError, PackagePath};
use crate::limits::Limits;
use crate::lock::lock;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex};
use zip::read::{ArchiveOffset, Config, ZipArchiveMetadata, ZipFileEntry};
use zip::result::ZipError;
use zip::{ZipArchive, ZipReadOptions};

/// What an entry may take in the directory, on average: header, name, extra fields.
const DIRECTORY_BYTES_PER_ENTRY: usize = 512;

/// What finding the directory may cost: an archive may end with a comment of 64 KiB, which is searched.
const SEARCH_BYTES: usize = 256 * 1024;

/// Where the Unix mode of an entry keeps the type of the file, and the types a package may hold: not said, regular
/// file, folder. Everything else is a link, a device or a pipe.
const TYPE_BITS: u32 = 0o170_000;
const PLAIN_TYPES: [u32; 3] = [0, 0o100_000, 0o040_000];

/// An open zip.
pub(super) struct Archive {
    file: Mutex<File>,
    directory: Arc<ZipArchiveMetadata>,
    index: HashMap<PackagePath, usize>,
}

impl Archive {
    pub(super) fn open((file, bytes): (File, u64), limits: &Limits) -> Result<Self, PackageError> {
        let directory_room = limits.package_entries.saturating_mul(DIRECTORY_BYTES_PER_ENTRY);
        let directory_room = directory_room.saturating_add(SEARCH_BYTES);
        // An entry's header stands in a zip twice; packing grows a file by a hair at most.
        let most = limits.package_bytes.saturating_add(directory_room.saturating_mul(2));
        if usize::try_from(bytes).map_or(true, |bytes| bytes > most) {
            return Err(too_many_bytes(limits));
        }
        let directory = read_directory(BufReader::new(&file), directory_room).map_err(|error| match error {
            ZipError::Io(error) if error.kind() == ErrorKind::FileTooLarge => too_many_entries(limits),
            error => zip_error("package", &error),
        })?;
        let index = index_entries(&directory, limits)?;
        Ok(Self { file: Mutex::new(file), directory, index })
    }

    /// Where the entry of a file stands in the directory.
    pub(super) fn find(&self, path: &PackagePath) -> Result<usize, PackageError> {
        self.index.get(path).copied().ok_or_else(|| PackageError::NoSuchFile { file: path.to_string() })
    }

    /// The bytes of a file, or nothing when there are more than `most`.
    pub(super) fn read(&self, path: &PackagePath, most: usize) -> Result<Option<Vec<u8>>, PackageError> {
        let position = self.find(path)?;
        let fail = |error: ZipError| zip_error(path.as_str(), &error);
        let mut file = lock(&self.file);
        let entry = self.directory.entry(position).map_err(fail)?;
        let size = entry.size();
        if usize::try_from(size).map_or(true, |size| size > most) {
            return Ok(None);
        }
        let inflated = entry.with_reader(&mut *file, ZipReadOptions::new()).map_err(fail)?;
        let mut bytes = Vec::new();
        // One byte more than declared tells a lie before it costs memory.
        let read = inflated.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| fail(error.into()))?;
        if read as u64 != size {
            return Err(bad_zip(format!("{path}: the declared size is not the real one")));
        }
        Ok(Some(bytes))
    }
}

/// Reads the directory of a zip that begins at the first byte of `file`. It stops with `FileTooLarge` once `room` bytes
/// were read: a directory of millions of tiny entries would take gigabytes before anybody could count them.
fn read_directory(file: impl Read + Seek, room: usize) -> Result<Arc<ZipArchiveMetadata>, ZipError> {
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    Ok(ZipArchive::with_config(config, Metered { file, room })?.metadata())
}

/// Checks every entry of the directory, wanted or not, and tells where each file stands.
fn index_entries(directory: &ZipArchiveMetadata, limits: &Limits) -> Result<HashMap<PackagePath, usize>, PackageError> {
    if directory.len() > limits.package_entries {
        return Err(too_many_entries(limits));
    }
    if directory.has_duplicate_names() {
        return Err(bad_zip("two entries have the same name"));
    }
    let mut index = HashMap::with_capacity(directory.len());
    let mut unpacked: u64 = 0;
    for position in 0..directory.len() {
        let entry = directory.entry(position).map_err(|error| zip_error("package", &error))?;
        unpacked = unpacked.saturating_add(entry.size());
        if usize::try_from(unpacked).map_or(true, |unpacked| unpacked > limits.package_bytes) {
            return Err(too_many_bytes(limits));
        }
        let Some(path) = check_entry(&entry)? else { continue };
        // `a.js` and `./a.js` are two names in the directory and one file for us.
        if index.insert(path, position).is_some() {
            return Err(bad_zip("two entries have the same name"));
        }
    }
    Ok(index)
}

/// The path of an entry, or nothing for a folder.
fn check_entry(entry: &ZipFileEntry<'_>) -> Result<Option<PackagePath>, PackageError> {
    let name = std::str::from_utf8(entry.name_raw()).map_err(|_| bad_zip("an entry's name is not UTF-8"))?;
    if !PLAIN_TYPES.contains(&(entry.external_attributes() >> 16 & TYPE_BITS)) {
        return Err(bad_zip(format!("entry {name:?}: expected a file or a folder, got a link or a device")));
    }
    PackagePath::parse_entry(name).map_err(|error| bad_zip(format!("entry {name:?}: {error}")))
}

fn too_many_entries(limits: &Limits) -> PackageError {
    PackageError::TooLarge { what: "package entries", most: limits.package_entries }
}

fn too_many_bytes(limits: &Limits) -> PackageError {
    PackageError::TooLarge { what: "package bytes", most: limits.package_bytes }
}

fn bad_zip(reason: impl Into<String>) -> PackageError {
    PackageError::BadZip { reason: reason.into() }
}

/// What the zip crate says of `file`: a fault of the archive, or of the disk below it.
fn zip_error(file: &str, error: &ZipError) -> PackageError {
    let reason = match error {
        ZipError::Io(error) => match error.kind() {
            // The crate's own words for a torn or forged archive.
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => error.to_string(),
            kind => return PackageError::Io { file: file.to_owned(), kind },
        },
        ZipError::InvalidArchive(reason) => reason.to_string(),
        ZipError::UnsupportedArchive(reason) => (*reason).to_owned(),
        other => other.to_string(),
    };
    bad_zip(format!("{file}: {reason}"))
}

/// A reader that refuses to go on after `room` bytes.
struct Metered<R> {
    file: R,
    room: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(self.room);
        let read = self.file.read(&mut buffer[..most])?;
        self.room -= read;
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::scratch::zip_of;
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_directory_too_long_to_count_is_given_up_before_it_is_in_memory() {
        let names: Vec<String> = (0..2_000).map(|number| format!("{number}.js")).collect();
        let entries: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
        let zip = zip_of(&entries);
        let error = read_directory(Cursor::new(&zip), 90_000).unwrap_err();
        assert!(matches!(&error, ZipError::Io(error) if error.kind() == ErrorKind::FileTooLarge), "{error}");
        assert_eq!(read_directory(Cursor::new(&zip), SEARCH_BYTES).unwrap().len(), 2_000);
    }
}
