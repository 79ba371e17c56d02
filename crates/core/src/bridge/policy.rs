//! Who may call what. A check returns an [`Authorized`] registration, and no handler can be reached without one.

use super::caller::Caller;
use super::registry::Registration;
use crate::error::{Error, ErrorCode};
use crate::ids::{ApiName, AppletId};
use crate::lock::{read, write};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::{Arc, RwLock};

/// Which H5 pages a registration serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// The top frame of pages served from the package and of the applet's business domains.
    #[default]
    Own,
    /// Those, and these exact origins.
    Origins(Vec<String>),
    /// No page.
    None,
}

/// The origins whose pages belong to one applet: that of its package, and its business domains. What the package says of
/// them is known only once it is open, so they may change once; copies are one and the same list.
#[derive(Clone, Debug, Default)]
pub struct OwnOrigins(Arc<RwLock<HashSet<String>>>);

impl OwnOrigins {
    /// Whether this very origin is one of them.
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        read(&self.0).contains(origin)
    }

    /// All of them, sorted.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        let mut list: Vec<String> = read(&self.0).iter().cloned().collect();
        list.sort();
        list
    }

    pub(crate) fn set(&self, origins: HashSet<String>) {
        *write(&self.0) = origins;
    }
}

impl From<HashSet<String>> for OwnOrigins {
    fn from(origins: HashSet<String>) -> Self {
        Self(Arc::new(RwLock::new(origins)))
    }
}

/// Which APIs one applet may call: TCMPP's `whiteList` and `blackList`. Deny wins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppletRules {
    /// If given, only these.
    pub white_list: Option<HashSet<String>>,
    /// Never these.
    pub black_list: HashSet<String>,
    /// Origins of pages served from the package and of the declared business domains.
    #[serde(skip)]
    pub own_origins: OwnOrigins,
}

impl AppletRules {
    fn permits(&self, api: &ApiName) -> bool {
        !self.black_list.contains(api.as_str())
            && self.white_list.as_ref().is_none_or(|list| list.contains(api.as_str()))
    }
}

/// A registration that this caller has been found to be allowed to call. Only [`check`] makes one.
#[derive(Clone)]
pub struct Authorized {
    registration: Arc<Registration>,
}

impl Authorized {
    /// The registration.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.registration
    }
}

/// Whether `caller` may call `registration`.
///
/// # Errors
/// `E_DENIED` for an applet or plugin; `E_NOT_FOUND` for a page, which must not learn what exists.
pub fn check(caller: &Caller, registration: Arc<Registration>, rules: &AppletRules) -> Result<Authorized, Error> {
    let options = registration.options();
    let applet_allowed = |applet: &AppletId| {
        options.applets.as_ref().is_none_or(|applets| applets.contains(applet)) && rules.permits(registration.name())
    };
    match caller {
        Caller::Applet { applet, .. } | Caller::Plugin { applet, .. } if !applet_allowed(applet) => {
            Err(ErrorCode::Denied.into())
        }
        Caller::Applet { .. } | Caller::Plugin { .. } if options.pages_alone => Err(ErrorCode::Denied.into()),
        Caller::Plugin { plugin, .. } if !options.plugins.as_ref().is_none_or(|plugins| plugins.contains(plugin)) => {
            Err(ErrorCode::Denied.into())
        }
        Caller::Page { applet, origin, .. }
            if !applet_allowed(applet) || !page_allowed(&options.pages, origin, rules) =>
        {
            Err(ErrorCode::NotFound.into())
        }
        Caller::Applet { .. } | Caller::Plugin { .. } | Caller::Page { .. } => Ok(Authorized { registration }),
    }
}

