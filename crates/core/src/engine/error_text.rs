//! Text from a hostile error value. Reading it runs the mini-program's own getters, under the same turn budget; it
//! is cut, has a fallback, and never carries anything of the host.

use super::convert::with_text;
use super::heap::Heap;
use crate::error::cut;
use rquickjs::{Ctx, Type, Value};

/// A few lines that say what was thrown: name, message and stack of an error, or the value itself.
pub(super) fn describe(ctx: &Ctx<'_>, thrown: &Value<'_>, most_bytes: usize) -> String {
    if let Some(object) = thrown.as_object().filter(|_| thrown.is_error()) {
        let part = |name: &str| {
            let value: Option<Value<'_>> = object.get(name).ok();
            let text = value.filter(Value::is_string).and_then(|value| with_text(&value, most_bytes));
            // A getter that threw leaves its exception behind.
            drop(ctx.catch());
            text.unwrap_or_default()
        };
        let (name, message, stack) = (part("name"), part("message"), part("stack"));
        let head = if name.is_empty() { message } else { format!("{name}: {message}") };
        let stack = stack.trim_end();
        return cut(&if stack.is_empty() { head } else { format!("{head}\n{stack}") }, most_bytes).to_owned();
    }
    if thrown.is_null() {
        return "null".to_owned();
    }
    let text = with_text(thrown, most_bytes);
    drop(ctx.catch());
    text.unwrap_or_else(|| "an error that cannot be printed".to_owned())
}

/// Whether the value is what the engine throws when its memory is used up: its own error, which may have got no message
/// any more, or `null` because there was no memory left to make one, or no value at all. A program may throw `null` as
/// well, but rarely after it has filled its heap.
pub(super) fn is_out_of_memory(ctx: &Ctx<'_>, thrown: &Value<'_>, heap: &Heap) -> bool {
    if thrown.type_of() == Type::Uninitialized {
        return true;
    }
    if thrown.is_null() {
        return heap.may_have_been_full();
    }
    if !thrown.is_error() {
        return false;
    }
    // The text is a copy, for which a full heap has no room.
    let text = heap.roomy(ctx, 0, || describe(ctx, thrown, 64));
    match text.strip_prefix("InternalError: ").map(|message| message.lines().next().unwrap_or_default()) {
        Some("") => heap.may_have_been_full(),
        Some(message) => message.starts_with("out of memory"),
        None => false,
    }
}
