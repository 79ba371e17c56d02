//! `FinAppClient`: the handle a Rust host, and the N-API module, works with. Nothing here waits, but for the two
//! functions that say so in their names.

use super::applet::AppletClient;
use super::config::{Config, parse};
use super::inner::{Inner, Listener};
use super::request::AppletRequest;
use crate::api::report::ReportCounters;
use crate::applet::mailbox::{Ask, Message};
use crate::applet::{AppletState, CloseReason, MiniAppInfo};
use crate::bridge::Refusal;
use crate::bridge::counters::CounterSnapshot;
use crate::bridge::handler::{Handler, inline};
use crate::bridge::{ApiOptions, CallInfo, HostHandler, Payload};
use crate::engine::AppEvent;
use crate::error::{Error, ErrorCode, Result};
use crate::host::{Clock, LogSink, MonotonicClock};
use crate::ids::{ApiName, AppletId};
use crate::limits::Limits;
use crate::lock::{lock, write};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// What the platform brings along.
#[derive(Clone)]
pub struct Platform {
    /// Where log lines go.
    pub log: Arc<dyn LogSink>,
    /// The clock of budgets, deadlines and timers.
    pub clock: Arc<dyn Clock>,
}

impl Default for Platform {
    /// hilog on a device, standard error elsewhere, and the monotonic clock.
    fn default() -> Self {
        #[cfg(target_env = "ohos")]
        let log = Arc::new(crate::host::hilog::HilogSink);
        #[cfg(not(target_env = "ohos"))]
        let log = Arc::new(crate::host::stderr::StderrSink);
        Self { log, clock: Arc::new(MonotonicClock::new()) }
    }
}

/// How short of memory the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryLevel {
    /// Every applet collects garbage.
    Moderate,
    /// The same, and what is kept only to be quick is dropped.
    Low,
    /// The same, and applets in the background are closed, the one that went there first first.
    Critical,
}

impl MemoryLevel {
    /// The number that `onMemoryWarning` tells, as Android has it.
    fn number(self) -> u32 {
        match self {
            Self::Moderate => 5,
            Self::Low => 10,
            Self::Critical => 15,
        }
    }
}

/// A running applet, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppletInfo {
    /// Its id.
    pub app_id: String,
    /// Where it is in its life.
    pub state: AppletState,
    /// How many of its calls are in flight.
    pub calls_in_flight: usize,
    /// The version of its package, if that came from a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version: Option<String>,
}

/// The client of one host. A cheap handle: clones mean the same client. Dropping the last one, [`AppletClient`]s
/// included, shuts the client down.
///
/// ```no_run
/// use finapp_core::{AppletRequest, Config, FinAppClient, Platform};
/// use finapp_core::bridge::HostCall;
///
/// let client = FinAppClient::init(Config::default(), Platform::default())?;
/// client.register_custom_api("js2AppFunction", |call: HostCall| {
///     call.reply.success_text(r#"{"r": "110"}"#.to_owned());
/// })?;
/// let applet = client.start_applet_and_wait(AppletRequest::local("demo", "examples/hello"))?;
/// assert_eq!(applet.app_id(), "demo");
/// # Ok::<(), finapp_core::Error>(())
/// ```
#[derive(Clone)]
pub struct FinAppClient {
    pub(super) inner: Arc<Inner>,
}

