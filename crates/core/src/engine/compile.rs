//! Code that a mini-program makes of text: `eval` and the constructors of functions. They do what the language says,
//! but for `eval`, which always works in the global scope; and they compile with room to spare, because the engine's
//! compiler crashes the process when memory runs out under it.
#![expect(unsafe_code, reason = "the binding cannot compile a text without running it")]

use super::convert;
use super::guard::guarded;
use super::state::State;
use rquickjs::{Ctx, Exception, Function, Object, Result, Value, qjs};
use std::ffi::CString;
use std::rc::Rc;

/// Puts on `native` what the prelude makes `eval` and the constructors of.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let shared = state.clone();
    let evaluate = Function::new(ctx.clone(), move |ctx: Ctx<'js>, text: Value<'js>| {
        guarded(&shared, &ctx, || evaluate(&shared, &ctx, &text))
    })?;
    convert::put_value(ctx, native.as_value(), "evaluate", evaluate.into_value())?;
    let shared = state.clone();
    let construct = Function::new(ctx.clone(), move |ctx: Ctx<'js>, length: usize, compile: Function<'js>| {
        guarded(&shared, &ctx, || shared.heap.roomy(&ctx, length, || compile.call::<_, Value<'js>>(())))
    })?;
    convert::put_value(ctx, native.as_value(), "construct", construct.into_value())
}

fn evaluate<'js>(state: &State, ctx: &Ctx<'js>, text: &Value<'js>) -> Result<Value<'js>> {
    let Some(text) = convert::with_text(text, usize::MAX) else { return Err(rquickjs::Error::Exception) };
    let length = text.len();
    // The engine wants a zero behind the text; inside it none can stand in JavaScript but in a string or a comment.
    let text = CString::new(text).map_err(|_| Exception::throw_syntax(ctx, "a text with a zero character"))?;
    let context = ctx.as_raw().as_ptr();
    let flags = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY) as i32;
    let compiled = state.heap.roomy(ctx, length, || {
        // SAFETY: text and length belong together and end in a zero; the result is owned.
        unsafe { qjs::JS_Eval(context, text.as_ptr(), length as _, c"eval".as_ptr(), flags) }
    });
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(compiled) } {
        return Err(rquickjs::Error::Exception);
    }
    // SAFETY: the function was compiled just now, in this context, which takes it over.
    let result = unsafe { qjs::JS_EvalFunction(context, compiled) };
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(result) } {
        return Err(rquickjs::Error::Exception);
    }
    // SAFETY: the result is owned and belongs to this context.
    Ok(unsafe { Value::from_raw(ctx.clone(), result) })
}
