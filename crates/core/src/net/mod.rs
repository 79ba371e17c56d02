//! Outgoing HTTP and TLS of the whole library: one small runtime for I/O, one certificate store, one way through a
//! proxy, and the rule on which addresses a mini-program may reach. It knows no API and no mini-program.

mod address;
mod config;
mod io_thread;
mod resolver;
mod tls;

use crate::error::{Error, ErrorCode, Result};
pub(crate) use address::{AddressRule, Forbidden};
pub use config::NetworkConfig;
use io_thread::IoThread;
use once_cell::sync::OnceCell;
use reqwest::{Client, redirect};
use resolver::GuardedResolver;
use rustls::ClientConfig;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// The network as the library uses it. Thread, certificates and connections come with the first use.
pub(crate) struct Http {
    config: NetworkConfig,
    tls: OnceCell<Arc<ClientConfig>>,
    client: OnceCell<Client>,
    guarded: OnceCell<Client>,
    thread: IoThread,
}

impl Http {
    /// The network of one client.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub(crate) fn new(config: &NetworkConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            config: config.clone(),
            tls: OnceCell::new(),
            client: OnceCell::new(),
            guarded: OnceCell::new(),
            thread: IoThread::default(),
        })
    }

    /// For requests of the library itself, to addresses that the host chose. It follows no redirect.
    ///
    /// # Errors
    /// `E_INTERNAL` when it cannot be made.
    pub(crate) fn client(&self) -> Result<Client> {
        self.client.get_or_try_init(|| self.build(AddressRule::Any)).cloned()
    }

    /// For requests of mini-programs: it connects to no address that [`Http::address_rule`] forbids, whatever name led
    /// there. Hosts that are written as an address are the caller's to check. It follows no redirect.
    ///
    /// # Errors
    /// `E_INTERNAL` when it cannot be made.
    pub(crate) fn guarded_client(&self) -> Result<Client> {
        self.guarded.get_or_try_init(|| self.build(self.address_rule())).cloned()
    }

    /// Which addresses mini-programs may reach.
    pub(crate) fn address_rule(&self) -> AddressRule {
        if self.config.allow_private_network { AddressRule::Any } else { AddressRule::Public }
    }

    /// Runs `task` on the thread for I/O. It must not block; see [`tokio::task::spawn_blocking`] for what does.
    ///
    /// # Errors
    /// `E_LIMIT` when the system gives no thread, `E_CLOSED` after [`Http::stop`].
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
        self.thread.spawn(task)
    }

    /// Ends the thread soon, with all that runs on it.
    pub(crate) fn stop(&self) {
        self.thread.stop();
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        self.tls.get_or_try_init(|| tls::config(&self.config)).cloned()
    }

    fn build(&self, rule: AddressRule) -> Result<Client> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&*self.tls()?))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("finapp/", env!("CARGO_PKG_VERSION")));
        builder = match self.config.proxy()? {
            // The proxy was chosen by the host, wherever it stands.
            Some(proxy) => builder.proxy(proxy),
            None => builder.no_proxy().dns_resolver(Arc::new(GuardedResolver { rule })),
        };
        builder.build().map_err(|_| Error::new(ErrorCode::Internal, "the HTTP client cannot be made"))
    }
}
