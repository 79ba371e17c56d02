//! `extInfo`: who asks for what. What all calls of one kind share is put together once and copied for each call by the
//! host engine itself, which is several times faster than setting the members one by one.

use super::built_ins::Tools;
use super::environment::Environment;
use super::ffi::{Env, Reference, Try, Value};
use super::native::{Invocation, Member, native};
use super::raise::Raise;
use super::signal;
use super::table::Token;
use finapp_core::bridge::{CallInfo, Caller, Spoken};
use finapp_core::ids::ApiName;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

native!(signal, of_signal);

/// The one member that is worked out when it is read.
pub const MEMBERS: &[Member] = &[Member::Getter(c"signal", signal)];

/// How many kinds of calls are remembered.
const REMEMBERED: usize = 64;

/// Kinds of calls, the latest first.
#[derive(Default)]
pub struct Sites(RefCell<VecDeque<Site>>);

struct Site {
    caller: Arc<Caller>,
    api: ApiName,
    spoken: Spoken,
    sync: bool,
    template: Reference,
}

impl Site {
    fn fits(&self, info: &CallInfo) -> bool {
        self.sync == info.sync
            && self.spoken == info.spoken
            && self.api == info.api
            && (Arc::ptr_eq(&self.caller, &info.caller) || self.caller == info.caller)
    }
}

impl Sites {
    /// The `extInfo` of one call.
    pub fn ext_info<'s>(
        &self,
        env: Env<'s>,
        tools: &Tools<'s>,
        info: &CallInfo,
        api_server: impl FnOnce() -> Option<String>,
        call_id: Value<'s>,
    ) -> Try<'s> {
        let template = self.template(env, info, api_server)?;
        env.set(template, tools.call_id_key, call_id)?;
        let ext_info = env.call(tools.create, tools.undefined, [tools.ext_info])?;
        env.call(tools.assign, tools.undefined, [ext_info, template])
    }

    fn template<'s>(&self, env: Env<'s>, info: &CallInfo, api_server: impl FnOnce() -> Option<String>) -> Try<'s> {
        let mut sites = self.0.borrow_mut();
        if let Some(place) = sites.iter().position(|site| site.fits(info)) {
            sites.swap(0, place);
            if let Some(site) = sites.front() {
                return env.kept(&site.template);
            }
        }
        let template = template(env, info, api_server())?;
        if sites.len() >= REMEMBERED
            && let Some(oldest) = sites.pop_back()
        {
            env.release(oldest.template);
        }
        sites.push_front(Site {
            caller: info.caller.clone(),
            api: info.api.clone(),
            spoken: info.spoken,
            sync: info.sync,
            template: env.keep(template)?,
        });
        Ok(template)
    }

    /// Forgets everything, for a client that has shut down.
    pub fn clear(&self, env: Env<'_>) {
        for site in self.0.take() {
            env.release(site.template);
        }
    }
}

fn template<'s>(env: Env<'s>, info: &CallInfo, api_server: Option<String>) -> Try<'s> {
    let template = env.object()?;
    env.set_member(template, c"appId", env.text(info.caller.applet().as_str())?)?;
    if let Some(api_server) = api_server {
        env.set_member(template, c"apiServer", env.text(&api_server)?)?;
    }
    env.set_member(template, c"webviewId", env.number(f64::from(info.caller.page().0))?)?;
    env.set_member(template, c"name", env.text(info.api.as_str())?)?;
    env.set_member(template, c"source", env.text(info.caller.source())?)?;
    let spoken = match info.spoken {
        Spoken::Direct => "direct",
        Spoken::InvokeNativePlugin => "invokeNativePlugin",
    };
    env.set_member(template, c"spoken", env.text(spoken)?)?;
    env.set_member(template, c"sync", env.boolean(info.sync)?)?;
    Ok(template)
}

fn of_signal<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let call_id = env.number_of(env.member(invocation.this, c"callId")?);
    match (call_id, Environment::find(env)) {
        (Some(call_id), Some(environment)) => Ok(signal::of_call(env, &environment, Token::of(call_id))?),
        _ => Ok(env.undefined()?),
    }
}