impl FinAppClient {
    /// Makes a client.
    ///
    /// # Errors
    /// `E_PARAM`, naming the field of the configuration; `E_LIMIT` when the system gives no thread.
    pub fn init(config: Config, platform: Platform) -> Result<Self> {
        Ok(Self { inner: Inner::open(config, platform)? })
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Tells what has changed of the app and the device, as JSON text of the members of [`crate::HostInfo`] that are
    /// new: `{"theme": "dark", "window": {"windowWidth": 800}}`. The others stay; calls from now on see the new ones.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field; `E_CLOSED` after shutdown.
    pub fn update_host_info(&self, info: &str) -> Result<()> {
        self.inner.update_host(&parse("info", info)?)
    }

    /// The limits of every applet.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Registers a handler for a name, for all applets; one registered before is replaced.
    ///
    /// # Errors
    /// `E_PARAM` when the name is malformed, `E_CLOSED` after shutdown.
    pub fn register(&self, name: &str, handler: Handler, options: ApiOptions) -> Result<()> {
        self.inner.alive()?;
        self.inner.register_in(&self.inner.global, name, handler, options)
    }

    /// Registers a handler for one applet, which wins over the one for all. The applet need not run yet.
    ///
    /// # Errors
    /// As [`FinAppClient::register`], and `E_PARAM` when the id is malformed.
    pub fn register_for(&self, app_id: &str, name: &str, handler: Handler, options: ApiOptions) -> Result<()> {
        self.inner.alive()?;
        let registry = self.inner.own_registry(&AppletId::parse(app_id)?);
        self.inner.register_in(&registry, name, handler, options)
    }

    /// Registers an asynchronous custom API.
    ///
    /// # Errors
    /// As [`FinAppClient::register`].
    pub fn register_custom_api(&self, name: &str, handler: impl HostHandler + 'static) -> Result<()> {
        self.register(name, Handler::Host(Arc::new(handler)), ApiOptions::default())
    }

    /// Registers a synchronous custom API that Rust answers on the applet's own thread, straight from engine values.
    ///
    /// # Errors
    /// As [`FinAppClient::register`].
    pub fn register_sync_api<A, R>(
        &self,
        name: &str,
        function: impl Fn(&CallInfo, A) -> Result<R> + Send + Sync + 'static,
    ) -> Result<()>
    where
        A: DeserializeOwned + 'static,
        R: Serialize + 'static,
    {
        self.register(name, inline(function), ApiOptions { sync: true, ..ApiOptions::default() })
    }

    /// Takes a name back. Running calls keep their handler. False when there was none.
    ///
    /// # Errors
    /// `E_PARAM` when the name is malformed.
    pub fn unregister_custom_api(&self, name: &str) -> Result<bool> {
        Ok(self.inner.global.unregister(&ApiName::parse(name)?))
    }

    /// Takes back a name that was registered for one applet.
    ///
    /// # Errors
    /// `E_PARAM` when id or name is malformed.
    pub fn unregister_for(&self, app_id: &str, name: &str) -> Result<bool> {
        let registry = self.inner.own_registry(&AppletId::parse(app_id)?);
        Ok(registry.unregister(&ApiName::parse(name)?))
    }

    /// Sets who answers a built-in that only the host can answer, such as `chooseImage`, for all applets; one that was
    /// set before is replaced. The library has checked the parameters, and checks what is answered: files that it names
    /// are copied, and the mini-program gets paths of its own. Runs on a thread of the library and must not block it.
    ///
    /// # Errors
    /// `E_PARAM` when there is no such built-in, `E_CLOSED` after shutdown.
    pub fn set_provider(&self, name: &str, provider: impl HostHandler + 'static) -> Result<()> {
        self.set_provider_for(None, name, Arc::new(provider))
    }

    /// The same for one applet, if one is named, for which it wins over the one for all.
    ///
    /// # Errors
    /// As [`FinAppClient::set_provider`], and `E_PARAM` when the id is malformed.
    pub fn set_provider_for(&self, app_id: Option<&str>, name: &str, provider: Arc<dyn HostHandler>) -> Result<()> {
        self.inner.alive()?;
        self.inner.provided.set(app_id.map(AppletId::parse).transpose()?, name, provider)
    }

    /// Takes a provider back; the one for all or that of the configuration answers then, if there is one. Running calls
    /// keep theirs. False when there was none.
    ///
    /// # Errors
    /// `E_PARAM` when there is no such built-in or the id is malformed.
    pub fn remove_provider(&self, app_id: Option<&str>, name: &str) -> Result<bool> {
        self.inner.provided.remove(app_id.map(AppletId::parse).transpose()?, name)
    }

    /// Starts an applet, or gives the one that runs under that id. Never blocks: `started` is called when it is
    /// known, on the applet's thread, or at once when the request is refused.
    pub fn start_applet(&self, request: AppletRequest, started: impl FnOnce(Result<AppletClient>) + Send + 'static) {
        match self.inner.start(&request, None) {
            Ok(applet) => {
                let handle = AppletClient::new(self.clone(), applet.clone());
                applet.when_started(Box::new(move |outcome| started(outcome.map(|()| handle))));
            }
            Err(error) => started(Err(error)),
        }
    }

    /// The same, waiting. For Rust hosts and tests; never call it on a thread that must stay responsive, or from a
    /// handler.
    ///
    /// # Errors
    /// Why the applet did not start: `E_PARAM`, `E_BAD_PACKAGE` (naming file and line), `E_LIMIT`, `E_ZOMBIE_LIMIT`,
    /// `E_TIMEOUT`, `E_MEMORY`, `E_CLOSED`; `E_CYCLE` on an applet's own thread.
    pub fn start_applet_and_wait(&self, request: AppletRequest) -> Result<AppletClient> {
        self.inner.refuse_on_applet_thread()?;
        let (sender, receiver) = mpsc::channel();
        self.start_applet(request, move |outcome| drop(sender.send(outcome)));
        receiver.recv().unwrap_or_else(|_| Err(ErrorCode::Closed.into()))
    }

    /// Tells how an applet is started when another mini-program opens it with `navigateToMiniProgram` before the host
    /// ever started it. One that was started once is known by its last request.
    ///
    /// # Errors
    /// `E_PARAM` when the id is malformed or the request names no package.
    pub fn add_applet(&self, request: &AppletRequest) -> Result<()> {
        let id = AppletId::parse(&request.app_id)?;
        self.inner.package_of(&id, request)?;
        self.inner.known.remember(&id, request);
        Ok(())
    }

    /// The running applet of that id.
    #[must_use]
    pub fn applet(&self, app_id: &str) -> Option<AppletClient> {
        let applet = lock(&self.inner.slots).get(app_id).cloned()?;
        Some(AppletClient::new(self.clone(), applet))
    }

    /// Asks an applet to close. Its calls have ended when this returns; the life-cycle event says when it is gone.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`.
    pub fn close_applet(&self, app_id: &str) -> Result<()> {
        self.inner.find(app_id)?.close(CloseReason::Host);
        Ok(())
    }

    /// The back gesture of the user, as the host hears of it. True when the applet went back one page; false when it
    /// showed its first page, or has none, and has been asked to close instead.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`.
    pub fn go_back(&self, app_id: &str) -> Result<bool> {
        Ok(self.inner.find(app_id)?.go_back())
    }

    /// Asks all applets to close.
    pub fn close_all_applets(&self) {
        for applet in self.inner.applets() {
            applet.close(CloseReason::Host);
        }
    }

    /// What handlers are told of an applet: while it runs, and until everybody has been told of its end.
    #[must_use]
    pub fn mini_app_info(&self, app_id: &AppletId) -> Option<Arc<MiniAppInfo>> {
        self.inner.mini_app_info(app_id)
    }

    /// The running applets, sorted by id.
    #[must_use]
    pub fn running_applets(&self) -> Vec<AppletInfo> {
        let mut list: Vec<AppletInfo> = self
            .inner
            .applets()
            .iter()
            .map(|applet| AppletInfo {
                app_id: applet.id.to_string(),
                state: applet.state(),
                calls_in_flight: applet.scope.in_flight(),
                package_version: applet.package().map(|entry| entry.version.to_string()),
            })
            .collect();
        list.sort_by(|a, b| a.app_id.cmp(&b.app_id));
        list
    }

    /// Sends an event to one applet: its `onCustomEvent` listeners, and the named ones when it has a `name`.
    ///
    /// # Errors
    /// `E_PARAM` unless the detail is an object, `E_APPLET_NOT_FOUND`, `E_CLOSED`.
    pub fn send_custom_event(&self, app_id: &str, detail: Payload) -> Result<()> {
        check_event(&detail)?;
        self.inner.find(app_id)?.send_event(Arc::new(detail))
    }

    /// Sends an event to all applets; gives how many took it.
    ///
    /// # Errors
    /// `E_PARAM` unless the detail is an object.
    pub fn send_custom_event_to_all(&self, detail: Payload) -> Result<usize> {
        check_event(&detail)?;
        let detail = Arc::new(detail);
        Ok(self.inner.applets().iter().filter(|applet| applet.send_event(detail.clone()).is_ok()).count())
    }

    /// The calls that were refused to the applets that run; see [`AppletClient::refusals`].
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.inner.applets().iter().flat_map(|applet| applet.dispatcher.refusals.list()).collect()
    }

