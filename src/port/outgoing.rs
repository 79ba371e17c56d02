//! From the host to the bridge: JSON text by the host engine's own writer, and the binaries beside it.
//! The writer turns a binary into an object of its items, so values that hold one are written a second way: with a
//! visitor that takes the binaries out.

use super::binary;
use super::built_ins::BuiltIns;
use super::ffi::{Env, Fault, Kind, Try, Value};
use super::taken::Taken;
use super::thrown::Thrown;
use finapp_core::bridge::{Binary, Payload, envelope};
use finapp_core::{Error, ErrorCode, Limits};

/// What the writer makes of a binary: nothing but braces, or its items under their indexes, or (in Node) a description.
const SIGNS_OF_BINARIES: [&str; 3] = ["{}", r#"{"0":"#, r#"{"type":"Buffer""#];
/// How many values are looked at before the writer is tried. A binary beyond them is found by its sign in the text, only
/// slower.
const LOOKED_AT: u32 = 64;

/// The payload for `value`, checked against `limits`; no body for `undefined`.
///
/// # Errors
/// `E_SERIALIZE`, `E_TOO_LARGE` or `E_TOO_DEEP`.
pub fn payload<'s>(env: Env<'s>, built_ins: &BuiltIns, limits: &Limits, value: Value<'s>) -> Result<Payload, Error> {
    match env.kind(value) {
        Kind::Undefined => return Ok(Payload::none()),
        Kind::Function => return Err(cannot("a function")),
        Kind::Object => {}
        Kind::Null | Kind::Boolean | Kind::Number | Kind::Text | Kind::Other => {
            return checked(plain(env, built_ins, value)?, Vec::new(), limits);
        }
    }
    if !holds_binary(env, built_ins, value, &mut { LOOKED_AT }) {
        let text = plain(env, built_ins, value)?;
        if !SIGNS_OF_BINARIES.iter().any(|sign| text.contains(sign)) {
            return checked(text, Vec::new(), limits);
        }
    }
    let mut taken = Taken::new(env, limits).map_err(|_| ErrorCode::Internal)?;
    let written = built_ins
        .stringify(env)
        .and_then(|stringify| env.call_with_visitor(stringify, env.undefined()?, value, &mut taken));
    let (binaries, bytes) = taken.finish(env);
    if bytes > limits.message_binary_bytes {
        return Err(ErrorCode::TooLarge.into());
    }
    checked(text_of(env, written)?, binaries, limits)
}

fn plain<'s>(env: Env<'s>, built_ins: &BuiltIns, value: Value<'s>) -> Result<String, Error> {
    text_of(env, built_ins.stringify(env).and_then(|stringify| env.call(stringify, env.undefined()?, [value])))
}

fn text_of<'s>(env: Env<'s>, written: Try<'s>) -> Result<String, Error> {
    match written {
        // The writer answers `undefined` for a symbol, and for what a `toJSON` turned into nothing.
        Ok(text) => env.text_of(text).ok_or_else(|| cannot("this value")),
        Err(fault) => Err(Error::new(ErrorCode::Serialize, said(env, fault))),
    }
}

fn checked(text: String, binaries: Vec<Binary>, limits: &Limits) -> Result<Payload, Error> {
    envelope::check_bounds(&text, limits)?;
    Payload::from_writer(text, binaries, limits)
}

fn cannot(what: &str) -> Error {
    Error::new(ErrorCode::Serialize, format!("{what} cannot be sent"))
}

/// The text of an exception of the writer.
fn said<'s>(env: Env<'s>, fault: Fault<'s>) -> String {
    let message = match fault {
        Fault::Thrown(error) => Thrown::read(env, error).message,
        Fault::Status(_) => String::new(),
    };
    // Some engines list the whole way of a circle, on lines of its own.
    let line = message.lines().next().unwrap_or_default();
    if line.is_empty() { ErrorCode::Serialize.text().to_owned() } else { line.to_owned() }
}

/// Whether one of the first values is a binary. Never runs more than getters, which the writer would run as well; what
/// throws here throws there again.
fn holds_binary<'s>(env: Env<'s>, built_ins: &BuiltIns, value: Value<'s>, left: &mut u32) -> bool {
    if matches!(binary::view(env, value), Ok(Some(_))) {
        return true;
    }
    let Ok(values) = built_ins.values(env, value) else { return false };
    for index in 0..env.length(values) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return false;
        }
        let item = env.item(values, index).ok().filter(|item| env.kind(*item) == Kind::Object);
        if item.is_some_and(|item| holds_binary(env, built_ins, item, left)) {
            return true;
        }
    }
    false
}
