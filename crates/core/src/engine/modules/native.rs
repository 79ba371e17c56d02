//! The engine's own modules, as far as the binding has no safe way to them: modules that are declared and linked later,
//! modules whose exports are named after others have asked for them, and the hook that hears of every `import`.
//!
//! A module that was compiled is never freed before its context, so a handle stays good as long as the engine. Three things must never
//! happen, since the engine would follow a null pointer: linking a module whose imports were not all found, linking one
//! that a failed link has left half done, and evaluating one that is being evaluated. `es.rs` sees to all of them.
#![expect(unsafe_code, reason = "the binding has no safe form of these")]

use super::super::guard::guarded;
use super::super::state::State;
use rquickjs::{Ctx, Error, Exception, Function, Object, Result, Value, qjs};
use std::cell::{Cell, OnceCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{NonNull, null_mut};
use std::rc::{Rc, Weak};

/// A module of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Native(NonNull<qjs::JSModuleDef>);

/// What evaluating a module came to.
pub(super) enum Evaluation<'js> {
    Done,
    Threw(Value<'js>),
    /// It waits for something: it has an `await` at its top.
    Pending,
}

/// Compiles a script. Nothing of it runs; the code is owned.
pub(super) fn compile_script(ctx: &Ctx<'_>, name: &str, text: String) -> Result<qjs::JSValue> {
    compile(ctx, name, text, qjs::JS_EVAL_TYPE_GLOBAL)
}

/// Runs compiled code that is no module, and takes it over: the value of a function expression is the function.
pub(in super::super) fn run_script<'js>(ctx: &Ctx<'js>, code: qjs::JSValue) -> Result<Function<'js>> {
    // SAFETY: the code belongs to this context, which takes it over.
    let value = own(ctx, unsafe { qjs::JS_EvalFunction(raw(ctx), code) })?;
    value.into_function().ok_or(Error::Unknown)
}

/// Compiles an ES module. Nothing of it runs, but the engine asks for what it imports. If that fails, the engine frees a
/// module that others may point to: it must not fail but for memory, and then the engine is over.
pub(super) fn compile_module(ctx: &Ctx<'_>, name: &str, text: String) -> Result<Native> {
    from_value(compile(ctx, name, text, qjs::JS_EVAL_TYPE_MODULE | qjs::JS_EVAL_FLAG_STRICT)?)
}

/// The module in a value that the engine has made of one.
pub(in super::super) fn from_value(value: qjs::JSValue) -> Result<Native> {
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_VALUE_GET_TAG(value) } != qjs::JS_TAG_MODULE {
        return Err(Error::Unknown);
    }
    // SAFETY: a value with this tag holds a pointer to a module.
    NonNull::new(unsafe { qjs::JS_VALUE_GET_PTR(value) }.cast()).map(Native).ok_or(Error::Unknown)
}

fn compile(ctx: &Ctx<'_>, name: &str, text: String, kind: u32) -> Result<qjs::JSValue> {
    let length = text.len();
    let refused = |_| Exception::throw_syntax(ctx, &format!("{name}: a zero character in the text"));
    let text = CString::new(text).map_err(refused)?;
    let name = CString::new(name).map_err(|_| Error::Unknown)?;
    let flags = (kind | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as c_int;
    // SAFETY: text and length belong together and end in a zero; the result is owned.
    let code = unsafe { qjs::JS_Eval(raw(ctx), text.as_ptr(), length as _, name.as_ptr(), flags) };
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(code) } { Err(Error::Exception) } else { Ok(code) }
}

impl Native {
    /// A module that shows ES modules what a CommonJS module exports, or stands for a file that is not there. It has no
    /// exports yet.
    pub(super) fn bridge(ctx: &Ctx<'_>, name: &str) -> Result<Self> {
        let name = CString::new(name)?;
        // SAFETY: the name is copied; the function has the wanted form.
        let module = unsafe { qjs::JS_NewCModule(raw(ctx), name.as_ptr(), Some(fill)) };
        NonNull::new(module).map(Self).ok_or(Error::Exception)
    }

