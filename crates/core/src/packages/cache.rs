//! Packages on disk: `<root>/<server>/<appId>/` holds a zip named after its digest, `package.json` which names it, and
//! `used`, which orders what is evicted. Only the rename of `package.json` makes a version the one that counts, after
//! everything it needs is on the disk: whoever is killed at any moment leaves the old version or the new one.
//! One client works on a folder at a time, and one task on the place of one mini-program.

#![expect(clippy::disallowed_methods, reason = "the door to the files of downloaded packages")]

use super::address::Server;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::lock::lock;
use crate::package_index::{IndexEntry, PackageFile, Sha256};
use ring::digest;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const RECORD: &str = "package.json";
const USED: &str = "used";
/// How unfinished files end; they are swept before the next download into the same folder.
pub(super) const UNFINISHED: &str = ".part";

/// A package that is kept on disk, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CachedPackage {
    /// The mini-program.
    pub app_id: String,
    /// The server it came from.
    pub api_server: String,
    /// Its version.
    pub version: String,
    /// What it takes on the disk.
    pub bytes: u64,
}

/// The packages of one client.
pub(super) struct Cache {
    root: PathBuf,
    most_bytes: u64,
    /// The number of the next use, once it is known.
    uses: Mutex<Option<u64>>,
    pins: Arc<Pins>,
}

type Pins = Mutex<HashMap<PathBuf, usize>>;

/// The place of one mini-program of one server.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) app: AppletId,
    pub(super) server: Server,
}

/// Keeps a place from being evicted or cleared, until it is dropped.
pub(crate) struct Pin {
    folder: PathBuf,
    pins: Arc<Pins>,
}

/// What `package.json` holds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    api_server: String,
    entry: IndexEntry,
}

/// What lies in one place.
struct Held {
    folder: PathBuf,
    used: u64,
    bytes: u64,
    record: Option<Record>,
}

impl Cache {
    pub(super) fn new(root: PathBuf, most_bytes: usize) -> Self {
        let most_bytes = u64::try_from(most_bytes).unwrap_or(u64::MAX);
        Self { root, most_bytes, uses: Mutex::default(), pins: Arc::default() }
    }

    /// The id has been checked and the server's name is a digest: the place is below the root.
    pub(super) fn place(&self, server: &Server, app: &AppletId) -> Place {
        let folder = self.root.join(server.folder_name()).join(app.as_str());
        Place { folder, app: app.clone(), server: server.clone() }
    }

    /// Keeps a place as it is. May wait until an eviction that has begun is over.
    pub(super) fn pin(&self, place: &Place) -> Pin {
        *lock(&self.pins).entry(place.folder.clone()).or_default() += 1;
        Pin { folder: place.folder.clone(), pins: self.pins.clone() }
    }

