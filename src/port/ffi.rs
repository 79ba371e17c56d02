//! The door to raw Node-API: values bound to the scope they live in, statuses turned into results.
//! An [`Env`] exists only inside a callback from JavaScript or inside the drain, always on its environment's thread;
//! nothing here may be kept beyond that, which the lifetimes see to. [`Reference`] is what may be kept.

#![expect(unsafe_code, reason = "raw Node-API is a C interface; the host port is one of the named places")]

pub use super::kind::Kind;
use napi_ohos::bindgen_prelude::Object;
use napi_ohos::{JsValue, Unknown, sys};
use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr;

/// The environment, during one scope on its own thread.
#[derive(Clone, Copy)]
pub struct Env<'s> {
    raw: sys::napi_env,
    scope: PhantomData<&'s ()>,
}

/// A JavaScript value, alive as long as the scope it was made in.
#[derive(Clone, Copy)]
pub struct Value<'s> {
    raw: sys::napi_value,
    scope: PhantomData<&'s ()>,
}

/// Tells the compiler that scope `'inner` lies within scope `'outer`.
pub struct Within<'inner, 'outer>(PhantomData<&'inner &'outer ()>);

/// Why a step failed.
#[derive(Clone, Copy)]
pub enum Fault<'s> {
    /// JavaScript threw this; the exception has been cleared.
    Thrown(Value<'s>),
    /// Node-API refused.
    Status(sys::napi_status),
}

/// What every step returns.
pub type Try<'s, T = Value<'s>> = Result<T, Fault<'s>>;

/// Calls a Node-API function whose last parameter receives a value.
macro_rules! value {
    ($env:expr, $function:ident $(, $argument:expr)*) => {{
        let mut result = ptr::null_mut();
        // SAFETY: the environment is alive and this is its thread (`Env`), every value is alive (`Value`), the other
        // pointers are valid for the call, and the result is read only after a good status.
        let status = unsafe { sys::$function($env.raw, $($argument,)* &mut result) };
        $env.check(status).map(|()| Value::of(result))
    }};
}

/// Calls a Node-API function whose last parameter receives plain data; `None` for any other status than "ok".
macro_rules! data {
    ($env:expr, $function:ident, $start:expr $(, $argument:expr)*) => {{
        let mut result = $start;
        // SAFETY: as in `value!`.
        let status = unsafe { sys::$function($env.raw, $($argument,)* &mut result) };
        (status == sys::Status::napi_ok).then_some(result)
    }};
}

impl<'s> From<Unknown<'s>> for Value<'s> {
    fn from(given: Unknown<'s>) -> Self {
        Self::of(JsValue::raw(&given))
    }
}

impl<'s> From<Object<'s>> for Value<'s> {
    fn from(given: Object<'s>) -> Self {
        Self::of(JsValue::raw(&given))
    }
}

impl<'s> Value<'s> {
    pub(super) fn of(raw: sys::napi_value) -> Self {
        Self { raw, scope: PhantomData }
    }

    pub(super) fn raw(self) -> sys::napi_value {
        self.raw
    }
}

impl<'s> Env<'s> {
    /// Wraps the environment of a running callback.
    ///
    /// # Safety
    /// `raw` is alive, this is its thread, and `'s` does not outlive the callback or handle scope that is open.
    pub(super) unsafe fn of(raw: sys::napi_env) -> Self {
        Self { raw, scope: PhantomData }
    }

    /// The environment of a running export. The binding makes one only for the time of a call, on its thread.
    pub fn of_export(env: &'s napi_ohos::Env) -> Self {
        // SAFETY: as said; the lifetime is that of the binding's own environment.
        unsafe { Self::of(env.raw()) }
    }

    /// A value as the binding takes it back from an export.
    pub fn hand_out(self, value: Value<'s>) -> Unknown<'s> {
        // SAFETY: environment and value are alive.
        unsafe { Unknown::from_raw_unchecked(self.raw, value.raw) }
    }

    pub(super) fn raw(self) -> sys::napi_env {
        self.raw
    }

    /// Turns a status into a result, and takes a pending exception along.
    pub(super) fn check(self, status: sys::napi_status) -> Try<'s, ()> {
        match status {
            sys::Status::napi_ok => Ok(()),
            sys::Status::napi_pending_exception => Err(self.take_exception()),
            other => Err(Fault::Status(other)),
        }
    }

