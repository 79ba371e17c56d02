//! The end of an environment: a hook that runs before it is torn down, once, on its thread. OpenHarmony tells hooks
//! apart by their argument alone, so each has an argument of its own: the address of what ends.

#![expect(unsafe_code, reason = "cleanup hooks take a C callback; the host port is one of the named places")]

use super::ffi::{Env, Try};
use napi_ohos::sys;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// What has to end before its environment does.
pub trait Ending {
    /// Ends it. Node-API must not be touched any more, but for what stops other threads from touching it.
    fn end(&self);
}

/// Makes `ending` end with its environment.
pub fn add<'s, T: Ending>(env: Env<'s>, ending: &Rc<T>) -> Try<'s, ()> {
    let argument: *mut c_void = Rc::into_raw(ending.clone()).cast_mut().cast();
    // SAFETY: the environment is alive and this is its thread (`Env`); the argument carries a count of its own, which
    // `run` or `remove` gives back, whichever comes.
    let status = unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(run::<T>), argument) };
    if status != sys::Status::napi_ok {
        // SAFETY: made by `into_raw` above, and the hook that would have given it back was not added.
        drop(unsafe { Rc::from_raw(argument.cast_const().cast::<T>()) });
    }
    env.check(status)
}

/// Takes the hook back: `ending` has ended before its environment.
pub fn remove<T: Ending>(env: Env<'_>, ending: &Rc<T>) {
    let argument: *mut c_void = Rc::as_ptr(ending).cast_mut().cast();
    // SAFETY: as above; an argument without a hook changes nothing.
    let status = unsafe { sys::napi_remove_env_cleanup_hook(env.raw(), Some(run::<T>), argument) };
    if status == sys::Status::napi_ok {
        // SAFETY: the count that `add` gave away; the hook cannot run any more.
        drop(unsafe { Rc::from_raw(argument.cast_const().cast::<T>()) });
    }
}

unsafe extern "C" fn run<T: Ending>(argument: *mut c_void) {
    // SAFETY: the count that `add` gave away; a hook runs once.
    let ending = unsafe { Rc::from_raw(argument.cast_const().cast::<T>()) };
    // No panic may leave a C function (C25). There is nobody left to tell.
    drop(catch_unwind(AssertUnwindSafe(|| ending.end())));
}
