//! The way out of a mini-program: from a call of `ft.x(...)` to an authorised handler, and the end of a call back to
//! its callbacks.

use super::callbacks::{Callbacks, HeldFunction};
use super::convert::{self, build, read, write};
use super::guard::guarded;
use super::results::{self, Verdict};
use super::state::{Ready, ReadyEnd, State, Waiting};
use crate::bridge::{Answer, Authorized, CallInfo, Counters, Outcome, Payload, Precedence, Spoken};
use crate::error::{Error, ErrorCode};
use crate::ids::ApiName;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How many refused calls may wait for their `fail`. Beyond it the call throws: a caller that does not let its
/// callbacks run cannot make this queue grow.
const REFUSALS_QUEUED: usize = 1_024;

/// An API that the mini-program can call, as its `ft` knows it.
pub(super) struct Api {
    info: CallInfo,
    prefix: Rc<str>,
    precedence: Precedence,
    /// What the name was resolved to, and the version of the registries then.
    resolved: RefCell<Option<(u64, Authorized)>>,
}

impl Api {
    fn new(state: &State, name: ApiName, spoken: Spoken, sync: bool, precedence: Precedence) -> Self {
        let prefix = match spoken {
            Spoken::Direct => Rc::from(name.as_str()),
            Spoken::InvokeNativePlugin => Rc::from("invokeNativePlugin"),
        };
        let info = CallInfo { caller: state.setup.caller.clone(), api: name, spoken, sync };
        Self { info, prefix, precedence, resolved: RefCell::new(None) }
    }

    fn authorise(&self, state: &State) -> std::result::Result<Authorized, Error> {
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

/// Puts the native functions of this file on `native`, the object that the prelude alone receives.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let own = |name: &str, function: Result<Function<'js>>| -> Result<()> {
        convert::put_value(ctx, native.as_value(), name, function?.into_value())
    };
    let shared = state.clone();
    own(
        "declare",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: String, sync: bool, overwrite: i32| {
            guarded(&shared, &ctx, || Ok(declare(&shared, &name, sync, overwrite)))
        }),
    )?;
    let shared = state.clone();
    own(
        "invoke",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, slot: usize, options: Value<'js>| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => invoke(&shared, &ctx, &api, &options, &options, write::Omit::Callbacks, None),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
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
            move |ctx: Ctx<'js>, name: Value<'js>, data: Value<'js>, options: Value<'js>, timeout: Opt<f64>| {
                guarded(&shared, &ctx, || {
                    let timeout =
                        timeout.0.filter(|ms| *ms > 0.0 && *ms < 1e9).map(|ms| Duration::from_secs_f64(ms / 1e3));
                    match named(&shared, &name, false) {
                        Some(api) => invoke(&shared, &ctx, &api, &data, &options, write::Omit::Nothing, timeout),
                        None => refuse_named(&shared, &ctx, &options),
                    }
                })
            },
        ),
    )?;
    let shared = state.clone();
    own(
        "invokeNamedSync",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: Value<'js>, data: Value<'js>| {
            guarded(&shared, &ctx, || match named(&shared, &name, true) {
                Some(api) => invoke_sync(&shared, &ctx, &api, &data, write::Omit::Nothing),
                None => results::of_error(&shared, &ctx, "invokeNativePlugin", &ErrorCode::Parameter.into()),
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "refuse",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, slot: usize, options: Value<'js>, text: String| {
            guarded(&shared, &ctx, || match api_at(&shared, slot) {
                Some(api) => refuse_arguments(&shared, &ctx, &api, &options, text),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "hasCustom",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: String| {
            guarded(&shared, &ctx, || Ok(shared.setup.dispatcher.has_custom(&name)))
        }),
    )?;
    let shared = state.clone();
    own(
        "registered",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>| guarded(&shared, &ctx, || registered(&shared, &ctx))),
    )
}

fn api_at(state: &State, slot: usize) -> Option<Rc<Api>> {
    state.apis.borrow().get(slot).cloned()
}

/// Declares an API; gives its slot, or -1 when the name is malformed and -2 when there are too many.
fn declare(state: &State, name: &str, sync: bool, overwrite: i32) -> i32 {
    let Ok(name) = ApiName::parse(name) else { return -1 };
    let precedence = match overwrite {
        0 => Precedence::Custom,
        1 => Precedence::Overwrite,
        _ => Precedence::BuiltIn,
    };
    let mut apis = state.apis.borrow_mut();
    if apis.len() >= state.limits().declared_apis {
        return -2;
    }
    apis.push(Rc::new(Api::new(state, name, Spoken::Direct, sync, precedence)));
    i32::try_from(apis.len() - 1).unwrap_or(-2)
}

/// The API of `invokeNativePlugin({api_name})`. Not kept: the name is the caller's and may be anything.
fn named(state: &State, name: &Value<'_>, sync: bool) -> Option<Rc<Api>> {
    let name = if name.is_string() { convert::with_text(name, 128)? } else { return None };
    let name = ApiName::parse(&name).ok()?;
    Some(Rc::new(Api::new(state, name, Spoken::InvokeNativePlugin, sync, Precedence::Custom)))
}

/// The names the host has registered, with whether each is synchronous: pairs in one flat list.
fn registered<'js>(state: &State, ctx: &Ctx<'js>) -> Result<Value<'js>> {
    let dispatcher = &state.setup.dispatcher;
    let list = rquickjs::Array::new(ctx.clone())?;
    let mut names = dispatcher.global.names();
    names.extend(dispatcher.own.names());
    names.sort();
    names.dedup();
    for (index, name) in names.iter().enumerate() {
        let sync = dispatcher
            .own
            .get(name.as_str())
            .or_else(|| dispatcher.global.get(name.as_str()))
            .is_some_and(|registration| registration.options().sync);
        list.set(2 * index, name.as_str())?;
        list.set(2 * index + 1, sync)?;
    }
    Ok(list.into_value())
}

