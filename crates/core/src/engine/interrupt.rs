//! Interrupts that stay interrupts, also when they strike while native code reads a getter.
#![expect(unsafe_code, reason = "the binding cannot make an error uncatchable")]

use rquickjs::{Ctx, Error, Exception, qjs};

/// Throws what no `catch` and no `finally` sees, as the engine itself does when it is interrupted. The engine asks
/// whether it must stop only every few thousand steps, so an interrupt that native code has met is thrown on.
pub(super) fn throw(ctx: &Ctx<'_>) -> Error {
    let pending = ctx.catch();
    if pending.is_uncatchable_error() {
        return ctx.throw(pending);
    }
    let thrown = Exception::throw_internal(ctx, "interrupted");
    let context = ctx.as_raw().as_ptr();
    // SAFETY: the pending exception is taken out owned, marked, and thrown again, which hands it back.
    unsafe {
        let pending = qjs::JS_GetException(context);
        qjs::JS_SetUncatchableError(context, pending);
        qjs::JS_Throw(context, pending);
    }
    thrown
}
