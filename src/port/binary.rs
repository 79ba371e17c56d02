//! `ArrayBuffer`, typed arrays and `DataView`: bytes that come without a copy where the platform allows it, and are
//! copied once on their way out, since the host may change its buffer afterwards.

#![expect(unsafe_code, reason = "buffers of the host engine are raw memory; the host port is one of the named places")]

use super::ffi::{Env, Fault, Try, Value};
use finapp_core::bridge::BinaryKind;
use napi_ohos::sys::{self, TypedarrayType};
use std::ffi::c_void;
use std::ptr;

/// Below this, a copy is cheaper than a buffer with a finalizer.
const COPIED_BELOW: usize = 4 * 1024;

/// A value of this kind with these bytes.
pub fn value<'s>(env: Env<'s>, kind: BinaryKind, bytes: Vec<u8>) -> Try<'s> {
    let length = bytes.len();
    // An empty external buffer is refused by some engines.
    let buffer = if length < COPIED_BELOW { copied(env, &bytes)? } else { shared(env, bytes)? };
    let mut result = ptr::null_mut();
    let status = match shape(kind) {
        Shape::Buffer => return Ok(buffer),
        // SAFETY: environment and buffer are alive, and the view covers exactly the buffer.
        Shape::View => unsafe { sys::napi_create_dataview(env.raw(), length, buffer.raw(), 0, &mut result) },
        Shape::Array(array, size) => {
            // SAFETY: as above; a length that is no multiple of the item size leaves the last bytes out.
            unsafe { sys::napi_create_typedarray(env.raw(), array, length / size, buffer.raw(), 0, &mut result) }
        }
    };
    env.check(status).map(|()| Value::of(result))
}

fn copied<'s>(env: Env<'s>, bytes: &[u8]) -> Try<'s> {
    let mut data = ptr::null_mut();
    let mut result = ptr::null_mut();
    // SAFETY: the environment is alive, and the pointers are valid.
    env.check(unsafe { sys::napi_create_arraybuffer(env.raw(), bytes.len(), &mut data, &mut result) })?;
    if !data.is_null() && !bytes.is_empty() {
        // SAFETY: the engine has just made the buffer with this many bytes, and nobody else knows it.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast(), bytes.len()) };
    }
    Ok(Value::of(result))
}

fn shared<'s>(env: Env<'s>, bytes: Vec<u8>) -> Try<'s> {
    let mut bytes = Box::new(bytes);
    let (data, length): (*mut c_void, usize) = (bytes.as_mut_ptr().cast(), bytes.len());
    let owner: *mut c_void = Box::into_raw(bytes).cast();
    let mut result = ptr::null_mut();
    // SAFETY: the vector stays where it is until `free` gets its box back.
    let status =
        unsafe { sys::napi_create_external_arraybuffer(env.raw(), data, length, Some(free), owner, &mut result) };
    if status == sys::Status::napi_ok {
        return Ok(Value::of(result));
    }
    // SAFETY: made by `into_raw` above, and the buffer that would have freed it was not made.
    let bytes = unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) };
    copied(env, &bytes)
}

unsafe extern "C" fn free(_: sys::napi_env, _: *mut c_void, owner: *mut c_void) {
    // SAFETY: the box that `shared` gave away; a finalizer runs once.
    drop(unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) });
}

/// The bytes of a value, as long as its scope lasts and no JavaScript runs.
pub struct View {
    /// What kind of value it is.
    pub kind: BinaryKind,
    data: *const u8,
    length: usize,
}

impl View {
    /// How many bytes there are.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Copies the bytes. To be called before JavaScript runs again, which could detach the buffer.
    pub fn copy(&self) -> Vec<u8> {
        if self.data.is_null() || self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the engine has just told where the bytes are, and no JavaScript has run since.
        unsafe { std::slice::from_raw_parts(self.data, self.length) }.to_vec()
    }
}

/// The bytes of `value`, if it has any.
pub fn view<'s>(env: Env<'s>, value: Value<'s>) -> Result<Option<View>, Fault<'s>> {
    let (raw, value) = (env.raw(), value.raw());
    let (mut data, mut length) = (ptr::null_mut(), 0);
    let mut is = false;
    // SAFETY: environment and value are alive, and all pointers are valid.
    unsafe {
        if sys::napi_is_arraybuffer(raw, value, &mut is) == sys::Status::napi_ok && is {
            env.check(sys::napi_get_arraybuffer_info(raw, value, &mut data, &mut length))?;
            return Ok(Some(View { kind: BinaryKind::ArrayBuffer, data: data.cast(), length }));
        }
        if sys::napi_is_typedarray(raw, value, &mut is) == sys::Status::napi_ok && is {
            let (mut array, mut buffer, mut offset) = (0, ptr::null_mut(), 0);
            env.check(sys::napi_get_typedarray_info(
                raw,
                value,
                &mut array,
                &mut length,
                &mut data,
                &mut buffer,
                &mut offset,
            ))?;
            let Some((kind, size)) = array_kind(array) else { return Ok(None) };
            // Node counts items, OpenHarmony bytes.
            let length = if cfg!(target_env = "ohos") { length } else { length.saturating_mul(size) };
            return Ok(Some(View { kind, data: data.cast(), length }));
        }
        if sys::napi_is_dataview(raw, value, &mut is) == sys::Status::napi_ok && is {
            let (mut buffer, mut offset) = (ptr::null_mut(), 0);
            env.check(sys::napi_get_dataview_info(raw, value, &mut length, &mut data, &mut buffer, &mut offset))?;
            return Ok(Some(View { kind: BinaryKind::DataView, data: data.cast(), length }));
        }
    }
    Ok(None)
}

enum Shape {
    Buffer,
    View,
    Array(sys::napi_typedarray_type, usize),
}

/// Typed arrays: ours, Node-API's, and the size of an item.
const ARRAYS: [(BinaryKind, sys::napi_typedarray_type, usize); 11] = [
    (BinaryKind::Int8Array, TypedarrayType::int8_array, 1),
    (BinaryKind::Uint8Array, TypedarrayType::uint8_array, 1),
    (BinaryKind::Uint8ClampedArray, TypedarrayType::uint8_clamped_array, 1),
    (BinaryKind::Int16Array, TypedarrayType::int16_array, 2),
    (BinaryKind::Uint16Array, TypedarrayType::uint16_array, 2),
    (BinaryKind::Int32Array, TypedarrayType::int32_array, 4),
    (BinaryKind::Uint32Array, TypedarrayType::uint32_array, 4),
    (BinaryKind::Float32Array, TypedarrayType::float32_array, 4),
    (BinaryKind::Float64Array, TypedarrayType::float64_array, 8),
    (BinaryKind::BigInt64Array, TypedarrayType::bigint64_array, 8),
    (BinaryKind::BigUint64Array, TypedarrayType::biguint64_array, 8),
];

fn shape(kind: BinaryKind) -> Shape {
    match ARRAYS.iter().find(|(ours, ..)| *ours == kind) {
        Some(&(_, array, size)) => Shape::Array(array, size),
        None if kind == BinaryKind::DataView => Shape::View,
        None => Shape::Buffer,
    }
}

fn array_kind(array: sys::napi_typedarray_type) -> Option<(BinaryKind, usize)> {
    ARRAYS.iter().find(|(_, theirs, _)| *theirs == array).map(|&(kind, _, size)| (kind, size))
}
