//! Making a call: read the callbacks, authorise, write the parameters, and hand over; or park until a synchronous call
//! is answered.

use super::Api;
use super::refusal::refuse;
use crate::bridge::{Answer, Authorized, CallInfo, Counters, Outcome, Payload, PendingCall, Spoken};
use crate::engine::callbacks::{Callbacks, HeldFunction};
use crate::engine::convert::{build, read, write};
use crate::engine::state::{Ready, ReadyEnd, State, Waiting};
use crate::engine::{error_text, results};
use crate::error::{Error, ErrorCode};
use crate::host::LogLevel;
use rquickjs::{Ctx, Function, Persistent, Result, Value};
use std::cell::Cell;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What goes with a call besides its parameters.
pub(super) struct With {
    pub(super) omit: write::Omit,
    pub(super) timeout: Option<Duration>,
    /// Glue that finishes the result.
    pub(super) unpack: Option<HeldFunction>,
}

/// Starts an asynchronous call. Gives the Promise, or `undefined` when callbacks were given. Never runs a callback.
pub(super) fn invoke<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    options: &Value<'js>,
    with: With,
) -> Result<Value<'js>> {
    begin(state, ctx, api, params, options, with).map(|(returned, _)| returned)
}

/// The same for a call that its caller can give up: gives the function for that, or `undefined` when the call is not
/// in flight.
pub(super) fn invoke_task<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    options: &Value<'js>,
    with: With,
) -> Result<Value<'js>> {
    let (_, call) = begin(state, ctx, api, params, options, with)?;
    let Some(call) = call else { return Ok(Value::new_undefined(ctx.clone())) };
    let abort = Function::new(ctx.clone(), move || {
        if let Some(call) = call.upgrade() {
            call.abort(&Error::new(ErrorCode::Cancelled, "abort"));
        }
    })?;
    Ok(abort.into_value())
}

fn begin<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &Api,
    params: &Value<'js>,
    options: &Value<'js>,
    with: With,
) -> Result<(Value<'js>, Option<Weak<PendingCall>>)> {
    let With { omit, timeout, unpack } = with;
    let (mut callbacks, returned, unreadable) = take_callbacks(state, ctx, options)?;
    callbacks.unpack = unpack;
    if let Some(error) = unreadable {
        refuse(state, ctx, api, callbacks, error)?;
        return Ok((returned, None));
    }
    let mut in_flight = None;
    match start(state, ctx, api, params, omit, timeout) {
        Ok(Started::InFlight(call)) => {
            in_flight = Some(Arc::downgrade(&call));
            state.await_call(Waiting { callbacks, prefix: api.prefix.clone(), call });
        }
        Ok(Started::Answered(answer)) => {
            let end = ReadyEnd::Answer(Persistent::save(ctx, answer));
            state.queue(Ready { callbacks, prefix: api.prefix.clone(), end });
        }
        Err(error) => refuse(state, ctx, api, callbacks, error)?,
    }
    Ok((returned, in_flight))
}

/// The callbacks of a call and what it returns. When a getter among the options throws there is nobody to call back:
/// the caller gets a Promise, and the call must fail with the error in the third part.
pub(super) fn take_callbacks<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    options: &Value<'js>,
) -> Result<(Callbacks, Value<'js>, Option<Error>)> {
    let outer = state.serialising.replace(true);
    let taken = Callbacks::take(ctx, options, &state.names);
    state.serialising.set(outer);
    match taken {
        Ok((callbacks, returned)) => Ok((callbacks, returned, None)),
        Err(_) => {
            drop(ctx.catch());
            let (callbacks, returned) = Callbacks::only_promise(ctx)?;
            let error = Error::new(ErrorCode::Serialize, "the options cannot be read");
            Ok((callbacks, returned, Some(error)))
        }
    }
}

enum Started<'js> {
    InFlight(Arc<PendingCall>),
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
        // The answer waits for its turn here: until then it counts like a call in flight.
        if state.ready.borrow().len() >= state.limits().calls_in_flight {
            return Err(ErrorCode::Busy.into());
        }
        return answer_inline(state, ctx, api, &authorized, params).map(Started::Answered);
    }
    let params = write_params(state, ctx, &authorized, params, omit)?;
    let deadline = timeout.or(authorized.timeout());
    let info = CallInfo { sync: false, page: state.pages.top(), ..api.info.clone() };
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
        ErrorCode::Denied => {
            Counters::count(&state.counters().denied);
            state.setup.dispatcher.refusals.note(&api.info.caller, api.info.api.as_str(), true);
        }
        ErrorCode::NotFound => {
            let name = api.info.api.as_str();
            if state.setup.debug {
                let near = state.setup.dispatcher.near(name);
                state.log(
                    LogLevel::Warn,
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
    authorized: &Authorized,
    params: &Value<'js>,
    omit: write::Omit,
) -> std::result::Result<Payload, Error> {
    let own = authorized.registration().options().arguments.as_ref();
    let limits = own.map_or(state.limits(), |own| &own.limits);
    state.serialising.set(true);
    let written = write::payload(params, omit, &state.names, limits);
    state.serialising.set(false);
    match written {
        Ok(payload) if payload.is_none() => Payload::from_writer("{}".to_owned(), Vec::new(), state.limits()),
        Ok(payload) => Ok(payload),
        Err(write::WriteError::Refused(error)) => Err(match own {
            Some(own) if error.code() == ErrorCode::TooLarge => own.too_large.into(),
            _ => error,
        }),
        Err(write::WriteError::Threw) => Err(threw(state, ctx)),
    }
}

/// A getter, `toJSON` or trap threw while arguments were read.
fn threw(state: &State, ctx: &Ctx<'_>) -> Error {
    if !ctx.has_exception() {
        return Error::new(ErrorCode::Serialize, "the arguments cannot be read");
    }
    let thrown = ctx.catch();
    // Its own getters count as part of the arguments.
    let outer = state.serialising.replace(true);
    let memory = error_text::is_out_of_memory(ctx, &thrown, &state.heap);
    let text = error_text::describe(ctx, &thrown, state.limits().error_text_applet_bytes);
    state.serialising.set(outer);
    if memory {
        return ErrorCode::Memory.into();
    }
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
    let getter = ctx.has_exception().then(|| threw(state, ctx));
    match ran {
        Ok(()) => Counters::count(&counters.succeeded),
        Err(error) => {
            Counters::count(&counters.failed);
            return Err(budget.refused().or(getter).unwrap_or(error).cut_to(state.limits().error_text_applet_bytes));
        }
    }
    let answer = sink.built.unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    results::of_answer(state, ctx, &api.prefix, answer).map_err(|_| ErrorCode::Internal.into())
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
pub(super) fn invoke_sync<'js>(
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
    let params = write_params(state, ctx, &authorized, params, omit)?;
    let limits = state.limits();
    let left = Duration::from_millis(limits.parked_per_turn_ms).saturating_sub(state.parked.get());
    let at_most = authorized.timeout().unwrap_or(Duration::from_millis(limits.sync_call_ms));
    let at_most = at_most.min(left).min(Duration::from_millis(5_000));
    let info = CallInfo { sync: true, page: state.pages.top(), ..api.info.clone() };
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
