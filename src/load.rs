//! What happens when an environment loads the module, once for each load.

use crate::api_manager::AppletApiManager;
use crate::applet::AppletClient;
use crate::client::FinAppClient;
use crate::guard::export;
use crate::port::Environment;
use crate::port::class::{Classes, Exported};
use crate::web_page::WebPage;
use crate::web_views::WebViewOpening;
use napi_derive_ohos::napi;
use napi_ohos::bindgen_prelude::Object;
use napi_ohos::{Env, Result};

/// Captures what is needed later, before code of the host can change it.
#[napi(module_exports, catch_unwind)]
pub fn load(exports: Object, env: Env) -> Result<()> {
    export(&env, |js| {
        let names =
            [FinAppClient::NAME, AppletClient::NAME, AppletApiManager::NAME, WebViewOpening::NAME, WebPage::NAME];
        let classes = Classes::capture(js, exports.into(), &names)?;
        Ok(Environment::load(js, classes)?)
    })
}
