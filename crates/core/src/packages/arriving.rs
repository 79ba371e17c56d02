//! A zip on its way into the cache: written to an unfinished file, counted and digested as it comes. Until it has proved
//! to be what the index said, nothing of it can be found.

#![expect(clippy::disallowed_methods, reason = "part of the door to the files of downloaded packages")]

use super::Turn;
use super::cache::{Cache, Place, UNFINISHED, fault, sync_names, zip_of};
use crate::error::{Error, ErrorCode, Result};
use crate::package_index::{IndexEntry, Sha256};
use ring::digest;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A download. Dropped before its end, it leaves nothing.
pub(super) struct Arriving {
    cache: Arc<Cache>,
    place: Place,
    entry: IndexEntry,
    /// Held also by a write that nobody waits for any more.
    _turn: Arc<Turn>,
    unfinished: PathBuf,
    file: File,
    digest: digest::Context,
    received: u64,
}

impl Arriving {
    /// Makes room for a new version and begins its file.
    ///
    /// # Errors
    /// `E_TOO_LARGE` when it could never fit, `E_STORAGE_FULL`, `E_INTERNAL`.
    pub(super) fn begin(cache: &Arc<Cache>, place: Place, entry: IndexEntry, turn: Arc<Turn>) -> Result<Self> {
        cache.prepare(&place, entry.package.bytes)?;
        // A name of its own: a download that was ended may still hold the last one.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = place.folder.join(format!("{}.{number}{UNFINISHED}", entry.package.sha256));
        let file = fs::OpenOptions::new().read(true).write(true).create_new(true).open(&unfinished);
        let file = file.map_err(|error| fault(&error))?;
        let digest = digest::Context::new(&digest::SHA256);
        Ok(Self { cache: cache.clone(), place, entry, _turn: turn, unfinished, file, digest, received: 0 })
    }

    /// How many bytes there are.
    pub(super) fn total(&self) -> u64 {
        self.entry.package.bytes
    }

    /// How many bytes have come.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `E_BAD_PACKAGE` when there are more than the index says, `E_STORAGE_FULL`, `E_INTERNAL`.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.received = self.received.saturating_add(bytes.len() as u64);
        if self.received > self.entry.package.bytes {
            return Err(self.refused("more".to_owned()));
        }
        self.digest.update(bytes);
        self.file.write_all(bytes).map_err(|error| fault(&error))
    }

    /// Everything has come: makes it the version that counts. Gives the open zip.
    ///
    /// # Errors
    /// `E_BAD_PACKAGE` when it is not what the index says, `E_STORAGE_FULL`, `E_INTERNAL`.
    pub(super) fn finish(mut self) -> Result<File> {
        if self.received != self.entry.package.bytes {
            return Err(self.refused(self.received.to_string()));
        }
        if Sha256::from_digest(&self.digest.clone().finish()) != self.entry.package.sha256 {
            return Err(Error::new(ErrorCode::BadPackage, "package: the SHA-256 is not the one in the index"));
        }
        self.settle().map_err(|error| fault(&error))
    }

    fn settle(&mut self) -> io::Result<File> {
        self.file.sync_all()?;
        fs::rename(&self.unfinished, zip_of(&self.place.folder, &self.entry.package))?;
        sync_names(&self.place.folder)?;
        self.cache.install(&self.place, &self.entry)?;
        self.file.rewind()?;
        self.file.try_clone()
    }

    fn refused(&self, got: String) -> Error {
        let text = format!("package: expected {} bytes as the index says, got {got}", self.entry.package.bytes);
        Error::new(ErrorCode::BadPackage, text)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // After a good end it has another name, and what cannot be removed is swept before the next download.
        drop(fs::remove_file(&self.unfinished));
    }
}
