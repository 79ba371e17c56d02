//! Node on Linux only: the two places where napi-ohos counts on OpenHarmony's Node-API. The linker's `--wrap`
//! (build.rs) sends this module's own calls of these two functions here; nobody else's are touched.

#![expect(unsafe_code, reason = "stand-ins for two C functions; one of the named places")]

use napi_ohos::sys;
use std::ffi::c_void;
use std::ptr;

unsafe extern "C" {
    /// Node's own `napi_wrap`.
    fn __real_napi_wrap(
        env: sys::napi_env,
        object: sys::napi_value,
        native: *mut c_void,
        finalize: sys::napi_finalize,
        hint: *mut c_void,
        result: *mut sys::napi_ref,
    ) -> sys::napi_status;
}

/// The reference that `napi_wrap` gives back starts at 1 on OpenHarmony, and napi-ohos takes it down by one. In Node it
/// starts at 0, where taking it down is an error: one is added first.
///
/// # Safety
/// As `napi_wrap`.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_napi_wrap(
    env: sys::napi_env,
    object: sys::napi_value,
    native: *mut c_void,
    finalize: sys::napi_finalize,
    hint: *mut c_void,
    result: *mut sys::napi_ref,
) -> sys::napi_status {
    // SAFETY: handed on as it came; this function's condition is the same.
    let status = unsafe { __real_napi_wrap(env, object, native, finalize, hint, result) };
    if status != sys::Status::napi_ok || result.is_null() {
        return status;
    }
    // SAFETY: a good status means that `result` holds a reference of this environment.
    unsafe { sys::napi_reference_ref(env, *result, ptr::null_mut()) }
}

/// napi-ohos registers a record that lies on its own stack. OpenHarmony copies it, Node keeps the pointer and reads it
/// later. Unregistered, Node finds `napi_register_module_v1` by its name.
#[unsafe(no_mangle)]
extern "C" fn __wrap_napi_module_register(_: *mut sys::napi_module) {}
