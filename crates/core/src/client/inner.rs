//! What all handles of one client share: its registries, its applets and their places, and what runs beside them.

use super::client::Platform;
use super::config::Config;
use super::data;
use super::neighbours::{Known, Paths, web_pages};
use super::slots::Slots;
use super::timer::TimerThread;
use super::web_views::WebViews;
use crate::api::between::Neighbours;
use crate::api::files::Sandboxes;
use crate::api::navigation::Navigator;
use crate::api::network::Network;
use crate::api::provided::{Around, Provided};
use crate::api::report::{Reports, Surroundings};
use crate::api::storage::{Lanes, Stores};
use crate::api::{self, AboutApplet, Facts, HostInfo, Services};
use crate::applet::mailbox::Ask;
use crate::applet::watchdog::Watchdog;
use crate::applet::{Applet, CloseReason, LifeCycleEvent, MiniAppInfo, VersionType};
use crate::bridge::registry::RegistryVersion;
use crate::bridge::{ApiOptions, Handler, Pages, Registration, Registry};
use crate::code_cache::CodeCache;
use crate::error::{Error, ErrorCode, Result};
use crate::h5;
use crate::host::LogLevel;
use crate::ids::{ApiName, AppletId};
use crate::limits::Limits;
use crate::lock::{lock, write};
use crate::net::Http;
use crate::package_index::IndexEntry;
use crate::packages::Packages;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Hears what happens to applets.
pub(super) type Listener = Arc<dyn Fn(&LifeCycleEvent) + Send + Sync>;

pub(super) struct Inner {
    pub(super) config: Config,
    pub(super) limits: Arc<Limits>,
    pub(super) platform: Platform,
    pub(super) version: RegistryVersion,
    pub(super) global: Arc<Registry>,
    pub(super) built_ins: Arc<Registry>,
    /// What the built-ins tell of the app and the device: the configuration, and what the host said since.
    host: Arc<RwLock<HostInfo>>,
    pub(super) stores: Arc<Stores>,
    pub(super) known: Known,
    pub(super) sandboxes: Arc<Sandboxes>,
    pub(super) network: Arc<Network>,
    pub(super) provided: Arc<Provided>,
    pub(super) reports: Arc<Reports>,
    pub(super) lanes: Arc<Lanes>,
    own: Mutex<HashMap<AppletId, Arc<Registry>>>,
    pub(super) slots: Mutex<Slots>,
    pub(super) listener: RwLock<Option<Listener>>,
    /// Who shows the web-views of mini-programs.
    pub(super) web_views: RwLock<Option<Arc<dyn WebViews>>>,
    pub(super) zombies: AtomicUsize,
    pub(super) in_flight: Arc<AtomicUsize>,
    pub(super) timer: TimerThread,
    pub(super) http: Arc<Http>,
    /// None without a folder to keep them in.
    pub(super) packages: Option<Arc<Packages>>,
    /// The same.
    pub(super) code: Option<Arc<CodeCache>>,
    pub(super) watchdog: Arc<Watchdog>,
    shut_down: AtomicBool,
    /// Applets whose thread has not ended, and everybody who waits for the last.
    pub(super) open: Mutex<usize>,
    all_closed: Condvar,
}

