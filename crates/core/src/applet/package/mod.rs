//! A mini-program package: a folder or a zip, opened fast and read file by file as the program asks.
//! What was read once is kept, so a package replaced on disk never changes a running applet under its feet.
//! From a package only text is ever served; native code and bytecode have no way through here.

mod archive;
mod disk;
mod error;
mod files;
mod manifest;
mod path;
mod plugins;
mod resolve;
#[cfg(test)]
pub(crate) mod tests;

pub use error::PackageError;
pub use manifest::Manifest;
pub use path::PackagePath;
pub use plugins::{Plugin, PluginConfig, folder_of, split as plugin_file};
pub(super) use resolve::resolve;

use crate::ids::AppletId;
use crate::limits::Limits;
use crate::lock::lock;
use archive::Archive;
use disk::Folder;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Every path that this process has opened for a package so far.
#[cfg(feature = "test-hooks")]
pub fn opened_files() -> Vec<PathBuf> {
    lock(&disk::OPENED).clone()
}

/// Where a package lies, by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageSource {
    /// A folder with the files in it.
    Folder(PathBuf),
    /// A zip archive.
    Zip(PathBuf),
}

impl PackageSource {
    /// Looks what `path` is: a folder, or a file that begins like a zip.
    ///
    /// # Errors
    /// [`PackageError::NotFound`], [`PackageError::NotAPackage`] or [`PackageError::Io`].
    pub fn detect(path: &Path) -> Result<Self, PackageError> {
        disk::detect(path)
    }
}

/// An open package.
pub struct Package {
    files: Files,
    manifest: Manifest,
    loaded: Mutex<Loaded>,
    most_bytes: usize,
    most_entries: usize,
    most_manifest_bytes: usize,
}

enum Files {
    Folder(Folder),
    Zip(Archive),
}

#[derive(Default)]
struct Loaded {
    sources: HashMap<PackagePath, Arc<str>>,
    bytes: usize,
}

