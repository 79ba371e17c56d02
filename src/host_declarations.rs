//! Shapes of what a host tells of itself and of the device in `index.d.ts`; see `declarations`.

#![expect(dead_code, reason = "declared for ArkTS, never built in Rust")]

use napi_derive_ohos::napi;

/// A member whose type stands in its attribute.
type Declared = ();

/// What built-ins tell of the app (getAppBaseInfo, getSystemInfo) and of the device. All sizes are logical pixels.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct HostInfo {
    /// The app's own id, for instance its bundle name.
    pub app_id: Option<String>,
    /// The app's version.
    pub version: Option<String>,
    /// Language, as in zh_CN or en.
    pub language: Option<String>,
    /// 'light' or 'dark'.
    #[napi(ts_type = "'light' | 'dark'")]
    pub theme: Option<Declared>,
    /// Size of ordinary text. Default 16.
    pub font_size_setting: Option<f64>,
    /// By how much the user has enlarged text. Default 1.
    pub font_size_scale_factor: Option<f64>,
    /// What getDeviceInfo tells.
    #[napi(ts_type = "DeviceInfo")]
    pub device: Option<Declared>,
    /// What getWindowInfo tells.
    #[napi(ts_type = "WindowInfo")]
    pub window: Option<Declared>,
    /// What getSystemSetting tells.
    #[napi(ts_type = "SystemSetting")]
    pub system_setting: Option<Declared>,
    /// What getAppAuthorizeSetting tells.
    #[napi(ts_type = "AuthorizeSetting")]
    pub authorize_setting: Option<Declared>,
    /// What getNetworkType tells when nobody provides it, and onNetworkStatusChange when it changes.
    #[napi(ts_type = "NetworkInfo")]
    pub network: Option<Declared>,
}

/// How the device reaches the network.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct NetworkInfo {
    /// 'wifi', '2g', '3g', '4g', '5g', 'unknown' or 'none'. Not known until it is told.
    #[napi(ts_type = "'wifi' | '2g' | '3g' | '4g' | '5g' | 'unknown' | 'none'")]
    pub network_type: Option<Declared>,
}

/// The device and its system.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct DeviceInfo {
    /// Who sells it. Default 'unknown'.
    pub brand: Option<String>,
    /// Its model. Default 'unknown'.
    pub model: Option<String>,
    /// 'ohos' by default, 'devtools' in Node.
    pub platform: Option<String>,
    /// Its system and that one's version.
    pub system: Option<String>,
    /// The app's binary interface.
    pub abi: Option<String>,
    /// The device's binary interface.
    pub device_abi: Option<String>,
    /// Its processor.
    pub cpu_type: Option<String>,
    /// Its memory in MB, as text.
    pub memory_size: Option<String>,
    /// How fast it is. Default -1: not known.
    pub benchmark_level: Option<f64>,
}

/// The screen and the window on it.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct WindowInfo {
    /// Physical pixels in a logical one. Default 2.
    pub pixel_ratio: Option<f64>,
    /// Width of the screen. Default 375.
    pub screen_width: Option<f64>,
    /// Height of the screen. Default 667.
    pub screen_height: Option<f64>,
    /// Width that pages have; the screen's by default.
    pub window_width: Option<f64>,
    /// Height that pages have; the screen's by default.
    pub window_height: Option<f64>,
    /// Where the window's upper edge is. Default 0.
    pub screen_top: Option<f64>,
    /// Height of the status bar. Default 20.
    pub status_bar_height: Option<f64>,
    /// The part of the screen that nothing covers; all below the status bar by default.
    #[napi(ts_type = "ScreenEdges")]
    pub safe_area: Option<Declared>,
}

/// Where a part of the screen begins and ends.
#[napi(object, object_from_js = false, object_to_js = false)]
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

/// What is switched on in the system's settings. Nothing by default.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct SystemSetting {
    /// Bluetooth.
    pub bluetooth_enabled: Option<bool>,
    /// Location.
    pub location_enabled: Option<bool>,
    /// Wi-Fi.
    pub wifi_enabled: Option<bool>,
}

/// What the user allows the app; 'not determined' by default.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct AuthorizeSetting {
    /// Photographs.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub album_authorized: Option<Declared>,
    /// Bluetooth.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub bluetooth_authorized: Option<Declared>,
    /// The camera.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub camera_authorized: Option<Declared>,
    /// The location.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub location_authorized: Option<Declared>,
    /// Only an approximate location.
    pub location_reduced_accuracy: Option<bool>,
    /// The microphone.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub microphone_authorized: Option<Declared>,
    /// Notifications.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub notification_authorized: Option<Declared>,
    /// Notifications that interrupt.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub notification_alert_authorized: Option<Declared>,
    /// Notifications that count on the app's icon.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub notification_badge_authorized: Option<Declared>,
    /// Notifications that sound.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub notification_sound_authorized: Option<Declared>,
    /// The calendar.
    #[napi(ts_type = "'authorized' | 'denied' | 'not determined'")]
    pub phone_calendar_authorized: Option<Declared>,
}
