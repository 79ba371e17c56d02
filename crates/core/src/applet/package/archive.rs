//! A package that is a zip: its directory is read and checked whole when it is opened, its files when asked for.
//! Nothing is ever unpacked to disk. The file stays open, so a zip that is replaced by another keeps its content here.

use super::{PackageError, PackagePath};
use crate::limits::Limits;
use crate::lock::lock;
use crate::zip_directory;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::sync::{Arc, Mutex};
use zip::ZipReadOptions;
use zip::read::{ZipArchiveMetadata, ZipFileEntry};
use zip::result::ZipError;

/// An open zip.
pub(super) struct Archive {
    file: Mutex<File>,
    directory: Arc<ZipArchiveMetadata>,
    index: HashMap<PackagePath, usize>,
}

impl Archive {
    pub(super) fn open((file, bytes): (File, u64), limits: &Limits) -> Result<Self, PackageError> {
        let directory_room = zip_directory::room(limits.package_entries);
        // An entry's header stands in a zip twice; packing grows a file by a hair at most.
        let most = limits.package_bytes.saturating_add(directory_room.saturating_mul(2));
        if usize::try_from(bytes).map_or(true, |bytes| bytes > most) {
            return Err(too_many_bytes(limits));
        }
        let directory = zip_directory::read(BufReader::new(&file), directory_room).map_err(|error| match error {
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

    pub(super) fn size(&self, path: &PackagePath) -> Result<u64, PackageError> {
        let position = self.find(path)?;
        Ok(self.directory.entry(position).map_err(|error| zip_error(path.as_str(), &error))?.size())
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
    if !zip_directory::is_plain(entry) {
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
