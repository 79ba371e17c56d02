//! The end of a call, and what comes before it, brought to the mini-program's functions.

use crate::bridge::{Counters, Payload};
use crate::engine::callbacks::{Callbacks, HeldFunction};
use crate::engine::convert;
use crate::engine::results::{self, Verdict};
use crate::engine::state::{ReadyEnd, State};
use crate::error::ErrorCode;
use crate::host::LogLevel;
use crate::ids::CallId;
use rquickjs::{Ctx, Result, Value};

/// Runs the callbacks of a call that has ended: `success` or `fail` (then `cancel`), then `complete`. One that throws
/// does not keep the next from running.
pub(in crate::engine) fn finish<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    callbacks: &Callbacks,
    prefix: &str,
    result: impl FnOnce(&State) -> Result<(Verdict, Value<'js>)>,
) {
    let built = result(state).or_else(|error| {
        // The answer cannot be built here; the call still ends, unless memory was the reason and ends the applet.
        state.absorb(ctx, &error);
        let error = ErrorCode::HandlerResult.into();
        results::of_error(state, ctx, prefix, &error).map(|result| (Verdict::Failure, result))
    });
    let (verdict, result) = match built {
        Ok(built) => built,
        Err(error) => return state.absorb(ctx, &error),
    };
    if let (Verdict::Success, Some(unpack)) = (verdict, &callbacks.unpack) {
        state.call_held(ctx, unpack, (result.clone(),));
    }
    let run = |function: &Option<HeldFunction>| {
        if let Some(function) = function {
            state.call_held(ctx, function, (result.clone(),));
        }
    };
    if let Some((resolve, reject)) = &callbacks.promise {
        if verdict == Verdict::Success {
            resolve_plainly(state, ctx, resolve, &result);
        } else {
            state.call_held(ctx, reject, (result.clone(),));
        }
    }
    match verdict {
        Verdict::Success => run(&callbacks.success),
        Verdict::Failure => run(&callbacks.fail),
        Verdict::Cancelled => {
            run(&callbacks.fail);
            run(&callbacks.cancel);
        }
    }
    if callbacks.fail.is_none()
        && callbacks.complete.is_none()
        && callbacks.promise.is_none()
        && verdict != Verdict::Success
    {
        state.log(LogLevel::Warn, "a call failed and has neither fail nor complete");
    }
    run(&callbacks.complete);
}

/// Resolves a Promise with a result. Promises ask what they are resolved with for `then`, and would find one that the
/// mini-program has put on `Object.prototype`; while this one asks, the result has an empty one of its own.
fn resolve_plainly<'js>(state: &State, ctx: &Ctx<'js>, resolve: &HeldFunction, result: &Value<'js>) {
    let shielded = convert::has_own(result, state.names.then).and_then(|has| {
        if !has {
            convert::put_kept(result, state.names.then, Value::new_undefined(ctx.clone()))?;
        }
        Ok(!has)
    });
    match shielded {
        Ok(shielded) => {
            state.call_held(ctx, resolve, (result.clone(),));
            if shielded && let Some(object) = result.as_object() {
                drop(object.remove("then"));
            }
        }
        Err(error) => state.absorb(ctx, &error),
    }
}

/// Delivers one end that was decided on this thread. False when none waits.
pub(in crate::engine) fn deliver_ready(state: &State, ctx: &Ctx<'_>) -> bool {
    let Some(ready) = state.ready.borrow_mut().pop_front() else { return false };
    finish(state, ctx, &ready.callbacks, &ready.prefix, |state| match ready.end {
        ReadyEnd::Answer(answer) => Ok((Verdict::Success, answer.restore(ctx)?)),
        ReadyEnd::Refused(error, near) => {
            state.suggest(near);
            Ok((Verdict::Failure, results::of_error(state, ctx, &ready.prefix, &error)?))
        }
    });
    true
}

/// Calls the `progress` function of a call in flight.
pub(in crate::engine) fn deliver_progress(state: &State, ctx: &Ctx<'_>, id: CallId, payload: &Payload) {
    let function = state.waiting.borrow().get(id.slot as usize).and_then(|waiting| {
        let waiting = waiting.as_ref().filter(|waiting| waiting.call.id() == id)?;
        waiting.callbacks.progress.clone()
    });
    Counters::count(&state.counters().progress);
    let Some(function) = function else { return };
    match state.received(ctx, payload) {
        Ok(value) => {
            state.call_held(ctx, &function, (value,));
        }
        Err(error) => state.absorb(ctx, &error),
    }
}
