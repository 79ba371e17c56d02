//! Instances of exported classes that Rust makes. The binding's own way keeps each of them for ever (its reference to
//! the object starts at one and is never taken down), so the wrapping is done here: the object goes when nobody in
//! ArkTS holds it, and takes its Rust half along.

#![expect(unsafe_code, reason = "wrapping is a C interface; the host port is one of the named places")]

use super::ffi::{Env, Reference, Try, Value};
use napi_ohos::bindgen_prelude::___CALL_FROM_FACTORY as MADE_BY_RUST;
use napi_ohos::sys;
use std::ffi::{CStr, c_void};
use std::ptr;

/// The Rust half of an exported class.
pub trait Exported: 'static {
    /// The name of the class among the exports.
    const NAME: &'static CStr;
}

/// Constructors of exported classes, as the module was loaded with them.
pub struct Classes(Vec<(&'static CStr, Reference)>);

impl Classes {
    /// Finds the classes of these names among the exports.
    pub fn capture<'s>(env: Env<'s>, exports: Value<'s>, names: &[&'static CStr]) -> Try<'s, Self> {
        let keep = |name: &&'static CStr| Ok((*name, env.keep(env.member(exports, name)?)?));
        names.iter().map(keep).collect::<Try<'s, _>>().map(Self)
    }

    /// A new object with `instance` as its Rust half.
    pub fn instance<'s, T: Exported>(&self, env: Env<'s>, instance: T) -> Try<'s> {
        let class = self.0.iter().find(|(name, _)| *name == T::NAME);
        let missing = super::ffi::Fault::Status(sys::Status::napi_generic_failure);
        let constructor = env.kept(&class.ok_or(missing)?.1)?;
        let mut object = ptr::null_mut();
        // The constructor refuses everybody else: there is no `new` for these classes.
        MADE_BY_RUST.set(true);
        // SAFETY: environment and constructor are alive, and there are no arguments.
        let status = unsafe { sys::napi_new_instance(env.raw(), constructor.raw(), 0, ptr::null(), &mut object) };
        MADE_BY_RUST.set(false);
        env.check(status)?;
        let half: *mut c_void = Box::into_raw(Box::new(instance)).cast();
        // SAFETY: the object was made by the constructor that belongs to `T`, so its methods expect a `T`; `half` is
        // given back by `drop_half`. Without a reference the object may be collected.
        let status =
            unsafe { sys::napi_wrap(env.raw(), object, half, Some(drop_half::<T>), ptr::null_mut(), ptr::null_mut()) };
        if status != sys::Status::napi_ok {
            // SAFETY: made by `into_raw` above, and nothing refers to it.
            drop(unsafe { Box::from_raw(half.cast::<T>()) });
        }
        env.check(status).map(|()| Value::of(object))
    }
}

unsafe extern "C" fn drop_half<T>(_: sys::napi_env, half: *mut c_void, _: *mut c_void) {
    // SAFETY: the box that `instance` gave away; a finalizer runs once. Nothing that it holds touches Node-API when it
    // is dropped.
    drop(unsafe { Box::from_raw(half.cast::<T>()) });
}