    /// Tells an applet that it is seen.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`.
    pub fn set_foreground(&self, app_id: &str) -> Result<()> {
        self.inner.find(app_id)?.show(true);
        Ok(())
    }

    /// Tells an applet that it is not seen: smaller budget, paused timers.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`.
    pub fn set_background(&self, app_id: &str) -> Result<()> {
        self.inner.find(app_id)?.show(false);
        Ok(())
    }

    /// Gives back memory.
    pub fn set_memory_level(&self, level: MemoryLevel) {
        if level == MemoryLevel::Critical {
            let background = lock(&self.inner.slots).in_background();
            for applet in background {
                applet.close(CloseReason::Memory);
            }
        }
        let told = serde_json::json!({ "level": level.number() }).to_string();
        if level != MemoryLevel::Moderate {
            self.inner.stores.shrink();
            self.inner.reports.shrink();
        }
        for applet in self.inner.applets() {
            applet.ask(Ask::Raise(AppEvent::MemoryWarning, told.clone()));
            applet.mailbox.tell(Message::CollectGarbage);
        }
    }

    /// What has been counted for a running applet.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`.
    pub fn counters(&self, app_id: &str) -> Result<CounterSnapshot> {
        Ok(self.inner.find(app_id)?.counters.snapshot())
    }

