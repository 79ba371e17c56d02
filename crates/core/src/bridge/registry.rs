//! The names a host (or the library itself) answers, with what each registration allows.

use super::handler::Handler;
use super::policy::Pages;
use crate::error::ErrorCode;
use crate::ids::{ApiName, AppletId};
use crate::limits::Limits;
use crate::lock::{read, write};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// What the parameters of one API may hold, where that is not what the client's limits say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentLimits {
    /// Their limits.
    pub limits: Arc<Limits>,
    /// How a call fails that is over a size.
    pub too_large: ErrorCode,
}

/// How a name is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiOptions {
    /// Answers synchronous calls: the mini-program gets the value as the return value.
    pub sync: bool,
    /// Deadline of one call. None: an asynchronous call waits until its caller goes away, a synchronous one as long
    /// as [`crate::Limits::sync_call_ms`] says.
    pub timeout: Option<Duration>,
    /// Which H5 pages may call it.
    pub pages: Pages,
    /// Whether it serves pages alone: the logic of a mini-program and its plugins may not call it.
    pub pages_alone: bool,
    /// Which applets may call it; none means all.
    pub applets: Option<HashSet<AppletId>>,
    /// Which plugins of those applets may call it; none means all.
    pub plugins: Option<HashSet<AppletId>>,
    /// Limits of its own for the parameters.
    pub arguments: Option<ArgumentLimits>,
}

/// One name with its handler. The handler is visible to the bridge alone, which asks for an authorisation first.
pub struct Registration {
    name: ApiName,
    handler: Handler,
    options: ApiOptions,
}

impl Registration {
    /// A registration.
    #[must_use]
    pub fn new(name: ApiName, handler: Handler, options: ApiOptions) -> Self {
        Self { name, handler, options }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &ApiName {
        &self.name
    }

    /// How it is served.
    #[must_use]
    pub fn options(&self) -> &ApiOptions {
        &self.options
    }

    pub(super) fn handler(&self) -> &Handler {
        &self.handler
    }
}

/// A number that changes whenever any registry of one client changes, so that callers may keep what they resolved.
#[derive(Clone, Debug, Default)]
pub struct RegistryVersion(Arc<AtomicU64>);

impl RegistryVersion {
    /// The version now.
    #[must_use]
    pub fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// Names and their registrations. Changes count from the next call on; a running call keeps the handler it has.
pub struct Registry {
    entries: RwLock<HashMap<ApiName, Arc<Registration>>>,
    version: RegistryVersion,
}

impl Registry {
    /// An empty registry that reports its changes to `version`.
    #[must_use]
    pub fn new(version: RegistryVersion) -> Self {
        Self { entries: RwLock::default(), version }
    }

    /// Registers or replaces a name. True when it replaced another.
    pub fn register(&self, registration: Registration) -> bool {
        // The replaced registration is dropped after the lock: its handler is foreign code.
        let replaced = write(&self.entries).insert(registration.name.clone(), Arc::new(registration));
        self.version.advance();
        replaced.is_some()
    }

    /// Removes a name. False when there was none.
    pub fn unregister(&self, name: &ApiName) -> bool {
        let removed = write(&self.entries).remove(name);
        self.version.advance();
        removed.is_some()
    }

    /// Removes everything, for a client that shuts down.
    pub fn clear(&self) {
        let removed = std::mem::take(&mut *write(&self.entries));
        self.version.advance();
        drop(removed);
    }

    /// The registration of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Registration>> {
        read(&self.entries).get(name).cloned()
    }

    /// The origins that registrations name besides those of the applets themselves.
    #[must_use]
    pub fn page_origins(&self) -> Vec<String> {
        let entries = read(&self.entries);
        let named = entries.values().filter_map(|entry| match &entry.options.pages {
            Pages::Origins(origins) => Some(origins),
            Pages::Own | Pages::None => None,
        });
        named.flatten().cloned().collect()
    }

    /// Whether no name is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        read(&self.entries).is_empty()
    }

    /// All names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<ApiName> {
        let mut names: Vec<ApiName> = read(&self.entries).keys().cloned().collect();
        names.sort();
        names
    }
}
