//! What a host tells of a mini-program when it starts it, and what handlers are told of the mini-program that calls.

use crate::ids::AppletId;
use serde::{Deserialize, Serialize};

/// Which build of a mini-program it is, by TCMPP's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum VersionType {
    /// 0: under development.
    Develop,
    /// 1: a preview.
    Preview,
    /// 2: under review.
    Audit,
    /// 3: published.
    Online,
    /// 10: from the device itself.
    Local,
}

impl VersionType {
    const ALL: [Self; 5] = [Self::Develop, Self::Preview, Self::Audit, Self::Online, Self::Local];

    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Develop => 0,
            Self::Preview => 1,
            Self::Audit => 2,
            Self::Online => 3,
            Self::Local => 10,
        }
    }
}

impl From<VersionType> for u8 {
    fn from(version_type: VersionType) -> Self {
        version_type.number()
    }
}

impl TryFrom<u8> for VersionType {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|known| known.number() == number);
        known.ok_or_else(|| format!("expected 0, 1, 2, 3 or 10, got {number}"))
    }
}

/// What the host knows of a mini-program; all optional. The members of Flutter's and of iOS's description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppletDescription {
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Which build it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_type: Option<VersionType>,
    /// When it was published or fetched, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of its icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_intro: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_developer: Option<String>,
    /// The category it is listed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_category: Option<String>,
    /// Whatever else the host wants its handlers to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_data: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What handlers are told of the mini-program that calls: what the host said of it, and who runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MiniAppInfo {
    /// Its id.
    pub app_id: String,
    /// The server it was started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_server: Option<String>,
    /// The user of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The page it was started at; empty for its first one. Handlers are not told.
    #[serde(skip)]
    pub start_path: String,
    /// What the host said.
    #[serde(flatten)]
    pub description: AppletDescription,
}

impl MiniAppInfo {
    /// All that is known of a mini-program whose start nobody remembers.
    #[must_use]
    pub fn unknown(id: &AppletId) -> Self {
        Self {
            app_id: id.to_string(),
            api_server: None,
            user_id: None,
            start_path: String::new(),
            description: AppletDescription::default(),
        }
    }
}
