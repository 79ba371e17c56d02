//! Runs the host's handler for one call.

use super::built_ins::Tools;
use super::callback::Answers;
use super::envelope;
use super::environment::Environment;
use super::ffi::{Env, Fault, Try, Value};
use super::style::Shape;
use super::table::Token;
use crate::session::Session;
use finapp_core::ErrorCode;
use finapp_core::bridge::{CallInfo, Payload, Reply};
use std::rc::Rc;

/// Calls the handler with what its style of registration says, and sees to what it returns.
pub fn invoke<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    environment: &Rc<Environment>,
    session: &Rc<Session>,
    handler: Token,
    (info, reply): (CallInfo, Reply),
    params: Try<'s>,
) {
    let Ok((function, manner)) = session.function(env, handler) else {
        reply.fail_with(Payload::none(), ErrorCode::Internal.into());
        return;
    };
    let token = match environment.calls.begin(env, reply, session.clone(), manner.by_fulfilling()) {
        Ok(token) => token,
        Err(reply) => {
            reply.fail_with(Payload::none(), ErrorCode::Busy.into());
            return;
        }
    };
    let answers = Answers { environment: environment.clone(), session: session.clone(), token };
    let call = || {
        let call_id = env.number(token.number())?;
        let arguments = arguments(env, tools, &answers, &info, manner.shape(), call_id, params?)?;
        match env.call(function, tools.undefined, [arguments]) {
            Ok(value) => answers.returned(env, value, call_id, manner),
            Err(Fault::Thrown(error)) => answers.threw(env, error),
            Err(fault) => return Err(fault),
        }
        Ok(())
    };
    if call().is_err() {
        answers.refuse(env, ErrorCode::Internal.into());
    }
}

fn arguments<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    call: &Answers,
    info: &CallInfo,
    shape: Shape,
    call_id: Value<'s>,
    params: Value<'s>,
) -> Try<'s> {
    let applet = info.caller.applet();
    let about = || call.session.client.mini_app_info(applet);
    let arguments = call.environment.sites.arguments(env, tools, info, shape, about)?;
    let callback = env.call(tools.create, tools.undefined, [tools.callback])?;
    env.set(callback, tools.call_id_key, call_id)?;
    match shape {
        Shape::Flat => env.set(arguments, tools.params_key, params)?,
        Shape::Envelope => envelope::fill(env, tools, &call.environment.built_ins, arguments, info.spoken, params)?,
    }
    env.set(arguments, tools.callback_key, callback)?;
    Ok(arguments)
}
