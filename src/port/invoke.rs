//! Runs the host's handler for one call.

use super::built_ins::Tools;
use super::callback::Answers;
use super::environment::Environment;
use super::ffi::{Env, Fault, Try, Value};
use super::table::Token;
use crate::session::Session;
use finapp_core::ErrorCode;
use finapp_core::bridge::{CallInfo, Payload, Reply};
use std::rc::Rc;

/// Calls the handler with `{params, callback, extInfo}` and sees to what it returns.
pub fn invoke<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    environment: &Rc<Environment>,
    session: &Rc<Session>,
    handler: Token,
    (info, reply): (CallInfo, Reply),
    params: Try<'s>,
) {
    let token = match environment.calls.begin(env, reply, session.clone()) {
        Ok(token) => token,
        Err(reply) => {
            reply.fail_with(Payload::none(), ErrorCode::Busy.into());
            return;
        }
    };
    let answers = Answers { environment: environment.clone(), session: session.clone(), token };
    let called = session.with_handler(env, handler, |function, by_returning| {
        let call_id = env.number(token.number())?;
        let arguments = arguments(env, tools, environment, session, &info, call_id, params?)?;
        let value = match env.call(function, tools.undefined, [arguments]) {
            Err(Fault::Thrown(error)) => {
                answers.threw(env, error);
                return Ok(());
            }
            other => other?,
        };
        answers.returned(env, value, call_id, by_returning);
        Ok(())
    });
    if called.is_err() {
        answers.refuse(env, ErrorCode::Internal.into());
    }
}

fn arguments<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    environment: &Environment,
    session: &Session,
    info: &CallInfo,
    call_id: Value<'s>,
    params: Value<'s>,
) -> Try<'s> {
    let api_server = || session.api_server(info.caller.applet().as_str());
    let arguments = environment.sites.arguments(env, tools, info, api_server)?;
    let callback = env.call(tools.create, tools.undefined, [tools.callback])?;
    env.set(callback, tools.call_id_key, call_id)?;
    env.set(arguments, tools.params_key, params)?;
    env.set(arguments, tools.callback_key, callback)?;
    Ok(arguments)
}
