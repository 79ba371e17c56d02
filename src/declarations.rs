//! Shapes that ArkTS sees in `index.d.ts`. They exist for the declarations alone: values are read and written by the
//! port, so no code is generated for them. ArkTS knows neither `any` nor `unknown`.

#![expect(dead_code, reason = "declared for ArkTS, never built in Rust")]

use napi_derive_ohos::napi;

/// A member whose type stands in its attribute.
type Declared = ();

/// How a custom API is served.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ApiOptions {
    /// Answers synchronous calls: what the handler returns is what the mini-program gets.
    pub sync: Option<bool>,
    /// Milliseconds after which a call fails with E_TIMEOUT. Without one an asynchronous call waits until its caller goes
    /// away.
    pub timeout: Option<f64>,
    /// Which H5 pages may call it: none, those of the mini-program itself (the default), or these origins as well.
    #[napi(ts_type = "'none' | 'own' | Array<string>")]
    pub pages: Option<Declared>,
    /// Which mini-programs may call it; all by default.
    pub applets: Option<Vec<String>>,
    /// Which plugins of those mini-programs may call it; all by default, none by an empty list.
    pub plugins: Option<Vec<String>>,
}

/// What a handler of a custom API is given.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct InvokeArgs {
    /// What the caller sent, as it sent it.
    #[napi(ts_type = "Record<string, Object>")]
    pub params: Declared,
    /// Answers the call, now or later. The first answer counts.
    #[napi(ts_type = "InvokeCallback")]
    pub callback: Declared,
    /// Who asks for what.
    #[napi(ts_type = "ExtInfo")]
    pub ext_info: Declared,
}

/// Answers one call.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct InvokeCallback {
    /// Ends the call well.
    #[napi(ts_type = "(data?: Object) => void")]
    pub on_success: Declared,
    /// Ends the call as failed. An Error or a text becomes the errMsg.
    #[napi(ts_type = "(error?: Object) => void")]
    pub on_fail: Declared,
    /// Ends the call as cancelled by the user.
    #[napi(ts_type = "(data?: Object) => void")]
    pub on_cancel: Declared,
    /// Sends an intermediate state. False when nobody takes it any more.
    #[napi(ts_type = "(state: Object) => boolean")]
    pub on_progress: Declared,
    /// The same, by its TCMPP name.
    #[napi(ts_type = "(state: Object) => boolean")]
    pub send_state: Declared,
}

/// Who asks for what.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ExtInfo {
    /// The mini-program.
    pub app_id: String,
    /// The server it was started with.
    pub api_server: Option<String>,
    /// The H5 page that asks; 0 when the mini-program itself does.
    pub webview_id: f64,
    /// The plugin of the mini-program that asks; not there when the mini-program itself or a page does.
    pub plugin_id: Option<String>,
    /// The name of the API.
    pub name: String,
    /// The mini-program itself, or an H5 page of it.
    #[napi(ts_type = "'miniprogram' | 'h5'")]
    pub source: Declared,
    /// Which function the mini-program called.
    #[napi(ts_type = "'direct' | 'invokeNativePlugin'")]
    pub spoken: Declared,
    /// Whether the mini-program waits for the return value.
    pub sync: bool,
    /// Identifies the call among all calls of this environment.
    pub call_id: f64,
    /// Tells when nobody waits for the answer any more.
    #[napi(ts_type = "CancelSignal")]
    pub signal: Declared,
}

/// Tells a handler that its call has ended without it: the caller closed, gave up, or the time is over.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CancelSignal {
    /// Whether that has happened.
    pub aborted: bool,
    /// Why, once it has.
    #[napi(ts_type = "CancelReason")]
    pub reason: Option<Declared>,
    /// Calls the listener when it happens; at once when it has already.
    #[napi(ts_type = "(listener: (reason: CancelReason) => void) => void")]
    pub on_abort: Declared,
    /// Takes a listener away.
    #[napi(ts_type = "(listener: (reason: CancelReason) => void) => void")]
    pub off_abort: Declared,
    /// The form of the web; the one event is 'abort'.
    #[napi(ts_type = "(event: string, listener: (reason: CancelReason) => void) => void")]
    pub add_event_listener: Declared,
    /// The form of the web.
    #[napi(ts_type = "(event: string, listener: (reason: CancelReason) => void) => void")]
    pub remove_event_listener: Declared,
}