impl Inner {
    pub(super) fn open(config: Config, platform: Platform) -> Result<Arc<Self>> {
        config.validate()?;
        let version = RegistryVersion::default();
        let limits = Arc::new(config.limits.clone());
        let lanes = Arc::<Lanes>::default();
        let stores = Stores::new(limits.clone(), lanes.clone());
        let http = Arc::new(Http::new(&config.network)?);
        let sandboxes = Sandboxes::new(limits.clone(), lanes.clone());
        let network = Network::new(http.clone(), limits.clone(), sandboxes.clone());
        let packages =
            config.data_dir.as_deref().map(|root| Packages::new(data::packages(root), http.clone(), limits.clone()));
        let code =
            config.data_dir.as_deref().map(|root| Arc::new(CodeCache::new(data::code(root), limits.code_cache_bytes)));
        let reports = Reports::new(Surroundings {
            config: &config.report,
            folder: config.data_dir.as_deref().map(data::client_folder),
            limits: limits.clone(),
            http: http.clone(),
            log: platform.log.clone(),
            clock: platform.clock.clone(),
        })?;
        let timer = TimerThread::start()?;
        let watchdog = Watchdog::start(timer.handle(), &limits, platform.clock.clone());
        let elsewhere = data::elsewhere(timer.handle());
        let host = Arc::new(RwLock::new(config.host.clone()));
        let inner = Arc::new(Self {
            provided: Provided::new(
                Around { limits: limits.clone(), elsewhere, host: host.clone() },
                stores.clone(),
                sandboxes.clone(),
                &config.providers,
            ),
            host,
            config,
            limits,
            platform,
            global: Arc::new(Registry::new(version.clone())),
            built_ins: Arc::new(Registry::new(version.clone())),
            stores,
            known: Known::default(),
            sandboxes,
            network,
            reports,
            lanes,
            own: Mutex::default(),
            version,
            slots: Mutex::default(),
            listener: RwLock::default(),
            web_views: RwLock::default(),
            zombies: AtomicUsize::new(0),
            in_flight: Arc::default(),
            timer,
            http,
            packages,
            code,
            watchdog,
            shut_down: AtomicBool::new(false),
            open: Mutex::new(0),
            all_closed: Condvar::new(),
        });
        let client = Arc::downgrade(&inner);
        let applet = Arc::new(move |id: &AppletId| {
            client.upgrade().map_or_else(|| about(&MiniAppInfo::unknown(id), None), |client| client.about(id))
        });
        let paths = Arc::new(Paths(Arc::downgrade(&inner)));
        let services = Services {
            facts: &Facts { host: inner.host.clone(), applet },
            stores: &inner.stores,
            sandboxes: &inner.sandboxes,
            network: &inner.network,
            provided: &inner.provided,
            reports: &inner.reports,
            navigator: &(paths.clone() as Arc<dyn Navigator>),
            neighbours: &(paths as Arc<dyn Neighbours>),
            web_pages: &web_pages(&Arc::downgrade(&inner)),
            limits: &inner.limits,
        };
        api::register(&inner.built_ins, &services)?;
        Ok(inner)
    }

