//! The object a caller sees at the end of a call: what the host answered, `errMsg`, and `errCode` where there is one.

use super::convert::{self, plain_object, put};
use super::state::State;
use crate::bridge::{Outcome, Payload, err_msg};
use crate::error::{Error, ErrorCode};
use rquickjs::{Ctx, Result, Value};

/// How a call ended, for choosing the callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Success,
    Failure,
    Cancelled,
}

/// Builds the result of `outcome` for a call whose `errMsg` begins with `prefix`.
pub(super) fn of_outcome<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    prefix: &str,
    outcome: &Outcome,
) -> Result<(Verdict, Value<'js>)> {
    match built(state, ctx, prefix, outcome) {
        // The host said where its binaries belong, and its text has no such place: the call ends all the same.
        Err(rquickjs::Error::Unknown) => {
            Ok((Verdict::Failure, of_error(state, ctx, prefix, &ErrorCode::HandlerResult.into())?))
        }
        built => built,
    }
}

fn built<'js>(state: &State, ctx: &Ctx<'js>, prefix: &str, outcome: &Outcome) -> Result<(Verdict, Value<'js>)> {
    Ok(match outcome {
        Outcome::Success(payload) => {
            let (object, said) = body(state, ctx, payload)?;
            put_message(state, ctx, &object, &err_msg::success(prefix, said.as_deref()))?;
            (Verdict::Success, object)
        }
        Outcome::Cancelled(payload) => {
            let (object, said) = body(state, ctx, payload)?;
            put_message(state, ctx, &object, &err_msg::cancelled(prefix, said.as_deref()))?;
            put_code(state, &object, ErrorCode::Cancelled)?;
            (Verdict::Cancelled, object)
        }
        Outcome::Failure { payload, error: None } => {
            let (object, said) = body(state, ctx, payload)?;
            put_message(state, ctx, &object, &err_msg::failure(prefix, said.as_deref()))?;
            (Verdict::Failure, object)
        }
        Outcome::Failure { payload, error: Some(error) } => {
            let (object, _) = body(state, ctx, payload)?;
            mark_failed(state, ctx, prefix, &object, error)?;
            (Verdict::Failure, object)
        }
    })
}

/// Builds the result of a call that failed before anybody answered it.
pub(super) fn of_error<'js>(state: &State, ctx: &Ctx<'js>, prefix: &str, error: &Error) -> Result<Value<'js>> {
    let object = plain_object(ctx)?;
    mark_failed(state, ctx, prefix, &object, error)?;
    Ok(object)
}

/// Finishes the result that an inline handler built.
pub(super) fn of_answer<'js>(state: &State, ctx: &Ctx<'js>, prefix: &str, answer: Value<'js>) -> Result<Value<'js>> {
    let (object, said) = wrap(state, ctx, answer)?;
    put_message(state, ctx, &object, &err_msg::success(prefix, said.as_deref()))?;
    Ok(object)
}

fn mark_failed<'js>(state: &State, ctx: &Ctx<'js>, prefix: &str, object: &Value<'js>, error: &Error) -> Result<()> {
    put_message(state, ctx, object, &err_msg::error(prefix, error))?;
    // A code that the host put into its answer is its own business and stays.
    if !convert::has_own(object, state.names.err_code)? {
        put_code(state, object, error.code())?;
    }
    if error.code() == ErrorCode::NotFound && state.setup.debug {
        let near = state.take_near();
        if !near.is_empty() {
            put(ctx, object, "near", &near.join(", "))?;
        }
    }
    Ok(())
}

fn put_code<'js>(state: &State, object: &Value<'js>, code: ErrorCode) -> Result<()> {
    convert::put_kept(object, state.names.err_code, Value::new_int(object.ctx().clone(), code.number()))
}

/// The host's answer as a plain object, and the `errMsg` it brought along.
fn body<'js>(state: &State, ctx: &Ctx<'js>, payload: &Payload) -> Result<(Value<'js>, Option<String>)> {
    wrap(state, ctx, state.received(ctx, payload)?)
}

fn wrap<'js>(state: &State, ctx: &Ctx<'js>, value: Value<'js>) -> Result<(Value<'js>, Option<String>)> {
    // A handler that answers `null` has no payload, as in the dialects served.
    if value.is_undefined() || value.is_null() {
        return Ok((plain_object(ctx)?, None));
    }
    if convert::is_plain_object(&value) {
        let said = convert::own_text_kept(&value, state.names.err_msg)?;
        return Ok((value, said));
    }
    let object = plain_object(ctx)?;
    convert::put_value(ctx, &object, "data", value)?;
    Ok((object, None))
}

fn put_message<'js>(state: &State, ctx: &Ctx<'js>, object: &Value<'js>, text: &str) -> Result<()> {
    convert::put_kept(object, state.names.err_msg, convert::text(ctx, text)?)
}
