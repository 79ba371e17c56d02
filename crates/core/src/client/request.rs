//! A request to start an applet, as FinClip's `IAppletRequest` has it.

use super::config::{Config, parse};
use crate::api::navigation::{Address, parse_query};
use crate::api::network::DomainLists;
use crate::applet::enter::Entrance;
use crate::applet::{AppletDescription, MiniAppInfo, VersionType};
use crate::bridge::policy::AppletRules;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::packages::{Server, UpdateStrategy};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::PathBuf;

/// Which applet to start, from what, and with which start parameters.
///
/// ```
/// use finapp_core::AppletRequest;
/// let request = AppletRequest::from_json(
///     r#"{"appId": "demo", "offlineLibraryPath": "/packages/demo.zip", "startParams": {"query": "a=1"}}"#,
/// ).unwrap();
/// assert_eq!(request.app_id, "demo");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AppletRequest {
    /// The applet's id.
    pub app_id: String,
    /// The server it belongs to; handed to handlers as `extInfo.apiServer`. Without one, that of the configuration.
    pub api_server: Option<String>,
    /// The first page and its query.
    pub start_params: Option<StartParams>,
    /// The package: a folder or a zip. None: it comes from the server.
    pub offline_library_path: Option<PathBuf>,
    /// If given, the only API names the applet may call.
    pub white_list: Option<HashSet<String>>,
    /// API names the applet may never call; wins over the white list.
    pub black_list: HashSet<String>,
    /// The origins that `request` may reach: `https://host`, `https://host:port`, or `https://*.host` for all below
    /// one. With a list nothing else is reached, after redirects either; without one, public hosts over https. The
    /// `app.json` may list some of them and so take away the others.
    pub request_domain: Option<Vec<String>>,
    /// The same for `downloadFile`.
    pub download_domain: Option<Vec<String>>,
    /// The same for `uploadFile`.
    pub upload_domain: Option<Vec<String>>,
    /// The same for `connectSocket`: `wss://host`.
    pub socket_domain: Option<Vec<String>>,
    /// The origins whose H5 pages belong to the mini-program: `https://host`, or `https://host:port`; exact ones alone.
    /// Only their pages, and those of the package itself, may call what the host has registered, and are told of events.
    /// Without a list, those that the index of the package lists. The `app.json` may list some of them under the same
    /// name and so take away the others.
    pub web_view_domain: Option<Vec<String>>,
    /// Does not look at the lists. For development: it counts with [`crate::Config::debug`], and for versions of an
    /// applet that are not released.
    pub skip_domain_check: bool,
    /// When a newer version is looked for, if the server's package is cached.
    pub update_strategy: UpdateStrategy,
    /// Takes what the server offers, also when it is older than what is cached.
    pub allow_downgrade: bool,
    /// What the host knows of the applet; handed to handlers as `appInfo`.
    pub app_info: AppletDescription,
}

/// Where in the mini-program to start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StartParams {
    /// Path of a page.
    pub path: Option<String>,
    /// `a=1&b=2`. The values are handed over as they stand: programs decode them themselves.
    pub query: Option<String>,
}

impl AppletRequest {
    /// A request for a package in a folder or a zip.
    #[must_use]
    pub fn local(app_id: impl Into<String>, package: impl Into<PathBuf>) -> Self {
        Self { app_id: app_id.into(), offline_library_path: Some(package.into()), ..Self::default() }
    }

    /// A request for the package that a static file server has; see docs/package-index.md.
    #[must_use]
    pub fn remote(app_id: impl Into<String>, api_server: impl Into<String>) -> Self {
        Self { app_id: app_id.into(), api_server: Some(api_server.into()), ..Self::default() }
    }

    /// Reads a request from JSON text.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub fn from_json(text: &str) -> Result<Self> {
        parse("request", text)
    }

    /// What handlers are told of the applet.
    pub(super) fn mini_app_info(&self, id: &AppletId, config: &Config) -> MiniAppInfo {
        let default_server = if self.offline_library_path.is_none() { config.default_server() } else { None };
        MiniAppInfo {
            app_id: id.to_string(),
            api_server: self.api_server.as_deref().or(default_server).map(str::to_owned),
            user_id: config.current_user_id.clone(),
            start_path: self.start_params.as_ref().and_then(|start| start.path.clone()).unwrap_or_default(),
            description: self.app_info.clone(),
        }
    }

    /// What it may call, apart from what its pages may.
    pub(super) fn rules(&self) -> AppletRules {
        AppletRules {
            white_list: self.white_list.clone(),
            black_list: self.black_list.clone(),
            ..AppletRules::default()
        }
    }

    /// Where it may connect to. `debug` says that the host is being developed.
    pub(super) fn domains(&self, debug: bool) -> DomainLists {
        let unreleased = self.app_info.version_type.is_some_and(|version| version != VersionType::Online);
        let lists = [&self.request_domain, &self.download_domain, &self.upload_domain, &self.socket_domain];
        DomainLists {
            lists: lists.map(Clone::clone),
            unchecked: self.skip_domain_check && (debug || unreleased),
            debug,
        }
    }

    /// Where the package is; none when it is to come from [`AppletRequest::server`].
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.offline_library_path.clone()
    }

    /// The server that the package is to come from.
    ///
    /// # Errors
    /// `E_PARAM` when there is none, or it is none.
    pub(super) fn server(&self, config: &Config) -> Result<Server> {
        let own = self.api_server.as_deref().filter(|server| !server.is_empty());
        let server = own.or_else(|| config.default_server()).ok_or_else(|| {
            Error::new(ErrorCode::Parameter, "offlineLibraryPath: expected a folder or a zip, or an apiServer")
        })?;
        Server::parse(server)
    }

    /// Where the applet is entered.
    pub(super) fn entrance(&self) -> Entrance {
        let start = self.start_params.clone().unwrap_or_default();
        let mut address = Address::parse(&start.path.unwrap_or_default(), "");
        address.query.extend(parse_query(start.query.as_deref().unwrap_or_default()));
        Entrance::by_host(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_handed_over_as_they_stand() {
        let request = AppletRequest {
            start_params: Some(StartParams { path: Some("pages/a".into()), query: Some("a=1%20&b&c=x=y".into()) }),
            ..AppletRequest::default()
        };
        let options: serde_json::Value = serde_json::from_str(&request.entrance().text()).unwrap();
        assert_eq!(options["query"], serde_json::json!({"a": "1%20", "b": "", "c": "x=y"}));
        assert_eq!(options["path"], "pages/a");
    }
}
