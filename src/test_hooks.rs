//! Exports for the tests of the guards; never part of the shipped library.

use crate::guard::export;
use napi_ohos::{Env, Result};
use napi_derive_ohos::napi;

/// Panics below an export.
#[napi(catch_unwind, skip_typescript)]
#[expect(clippy::panic, reason = "the point of it")]
pub fn test_panic(env: &Env) -> Result<()> {
    export(env, |_| panic!("secret text of a panic"))
}
