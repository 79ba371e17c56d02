//! What the library answers itself. One folder a capability; each is listed here, in the one visible place.

mod documented;
mod system;

use crate::bridge::{ApiOptions, Pages, Registration, Registry};
use crate::engine::BuiltIn;
use crate::error::Result;
use crate::ids::ApiName;
pub(crate) use documented::documented;
pub(crate) use system::{AboutApplet, Facts};
pub use system::{
    Authorization, AuthorizeSetting, DeviceInfo, HostInfo, ScreenEdges, SystemSetting, Theme, WindowInfo,
};

/// The names that stand on `ft` and `wx`, and whether each answers at once.
pub(crate) const BUILT_INS: &[BuiltIn] = system::BUILT_INS;

/// Registers them all.
///
/// # Errors
/// Only if one of the names is malformed.
pub(crate) fn register(registry: &Registry, facts: &Facts) -> Result<()> {
    for (name, handler) in system::handlers(facts) {
        let sync = BUILT_INS.iter().any(|built_in| built_in.name == name && built_in.sync);
        let options = ApiOptions { sync, pages: Pages::None, ..ApiOptions::default() };
        registry.register(Registration::new(ApiName::parse(name)?, handler, options));
    }
    Ok(())
}
