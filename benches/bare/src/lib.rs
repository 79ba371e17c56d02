//! The reference of the Node benches: a Rust thread calls a function of the host through a bare thread-safe function,
//! and the answer comes back over a bare channel. No JSON, no queue and no batch of ours is on the way.

use napi_sys_ohos as sys;
use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

thread_local! {
    /// Where the answers of the run in progress go. Used on the host's thread alone.
    static ANSWERS: RefCell<Option<Sender<u32>>> = const { RefCell::new(None) };
}

/// Set in the number that a thread-safe function carries when the run is over; the rest is its time in nanoseconds.
const OVER: usize = 1 << 63;

/// Node calls this once: `roundTrips(calls, handler)`, `pipe(calls, window, handler)` and `answer(id)`.
///
/// # Safety
/// Only Node may call it, while it loads the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: sys::napi_env, exports: sys::napi_value) -> sys::napi_value {
    export(env, exports, c"roundTrips", round_trips);
    export(env, exports, c"pipe", pipe);
    export(env, exports, c"answer", answer);
    exports
}

type Native = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

fn export(env: sys::napi_env, exports: sys::napi_value, name: &CStr, native: Native) {
    let mut function = ptr::null_mut();
    let length = name.count_bytes() as isize;
    // SAFETY: environment and object are those Node loads this module with; the name outlives the call.
    unsafe {
        done(sys::napi_create_function(env, name.as_ptr(), length, Some(native), ptr::null_mut(), &mut function));
        done(sys::napi_set_named_property(env, exports, name.as_ptr(), function));
    }
}

// A bench that cannot go on ends its process.
fn done(status: sys::napi_status) {
    assert_eq!(status, sys::Status::napi_ok, "a bare Node-API call fails");
}

/// `roundTrips(calls, handler)`: one call after another, each answered by what `handler(id)` returns. At the end
/// `handler(undefined, nanoseconds)`.
unsafe extern "C" fn round_trips(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [calls, handler] = arguments(env, info);
    start(env, handler, Some(on_round_trip), number(env, calls), 1);
    ptr::null_mut()
}

/// `pipe(calls, window, handler)`: up to `window` calls at once, each answered by `answer(id)`. At the end as above.
unsafe extern "C" fn pipe(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [calls, window, handler] = arguments(env, info);
    start(env, handler, Some(on_call), number(env, calls), number(env, window));
    ptr::null_mut()
}

/// `answer(id)`
unsafe extern "C" fn answer(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [id] = arguments(env, info);
    give(number(env, id));
    ptr::null_mut()
}

fn give(id: u32) {
    ANSWERS.with_borrow(|answers| answers.as_ref().is_some_and(|answers| answers.send(id).is_ok()));
}

fn arguments<const COUNT: usize>(env: sys::napi_env, info: sys::napi_callback_info) -> [sys::napi_value; COUNT] {
    let mut values = [ptr::null_mut(); COUNT];
    let mut count = COUNT;
    // SAFETY: Node gives both for the call in progress; `count` says how many values there is room for.
    done(unsafe {
        sys::napi_get_cb_info(env, info, &mut count, values.as_mut_ptr(), ptr::null_mut(), ptr::null_mut())
    });
    values
}

fn number(env: sys::napi_env, value: sys::napi_value) -> u32 {
    let mut number = 0;
    // SAFETY: environment and value belong to the call in progress.
    done(unsafe { sys::napi_get_value_uint32(env, value, &mut number) });
    number
}

/// Makes the thread-safe function and the thread that calls it.
fn start(
    env: sys::napi_env,
    handler: sys::napi_value,
    on_call: sys::napi_threadsafe_function_call_js,
    calls: u32,
    window: u32,
) {
    let (sender, answers) = channel();
    ANSWERS.set(Some(sender));
    let (mut name, mut bell) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: environment and handler belong to the call in progress; the text and the out pointers are valid.
    unsafe {
        done(sys::napi_create_string_utf8(env, c"bare".as_ptr(), 4, &mut name));
        done(sys::napi_create_threadsafe_function(
            env,
            handler,
            ptr::null_mut(),
            name,
            0,
            1,
            ptr::null_mut(),
            None,
            ptr::null_mut(),
            on_call,
            &mut bell,
        ));
    }
    let bell = AtomicPtr::new(bell);
    #[expect(clippy::disallowed_methods, reason = "a bench keeps its own thread")]
    std::thread::spawn(move || run(bell.load(Ordering::Relaxed), &answers, calls, window));
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn run(bell: sys::napi_threadsafe_function, answers: &Receiver<u32>, calls: u32, window: u32) {
    let ring = |carried: usize| {
        let carried: *mut c_void = ptr::without_provenance_mut(carried);
        // SAFETY: the function lives until it is released below. What it carries is a number, never followed.
        done(unsafe {
            sys::napi_call_threadsafe_function(bell, carried, sys::ThreadsafeFunctionCallMode::nonblocking)
        });
    };
    let began = Instant::now();
    let (mut sent, mut answered) = (0, 0);
    while answered < calls {
        while sent < calls && sent - answered < window {
            ring(sent as usize);
            sent += 1;
        }
        assert!(answers.recv().is_ok(), "the host's thread keeps the other end");
        answered += 1;
    }
    ring(OVER | began.elapsed().as_nanos() as usize);
    // SAFETY: the last use of the function.
    done(unsafe { sys::napi_release_threadsafe_function(bell, sys::ThreadsafeFunctionReleaseMode::release) });
}

unsafe extern "C" fn on_round_trip(env: sys::napi_env, handler: sys::napi_value, _: *mut c_void, carried: *mut c_void) {
    if let Some(answer) = call(env, handler, carried.addr()) {
        give(number(env, answer));
    }
}

unsafe extern "C" fn on_call(env: sys::napi_env, handler: sys::napi_value, _: *mut c_void, carried: *mut c_void) {
    call(env, handler, carried.addr());
}

/// Calls `handler(id)`, and gives what it returns; or tells it that the run is over.
fn call(env: sys::napi_env, handler: sys::napi_value, carried: usize) -> Option<sys::napi_value> {
    // The environment ends before the run does.
    if env.is_null() {
        return None;
    }
    let (mut undefined, mut argument, mut returned) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let over = carried & OVER != 0;
    // SAFETY: Node gives environment and handler for this call, on its own thread and with a handle scope open.
    unsafe {
        done(sys::napi_get_undefined(env, &mut undefined));
        if over {
            done(sys::napi_create_double(env, (carried & !OVER) as f64, &mut argument));
            let arguments = [undefined, argument];
            done(sys::napi_call_function(env, undefined, handler, 2, arguments.as_ptr(), &mut returned));
        } else {
            done(sys::napi_create_uint32(env, carried as u32, &mut argument));
            done(sys::napi_call_function(env, undefined, handler, 1, &argument, &mut returned));
        }
    }
    (!over).then_some(returned)
}
