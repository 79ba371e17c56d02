//! The guard around every native function. A panic becomes one failed call and a closed applet: unguarded it would
//! stay parked in the runtime and surface in the next unrelated exception. An interrupt stays one, also when it struck
//! in a getter that native code was reading.

use super::interrupt;
use super::state::State;
use super::turn::Ended;
use crate::bridge::Counters;
use crate::error::ErrorCode;
use rquickjs::{Ctx, Exception, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic in it throws an `E_INTERNAL` error to JavaScript and ends the applet after this turn. Once the
/// engine has been interrupted nothing native runs any more, whatever JavaScript the engine still gives its turn.
pub(super) fn guarded<T>(state: &State, ctx: &Ctx<'_>, body: impl FnOnce() -> Result<T>) -> Result<T> {
    if state.setup.turn.interrupted().is_some() {
        return Err(interrupt::throw(ctx));
    }
    // After a panic the state is only cleared, never used again: `end` sees to that.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(_) if state.setup.turn.interrupted().is_some() => Err(interrupt::throw(ctx)),
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