    /// Puts news of the app and the device over what is known.
    pub(super) fn update_host(&self, news: &serde_json::Value) -> Result<()> {
        self.alive()?;
        let (before, after) = {
            let mut host = write(&self.host);
            let after = host.updated(news)?;
            (std::mem::replace(&mut *host, after.clone()), after)
        };
        for (event, told) in before.changes(&after) {
            for applet in self.applets() {
                applet.ask(Ask::Raise(event, told.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn shutdown(&self) {
        if self.shut_down.swap(true, Ordering::AcqRel) {
            return;
        }
        for applet in self.applets() {
            applet.close(CloseReason::Shutdown);
        }
        self.global.clear();
        self.provided.clear();
        // Handlers are foreign code, also while they are dropped: never under a lock.
        let own = std::mem::take(&mut *lock(&self.own));
        drop(own);
        if *lock(&self.open) == 0 {
            self.stop_threads();
        }
    }

    fn stop_threads(&self) {
        self.timer.stop();
        self.reports.stop();
        self.http.stop();
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::Acquire)
    }

    pub(super) fn wait_until_closed(&self, at_most: Duration) -> Result<()> {
        self.refuse_on_applet_thread()?;
        let open = lock(&self.open);
        let (open, _) =
            self.all_closed.wait_timeout_while(open, at_most, |open| *open > 0).unwrap_or_else(PoisonError::into_inner);
        if *open == 0 { Ok(()) } else { Err(ErrorCode::Timeout.into()) }
    }

    pub(super) fn alive(&self) -> Result<()> {
        if self.shut_down.load(Ordering::Acquire) { Err(ErrorCode::Closed.into()) } else { Ok(()) }
    }

    pub(super) fn register_in(
        &self,
        registry: &Registry,
        name: &str,
        handler: Handler,
        mut options: ApiOptions,
    ) -> Result<()> {
        let name = ApiName::parse(name)?;
        if let Pages::Origins(origins) = &mut options.pages {
            self.check_origins(origins)?;
        }
        if registry.register(Registration::new(name.clone(), handler, options)) {
            self.log(LogLevel::Debug, &format!("api {name} is registered again; the last handler counts"));
        }
        Ok(())
    }

    /// Origins as the host wrote them become those that pages are compared with: one that no page could have would stand
    /// there unnoticed.
    fn check_origins(&self, origins: &mut [String]) -> Result<()> {
        for (index, origin) in origins.iter_mut().enumerate() {
            let text = || format!("options.pages[{index}]: expected an origin like https://host");
            *origin =
                h5::origin::of(origin, self.config.debug).ok_or_else(|| Error::new(ErrorCode::Parameter, text()))?;
        }
        Ok(())
    }

    pub(super) fn own_registry(&self, id: &AppletId) -> Arc<Registry> {
        let mut own = lock(&self.own);
        if let Some(known) = own.get(id) {
            return known.clone();
        }
        // What holds no name and serves no run is forgotten, or every id ever started would stay for good.
        own.retain(|_, registry| Arc::strong_count(registry) > 1 || !registry.is_empty());
        let fresh = Arc::new(Registry::new(self.version.clone()));
        own.insert(id.clone(), fresh.clone());
        fresh
    }

    pub(super) fn find(&self, app_id: &str) -> Result<Arc<Applet>> {
        lock(&self.slots).get(app_id).cloned().ok_or_else(|| ErrorCode::AppletNotFound.into())
    }

    /// What handlers are told of an applet that runs, or whose end is being told.
    pub(super) fn mini_app_info(&self, id: &AppletId) -> Option<Arc<MiniAppInfo>> {
        let slots = lock(&self.slots);
        slots.get(id.as_str()).or_else(|| slots.leaving(id)).map(|applet| applet.info.clone())
    }

    /// What a mini-program may hear of itself.
    fn about(&self, id: &AppletId) -> AboutApplet {
        let applet = {
            let slots = lock(&self.slots);
            slots.get(id.as_str()).or_else(|| slots.leaving(id)).cloned()
        };
        match applet {
            Some(applet) => about(&applet.info, applet.package()),
            None => about(&MiniAppInfo::unknown(id), None),
        }
    }

    pub(super) fn applets(&self) -> Vec<Arc<Applet>> {
        lock(&self.slots).all()
    }

    pub(super) fn refuse_on_applet_thread(&self) -> Result<()> {
        if lock(&self.slots).own_this_thread() { Err(ErrorCode::Cycle.into()) } else { Ok(()) }
    }

    /// One applet less. The last one after a shutdown ends the timers as well.
    pub(super) fn one_closed(&self) {
        let mut open = lock(&self.open);
        *open = open.saturating_sub(1);
        let last = *open == 0;
        drop(open);
        if last {
            self.all_closed.notify_all();
            if self.shut_down.load(Ordering::Acquire) {
                self.stop_threads();
            }
        }
    }
}

/// What a mini-program may hear of itself. What the host says goes before what the index of its package says.
fn about(info: &MiniAppInfo, package: Option<&Arc<IndexEntry>>) -> AboutApplet {
    let said = info.description.clone();
    let version = said.version.or_else(|| package.map(|entry| entry.version.to_string()));
    AboutApplet {
        version: version.unwrap_or_default(),
        env_version: match said.version_type {
            Some(VersionType::Develop | VersionType::Local) => "develop",
            Some(VersionType::Preview | VersionType::Audit) => "trial",
            Some(VersionType::Online) | None => "release",
        },
        title: said.name.unwrap_or_default(),
        icon: said.icon_url.unwrap_or_default(),
        description: said.app_intro.unwrap_or_default(),
        developer: said.app_developer.unwrap_or_default(),
        path: info.start_path.clone(),
    }
}

impl Drop for Inner {
    /// Nobody is left who could close the applets later.
    fn drop(&mut self) {
        self.shutdown();
    }
}
