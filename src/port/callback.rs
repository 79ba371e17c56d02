//! `callback`: how a handler answers. The same answers come from what a handler returns, and from promises.

use super::calls::Settle;
use super::environment::Environment;
use super::ffi::{Env, Kind, Value};
use super::native::{Invocation, Member, Trampoline, native};
use super::outgoing;
use super::raise::Raise;
use super::style::{Ends, Manner};
use super::table::Token;
use super::thrown::{Thrown, number};
use crate::session::Session;
use finapp_core::bridge::{Payload, Reply};
use finapp_core::host::LogLevel;
use finapp_core::{Error, ErrorCode, Limits};
use std::rc::Rc;

native!(on_success, succeed);
native!(on_fail, fail);
native!(on_cancel, cancel);
native!(on_progress, progress);
native!(fulfilled, fulfil);
native!(rejected, reject);

/// The methods of `callback`.
pub const MEMBERS: &[Member] = &[
    Member::Method(c"onSuccess", on_success),
    Member::Method(c"onFail", on_fail),
    Member::Method(c"onCancel", on_cancel),
    Member::Method(c"onProgress", on_progress),
    Member::Method(c"sendState", on_progress),
];
/// Follows the promise of a handler.
pub const FULFILLED: Trampoline = fulfilled;
/// The same, for a rejection.
pub const REJECTED: Trampoline = rejected;

type Returned<'s> = Result<Value<'s>, Raise<'s>>;

fn succeed<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    by_method(env, invocation, Answers::payload, Reply::success)
}

fn cancel<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    by_method(env, invocation, Answers::payload, Reply::cancel)
}

fn fail<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    by_method(env, invocation, Answers::failure, Reply::fail)
}

fn progress<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    let call_id = env.number_of(env.member(invocation.this, c"callId")?);
    let (Some(call_id), Some(environment)) = (call_id, Environment::find(env)) else { return Ok(env.boolean(false)?) };
    let token = Token::of(call_id);
    // What comes after the end is refused and counted by the bridge; it need not be written for that.
    let state = environment.calls.session_of_open(token).map(|session| {
        let answers = Answers { environment: environment.clone(), session, token };
        answers.payload(env, invocation.arguments[0]).inspect_err(|error| {
            let line = format!("a progress state cannot be sent: {}", error.message());
            answers.session.log.write(LogLevel::Warn, "finapp", &line);
        })
    });
    let taken = match state.unwrap_or_else(|| Ok(Payload::none())) {
        Ok(state) => environment.calls.progress(token, state),
        Err(_) => false,
    };
    Ok(env.boolean(taken)?)
}

/// The promise of a handler was fulfilled.
fn fulfil<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    let [call_id, value] = invocation.arguments;
    if let (Some(call_id), Some(environment)) = (env.number_of(call_id), Environment::find(env)) {
        let token = Token::of(call_id);
        if let Some((session, ends)) = environment.calls.promised(token) {
            Answers { environment, session, token }.ended(env, value, ends);
        }
    }
    Ok(env.undefined()?)
}

fn reject<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Returned<'s> {
    let [call_id, error] = invocation.arguments;
    if let Some(answers) = Answers::of(env, call_id) {
        answers.threw(env, error);
    }
    Ok(env.undefined()?)
}

fn by_method<'s>(
    env: Env<'s>,
    invocation: &Invocation<'s>,
    read: fn(&Answers, Env<'s>, Value<'s>) -> Result<Payload, Error>,
    settle: Settle,
) -> Returned<'s> {
    answer(env, env.member(invocation.this, c"callId")?, invocation.arguments[0], read, settle);
    Ok(env.undefined()?)
}

fn answer<'s>(
    env: Env<'s>,
    call_id: Value<'s>,
    value: Value<'s>,
    read: fn(&Answers, Env<'s>, Value<'s>) -> Result<Payload, Error>,
    settle: Settle,
) {
    if let Some(answers) = Answers::of(env, call_id) {
        let body = read(&answers, env, value);
        answers.settle(env, body, settle);
    }
}

