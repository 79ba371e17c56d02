//! Packages from a server: a small index over HTTP(S), and the zip it names, kept on disk. `address` says where things
//! lie, `fetch` asks for them, `cache` and `arriving` keep them; here it is decided which version an applet starts from.
//! Everything runs on the thread for network I/O and the threads for files beside it, never on the host's.

mod address;
mod arriving;
mod cache;
mod fetch;
mod wanted;

pub(crate) use address::Server;
use arriving::Arriving;
pub use cache::CachedPackage;
pub(crate) use cache::Pin;
use cache::{Cache, Place};
use fetch::Asked;
use wanted::Tell;
pub(crate) use wanted::Wanted;
pub use wanted::{PackageNews, UpdateStrategy};

use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::limits::Limits;
use crate::lock::lock;
use crate::net::Http;
use crate::package_index::IndexEntry;
use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::task::AbortHandle;

/// How many bytes come between two writes.
const BATCH: usize = 256 * 1024;
/// Into how many parts a download is divided for those who watch it.
const PARTS: u64 = 20;

/// What an applet starts from.
pub(crate) struct Provided {
    pub(crate) zip: File,
    pub(crate) entry: Arc<IndexEntry>,
    /// Kept for as long as the applet runs.
    pub(crate) pin: Pin,
}

/// A package on its way to an applet.
pub(crate) struct Coming {
    /// Ends it early.
    pub(crate) task: AbortHandle,
    /// What came of it; nothing when it was ended.
    pub(crate) outcome: Receiver<Result<Provided>>,
}

/// The right to change a place.
type Turn = OwnedMutexGuard<()>;

/// The packages of one client.
pub(crate) struct Packages {
    cache: Arc<Cache>,
    http: Arc<Http>,
    limits: Arc<Limits>,
    /// One update of a place at a time.
    turns: Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>,
}

impl Packages {
    pub(crate) fn new(root: PathBuf, http: Arc<Http>, limits: Arc<Limits>) -> Arc<Self> {
        let cache = Arc::new(Cache::new(root, limits.package_cache_bytes));
        Arc::new(Self { cache, http, limits, turns: Mutex::default() })
    }

    /// Begins to provide a package.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread, `E_CLOSED` after shutdown.
    pub(crate) fn begin(self: &Arc<Self>, wanted: Wanted) -> Result<Coming> {
        let (sender, outcome) = channel();
        let own = self.clone();
        let task = self.http.spawn(async move {
            // Nobody waits any more: the applet has closed.
            drop(sender.send(own.provide(wanted).await));
        })?;
        Ok(Coming { task, outcome })
    }

    /// What is kept. `told` is called on a thread of ours.
    pub(crate) fn list(&self, told: impl FnOnce(Vec<CachedPackage>) + Send + 'static) -> Result<()> {
        let cache = self.cache.clone();
        let task = async move {
            if let Ok(list) = on_disk(move || cache.list()).await {
                told(list);
            }
        };
        self.http.spawn(task).map(drop)
    }

    /// Removes what is kept of one mini-program, or of all, as far as nothing uses it.
    pub(crate) fn clear(&self, app: Option<AppletId>, failed: impl FnOnce(Error) + Send + 'static) -> Result<()> {
        let cache = self.cache.clone();
        let task = async move {
            if let Err(error) = on_disk(move || cache.clear(app.as_ref())).await.and_then(|cleared| cleared) {
                failed(error);
            }
        };
        self.http.spawn(task).map(drop)
    }

    async fn provide(self: Arc<Self>, wanted: Wanted) -> Result<Provided> {
        let place = self.cache.place(&wanted.server, &wanted.app);
        let turn = self.turn_of(&place);
        let (pin, cached) = self.look(&place).await?;
        let Some((entry, zip)) = cached else {
            let turn = Arc::new(turn.lock_owned().await);
            let most = Duration::from_millis(self.limits.package_download_ms);
            // Whoever had the turn may have brought it.
            let (_, cached) = self.look(&place).await?;
            let (entry, zip) = match cached {
                Some(cached) => cached,
                None => self.update(&wanted, &place, None, most, &turn).await?.ok_or(ErrorCode::Internal)?,
            };
            return Ok(Provided { zip, entry: Arc::new(entry), pin });
        };
        let mut started = (entry, zip);
        match turn.try_lock_owned() {
            // An update is under way already, and not waited for.
            Err(_) if wanted.strategy == UpdateStrategy::After => {}
            Err(_) => wanted.kept(&started.0, Error::new(ErrorCode::Busy, "another update is under way")),
            Ok(turn) if wanted.strategy == UpdateStrategy::After => {
                self.update_later(wanted, place, &started.0, turn.into())
            }
            Ok(turn) => {
                let turn = Arc::new(turn);
                let check = Duration::from_millis(self.limits.package_check_ms);
                match self.update(&wanted, &place, Some(&started), check, &turn).await {
                    Ok(Some(newer)) => started = newer,
                    Ok(None) => {}
                    Err(error) => {
                        let slow = error.code() == ErrorCode::Timeout;
                        wanted.kept(&started.0, error);
                        // A server that always takes its time would never be heard otherwise.
                        if slow {
                            self.update_later(wanted, place, &started.0, turn);
                        }
                    }
                }
            }
        }
        Ok(Provided { zip: started.1, entry: Arc::new(started.0), pin })
    }

