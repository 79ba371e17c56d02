//! The callback of `callJS`, `{onSuccess, onError, onProgress}`: hears the end of a promise.

use super::environment::Environment;
use super::ffi::{Env, Kind, Try, Value};
use super::native::{Invocation, Trampoline, native};
use super::raise::Raise;
use super::thrown::{Thrown, thrown_message};
use finapp_core::host::LogLevel;
use finapp_core::{ErrorCode, Platform};

native!(answered, answer);
native!(refused, refuse);

/// Follows the promise of an answer; bound to the callback.
pub const ANSWERED: Trampoline = answered;
/// The same, for a rejection.
pub const REFUSED: Trampoline = refused;

fn answer<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let [callback, value] = invocation.arguments;
    told(env, env.member(callback, c"onSuccess"), |function| env.call(function, callback, [value]))
}

fn refuse<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let [callback, error] = invocation.arguments;
    let Thrown { message, code } = Thrown::read(env, error);
    told(env, env.member(callback, c"onError"), |function| {
        let code = env.number(code.unwrap_or_else(|| ErrorCode::Internal.number().into()))?;
        env.call(function, callback, [code, env.text(&message)?])
    })
}

/// Calls what the host gave, if it did. What that throws is logged: nobody awaits this promise.
fn told<'s>(env: Env<'s>, function: Try<'s>, call: impl FnOnce(Value<'s>) -> Try<'s>) -> Result<Value<'s>, Raise<'s>> {
    let called = function.and_then(|function| match env.kind(function) {
        Kind::Function => call(function).map(drop),
        _ => Ok(()),
    });
    if let Err(fault) = called {
        let line = format!("the callback of callJS failed: {}", thrown_message(env, fault));
        let session = Environment::find(env).and_then(|environment| environment.current());
        let log = session.map_or_else(|| Platform::default().log, |session| session.log.clone());
        log.write(LogLevel::Error, "finapp", &line);
    }
    Ok(env.undefined()?)
}
