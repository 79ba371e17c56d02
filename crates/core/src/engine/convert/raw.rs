//! The few engine calls that the safe binding does not offer, each wrapped so that its condition is local.
#![expect(unsafe_code, reason = "the binding has no safe form of own-property access and typed arrays")]

use crate::bridge::BinaryKind;
use rquickjs::{Ctx, Error, Result, Value, qjs};
use std::ffi::c_int;

/// A property name owned by us.
pub(crate) struct Name<'js> {
    ctx: Ctx<'js>,
    atom: qjs::JSAtom,
}

impl<'js> Name<'js> {
    pub(crate) fn new(ctx: &Ctx<'js>, text: &str) -> Result<Self> {
        // SAFETY: the context is alive while `ctx` is; pointer and length are those of one str.
        let atom = unsafe { qjs::JS_NewAtomLen(ctx.as_raw().as_ptr(), text.as_ptr().cast(), text.len() as _) };
        if atom == qjs::JS_ATOM_NULL {
            return Err(Error::Exception);
        }
        Ok(Self { ctx: ctx.clone(), atom })
    }

    pub(crate) fn atom(&self) -> qjs::JSAtom {
        self.atom
    }

    /// Gives up ownership: the name lives until [`Name::kept`] takes it back.
    pub(super) fn keep(self) -> qjs::JSAtom {
        // SAFETY: our own hold is dropped with `self`; the one taken here is the keeper's.
        unsafe { qjs::JS_DupAtom(self.ctx.as_raw().as_ptr(), self.atom) }
    }

    /// Takes back what [`Name::keep`] gave up, in the same engine.
    pub(super) fn kept(ctx: &Ctx<'js>, atom: qjs::JSAtom) -> Self {
        Self { ctx: ctx.clone(), atom }
    }
}

impl Drop for Name<'_> {
    fn drop(&mut self) {
        // SAFETY: the atom was made by `new` or handed over owned, and is freed once.
        unsafe { qjs::JS_FreeAtom(self.ctx.as_raw().as_ptr(), self.atom) }
    }
}

/// The names of an object's own enumerable string properties.
pub(crate) struct OwnNames<'js> {
    ctx: Ctx<'js>,
    table: *mut qjs::JSPropertyEnum,
    length: u32,
}

impl<'js> OwnNames<'js> {
    pub(crate) fn of(object: &Value<'js>) -> Result<Self> {
        let ctx = object.ctx().clone();
        let (mut table, mut length) = (std::ptr::null_mut(), 0);
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as c_int;
        // SAFETY: both out pointers are valid; the table is freed by `Drop`.
        let status = unsafe {
            qjs::JS_GetOwnPropertyNames(ctx.as_raw().as_ptr(), &mut table, &mut length, object.as_raw(), flags)
        };
        if status < 0 {
            return Err(Error::Exception);
        }
        Ok(Self { ctx, table, length })
    }

    pub(crate) fn len(&self) -> usize {
        self.length as usize
    }

    pub(crate) fn atom(&self, index: usize) -> qjs::JSAtom {
        assert!(index < self.len(), "own names are indexed by their own length");
        // SAFETY: the index is below the length the engine reported for this table.
        unsafe { (*self.table.add(index)).atom }
    }
}

impl Drop for OwnNames<'_> {
    fn drop(&mut self) {
        if !self.table.is_null() {
            // SAFETY: table and length are those the engine returned, freed once.
            unsafe { qjs::JS_FreePropertyEnum(self.ctx.as_raw().as_ptr(), self.table, self.length) }
        }
    }
}

/// `object[name]`, looked up as JavaScript does it.
pub(crate) fn get<'js>(object: &Value<'js>, atom: qjs::JSAtom) -> Result<Value<'js>> {
    let ctx = object.ctx();
    // SAFETY: object and atom belong to this context; the result is owned.
    let value = unsafe { qjs::JS_GetProperty(ctx.as_raw().as_ptr(), object.as_raw(), atom) };
    own(ctx, value)
}

/// `array[index]`.
pub(crate) fn get_index<'js>(array: &Value<'js>, index: u32) -> Result<Value<'js>> {
    let ctx = array.ctx();
    // SAFETY: the array belongs to this context; the result is owned.
    let value = unsafe { qjs::JS_GetPropertyUint32(ctx.as_raw().as_ptr(), array.as_raw(), index) };
    own(ctx, value)
}

