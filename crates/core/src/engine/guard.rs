//! The guard around every native function: a panic becomes one failed call and a closed applet. An unguarded panic
//! would stay parked in the runtime and surface in the next unrelated exception.

use super::state::State;
use super::turn::Ended;
use crate::bridge::Counters;
use crate::error::ErrorCode;
use rquickjs::{Ctx, Exception, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic in it throws an `E_INTERNAL` error to JavaScript and ends the applet after this turn.
pub(super) fn guarded<T>(state: &State, ctx: &Ctx<'_>, body: impl FnOnce() -> Result<T>) -> Result<T> {
    // After a panic the state is only cleared, never used again: `end` sees to that.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(panic) => {
            // What the panic carried may panic again when it is dropped.
            std::mem::forget(panic);
            Counters::count(&state.setup.scope.counters().panics);
            state.end(Ended::Internal);
            Err(Exception::throw_internal(ctx, ErrorCode::Internal.text()))
        }
    }
}
