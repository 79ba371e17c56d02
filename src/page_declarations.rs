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