/// Starts an asynchronous call. Gives the Promise, or `undefined` when callbacks were given. Never runs a callback.
fn invoke<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    options: &Value<'js>,
    omit: write::Omit,
    timeout: Option<Duration>,
) -> Result<Value<'js>> {
    let (callbacks, returned) = match Callbacks::take(ctx, options) {
        Ok(taken) => taken,
        Err(_) => {
            // A getter among the options threw: nobody to call back, so the caller gets a Promise that fails.
            drop(ctx.catch());
            let (callbacks, returned) = Callbacks::only_promise(ctx)?;
            let error = Error::new(ErrorCode::Serialize, "the options cannot be read");
            refuse(state, ctx, api, callbacks, error)?;
            return Ok(returned);
        }
    };
    match start(state, ctx, api, params, omit, timeout) {
        Ok(Started::InFlight(call)) => {
            state.await_call(Waiting { callbacks, prefix: api.prefix.clone(), call });
        }
        Ok(Started::Answered(answer)) => {
            let end = ReadyEnd::Answer(Persistent::save(ctx, answer));
            state.queue(Ready { callbacks, prefix: api.prefix.clone(), end });
        }
        Err(error) => refuse(state, ctx, api, callbacks, error)?,
    }
    Ok(returned)
}

enum Started<'js> {
    InFlight(Arc<crate::bridge::PendingCall>),
    Answered(Value<'js>),
}

fn start<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    omit: write::Omit,
    timeout: Option<Duration>,
) -> std::result::Result<Started<'js>, Error> {
    let authorized = authorise(state, api)?;
    if authorized.is_inline() {
        return answer_inline(state, ctx, api, &authorized, params).map(Started::Answered);
    }
    let params = write_params(state, ctx, params, omit)?;
    let deadline = timeout.or(authorized.timeout());
    let info = CallInfo { sync: false, ..api.info.clone() };
    authorized.start(&state.setup.scope, info, params, deadline).map(Started::InFlight)
}

fn authorise(state: &State, api: &Api) -> std::result::Result<Authorized, Error> {
    if state.serialising.get() {
        return Err(Error::new(ErrorCode::Busy, "called while the arguments of another call are being read"));
    }
    api.authorise(state).map_err(|error| explain(state, api, error))
}

/// Gives an unknown name its dialect's text, and remembers near names for a debug build of the host.
fn explain(state: &State, api: &Api, error: Error) -> Error {
    match error.code() {
        ErrorCode::Denied => Counters::count(&state.counters().denied),
        ErrorCode::NotFound => {
            let name = api.info.api.as_str();
            if state.setup.debug {
                let near = state.setup.dispatcher.near(name);
                state.log(
                    crate::host::LogLevel::Warn,
                    &format!("nobody answers the api {name:?}; registered names like it: [{}]", near.join(", ")),
                );
                state.suggest(near);
            }
            if api.info.spoken == Spoken::InvokeNativePlugin {
                return Error::new(ErrorCode::NotFound, format!("api \"{name}\" is not registered"));
            }
        }
        _ => {}
    }
    error
}

fn write_params<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    params: &Value<'js>,
    omit: write::Omit,
) -> std::result::Result<Payload, Error> {
    state.serialising.set(true);
    let written = write::payload(params, omit, state.limits());
    state.serialising.set(false);
    match written {
        Ok(payload) if payload.is_none() => Payload::from_writer("{}".to_owned(), Vec::new(), state.limits()),
        Ok(payload) => Ok(payload),
        Err(write::WriteError::Refused(error)) => Err(error),
        Err(write::WriteError::Threw) => Err(threw(state, ctx)),
    }
}