impl Package {
    /// Opens the folder or zip at `path`: checks that `app.js` is there and reads `app.json` if there is one.
    /// Everything else is read when it is asked for.
    ///
    /// # Errors
    /// A [`PackageError`] that names the file inside the package, never a path of the host.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        let files = match PackageSource::detect(path)? {
            PackageSource::Folder(root) => Files::Folder(Folder::open(&root)?),
            PackageSource::Zip(file) => Files::Zip(Archive::open(disk::open_archive(&file)?, limits)?),
        };
        Self::of(files, limits)
    }

    /// The same for a zip that has been opened: it stays this very file, whatever happens to its name.
    pub(crate) fn open_zip(zip: File, limits: &Limits) -> Result<Self, PackageError> {
        Self::of(Files::Zip(Archive::open(disk::sized(zip)?, limits)?), limits)
    }

    fn of(files: Files, limits: &Limits) -> Result<Self, PackageError> {
        let mut package = Self {
            files,
            manifest: Manifest::default(),
            loaded: Mutex::default(),
            most_bytes: limits.package_bytes,
            most_entries: limits.package_entries,
            most_manifest_bytes: limits.message_bytes,
        };
        package.files.find(&PackagePath::parse(None, "app.js")?).map_err(as_missing)?;
        package.manifest = package.read_manifest()?;
        Ok(package)
    }

    /// The text of a source file (`.js` or `.json`), without its byte order mark. The first answer stands for as long
    /// as the package is open, whatever happens to the file.
    ///
    /// # Errors
    /// [`PackageError::NotASource`], [`PackageError::NoSuchFile`], [`PackageError::SymbolicLink`],
    /// [`PackageError::NotUtf8`], [`PackageError::TooLarge`], [`PackageError::BadZip`] or [`PackageError::Io`].
    pub fn source(&self, path: &PackagePath) -> Result<Arc<str>, PackageError> {
        if !path.is_source() {
            return Err(PackageError::NotASource { file: path.to_string() });
        }
        // Held while the file is read: two askers must get the same text.
        let mut loaded = lock(&self.loaded);
        if let Some(text) = loaded.sources.get(path) {
            return Ok(Arc::clone(text));
        }
        if loaded.sources.len() >= self.most_entries {
            return Err(PackageError::TooLarge { what: "package entries", most: self.most_entries });
        }
        let room = self.most_bytes.saturating_sub(loaded.bytes);
        let bytes = self.files.read(path, room)?;
        let bytes = bytes.ok_or(PackageError::TooLarge { what: "package bytes", most: self.most_bytes })?;
        let text = text_of(path, &bytes)?;
        loaded.bytes += bytes.len();
        loaded.sources.insert(path.clone(), Arc::clone(&text));
        Ok(text)
    }

    /// Whether the package holds a regular file of exactly this name.
    #[must_use]
    pub fn has(&self, path: &PackagePath) -> bool {
        lock(&self.loaded).sources.contains_key(path) || self.files.find(path).is_ok()
    }

    /// The bytes of any file, or nothing when there are more than `most`: for the mini-program itself, never for the
    /// engine.
    ///
    /// # Errors
    /// Those of [`Package::source`], but for what only text can be.
    pub(crate) fn bytes(&self, path: &PackagePath, most: usize) -> Result<Option<Vec<u8>>, PackageError> {
        self.files.read(path, most)
    }

    /// How many bytes a file has.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn size(&self, path: &PackagePath) -> Result<u64, PackageError> {
        match &self.files {
            Files::Folder(folder) => folder.find(path).map(|found| found.size()),
            Files::Zip(archive) => archive.size(path),
        }
    }

    /// What `app.json` says; empty when there is none.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What the `plugin.json` of a plugin says, which is read when it is asked for.
    ///
    /// # Errors
    /// [`PackageError::BadPluginManifest`], and those of [`Package::source`].
    pub fn plugin(&self, provider: &AppletId) -> Result<PluginConfig, PackageError> {
        let file = format!("{}/plugin.json", folder_of(provider));
        let text = self.source(&PackagePath::parse(None, &file)?)?;
        if text.len() > self.most_manifest_bytes {
            return Err(PackageError::TooLarge { what: "plugin.json bytes", most: self.most_manifest_bytes });
        }
        PluginConfig::parse(&file, &text)
    }

    fn read_manifest(&self) -> Result<Manifest, PackageError> {
        let text = match self.source(&PackagePath::parse(None, "app.json")?) {
            Ok(text) => text,
            Err(PackageError::NoSuchFile { .. }) => return Ok(Manifest::default()),
            Err(error) => return Err(as_missing(error)),
        };
        // It becomes a tree many times its size, so it is held to the size of one message.
        if text.len() > self.most_manifest_bytes {
            return Err(PackageError::TooLarge { what: "app.json bytes", most: self.most_manifest_bytes });
        }
        Manifest::parse(&text)
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl Files {
    fn find(&self, path: &PackagePath) -> Result<(), PackageError> {
        match self {
            Self::Folder(folder) => folder.find(path).map(drop),
            Self::Zip(archive) => archive.find(path).map(drop),
        }
    }

    /// The bytes of a file, or nothing when there are more than `most`.
    fn read(&self, path: &PackagePath, most: usize) -> Result<Option<Vec<u8>>, PackageError> {
        match self {
            Self::Folder(folder) => folder.read(path, most),
            Self::Zip(archive) => archive.read(path, most),
        }
    }
}

/// What a missing file means while a package is opened: the package is bad, not the question.
fn as_missing(error: PackageError) -> PackageError {
    match error {
        PackageError::NoSuchFile { file } | PackageError::SymbolicLink { file } => PackageError::MissingFile { file },
        other => other,
    }
}

fn text_of(path: &PackagePath, bytes: &[u8]) -> Result<Arc<str>, PackageError> {
    let text = std::str::from_utf8(bytes).map_err(|_| PackageError::NotUtf8 { file: path.to_string() })?;
    Ok(Arc::from(text.strip_prefix('\u{feff}').unwrap_or(text)))
}
