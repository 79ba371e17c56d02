//! A payload as an engine value: the engine's own JSON parser, then the binaries at their places.

use super::raw;
use crate::bridge::{BinaryKind, PathSegment, Payload};
use rquickjs::{Constructor, Ctx, Error, Persistent, Result, Value};
use std::cell::RefCell;

/// A constructor of the engine that is kept: what a mini-program puts under its name later changes nothing.
pub(crate) type HeldConstructor = Persistent<Constructor<'static>>;

/// Parses the text, which has been checked, and puts the binaries in. No payload gives `undefined`. `data_view` is the
/// engine's own constructor.
pub(crate) fn value<'js>(
    ctx: &Ctx<'js>,
    payload: &Payload,
    data_view: &RefCell<Option<HeldConstructor>>,
) -> Result<Value<'js>> {
    if payload.is_none() {
        return Ok(Value::new_undefined(ctx.clone()));
    }
    let mut root = ctx.json_parse(payload.text())?;
    for binary in payload.binaries() {
        let mut made = raw::new_binary(ctx, binary.kind, &binary.bytes)?;
        if binary.kind == BinaryKind::DataView {
            let constructor = data_view.borrow().clone().ok_or(Error::Unknown)?;
            made = constructor.restore(ctx)?.construct((made,))?;
        }
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