/// The value of an own property, or none. An own getter is called; nothing inherited is ever looked at.
pub(crate) fn get_own<'js>(object: &Value<'js>, atom: qjs::JSAtom) -> Result<Option<Value<'js>>> {
    let ctx = object.ctx();
    let mut found = qjs::JSPropertyDescriptor {
        flags: 0,
        value: qjs::JS_UNDEFINED,
        getter: qjs::JS_UNDEFINED,
        setter: qjs::JS_UNDEFINED,
    };
    // SAFETY: the out pointer is valid; on 1 the engine hands over three owned values.
    let status = unsafe { qjs::JS_GetOwnProperty(ctx.as_raw().as_ptr(), &mut found, object.as_raw(), atom) };
    match status {
        0 => return Ok(None),
        1 => {}
        _ => return Err(Error::Exception),
    }
    let is_accessor = found.flags & qjs::JS_PROP_GETSET as c_int != 0;
    let value = own(ctx, found.value)?;
    drop(own(ctx, found.getter)?);
    drop(own(ctx, found.setter)?);
    if is_accessor { get(object, atom).map(Some) } else { Ok(Some(value)) }
}

/// The length of an array, typed array or string.
pub(crate) fn length(value: &Value<'_>) -> Result<u64> {
    let mut length = 0;
    // SAFETY: the out pointer is valid and the value belongs to the context.
    let status = unsafe { qjs::JS_GetLength(value.ctx().as_raw().as_ptr(), value.as_raw(), &mut length) };
    if status < 0 { Err(Error::Exception) } else { Ok(u64::try_from(length).unwrap_or(0)) }
}

/// Defines an own, writable, enumerable, configurable property. Never runs a setter, whatever the name.
pub(crate) fn define<'js>(object: &Value<'js>, atom: qjs::JSAtom, value: Value<'js>) -> Result<()> {
    let ctx = object.ctx().clone();
    // SAFETY: the engine takes over the value, which `into_raw` gives up.
    let status = unsafe {
        qjs::JS_DefinePropertyValue(
            ctx.as_raw().as_ptr(),
            object.as_raw(),
            atom,
            into_raw(value),
            qjs::JS_PROP_C_W_E as c_int,
        )
    };
    if status < 0 { Err(Error::Exception) } else { Ok(()) }
}

/// The same for an array item.
pub(crate) fn define_index<'js>(array: &Value<'js>, index: u32, value: Value<'js>) -> Result<()> {
    let ctx = array.ctx().clone();
    // SAFETY: the engine takes over the value, which `into_raw` gives up.
    let status = unsafe {
        qjs::JS_DefinePropertyValueUint32(
            ctx.as_raw().as_ptr(),
            array.as_raw(),
            index,
            into_raw(value),
            qjs::JS_PROP_C_W_E as c_int,
        )
    };
    if status < 0 { Err(Error::Exception) } else { Ok(()) }
}

/// Runs `read` on the text of a string (or of what its `toString` gives). The bytes are UTF-8, except that a lone
/// surrogate appears as the three bytes that would encode it.
pub(crate) fn with_text<T>(value: &Value<'_>, read: impl FnOnce(&[u8]) -> T) -> Result<T> {
    let ctx = value.ctx().as_raw().as_ptr();
    let mut length = 0;
    // SAFETY: the out pointer is valid; a non-null result holds `length` bytes until it is freed below.
    let text = unsafe { qjs::JS_ToCStringLen2(ctx, &mut length, value.as_raw(), false) };
    if text.is_null() {
        return Err(Error::Exception);
    }
    let freed = FreeText { ctx, text };
    // SAFETY: see above; `freed` outlives the slice.
    let bytes = unsafe { std::slice::from_raw_parts(freed.text.cast::<u8>(), length as usize) };
    Ok(read(bytes))
}

/// Runs `read` on the text of a property name.
pub(crate) fn with_name<T>(ctx: &Ctx<'_>, atom: qjs::JSAtom, read: impl FnOnce(&[u8]) -> T) -> Result<T> {
    let ctx = ctx.as_raw().as_ptr();
    let mut length = 0;
    // SAFETY: as in `with_text`.
    let text = unsafe { qjs::JS_AtomToCStringLen(ctx, &mut length, atom) };
    if text.is_null() {
        return Err(Error::Exception);
    }
    let freed = FreeText { ctx, text };
    // SAFETY: as in `with_text`.
    let bytes = unsafe { std::slice::from_raw_parts(freed.text.cast::<u8>(), length as usize) };
    Ok(read(bytes))
}

