//! Built-in functions of the host's engine, captured once, and the prototypes of what handlers are given.

use super::ffi::{Env, Reference, Try, Value};
use super::native::{Member, Trampoline};
use super::{callback, ext_info, page_callback, signal};
use std::ffi::CStr;

/// What is captured, kept beyond scopes.
pub struct BuiltIns {
    parse: Reference,
    stringify: Reference,
    create: Reference,
    assign: Reference,
    values: Reference,
    bind: Reference,
    then: Reference,
    callback: Reference,
    ext_info: Reference,
    signal: Reference,
    fulfilled: Reference,
    rejected: Reference,
    answered: Reference,
    refused: Reference,
}

/// The same, for use in one scope.
pub struct Tools<'s> {
    /// `undefined`
    pub undefined: Value<'s>,
    /// `JSON.parse`
    pub parse: Value<'s>,
    /// `Object.create`
    pub create: Value<'s>,
    /// `Object.assign`
    pub assign: Value<'s>,
    /// Prototype of `callback`.
    pub callback: Value<'s>,
    /// Prototype of `extInfo`.
    pub ext_info: Value<'s>,
    /// The key `callId`.
    pub call_id_key: Value<'s>,
    /// The key `params`.
    pub params_key: Value<'s>,
    /// The key `callback`.
    pub callback_key: Value<'s>,
}

impl BuiltIns {
    /// Captures them.
    pub fn capture<'s>(env: Env<'s>) -> Try<'s, Self> {
        let global = env.global()?;
        let member = |path: &[&CStr]| path.iter().try_fold(global, |object, name| env.member(object, name));
        let keep = |path: &[&CStr]| env.keep(member(path)?);
        let native = |name: &CStr, trampoline: Trampoline| env.keep(env.function(name, trampoline)?);
        let prototype = |members: &[Member]| env.keep(env.prototype(members)?);
        Ok(Self {
            parse: keep(&[c"JSON", c"parse"])?,
            stringify: keep(&[c"JSON", c"stringify"])?,
            create: keep(&[c"Object", c"create"])?,
            assign: keep(&[c"Object", c"assign"])?,
            values: keep(&[c"Object", c"values"])?,
            bind: keep(&[c"Function", c"prototype", c"bind"])?,
            then: keep(&[c"Promise", c"prototype", c"then"])?,
            callback: prototype(callback::MEMBERS)?,
            ext_info: prototype(ext_info::MEMBERS)?,
            signal: prototype(signal::MEMBERS)?,
            fulfilled: native(c"fulfilled", callback::FULFILLED)?,
            rejected: native(c"rejected", callback::REJECTED)?,
            answered: native(c"answered", page_callback::ANSWERED)?,
            refused: native(c"refused", page_callback::REFUSED)?,
        })
    }

    /// All that running calls needs, looked up once for a scope.
    pub fn tools<'s>(&self, env: Env<'s>) -> Try<'s, Tools<'s>> {
        Ok(Tools {
            undefined: env.undefined()?,
            parse: env.kept(&self.parse)?,
            create: env.kept(&self.create)?,
            assign: env.kept(&self.assign)?,
            callback: env.kept(&self.callback)?,
            ext_info: env.kept(&self.ext_info)?,
            call_id_key: env.text("callId")?,
            params_key: env.text("params")?,
            callback_key: env.text("callback")?,
        })
    }

    /// `JSON.parse(text)`
    pub fn parse<'s>(&self, env: Env<'s>, text: &str) -> Try<'s> {
        env.call(env.kept(&self.parse)?, env.undefined()?, [env.text(text)?])
    }

    /// `JSON.stringify`
    pub fn stringify<'s>(&self, env: Env<'s>) -> Try<'s> {
        env.kept(&self.stringify)
    }

    /// `Object.values(object)`
    pub fn values<'s>(&self, env: Env<'s>, object: Value<'s>) -> Try<'s> {
        env.call(env.kept(&self.values)?, env.undefined()?, [object])
    }

    /// A new cancel signal, without its members.
    pub fn signal<'s>(&self, env: Env<'s>) -> Try<'s> {
        env.call(env.kept(&self.create)?, env.undefined()?, [env.kept(&self.signal)?])
    }

    /// Has the end of `promise` reported for the call that `call_id` names.
    pub fn follow<'s>(&self, env: Env<'s>, promise: Value<'s>, call_id: Value<'s>) -> Try<'s, ()> {
        self.then(env, promise, [&self.fulfilled, &self.rejected], call_id)
    }

    /// Tells `callback`, the object that `callJS` was given, of the end of `promise`.
    pub fn tell<'s>(&self, env: Env<'s>, promise: Value<'s>, callback: Value<'s>) -> Try<'s, ()> {
        self.then(env, promise, [&self.answered, &self.refused], callback)
    }

    fn then<'s>(&self, env: Env<'s>, promise: Value<'s>, ends: [&Reference; 2], first: Value<'s>) -> Try<'s, ()> {
        let undefined = env.undefined()?;
        let bind = env.kept(&self.bind)?;
        let [fulfilled, rejected] = ends;
        let fulfilled = env.call(bind, env.kept(fulfilled)?, [undefined, first])?;
        let rejected = env.call(bind, env.kept(rejected)?, [undefined, first])?;
        env.call(env.kept(&self.then)?, promise, [fulfilled, rejected]).map(drop)
    }
}
