//! `AppletClient`: the handle of one running applet. Everything a host can say to one applet.

use super::client::FinAppClient;
use crate::applet::{Applet, AppletState, CloseReason, MiniAppInfo};
use crate::bridge::Refusal;
use crate::bridge::counters::CounterSnapshot;
use crate::bridge::handler::{Handler, inline};
use crate::bridge::{ApiOptions, CallInfo, HostHandler, Payload};
use crate::error::{ErrorCode, Result};
use crate::ids::Generation;
use crate::package_index::IndexEntry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One run of one applet. After that run has closed, every function that reaches into it answers `E_CLOSED`, also
/// when the same applet has been started again.
#[derive(Clone)]
pub struct AppletClient {
    pub(super) client: FinAppClient,
    pub(super) applet: Arc<Applet>,
}

impl AppletClient {
    pub(super) fn new(client: FinAppClient, applet: Arc<Applet>) -> Self {
        Self { client, applet }
    }

    /// The applet's id.
    #[must_use]
    pub fn app_id(&self) -> &str {
        self.applet.id.as_str()
    }

    /// Which run this is.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.applet.generation
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self) -> AppletState {
        self.applet.state()
    }

    /// What handlers are told of it.
    #[must_use]
    pub fn info(&self) -> &MiniAppInfo {
        &self.applet.info
    }

    /// What the server said of the package that it runs; nothing for a folder or a zip of the host, and before the
    /// package is there.
    #[must_use]
    pub fn package(&self) -> Option<Arc<IndexEntry>> {
        self.applet.package().cloned()
    }

    /// Registers a handler for this applet alone; it wins over the one for all, and stays for the next run.
    ///
    /// # Errors
    /// `E_PARAM` when the name is malformed, `E_CLOSED` after shutdown.
    pub fn register(&self, name: &str, handler: Handler, options: ApiOptions) -> Result<()> {
        self.client.register_for(self.app_id(), name, handler, options)
    }

    /// Sets who answers a built-in that only the host can answer, for this applet alone; it wins over the one for all,
    /// and stays for the next run.
    ///
    /// # Errors
    /// As [`FinAppClient::set_provider`].
    pub fn set_provider(&self, name: &str, provider: Arc<dyn HostHandler>) -> Result<()> {
        self.client.set_provider_for(Some(self.app_id()), name, provider)
    }

    /// Takes such a provider back. False when there was none.
    ///
    /// # Errors
    /// As [`FinAppClient::remove_provider`].
    pub fn remove_provider(&self, name: &str) -> Result<bool> {
        self.client.remove_provider(Some(self.app_id()), name)
    }

    /// Registers an asynchronous custom API for this applet alone.
    ///
    /// # Errors
    /// As [`AppletClient::register`].
    pub fn register_custom_api(&self, name: &str, handler: impl HostHandler + 'static) -> Result<()> {
        self.register(name, Handler::Host(Arc::new(handler)), ApiOptions::default())
    }

    /// Registers a synchronous custom API for this applet alone, answered in Rust.
    ///
    /// # Errors
    /// As [`AppletClient::register`].
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

    /// Takes back a name that was registered for this applet. False when there was none.
    ///
    /// # Errors
    /// `E_PARAM` when the name is malformed.
    pub fn unregister_custom_api(&self, name: &str) -> Result<bool> {
        self.client.unregister_for(self.app_id(), name)
    }

    /// Sends an event.
    ///
    /// # Errors
    /// `E_PARAM` unless the detail is an object, `E_CLOSED`.
    pub fn send_custom_event(&self, detail: Payload) -> Result<()> {
        super::client::check_event(&detail)?;
        self.applet.send_event(Arc::new(detail))
    }

    /// Asks it to close; see [`FinAppClient::close_applet`].
    pub fn close(&self) {
        self.applet.close(CloseReason::Host);
    }

    /// The back gesture of the user; see [`FinAppClient::go_back`].
    ///
    /// # Errors
    /// `E_CLOSED` once this run is over.
    pub fn go_back(&self) -> Result<bool> {
        if self.applet.wait_until_over(Duration::ZERO) {
            Err(ErrorCode::Closed.into())
        } else {
            Ok(self.applet.go_back())
        }
    }

    /// Waits until this run is over.
    ///
    /// # Errors
    /// `E_TIMEOUT` when the time passes first, `E_CYCLE` on an applet's own thread.
    pub fn wait_until_closed(&self, at_most: Duration) -> Result<()> {
        self.client.inner.refuse_on_applet_thread()?;
        if self.applet.wait_until_over(at_most) { Ok(()) } else { Err(ErrorCode::Timeout.into()) }
    }

    /// Tells it that it is seen, or not.
    pub fn set_visible(&self, visible: bool) {
        self.applet.show(visible);
    }

    /// What has been counted.
    #[must_use]
    pub fn counters(&self) -> CounterSnapshot {
        self.applet.counters.snapshot()
    }

    /// The calls that were refused to this run, its plugins and its pages: who asked for what, the last at the end. A
    /// bounded list; how many there were altogether is among the counters.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.applet.dispatcher.refusals.list()
    }

    /// How many of its calls are in flight.
    #[must_use]
    pub fn calls_in_flight(&self) -> usize {
        self.applet.scope.in_flight()
    }
}

impl fmt::Debug for AppletClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppletClient").field("app_id", &self.app_id()).field("state", &self.state()).finish()
    }
}
