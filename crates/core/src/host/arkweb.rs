//! The door to ArkWeb's C interface: tables of functions, and what ArkWeb calls back. It is given numbers and never
//! addresses, so whatever it calls after a page is gone finds nobody; it calls on threads of its own choosing. What decides
//! is in `crate::arkweb`.

#![expect(unsafe_code, reason = "ArkWeb is a C interface; this file is one of the named places")]

use crate::arkweb::{ArkWeb, Key, Members, Method, OBJECT, called, destroyed};
use arkweb_sys::arkweb_interface::{ArkWeb_NativeAPIVariantKind as Kind, OH_ArkWeb_GetNativeAPI};
use arkweb_sys::arkweb_type::{
    ArkWeb_ComponentAPI, ArkWeb_ControllerAPI, ArkWeb_JavaScriptBridgeData, ArkWeb_JavaScriptObject,
    ArkWeb_OnComponentCallback, ArkWeb_OnJavaScriptProxyCallback, ArkWeb_ProxyMethod, ArkWeb_ProxyObject,
};
use std::ffi::{CStr, c_char, c_void};
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{ptr, slice};

type Run = unsafe extern "C" fn(*const c_char, *const ArkWeb_JavaScriptObject);
type Register = unsafe extern "C" fn(*const c_char, *const ArkWeb_ProxyObject, *const c_char);
type Unregister = unsafe extern "C" fn(*const c_char, *const c_char);
type CallingFrame = unsafe extern "C" fn() -> *const c_char;
type OnDestroy = unsafe extern "C" fn(*const c_char, ArkWeb_OnComponentCallback, *mut c_void);

/// How many arguments of a method are looked at.
const ARGUMENTS: usize = 3;

/// The functions of this device's ArkWeb.
#[derive(Debug)]
pub struct Functions {
    run: Run,
    unregister: Unregister,
    register: Register,
    calling_frame: CallingFrame,
    /// Without it the host alone says when a component goes.
    on_destroy: Option<OnDestroy>,
}

/// Reads a member of a table; none when the table ends before it, or has no function there.
macro_rules! member {
    ($table:expr, $members:expr, $type:ident, $name:ident) => {
        if $members.reach(offset_of!($type, $name), size_of::<Option<CallingFrame>>()) {
            // SAFETY: the table is one of this kind and reaches over the member, which is a function's address or null; it
            // belongs to ArkWeb and is never changed or freed.
            unsafe { std::ptr::read(&raw const (*$table.cast::<$type>()).$name) }
        } else {
            None
        }
    };
}

impl Functions {
    /// Looks for all that is needed: lists of who may see an object came with API 18, and the address of the calling frame
    /// with API 14. On the host's thread alone.
    #[must_use]
    pub fn find() -> Option<Self> {
        // SAFETY: gives the table, or null for a kind that ArkWeb does not know; this is the host's thread.
        let controller = unsafe { OH_ArkWeb_GetNativeAPI(Kind::ARKWEB_NATIVE_CONTROLLER) };
        if controller.is_null() {
            return None;
        }
        // SAFETY: every table begins with its size.
        let members = Members::within(unsafe { (*controller).size });
        Some(Self {
            run: member!(controller, members, ArkWeb_ControllerAPI, runJavaScript)?,
            unregister: member!(controller, members, ArkWeb_ControllerAPI, deleteJavaScriptRegister)?,
            register: member!(controller, members, ArkWeb_ControllerAPI, registerAsyncJavaScriptProxyEx)?,
            calling_frame: member!(controller, members, ArkWeb_ControllerAPI, getLastJavascriptProxyCallingFrameUrl)?,
            on_destroy: Self::find_on_destroy(),
        })
    }

    fn find_on_destroy() -> Option<OnDestroy> {
        // SAFETY: as above.
        let component = unsafe { OH_ArkWeb_GetNativeAPI(Kind::ARKWEB_NATIVE_COMPONENT) };
        if component.is_null() {
            return None;
        }
        // SAFETY: as above.
        let members = Members::within(unsafe { (*component).size });
        member!(component, members, ArkWeb_ComponentAPI, onDestroy)
    }
}