/// A getter, `toJSON` or trap threw while arguments were read.
fn threw(state: &State, ctx: &Ctx<'_>) -> Error {
    let thrown = ctx.catch();
    if super::error_text::is_out_of_memory(ctx, &thrown) {
        return ErrorCode::Memory.into();
    }
    let text = super::error_text::describe(ctx, &thrown, state.limits().error_text_applet_bytes);
    Error::new(ErrorCode::Serialize, format!("reading the arguments failed: {}", text.lines().next().unwrap_or("")))
}

fn answer_inline<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    authorized: &Authorized,
    params: &Value<'js>,
) -> std::result::Result<Value<'js>, Error> {
    let began = state.setup.turn.now();
    let counters = state.counters();
    Counters::count(&counters.calls);
    let budget = read::Budget::new(state.limits());
    let bytes = Cell::new(state.limits().message_bytes);
    let mut sink = BuiltAnswer { builder: build::Builder::new(ctx, state.limits(), &bytes), built: None };
    let mut reader = <dyn erased_serde::Deserializer<'_>>::erase(read::Reader::new(params.clone(), &budget));
    state.serialising.set(true);
    let ran = authorized.run(&api.info, &mut reader, &mut sink);
    state.serialising.set(false);
    let took = state.setup.turn.now().saturating_sub(began);
    counters.latency(took);
    if let Some(trace) = state.setup.scope.trace() {
        trace.answered(&api.info.api, took);
    }
    // A getter that threw while the handler read its arguments leaves its exception behind.
    if ctx.has_exception() {
        drop(ctx.catch());
    }
    match ran {
        Ok(()) => Counters::count(&counters.succeeded),
        Err(error) => {
            Counters::count(&counters.failed);
            return Err(error.cut_to(state.limits().error_text_applet_bytes));
        }
    }
    let answer = sink.built.unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    results::of_answer(ctx, &api.prefix, answer).map_err(|_| ErrorCode::Internal.into())
}

struct BuiltAnswer<'a, 'js> {
    builder: build::Builder<'a, 'js>,
    built: Option<Value<'js>>,
}

impl Answer for BuiltAnswer<'_, '_> {
    fn put(&mut self, value: &dyn erased_serde::Serialize) -> std::result::Result<(), Error> {
        let built = serde::Serialize::serialize(value, self.builder)
            .map_err(|error| Error::new(ErrorCode::HandlerResult, error.to_string()))?;
        self.built = Some(built);
        Ok(())
    }
}

/// Makes a synchronous call. Failures come back as the return value, never as an exception.
fn invoke_sync<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    omit: write::Omit,
) -> Result<Value<'js>> {
    match call_sync(state, ctx, api, params, omit) {
        Ok(SyncEnd::Built(value)) => Ok(value),
        Ok(SyncEnd::Outcome(outcome)) => Ok(results::of_outcome(state, ctx, &api.prefix, &outcome)?.1),
        Err(error) => {
            Counters::count(&state.counters().refused);
            results::of_error(state, ctx, &api.prefix, &error)
        }
    }
}

enum SyncEnd<'js> {
    Built(Value<'js>),
    Outcome(Outcome),
}

fn call_sync<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    omit: write::Omit,
) -> std::result::Result<SyncEnd<'js>, Error> {
    let authorized = authorise(state, api)?;
    if authorized.is_inline() {
        return answer_inline(state, ctx, api, &authorized, params).map(SyncEnd::Built);
    }
    if !authorized.registration().options().sync {
        return Err(Error::new(
            ErrorCode::Unsupported,
            "the api is asynchronous, but was declared or called with sync: true",
        ));
    }
    let params = write_params(state, ctx, params, omit)?;
    let limits = state.limits();
    let left = Duration::from_millis(limits.parked_per_turn_ms).saturating_sub(state.parked.get());
    let at_most = authorized.timeout().unwrap_or(Duration::from_millis(limits.sync_call_ms));
    let at_most = at_most.min(left).min(Duration::from_millis(5_000));
    let info = CallInfo { sync: true, ..api.info.clone() };
    let call = authorized.start(&state.setup.scope, info, params, None)?;
    let began = state.setup.turn.now();
    let budget = state.setup.turn.park();
    let outcome = state.surroundings.wait(call.id(), at_most).or_else(|| {
        // Nobody answered in time; whoever answers now is late. An answer that came in between still counts.
        call.time_out();
        state.surroundings.wait(call.id(), Duration::ZERO)
    });
    state.setup.turn.unpark(budget);
    state.parked.set(state.parked.get() + state.setup.turn.now().saturating_sub(began));
    state.setup.scope.release(call.id());
    Ok(SyncEnd::Outcome(outcome.unwrap_or_else(|| Outcome::failed(ErrorCode::Closed))))
}

