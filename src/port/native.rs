//! Functions that JavaScript calls and Rust answers: one trampoline that catches panics and throws typed errors, and
//! the prototypes made of such functions. They find their state by their environment, never through a pointer of
//! their own, so a function that outlives its client is harmless.

#![expect(unsafe_code, reason = "C callbacks of Node-API; the host port is one of the named places")]

use super::ffi::{Env, Try, Value};
use super::raise::Raise;
use napi_ohos::sys;
use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// What a native function was called with. Arguments that were not given are `undefined`.
pub struct Invocation<'s> {
    /// The object it was called on.
    pub this: Value<'s>,
    /// The first arguments.
    pub arguments: [Value<'s>; 2],
    data: *mut c_void,
}

/// What stands behind a native function.
pub type Body = for<'s> fn(Env<'s>, &Invocation<'s>) -> Result<Value<'s>, Raise<'s>>;

/// What Node-API calls.
pub type Trampoline = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// Makes the C function `$name` that runs the Rust function `$body`.
macro_rules! native {
    ($name:ident, $body:path) => {
        #[expect(unsafe_code, reason = "a C callback of Node-API; the host port is one of the named places")]
        unsafe extern "C" fn $name(
            env: napi_ohos::sys::napi_env,
            info: napi_ohos::sys::napi_callback_info,
        ) -> napi_ohos::sys::napi_value {
            // SAFETY: Node-API gives both for the time of this call, on the environment's thread.
            unsafe { $crate::port::native::enter(env, info, $body) }
        }
    };
}
pub(super) use native;

/// Runs the body of a native function.
///
/// # Safety
/// Called by a trampoline only, with what Node-API gave it.
pub unsafe fn enter(raw: sys::napi_env, info: sys::napi_callback_info, body: Body) -> sys::napi_value {
    // SAFETY: this function's own condition; the lifetime ends with this call.
    let env = unsafe { Env::of(raw) };
    let mut arguments = [ptr::null_mut(); 2];
    let mut count = arguments.len();
    let mut this = ptr::null_mut();
    let mut data = ptr::null_mut();
    // SAFETY: the pointers are valid, and `count` says how many arguments have room.
    let status = unsafe { sys::napi_get_cb_info(raw, info, &mut count, arguments.as_mut_ptr(), &mut this, &mut data) };
    if status != sys::Status::napi_ok {
        return ptr::null_mut();
    }
    let invocation = Invocation { this: Value::of(this), arguments: arguments.map(Value::of), data };
    // No panic may leave a C function (C27).
    let result = catch_unwind(AssertUnwindSafe(|| body(env, &invocation))).unwrap_or(Err(Raise::panicked()));
    match result {
        Ok(value) => value.raw(),
        Err(raise) => {
            raise.throw(env);
            ptr::null_mut()
        }
    }
}

/// One member of a prototype.
pub enum Member {
    /// A method.
    Method(&'static CStr, Trampoline),
    /// A read-only property that is worked out when it is read.
    Getter(&'static CStr, Trampoline),
}

impl<'s> Env<'s> {
    /// A function.
    pub fn function(self, name: &CStr, trampoline: Trampoline) -> Try<'s> {
        self.function_with(name, trampoline, ptr::null_mut())
    }

    fn function_with(self, name: &CStr, trampoline: Trampoline, data: *mut c_void) -> Try<'s> {
        let mut function = ptr::null_mut();
        let length = name.count_bytes().cast_signed();
        // SAFETY: the environment is alive (`Env`), the name is valid for its length, and `data` is either null or
        // outlives every call of the function (`call_with_visitor`).
        let status = unsafe {
            sys::napi_create_function(self.raw(), name.as_ptr(), length, Some(trampoline), data, &mut function)
        };
        self.check(status).map(|()| Value::of(function))
    }

    /// An object with these members, to be the prototype of others.
    pub fn prototype(self, members: &[Member]) -> Try<'s> {
        let object = self.object()?;
        let descriptors: Vec<sys::napi_property_descriptor> = members.iter().map(descriptor).collect();
        // SAFETY: environment and object are alive, and the descriptors are valid for their number.
        let status =
            unsafe { sys::napi_define_properties(self.raw(), object.raw(), descriptors.len(), descriptors.as_ptr()) };
        self.check(status).map(|()| object)
    }

    /// Gives an object a member of its own, whatever its prototype has under that name.
    pub fn define(self, object: Value<'s>, name: &'static CStr, value: Value<'s>) -> Try<'s, ()> {
        let mut descriptor = sys::napi_property_descriptor { value: value.raw(), ..named(name) };
        descriptor.attributes |= sys::PropertyAttributes::enumerable;
        // SAFETY: environment, object and value are alive, and there is one descriptor.
        self.check(unsafe { sys::napi_define_properties(self.raw(), object.raw(), 1, &descriptor) })
    }

    /// Calls `function(value, visit)`, where `visit` is a function of ours that sees `visitor` while the call runs.
    pub fn call_with_visitor<V: Visitor>(
        self,
        function: Value<'s>,
        this: Value<'s>,
        value: Value<'s>,
        visitor: &mut V,
    ) -> Try<'s> {
        let data: *mut c_void = ptr::from_mut(visitor).cast();
        let visit = self.function_with(c"visit", visit_trampoline::<V>, data)?;
        self.call(function, this, [value, visit])
    }
}

/// State that a native function sees while one call runs.
pub trait Visitor {
    /// Takes one step. The result is the value that the function returns.
    fn visit<'s>(&mut self, env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>>;
}

unsafe extern "C" fn visit_trampoline<V: Visitor>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: Node-API gives both for the time of this call, on the environment's thread.
    unsafe { enter(env, info, visit::<V>) }
}

fn visit<'s, V: Visitor>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let visitor: *mut V = invocation.data.cast();
    // SAFETY: `call_with_visitor` made this function with a pointer to its visitor, waits for the call to end, and hands
    // the function only to a built-in that calls it meanwhile, on this thread, and gives it to nobody.
    let visitor = unsafe { visitor.as_mut() };
    visitor.ok_or_else(Raise::panicked)?.visit(env, invocation)
}

fn descriptor(member: &Member) -> sys::napi_property_descriptor {
    match *member {
        Member::Method(name, trampoline) => sys::napi_property_descriptor { method: Some(trampoline), ..named(name) },
        Member::Getter(name, trampoline) => sys::napi_property_descriptor { getter: Some(trampoline), ..named(name) },
    }
}

fn named(name: &'static CStr) -> sys::napi_property_descriptor {
    sys::napi_property_descriptor {
        utf8name: name.as_ptr(),
        name: ptr::null_mut(),
        method: None,
        getter: None,
        setter: None,
        value: ptr::null_mut(),
        attributes: sys::PropertyAttributes::configurable | sys::PropertyAttributes::writable,
        data: ptr::null_mut(),
    }
}
