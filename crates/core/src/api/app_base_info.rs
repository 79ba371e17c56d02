//! `getAppBaseInfo`: what the mini-program may know of the app that hosts it. Members as WeChat documents them.

use crate::bridge::Handler;
use crate::bridge::handler::inline;
use serde::{Deserialize, Serialize};

/// The name on `ft` and `wx`.
pub(crate) const NAME: &str = "getAppBaseInfo";

/// The level of the mini-program base library that we offer: libraries compare it as a dotted number.
const SDK_VERSION: &str = "3.6.4";

/// What the host tells about itself; all optional in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HostInfo {
    /// The app's own id, for instance its bundle name.
    pub app_id: String,
    /// The app's version.
    pub version: String,
    /// Language, as in `zh_CN` or `en`.
    pub language: String,
    /// `light` or `dark`.
    pub theme: String,
}

impl Default for HostInfo {
    fn default() -> Self {
        Self {
            app_id: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "en".to_owned(),
            theme: "light".to_owned(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppBaseInfo {
    #[serde(rename = "SDKVersion")]
    sdk_version: &'static str,
    enable_debug: bool,
    host: Host,
    language: String,
    version: String,
    theme: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Host {
    app_id: String,
    env: &'static str,
}

/// Answers with what `host` says.
pub(crate) fn handler(host: HostInfo) -> Handler {
    inline(move |_info, (): ()| {
        Ok(AppBaseInfo {
            sdk_version: SDK_VERSION,
            enable_debug: false,
            host: Host { app_id: host.app_id.clone(), env: "finapp" },
            language: host.language.clone(),
            version: host.version.clone(),
            theme: host.theme.clone(),
        })
    })
}