struct FreeText {
    ctx: *mut qjs::JSContext,
    text: *const std::ffi::c_char,
}

impl Drop for FreeText {
    fn drop(&mut self) {
        // SAFETY: the text came from this context and is freed once.
        unsafe { qjs::JS_FreeCString(self.ctx, self.text) }
    }
}

/// What tells one object from another, for finding cycles.
pub(crate) fn identity(value: &Value<'_>) -> usize {
    // SAFETY: only the address is taken; callers pass objects.
    unsafe { qjs::JS_VALUE_GET_PTR(value.as_raw()) as usize }
}

/// Whether the value is an array, or a Proxy of one: JavaScript's own JSON writes both as a list.
pub(crate) fn is_array(value: &Value<'_>) -> Result<bool> {
    if value.is_array() || !value.is_proxy() {
        return Ok(value.is_array());
    }
    let mut inner = value.clone();
    while let Some(proxy) = inner.as_proxy() {
        inner = proxy.target()?.into_value();
    }
    Ok(inner.is_array())
}

/// The engine's number for the class of an object.
pub(crate) fn class(value: &Value<'_>) -> u32 {
    // SAFETY: the value is alive.
    unsafe { qjs::JS_GetClassID(value.as_raw()) }
}

/// Whether the value can be called. Unlike the binding's own test this one is a single engine call.
pub(crate) fn is_function(value: &Value<'_>) -> bool {
    // SAFETY: the value is alive.
    unsafe { qjs::JS_IsFunction(value.ctx().as_raw().as_ptr(), value.as_raw()) }
}

/// The kind and bytes of a binary value, or none for anything else.
pub(crate) fn binary(value: &Value<'_>, most_bytes: usize) -> Result<Option<(BinaryKind, Option<Vec<u8>>)>> {
    let ctx = value.ctx();
    let raw = value.as_raw();
    // SAFETY: the value is alive; these three only look at its class.
    let (is_buffer, typed, is_view) =
        unsafe { (qjs::JS_IsArrayBuffer(raw), qjs::JS_GetTypedArrayType(raw), qjs::JS_IsDataView(raw)) };
    if is_buffer {
        return Ok(Some((BinaryKind::ArrayBuffer, copy_buffer(ctx, raw, 0, None, most_bytes)?)));
    }
    if is_view {
        let (offset, length) = (member(value, "byteOffset")?, member(value, "byteLength")?);
        let buffer = get(value, Name::new(ctx, "buffer")?.atom())?;
        return Ok(Some((BinaryKind::DataView, copy_buffer(ctx, buffer.as_raw(), offset, Some(length), most_bytes)?)));
    }
    let Some(kind) = typed_kind(typed) else { return Ok(None) };
    let (mut offset, mut length) = (0, 0);
    // SAFETY: the value is a typed array; the out pointers are valid; the result is owned.
    let buffer = unsafe {
        qjs::JS_GetTypedArrayBuffer(ctx.as_raw().as_ptr(), raw, &mut offset, &mut length, std::ptr::null_mut())
    };
    let buffer = own(ctx, buffer)?;
    Ok(Some((kind, copy_buffer(ctx, buffer.as_raw(), offset as usize, Some(length as usize), most_bytes)?)))
}

fn member(value: &Value<'_>, name: &str) -> Result<usize> {
    let number = get(value, Name::new(value.ctx(), name)?.atom())?.as_number().unwrap_or(0.0);
    Ok(if number.is_finite() && number >= 0.0 { number as usize } else { 0 })
}

/// Copies part of a buffer; none when it is over the cap. The range is clipped to what the buffer really has.
fn copy_buffer(
    ctx: &Ctx<'_>,
    buffer: qjs::JSValue,
    offset: usize,
    length: Option<usize>,
    most_bytes: usize,
) -> Result<Option<Vec<u8>>> {
    let mut size = 0;
    // SAFETY: the out pointer is valid; null with an exception means a detached or foreign value.
    let start = unsafe { qjs::JS_GetArrayBuffer(ctx.as_raw().as_ptr(), &mut size, buffer) };
    if start.is_null() {
        // An empty buffer has no bytes to point at; a detached one throws, which counts as empty here.
        drop(ctx.catch());
        return Ok(Some(Vec::new()));
    }
    let size = size as usize;
    let offset = offset.min(size);
    let length = length.unwrap_or(size).min(size - offset);
    if length > most_bytes {
        return Ok(None);
    }
    // SAFETY: the range lies within the buffer as the engine has just reported it, and nothing runs in between.
    Ok(Some(unsafe { std::slice::from_raw_parts(start.add(offset), length) }.to_vec()))
}