fn page_allowed(pages: &Pages, origin: &str, rules: &AppletRules) -> bool {
    match pages {
        Pages::None => false,
        Pages::Own => rules.own_origins.contains(origin),
        Pages::Origins(origins) => rules.own_origins.contains(origin) || origins.iter().any(|own| own == origin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::handler::inline;
    use crate::bridge::registry::ApiOptions;
    use crate::ids::{Generation, PageId};

    fn registration(options: ApiOptions) -> Arc<Registration> {
        let handler = inline(|_info, (): ()| Ok(()));
        Arc::new(Registration::new(ApiName::parse("pay").unwrap(), handler, options))
    }

    fn applet(id: &str) -> Caller {
        Caller::Applet { applet: AppletId::parse(id).unwrap(), generation: Generation(1) }
    }

    fn page(origin: &str) -> Caller {
        Caller::Page {
            applet: AppletId::parse("a").unwrap(),
            generation: Generation(1),
            page: PageId(1),
            origin: origin.to_owned(),
            epoch: 1,
        }
    }

    #[test]
    fn deny_wins_over_allow() {
        let rules = AppletRules {
            white_list: Some(HashSet::from(["pay".to_owned()])),
            black_list: HashSet::from(["pay".to_owned()]),
            ..AppletRules::default()
        };
        let refused = check(&applet("a"), registration(ApiOptions::default()), &rules).err().unwrap();
        assert_eq!(refused.code(), ErrorCode::Denied);
    }

    #[test]
    fn an_api_for_one_applet_is_denied_to_another() {
        let options =
            ApiOptions { applets: Some(HashSet::from([AppletId::parse("a").unwrap()])), ..ApiOptions::default() };
        let rules = AppletRules::default();
        assert!(check(&applet("a"), registration(options.clone()), &rules).is_ok());
        assert_eq!(check(&applet("b"), registration(options), &rules).err().unwrap().code(), ErrorCode::Denied);
    }

    #[test]
    fn an_api_for_one_plugin_is_denied_to_another_and_open_to_the_mini_program() {
        let plugin = |id: &str| Caller::Plugin {
            applet: AppletId::parse("a").unwrap(),
            generation: Generation(1),
            plugin: AppletId::parse(id).unwrap(),
        };
        let options =
            ApiOptions { plugins: Some(HashSet::from([AppletId::parse("p").unwrap()])), ..ApiOptions::default() };
        let rules = AppletRules::default();
        assert!(check(&plugin("p"), registration(options.clone()), &rules).is_ok());
        assert!(check(&applet("a"), registration(options.clone()), &rules).is_ok());
        assert_eq!(check(&plugin("q"), registration(options), &rules).err().unwrap().code(), ErrorCode::Denied);
        assert!(check(&plugin("q"), registration(ApiOptions::default()), &rules).is_ok());
    }

    #[test]
    fn a_page_is_denied_by_default_and_cannot_tell_denied_from_unknown() {
        let rules = AppletRules::default();
        for pages in [Pages::Own, Pages::None, Pages::Origins(vec!["https://good.example".into()])] {
            let options = ApiOptions { pages, ..ApiOptions::default() };
            for origin in ["https://evil.example", "https://good.example.evil.example", "null", ""] {
                let refused = check(&page(origin), registration(options.clone()), &rules).err().unwrap();
                assert_eq!(refused.code(), ErrorCode::NotFound, "{origin}");
            }
        }
    }

    #[test]
    fn h_b2_no_part_of_an_origin_is_enough() {
        let listed = HashSet::from(["https://good.example".to_owned()]);
        let own = AppletRules { own_origins: listed.into(), ..AppletRules::default() };
        let wide = Pages::Origins(vec!["https://good.example".to_owned()]);
        for (pages, rules) in [(Pages::Own, own), (wide, AppletRules::default())] {
            let options = ApiOptions { pages, ..ApiOptions::default() };
            assert!(check(&page("https://good.example"), registration(options.clone()), &rules).is_ok());
            for origin in [
                "http://good.example",
                "https://good.example:8443",
                "https://good.example.",
                "https://sub.good.example",
                "https://evilgood.example",
                "https://good.example.evil.example",
                "https://good.examples",
                "https://GOOD.example",
                "good.example",
                "https://",
            ] {
                assert!(check(&page(origin), registration(options.clone()), &rules).is_err(), "{origin}");
            }
        }
    }

    #[test]
    fn a_listed_origin_is_allowed_exactly() {
        let options =
            ApiOptions { pages: Pages::Origins(vec!["https://good.example".into()]), ..ApiOptions::default() };
        assert!(check(&page("https://good.example"), registration(options), &AppletRules::default()).is_ok());
    }
}