/// Fails a call that reached no handler. The Promise rejects by itself; callbacks run in a later turn.
fn refuse<'js>(state: &State, ctx: &Ctx<'js>, api: &Api, callbacks: Callbacks, error: Error) -> Result<()> {
    refuse_as(state, ctx, &api.prefix, callbacks, error)
}

fn refuse_as<'js>(state: &State, ctx: &Ctx<'js>, prefix: &Rc<str>, callbacks: Callbacks, error: Error) -> Result<()> {
    Counters::count(&state.counters().refused);
    if callbacks.promise.is_some() && callbacks.cancel.is_none() {
        let (_, reject) = callbacks.promise.ok_or(rquickjs::Error::Unknown)?;
        let result = results::of_error(state, ctx, prefix, &error)?;
        return reject.restore(ctx)?.call((result,));
    }
    if state.ready.borrow().len() >= REFUSALS_QUEUED {
        let result = results::of_error(state, ctx, prefix, &error)?;
        return Err(ctx.throw(result));
    }
    state.queue(Ready { callbacks, prefix: prefix.clone(), end: ReadyEnd::Refused(error) });
    Ok(())
}

fn refuse_named<'js>(state: &State, ctx: &Ctx<'js>, options: &Value<'js>) -> Result<Value<'js>> {
    let (callbacks, returned) = Callbacks::take(ctx, options)?;
    let error = Error::new(ErrorCode::Parameter, "parameter error: parameter.api_name is not the name of an api");
    refuse_as(state, ctx, &Rc::from("invokeNativePlugin"), callbacks, error)?;
    Ok(returned)
}

/// Fails a call whose arguments do not fit their template. A synchronous call gets the failure as its value.
fn refuse_arguments<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    options: &Value<'js>,
    text: String,
) -> Result<Value<'js>> {
    let error = Error::new(ErrorCode::Parameter, text);
    if api.info.sync {
        Counters::count(&state.counters().refused);
        return results::of_error(state, ctx, &api.prefix, &error);
    }
    let (callbacks, returned) = Callbacks::take(ctx, options)?;
    refuse(state, ctx, api, callbacks, error)?;
    Ok(returned)
}

/// Runs the callbacks of a call that has ended: `success` or `fail` (then `cancel`), then `complete`. One that throws
/// does not keep the next from running.
pub(super) fn finish<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    callbacks: &Callbacks,
    result: impl FnOnce(&State) -> Result<(Verdict, Value<'js>)>,
) {
    let (verdict, result) = match result(state) {
        Ok(built) => built,
        Err(error) => return state.absorb(ctx, &error),
    };
    let run = |function: &Option<HeldFunction>| {
        if let Some(function) = function {
            state.call_held(ctx, function, (result.clone(),));
        }
    };
    if let Some((resolve, reject)) = &callbacks.promise {
        let settle = if verdict == Verdict::Success { resolve } else { reject };
        state.call_held(ctx, settle, (result.clone(),));
    }
    match verdict {
        Verdict::Success => run(&callbacks.success),
        Verdict::Failure => run(&callbacks.fail),
        Verdict::Cancelled => {
            run(&callbacks.fail);
            run(&callbacks.cancel);
        }
    }
    if callbacks.fail.is_none()
        && callbacks.complete.is_none()
        && callbacks.promise.is_none()
        && verdict != Verdict::Success
    {
        state.log(crate::host::LogLevel::Warn, "a call failed and has neither fail nor complete");
    }
    run(&callbacks.complete);
}

/// Delivers one end that was decided on this thread. False when none waits.
pub(super) fn deliver_ready(state: &State, ctx: &Ctx<'_>) -> bool {
    let Some(ready) = state.ready.borrow_mut().pop_front() else { return false };
    finish(state, ctx, &ready.callbacks, |state| match ready.end {
        ReadyEnd::Answer(answer) => Ok((Verdict::Success, answer.restore(ctx)?)),
        ReadyEnd::Refused(error) => Ok((Verdict::Failure, results::of_error(state, ctx, &ready.prefix, &error)?)),
    });
    true
}

/// Calls the `progress` function of a call in flight.
pub(super) fn deliver_progress(state: &State, ctx: &Ctx<'_>, id: crate::ids::CallId, payload: &Payload) {
    let function = state.waiting.borrow().get(id.slot as usize).and_then(|waiting| {
        let waiting = waiting.as_ref().filter(|waiting| waiting.call.id() == id)?;
        waiting.callbacks.progress.clone()
    });
    Counters::count(&state.counters().progress);
    let Some(function) = function else { return };
    match convert::parse::value(ctx, payload) {
        Ok(value) => {
            state.call_held(ctx, &function, (value,));
        }
        Err(error) => state.absorb(ctx, &error),
    }
}