/// Makes a binary of the given kind with a copy of the bytes, so that the engine's memory limit counts them. Of a
/// DataView it makes the buffer: the engine has no call for the view.
pub(crate) fn new_binary<'js>(ctx: &Ctx<'js>, kind: BinaryKind, bytes: &[u8]) -> Result<Value<'js>> {
    // SAFETY: pointer and length are those of one slice; the engine copies.
    let buffer = unsafe { qjs::JS_NewArrayBufferCopy(ctx.as_raw().as_ptr(), bytes.as_ptr(), bytes.len() as _) };
    let buffer = own(ctx, buffer)?;
    let typed = match kind {
        BinaryKind::ArrayBuffer | BinaryKind::DataView => return Ok(buffer),
        BinaryKind::Int8Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT8,
        BinaryKind::Uint8Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8,
        BinaryKind::Uint8ClampedArray => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8C,
        BinaryKind::Int16Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT16,
        BinaryKind::Uint16Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT16,
        BinaryKind::Int32Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT32,
        BinaryKind::Uint32Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT32,
        BinaryKind::Float32Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT32,
        BinaryKind::Float64Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT64,
        BinaryKind::BigInt64Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_INT64,
        BinaryKind::BigUint64Array => qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_UINT64,
    };
    let mut arguments = [buffer.as_raw()];
    // SAFETY: one live argument; the result is owned.
    let array = unsafe { qjs::JS_NewTypedArray(ctx.as_raw().as_ptr(), 1, arguments.as_mut_ptr(), typed) };
    own(ctx, array)
}

fn typed_kind(typed: c_int) -> Option<BinaryKind> {
    Some(match u32::try_from(typed).ok()? {
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT8 => BinaryKind::Int8Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8 => BinaryKind::Uint8Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8C => BinaryKind::Uint8ClampedArray,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT16 => BinaryKind::Int16Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT16 => BinaryKind::Uint16Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_INT32 => BinaryKind::Int32Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT32 => BinaryKind::Uint32Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT32 => BinaryKind::Float32Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_FLOAT64 => BinaryKind::Float64Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_INT64 => BinaryKind::BigInt64Array,
        qjs::JSTypedArrayEnum_JS_TYPED_ARRAY_BIG_UINT64 => BinaryKind::BigUint64Array,
        _ => return None,
    })
}

/// A new string. The bytes are UTF-8.
pub(crate) fn new_string<'js>(ctx: &Ctx<'js>, text: &str) -> Result<Value<'js>> {
    // SAFETY: pointer and length are those of one str; the engine copies.
    let value = unsafe { qjs::JS_NewStringLen(ctx.as_raw().as_ptr(), text.as_ptr().cast(), text.len() as _) };
    own(ctx, value)
}

/// A new plain object.
pub(crate) fn new_object<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>> {
    // SAFETY: the context is alive; the result is owned.
    own(ctx, unsafe { qjs::JS_NewObject(ctx.as_raw().as_ptr()) })
}

/// A new array.
pub(crate) fn new_array<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>> {
    // SAFETY: the context is alive; the result is owned.
    own(ctx, unsafe { qjs::JS_NewArray(ctx.as_raw().as_ptr()) })
}

/// Wraps a value the engine has handed over; an exception becomes an error.
fn own<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(value) } {
        return Err(Error::Exception);
    }
    // SAFETY: the caller got the value owned from this very context.
    Ok(unsafe { Value::from_raw(ctx.clone(), value) })
}

/// Gives a value to the engine to keep. The count is raised and our handle dropped, rather than the handle forgotten:
/// that would leak the handle's hold on the context.
fn into_raw(value: Value<'_>) -> qjs::JSValue {
    // SAFETY: the value is alive and belongs to its context.
    unsafe { qjs::JS_DupValue(value.ctx().as_raw().as_ptr(), value.as_raw()) }
}

/// The type tag of a value.
pub(crate) fn tag(value: &Value<'_>) -> i32 {
    // SAFETY: only the tag is read.
    unsafe { qjs::JS_VALUE_GET_NORM_TAG(value.as_raw()) }
}
