//! What the library answers itself. One folder a capability; each is listed here, in the one visible place.

mod documented;
pub(crate) mod files;
pub(crate) mod network;
pub(crate) mod storage;
mod system;

use crate::bridge::{ApiOptions, Handler, Pages, Registration, Registry};
use crate::engine::BuiltIn;
use crate::error::Result;
use crate::ids::ApiName;
pub(crate) use documented::documented;
use network::Network;
use std::sync::Arc;
use storage::Stores;
pub(crate) use system::{AboutApplet, Facts};
pub use system::{
    Authorization, AuthorizeSetting, DeviceInfo, HostInfo, ScreenEdges, SystemSetting, Theme, WindowInfo,
};

/// The names that stand on `ft` and `wx`, and whether each answers at once.
pub(crate) const BUILT_INS: &[BuiltIn] = &{
    const SYSTEM: usize = system::BUILT_INS.len();
    const STORAGE: usize = storage::NAMES.len();
    let mut list = [system::BUILT_INS[0]; SYSTEM + STORAGE + network::NAMES.len()];
    let mut at = 0;
    while at < SYSTEM {
        list[at] = system::BUILT_INS[at];
        at += 1;
    }
    let mut at = 0;
    while at < storage::NAMES.len() {
        list[SYSTEM + at] = BuiltIn { name: storage::NAMES[at], sync: storage::is_sync(at) };
        at += 1;
    }
    let mut at = 0;
    while at < network::NAMES.len() {
        list[SYSTEM + STORAGE + at] = BuiltIn { name: network::NAMES[at], sync: false };
        at += 1;
    }
    list
};

/// Registers them all.
///
/// # Errors
/// Only if one of the names is malformed.
pub(crate) fn register(registry: &Registry, facts: &Facts, stores: &Arc<Stores>, network: &Arc<Network>) -> Result<()> {
    let add = |name: &str, handler: Handler, options: ApiOptions| -> Result<()> {
        registry.register(Registration::new(ApiName::parse(name)?, handler, options));
        Ok(())
    };
    for (name, handler) in system::handlers(facts) {
        let sync = BUILT_INS.iter().any(|built_in| built_in.name == name && built_in.sync);
        add(name, handler, ApiOptions { sync, pages: Pages::None, ..ApiOptions::default() })?;
    }
    for (name, handler, options) in storage::handlers(stores).chain(network::handlers(network)) {
        add(name, handler, options)?;
    }
    Ok(())
}
