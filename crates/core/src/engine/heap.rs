//! When garbage is collected, and how full the heap has been.
//!
//! The engine by itself collects whenever it makes an object. It makes one to say that memory has run out, too, at
//! moments when a structure of its own is half changed; collecting then crashes the process. So here it never collects
//! by itself, but only where nothing is half changed: between turns, and where it asks whether to go on.
#![expect(unsafe_code, reason = "the binding offers these only outside of the engine's own calls")]

use rquickjs::{Ctx, qjs};
use std::cell::Cell;

/// The size at which the first collection is due; later ones follow when the heap has grown by half. What an applet
/// starts with, the component layer included, is smaller and holds no garbage: looking for some took a fifth of a start.
const FIRST: usize = 2 * 1024 * 1024;

/// What the cap on memory is raised by when the engine is interrupted.
const RESERVE: usize = 64 * 1024;

/// How much a program may well allocate from one look at the heap to the next.
const BETWEEN_LOOKS: usize = 8 * 1024 * 1024;

/// What the compiler may take beyond the cap: this, and so much for each byte of the text. A text of nothing but small
/// functions takes about 300 bytes a byte.
const COMPILER: usize = 256 * 1024;
const COMPILER_A_BYTE: usize = 512;
const MOST_ROOM: usize = 256 * 1024 * 1024;

/// The heap of one engine.
pub(super) struct Heap {
    cap: usize,
    /// What the engine may take now.
    limit: Cell<usize>,
    next_collection: Cell<usize>,
}

impl Heap {
    /// Takes over from the engine when garbage is collected.
    pub(super) fn new(ctx: &Ctx<'_>, cap: usize) -> Self {
        // SAFETY: the context and its runtime are alive; this sets one number.
        unsafe { qjs::JS_SetGCThreshold(runtime(ctx.as_raw().as_ptr()), NEVER) };
        Self { cap, limit: Cell::new(cap), next_collection: Cell::new(FIRST.min(cap / 2)) }
    }

    /// Collects if it is time.
    pub(super) fn look(&self, ctx: &Ctx<'_>) {
        // SAFETY: the context is alive, and nothing of the engine is under way.
        unsafe { self.look_at(ctx.as_raw().as_ptr()) }
    }

    /// # Safety
    /// The context is alive, and no structure of the engine is half changed.
    unsafe fn look_at(&self, context: *mut qjs::JSContext) {
        // SAFETY: as the caller promises. Making an object collects if the heap is larger than the number set, and
        // leaves the next such number behind; with a full heap it may fail, and the exception goes no further.
        unsafe {
            let runtime = runtime(context);
            qjs::JS_SetGCThreshold(runtime, self.next_collection.get() as _);
            let object = qjs::JS_NewObject(context);
            if qjs::JS_IsException(object) {
                qjs::JS_FreeValue(context, qjs::JS_GetException(context));
            }
            qjs::JS_FreeValue(context, object);
            self.next_collection.set(usize::try_from(qjs::JS_GetGCThreshold(runtime)).unwrap_or(usize::MAX));
            qjs::JS_SetGCThreshold(runtime, NEVER);
        }
    }

    /// Lets the heap grow for `work` that must not run out of memory: the engine's compiler, which does not survive it,
    /// with a text of `length` bytes, or the reading of an error that says so. What is left behind counts again
    /// afterwards, and a heap that is over its cap then fails the next allocation.
    pub(super) fn roomy<T>(&self, ctx: &Ctx<'_>, length: usize, work: impl FnOnce() -> T) -> T {
        let room = COMPILER.saturating_add(length.saturating_mul(COMPILER_A_BYTE)).min(MOST_ROOM);
        // Such work may be part of such work.
        let before = self.limit.get();
        self.allow(ctx, before.max(self.cap.saturating_add(room)));
        let result = work();
        self.allow(ctx, before);
        result
    }

    fn allow(&self, ctx: &Ctx<'_>, bytes: usize) {
        self.limit.set(bytes);
        // SAFETY: the context and its runtime are alive; this sets one number.
        unsafe { qjs::JS_SetMemoryLimit(runtime(ctx.as_raw().as_ptr()), bytes as _) };
    }

    /// Whether the heap may have been full: at a look it was not much smaller than its cap.
    pub(super) fn may_have_been_full(&self) -> bool {
        self.next_collection.get().saturating_add(BETWEEN_LOOKS) >= self.cap
    }

    /// An interrupt handler for the runtime of `ctx`, and for that one alone. With a full heap the engine has no memory
    /// for the error that no `catch` sees and throws `null` instead, so the cap is raised when it interrupts.
    pub(super) fn interrupt_handler(
        self: std::rc::Rc<Self>,
        ctx: &Ctx<'_>,
        must_interrupt: impl Fn() -> bool + 'static,
    ) -> Box<dyn FnMut() -> bool> {
        let context = ctx.as_raw().as_ptr();
        Box::new(move || {
            if !must_interrupt() {
                // SAFETY: a runtime asks its handler only while it and its contexts are alive, and only where it would
                // let JavaScript run.
                unsafe { self.look_at(context) };
                return false;
            }
            // SAFETY: as above; this sets one number.
            unsafe { qjs::JS_SetMemoryLimit(runtime(context), (self.cap + RESERVE) as _) };
            true
        })
    }
}

/// The number that stands for "never collect".
const NEVER: qjs::size_t = qjs::size_t::MAX;

/// # Safety
/// The context is alive.
unsafe fn runtime(context: *mut qjs::JSContext) -> *mut qjs::JSRuntime {
    // SAFETY: as the caller promises.
    unsafe { qjs::JS_GetRuntime(context) }
}
