//! Modules of the package: each file inside the function wrapper that mini-program tools give it, with `require`,
//! `module`, `exports`, and the browser names declared and undefined.

use super::convert::{self, Text, plain_object};
use super::guard::guarded;
use super::state::State;
use crate::error::Error;
use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The parameters of the wrapper. Real files declare names such as `self` at their top, so their text stands in a
/// function of its own inside. All of it is on one line: line numbers in stacks are those of the file.
const BEFORE: &str = "(function (require, module, exports, window, document, frames, self, location, navigator, \
localStorage, history, Caches, screen, alert, confirm, prompt, XMLHttpRequest, WebSocket, Reporter, webkit, \
WeixinJSCore) { return (function () { 'use strict'; ";
const AFTER: &str = "\n}).call(undefined); })";

/// The modules that have been evaluated, or are being.
#[derive(Default)]
pub(super) struct Modules {
    loaded: RefCell<HashMap<String, Persistent<Object<'static>>>>,
}

impl Modules {
    pub(super) fn clear(&self) {
        self.loaded.borrow_mut().clear();
    }
}

/// Evaluates a file once and gives its `module.exports`. A cycle sees what the module has exported so far; a module
/// that throws is forgotten.
pub(super) fn load<'js>(state: &Rc<State>, ctx: &Ctx<'js>, path: &str) -> Result<Value<'js>> {
    let known = state.modules.loaded.borrow().get(path).cloned();
    if let Some(module) = known {
        return module.restore(ctx)?.get("exports");
    }
    let source = state.surroundings.source(path).map_err(|error| throw(ctx, &error))?;
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(path.to_owned());
    // Evaluating the wrapper compiles the file and gives the function around it; nothing of the file runs yet.
    let compile = || ctx.eval_with_options(format!("{BEFORE}{source}{AFTER}"), options);
    let wrapper: Function<'js> = state.heap.roomy(ctx, source.len(), compile)?;
    let module = Object::from_value(plain_object(ctx)?)?;
    let exports = plain_object(ctx)?;
    convert::put_value(ctx, module.as_value(), "exports", exports.clone())?;
    state.modules.loaded.borrow_mut().insert(path.to_owned(), Persistent::save(ctx, module.clone()));
    let require = require(state, ctx, path)?;
    if let Err(error) = wrapper.call::<_, Value<'js>>((require, module.clone(), exports)) {
        let forgotten = state.modules.loaded.borrow_mut().remove(path);
        drop(forgotten);
        return Err(error);
    }
    module.get("exports")
}

fn require<'js>(state: &Rc<State>, ctx: &Ctx<'js>, from: &str) -> Result<Function<'js>> {
    let shared = state.clone();
    let from = from.to_owned();
    Function::new(ctx.clone(), move |ctx: Ctx<'js>, Text(request): Text| {
        guarded(&shared, &ctx, || match shared.surroundings.resolve(&from, &request) {
            Ok(path) => load(&shared, &ctx, &path),
            Err(error) => {
                let wanted = if request.ends_with(".js") { request.clone() } else { format!("{request}.js") };
                let text = format!("module '{wanted}' is not defined, require args is '{request}'");
                let refused = Error::new(error.code(), text);
                Err(throw(&ctx, &refused))
            }
        })
    })
}

fn throw(ctx: &Ctx<'_>, error: &Error) -> rquickjs::Error {
    Exception::throw_message(ctx, error.message())
}
