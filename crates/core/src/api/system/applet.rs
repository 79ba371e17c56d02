//! What a mini-program may know of itself: `getAccountInfoSync` as WeChat documents it, `getAppletInfo` as FinClip does.

use serde::Serialize;

/// What the client knows of a mini-program that runs. All empty when the host said nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct AboutApplet {
    /// Its version.
    pub(crate) version: String,
    /// `develop`, `trial` or `release`.
    pub(crate) env_version: &'static str,
    /// Its name.
    pub(crate) title: String,
    /// Address of its icon.
    pub(crate) icon: String,
    /// What it is for.
    pub(crate) description: String,
    /// Who made it.
    pub(crate) developer: String,
    /// The page it was started at.
    pub(crate) path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountInfo {
    mini_program: MiniProgram,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MiniProgram {
    app_id: String,
    env_version: &'static str,
    version: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppletInfo {
    app_id: String,
    app_title: String,
    app_avatar: String,
    app_description: String,
    app_thumbnail: String,
    path: String,
    user_id: String,
}

pub(super) fn account_info(app_id: &str, about: AboutApplet) -> AccountInfo {
    let AboutApplet { version, env_version, .. } = about;
    AccountInfo { mini_program: MiniProgram { app_id: app_id.to_owned(), env_version, version } }
}

pub(super) fn applet_info(app_id: &str, about: AboutApplet) -> AppletInfo {
    AppletInfo {
        app_id: app_id.to_owned(),
        app_title: about.title,
        app_avatar: about.icon,
        app_description: about.description,
        // Nobody tells of a cover yet: it comes with sharing.
        app_thumbnail: String::new(),
        path: about.path,
        // FinClip's word for the one who made the mini-program, not for the one who uses it.
        user_id: about.developer,
    }
}
