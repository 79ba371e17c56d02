//! The end of a call, and what comes before it, brought to the mini-program's functions.

use crate::bridge::{Counters, Payload};
use crate::engine::callbacks::{Callbacks, HeldFunction};
use crate::engine::convert;
use crate::engine::results::{self, Verdict};
use crate::engine::state::{ReadyEnd, State};
use crate::host::LogLevel;
use crate::ids::CallId;
use rquickjs::{Ctx, Result, Value};

/// Runs the callbacks of a call that has ended: `success` or `fail` (then `cancel`), then `complete`. One that throws
/// does not keep the next from running.
pub(in crate::engine) fn finish<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    callbacks: &Callbacks,
    result: impl FnOnce(&State) -> Result<(Verdict, Value<'js>)>,
) {
    let (verdict, result) = match result(state) {
        Ok(built) => built,
        Err(error) => return state.absorb(ctx, &error),
    };
    let run = |function: &Option<HeldFunction>| {
        if let Some(function) = function {
            state.call_held(ctx, function, (result.clone(),));
        }
    };
    if let Some((resolve, reject)) = &callbacks.promise {
        let settle = if verdict == Verdict::Success { resolve } else { reject };
        state.call_held(ctx, settle, (result.clone(),));
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

/// Delivers one end that was decided on this thread. False when none waits.
pub(in crate::engine) fn deliver_ready(state: &State, ctx: &Ctx<'_>) -> bool {
    let Some(ready) = state.ready.borrow_mut().pop_front() else { return false };
    finish(state, ctx, &ready.callbacks, |state| match ready.end {
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
    match convert::parse::value(ctx, payload) {
        Ok(value) => {
            state.call_held(ctx, &function, (value,));
        }
        Err(error) => state.absorb(ctx, &error),
    }
}
