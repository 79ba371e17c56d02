//! `callback`: how a handler answers. The same answers come from what a handler returns, and from promises.

use super::environment::Environment;
use super::ffi::{Env, Kind, Value};
use super::native::{Invocation, Member, Trampoline, native};
use super::outgoing;
use super::raise::Raise;
use super::table::Token;
use super::thrown::{Thrown, number};
use finapp_core::bridge::{Payload, Reply};
use finapp_core::{Error, ErrorCode, Limits};

native!(on_success, succeed);
native!(on_fail, fail);
native!(on_cancel, cancel);
native!(on_progress, progress);
native!(fulfilled, fulfil);
native!(rejected, reject);

/// The methods of `callback`.
pub const MEMBERS: &[Member] = &[
    Member::Method(c"onSuccess", on_success),
    Member::Method(c"onFail", on_fail),
    Member::Method(c"onCancel", on_cancel),
    Member::Method(c"onProgress", on_progress),
    Member::Method(c"sendState", on_progress),
];
/// Follows the promise of a handler.
pub const FULFILLED: Trampoline = fulfilled;
/// The same, for a rejection.
pub const REJECTED: Trampoline = rejected;

fn succeed<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    answered(env, invocation, |env, call| call.answer(env, call.payload(env), |reply, body| reply.success(body)))
}

fn cancel<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    answered(env, invocation, |env, call| call.answer(env, call.payload(env), |reply, body| reply.cancel(body)))
}

fn fail<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    answered(env, invocation, |env, call| call.answer(env, call.failure(env), |reply, body| reply.fail(body)))
}
