//! Files of an applet as ends of a transfer. What waits for the disk runs beside the thread for I/O.
#![expect(clippy::disallowed_methods, reason = "the network's door to files, by paths that the sandbox gave")]

use super::failure::Failure;
use crate::api::files::Sandbox;
use crate::error::{Error, ErrorCode};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};

/// What is written, and read, in one go.
const BLOCK: usize = 256 * 1024;

/// A file that a download goes to. It is removed when it is dropped unfinished.
pub(super) struct Target {
    sandbox: Arc<Sandbox>,
    real: PathBuf,
    path: String,
    /// Where it shall be in the end, if that was said.
    wanted: Option<String>,
    file: Option<File>,
    waiting: Vec<u8>,
    /// What may still be written.
    room: u64,
    finished: bool,
}

impl Target {
    /// Makes the file.
    ///
    /// # Errors
    /// What the sandbox or the disk says.
    pub(super) async fn open(
        sandbox: Arc<Sandbox>,
        wanted: Option<String>,
        ending: Option<String>,
    ) -> Result<Self, Failure> {
        blocking(move || {
            if let Some(wanted) = &wanted {
                sandbox.writable(wanted)?;
            }
            let (real, path) = sandbox.temp_file(ending.as_deref())?;
            let room = sandbox.room(wanted.as_deref().unwrap_or(&path))?;
            let mut target =
                Self { sandbox, real, path, wanted, file: None, waiting: Vec::new(), room, finished: false };
            target.file = Some(OpenOptions::new().write(true).open(&target.real).map_err(disk)?);
            Ok(target)
        })
        .await
    }

    /// Writes the next part, now or with those that follow.
    ///
    /// # Errors
    /// `E_STORAGE_FULL`, or what the disk says.
    pub(super) async fn write(&mut self, part: &[u8]) -> Result<(), Failure> {
        self.room = self.room.checked_sub(part.len() as u64).ok_or(ErrorCode::StorageFull)?;
        self.waiting.extend_from_slice(part);
        if self.waiting.len() >= BLOCK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        let block = std::mem::take(&mut self.waiting);
        let mut file = self.file.take().ok_or(ErrorCode::Internal)?;
        let (file, written) = blocking(move || {
            let written = file.write_all(&block);
            Ok((file, written))
        })
        .await?;
        self.file = Some(file);
        written.map_err(|error| disk(error).into())
    }

    /// Puts the file in its place. Gives the path that the mini-program gets.
    ///
    /// # Errors
    /// What the sandbox or the disk says.
    pub(super) async fn finish(mut self) -> Result<String, Failure> {
        self.flush().await?;
        blocking(move || {
            self.file = None;
            if let Some(wanted) = self.wanted.take() {
                fs::rename(&self.real, self.sandbox.writable(&wanted)?).map_err(disk)?;
                self.sandbox.wrote(&wanted);
                return Ok(wanted);
            }
            self.finished = true;
            self.sandbox.wrote(&self.path);
            Ok(self.path.clone())
        })
        .await
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // Also when it has been renamed: there is nothing to remove then.
        drop(fs::remove_file(&self.real));
        self.sandbox.wrote(&self.path);
    }
}

/// A file that is uploaded.
pub(super) struct Source {
    real: PathBuf,
    name: String,
    bytes: u64,
}

impl Source {
    /// Finds the file.
    ///
    /// # Errors
    /// `E_NOT_FOUND`, `E_PARAM` and what else the sandbox says.
    pub(super) async fn open(sandbox: Arc<Sandbox>, path: String) -> Result<Self, Failure> {
        blocking(move || {
            let real = sandbox.real(&path)?;
            let bytes = fs::symlink_metadata(&real).map_err(disk)?.len();
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            Ok(Self { real, name, bytes })
        })
        .await
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes
    }

    /// Reads it from its beginning, as much as it had when it was found.
    pub(super) fn streamed(&self) -> Reader {
        let (real, bytes) = (self.real.clone(), self.bytes);
        Reader { next: Some(spawn_blocking(move || block(File::open(real)?.take(bytes)))) }
    }
}

type Blocks = io::Take<File>;

/// A block, and what reads the next.
type BlockRead = io::Result<(Vec<u8>, Blocks)>;

fn block(mut file: Blocks) -> BlockRead {
    let mut block = Vec::with_capacity(BLOCK);
    (&mut file).take(BLOCK as u64).read_to_end(&mut block)?;
    Ok((block, file))
}

/// The blocks of a file, each read when the one before has been taken.
pub(super) struct Reader {
    next: Option<JoinHandle<BlockRead>>,
}

impl Reader {
    /// The next block; none at the end.
    pub(super) fn poll_block(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Vec<u8>>>> {
        let Some(reading) = &mut self.next else { return Poll::Ready(None) };
        let read = ready!(std::pin::Pin::new(reading).poll(context));
        self.next = None;
        Poll::Ready(match read.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into())) {
            Ok((bytes, _)) if bytes.is_empty() => None,
            Ok((bytes, rest)) => {
                self.next = Some(spawn_blocking(move || block(rest)));
                Some(Ok(bytes))
            }
            Err(error) => Some(Err(error)),
        })
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Failure> {
    spawn_blocking(work).await.map_err(|_| Failure::from(ErrorCode::Internal))?.map_err(Failure::from)
}

/// A kind of error, without the path it is about.
fn disk(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull.into(),
        io::ErrorKind::NotFound => Error::new(ErrorCode::NotFound, "no such file"),
        kind => Error::new(ErrorCode::Internal, format!("the file cannot be used: {kind}")),
    }
}

/// A text that nobody has guessed.
pub(super) fn random() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
