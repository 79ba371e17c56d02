//! The way out of a mini-program and back: from a call of `ft.x(...)` to an authorised handler, and from the end of the
//! call to its callbacks. This file knows the APIs and hands their native functions to the prelude.

mod delivery;
mod invoke;
mod refusal;

pub(super) use delivery::{deliver_progress, deliver_ready, finish};

use super::convert::{self, Text, write};
use super::guard::guarded;
use super::results;
use super::state::State;
use crate::bridge::{Authorized, CallInfo, Caller, Precedence, Spoken};
use crate::error::Error;
use crate::ids::ApiName;
use invoke::{With, invoke, invoke_sync, invoke_task};
use refusal::{no_name, refuse_arguments, refuse_named};
use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// An API that the mini-program can call, as its `ft` knows it.
pub(super) struct Api {
    pub(super) info: CallInfo,
    pub(super) prefix: Rc<str>,
    pub(super) precedence: Precedence,
    /// What the name was resolved to, and the version of the registries then.
    resolved: RefCell<Option<(u64, Authorized)>>,
}

impl Api {
    fn new(caller: Arc<Caller>, name: ApiName, spoken: Spoken, sync: bool, precedence: Precedence) -> Self {
        let prefix = match spoken {
            // A method of an object of the library's own is named without it.
            Spoken::Direct if precedence == Precedence::BuiltIn => {
                Rc::from(name.as_str().rsplit('.').next().unwrap_or_default())
            }
            Spoken::Direct => Rc::from(name.as_str()),
            Spoken::InvokeNativePlugin => Rc::from("invokeNativePlugin"),
        };
        let info = CallInfo { page: caller.page(), caller, api: name, spoken, sync };
        Self { info, prefix, precedence, resolved: RefCell::new(None) }
    }

    pub(super) fn authorise(&self, state: &State) -> std::result::Result<Authorized, Error> {
        let dispatcher = &state.setup.dispatcher;
        let version = dispatcher.version.current();
        if let Some((seen, authorized)) = &*self.resolved.borrow()
            && *seen == version
        {
            return Ok(authorized.clone());
        }
        let authorized = dispatcher.authorise(&self.info.caller, self.info.api.as_str(), self.precedence)?;
        *self.resolved.borrow_mut() = Some((version, authorized.clone()));
        Ok(authorized)
    }
}

/// The APIs of one engine by their slots: first the built-ins, in the order of their list, once for each scope; then what
/// was declared.
#[derive(Default)]
pub(super) struct Apis {
    /// Made when they are asked for: an applet calls a few of hundreds.
    built_ins: RefCell<HashMap<usize, Rc<Api>>>,
    declared: RefCell<Vec<Rc<Api>>>,
}

impl Apis {
    pub(super) fn clear(&self) {
        self.built_ins.borrow_mut().clear();
        self.declared.borrow_mut().clear();
    }

    /// The last that was declared in a scope under that name.
    pub(super) fn declared(&self, caller: &Arc<Caller>, name: &str) -> Option<Rc<Api>> {
        let own = |api: &&Rc<Api>| Arc::ptr_eq(&api.info.caller, caller) && api.info.api.as_str() == name;
        self.declared.borrow().iter().rfind(own).cloned()
    }
}

/// How many slots stand before those of what is declared.
fn before_declared(state: &State) -> usize {
    (1 + state.setup.plugins.len()) * state.setup.built_ins.len()
}

/// The slot of a built-in in a scope.
pub(super) fn slot_of(state: &State, scope: usize, name: &str) -> Option<usize> {
    let list = state.setup.built_ins;
    let index = list.iter().position(|built_in| built_in.name == name)?;
    Some(scope * list.len() + index)
}

/// Puts the native functions of this file on `native`, the object that the prelude alone receives.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let own = |name: &str, function: Result<Function<'js>>| -> Result<()> {
        convert::put_value(ctx, native.as_value(), name, function?.into_value())
    };
    let shared = state.clone();
    own(
        "declare",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, scope: usize, name: Text, sync: bool, overwrite: bool| {
            guarded(&shared, &ctx, || Ok(declare(&shared, scope, &name.0, sync, overwrite)))
        }),
    )?;
    let shared = state.clone();
    own(
        "invoke",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, slot: usize, options: Value<'js>| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => {
                    let with = With { omit: write::Omit::Callbacks, timeout: None, unpack: None };
                    invoke(&shared, &ctx, &api, &options, &options, with)
                }
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    own("invokeWith", glued(state, ctx, invoke))?;
    own("invokeTask", glued(state, ctx, invoke_task))?;
    let shared = state.clone();
    own(
        "invokeSync",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, slot: usize, options: Value<'js>| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => invoke_sync(&shared, &ctx, &api, &options, write::Omit::Callbacks),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "invokeNamed",
        Function::new(
            ctx.clone(),
            move |ctx: Ctx<'js>,
                  scope: usize,
                  name: Value<'js>,
                  data: Value<'js>,
                  options: Value<'js>,
                  timeout: Opt<f64>| {
                guarded(&shared, &ctx, || {
                    let timeout =
                        timeout.0.filter(|ms| *ms > 0.0 && *ms < 1e9).map(|ms| Duration::from_secs_f64(ms / 1e3));
                    match named(&shared, scope, &name, false) {
                        Some(api) => {
                            let with = With { omit: write::Omit::Nothing, timeout, unpack: None };
                            invoke(&shared, &ctx, &api, &data, &options, with)
                        }
                        None => refuse_named(&shared, &ctx, &options),
                    }
                })
            },
        ),
    )?;
    let shared = state.clone();
    own(
        "invokeNamedSync",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, scope: usize, name: Value<'js>, data: Value<'js>| {
            guarded(&shared, &ctx, || match named(&shared, scope, &name, true) {
                Some(api) => invoke_sync(&shared, &ctx, &api, &data, write::Omit::Nothing),
                None => results::of_error(&shared, &ctx, "invokeNativePlugin", &no_name()),
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "refuse",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, slot: usize, options: Value<'js>, text: Text| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => refuse_arguments(&shared, &ctx, &api, &options, text.0),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    let shared = state.clone();
    own("reading", Function::new(ctx.clone(), move |on: bool| shared.serialising.replace(on)))?;
    let shared = state.clone();
    own(
        "hasCustom",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: Text| {
            guarded(&shared, &ctx, || Ok(shared.setup.dispatcher.has_custom(&name.0)))
        }),
    )?;
    let shared = state.clone();
    own(
        "registered",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>| guarded(&shared, &ctx, || registered(&shared, &ctx))),
    )
}

/// One of the two ways to make a call.
type Make = for<'js> fn(&State, &Ctx<'js>, &Api, &Value<'js>, &Value<'js>, With) -> Result<Value<'js>>;