    /// Gives a bridge its exports, once and before anything is linked to it: the own members of `members`.
    pub(super) fn export<'js>(self, ctx: &Ctx<'js>, members: &Object<'js>) -> Result<()> {
        for name in members.keys::<rquickjs::String<'js>>() {
            // What is no valid Unicode, or has a zero in it, cannot be a name here.
            let Some(name) = name?.to_string().ok().and_then(|name| CString::new(name).ok()) else { continue };
            // SAFETY: the module is alive; the name is copied.
            if unsafe { qjs::JS_AddModuleExport(raw(ctx), self.0.as_ptr(), name.as_ptr()) } < 0 {
                return Err(Error::Exception);
            }
        }
        let members = members.as_value().clone();
        // SAFETY: the module is alive and takes over one reference to the object.
        unsafe {
            qjs::JS_SetModulePrivateValue(raw(ctx), self.0.as_ptr(), qjs::JS_DupValue(raw(ctx), members.as_raw()))
        };
        Ok(())
    }

    /// Links the module and evaluates it.
    pub(super) fn evaluate<'js>(self, ctx: &Ctx<'js>) -> Result<Evaluation<'js>> {
        // SAFETY: the module is alive and all that it imports was found; one reference is taken over.
        let promise = unsafe {
            let value = qjs::JS_DupValue(raw(ctx), self.value());
            qjs::JS_EvalFunction(raw(ctx), value)
        };
        let promise = own(ctx, promise)?;
        // SAFETY: the value is a promise of this context; its result is owned.
        let result = unsafe {
            qjs::JS_PromiseMarkAsHandled(raw(ctx), promise.as_raw());
            match qjs::JS_PromiseState(raw(ctx), promise.as_raw()) {
                qjs::JSPromiseStateEnum_JS_PROMISE_FULFILLED => return Ok(Evaluation::Done),
                qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED => qjs::JS_PromiseResult(raw(ctx), promise.as_raw()),
                _ => return Ok(Evaluation::Pending),
            }
        };
        // SAFETY: the result is owned and belongs to this context.
        Ok(Evaluation::Threw(unsafe { Value::from_raw(ctx.clone(), result) }))
    }

    /// The object with the exports of a module that was evaluated.
    pub(super) fn namespace<'js>(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        // SAFETY: the module is alive and linked; the result is owned.
        own(ctx, unsafe { qjs::JS_GetModuleNamespace(raw(ctx), self.0.as_ptr()) })
    }

    /// Its `import.meta`.
    pub(super) fn meta<'js>(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        // SAFETY: the module is alive; the result is owned.
        own(ctx, unsafe { qjs::JS_GetImportMeta(raw(ctx), self.0.as_ptr()) })
    }

    /// Has the engine take the imports of a module from bytecode for found; it asks for each of them again.
    pub(super) fn resolve(self, ctx: &Ctx<'_>) -> Result<()> {
        // SAFETY: the module is alive and read to its end, and so are those that it imports.
        if unsafe { qjs::JS_ResolveModule(raw(ctx), self.value()) } < 0 { Err(Error::Exception) } else { Ok(()) }
    }

    /// The value that stands for the module, with a reference of its own.
    pub(super) fn owned(self, ctx: &Ctx<'_>) -> qjs::JSValue {
        // SAFETY: the module is alive as long as its context.
        unsafe { qjs::JS_DupValue(raw(ctx), self.value()) }
    }

    /// The value that stands for the module. Not owned.
    pub(in super::super) fn value(self) -> qjs::JSValue {
        qjs::JS_MKPTR(qjs::JS_TAG_MODULE, self.0.as_ptr().cast())
    }
}

/// Called by the engine when it evaluates a bridge: hands over the values.
///
/// # Safety
/// Only the engine calls it, with a live context and module.
unsafe extern "C" fn fill(context: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> c_int {
    let Some(context) = NonNull::new(context) else { return -1 };
    // SAFETY: the engine gives a live context, which lives longer than this call.
    let ctx = unsafe { Ctx::from_raw(context) };
    // SAFETY: as above; the result is owned.
    let members = unsafe { Value::from_raw(ctx.clone(), qjs::JS_GetModulePrivateValue(ctx.as_raw().as_ptr(), module)) };
    let Some(members) = members.as_object() else { return 0 };
    for name in members.keys::<rquickjs::String<'_>>() {
        let Ok(name) = name.and_then(|name| name.to_string()) else { continue };
        let Ok(value) = members.get::<_, Value<'_>>(name.as_str()) else { return -1 };
        let Ok(name) = CString::new(name) else { continue };
        // SAFETY: the module is alive and takes over one reference to the value.
        unsafe {
            let value = qjs::JS_DupValue(ctx.as_raw().as_ptr(), value.as_raw());
            qjs::JS_SetModuleExport(ctx.as_raw().as_ptr(), module, name.as_ptr(), value);
        }
    }
    0
}

