//! CommonJS files: the function wrapper that mini-program tools give them, with `require`, `module`, `exports`, and the
//! browser names declared and undefined.

use super::super::convert::{Text, plain_object};
use super::super::guard::guarded;
use super::super::state::State;
use super::{File, module_object, native, resolve, throw};
use rquickjs::{Ctx, Exception, FromJs, Function, Persistent, Result, Value};
use std::rc::Rc;

/// What a file is given, in the order of the wrapper's parameters.
pub(super) const OWN: [&str; 3] = ["require", "module", "exports"];

/// Names of browsers: declared, so that reading them is no error, and undefined.
pub(super) const BROWSER: [&str; 18] = [
    "window",
    "document",
    "frames",
    "self",
    "location",
    "navigator",
    "localStorage",
    "history",
    "Caches",
    "screen",
    "alert",
    "confirm",
    "prompt",
    "XMLHttpRequest",
    "WebSocket",
    "Reporter",
    "webkit",
    "WeixinJSCore",
];

/// Real files declare names such as `self` at their top, so their text stands in a function of its own inside. All of
/// it is on one line: line numbers in stacks are those of the file.
const INNER: &str = ") { return (function () { 'use strict'; ";
const AFTER: &str = "\n}).call(undefined); })";

/// Compiles a file and gives the function around it; nothing of the file runs yet.
pub(super) fn compile<'js>(state: &State, ctx: &Ctx<'js>, path: &str, source: &str) -> Result<Function<'js>> {
    let text = format!("{}{source}{AFTER}", prologue());
    state.heap.roomy(ctx, source.len(), || native::compile_function(ctx, path, text))
}

/// What stands in front of a file, on its first line.
pub(super) fn prologue() -> String {
    format!("(function ({}, {}{INNER}", OWN.join(", "), BROWSER.join(", "))
}

/// Runs a file and gives its `module.exports`.
pub(super) fn run<'js>(state: &Rc<State>, ctx: &Ctx<'js>, path: &str, wrapper: Function<'js>) -> Result<Value<'js>> {
    let exports = plain_object(ctx)?;
    let module = module_object(ctx, exports.clone())?;
    state.modules.keep(path, File::Running(Persistent::save(ctx, module.clone())));
    let ran =
        require(state, ctx, path).and_then(|require| wrapper.call::<_, Value<'js>>((require, module.clone(), exports)));
    if let Err(error) = ran {
        state.modules.forget(path);
        return Err(error);
    }
    module.get("exports")
}

/// The `require` of one file.
pub(super) fn require<'js>(state: &Rc<State>, ctx: &Ctx<'js>, from: &str) -> Result<Function<'js>> {
    let shared = state.clone();
    let from = from.to_owned();
    let load = Function::new(ctx.clone(), move |ctx: Ctx<'js>, request: Value<'js>| {
        guarded(&shared, &ctx, || {
            if !request.is_string() {
                return Err(Exception::throw_type(&ctx, "require: expected a path, got something else"));
            }
            let Text(request) = Text::from_js(&ctx, request)?;
            let path = resolve(&shared, &from, &request).map_err(|error| throw(&ctx, &error))?;
            super::load(&shared, &ctx, &path)
        })
    })?;
    state.modules.interop(ctx, "makeRequire")?.call((load,))
}
