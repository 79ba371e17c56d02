//! `canIUse(schema)`: whether the mini-program can use what the text names, with this host and now. It never throws,
//! and what nobody knows is false.

use super::guard::guarded;
use super::state::State;
use super::{calls, console, convert};
use crate::bridge::Precedence;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object, Result, Value};
use std::rc::Rc;

/// No schema is longer than this.
const MOST_BYTES: usize = 256;

/// Members that the prelude itself puts on `ft` and `wx`.
const OF_THE_PRELUDE: [&str; 3] = ["loadExtApi", "invokeNativePlugin", "env"];

/// Members that the component layer puts there, where there are pages.
const OF_THE_LAYER: [&str; 5] =
    ["nextTick", "createSelectorQuery", "createIntersectionObserver", "createMediaQueryObserver", "createAnimation"];

/// Puts `canIUse` on `functions`, which has all other members that are native functions already.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, functions: &Object<'js>) -> Result<()> {
    let mut members: Vec<String> = functions.keys::<String>().collect::<Result<_>>()?;
    members.extend(OF_THE_PRELUDE.map(str::to_owned));
    members.push("canIUse".to_owned());
    let shared = state.clone();
    let can_i_use = Function::new(ctx.clone(), move |ctx: Ctx<'js>, schema: Opt<Value<'js>>| {
        guarded(&shared, &ctx, || {
            let schema = schema.0.filter(Value::is_string);
            let text = schema.and_then(|schema| convert::with_text(&schema, MOST_BYTES));
            Ok(text.is_some_and(|text| usable(&shared, &members, &text)))
        })
    })?;
    convert::put_value(ctx, functions.as_value(), "canIUse", can_i_use.into_value())
}

fn usable(state: &State, members: &[String], schema: &str) -> bool {
    if schema.split('.').any(str::is_empty) {
        return false;
    }
    let (name, path) = schema.split_once('.').unwrap_or((schema, ""));
    let known = |path: &str| path.is_empty() || (state.setup.documented)(name, path);
    if name == "console" {
        return path.is_empty() || console::has(path);
    }
    let of_the_layer = state.pages.are_installed() && OF_THE_LAYER.contains(&name);
    if of_the_layer || members.iter().any(|member| member == name) {
        return known(path);
    }
    let is_object = |name: &str| {
        let mut built_ins = state.setup.built_ins.iter();
        built_ins.any(|built_in| built_in.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    };
    if is_object(name) {
        return known(path);
    }
    // Objects that built-ins give have names like `RequestTask`; no API has.
    if name.starts_with(|first: char| first.is_ascii_uppercase()) && !state.setup.dispatcher.has_custom(name) {
        return (state.setup.documented)(name, path);
    }
    // The last declaration of a name is the one that stands there.
    let api = state.apis.declared(&state.setup.caller, name);
    let api = api.or_else(|| calls::api_at(state, calls::slot_of(state, 0, name)?));
    let Some(api) = api.filter(|api| api.authorise(state).is_ok()) else { return false };
    let custom = api.precedence != Precedence::BuiltIn && state.setup.dispatcher.has_custom(name);
    if custom {
        // What a host's API takes and gives is not known, but for the way in which it is called.
        let callback = ["", "object", "object.success", "object.fail", "object.complete"].contains(&path);
        return path.is_empty() || (!api.info.sync && callback);
    }
    known(path)
}
