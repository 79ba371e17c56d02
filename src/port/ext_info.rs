//! What a handler is given, and `extInfo` of it: who asks for what. What all calls of one kind share is put together
//! once. Most handlers never look at it, so `extInfo` is made when it is first read.

use super::built_ins::Tools;
use super::envelope;
use super::environment::Environment;
use super::ffi::{Env, Reference, Try, Value};
use super::native::{Invocation, Member, native};
use super::raise::Raise;
use super::signal;
use super::style::Shape;
use super::table::Token;
use finapp_core::MiniAppInfo;
use finapp_core::bridge::{CallInfo, Caller, Spoken};
use finapp_core::ids::{ApiName, PageId};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::Arc;

native!(signal, of_signal);
native!(ext_info, of_arguments);

/// The one member of `extInfo` that is worked out when it is read.
pub const MEMBERS: &[Member] = &[Member::Getter(c"signal", signal)];
/// The one member of a handler's argument that is made when it is first read.
pub const LAZY: Member = Member::Getter(c"extInfo", ext_info);
/// Where a prototype keeps what all `extInfo` of its calls share.
const SHARED: &CStr = c"sharedInfo";

/// How many kinds of calls are remembered.
const REMEMBERED: usize = 64;

/// Kinds of calls, the latest first.
#[derive(Default)]
pub struct Sites(RefCell<VecDeque<Site>>);

struct Site {
    caller: Arc<Caller>,
    api: ApiName,
    page: PageId,
    spoken: Spoken,
    sync: bool,
    shape: Shape,
    /// The prototype of the arguments of such calls.
    arguments: Reference,
}

impl Site {
    fn fits(&self, info: &CallInfo, shape: Shape) -> bool {
        self.sync == info.sync
            && self.shape == shape
            && self.page == info.page
            && self.spoken == info.spoken
            && self.api == info.api
            && (Arc::ptr_eq(&self.caller, &info.caller) || self.caller == info.caller)
    }
}

impl Sites {
    /// An argument for the handler of one call, without its own members. `about` says what is known of the
    /// mini-program, and is asked for the first call of a kind.
    pub fn arguments<'s>(
        &self,
        env: Env<'s>,
        tools: &Tools<'s>,
        info: &CallInfo,
        shape: Shape,
        about: impl FnOnce() -> Option<Arc<MiniAppInfo>>,
    ) -> Try<'s> {
        let prototype = self.prototype(env, info, shape, about)?;
        env.call(tools.create, tools.undefined, [prototype])
    }

    fn prototype<'s>(
        &self,
        env: Env<'s>,
        info: &CallInfo,
        shape: Shape,
        about: impl FnOnce() -> Option<Arc<MiniAppInfo>>,
    ) -> Try<'s> {
        let mut sites = self.0.borrow_mut();
        if let Some(place) = sites.iter().position(|site| site.fits(info, shape)) {
            sites.swap(0, place);
            if let Some(site) = sites.front() {
                return env.kept(&site.arguments);
            }
        }
        let about = about().unwrap_or_else(|| Arc::new(MiniAppInfo::unknown(info.caller.applet())));
        let prototype = match shape {
            Shape::Flat => env.prototype(&[LAZY])?,
            Shape::Envelope => envelope::prototype(env, info, &about)?,
        };
        env.set_member(prototype, SHARED, shared(env, info, about.api_server.as_deref())?)?;
        if sites.len() >= REMEMBERED
            && let Some(oldest) = sites.pop_back()
        {
            env.release(oldest.arguments);
        }
        sites.push_front(Site {
            caller: info.caller.clone(),
            api: info.api.clone(),
            page: info.page,
            spoken: info.spoken,
            sync: info.sync,
            shape,
            arguments: env.keep(prototype)?,
        });
        Ok(prototype)
    }

    /// Forgets everything, for a client that has shut down.
    pub fn clear(&self, env: Env<'_>) {
        for site in self.0.take() {
            env.release(site.arguments);
        }
    }
}

fn shared<'s>(env: Env<'s>, info: &CallInfo, api_server: Option<&str>) -> Try<'s> {
    let shared = env.object()?;
    env.set_member(shared, c"appId", env.text(info.caller.applet().as_str())?)?;
    if let Some(api_server) = api_server {
        env.set_member(shared, c"apiServer", env.text(api_server)?)?;
    }
    env.set_member(shared, c"webviewId", env.number(f64::from(info.page.0))?)?;
    if let Some(plugin) = info.caller.plugin() {
        env.set_member(shared, c"pluginId", env.text(plugin.as_str())?)?;
    }
    env.set_member(shared, c"name", env.text(info.api.as_str())?)?;
    env.set_member(shared, c"source", env.text(info.caller.source())?)?;
    let spoken = match info.spoken {
        Spoken::Direct => "direct",
        Spoken::InvokeNativePlugin => "invokeNativePlugin",
    };
    env.set_member(shared, c"spoken", env.text(spoken)?)?;
    env.set_member(shared, c"sync", env.boolean(info.sync)?)?;
    Ok(shared)
}

/// Makes `extInfo` and keeps it with the argument, so that it is always the same one.
fn of_arguments<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let Some(environment) = Environment::find(env) else { return Ok(env.undefined()?) };
    let tools = environment.built_ins.tools(env)?;
    let call_id = env.get(env.get(invocation.this, tools.callback_key)?, tools.call_id_key)?;
    let ext_info = env.call(tools.create, tools.undefined, [tools.ext_info])?;
    // Copied by the engine itself, which is several times faster than setting the members one by one.
    env.call(tools.assign, tools.undefined, [ext_info, env.member(invocation.this, SHARED)?])?;
    env.set(ext_info, tools.call_id_key, call_id)?;
    env.define(invocation.this, c"extInfo", ext_info)?;
    Ok(ext_info)
}

fn of_signal<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let call_id = env.number_of(env.member(invocation.this, c"callId")?);
    match (call_id, Environment::find(env)) {
        (Some(call_id), Some(environment)) => Ok(signal::of_call(env, &environment, Token::of(call_id))?),
        _ => Ok(env.undefined()?),
    }
}