/// The engine's way to the hooks: it is given the address of what stands in the box.
#[derive(Default)]
pub(super) struct Hooked {
    runtime: Cell<Option<NonNull<qjs::JSRuntime>>>,
    state: OnceCell<Box<Weak<State>>>,
}

impl Hooked {
    /// Has the engine ask for every `import`.
    pub(super) fn install(&self, ctx: &Ctx<'_>, state: &Rc<State>) {
        let state = &**self.state.get_or_init(|| Box::new(Rc::downgrade(state)));
        let opaque = std::ptr::from_ref(state).cast_mut().cast::<c_void>();
        // SAFETY: the context is alive. The box stays where it is until `self` goes; before that, `remove` takes the
        // address away from the engine.
        unsafe {
            let runtime = qjs::JS_GetRuntime(raw(ctx));
            qjs::JS_SetModuleLoaderFunc2(runtime, None, Some(loader), None, opaque);
            qjs::JS_SetModuleNormalizeFunc2(runtime, Some(normalize));
            self.runtime.set(NonNull::new(runtime));
        }
    }

    /// Takes the hooks away. Called while the runtime is alive.
    pub(super) fn remove(&self) {
        let Some(runtime) = self.runtime.take() else { return };
        // SAFETY: the runtime is alive; this sets its pointers.
        unsafe {
            qjs::JS_SetModuleLoaderFunc2(runtime.as_ptr(), None, Some(loader), None, null_mut());
        }
    }
}

/// Gives the name of the module that an `import` means, and sees to it that there is one.
///
/// # Safety
/// Only the engine calls it, with what [`Hooked::install`] gave it.
unsafe extern "C" fn normalize(
    context: *mut qjs::JSContext,
    base: *const c_char,
    request: *const c_char,
    attributes: qjs::JSValue,
    opaque: *mut c_void,
) -> *mut c_char {
    // SAFETY: as the caller promises: null after `remove`, what stands in the box before.
    let state = unsafe { opaque.cast::<Weak<State>>().as_ref() }.and_then(Weak::upgrade);
    let (Some(context), Some(state)) = (NonNull::new(context), state) else { return null_mut() };
    // SAFETY: the engine gives a live context, which lives longer than this call.
    let ctx = unsafe { Ctx::from_raw(context) };
    // SAFETY: the engine gives two texts that end in a zero.
    let (base, request) = unsafe { (CStr::from_ptr(base), CStr::from_ptr(request)) };
    // SAFETY: only the tag is read.
    let plain = unsafe { qjs::JS_IsUndefined(attributes) };
    let name = guarded(&state, &ctx, || {
        super::es::imported(&state, &ctx, &base.to_string_lossy(), &request.to_string_lossy(), plain)
    });
    match name {
        // SAFETY: text and length belong together; the engine frees the copy.
        Ok(name) => unsafe { qjs::js_strndup(context.as_ptr(), name.as_ptr().cast(), name.len() as _) },
        Err(error) => {
            if !error.is_exception() {
                drop(Exception::throw_message(&ctx, "the module cannot be imported"));
            }
            null_mut()
        }
    }
}

/// Asked for names that the engine has no module for. There is one for every name that [`normalize`] gives, but not with
/// attributes; the importer of such a one is refused before it is linked.
///
/// # Safety
/// Only the engine calls it, with a live context.
unsafe extern "C" fn loader(
    context: *mut qjs::JSContext,
    name: *const c_char,
    _: *mut c_void,
    _: qjs::JSValue,
) -> *mut qjs::JSModuleDef {
    // SAFETY: the engine gives a live context and a text that ends in a zero.
    unsafe { qjs::JS_NewCModule(context, name, Some(fill)) }
}

fn raw(ctx: &Ctx<'_>) -> *mut qjs::JSContext {
    ctx.as_raw().as_ptr()
}

fn own<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(value) } {
        return Err(Error::Exception);
    }
    // SAFETY: the value is owned and belongs to this context.
    Ok(unsafe { Value::from_raw(ctx.clone(), value) })
}
