//! A payload as an engine value: the engine's own JSON parser, then the binaries at their places.

use super::raw;
use crate::bridge::{PathSegment, Payload};
use rquickjs::{Ctx, Error, Result, Value};

/// Parses the text, which has been checked, and puts the binaries in. No payload gives `undefined`.
pub(crate) fn value<'js>(ctx: &Ctx<'js>, payload: &Payload) -> Result<Value<'js>> {
    if payload.is_none() {
        return Ok(Value::new_undefined(ctx.clone()));
    }
    let mut root = ctx.json_parse(payload.text())?;
    for binary in payload.binaries() {
        let made = raw::new_binary(ctx, binary.kind, &binary.bytes)?;
        match binary.path.split_last() {
            None => root = made,
            Some((last, parents)) => {
                let mut holder = root.clone();
                for step in parents {
                    holder = child(&holder, step)?;
                }
                put(&holder, last, made)?;
            }
        }
    }
    Ok(root)
}

fn child<'js>(holder: &Value<'js>, step: &PathSegment) -> Result<Value<'js>> {
    let child = match step {
        PathSegment::Index(index) => raw::get_index(holder, *index)?,
        PathSegment::Key(key) => {
            raw::get_own(holder, raw::Name::new(holder.ctx(), key)?.atom())?.ok_or(Error::Unknown)?
        }
    };
    if child.is_object() { Ok(child) } else { Err(Error::Unknown) }
}

fn put<'js>(holder: &Value<'js>, step: &PathSegment, value: Value<'js>) -> Result<()> {
    if !holder.is_object() {
        return Err(Error::Unknown);
    }
    match step {
        PathSegment::Index(index) => raw::define_index(holder, *index, value),
        PathSegment::Key(key) => raw::define(holder, raw::Name::new(holder.ctx(), key)?.atom(), value),
    }
}
