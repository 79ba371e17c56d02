//! The facts of a device, in the groups in which mini-programs ask for them, with members as WeChat documents them.
//! Sizes are logical pixels.

use serde::{Deserialize, Serialize};

/// The device and its system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeviceInfo {
    /// Who sells it.
    pub brand: String,
    /// Its model.
    pub model: String,
    /// `ohos`, `ohos_pc`, or `devtools` where there is no device.
    pub platform: String,
    /// Its system and that one's version.
    pub system: String,
    /// The app's binary interface.
    pub abi: String,
    /// The device's binary interface.
    pub device_abi: String,
    /// Its processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_type: Option<String>,
    /// Its memory in MB, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_size: Option<String>,
    /// How fast it is; -1: not known.
    pub benchmark_level: i32,
}

impl Default for DeviceInfo {
    fn default() -> Self {
        let abi = match std::env::consts::ARCH {
            "aarch64" => "arm64-v8a",
            other => other,
        };
        let on_device = cfg!(target_env = "ohos");
        Self {
            brand: "unknown".to_owned(),
            model: "unknown".to_owned(),
            platform: if on_device { "ohos" } else { "devtools" }.to_owned(),
            system: if on_device { "HarmonyOS" } else { std::env::consts::OS }.to_owned(),
            abi: abi.to_owned(),
            device_abi: abi.to_owned(),
            cpu_type: None,
            memory_size: None,
            benchmark_level: -1,
        }
    }
}

/// The screen and the window on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WindowInfo {
    /// Physical pixels in a logical one.
    pub pixel_ratio: f64,
    /// Width of the screen.
    pub screen_width: f64,
    /// Height of the screen.
    pub screen_height: f64,
    /// Width that pages have; the screen's if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_width: Option<f64>,
    /// Height that pages have; the screen's if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_height: Option<f64>,
    /// Where the window's upper edge is.
    pub screen_top: f64,
    /// Height of the status bar.
    pub status_bar_height: f64,
    /// The part of the screen that nothing covers; all below the status bar if none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_area: Option<ScreenEdges>,
}

impl Default for WindowInfo {
    /// A small phone: layouts that are tried without a device look right on it.
    fn default() -> Self {
        Self {
            pixel_ratio: 2.0,
            screen_width: 375.0,
            screen_height: 667.0,
            window_width: None,
            window_height: None,
            screen_top: 0.0,
            status_bar_height: 20.0,
            safe_area: None,
        }
    }
}

impl WindowInfo {
    /// Width and height that pages have.
    pub(super) fn size(&self) -> (f64, f64) {
        (self.window_width.unwrap_or(self.screen_width), self.window_height.unwrap_or(self.screen_height))
    }

    /// Every size with its path in the configuration.
    pub(super) fn sizes(&self) -> Vec<(&'static str, f64)> {
        let mut sizes = vec![
            ("window.screenWidth", self.screen_width),
            ("window.screenHeight", self.screen_height),
            ("window.screenTop", self.screen_top),
            ("window.statusBarHeight", self.status_bar_height),
        ];
        sizes.extend(self.window_width.map(|width| ("window.windowWidth", width)));
        sizes.extend(self.window_height.map(|height| ("window.windowHeight", height)));
        if let Some(area) = self.safe_area {
            sizes.extend([
                ("window.safeArea.left", area.left),
                ("window.safeArea.top", area.top),
                ("window.safeArea.right", area.right),
                ("window.safeArea.bottom", area.bottom),
            ]);
        }
        sizes
    }
}

/// Where a part of the screen begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenEdges {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

/// What is switched on in the system's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SystemSetting {
    /// Bluetooth.
    pub bluetooth_enabled: bool,
    /// Location.
    pub location_enabled: bool,
    /// Wi-Fi.
    pub wifi_enabled: bool,
}

/// What the user allows the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AuthorizeSetting {
    /// Photographs.
    pub album_authorized: Authorization,
    /// Bluetooth.
    pub bluetooth_authorized: Authorization,
    /// The camera.
    pub camera_authorized: Authorization,
    /// The location.
    pub location_authorized: Authorization,
    /// Only an approximate location.
    pub location_reduced_accuracy: bool,
    /// The microphone.
    pub microphone_authorized: Authorization,
    /// Notifications.
    pub notification_authorized: Authorization,
    /// Notifications that interrupt.
    pub notification_alert_authorized: Authorization,
    /// Notifications that count on the app's icon.
    pub notification_badge_authorized: Authorization,
    /// Notifications that sound.
    pub notification_sound_authorized: Authorization,
    /// The calendar.
    pub phone_calendar_authorized: Authorization,
}

/// What the user said to one permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authorization {
    /// Yes.
    #[serde(rename = "authorized")]
    Authorized,
    /// No.
    #[serde(rename = "denied")]
    Denied,
    /// Nothing yet.
    #[default]
    #[serde(rename = "not determined")]
    NotDetermined,
}

/// How the device reaches the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkInfo {
    /// The kind of network; not known until the host tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<NetworkType>,
}

/// A kind of network, in the words of `getNetworkType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkType {
    /// A wireless network of some place.
    #[serde(rename = "wifi")]
    Wifi,
    /// A mobile network of the second generation.
    #[serde(rename = "2g")]
    Second,
    /// Of the third.
    #[serde(rename = "3g")]
    Third,
    /// Of the fourth.
    #[serde(rename = "4g")]
    Fourth,
    /// Of the fifth.
    #[serde(rename = "5g")]
    Fifth,
    /// Some other network.
    #[serde(rename = "unknown")]
    Unknown,
    /// There is none.
    #[serde(rename = "none")]
    None,
}
