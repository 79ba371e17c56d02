//! A file of the host becomes one of the mini-program: what a picker gives is copied, so that the mini-program neither
//! learns where it lay nor keeps it from going away.
#![expect(clippy::disallowed_methods, reason = "the host names the file; what it becomes lies in the sandbox")]

use super::sandbox::Sandbox;
use crate::error::{Error, ErrorCode, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read, copy};
use std::path::Path;

/// What a copied file is to the mini-program.
#[derive(Debug)]
pub(crate) struct Imported {
    /// Its path.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) size: u64,
}

impl Sandbox {
    /// Copies a file of the host to a temporary one. With `taken` the host's own goes then: it was made for this. May
    /// wait for the disk.
    ///
    /// # Errors
    /// `E_STORAGE_FULL` when it does not fit, `E_HANDLER_RESULT` when it is no file that can be read.
    pub(crate) fn import(&self, host: &Path, taken: bool) -> Result<Imported> {
        // No path in the text: it is not for the mini-program.
        let unreadable = |_| Error::new(ErrorCode::HandlerResult, "the host's file cannot be read");
        let unwritten = |_| Error::new(ErrorCode::StorageFull, "the file cannot be kept");
        let about = std::fs::metadata(host).map_err(unreadable)?;
        if !host.is_absolute() || !about.is_file() {
            return Err(Error::new(ErrorCode::HandlerResult, "the host's file is none"));
        }
        let (real, path) = self.temp_file(host.extension().and_then(|ext| ext.to_str()))?;
        let room = self.room(&path)?;
        if about.len() > room {
            self.give_up(&real, &path);
            return Err(ErrorCode::StorageFull.into());
        }
        let copied = File::open(host).map_err(unreadable).and_then(|from| {
            let mut to = OpenOptions::new().write(true).open(&real).map_err(unwritten)?;
            // It may have grown meanwhile.
            copy(&mut from.take(room), &mut to).map_err(unwritten)
        });
        match copied {
            Ok(size) => {
                self.wrote(&path);
                if taken {
                    // One that stays harms nobody.
                    drop(std::fs::remove_file(host));
                }
                Ok(Imported { path, size })
            }
            Err(error) => {
                self.give_up(&real, &path);
                Err(error)
            }
        }
    }

    /// What a file holds, of at most so many bytes; `real` says which files can be read.
    ///
    /// # Errors
    /// As [`Sandbox::real`], and `E_TOO_LARGE`.
    pub(crate) fn bytes(&self, path: &str, most: u64) -> Result<Vec<u8>> {
        let bytes = self.beginning(path, most.saturating_add(1))?;
        if u64::try_from(bytes.len()).is_ok_and(|read| read <= most) {
            Ok(bytes)
        } else {
            Err(ErrorCode::TooLarge.into())
        }
    }

    /// The beginning of a file.
    ///
    /// # Errors
    /// As [`Sandbox::real`].
    pub(crate) fn beginning(&self, path: &str, most: u64) -> Result<Vec<u8>> {
        let unreadable = |_| Error::new(ErrorCode::Internal, "the file cannot be read");
        let file = File::open(self.real(path)?).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn give_up(&self, real: &Path, path: &str) {
        // Nothing of the mini-program's is in it, and at the end of the run it goes in any case.
        drop(std::fs::remove_file(real));
        self.wrote(path);
    }
}