    /// Brings the next start a newer version.
    fn update_later(self: &Arc<Self>, wanted: Wanted, place: Place, cached: &IndexEntry, turn: Arc<Turn>) {
        let (own, cached) = (self.clone(), cached.clone());
        let task = async move {
            let most = Duration::from_millis(own.limits.package_download_ms);
            let known = own.look(&place).await.ok().and_then(|(pin, found)| Some((pin, found?)));
            let Some((_pin, known)) = known else { return };
            match own.update(&wanted, &place, Some(&known), most, &turn).await {
                Ok(Some((entry, _))) if entry.package != cached.package => {
                    (wanted.tell)(PackageNews::Updated { version: entry.version.to_string() });
                }
                Ok(_) => {}
                Err(error) => wanted.kept(&cached, error),
            }
        };
        // Refused only once the client has shut down; then there is no next start.
        drop(self.http.spawn(task));
    }

    /// Asks the server, and takes what is newer than the cached version. Nothing when that one is up to date.
    async fn update(
        &self,
        wanted: &Wanted,
        place: &Place,
        cached: Option<&(IndexEntry, File)>,
        check: Duration,
        turn: &Arc<Turn>,
    ) -> Result<Option<(IndexEntry, File)>> {
        let client = self.http.client()?;
        let index = wanted.server.index_of(&wanted.app)?;
        let asked = tokio::time::timeout(check, fetch::index(&client, &index)).await;
        let entry =
            asked.map_err(|_| Error::new(ErrorCode::Timeout, "index: the server does not answer in time"))??;
        wanted.check(&entry, cached.map(|(entry, _)| entry), &self.limits)?;
        if let Some((known, zip)) = cached
            && known.package.sha256 == entry.package.sha256
        {
            if *known == entry {
                return Ok(None);
            }
            let zip = zip.try_clone().map_err(|error| cache::fault(&error))?;
            let (cache, place, kept, turn) = (self.cache.clone(), place.clone(), entry.clone(), turn.clone());
            let install = move || {
                let installed = cache.install(&place, &kept);
                drop(turn);
                installed
            };
            on_disk(install).await?.map_err(|error| cache::fault(&error))?;
            return Ok(Some((entry, zip)));
        }
        let url = address::lead(&index, &index, &entry.package.url)?;
        let most = Duration::from_millis(self.limits.package_download_ms);
        let download = async {
            let mut response = fetch::get(&client, &index, url, Asked::Package).await?;
            let (cache, place, coming, turn) = (self.cache.clone(), place.clone(), entry.clone(), turn.clone());
            let mut arriving = on_disk(move || Arriving::begin(&cache, place, coming, turn)).await??;
            let mut batch = Vec::new();
            while let Some(more) = Asked::Package.next(&mut response).await? {
                batch.extend_from_slice(more.as_ref());
                if batch.len() >= BATCH {
                    arriving = written(arriving, std::mem::take(&mut batch), &wanted.tell).await?;
                }
            }
            arriving = written(arriving, batch, &wanted.tell).await?;
            on_disk(move || arriving.finish()).await?
        };
        let zip = tokio::time::timeout(most, download).await;
        let zip = zip.map_err(|_| Error::new(ErrorCode::Timeout, "package: it does not come in time"))??;
        Ok(Some((entry, zip)))
    }

    /// What is cached, and a hold on it.
    async fn look(&self, place: &Place) -> Result<(Pin, Option<(IndexEntry, File)>)> {
        let (cache, place) = (self.cache.clone(), place.clone());
        on_disk(move || {
            let pin = cache.pin(&place);
            let found = cache.find(&place)?;
            if found.is_some() {
                cache.used(&place);
            }
            Ok((pin, found))
        })
        .await?
    }

    fn turn_of(&self, place: &Place) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = lock(&self.turns);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(place.folder.clone()).or_default().clone()
    }
}

/// Writes what has come, and tells of it now and then.
async fn written(mut arriving: Arriving, bytes: Vec<u8>, tell: &Tell) -> Result<Arriving> {
    let before = arriving.received();
    let arriving = on_disk(move || arriving.write(&bytes).map(|()| arriving)).await??;
    let (received, total) = (arriving.received(), arriving.total());
    let part = |bytes: u64| bytes.saturating_mul(PARTS) / total.max(1);
    if part(before) < part(received) {
        tell(PackageNews::Progress { received, total });
    }
    Ok(arriving)
}

/// Runs what may wait for the disk beside the thread for I/O.
///
/// # Errors
/// `E_CLOSED` when the client shuts down meanwhile.
#[expect(
    clippy::disallowed_methods,
    reason = "one of the doors for tasks: what waits for the disk, not for the network"
)]
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ErrorCode::Closed.into())
}