    fn take_exception(self) -> Fault<'s> {
        let mut thrown = ptr::null_mut();
        // SAFETY: as in `value!`.
        let status = unsafe { sys::napi_get_and_clear_last_exception(self.raw, &mut thrown) };
        if status == sys::Status::napi_ok && !thrown.is_null() {
            return Fault::Thrown(Value::of(thrown));
        }
        Fault::Status(sys::Status::napi_pending_exception)
    }

    /// Runs `body` in a handle scope of its own: what it makes is released when it returns. Values of this scope may be
    /// used inside; values of the inner one cannot get out.
    pub fn scoped<R>(self, body: impl for<'inner> FnOnce(Env<'inner>, Within<'inner, 's>) -> R) -> R {
        let mut scope = ptr::null_mut();
        // SAFETY: as in `value!`; the scope is closed below, in order.
        let opened = unsafe { sys::napi_open_handle_scope(self.raw, &mut scope) } == sys::Status::napi_ok;
        let result = body(Env { raw: self.raw, scope: PhantomData }, Within(PhantomData));
        if opened {
            // SAFETY: opened above and not closed since.
            unsafe { sys::napi_close_handle_scope(self.raw, scope) };
        }
        result
    }

    /// `undefined`
    pub fn undefined(self) -> Try<'s> {
        value!(self, napi_get_undefined)
    }

    /// `null`
    pub fn null(self) -> Try<'s> {
        value!(self, napi_get_null)
    }

    /// A boolean.
    pub fn boolean(self, truth: bool) -> Try<'s> {
        value!(self, napi_get_boolean, truth)
    }

    /// A number.
    pub fn number(self, number: f64) -> Try<'s> {
        value!(self, napi_create_double, number)
    }

    /// A text.
    pub fn text(self, text: &str) -> Try<'s> {
        value!(self, napi_create_string_utf8, text.as_ptr().cast(), text.len().cast_signed())
    }

    /// An empty object.
    pub fn object(self) -> Try<'s> {
        value!(self, napi_create_object)
    }

    /// An empty array.
    pub fn array(self) -> Try<'s> {
        value!(self, napi_create_array)
    }

    /// The global object.
    pub fn global(self) -> Try<'s> {
        value!(self, napi_get_global)
    }

    /// An `Error` with this message.
    pub fn error(self, message: &str) -> Try<'s> {
        let message = self.text(message)?;
        value!(self, napi_create_error, ptr::null_mut(), message.raw)
    }

    /// What kind of value it is.
    pub fn kind(self, value: Value<'s>) -> Kind {
        match data!(self, napi_typeof, 0, value.raw) {
            Some(sys::ValueType::napi_undefined) => Kind::Undefined,
            Some(sys::ValueType::napi_null) => Kind::Null,
            Some(sys::ValueType::napi_boolean) => Kind::Boolean,
            Some(sys::ValueType::napi_number) => Kind::Number,
            Some(sys::ValueType::napi_string) => Kind::Text,
            Some(sys::ValueType::napi_object) => Kind::Object,
            Some(sys::ValueType::napi_function) => Kind::Function,
            _ => Kind::Other,
        }
    }

    /// Whether it is an array.
    pub fn is_array(self, value: Value<'s>) -> bool {
        data!(self, napi_is_array, false, value.raw).unwrap_or(false)
    }

    /// Whether it is a promise of the engine itself.
    pub fn is_promise(self, value: Value<'s>) -> bool {
        data!(self, napi_is_promise, false, value.raw).unwrap_or(false)
    }

    /// Whether it is an `Error`.
    pub fn is_error(self, value: Value<'s>) -> bool {
        data!(self, napi_is_error, false, value.raw).unwrap_or(false)
    }

    /// Whether both are the same value.
    pub fn same(self, one: Value<'s>, other: Value<'s>) -> bool {
        data!(self, napi_strict_equals, false, one.raw, other.raw).unwrap_or(false)
    }

    /// The number, if it is one.
    pub fn number_of(self, value: Value<'s>) -> Option<f64> {
        data!(self, napi_get_value_double, 0.0, value.raw)
    }

    /// The boolean, if it is one.
    pub fn boolean_of(self, value: Value<'s>) -> Option<bool> {
        data!(self, napi_get_value_bool, false, value.raw)
    }

    /// The text, if it is one. Unpaired surrogates become U+FFFD.
    pub fn text_of(self, value: Value<'s>) -> Option<String> {
        // Most texts are short: one call with a buffer on the stack instead of one for the length and one for the text.
        // Node-API writes at most the buffer's length and ends with a zero.
        let mut short = [0u8; 512];
        let length = data!(self, napi_get_value_string_utf8, 0, value.raw, short.as_mut_ptr().cast(), short.len())?;
        // A cut text stops up to four bytes early, on a character boundary.
        if length < short.len() - 4 {
            return Some(String::from_utf8_lossy(short.get(..length)?).into_owned());
        }
        let length = data!(self, napi_get_value_string_utf8, 0, value.raw, ptr::null_mut(), 0)?;
        let mut long = vec![0u8; length.checked_add(1)?];
        let length = data!(self, napi_get_value_string_utf8, 0, value.raw, long.as_mut_ptr().cast(), long.len())?;
        long.truncate(length);
        Some(String::from_utf8(long).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// A member.
    pub fn get(self, object: Value<'s>, key: Value<'s>) -> Try<'s> {
        value!(self, napi_get_property, object.raw, key.raw)
    }

    /// A member by a name of ours.
    pub fn member(self, object: Value<'s>, name: &CStr) -> Try<'s> {
        value!(self, napi_get_named_property, object.raw, name.as_ptr())
    }

    /// Sets a member.
    pub fn set(self, object: Value<'s>, key: Value<'s>, value: Value<'s>) -> Try<'s, ()> {
        // SAFETY: as in `value!`.
        self.check(unsafe { sys::napi_set_property(self.raw, object.raw, key.raw, value.raw) })
    }

    /// Sets a member by a name of ours.
    pub fn set_member(self, object: Value<'s>, name: &CStr, value: Value<'s>) -> Try<'s, ()> {
        // SAFETY: as in `value!`.
        self.check(unsafe { sys::napi_set_named_property(self.raw, object.raw, name.as_ptr(), value.raw) })
    }

    /// An item.
    pub fn item(self, array: Value<'s>, index: u32) -> Try<'s> {
        value!(self, napi_get_element, array.raw, index)
    }

    /// Sets an item.
    pub fn set_item(self, array: Value<'s>, index: u32, value: Value<'s>) -> Try<'s, ()> {
        // SAFETY: as in `value!`.
        self.check(unsafe { sys::napi_set_element(self.raw, array.raw, index, value.raw) })
    }

    /// How many items an array has; 0 for anything else.
    pub fn length(self, array: Value<'s>) -> u32 {
        data!(self, napi_get_array_length, 0, array.raw).unwrap_or(0)
    }

    /// Calls a function.
    pub fn call<const N: usize>(self, function: Value<'s>, this: Value<'s>, arguments: [Value<'s>; N]) -> Try<'s> {
        let arguments = arguments.map(Value::raw);
        value!(self, napi_call_function, this.raw, function.raw, N, arguments.as_ptr())
    }

    /// Throws `error` when the running callback returns.
    pub fn throw(self, error: Value<'s>) {
        // SAFETY: as in `value!`. A refusal means an exception is pending already, which is as good.
        unsafe { sys::napi_throw(self.raw, error.raw) };
    }

    /// A promise, and what settles it.
    pub fn promise(self) -> Try<'s, (Deferred, Value<'s>)> {
        let mut deferred = ptr::null_mut();
        let promise = value!(self, napi_create_promise, &mut deferred)?;
        Ok((Deferred(deferred), promise))
    }

    /// Keeps an object or function beyond this scope.
    pub fn keep(self, value: Value<'s>) -> Try<'s, Reference> {
        data!(self, napi_create_reference, ptr::null_mut(), value.raw, 1)
            .map(Reference)
            .ok_or(Fault::Status(sys::Status::napi_generic_failure))
    }

    /// What was kept.
    pub fn kept(self, reference: &Reference) -> Try<'s> {
        value!(self, napi_get_reference_value, reference.0)
    }

    /// Lets go of what was kept.
    pub fn release(self, reference: Reference) {
        // SAFETY: as in `value!`; the reference was made by `keep` and cannot be used again.
        unsafe { sys::napi_delete_reference(self.raw, reference.0) };
    }
}

/// An object or function that is kept beyond a scope. Its environment frees it at the latest when it ends, so there is
/// nothing to do on drop; [`Env::release`] frees it earlier.
pub struct Reference(sys::napi_ref);

/// Settles a promise, once.
pub struct Deferred(sys::napi_deferred);

impl Deferred {
    /// Fulfils or rejects the promise.
    pub fn settle<'s>(self, env: Env<'s>, result: Result<Value<'s>, Value<'s>>) {
        // SAFETY: as in `value!`; a deferred is used once, since it is moved here. A refusal means the environment is
        // ending, and nobody waits any more.
        unsafe {
            match result {
                Ok(value) => sys::napi_resolve_deferred(env.raw, self.0, value.raw),
                Err(error) => sys::napi_reject_deferred(env.raw, self.0, error.raw),
            }
        };
    }
}
