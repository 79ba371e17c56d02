//! How an applet is put together and started: its place, its package, its registries, its thread.

use super::data;
use super::inner::Inner;
use super::keeper::ClientKeeper;
use super::own_origins::BusinessDomains;
use super::request::AppletRequest;
use super::slots::Slots;
use crate::api::network::Domains;
use crate::api::{self};
use crate::applet::enter::Entrance;
use crate::applet::handle::Parts;
use crate::applet::kept_code::KeptCode;
use crate::applet::mailbox::Mailbox;
use crate::applet::thread::{Launch, PackageFrom, ReadDeclarations, spawn};
use crate::applet::web_views::WebViews;
use crate::applet::{Applet, CloseReason, LifeCycleEvent};
use crate::bridge::refusals::Refusals;
use crate::bridge::{CallScope, Counters, Dispatcher, Trace};
use crate::engine::TurnClock;
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogLevel;
use crate::ids::{AppletId, Generation};
use crate::lock::lock;
use crate::packages::{PackageNews, Wanted};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Inner {
    /// Starts an applet, or gives the one that runs. It is entered as the request says, unless `entrance` is given.
    pub(super) fn start(self: &Arc<Self>, request: &AppletRequest, entrance: Option<Entrance>) -> Result<Arc<Applet>> {
        self.alive()?;
        let id = AppletId::parse(&request.app_id)?;
        let business = BusinessDomains::parse(&id, request, self.config.debug)?;
        let domains = Domains::parse(&request.domains(self.config.debug), self.http.address_rule())?;
        let package = self.package_of(&id, request)?;
        self.known.remember(&id, request);
        let mut slots = lock(&self.slots);
        let closing = match slots.get(id.as_str()) {
            Some(running) if !running.is_closing() => return Ok(running.clone()),
            closing => closing.cloned(),
        };
        if self.zombies.load(Ordering::Acquire) >= self.limits.zombies {
            return Err(ErrorCode::ZombieLimit.into());
        }
        let evicted = if closing.is_none() && slots.len() >= self.limits.live_applets {
            Some(self.evictable(&slots)?)
        } else {
            None
        };
        let predecessor = closing.or_else(|| slots.leaving(&id).cloned());
        let applet = self.assemble(&id, slots.next_generation(), request);
        self.network.begin(applet.generation, domains);
        slots.insert(applet.clone());
        *lock(&self.open) += 1;
        drop(slots);
        if let Some(evicted) = evicted {
            evicted.close(CloseReason::Memory);
        }
        let launch = Launch {
            package,
            entrance: entrance.unwrap_or_else(|| request.entrance()),
            limits: self.limits.clone(),
            log: self.platform.log.clone(),
            debug: self.config.debug,
            built_ins: api::BUILT_INS,
            families: api::FAMILIES,
            documented: api::documented,
            declared: self.declarations(),
            predecessor,
            opened: {
                let (network, own) = (self.network.clone(), applet.clone());
                Box::new(move |manifest| {
                    let index = own.package().and_then(|entry| entry.domains.as_ref());
                    if let Some(domains) = index {
                        network.complete(own.generation, domains);
                    }
                    network.narrow(own.generation, manifest.fields());
                    own.dispatcher.rules.own_origins.set(business.origins(index, manifest.fields()));
                })
            },
            sandboxes: self.sandboxes.clone(),
            code: self.kept_code(&applet.id),
        };
        self.watchdog.watch(&applet);
        if let Err(error) = spawn(&applet, launch) {
            applet.finish(CloseReason::Failed(error.clone()));
            return Err(error);
        }
        // Shutdown may have looked at the slots just before this applet stood there.
        if self.alive().is_err() {
            applet.close(CloseReason::Shutdown);
        }
        Ok(applet)
    }

    /// Where the package of a request comes from.
    pub(super) fn package_of(self: &Arc<Self>, id: &AppletId, request: &AppletRequest) -> Result<PackageFrom> {
        if let Some(path) = request.path() {
            return Ok(PackageFrom::Path(path));
        }
        let server = request.server(&self.config)?;
        let packages = self.packages.clone().ok_or_else(|| {
            Error::new(ErrorCode::Parameter, "dataDir: expected a folder, packages from a server are kept there")
        })?;
        let (client, app_id) = (Arc::downgrade(self), id.to_string());
        let tell = move |news: PackageNews| {
            let Some(client) = client.upgrade() else { return };
            if let PackageNews::Kept { version, error } = &news {
                client.log(LogLevel::Warn, &format!("{app_id}: version {version} is used as cached: {error}"));
            }
            client.tell(&LifeCycleEvent::Package { app_id: app_id.clone(), news });
        };
        Ok(PackageFrom::Server(
            packages,
            Wanted {
                app: id.clone(),
                server,
                strategy: request.update_strategy,
                allow_downgrade: request.allow_downgrade,
                tell: Arc::new(tell),
            },
        ))
    }

    fn evictable(&self, slots: &Slots) -> Result<Arc<Applet>> {
        let oldest = slots.in_background().into_iter().next();
        match oldest {
            Some(applet) if self.config.evict_background => Ok(applet),
            _ => Err(Error::new(ErrorCode::Limit, "too many applets are running")),
        }
    }

    fn assemble(self: &Arc<Self>, id: &AppletId, generation: Generation, request: &AppletRequest) -> Arc<Applet> {
        let counters = Arc::<Counters>::default();
        let mailbox = Arc::new(Mailbox::new(self.limits.clone(), counters.clone()));
        let clock = self.platform.clock.clone();
        self.begin_store(id, generation);
        let scope = CallScope::new(
            mailbox.clone(),
            self.limits.clone(),
            clock.clone(),
            counters.clone(),
            self.timer.deadlines().clone(),
            self.in_flight.clone(),
            self.config.trace.then(|| Trace::new(self.platform.log.clone(), id.clone())),
        );
        Arc::new(Applet::new(Parts {
            id: id.clone(),
            generation,
            info: Arc::new(request.mini_app_info(id, &self.config)),
            mailbox,
            scope,
            counters,
            turn: Arc::new(TurnClock::new(clock, self.watchdog.alarm())),
            dispatcher: Arc::new(Dispatcher {
                own: self.own_registry(id),
                global: self.global.clone(),
                built_ins: self.built_ins.clone(),
                rules: request.rules(),
                version: self.version.clone(),
                refusals: Refusals::default(),
            }),
            keeper: Arc::new(ClientKeeper(Arc::downgrade(self))),
            web_views: WebViews::new(self.limits.clone(), self.config.debug),
        }))
    }

    /// The way to compiled code, unless none is kept.
    fn kept_code(&self, id: &AppletId) -> Option<KeptCode> {
        let cache = self.code.as_ref().filter(|cache| cache.share() > 0)?;
        Some(KeptCode::new(id.clone(), cache.clone(), data::elsewhere(self.timer.handle())))
    }

    fn begin_store(self: &Arc<Self>, id: &AppletId, generation: Generation) {
        let user = self.config.current_user_id.as_deref();
        let folder = self.config.data_dir.as_deref().map(|root| data::folder(root, user, id));
        let (client, app_id) = (Arc::downgrade(self), id.to_string());
        let tell = move |error: Error| {
            let Some(client) = client.upgrade() else { return };
            client.log(LogLevel::Error, &format!("{app_id}: {error}"));
            client.tell(&LifeCycleEvent::Error { app_id: app_id.clone(), error });
        };
        self.sandboxes.begin(generation, folder.clone());
        self.stores.begin(generation, folder, Arc::new(tell));
    }

    /// TCMPP's file, to be read on the applet's thread: that may wait for the disk.
    fn declarations(self: &Arc<Self>) -> Option<ReadDeclarations> {
        let custom = self.config.custom_api_config.clone()?;
        let client = self.clone();
        Some(Box::new(move || custom.read(|warning| client.log(LogLevel::Warn, warning))))
    }
}
