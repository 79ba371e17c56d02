//! The built-ins as they stand on `ft` and `wx`. There are hundreds and an applet calls a few, so each is a native function
//! that knows its place in the list and nothing else; what it does, the prelude makes when it is called for the first time.
#![expect(unsafe_code, reason = "the binding's own functions hold several times the memory of these")]

use super::bytecode;
use super::calls;
use super::convert::{self, Text, plain_object, put_value};
use super::guard::guarded;
use super::state::State;
use rquickjs::{Ctx, Error, Function, Object, Result, Value, qjs};
use std::ffi::{CString, c_int};
use std::rc::Rc;

/// Puts the native functions of this file on `native`, the object that the prelude alone receives.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let own = |name: &str, function: Result<Function<'js>>| -> Result<()> {
        put_value(ctx, native.as_value(), name, function?.into_value())
    };
    let shared = state.clone();
    own(
        "placeBuiltIns",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, ft: Value<'js>, wx: Value<'js>, members: Value<'js>| {
            guarded(&shared, &ctx, || place(&shared, &ctx, [&ft, &wx], &members))
        }),
    )?;
    let shared = state.clone();
    own(
        "builtIn",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, index: usize| {
            guarded(&shared, &ctx, || describe(&shared, &ctx, index))
        }),
    )?;
    let shared = state.clone();
    own(
        "loadGlue",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, family: usize| {
            guarded(&shared, &ctx, || load_glue(&shared, &ctx, family))
        }),
    )?;
    let shared = state.clone();
    own(
        "slotOf",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, scope: usize, name: Text| {
            guarded(&shared, &ctx, || Ok(calls::slot_of(&shared, scope, &name.0)))
        }),
    )
}

/// Puts all of them on both objects, first on the one and then on the other: an object that gets a member for itself
/// changes what the engine knows of its members, and one that shares this with another copies it.
fn place<'js>(state: &State, ctx: &Ctx<'js>, objects: [&Value<'js>; 2], members: &Value<'js>) -> Result<()> {
    // One with a dot stands on an object that glue makes.
    let listed = state.setup.built_ins.iter().enumerate().filter(|(_, built_in)| !built_in.name.contains('.'));
    let named = listed.map(|(index, built_in)| Ok((built_in.name, function(ctx, index, built_in.name, members)?)));
    let named = named.collect::<Result<Vec<_>>>()?;
    for object in objects {
        for (name, function) in &named {
            put_value(ctx, object, name, function.clone())?;
        }
    }
    Ok(())
}

/// What the prelude needs to know to make one.
fn describe<'js>(state: &State, ctx: &Ctx<'js>, index: usize) -> Result<Value<'js>> {
    let built_in = state.setup.built_ins.get(index).ok_or(Error::Unknown)?;
    let mut end = 0;
    let family = state.setup.families.iter().position(|family| {
        end += family.members.len();
        index < end
    });
    let glued = family.filter(|family| state.setup.families[*family].glue.is_some());
    let object = plain_object(ctx)?;
    convert::put(ctx, &object, "name", built_in.name)?;
    put_value(ctx, &object, "sync", Value::new_bool(ctx.clone(), built_in.sync))?;
    let family = glued.and_then(|family| i32::try_from(family).ok()).unwrap_or(-1);
    put_value(ctx, &object, "family", Value::new_int(ctx.clone(), family))?;
    Ok(object)
}

/// What makes the built-ins of a family. This may well be when the mini-program has filled its heap, and the engine
/// does not survive that while it reads code.
fn load_glue<'js>(state: &State, ctx: &Ctx<'js>, family: usize) -> Result<Function<'js>> {
    let glue = state.setup.families.get(family).and_then(|family| family.glue).ok_or(Error::Unknown)?;
    let code = glue.code();
    state.heap.roomy(ctx, code.len(), || bytecode::module(ctx, code)?.get("glue"))
}

/// The function on `ft` for the built-in at that place. `members` has what those do that were called before, by place,
/// and `make` for the others.
fn function<'js>(ctx: &Ctx<'js>, index: usize, name: &str, members: &Value<'js>) -> Result<Value<'js>> {
    let index = u16::try_from(index).map_err(|_| Error::Unknown)?;
    let name = CString::new(name)?;
    let mut held = members.as_raw();
    // SAFETY: the context is alive and `members` belongs to it; the name is copied, and the engine takes a reference of
    // its own to the one value held.
    let function = unsafe {
        qjs::JS_NewCFunctionData2(ctx.as_raw().as_ptr(), Some(forward), name.as_ptr(), 1, index.into(), 1, &mut held)
    };
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(function) } {
        return Err(Error::Exception);
    }
    // SAFETY: the function is owned and belongs to this context.
    Ok(unsafe { Value::from_raw(ctx.clone(), function) })
}

/// Calls what the built-in at the place `index` does, and has it made before if that is new.
unsafe extern "C" fn forward(
    context: *mut qjs::JSContext,
    this: qjs::JSValueConst,
    count: c_int,
    given: *mut qjs::JSValueConst,
    index: c_int,
    held: *mut qjs::JSValueConst,
) -> qjs::JSValue {
    // SAFETY: the engine hands over a live context, arguments that fit their count, and the one value that `function`
    // gave it. `members` and what is on it no mini-program can reach: its members are values, and calling `make` is
    // like any other call from here. Each value that is owned is given back or freed once.
    unsafe {
        let members = *held;
        let mut member = qjs::JS_GetPropertyUint32(context, members, index as u32);
        if qjs::JS_IsUndefined(member) {
            let make = qjs::JS_GetPropertyStr(context, members, c"make".as_ptr());
            let mut place = qjs::JS_MKVAL(qjs::JS_TAG_INT, index);
            member = qjs::JS_Call(context, make, qjs::JS_UNDEFINED, 1, &mut place);
            qjs::JS_FreeValue(context, make);
        }
        if qjs::JS_IsException(member) {
            return member;
        }
        let result = qjs::JS_Call(context, member, this, count, given);
        qjs::JS_FreeValue(context, member);
        result
    }
}
