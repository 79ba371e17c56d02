//! What the built-ins of this family answer, from the facts of the host. Members and their types as WeChat documents
//! them.

use super::device::{Authorization, AuthorizeSetting, DeviceInfo, SystemSetting, WindowInfo};
use super::host_info::{HostInfo, Theme};
use serde::Serialize;

/// The level of the mini-program base library that we offer: libraries compare it as a dotted number.
const SDK_VERSION: &str = "3.6.4";

/// `getAppBaseInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppBaseInfo {
    #[serde(rename = "SDKVersion")]
    sdk_version: &'static str,
    enable_debug: bool,
    font_size_scale_factor: f64,
    font_size_setting: f64,
    host: Host,
    language: String,
    version: String,
    theme: Theme,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Host {
    app_id: String,
    env: &'static str,
}

/// `getWindowInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Window {
    pixel_ratio: f64,
    safe_area: SafeArea,
    screen_height: f64,
    screen_top: f64,
    screen_width: f64,
    status_bar_height: f64,
    window_height: f64,
    window_width: f64,
}

#[derive(Clone, Copy, Serialize)]
struct SafeArea {
    bottom: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    width: f64,
}

/// `getSystemSetting`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Setting {
    bluetooth_enabled: bool,
    device_orientation: &'static str,
    location_enabled: bool,
    wifi_enabled: bool,
}

/// `getSystemInfo` in its three forms: the others in one, with yes and no for what the user allows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemInfo {
    #[serde(rename = "SDKVersion")]
    sdk_version: &'static str,
    album_authorized: bool,
    benchmark_level: i32,
    bluetooth_enabled: bool,
    brand: String,
    camera_authorized: bool,
    device_orientation: &'static str,
    enable_debug: bool,
    font_size_setting: f64,
    host: Host,
    language: String,
    location_authorized: bool,
    location_enabled: bool,
    location_reduced_accuracy: bool,
    microphone_authorized: bool,
    model: String,
    notification_alert_authorized: bool,
    notification_authorized: bool,
    notification_badge_authorized: bool,
    notification_sound_authorized: bool,
    phone_calendar_authorized: bool,
    pixel_ratio: f64,
    platform: String,
    safe_area: SafeArea,
    screen_height: f64,
    screen_width: f64,
    status_bar_height: f64,
    system: String,
    theme: Theme,
    version: String,
    wifi_enabled: bool,
    window_height: f64,
    window_width: f64,
}

pub(super) fn app_base_info(host: &HostInfo) -> AppBaseInfo {
    AppBaseInfo {
        sdk_version: SDK_VERSION,
        enable_debug: false,
        font_size_scale_factor: host.font_size_scale_factor,
        font_size_setting: host.font_size_setting,
        host: Host { app_id: host.app_id.clone(), env: "finapp" },
        language: language(&host.language),
        version: host.version.clone(),
        theme: host.theme,
    }
}

pub(super) fn device_info(host: &HostInfo) -> DeviceInfo {
    host.device.clone()
}

pub(super) fn window_info(host: &HostInfo) -> Window {
    let window = &host.window;
    Window {
        pixel_ratio: window.pixel_ratio,
        safe_area: safe_area(window),
        screen_height: window.screen_height,
        screen_top: window.screen_top,
        screen_width: window.screen_width,
        status_bar_height: window.status_bar_height,
        window_height: window.window_height.unwrap_or(window.screen_height),
        window_width: window.window_width.unwrap_or(window.screen_width),
    }
}

pub(super) fn system_setting(host: &HostInfo) -> Setting {
    let SystemSetting { bluetooth_enabled, location_enabled, wifi_enabled } = host.system_setting;
    Setting { bluetooth_enabled, device_orientation: orientation(&host.window), location_enabled, wifi_enabled }
}

pub(super) fn authorize_setting(host: &HostInfo) -> AuthorizeSetting {
    host.authorize_setting
}

pub(super) fn system_info(host: &HostInfo) -> SystemInfo {
    let app = app_base_info(host);
    let device = device_info(host);
    let window = window_info(host);
    let setting = system_setting(host);
    let allowed = |authorization: Authorization| authorization == Authorization::Authorized;
    let user = host.authorize_setting;
    SystemInfo {
        sdk_version: app.sdk_version,
        album_authorized: allowed(user.album_authorized),
        benchmark_level: device.benchmark_level,
        bluetooth_enabled: setting.bluetooth_enabled,
        brand: device.brand,
        camera_authorized: allowed(user.camera_authorized),
        device_orientation: setting.device_orientation,
        enable_debug: app.enable_debug,
        font_size_setting: app.font_size_setting,
        host: app.host,
        language: app.language,
        location_authorized: allowed(user.location_authorized),
        location_enabled: setting.location_enabled,
        location_reduced_accuracy: user.location_reduced_accuracy,
        microphone_authorized: allowed(user.microphone_authorized),
        model: device.model,
        notification_alert_authorized: allowed(user.notification_alert_authorized),
        notification_authorized: allowed(user.notification_authorized),
        notification_badge_authorized: allowed(user.notification_badge_authorized),
        notification_sound_authorized: allowed(user.notification_sound_authorized),
        phone_calendar_authorized: allowed(user.phone_calendar_authorized),
        pixel_ratio: window.pixel_ratio,
        platform: device.platform,
        safe_area: window.safe_area,
        screen_height: window.screen_height,
        screen_width: window.screen_width,
        status_bar_height: window.status_bar_height,
        system: device.system,
        theme: app.theme,
        version: app.version,
        wifi_enabled: setting.wifi_enabled,
        window_height: window.window_height,
        window_width: window.window_width,
    }
}

fn safe_area(window: &WindowInfo) -> SafeArea {
    let (left, top, right, bottom) = match window.safe_area {
        Some(area) => (area.left, area.top, area.right, area.bottom),
        None => (0.0, window.status_bar_height, window.screen_width, window.screen_height),
    };
    SafeArea { bottom, height: bottom - top, left, right, top, width: right - left }
}

fn orientation(window: &WindowInfo) -> &'static str {
    if window.screen_width > window.screen_height { "landscape" } else { "portrait" }
}

/// WeChat's form of a language: `zh-Hans-CN`, as the system says it, is `zh_CN`; all kinds of English are `en`. What
/// has no hyphen is handed on as it stands.
fn language(tag: &str) -> String {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    if rest.is_empty() || first == "en" {
        return first.to_owned();
    }
    let region = rest.iter().find(|part| matches!(part.len(), 2 | 3));
    match region {
        Some(region) => format!("{first}_{region}"),
        None if first == "zh" => if rest.contains(&"Hant") { "zh_TW" } else { "zh_CN" }.to_owned(),
        None => first.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m17_the_system_s_name_of_a_language_becomes_wechat_s() {
        for (tag, expected) in [
            ("zh-Hans-CN", "zh_CN"),
            ("zh-Hant-HK", "zh_HK"),
            ("zh-Hant", "zh_TW"),
            ("zh-Hans", "zh_CN"),
            ("en-Latn-US", "en"),
            ("en-GB", "en"),
            ("de-DE", "de_DE"),
            ("zh_CN", "zh_CN"),
            ("en_US", "en_US"),
            ("eo", "eo"),
            ("", ""),
        ] {
            assert_eq!(language(tag), expected, "{tag}");
        }
    }
}