/// Why a call ended without its handler.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CancelReason {
    /// The number of the error.
    pub code: f64,
    /// Its text.
    pub message: String,
}

/// Every error that the library throws or rejects with.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct FinAppError {
    /// The number of the error: 10001 for E_PARAM, and so on.
    pub code: f64,
    /// Its name, for instance 'E_PARAM'.
    pub code_name: String,
    /// Its text.
    pub message: String,
}

/// Which mini-program to start, and from what.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct AppletRequest {
    /// Its id.
    pub app_id: String,
    /// The server it belongs to, and where its package comes from without offlineLibraryPath: the address of a static
    /// file server. The one of the configuration if none is given.
    pub api_server: Option<String>,
    /// Where in the mini-program to start.
    #[napi(ts_type = "StartParams")]
    pub start_params: Option<Declared>,
    /// Its package: a folder or a zip. Without it, the package comes from the server.
    pub offline_library_path: Option<String>,
    /// When a newer version is looked for, if one from the server is cached: 'before' the start, waiting for a short
    /// time (the default), or 'after' it, for the next one.
    #[napi(ts_type = "'before' | 'after'")]
    pub update_strategy: Option<Declared>,
    /// Takes what the server offers, also when it is older than what is cached.
    pub allow_downgrade: Option<bool>,
    /// If given, the only APIs it may call.
    pub white_list: Option<Vec<String>>,
    /// APIs it may never call.
    pub black_list: Option<Vec<String>>,
    /// The origins that request may reach: https://host, https://host:port, or https://*.host for all below one. With
    /// a list nothing else is reached, after redirects either; without one, public hosts over https. The app.json may
    /// list some of them and so take away the others.
    pub request_domain: Option<Vec<String>>,
    /// The same for downloadFile.
    pub download_domain: Option<Vec<String>>,
    /// The same for uploadFile.
    pub upload_domain: Option<Vec<String>>,
    /// The same for connectSocket: wss://host.
    pub socket_domain: Option<Vec<String>>,
    /// The origins whose H5 pages belong to the mini-program: https://host, or https://host:port; exact ones alone.
    pub web_view_domain: Option<Vec<String>>,
    /// Does not look at the lists. It counts with debug in the configuration, and for versions that are not released.
    pub skip_domain_check: Option<bool>,
    /// What the host knows of it; handed to handlers as appInfo.
    #[napi(ts_type = "AppletDescription")]
    pub app_info: Option<Declared>,
}

/// Where in a mini-program to start.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct StartParams {
    /// Path of a page.
    pub path: Option<String>,
    /// 'a=1&b=2'
    pub query: Option<String>,
}

/// A running mini-program.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct AppletInfo {
    /// Its id.
    pub app_id: String,
    /// Where it is in its life.
    #[napi(ts_type = "'starting' | 'foreground' | 'background' | 'closing'")]
    pub state: Declared,
    /// How many of its calls are in flight.
    pub calls_in_flight: f64,
    /// The version of its package, if that came from a server.
    pub package_version: Option<String>,
}

/// A package from a server that is kept on disk.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CachedPackage {
    /// The mini-program.
    pub app_id: String,
    /// The server it came from.
    pub api_server: String,
    /// Its version.
    pub version: String,
    /// What it takes on the disk.
    pub bytes: f64,
}

/// Something happened to a mini-program.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct LifeCycleEvent {
    /// What.
    #[napi(
        js_name = "type",
        ts_type = "'opened' | 'foreground' | 'background' | 'closed' | 'error' | 'packageProgress' | 'packageKept' | 'packageUpdated'"
    )]
    pub kind: Declared,
    /// To which.
    pub app_id: String,
    /// Why it closed.
    #[napi(ts_type = "'host' | 'shutdown' | 'memory' | 'error'")]
    pub reason: Option<Declared>,
    /// The version that is used as cached (packageKept), or ready for the next start (packageUpdated).
    pub version: Option<String>,
    /// How many bytes of the package have come (packageProgress).
    pub received: Option<f64>,
    /// How many there are.
    pub total: Option<f64>,
    /// The number of the error, if there is one.
    pub code: Option<f64>,
    /// The text of the error, if there is one.
    pub message: Option<String>,
}
