//! The guard around every export: no panic gets to ArkTS, and every error is one of ours, with a number.

use crate::port::Environment;
use crate::port::ffi::Env;
use crate::port::raise::Raise;
use finapp_core::Platform;
use finapp_core::host::LogLevel;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Once;

static HOOK: Once = Once::new();

/// Runs the body of an export. What it raises is thrown; a panic becomes `E_INTERNAL` (C27).
pub fn export<'s, T>(
    env: &'s napi_ohos::Env,
    body: impl FnOnce(Env<'s>) -> Result<T, Raise<'s>>,
) -> napi_ohos::Result<T> {
    HOOK.call_once(log_panics);
    let env = Env::of_export(env);
    // Answers that the host gave before this call must not be overtaken by what it does now.
    if let Some(environment) = Environment::find(env) {
        environment.calls.let_go();
    }
    // Nothing that the body may have left half done is used again: its error goes to the caller.
    let result = catch_unwind(AssertUnwindSafe(|| body(env))).unwrap_or(Err(Raise::panicked()));
    result.map_err(|raise| {
        raise.throw(env);
        // The status that tells the binding that the exception is set already.
        napi_ohos::Error::from_status(napi_ohos::Status::PendingException)
    })
}

/// The default hook writes to standard error, which is not ours, and a panic's text names source files: it goes to the
/// host's log and nowhere else.
fn log_panics() {
    set_hook(Box::new(|panic| {
        let line = finapp_core::host::log::escape(&panic.to_string());
        Platform::default().log.write(LogLevel::Error, "finapp", &format!("caught: {line}"));
    }));
}
