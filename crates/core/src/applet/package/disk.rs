//! The door to the file system: every call that touches the disk for a package stands here.
//! A package folder is read file by file; no symbolic link is followed below its root, at any level.

#![expect(clippy::disallowed_methods, reason = "the package reader is the door to package files")]

use super::{PackageError, PackagePath, PackageSource};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// How a zip begins: with the header of an entry, or with the end record when it has none.
const ZIP_SIGNATURES: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

/// Tells a folder from a zip. The path is the host's own, so links in it are followed.
pub(super) fn detect(path: &Path) -> Result<PackageSource, PackageError> {
    let metadata = fs::metadata(path).map_err(package_error)?;
    if metadata.is_dir() {
        return Ok(PackageSource::Folder(path.to_owned()));
    }
    // A pipe or a device is not even opened: that alone can hang.
    if !metadata.is_file() {
        return Err(PackageError::NotAPackage);
    }
    let mut start = [0; 4];
    match open(path).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) if ZIP_SIGNATURES.contains(&start) => Ok(PackageSource::Zip(path.to_owned())),
        Ok(()) => Err(PackageError::NotAPackage),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(PackageError::NotAPackage),
        Err(error) => Err(package_error(error)),
    }
}

/// Opens a zip and tells its size.
pub(super) fn open_archive(path: &Path) -> Result<(File, u64), PackageError> {
    sized(open(path).map_err(package_error)?)
}

/// A file, and its size.
pub(super) fn sized(file: File) -> Result<(File, u64), PackageError> {
    let bytes = file.metadata().map_err(package_error)?.len();
    Ok((file, bytes))
}

/// The one call that opens a file.
fn open(path: &Path) -> io::Result<File> {
    #[cfg(feature = "test-hooks")]
    crate::lock::lock(&OPENED).push(path.to_owned());
    File::open(path)
}

/// Every path that was opened for a package, for the tests that nothing else is.
#[cfg(feature = "test-hooks")]
pub(super) static OPENED: std::sync::Mutex<Vec<PathBuf>> = std::sync::Mutex::new(Vec::new());

/// A package that is a folder.
pub(super) struct Folder {
    /// Free of links since it was opened.
    root: PathBuf,
}

/// A regular file as it was when its path was checked.
pub(super) struct Found {
    path: PathBuf,
    metadata: Metadata,
}

impl Found {
    pub(super) fn size(&self) -> u64 {
        self.metadata.len()
    }
}

impl Folder {
    pub(super) fn open(root: &Path) -> Result<Self, PackageError> {
        Ok(Self { root: fs::canonicalize(root).map_err(package_error)? })
    }

    /// Walks down from the root without opening anything, and refuses a symbolic link wherever it stands.
    pub(super) fn find(&self, path: &PackagePath) -> Result<Found, PackageError> {
        let no_such_file = || PackageError::NoSuchFile { file: path.to_string() };
        let mut below = self.root.clone();
        let mut last = None;
        for name in path.as_str().split('/') {
            below.push(name);
            let metadata = fs::symlink_metadata(&below).map_err(|error| file_error(path, &error))?;
            if metadata.is_symlink() {
                return Err(PackageError::SymbolicLink { file: path.to_string() });
            }
            last = Some(metadata);
        }
        let metadata = last.filter(Metadata::is_file).ok_or_else(no_such_file)?;
        // Differs on a disk that ignores case when the name was asked for in another case, which would give one file
        // two names; and everywhere when a folder on the way became a link after it was looked at. (Case-folding
        // folders on Linux keep the case that was asked for: there one file can have two names, still inside the root.)
        if fs::canonicalize(&below).map_err(|error| file_error(path, &error))? != below {
            return Err(no_such_file());
        }
        Ok(Found { path: below, metadata })
    }

    /// The bytes of a file, or nothing when there are more than `most`.
    pub(super) fn read(&self, path: &PackagePath, most: usize) -> Result<Option<Vec<u8>>, PackageError> {
        let found = self.find(path)?;
        let file = open_found(&found).map_err(|error| file_error(path, &error))?;
        let size = usize::try_from(found.metadata.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::with_capacity(size.min(most));
        // What was read counts, not what was promised: the file may have grown since.
        let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        file.take(bound).read_to_end(&mut bytes).map_err(|error| file_error(path, &error))?;
        Ok((bytes.len() <= most).then_some(bytes))
    }
}

/// Opens what [`Folder::find`] found, if it is still that very file.
///
/// The standard library cannot open a path step by step without following links, so a race remains: whoever can
/// write to the package folder and swaps a folder on the way for a link before its file is looked at, back before the
/// name is compared, and again before the file is opened, gets a file of his choice read as text. Whoever can write
/// there can as well put that text into `app.js`; a mini-program cannot write there.
pub(super) fn open_found(found: &Found) -> io::Result<File> {
    let file = open(&found.path)?;
    if identity(&file.metadata()?) != identity(&found.metadata) {
        return Err(ErrorKind::NotFound.into());
    }
    Ok(file)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Size and time must do where the standard library tells no file number.
#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> (u64, Option<std::time::SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

fn package_error(error: io::Error) -> PackageError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => PackageError::NotFound,
        kind => PackageError::Io { file: "package".to_owned(), kind },
    }
}

fn file_error(path: &PackagePath, error: &io::Error) -> PackageError {
    let file = path.to_string();
    match error.kind() {
        // A name too long for the disk names no file.
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
            PackageError::NoSuchFile { file }
        }
        kind => PackageError::Io { file, kind },
    }
}
