//! Shapes of TCMPP's styles of registration in `index.d.ts`; see `declarations`.

#![expect(dead_code, reason = "declared for ArkTS, never built in Rust")]

use napi_derive_ohos::napi;

/// A member whose type stands in its attribute.
type Declared = ();

/// What a handler of registerMiniAppApi or registerPluginEvent is given: Flutter's MiniApiCall, and the members by which
/// Android's RequestEvent answers.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MiniApiCall {
    /// The envelope.
    #[napi(ts_type = "MiniApiParams")]
    pub params: Declared,
    /// The parameters as the caller wrote them: the options of wx.name(options) without its callbacks, or the data of
    /// wx.invokeNativePlugin.
    #[napi(ts_type = "Object | null")]
    pub raw_params: Declared,
    /// The name of the API.
    pub api_name: String,
    /// The H5 page that asks; 0 when the mini-program itself does.
    pub web_view_id: f64,
    /// The mini-program that asks.
    #[napi(ts_type = "MiniAppInfo")]
    pub app_info: Declared,
    /// Answers the call, now or later. The first answer counts.
    #[napi(ts_type = "InvokeCallback")]
    pub callback: Declared,
    /// Who asks for what.
    #[napi(ts_type = "ExtInfo")]
    pub ext_info: Declared,
}

/// The envelope in which TCMPP hands a call over, the same on Android, iOS and Flutter.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MiniApiParams {
    /// The event of intermediate states: always 'requestCustomApi'.
    pub state_event: String,
    /// The name of the API.
    #[napi(js_name = "api_name")]
    pub api_name: String,
    /// What the mini-program passed as data, as it stands; empty when that was no object. Of wx.name(options) these are
    /// the options without the callbacks, or their one member data.
    #[napi(ts_type = "Record<string, Object>")]
    pub data: Declared,
    /// What the mini-program passed as data when that is no object: a list, a text, a number, a boolean or a binary.
    #[napi(ts_type = "Object")]
    pub raw_data: Option<Declared>,
    /// The H5 page that asks; 0 when the mini-program itself does.
    pub webview_id: f64,
}

/// The mini-program that calls: what the host said of it, and who runs it.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MiniAppInfo {
    /// Its id.
    pub app_id: String,
    /// The server it was started with.
    pub api_server: Option<String>,
    /// The user of the configuration.
    pub user_id: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// 0 develop, 1 preview, 2 audit, 3 online, 10 local.
    pub version_type: Option<f64>,
    /// When it was published or fetched, in milliseconds since 1970.
    pub time: Option<f64>,
    /// The name that people see.
    pub name: Option<String>,
    /// Address of its icon.
    pub icon_url: Option<String>,
    /// What it is for.
    pub app_intro: Option<String>,
    /// Who made it.
    pub app_developer: Option<String>,
    /// The category it is listed in.
    pub app_category: Option<String>,
    /// Whatever else the host wants its handlers to know.
    #[napi(ts_type = "Record<string, Object>")]
    pub extra_data: Option<Declared>,
}

/// What the host knows of a mini-program that it starts.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct AppletDescription {
    /// Its version.
    pub version: Option<String>,
    /// 0 develop, 1 preview, 2 audit, 3 online, 10 local.
    pub version_type: Option<f64>,
    /// When it was published or fetched, in whole milliseconds since 1970.
    pub time: Option<f64>,
    /// The name that people see.
    pub name: Option<String>,
    /// Address of its icon.
    pub icon_url: Option<String>,
    /// What it is for.
    pub app_intro: Option<String>,
    /// Who made it.
    pub app_developer: Option<String>,
    /// The category it is listed in.
    pub app_category: Option<String>,
    /// Whatever else the host wants its handlers to know.
    #[napi(ts_type = "Record<string, Object>")]
    pub extra_data: Option<Declared>,
}
