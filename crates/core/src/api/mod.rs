//! What the library answers itself. One folder a capability; each is listed here, in the one visible place.

mod app_base_info;

use crate::bridge::{ApiOptions, Handler, Pages, Registration, Registry};
use crate::engine::BuiltIn;
use crate::error::Result;
use crate::ids::ApiName;
pub use app_base_info::HostInfo;

/// The names that stand on `ft` and `wx`, and whether each answers at once.
pub(crate) const BUILT_INS: &[BuiltIn] = &[BuiltIn { name: app_base_info::NAME, sync: true }];

/// Registers them all.
///
/// # Errors
/// Only if a name in the list above is malformed.
pub(crate) fn register(registry: &Registry, host: &HostInfo) -> Result<()> {
    let add = |name: &str, handler: Handler| -> Result<()> {
        let options = ApiOptions { sync: true, pages: Pages::None, ..ApiOptions::default() };
        registry.register(Registration::new(ApiName::parse(name)?, handler, options));
        Ok(())
    };
    add(app_base_info::NAME, app_base_info::handler(host.clone()))
}