    /// What became of the events that mini-programs reported, since this client was made.
    #[must_use]
    pub fn report_counters(&self) -> ReportCounters {
        self.inner.reports.counters()
    }

    /// Sets the one listener for life-cycle events; none takes it away. It runs on applet threads: hand over and
    /// return.
    pub fn on_life_cycle(&self, listener: Option<Listener>) {
        let replaced = std::mem::replace(&mut *write(&self.inner.listener), listener);
        drop(replaced);
    }

    /// Takes no more work, ends all calls with `E_CLOSED` and closes all applets. Never blocks.
    pub fn shutdown(&self) {
        self.inner.shutdown();
    }

    /// Waits until no applet is left.
    ///
    /// # Errors
    /// `E_TIMEOUT` when the time passes first, `E_CYCLE` on an applet's own thread.
    pub fn wait_until_closed(&self, at_most: Duration) -> Result<()> {
        self.inner.wait_until_closed(at_most)
    }

    /// Whether [`FinAppClient::shutdown`] was called.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.inner.is_shut_down()
    }

    /// How many threads have been given up and still run native code.
    #[must_use]
    pub fn quarantined_threads(&self) -> usize {
        self.inner.zombies.load(Ordering::Acquire)
    }
}

pub(super) fn check_event(detail: &Payload) -> Result<()> {
    if detail.text().trim_start().starts_with('{') {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::Parameter, "detail: expected an object"))
    }
}
