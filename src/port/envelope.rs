//! TCMPP's envelope: what a handler is given that was registered in one of its styles. What all calls of one kind share
//! stands on a prototype, as for `extInfo`; plain handlers pay nothing for it.

use super::binary;
use super::built_ins::{BuiltIns, Tools};
use super::environment::Environment;
use super::ext_info;
use super::ffi::{Env, Fault, Kind, Try, Value};
use super::native::{Invocation, Member, native};
use super::raise::Raise;
use finapp_core::bridge::{CallInfo, Spoken};
use finapp_core::{ErrorCode, MiniAppInfo};
use std::ffi::CStr;

native!(app_info, of_call);

/// The sample value of the documents, and the only one there is: states are routed by the call, not by this text.
const STATE_EVENT: &str = "requestCustomApi";
/// Where a prototype keeps the envelope without its data, and the JSON text of `appInfo`.
const SHARED_PARAMS: &CStr = c"sharedParams";
const SHARED_APP_INFO: &CStr = c"sharedAppInfo";

/// The prototype of the arguments of one kind of calls.
pub fn prototype<'s>(env: Env<'s>, info: &CallInfo, about: &MiniAppInfo) -> Try<'s> {
    let page = env.number(f64::from(info.page.0))?;
    let name = env.text(info.api.as_str())?;
    let params = env.object()?;
    env.set_member(params, c"stateEvent", env.text(STATE_EVENT)?)?;
    env.set_member(params, c"api_name", name)?;
    // Holds its place: members come in this order.
    env.set_member(params, c"data", env.null()?)?;
    env.set_member(params, c"webviewId", page)?;
    let prototype = env.prototype(&[ext_info::LAZY, Member::Getter(c"appInfo", app_info)])?;
    env.set_member(prototype, c"apiName", name)?;
    env.set_member(prototype, c"webViewId", page)?;
    env.set_member(prototype, SHARED_PARAMS, params)?;
    let about =
        serde_json::to_string(about).map_err(|_| Fault::Status(napi_ohos::sys::Status::napi_generic_failure))?;
    env.set_member(prototype, SHARED_APP_INFO, env.text(&about)?)?;
    Ok(prototype)
}

/// Gives the argument of a handler its members `params` and `rawParams`.
pub fn fill<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    built_ins: &BuiltIns,
    call: Value<'s>,
    spoken: Spoken,
    written: Value<'s>,
) -> Try<'s, ()> {
    let params = env.object()?;
    env.call(tools.assign, tools.undefined, [params, env.member(call, SHARED_PARAMS)?])?;
    let data = match spoken {
        Spoken::Direct => only_data(env, built_ins, written)?,
        Spoken::InvokeNativePlugin => written,
    };
    if is_plain_object(env, data)? {
        env.set_member(params, c"data", data)?;
    } else {
        env.set_member(params, c"data", env.object()?)?;
        // `null` says as much as no data.
        if env.kind(data) != Kind::Null {
            env.set_member(params, c"rawData", data)?;
        }
    }
    env.set(call, tools.params_key, params)?;
    env.set_member(call, c"rawParams", written)
}

/// Both documented forms of a direct call say the same: `wx.scan({type})` and `wx.scan({data: {type}})`.
fn only_data<'s>(env: Env<'s>, built_ins: &BuiltIns, options: Value<'s>) -> Try<'s> {
    if !is_plain_object(env, options)? {
        return Ok(options);
    }
    let values = built_ins.values(env, options)?;
    if env.length(values) != 1 {
        return Ok(options);
    }
    let only = env.item(values, 0)?;
    let is_data = env.same(only, env.member(options, c"data")?) && is_plain_object(env, only)?;
    Ok(if is_data { only } else { options })
}

fn is_plain_object<'s>(env: Env<'s>, value: Value<'s>) -> Try<'s, bool> {
    Ok(env.kind(value) == Kind::Object && !env.is_array(value) && binary::view(env, value)?.is_none())
}

/// Makes `appInfo` and keeps it with the call. Each call has its own, so that no handler changes what another sees.
fn of_call<'s>(env: Env<'s>, invocation: &Invocation<'s>) -> Result<Value<'s>, Raise<'s>> {
    let Some(environment) = Environment::find(env) else { return Ok(env.undefined()?) };
    let text = env.text_of(env.member(invocation.this, SHARED_APP_INFO)?).ok_or(ErrorCode::Internal)?;
    let app_info = environment.built_ins.parse(env, &text)?;
    env.define(invocation.this, c"appInfo", app_info)?;
    Ok(app_info)
}
