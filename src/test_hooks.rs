//! Exports for the tests of the guards; never part of the shipped library.

use crate::guard::export;
use crate::port::raise::Raise;
use napi_derive_ohos::napi;
use napi_ohos::{Env, Result};

/// Panics below an export.
#[napi(catch_unwind, skip_typescript)]
pub fn test_panic(env: &Env) -> Result<()> {
    export(env, |_| fall())
}

#[expect(clippy::panic, reason = "the point of it")]
fn fall<'s>() -> std::result::Result<(), Raise<'s>> {
    panic!("a secret of the library")
}
