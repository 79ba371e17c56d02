//! A request to start an applet, as FinClip's `IAppletRequest` has it.

use super::config::parse;
use crate::api::network::DomainLists;
use crate::applet::{AppletDescription, MiniAppInfo, VersionType};
use crate::bridge::policy::AppletRules;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
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
    /// The server it belongs to; handed to handlers as `extInfo.apiServer`.
    pub api_server: Option<String>,
    /// The first page and its query.
    pub start_params: Option<StartParams>,
    /// The package: a folder or a zip.
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
    /// Does not look at the lists. For development: it counts with [`crate::Config::debug`], and for versions of an
    /// applet that are not released.
    pub skip_domain_check: bool,
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

    /// Reads a request from JSON text.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub fn from_json(text: &str) -> Result<Self> {
        parse("request", text)
    }

    /// What handlers are told of the applet.
    pub(super) fn mini_app_info(&self, id: &AppletId, user: Option<&str>) -> MiniAppInfo {
        MiniAppInfo {
            app_id: id.to_string(),
            api_server: self.api_server.clone(),
            user_id: user.map(str::to_owned),
            start_path: self.start_params.as_ref().and_then(|start| start.path.clone()).unwrap_or_default(),
            description: self.app_info.clone(),
        }
    }

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

    pub(super) fn package(&self) -> Result<PathBuf> {
        self.offline_library_path
            .clone()
            .ok_or_else(|| Error::new(ErrorCode::Parameter, "offlineLibraryPath: expected a folder or a zip"))
    }

    /// What `onLaunch` gets, as JSON text.
    pub(super) fn launch_options(&self) -> String {
        let start = self.start_params.clone().unwrap_or_default();
        let query: serde_json::Map<String, serde_json::Value> = start
            .query
            .as_deref()
            .unwrap_or("")
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.into())
            })
            .collect();
        serde_json::json!({
            "path": start.path.unwrap_or_default(),
            "query": query,
            // "Opened by the host": WeChat's number for a start that nothing special led to.
            "scene": 1001,
            "referrerInfo": {},
            "apiCategory": "default",
        })
        .to_string()
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
        let options: serde_json::Value = serde_json::from_str(&request.launch_options()).unwrap();
        assert_eq!(options["query"], serde_json::json!({"a": "1%20", "b": "", "c": "x=y"}));
        assert_eq!(options["path"], "pages/a");
    }
}
