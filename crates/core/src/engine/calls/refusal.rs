//! Calls that fail before any handler sees them.

use super::Api;
use super::invoke::take_callbacks;
use crate::bridge::Counters;
use crate::engine::callbacks::Callbacks;
use crate::engine::results;
use crate::engine::state::{Ready, ReadyEnd, State};
use crate::error::{Error, ErrorCode};
use rquickjs::{Ctx, Result, Value};
use std::rc::Rc;

/// How many refused calls may wait for their `fail`. Beyond it the call throws: a caller that does not let its
/// callbacks run cannot make this queue grow.
const REFUSALS_QUEUED: usize = 1_024;

/// Fails a call that reached no handler. The Promise rejects by itself; callbacks run in a later turn.
pub(super) fn refuse<'js>(state: &State, ctx: &Ctx<'js>, api: &Api, callbacks: Callbacks, error: Error) -> Result<()> {
    refuse_as(state, ctx, &api.prefix, callbacks, error)
}

fn refuse_as<'js>(state: &State, ctx: &Ctx<'js>, prefix: &Rc<str>, callbacks: Callbacks, error: Error) -> Result<()> {
    Counters::count(&state.counters().refused);
    if callbacks.promise.is_some() && callbacks.cancel.is_none() {
        let (_, reject) = callbacks.promise.ok_or(rquickjs::Error::Unknown)?;
        let result = results::of_error(state, ctx, prefix, &error)?;
        return reject.restore(ctx)?.call((result,));
    }
    if state.ready.borrow().len() >= REFUSALS_QUEUED {
        let result = results::of_error(state, ctx, prefix, &error)?;
        return Err(ctx.throw(result));
    }
    state.queue(Ready { callbacks, prefix: prefix.clone(), end: ReadyEnd::Refused(error, state.take_near()) });
    Ok(())
}

/// `invokeNativePlugin` without a usable `api_name`.
pub(super) fn no_name() -> Error {
    Error::new(ErrorCode::Parameter, "parameter error: parameter.api_name is not the name of an api")
}

/// Fails a call of `invokeNativePlugin` that names no API.
pub(super) fn refuse_named<'js>(state: &State, ctx: &Ctx<'js>, options: &Value<'js>) -> Result<Value<'js>> {
    let (callbacks, returned, unreadable) = take_callbacks(state, ctx, options)?;
    let error = unreadable.unwrap_or_else(no_name);
    refuse_as(state, ctx, &Rc::from("invokeNativePlugin"), callbacks, error)?;
    Ok(returned)
}

/// Fails a call whose arguments do not fit their template. A synchronous call gets the failure as its value; this is
/// the one case in which its `fail` and `complete` run as well, as in FinClip's own library.
pub(super) fn refuse_arguments<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    options: &Value<'js>,
    text: String,
) -> Result<Value<'js>> {
    let (callbacks, returned, unreadable) = take_callbacks(state, ctx, options)?;
    let error = unreadable.unwrap_or_else(|| Error::new(ErrorCode::Parameter, text));
    if !api.info.sync {
        refuse(state, ctx, api, callbacks, error)?;
        return Ok(returned);
    }
    let result = results::of_error(state, ctx, &api.prefix, &error)?;
    if callbacks.promise.is_none() && (callbacks.fail.is_some() || callbacks.complete.is_some()) {
        refuse(state, ctx, api, callbacks, error)?;
    } else {
        Counters::count(&state.counters().refused);
    }
    Ok(result)
}
