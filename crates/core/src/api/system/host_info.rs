//! What the host tells of itself and of the device: given with the configuration, and again whenever it changes. The
//! built-ins answer from here, so that no mini-program waits for the host to learn where it runs.

use super::device::{AuthorizeSetting, DeviceInfo, NetworkInfo, NetworkType, SystemSetting, WindowInfo};
use crate::engine::AppEvent;
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the host tells about itself and the device; all optional in a configuration.
///
/// ```
/// use finapp_core::Config;
/// let config = Config::from_json(
///     r#"{"host": {"theme": "dark", "device": {"model": "M-1"}, "window": {"pixelRatio": 3}}}"#,
/// ).unwrap();
/// assert_eq!(config.host.device.model, "M-1");
/// let error = Config::from_json(r#"{"host": {"window": {"pixelRatio": 0}}}"#).unwrap_err();
/// assert!(error.message().starts_with("host.window.pixelRatio: "));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HostInfo {
    /// The app's own id, for instance its bundle name.
    pub app_id: String,
    /// The app's version.
    pub version: String,
    /// Language, as in `zh_CN` or `en`, or as the system has it: `zh-Hans-CN`.
    pub language: String,
    /// The colours of the system.
    pub theme: Theme,
    /// Size of ordinary text, in logical pixels.
    pub font_size_setting: f64,
    /// By how much the user has enlarged text.
    pub font_size_scale_factor: f64,
    /// What `getDeviceInfo` tells.
    pub device: DeviceInfo,
    /// What `getWindowInfo` tells.
    pub window: WindowInfo,
    /// What `getSystemSetting` tells.
    pub system_setting: SystemSetting,
    /// What `getAppAuthorizeSetting` tells.
    pub authorize_setting: AuthorizeSetting,
    /// What `getNetworkType` tells when nobody provides it, and `onNetworkStatusChange` when it changes.
    pub network: NetworkInfo,
}

/// The colours of the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

impl Default for HostInfo {
    fn default() -> Self {
        Self {
            app_id: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "en".to_owned(),
            theme: Theme::default(),
            font_size_setting: 16.0,
            font_size_scale_factor: 1.0,
            device: DeviceInfo::default(),
            window: WindowInfo::default(),
            system_setting: SystemSetting::default(),
            authorize_setting: AuthorizeSetting::default(),
            network: NetworkInfo::default(),
        }
    }
}

impl HostInfo {
    /// What mini-programs hear when this has become `after`: events of the whole app, and what they tell as JSON text.
    pub(crate) fn changes(&self, after: &Self) -> Vec<(AppEvent, String)> {
        let mut events = Vec::new();
        if self.theme != after.theme {
            events.push((AppEvent::ThemeChange, json!({ "theme": after.theme }).to_string()));
        }
        if self.window.size() != after.window.size() {
            let (width, height) = after.window.size();
            let size = json!({ "windowWidth": width, "windowHeight": height });
            events.push((AppEvent::WindowResize, json!({ "size": size }).to_string()));
        }
        if let Some(network) = after.network.network_type
            && self.network.network_type != Some(network)
        {
            let told = json!({ "isConnected": network != NetworkType::None, "networkType": network });
            events.push((AppEvent::NetworkStatusChange, told.to_string()));
        }
        events
    }

    /// Checks what a type cannot say. `within` stands before the names of the fields.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub fn validate(&self, within: &str) -> Result<()> {
        let check = |holds: bool, field: &str, expected: &str, got: f64| {
            if holds {
                return Ok(());
            }
            Err(Error::new(ErrorCode::Parameter, format!("{within}{field}: expected {expected}, got {got}")))
        };
        for (field, got) in [
            ("fontSizeSetting", self.font_size_setting),
            ("fontSizeScaleFactor", self.font_size_scale_factor),
            ("window.pixelRatio", self.window.pixel_ratio),
        ] {
            check(got > 0.0 && got <= 1_000.0, field, "more than 0 and at most 1000", got)?;
        }
        for (field, got) in self.window.sizes() {
            check((0.0..=1e6).contains(&got), field, "0 to 1000000", got)?;
        }
        Ok(())
    }

    /// These facts with `news` over them: members that it does not have stay as they are.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub(crate) fn updated(&self, news: &Value) -> Result<Self> {
        let mut all = serde_json::to_value(self).map_err(|_| ErrorCode::Internal)?;
        merge(&mut all, news);
        let updated: Self = serde_path_to_error::deserialize(all).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { "info" } else { &path };
            Error::new(ErrorCode::Parameter, format!("{field}: {}", error.inner()))
        })?;
        updated.validate("")?;
        Ok(updated)
    }
}

fn merge(known: &mut Value, news: &Value) {
    match (known, news) {
        (Value::Object(known), Value::Object(news)) => {
            for (name, value) in news {
                match known.get_mut(name) {
                    Some(old) => merge(old, value),
                    None => drop(known.insert(name.clone(), value.clone())),
                }
            }
        }
        (known, news) => *known = news.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn f_m17_an_update_changes_what_it_names_and_nothing_else() {
        let before = HostInfo { language: "eo".to_owned(), ..HostInfo::default() };
        let news = json!({"theme": "dark", "window": {"screenWidth": 800, "safeArea": {"left": 1, "top": 2, "right": 3, "bottom": 4}}});
        let after = before.updated(&news).unwrap();
        let mut expected = before.clone();
        expected.theme = Theme::Dark;
        expected.window.screen_width = 800.0;
        expected.window.safe_area = after.window.safe_area;
        assert_eq!(after, expected);
        assert!(after.window.safe_area.is_some());
        let again = after.updated(&json!({"window": {"safeArea": null}})).unwrap();
        assert_eq!(again.window.safe_area, None);
    }

    #[test]
    fn h_c12_wrong_facts_are_refused_by_the_name_of_their_field() {
        for (news, start) in [
            (json!({"theme": "blue"}), "theme: "),
            (json!({"colour": "blue"}), "colour: "),
            (json!({"language": 1}), "language: "),
            (json!({"language": null}), "language: "),
            (json!({"fontSizeSetting": 0}), "fontSizeSetting: expected more than 0"),
            (json!({"device": {"model": 7}}), "device.model: "),
            (json!({"device": "phone"}), "device: "),
            (json!({"window": {"pixelRatio": -1}}), "window.pixelRatio: expected more than 0"),
            (json!({"window": {"screenWidth": 1e9}}), "window.screenWidth: expected 0 to 1000000"),
            (json!({"window": {"safeArea": {"left": 0}}}), "window.safeArea: "),
            (json!({"window": {"safeArea": {"left": 0, "top": -1, "right": 1, "bottom": 1}}}), "window.safeArea.top: "),
            (json!({"authorizeSetting": {"cameraAuthorized": "yes"}}), "authorizeSetting.cameraAuthorized: "),
        ] {
            let refused = HostInfo::default().updated(&news).unwrap_err();
            assert_eq!(refused.code(), ErrorCode::Parameter, "{news}");
            assert!(refused.message().starts_with(start), "{news}: {refused}");
        }
    }
}
