//! CommonJS files: the function wrapper that mini-program tools give them, with `require`, `module`, `exports`, and the
//! browser names declared and undefined. A file of a plugin is given what its plugin has under some names more.

use super::super::bytecode;
use super::super::convert::{Text, plain_object};
use super::super::guard::guarded;
use super::super::kept::Kind;
use super::super::plugins;
use super::super::state::State;
use super::{File, module_object, native, resolve, throw};
use crate::bridge::Counters;
use rquickjs::function::Args;
use rquickjs::{Ctx, Exception, FromJs, Function, Persistent, Result, Value};
use std::rc::Rc;
use std::sync::Arc;

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

/// Compiles a file and gives the function around it; nothing of the file runs yet. What an earlier run has compiled
/// is not compiled again.
pub(super) fn compile<'js>(state: &State, ctx: &Ctx<'js>, path: &str, source: &Arc<str>) -> Result<Function<'js>> {
    let in_front = prologue(path);
    if let Some(wrapper) = kept(state, ctx, path, &in_front, source) {
        Counters::count(&state.counters().sources_kept);
        return Ok(wrapper);
    }
    let compiled = || native::run_script(ctx, native::compile_script(ctx, path, whole(&in_front, source))?);
    let wrapper = state.heap.roomy(ctx, source.len(), compiled)?;
    Counters::count(&state.counters().sources_compiled);
    if let Some(kept) = &state.setup.kept {
        kept.add(Kind::Function, path, &in_front, source.clone());
    }
    Ok(wrapper)
}

/// The same function, from bytecode that was kept.
fn kept<'js>(state: &State, ctx: &Ctx<'js>, path: &str, in_front: &str, source: &str) -> Option<Function<'js>> {
    let code = state.setup.kept.as_ref()?.find(Kind::Function, path, in_front, source)?;
    let length = code.code().len();
    let wrapper = state.heap.roomy(ctx, length, || native::run_script(ctx, bytecode::read(ctx, &code)?));
    // There is the text, whatever is wrong.
    wrapper.inspect_err(|_| drop(ctx.catch())).ok()
}

/// A file with what stands around it.
pub(super) fn whole(in_front: &str, source: &str) -> String {
    format!("{in_front}{source}{AFTER}")
}

/// What stands in front of a file, on its first line.
pub(in super::super) fn prologue(path: &str) -> String {
    let of_plugin: &[&str] = if plugins::is_file_of_one(path) { &plugins::NAMES } else { &[] };
    let names: Vec<&str> = OWN.iter().chain(of_plugin).chain(&BROWSER).copied().collect();
    format!("(function ({}{INNER}", names.join(", "))
}

/// Runs a file and gives its `module.exports`.
pub(super) fn run<'js>(state: &Rc<State>, ctx: &Ctx<'js>, path: &str, wrapper: Function<'js>) -> Result<Value<'js>> {
    let exports = plain_object(ctx)?;
    let module = module_object(ctx, exports.clone())?;
    state.modules.keep(path, File::Running(Persistent::save(ctx, module.clone())));
    let call = || -> Result<Value<'js>> {
        let mut given = Args::new(ctx.clone(), OWN.len() + plugins::NAMES.len());
        given.push_arg(require(state, ctx, path)?)?;
        given.push_arg(module.clone())?;
        given.push_arg(exports)?;
        if let Some(environment) = plugins::environment(state, ctx, path)? {
            for name in plugins::NAMES {
                given.push_arg(environment.get::<_, Value<'js>>(name)?)?;
            }
        }
        wrapper.call_arg(given)
    };
    let ran = call();
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
    super::make_require(state, ctx, load)
}
