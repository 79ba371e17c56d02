//! Values across the border: as JSON text and binaries ([`write`], [`parse`]), or straight from engine values for
//! handlers written in Rust ([`read`], [`build`]). Everything is bounded while it is read or written, takes own
//! properties only, and defines members instead of assigning them.

pub(super) mod build;
mod names;
pub(super) mod parse;
mod raw;
pub(super) mod read;
pub(super) mod write;

use rquickjs::{Ctx, Error, FromJs, Result, Value, qjs};

pub(super) use names::Names;

/// The text of a value as JavaScript's `String(value)` gives it, lossy and cut; none when that throws.
pub(super) fn with_text(value: &Value<'_>, most_bytes: usize) -> Option<String> {
    raw::with_text(value, |bytes| {
        let bytes = &bytes[..bytes.len().min(most_bytes)];
        String::from_utf8_lossy(bytes).into_owned()
    })
    .ok()
}

/// A text argument of a native function: any string of JavaScript, lossy and cut. The binding's own conversion refuses
/// what has a lone surrogate.
pub(super) struct Text(pub(super) String);

impl Text {
    /// No native function needs more of a text than this.
    const MOST_BYTES: usize = 4_096;
}

impl<'js> FromJs<'js> for Text {
    fn from_js(_: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let text = if value.is_string() { with_text(&value, Self::MOST_BYTES) } else { None };
        text.map(Self).ok_or_else(|| Error::new_from_js(value.type_name(), "string"))
    }
}

/// A new plain object.
pub(super) fn plain_object<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>> {
    raw::new_object(ctx)
}

/// Whether the value is an ordinary object: not an array, a function or a binary.
pub(super) fn is_plain_object(value: &Value<'_>) -> bool {
    // The engine's first class number is that of plain objects.
    value.is_object() && raw::class(value) == 1
}

/// Defines an own text member.
pub(super) fn put<'js>(ctx: &Ctx<'js>, object: &Value<'js>, name: &str, text: &str) -> Result<()> {
    put_value(ctx, object, name, raw::new_string(ctx, text)?)
}

/// Defines an own member.
pub(super) fn put_value<'js>(ctx: &Ctx<'js>, object: &Value<'js>, name: &str, value: Value<'js>) -> Result<()> {
    raw::define(object, raw::Name::new(ctx, name)?.atom(), value)
}

/// Defines an own member under one of the kept [`Names`].
pub(super) fn put_kept<'js>(object: &Value<'js>, name: qjs::JSAtom, value: Value<'js>) -> Result<()> {
    raw::define(object, name, value)
}

/// Reads a member under one of the kept [`Names`], as JavaScript does it.
pub(super) fn get_kept<'js>(object: &Value<'js>, name: qjs::JSAtom) -> Result<Value<'js>> {
    raw::get(object, name)
}

/// A new string.
pub(super) fn text<'js>(ctx: &Ctx<'js>, text: &str) -> Result<Value<'js>> {
    raw::new_string(ctx, text)
}

/// Whether the object has an own member under one of the kept [`Names`].
pub(super) fn has_own(object: &Value<'_>, name: qjs::JSAtom) -> Result<bool> {
    Ok(raw::get_own(object, name)?.is_some())
}

/// The own member of that name, if it is text.
pub(super) fn own_text<'js>(ctx: &Ctx<'js>, object: &Value<'js>, name: &str) -> Result<Option<String>> {
    own_text_kept(object, raw::Name::new(ctx, name)?.atom())
}

/// The same under one of the kept [`Names`].
pub(super) fn own_text_kept(object: &Value<'_>, name: qjs::JSAtom) -> Result<Option<String>> {
    let member = raw::get_own(object, name)?;
    match member.filter(Value::is_string) {
        Some(text) => Ok(Some(raw::with_text(&text, |bytes| String::from_utf8_lossy(bytes).into_owned())?)),
        None => Ok(None),
    }
}

/// What tells one function from another.
pub(super) fn identity(value: &Value<'_>) -> usize {
    raw::identity(value)
}