/// The native function for glue: it has written the parameters itself, and may want to finish the result.
fn glued<'js>(state: &Rc<State>, ctx: &Ctx<'js>, make: Make) -> Result<Function<'js>> {
    let shared = state.clone();
    Function::new(
        ctx.clone(),
        move |ctx: Ctx<'js>, slot: usize, params: Value<'js>, options: Value<'js>, unpack: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => {
                    let unpack = unpack.0.and_then(Value::into_function);
                    let unpack = unpack.map(|function| Persistent::save(&ctx, function));
                    let with = With { omit: write::Omit::Nothing, timeout: None, unpack };
                    make(&shared, &ctx, &api, &params, &options, with)
                }
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        },
    )
}

pub(super) fn api_at(state: &State, slot: usize) -> Option<Rc<Api>> {
    if let Some(at) = slot.checked_sub(before_declared(state)) {
        return state.apis.declared.borrow().get(at).cloned();
    }
    if let Some(known) = state.apis.built_ins.borrow().get(&slot) {
        return Some(known.clone());
    }
    let list = state.setup.built_ins;
    let built_in = list.get(slot.checked_rem(list.len())?)?;
    let caller = caller(state, slot.checked_div(list.len())?)?;
    let name = ApiName::parse(built_in.name).ok()?;
    let api = Rc::new(Api::new(caller, name, Spoken::Direct, built_in.sync, Precedence::BuiltIn));
    state.apis.built_ins.borrow_mut().insert(slot, api.clone());
    Some(api)
}

/// Who calls with the functions of a scope: the mini-program with those of the first, then the plugins.
fn caller(state: &State, scope: usize) -> Option<Arc<Caller>> {
    match scope.checked_sub(1) {
        None => Some(state.setup.caller.clone()),
        Some(at) => state.setup.plugins.get(at).map(|plugin| plugin.caller.clone()),
    }
}

/// Declares an API; gives its slot, or -1 when the name is malformed and -2 when there are too many.
fn declare(state: &State, scope: usize, name: &str, sync: bool, overwrite: bool) -> i32 {
    let (Ok(name), Some(caller)) = (ApiName::parse(name), caller(state, scope)) else { return -1 };
    let precedence = if overwrite { Precedence::Overwrite } else { Precedence::Custom };
    let mut declared = state.apis.declared.borrow_mut();
    if declared.len() >= state.limits().declared_apis {
        return -2;
    }
    let slot = before_declared(state) + declared.len();
    declared.push(Rc::new(Api::new(caller, name, Spoken::Direct, sync, precedence)));
    i32::try_from(slot).unwrap_or(-2)
}

/// The API of `invokeNativePlugin({api_name})`. Not kept: the name is the caller's and may be anything.
fn named(state: &State, scope: usize, name: &Value<'_>, sync: bool) -> Option<Rc<Api>> {
    let name = if name.is_string() { convert::with_text(name, 128)? } else { return None };
    let name = ApiName::parse(&name).ok()?;
    let caller = caller(state, scope)?;
    Some(Rc::new(Api::new(caller, name, Spoken::InvokeNativePlugin, sync, Precedence::Custom)))
}

/// The names the host has registered, with whether each is synchronous: pairs in one flat list.
fn registered<'js>(state: &State, ctx: &Ctx<'js>) -> Result<Value<'js>> {
    let dispatcher = &state.setup.dispatcher;
    let mut names = dispatcher.global.names();
    names.extend(dispatcher.own.names());
    names.sort();
    names.dedup();
    let sync = |name: &str| {
        let registration = dispatcher.own.get(name).or_else(|| dispatcher.global.get(name));
        registration.is_some_and(|registration| registration.options().sync)
    };
    let pairs: Vec<serde_json::Value> =
        names.iter().flat_map(|name| [name.as_str().into(), sync(name.as_str()).into()]).collect();
    ctx.json_parse(serde_json::Value::from(pairs).to_string())
}
