//! Shapes of what a host asks of an applet's pages, in `index.d.ts`; see `declarations`.

#![expect(dead_code, reason = "declared for ArkTS, never built in Rust")]

use napi_derive_ohos::napi;

/// A member whose type stands in its attribute.
type Declared = ();

/// Where a host sends a mini-program.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct PageRoute {
    /// As the API of that name does it.
    #[napi(js_name = "type", ts_type = "'navigateTo' | 'redirectTo' | 'switchTab' | 'reLaunch' | 'navigateBack'")]
    pub kind: Declared,
    /// The page, as mini-programs write it: `/pages/item/item?id=3`. navigateBack needs none.
    pub url: Option<String>,
}

/// A page on the stack of a mini-program.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct PageOnStack {
    /// Its number: the webViewId of its calls.
    pub id: f64,
    /// Its path in the package, without an ending.
    pub path: String,
}

/// Hears what came of callJS: one of the first two, once, and never before callJS has returned.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct PageCallback {
    /// The page's function has answered: with what it returned, or what its Promise gave; null when that was nothing.
    #[napi(ts_type = "(result: Object | null) => void")]
    pub on_success: Declared,
    /// It has not: E_PAGE_GONE when there is no such page or it showed another document meanwhile, E_DENIED when the page
    /// is of a foreign origin, E_NOT_FOUND when it has no such function, E_HANDLER when that failed, E_TIMEOUT,
    /// E_CLOSED when the mini-program is closed.
    #[napi(ts_type = "(code: number, error: string) => void")]
    pub on_error: Declared,
    /// As FinClip has it. Pages tell no progress, so it is not called.
    #[napi(ts_type = "(status: number, info: string) => void")]
    pub on_progress: Option<Declared>,
}

/// What shows an H5 page. Its functions are called on the host's thread, one after the other, never from within a
/// function of the WebPage; what they throw is logged.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct WebPageView {
    /// Runs a script in the top frame of the document that is shown, after those that came before. What it gives is of no
    /// interest.
    #[napi(ts_type = "(script: string) => void")]
    pub run: Declared,
    /// Shows what is at the address.
    #[napi(ts_type = "(url: string) => void")]
    pub load: Declared,
    /// Goes back by one document, if there is an earlier one.
    #[napi(ts_type = "() => void")]
    pub go_back: Declared,
    /// The page is gone. Nothing is asked of the view any more.
    #[napi(ts_type = "() => void")]
    pub close: Declared,
}

/// A file of a mini-program's package, for a browser.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct WebFile {
    /// What it is: `text/html; charset=utf-8`.
    pub media_type: String,
    /// What it holds.
    #[napi(ts_type = "ArrayBuffer")]
    pub bytes: Declared,
}
