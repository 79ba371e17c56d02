//! Interrupts that stay interrupts: also with a full heap, and also when they strike while native code reads a getter.
//! And whether the heap has been full, which is all that the engine leaves behind of some errors.
#![expect(unsafe_code, reason = "the binding has no safe form of these few engine calls")]

use rquickjs::{Ctx, Error, Exception, qjs};

/// What the cap on memory is raised by when the engine is interrupted.
const RESERVE: usize = 64 * 1024;

/// An interrupt handler for the runtime of `ctx`, and for that one alone. With a full heap the engine has no memory for
/// the error that no `catch` sees and throws `null` instead, so the handler raises the cap when it interrupts.
pub(super) fn handler(
    ctx: &Ctx<'_>,
    memory_cap: usize,
    must_interrupt: impl Fn() -> bool + 'static,
) -> Box<dyn FnMut() -> bool> {
    // SAFETY: the context is alive.
    let runtime = unsafe { qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) };
    Box::new(move || {
        let interrupts = must_interrupt();
        if interrupts {
            // SAFETY: a runtime asks its handler only while it is alive; this sets one number in it.
            unsafe { qjs::JS_SetMemoryLimit(runtime, (memory_cap + RESERVE) as _) };
        }
        interrupts
    })
}

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

/// Whether the heap has ever been about as large as its cap. The engine collects garbage whenever the heap has grown by
/// half, and before it gives up on a small object; the size at which it will do so next tells how large it has been.
pub(super) fn heap_was_full(ctx: &Ctx<'_>, memory_cap: usize) -> bool {
    // SAFETY: the context and its runtime are alive; only a number is read.
    let next_collection = unsafe { qjs::JS_GetGCThreshold(qjs::JS_GetRuntime(ctx.as_raw().as_ptr())) };
    usize::try_from(next_collection).unwrap_or(usize::MAX) >= memory_cap - memory_cap / 16
}