/// A call that may be answered.
pub struct Answers {
    /// Where it is kept.
    pub environment: Rc<Environment>,
    /// The client it belongs to.
    pub session: Rc<Session>,
    /// Its token.
    pub token: Token,
}

impl Answers {
    /// The call of this id, if an answer would be its first. A late answer is counted here.
    fn of<'s>(env: Env<'s>, call_id: Value<'s>) -> Option<Self> {
        let token = Token::of(env.number_of(call_id)?);
        let environment = Environment::find(env)?;
        let Some(session) = environment.calls.session_of_open(token) else {
            environment.calls.answer(env, token, |reply| reply.success(Payload::none()));
            return None;
        };
        Some(Self { environment, session, token })
    }

    /// What the handler returned.
    pub fn returned<'s>(&self, env: Env<'s>, value: Value<'s>, call_id: Value<'s>, manner: Manner) {
        if !env.is_promise(value) {
            self.ended(env, value, manner.by_returning());
        } else if self.environment.built_ins.follow(env, value, call_id).is_err() {
            self.refuse(env, ErrorCode::Internal.into());
        }
    }

    /// The handler is done, and this is what it made.
    fn ended<'s>(&self, env: Env<'s>, value: Value<'s>, ends: Ends) {
        let nothing = match env.kind(value) {
            Kind::Undefined => true,
            Kind::Null => ends == Ends::InAnyCase,
            _ => false,
        };
        match ends {
            Ends::ByValue | Ends::InAnyCase if !nothing => {
                // One that has called back as well has answered twice, which is counted.
                let body = if self.is_open() { self.payload(env, value) } else { Ok(Payload::none()) };
                self.settle(env, body, Reply::success);
            }
            Ends::InAnyCase | Ends::WithoutValue if self.is_open() => {
                self.settle(env, Ok(Payload::none()), Reply::success);
            }
            Ends::ByValue | Ends::InAnyCase | Ends::WithoutValue | Ends::ByCallback => {}
        }
    }

    /// The handler threw, or its promise was rejected.
    pub fn threw<'s>(&self, env: Env<'s>, error: Value<'s>) {
        let thrown = Thrown::read(env, error);
        self.environment.calls.answer(env, self.token, |reply| thrown.fail(reply, self.limits()));
    }

    /// The call fails with an error of ours.
    pub fn refuse(&self, env: Env<'_>, error: Error) {
        self.environment.calls.answer(env, self.token, |reply| reply.fail_with(Payload::none(), error));
    }

    /// Whether nobody has answered yet.
    fn is_open(&self) -> bool {
        self.environment.calls.session_of_open(self.token).is_some()
    }

    fn settle(&self, env: Env<'_>, body: Result<Payload, Error>, settle: Settle) {
        match body {
            Ok(body) => self.environment.calls.settle(env, self.token, settle, body),
            Err(error) => {
                self.refuse(env, Error::new(ErrorCode::HandlerResult, error.message().to_owned()));
            }
        }
    }

    fn payload<'s>(&self, env: Env<'s>, value: Value<'s>) -> Result<Payload, Error> {
        outgoing::payload(env, &self.environment.built_ins, self.limits(), value)
    }

    /// What a handler fails with: an `Error` and a text become an `errMsg`, which an `Error` would otherwise lose in
    /// JSON; everything else is sent as it is.
    fn failure<'s>(&self, env: Env<'s>, value: Value<'s>) -> Result<Payload, Error> {
        let is_error = env.is_error(value);
        if !is_error && env.kind(value) != Kind::Text {
            return self.payload(env, value);
        }
        let thrown = Thrown::read(env, value);
        let mut body = serde_json::Map::new();
        if is_error {
            let own = self.payload(env, value)?;
            body = serde_json::from_str(own.text()).unwrap_or_default();
        }
        body.insert("errMsg".to_owned(), thrown.message.into());
        if let Some(code) = thrown.code {
            body.entry("errCode").or_insert_with(|| number(code));
        }
        let text = serde_json::Value::Object(body).to_string();
        Payload::parse(text, Vec::new(), self.limits())
    }

    fn limits(&self) -> &Limits {
        self.session.client.limits()
    }
}
