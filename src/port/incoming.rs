//! From the bridge to the host: JSON text through the host engine's own parser, binaries put at their places.

use super::binary;
use super::built_ins::{BuiltIns, Tools};
use super::ffi::{Env, Fault, Kind, Try, Value};
use finapp_core::bridge::{Binary, PathSegment, Payload};

/// The value of a payload; an empty object when there is no body.
pub fn value<'s>(env: Env<'s>, built_ins: &BuiltIns, payload: Payload) -> Try<'s> {
    let (text, binaries) = payload.into_parts();
    let root = if text.is_empty() { env.object()? } else { built_ins.parse(env, &text)? };
    place(env, root, binaries)
}

/// The values of several texts in one array: one call of the parser instead of one for each.
pub fn batch<'s, 't>(env: Env<'s>, tools: &Tools<'s>, texts: impl Iterator<Item = &'t str>) -> Try<'s> {
    let mut array = String::from("[");
    for text in texts {
        if array.len() > 1 {
            array.push(',');
        }
        array.push_str(if text.is_empty() { "{}" } else { text });
    }
    array.push(']');
    env.call(tools.parse, tools.undefined, [env.text(&array)?])
}

/// Puts each binary where it belongs; the root itself may be one.
fn place<'s>(env: Env<'s>, mut root: Value<'s>, binaries: Vec<Binary>) -> Try<'s> {
    for Binary { path, kind, bytes } in binaries {
        let value = binary::value(env, kind, bytes)?;
        let Some((last, way)) = path.split_last() else {
            root = value;
            continue;
        };
        let mut holder = root;
        for step in way {
            holder = match step {
                PathSegment::Key(key) => env.get(holder, env.text(key)?)?,
                PathSegment::Index(index) => env.item(holder, *index)?,
            };
        }
        // A path that leads nowhere is our own fault; the call fails instead of arriving without its bytes.
        if env.kind(holder) != Kind::Object {
            return Err(Fault::Status(napi_ohos::sys::Status::napi_object_expected));
        }
        match last {
            PathSegment::Key(key) => env.set(holder, env.text(key)?, value)?,
            PathSegment::Index(index) => env.set_item(holder, *index, value)?,
        }
    }
    Ok(root)
}
