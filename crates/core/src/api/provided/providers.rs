//! Who provides what: for one mini-program, for all, and by configuration, in this order.

use super::catalogue::{APIS, Alone};
use super::fixed::{Fixed, FixedProviders};
use crate::bridge::HostHandler;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::lock::{read, write};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// A handler that answers in the place of a built-in.
pub(super) type Provider = Arc<dyn HostHandler>;

/// The name of an API that can be provided.
///
/// # Errors
/// `E_PARAM` for any other.
pub(super) fn provided_name(name: &str) -> Result<&'static str> {
    let known = APIS.iter().find(|api| api.name == name && api.alone != Alone::Own);
    known.map(|api| api.name).ok_or_else(|| {
        Error::new(ErrorCode::Parameter, "name: expected the name of an API that the library lets the host provide")
    })
}

/// All providers of one client.
pub(super) struct Providers {
    set: RwLock<HashMap<(Option<AppletId>, &'static str), Provider>>,
    fixed: HashMap<&'static str, Provider>,
}

impl Providers {
    /// Those of the configuration alone, which has been checked.
    pub(super) fn new(fixed: &FixedProviders) -> Self {
        let fixed = fixed.iter().filter_map(|(name, answers)| {
            let provider: Provider = Arc::new(Fixed::new(answers));
            Some((provided_name(name).ok()?, provider))
        });
        Self { set: RwLock::default(), fixed: fixed.collect() }
    }

    /// Takes a provider for one mini-program or for all.
    pub(super) fn set(&self, applet: Option<AppletId>, name: &str, provider: Provider) -> Result<()> {
        let name = provided_name(name)?;
        // The replaced one is dropped after the lock: it is foreign code.
        let replaced = write(&self.set).insert((applet, name), provider);
        drop(replaced);
        Ok(())
    }

    /// Lets go of one. False when there was none.
    pub(super) fn remove(&self, applet: Option<AppletId>, name: &str) -> Result<bool> {
        let name = provided_name(name)?;
        let removed = write(&self.set).remove(&(applet, name));
        Ok(removed.is_some())
    }

    /// Lets go of all that were set.
    pub(super) fn clear(&self) {
        let removed = std::mem::take(&mut *write(&self.set));
        drop(removed);
    }

    /// Who answers.
    pub(super) fn find(&self, applet: &AppletId, name: &'static str) -> Option<Provider> {
        let set = read(&self.set);
        let set = set.get(&(Some(applet.clone()), name)).or_else(|| set.get(&(None, name)));
        set.or_else(|| self.fixed.get(name)).cloned()
    }
}
