//! Where compiled code of packages lies on disk, as bytes that this room knows nothing of: one file an applet in the
//! folder `_code` of the client's data, and the secret key that seals them. All of it may be lost at any moment: it is
//! made again. So nothing is flushed, and what goes wrong is no error of anybody.
#![expect(clippy::disallowed_methods, reason = "the door to the files of compiled code")]

use crate::ids::AppletId;
use crate::lock::lock;
use ring::rand::{SecureRandom, SystemRandom};
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const KEY: &str = "key";
/// How the name of an applet's file ends.
const ENDING: &str = "code";
/// How unfinished files end; the next writer overwrites them.
const UNFINISHED: &str = ".part";
/// What one applet may have of the whole.
const SHARE: usize = 4;

/// The secret that seals what is kept.
pub(crate) type Key = [u8; 32];

/// When something was read. What was cleared since is not written again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Era(u64);

/// The compiled code of one client.
pub(crate) struct CodeCache {
    root: PathBuf,
    most_bytes: usize,
    /// One writer at a time: each may compile a whole package.
    turn: Mutex<()>,
    /// How often something was cleared.
    era: AtomicU64,
}

impl CodeCache {
    /// Keeps at most so many bytes below `root`; with 0 nothing.
    pub(crate) fn new(root: PathBuf, most_bytes: usize) -> Self {
        Self { root, most_bytes, turn: Mutex::default(), era: AtomicU64::default() }
    }

    /// How many bytes one applet may keep.
    pub(crate) fn share(&self) -> usize {
        self.most_bytes / SHARE
    }

    /// What is kept for an applet, and the key that it is sealed with; nothing without a key.
    pub(crate) fn read(&self, applet: &AppletId) -> Option<(Key, Vec<u8>)> {
        let key = self.key()?;
        let file = self.file_of(applet);
        let size = fs::metadata(&file).map_or(0, |file| file.len());
        let fits = usize::try_from(size).is_ok_and(|size| size <= self.share());
        Some((key, if fits { fs::read(file).unwrap_or_default() } else { Vec::new() }))
    }

    /// The moment that [`CodeCache::renew`] asks for.
    pub(crate) fn era(&self) -> Era {
        Era(self.era.load(Ordering::Acquire))
    }

    /// Puts in the place of what is kept for an applet what `renewed` makes of it, unless all was cleared since `era`.
    /// Makes the key if there is none. May take its time.
    pub(crate) fn renew(&self, applet: &AppletId, era: Era, renewed: impl FnOnce(&Key, &[u8]) -> Vec<u8>) {
        let _turn = lock(&self.turn);
        if self.era() != era || self.most_bytes == 0 {
            return;
        }
        let Some(key) = self.key().or_else(|| self.make_key().ok()) else { return };
        let before = self.read(applet).map(|(_, bytes)| bytes).unwrap_or_default();
        let bytes = renewed(&key, &before);
        // A disk that is full, or gone: the next start compiles.
        if replace(&self.file_of(applet), &bytes).is_ok() {
            self.make_room(applet);
        }
    }

    /// Notes that what is kept for an applet was used now.
    pub(crate) fn used(&self, applet: &AppletId) {
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        if let Ok(file) = File::open(self.file_of(applet)) {
            // Losing the note costs its rank among the others.
            futimens(&file, &Timestamps { last_access: now, last_modification: now }).unwrap_or_default();
        }
    }

    /// Begins a new era. [`CodeCache::clear`] follows, on a thread that may wait for the disk.
    pub(crate) fn outdate(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    /// Forgets what was kept for one applet, or for all, before the last new era.
    pub(crate) fn clear(&self, applet: Option<&AppletId>) {
        let _turn = lock(&self.turn);
        let files = match applet {
            Some(applet) => vec![self.file_of(applet)],
            None => self.kept().into_iter().map(|(file, _)| file).collect(),
        };
        // What cannot be removed is sealed all the same.
        files.into_iter().for_each(|file| fs::remove_file(file).unwrap_or_default());
    }

    /// Removes what was used the longest ago until the rest fits. What was just written stays.
    fn make_room(&self, applet: &AppletId) {
        let own = self.file_of(applet);
        let mut kept = self.kept();
        kept.sort_by_key(|(_, file)| file.modified().ok());
        let most = u64::try_from(self.most_bytes).unwrap_or(u64::MAX);
        let mut total = kept.iter().fold(0_u64, |total, (_, file)| total.saturating_add(file.len()));
        for (path, file) in kept.into_iter().filter(|(path, _)| *path != own) {
            if total <= most {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total = total.saturating_sub(file.len());
            }
        }
    }

    fn kept(&self) -> Vec<(PathBuf, fs::Metadata)> {
        let files = fs::read_dir(&self.root).into_iter().flatten().flatten().map(|entry| entry.path());
        files
            .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .filter_map(|path| fs::symlink_metadata(&path).ok().map(|file| (path, file)))
            .collect()
    }

    fn key(&self) -> Option<Key> {
        fs::read(self.root.join(KEY)).ok()?.try_into().ok()
    }

    fn make_key(&self) -> io::Result<Key> {
        let mut key = Key::default();
        SystemRandom::new().fill(&mut key).map_err(|_| io::ErrorKind::Other)?;
        replace(&self.root.join(KEY), &key)?;
        Ok(key)
    }

    /// The id has been checked: the file is below the root.
    fn file_of(&self, applet: &AppletId) -> PathBuf {
        self.root.join(format!("{applet}.{ENDING}"))
    }
}

/// Gives a file new bytes, all or none. Only the app itself may read them.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = folder.join(UNFINISHED);
    // One that another could have opened is not written to.
    drop(fs::remove_file(&unfinished));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(&unfinished, path)
}
