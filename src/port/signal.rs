//! `extInfo.signal`: tells a handler that nobody waits for its answer any more (H06). Made when it is first read, so a
//! call whose handler does not care pays nothing.

use super::environment::Environment;
use super::ffi::{Env, Kind, Try, Value};
use super::native::{Invocation, Member, native};
use super::raise::Raise;
use super::table::Token;
use crate::session::Session;
use finapp_core::{Error, ErrorCode};

native!(on_abort, listen);
native!(off_abort, unlisten);
native!(add_event_listener, listen_for);
native!(remove_event_listener, unlisten_for);

/// The methods of a signal. Its members `aborted`, `reason` and `listeners` are its own.
pub const MEMBERS: &[Member] = &[
    Member::Method(c"onAbort", on_abort),
    Member::Method(c"offAbort", off_abort),
    Member::Method(c"addEventListener", add_event_listener),
    Member::Method(c"removeEventListener", remove_event_listener),
];

/// The signal of a call: always the same one while the call is remembered.
pub fn of_call<'s>(env: Env<'s>, environment: &Environment, token: Token) -> Try<'s> {
    if let Some(signal) = environment.calls.signal(env, token) {
        return Ok(signal);
    }
    let signal = environment.built_ins.signal(env)?;
    env.set_member(signal, c"aborted", env.boolean(false)?)?;
    env.set_member(signal, c"listeners", env.array()?)?;
    environment.calls.watch(env, token, env.keep(signal)?);
    Ok(signal)
}

/// Tells the listeners of a signal, in the order in which they came.
pub fn abort<'s>(env: Env<'s>, signal: Value<'s>, reason: &Error, session: &Session) -> Try<'s, ()> {
    let why = env.object()?;
    env.set_member(why, c"code", env.number(f64::from(reason.code().number()))?)?;
    env.set_member(why, c"message", env.text(reason.message())?)?;
    env.set_member(signal, c"reason", why)?;
    env.set_member(signal, c"aborted", env.boolean(true)?)?;
    // A listener that comes from now on is called at once, so the list does not change while it is walked.
    let listeners = env.member(signal, c"listeners")?;
    env.set_member(signal, c"listeners", env.array()?)?;
    for index in 0..env.length(listeners) {
        let listener = env.item(listeners, index)?;
        session.caught(env, "a cancel listener", env.call(listener, signal, [why]));
    }
    Ok(())
}

fn listen<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    add(env, invocation.this, invocation.arguments[0])
}

fn unlisten<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    remove(env, invocation.this, invocation.arguments[0])
}

/// The form of the web: the name of the event comes first. There is one event.
fn listen_for<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let [event, listener] = invocation.arguments;
    if env.text_of(event).as_deref() == Some("abort") {
        add(env, invocation.this, listener)
    } else {
        Ok(env.undefined()?)
    }
}

fn unlisten_for<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let [event, listener] = invocation.arguments;
    if env.text_of(event).as_deref() == Some("abort") {
        remove(env, invocation.this, listener)
    } else {
        Ok(env.undefined()?)
    }
}

fn add<'s>(env: Env<'s>, signal: Value<'s>, listener: Value<'s>) -> Result<Value<'s>, Raise<'s>> {
    if env.kind(listener) != Kind::Function {
        let came = env.kind(listener).word();
        return Err(Error::new(ErrorCode::Parameter, format!("listener: expected a function, got {came}")).into());
    }
    if env.boolean_of(env.member(signal, c"aborted")?) == Some(true) {
        env.call(listener, signal, [env.member(signal, c"reason")?])?;
    } else {
        let listeners = env.member(signal, c"listeners")?;
        env.set_item(listeners, env.length(listeners), listener)?;
    }
    Ok(env.undefined()?)
}

fn remove<'s>(env: Env<'s>, signal: Value<'s>, listener: Value<'s>) -> Result<Value<'s>, Raise<'s>> {
    let listeners = env.member(signal, c"listeners")?;
    let rest = env.array()?;
    for index in 0..env.length(listeners) {
        let other = env.item(listeners, index)?;
        if !env.same(other, listener) {
            env.set_item(rest, env.length(rest), other)?;
        }
    }
    env.set_member(signal, c"listeners", rest)?;
    Ok(env.undefined()?)
}
