//! What can be said about a value that the host threw, rejected with or failed with. Reading it may run getters, which
//! may throw themselves: then there is nothing to say.

use super::ffi::{Env, Fault, Kind, Value};
use finapp_core::bridge::{Payload, Reply};
use finapp_core::{Error, ErrorCode, Limits};

/// Message and number of a thrown value.
pub struct Thrown {
    /// The message; empty when there is none. Never a stack.
    pub message: String,
    /// The number that ArkTS calls `code`.
    pub code: Option<f64>,
}

impl Thrown {
    /// Reads `value`, whatever it is.
    pub fn read<'s>(env: Env<'s>, value: Value<'s>) -> Self {
        match env.kind(value) {
            Kind::Text => Self { message: env.text_of(value).unwrap_or_default(), code: None },
            Kind::Object => {
                let message = env.member(value, c"message").ok().and_then(|message| env.text_of(message));
                let code = env.member(value, c"code").ok().and_then(|code| env.number_of(code));
                Self { message: message.unwrap_or_default(), code: code.filter(|code| code.is_finite()) }
            }
            _ => Self { message: String::new(), code: None },
        }
    }

    /// Fails a call because its handler threw this. A number of the host's own becomes the `errCode`.
    pub fn fail(&self, reply: &Reply, limits: &Limits) -> bool {
        let Some(code) = self.code else { return reply.threw(&self.message) };
        let message = if self.message.is_empty() { ErrorCode::Handler.text() } else { &self.message };
        let body = Payload::parse(serde_json::json!({ "errCode": number(code) }).to_string(), Vec::new(), limits);
        reply.fail_with(body.unwrap_or_default(), Error::new(ErrorCode::Handler, message.to_owned()))
    }
}

/// What can be said about a step that failed.
pub fn thrown_message<'s>(env: Env<'s>, fault: Fault<'s>) -> String {
    match fault {
        Fault::Thrown(value) => Thrown::read(env, value).message,
        Fault::Status(status) => format!("status {status} of Node-API"),
    }
}

/// A number as JSON writes it: whole ones without a point.
pub fn number(number: f64) -> serde_json::Value {
    let whole = number as i64;
    if whole as f64 == number { whole.into() } else { number.into() }
}
