//! Puts together what a mini-program finds when it starts: what `language.js` mends, the native functions, then
//! `prelude.js` on top of them.

use super::convert::{self, Text, plain_object, put_value};
use super::guard::guarded;
use super::state::{Declared, State, TemplateMode};
use super::{
    app, built_ins, bytecode, calls, can_i_use, compile, console, events, launch_options, modules, plugins, timers,
};
use crate::host::LogLevel;
use rquickjs::{Constructor, Ctx, Function, Object, Persistent, Result, Value};
use std::rc::Rc;

/// Globals that the engine brings along and a mini-program does not get: shared memory and blocking waits.
const REMOVED: [&str; 2] = ["SharedArrayBuffer", "Atomics"];

/// What the prelude leaves to its caller.
pub(super) struct Hooks {
    /// For the package's own `FinClipConf.js`.
    pub(super) load_ext_api: Persistent<Function<'static>>,
    /// For the component layer.
    pub(super) tools: Persistent<Object<'static>>,
}

/// Installs everything.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>) -> Result<Hooks> {
    let globals = ctx.globals();
    for name in REMOVED {
        globals.remove(name)?;
    }
    let data_view: Constructor<'js> = globals.get("DataView")?;
    *state.data_view.borrow_mut() = Some(Persistent::save(ctx, data_view));
    // Objects without members of their own share what the engine knows of them with all others of the same kind.
    let create: Function<'js> = globals.get::<_, Object<'js>>("Object")?.get("create")?;
    let prototype: Value<'js> = globals.get::<_, Object<'js>>("InternalError")?.get("prototype")?;
    let error_shape: Value<'js> = create.call((prototype,))?;
    *state.error_shape.borrow_mut() = Some(Persistent::save(ctx, error_shape));
    console::install(state, ctx, &globals)?;
    timers::install(state, ctx, &globals)?;
    let mended = Object::from_value(plain_object(ctx)?)?;
    compile::install(state, ctx, &mended)?;
    let mend: Function<'js> = bytecode::module(ctx, &bytecode::LANGUAGE)?.get("mend")?;
    mend.call::<_, ()>((mended,))?;
    let native = Object::from_value(plain_object(ctx)?)?;
    let functions = Object::from_value(plain_object(ctx)?)?;
    calls::install(state, ctx, &native)?;
    built_ins::install(state, ctx, &native)?;
    events::install(state, ctx, &functions)?;
    app::install(state, ctx, &functions)?;
    launch_options::install(state, ctx, &functions)?;
    can_i_use::install(state, ctx, &functions)?;
    put_value(ctx, native.as_value(), "functions", functions.into_value())?;
    let shared = state.clone();
    let warn = Function::new(ctx.clone(), move |ctx: Ctx<'js>, text: Text| {
        guarded(&shared, &ctx, || {
            shared.log(LogLevel::Warn, &text.0);
            Ok(())
        })
    })?;
    put_value(ctx, native.as_value(), "warn", warn.into_value())?;
    #[cfg(feature = "test-hooks")]
    install_panic(state, ctx, &native)?;
    let install: Function<'js> = bytecode::module(ctx, &bytecode::PRELUDE)?.get("install")?;
    let declared = declared(ctx, state.setup.declared.as_ref())?;
    let ids: Vec<&str> = state.setup.plugins.iter().map(|plugin| plugin.id.as_str()).collect();
    let hooks: Object<'js> = install.call((native, declared, ids))?;
    modules::install(state, ctx)?;
    plugins::install(state, ctx, &hooks.get("environments")?)?;
    let load_ext_api: Function<'js> = hooks.get("loadExtApi")?;
    let tools: Object<'js> = hooks.get("tools")?;
    Ok(Hooks { load_ext_api: Persistent::save(ctx, load_ext_api), tools: Persistent::save(ctx, tools) })
}

fn declared<'js>(ctx: &Ctx<'js>, declared: Option<&Declared>) -> Result<Value<'js>> {
    let Some(declared) = declared else { return Ok(Value::new_undefined(ctx.clone())) };
    let object = plain_object(ctx)?;
    let file = ctx.json_parse(declared.entries.as_str())?;
    let file = file.as_object().ok_or(rquickjs::Error::Unknown)?;
    put_value(ctx, &object, "entries", file.get("extApi")?)?;
    put_value(ctx, &object, "overwrite", file.get("overwriteWxApi")?)?;
    let mode = match declared.mode {
        TemplateMode::Off => "off",
        TemplateMode::Warn => "warn",
        TemplateMode::Strict => "strict",
    };
    convert::put(ctx, &object, "mode", mode)?;
    put_value(ctx, &object, "exposeRegistered", Value::new_bool(ctx.clone(), declared.expose_registered))?;
    Ok(object)
}

/// `ft.testPanic()`, for the test that a caught panic stays one failed call.
#[cfg(feature = "test-hooks")]
fn install_panic<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let shared = state.clone();
    #[expect(clippy::panic, reason = "the panic is what the test is about")]
    let panics = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
        guarded(&shared, &ctx, || -> Result<()> { panic!("a panic for the test of the guard") })
    })?;
    let functions: Object<'js> = native.get("functions")?;
    put_value(ctx, functions.as_value(), "testPanic", panics.into_value())
}
