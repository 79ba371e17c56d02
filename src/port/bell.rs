//! What wakes the host's thread: one thread-safe function that carries nothing. Rung from any thread, hung up and taken
//! down on the host's; once taken down it is never touched again.

#![expect(unsafe_code, reason = "the thread-safe function is a C handle; the host port is one of the named places")]

use super::drain::drain;
use super::environment::Environment;
use super::ffi::{Env, Try};
use crate::session::Session;
use napi_ohos::sys;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rings pile up to this many at most; one suffices, the second leaves room for the ring out of the drain itself.
const MOST_RINGS: usize = 2;

/// The thread-safe function, while there is one. An atomic pointer may go to other threads, which is what the handle
/// is made for; the lock makes sure that nobody holds it when it is taken down.
#[derive(Default)]
pub struct Bell(Mutex<Option<AtomicPtr<sys::napi_threadsafe_function__>>>);

impl Bell {
    /// Makes the bell ring in `session`. Keeps the environment alive until it is taken down.
    pub fn hang<'s>(env: Env<'s>, session: &Rc<Session>) -> Try<'s, ()> {
        let name = env.text("finapp")?;
        let context: *mut c_void = Rc::into_raw(session.clone()).cast_mut().cast();
        let mut handle = ptr::null_mut();
        // SAFETY: the environment is alive and this is its thread (`Env`); `context` carries a count of its own, which
        // `on_gone` gives back.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw(),
                MOST_RINGS,
                1,
                context,
                Some(on_gone),
                context,
                Some(on_ring),
                &mut handle,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: made by `into_raw` above, and the function that would have given it back was not made.
            drop(unsafe { Rc::from_raw(context.cast_const().cast::<Session>()) });
        }
        env.check(status)?;
        *session.port.bell().handle() = Some(AtomicPtr::new(handle));
        session.port.ring_again();
        Ok(())
    }

    /// Wakes the host's thread. From any thread; does nothing without a handle.
    pub fn ring(&self) {
        let mut handle = self.handle();
        let Some(raw) = handle.as_ref().map(|raw| raw.load(Ordering::Relaxed)) else { return };
        // SAFETY: under the lock nobody can have taken the handle down.
        let status = unsafe {
            sys::napi_call_threadsafe_function(raw, ptr::null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking)
        };
        // A full queue means that a ring is on its way already. A closing one must never be used again.
        if !matches!(status, sys::Status::napi_ok | sys::Status::napi_queue_full) {
            *handle = None;
        }
    }

    /// Takes the bell down, for good. On the host's thread.
    pub fn take_down(&self) {
        let Some(raw) = self.handle().take() else { return };
        // SAFETY: taken out under the lock, so this is its last use, and nobody else is using it.
        unsafe { sys::napi_release_threadsafe_function(raw.into_inner(), sys::ThreadsafeFunctionReleaseMode::abort) };
    }

    fn handle(&self) -> MutexGuard<'_, Option<AtomicPtr<sys::napi_threadsafe_function__>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs on the host's thread for each ring. What is left over when the environment ends comes without one.
unsafe extern "C" fn on_ring(raw: sys::napi_env, _: sys::napi_value, context: *mut c_void, _: *mut c_void) {
    if raw.is_null() || context.is_null() {
        return;
    }
    // SAFETY: `hang` gave the context with a count of its own, which `on_gone` gives back after the last ring with an
    // environment; one more is taken for the time of this call.
    let session = unsafe {
        let context = context.cast_const().cast::<Session>();
        Rc::increment_strong_count(context);
        Rc::from_raw(context)
    };
    // SAFETY: Node-API gives a live environment on its own thread, with a handle scope open for this call.
    let env = unsafe { Env::of(raw) };
    // Each call is guarded on its own; this one only keeps a panic of the drain itself inside (C27).
    if catch_unwind(AssertUnwindSafe(|| drain(env, &session))).is_err() {
        if let Some(environment) = Environment::find(env) {
            environment.calls.stop_holding();
        }
        session.port.ring_again();
    }
}

/// Runs on the host's thread when the bell is gone.
unsafe extern "C" fn on_gone(_: sys::napi_env, context: *mut c_void, _: *mut c_void) {
    // SAFETY: the count that `hang` gave away.
    drop(unsafe { Rc::from_raw(context.cast_const().cast::<Session>()) });
}
