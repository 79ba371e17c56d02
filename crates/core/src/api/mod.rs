//! What the library answers itself. One folder a capability; each is listed here, in the one visible place.

pub(crate) mod between;
mod documented;
pub(crate) mod files;
pub(crate) mod navigation;
pub(crate) mod network;
pub(crate) mod provided;
pub(crate) mod report;
pub(crate) mod storage;
mod system;
pub(crate) mod web_view;
mod worker;

use crate::bridge::{ApiOptions, Handler, Pages, Registration, Registry};
use crate::engine::{BuiltIn, Family, Glue};
use crate::error::Result;
use crate::ids::ApiName;
use crate::limits::Limits;
use between::Neighbours;
pub(crate) use documented::documented;
use files::Sandboxes;
use navigation::Navigator;
use network::Network;
use provided::Provided;
use report::Reports;
use std::sync::Arc;
use storage::Stores;
pub(crate) use system::{AboutApplet, Facts};
pub use system::{
    Authorization, AuthorizeSetting, DeviceInfo, HostInfo, NetworkInfo, NetworkType, ScreenEdges, SystemSetting, Theme,
    WindowInfo,
};
use web_view::FindPages;

/// The names that stand on `ft` and `wx`, and whether each answers at once. One with a dot stands on an object that the
/// glue makes.
pub(crate) const BUILT_INS: &[BuiltIn] = &together::<COUNT>();

/// The same, one after the other, each with what makes its functions.
pub(crate) const FAMILIES: &[Family] = &[
    Family { members: system::BUILT_INS, glue: None },
    Family { members: storage::BUILT_INS, glue: Some(Glue::Storage) },
    Family { members: files::BUILT_INS, glue: Some(Glue::Files) },
    Family { members: network::BUILT_INS, glue: Some(Glue::Network) },
    Family { members: navigation::BUILT_INS, glue: None },
    Family { members: between::BUILT_INS, glue: None },
    Family { members: provided::BUILT_INS, glue: None },
    Family { members: report::BUILT_INS, glue: Some(Glue::Report) },
    Family { members: web_view::BUILT_INS, glue: None },
];

const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].members.len();
        family += 1;
    }
    count
};

const fn together<const N: usize>() -> [BuiltIn; N] {
    let mut list = [BuiltIn { name: "", sync: false }; N];
    let (mut at, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut member = 0;
        while member < FAMILIES[family].members.len() {
            list[at] = FAMILIES[family].members[member];
            at += 1;
            member += 1;
        }
        family += 1;
    }
    list
}

/// What the built-ins need of the client around them.
pub(crate) struct Services<'a> {
    /// What is known of the app, the device and the mini-programs.
    pub(crate) facts: &'a Facts,
    /// Where mini-programs keep data.
    pub(crate) stores: &'a Arc<Stores>,
    /// Where mini-programs keep files.
    pub(crate) sandboxes: &'a Arc<Sandboxes>,
    /// Who asks other machines.
    pub(crate) network: &'a Arc<Network>,
    /// What the host answers.
    pub(crate) provided: &'a Arc<Provided>,
    /// Who keeps and sends what is reported.
    pub(crate) reports: &'a Arc<Reports>,
    /// Who moves between pages.
    pub(crate) navigator: &'a Arc<dyn Navigator>,
    /// Who moves between mini-programs.
    pub(crate) neighbours: &'a Arc<dyn Neighbours>,
    /// Who has the web pages of a mini-program.
    pub(crate) web_pages: &'a FindPages,
    /// What messages may hold.
    pub(crate) limits: &'a Arc<Limits>,
}

/// Registers them all.
///
/// # Errors
/// Only if one of the names is malformed.
pub(crate) fn register(registry: &Registry, services: &Services<'_>) -> Result<()> {
    let add = |name: &str, handler: Handler, options: ApiOptions| -> Result<()> {
        registry.register(Registration::new(ApiName::parse(name)?, handler, options));
        Ok(())
    };
    for (name, handler) in system::handlers(services.facts) {
        let sync = BUILT_INS.iter().any(|built_in| built_in.name == name && built_in.sync);
        let pages = if system::FOR_PAGES.contains(&name) { Pages::Own } else { Pages::None };
        add(name, handler, ApiOptions { sync, pages, ..ApiOptions::default() })?;
    }
    let families = storage::handlers(services.stores)
        .chain(files::handlers(services.sandboxes))
        .chain(network::handlers(services.network))
        .chain(navigation::handlers(services.navigator))
        .chain(between::handlers(services.neighbours))
        .chain(provided::handlers(services.provided))
        .chain(report::handlers(services.reports, services.facts))
        .chain(web_view::handlers(services.web_pages, services.limits));
    for (name, handler, options) in families {
        add(name, handler, options)?;
    }
    Ok(())
}