impl ArkWeb for Functions {
    fn register(&self, tag: &CStr, permission: &CStr, page: Key) {
        let methods = Method::ALL.map(|method| ArkWeb_ProxyMethod {
            methodName: method.name().as_ptr(),
            callback: callback(method),
            userData: as_user_data(page),
        });
        let object = ArkWeb_ProxyObject { objName: OBJECT.as_ptr(), methodList: methods.as_ptr(), size: methods.len() };
        // SAFETY: everything lives as long as the call, and ArkWeb copies it; the callbacks are functions of this file,
        // which stays loaded, and take any user data.
        unsafe { (self.register)(tag.as_ptr(), &raw const object, permission.as_ptr()) };
    }

    fn unregister(&self, tag: &CStr) {
        // SAFETY: two texts that live as long as the call. A tag without a component changes nothing.
        unsafe { (self.unregister)(tag.as_ptr(), OBJECT.as_ptr()) };
    }

    fn on_destroy(&self, tag: &CStr, page: Key) {
        if let Some(on_destroy) = self.on_destroy {
            // SAFETY: as for `register`.
            unsafe { on_destroy(tag.as_ptr(), Some(on_component_gone), as_user_data(page)) };
        }
    }

    fn run(&self, tag: &CStr, script: &str) {
        let script = ArkWeb_JavaScriptObject {
            buffer: script.as_ptr(),
            size: script.len(),
            // It is not documented that there may be none.
            callback: Some(on_script_value),
            userData: ptr::null_mut(),
        };
        // SAFETY: as for `register`.
        unsafe { (self.run)(tag.as_ptr(), &raw const script) };
    }

    fn calling_frame(&self) -> Option<String> {
        // SAFETY: takes nothing; gives a text or null.
        let url = unsafe { (self.calling_frame)() };
        if url.is_null() {
            return None;
        }
        // SAFETY: a text that ends with a zero; it stays until the next call on this thread, and is copied now.
        unsafe { CStr::from_ptr(url) }.to_str().ok().map(str::to_owned)
    }
}

/// A number that travels where C has an address. Nobody ever follows it.
fn as_user_data(page: Key) -> *mut c_void {
    ptr::without_provenance_mut(page.number())
}

fn callback(method: Method) -> ArkWeb_OnJavaScriptProxyCallback {
    Some(match method {
        Method::WebInvoke => on_web_invoke,
        Method::Invoke => on_invoke,
        Method::Publish => on_publish,
    })
}

/// Declares what ArkWeb calls when a page calls a method.
macro_rules! on_method {
    ($function:ident, $method:expr) => {
        unsafe extern "C" fn $function(
            _: *const c_char,
            arguments: *const ArkWeb_JavaScriptBridgeData,
            count: usize,
            page: *mut c_void,
        ) {
            // SAFETY: handed on as it came.
            unsafe { on_call($method, arguments, count, page) };
        }
    };
}

on_method!(on_web_invoke, Method::WebInvoke);
on_method!(on_invoke, Method::Invoke);
on_method!(on_publish, Method::Publish);

/// A page has called a method.
///
/// # Safety
/// `arguments` is null or `count` of them, each null or so many bytes as it says, and none changes before this returns.
unsafe fn on_call(method: Method, arguments: *const ArkWeb_JavaScriptBridgeData, count: usize, page: *mut c_void) {
    let count = if arguments.is_null() { 0 } else { count.min(ARGUMENTS) };
    let mut texts = [&[][..]; ARGUMENTS];
    for (index, text) in texts.iter_mut().enumerate().take(count) {
        // SAFETY: there are at least `count` of them.
        let argument = unsafe { &*arguments.add(index) };
        if !argument.buffer.is_null() && isize::try_from(argument.size).is_ok() {
            // SAFETY: so many bytes, as said, and no more than one object may have.
            *text = unsafe { slice::from_raw_parts(argument.buffer, argument.size) };
        }
    }
    let texts = texts.get(..count).unwrap_or_default();
    guarded(|| called(Key::of_number(page.addr()), method, texts));
}

unsafe extern "C" fn on_component_gone(_: *const c_char, page: *mut c_void) {
    guarded(|| destroyed(Key::of_number(page.addr())));
}

/// A script gave a value. Those that anybody waits for come as messages: ArkWeb waits for no promise.
unsafe extern "C" fn on_script_value(_: *const c_char, _: *const ArkWeb_JavaScriptBridgeData, _: *mut c_void) {}

/// No panic may leave a C function (C27). The hook of src/guard.rs has logged it.
fn guarded(body: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(body)));
}
