//! What the component layer can ask of the engine.

use super::WebViewChange;
use crate::components::template::compile;
use crate::engine::convert::{self, Text, plain_object};
use crate::engine::guard::guarded;
use crate::engine::state::State;
use crate::engine::{modules, plugins};
use crate::host::LogLevel;
use crate::ids::PageId;
use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Exception, Function, Object, Value};
use std::rc::Rc;
use std::time::Duration;

/// No web page is waited for longer than this: a day.
const LONGEST_MS: f64 = 86_400_000.0;

/// The natives of the layer: see `components/layer/room.js`.
pub(super) fn natives<'js>(state: &Rc<State>, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
    let native = plain_object(ctx)?;
    let own = |name: &str, function: rquickjs::Result<Function<'js>>| -> rquickjs::Result<()> {
        convert::put_value(ctx, &native, name, function?.into_value())
    };
    let shared = state.clone();
    own(
        "load",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, path: Text| {
            guarded(&shared, &ctx, || modules::load(&shared, &ctx, &path.0))
        }),
    )?;
    let shared = state.clone();
    own(
        "exists",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, path: Text| {
            guarded(&shared, &ctx, || Ok(shared.surroundings.source(&path.0).is_ok()))
        }),
    )?;
    let shared = state.clone();
    own(
        "text",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, path: Text| {
            guarded(&shared, &ctx, || match shared.surroundings.source(&path.0) {
                Ok(text) => convert::text(&ctx, &text),
                Err(_) => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "template",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, path: Text| {
            guarded(&shared, &ctx, || template(&shared, &ctx, &path.0))
        }),
    )?;
    let shared = state.clone();
    own(
        "component",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, plugin: Text, name: Text| {
            guarded(&shared, &ctx, || plugins::component(&shared, &ctx, &plugin.0, &name.0))
        }),
    )?;
    let shared = state.clone();
    own(
        "log",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, level: Text, text: Text| {
            guarded(&shared, &ctx, || {
                shared.log(if level.0 == "warn" { LogLevel::Warn } else { LogLevel::Info }, &text.0);
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "error",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, thrown: Value<'js>, place: Text| {
            guarded(&shared, &ctx, || {
                shared.report_at(&ctx, &thrown, &place.0);
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "changes",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, page: u32, changes: Value<'js>| {
            guarded(&shared, &ctx, || {
                if let Some(changes) = convert::with_text(&changes, usize::MAX) {
                    shared.pages.changed(PageId(page), changes);
                }
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "webView",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, page: u32, src: Value<'js>, timeout: f64| {
            guarded(&shared, &ctx, || {
                // Whole, or what is opened would not be what the page names.
                let src = convert::with_text(&src, usize::MAX).unwrap_or_default();
                let timeout = (timeout > 0.0).then(|| Duration::from_secs_f64(timeout.min(LONGEST_MS) / 1e3));
                shared.pages.web_view(WebViewChange { page: PageId(page), src, timeout });
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "messages",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, page: u32, keep: bool| {
            guarded(&shared, &ctx, || match shared.surroundings.web_messages(PageId(page), keep) {
                Some(list) => ctx.json_parse(list),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    Ok(native)
}

/// Compiles a template and evaluates what comes out. What a plugin's template draws in comes from the plugin's folder.
fn template<'js>(state: &State, ctx: &Ctx<'js>, path: &str) -> rquickjs::Result<Value<'js>> {
    let (folder, own) = plugins::split(path);
    let read = |path: &str| state.surroundings.source(&format!("{folder}{path}")).ok();
    let compiled = compile(own, &read).map_err(|error| Exception::throw_message(ctx, error.message()))?;
    for warning in &compiled.warnings {
        state.log(LogLevel::Warn, warning);
    }
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(format!("{path}.wxml"));
    let length = compiled.text.len();
    let groups: Object<'js> = state.heap.roomy(ctx, length, || ctx.eval_with_options(compiled.text, options))?;
    let template = plain_object(ctx)?;
    convert::put_value(ctx, &template, "content", groups.get(own)?)?;
    convert::put_value(ctx, &template, "groupList", groups.into_value())?;
    Ok(template)
}