    /// The version that is kept, with its open zip. A record or zip that does not hold what it should counts as none.
    pub(super) fn find(&self, place: &Place) -> Result<Option<(IndexEntry, File)>> {
        let entry = match read_record(&place.folder) {
            Some(Record { entry, .. }) if entry.app_id == place.app.as_str() => entry,
            _ => return Ok(None),
        };
        match open_whole(&zip_of(&place.folder, &entry.package), &entry.package) {
            Ok(file) => Ok(file.map(|file| (entry, file))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    /// Notes that the place is used now. Losing the note costs its rank among the others, nothing else.
    pub(super) fn used(&self, place: &Place) {
        let mut uses = lock(&self.uses);
        let last = uses.unwrap_or_else(|| self.scan().iter().map(|held| held.used).max().unwrap_or_default());
        let now = last.saturating_add(1);
        *uses = Some(now);
        drop(uses);
        drop(fs::write(place.folder.join(USED), now.to_string()));
    }

    /// Makes room for a new version, and a folder without remains.
    ///
    /// # Errors
    /// `E_TOO_LARGE` when it could never fit, `E_STORAGE_FULL`, `E_INTERNAL`.
    pub(super) fn prepare(&self, place: &Place, bytes: u64) -> Result<()> {
        if bytes > self.most_bytes {
            let text = format!("package bytes: expected at most {}, the size of the cache", self.most_bytes);
            return Err(Error::new(ErrorCode::TooLarge, text));
        }
        self.make_room(place, bytes);
        make_folder(&place.folder).and_then(|()| sweep(&place.folder)).map_err(|error| fault(&error))
    }

    /// Makes `entry`, whose zip lies in its place, the version that counts, and removes what is left of others.
    pub(super) fn install(&self, place: &Place, entry: &IndexEntry) -> io::Result<()> {
        let record = Record { api_server: place.server.as_str().to_owned(), entry: entry.clone() };
        let text = serde_json::to_vec(&record).map_err(|_| ErrorKind::InvalidData)?;
        let unfinished = place.folder.join(format!("{RECORD}{UNFINISHED}"));
        let mut file = File::create(&unfinished)?;
        io::Write::write_all(&mut file, &text)?;
        file.sync_all()?;
        fs::rename(&unfinished, place.folder.join(RECORD))?;
        sync_names(&place.folder)?;
        self.used(place);
        sweep(&place.folder)
    }

    /// What is kept, sorted by id and server.
    pub(super) fn list(&self) -> Vec<CachedPackage> {
        let of = |held: Held| {
            let Record { api_server, entry } = held.record?;
            let version = entry.version.to_string();
            Some(CachedPackage { app_id: entry.app_id, api_server, version, bytes: held.bytes })
        };
        let mut list: Vec<_> = self.scan().into_iter().filter_map(of).collect();
        list.sort_by(|a, b| (&a.app_id, &a.api_server).cmp(&(&b.app_id, &b.api_server)));
        list
    }

    /// Removes the packages of one mini-program, or all; those that are in use stay.
    pub(super) fn clear(&self, app: Option<&AppletId>) -> Result<()> {
        let named = |held: &Held| app.is_none_or(|app| held.folder.ends_with(app.as_str()));
        for held in self.scan().into_iter().filter(named) {
            self.remove(&held.folder).map_err(|error| fault(&error))?;
        }
        Ok(())
    }

    /// Evicts what was used the longest ago until `bytes` more fit. What is in use stays, so the cap may be passed by
    /// what runs at the same time.
    fn make_room(&self, place: &Place, bytes: u64) {
        let mut held = self.scan();
        held.sort_by_key(|held| held.used);
        let mut total = held.iter().fold(bytes, |total, held| total.saturating_add(held.bytes));
        for old in held.iter().filter(|held| held.folder != place.folder) {
            if total <= self.most_bytes {
                break;
            }
            if let Ok(true) = self.remove(&old.folder) {
                total = total.saturating_sub(old.bytes);
            }
        }
    }

    /// Removes a place. False when it is in use.
    fn remove(&self, folder: &Path) -> io::Result<bool> {
        // Held while files go away: who pins the place next finds it gone, never half gone.
        let pins = lock(&self.pins);
        if pins.contains_key(folder) {
            return Ok(false);
        }
        for last_words in [fs::remove_file(folder.join(RECORD)), fs::remove_dir_all(folder)] {
            match last_words {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(true)
    }

    fn scan(&self) -> Vec<Held> {
        let apps = names_in(&self.root).into_iter().flat_map(|server| names_in(&server));
        apps.map(|folder| Held {
            used: fs::read_to_string(folder.join(USED)).ok().and_then(|text| text.parse().ok()).unwrap_or_default(),
            bytes: names_in(&folder).iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum(),
            record: read_record(&folder),
            folder,
        })
        .collect()
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = lock(&self.pins);
        if let Some(count) = pins.get_mut(&self.folder) {
            *count -= 1;
            if *count == 0 {
                pins.remove(&self.folder);
            }
        }
    }
}

/// Where the zip of a version lies.
pub(super) fn zip_of(folder: &Path, package: &PackageFile) -> PathBuf {
    folder.join(format!("{}.zip", package.sha256))
}

/// What the disk said, without a path.
pub(super) fn fault(error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::new(ErrorCode::StorageFull, "no room on the disk for the package")
        }
        kind => Error::new(ErrorCode::Internal, format!("package cache: {kind}")),
    }
}

/// A file is on the disk when its bytes are, and its name.
pub(super) fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    folder.parent().map_or(Ok(()), sync_names)
}

/// Opens a zip if it is the one that is meant, byte for byte.
fn open_whole(path: &Path, package: &PackageFile) -> io::Result<Option<File>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != package.bytes {
        return Ok(None);
    }
    let mut digest = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    file.rewind()?;
    Ok((Sha256::from_digest(&digest.finish()) == package.sha256).then_some(file))
}

fn read_record(folder: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(folder.join(RECORD)).ok()?).ok()
}

/// Removes what no record names.
fn sweep(folder: &Path) -> io::Result<()> {
    let kept = read_record(folder).map(|record| zip_of(folder, &record.entry.package));
    for file in names_in(folder) {
        let unfinished = file.to_string_lossy().ends_with(UNFINISHED);
        let zip = file.extension().is_some_and(|ending| ending == "zip");
        if unfinished || (zip && Some(&file) != kept.as_ref()) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

/// What lies in a folder; nothing when it cannot be read.
fn names_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
