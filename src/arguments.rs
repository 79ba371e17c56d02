//! Arguments of exports, checked: a wrong one is refused by its name.

use crate::port::Environment;
use crate::port::ffi::{Env, Kind, Value};
use crate::port::raise::Raise;
use finapp_core::bridge::{ApiOptions, Pages, Payload};
use finapp_core::ids::{AppletId, PageId};
use finapp_core::{Error, ErrorCode, Limits, MemoryLevel, Route};
use serde_json::Value as Json;
use std::collections::HashSet;
use std::time::Duration;

/// An argument, or why it is refused.
pub type Given<'s, T> = Result<T, Raise<'s>>;

/// A text.
pub fn text<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, String> {
    env.text_of(value).ok_or_else(|| wrong(name, "a string", env.kind(value).word()))
}

/// A text that may be left out.
pub fn optional_text<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, Option<String>> {
    if is_left_out(env, value) { Ok(None) } else { text(env, name, value).map(Some) }
}

/// A function.
pub fn function<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, Value<'s>> {
    match env.kind(value) {
        Kind::Function => Ok(value),
        kind => Err(wrong(name, "a function", kind.word())),
    }
}

/// A function that may be left out.
pub fn optional_function<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, Option<Value<'s>>> {
    if is_left_out(env, value) { Ok(None) } else { function(env, name, value).map(Some) }
}

/// An object, as JSON text.
pub fn object_text<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, String> {
    match env.kind(value) {
        Kind::Object if env.is_array(value) => Err(wrong(name, "an object", "an array")),
        Kind::Object => {
            let environment = Environment::of(env)?;
            let stringify = environment.built_ins.stringify(env)?;
            let written = env.call(stringify, env.undefined()?, [value])?;
            env.text_of(written).ok_or_else(|| wrong(name, "an object", "nothing"))
        }
        kind => Err(wrong(name, "an object", kind.word())),
    }
}

/// An object as JSON text; an empty one when it is left out.
pub fn optional_object_text<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, String> {
    if is_left_out(env, value) { Ok("{}".to_owned()) } else { object_text(env, name, value) }
}

/// An object that may be left out.
pub fn optional_object<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, Option<Value<'s>>> {
    match env.kind(value) {
        Kind::Undefined | Kind::Null => Ok(None),
        Kind::Object => Ok(Some(value)),
        kind => Err(wrong(name, "an object", kind.word())),
    }
}

/// Any value that can be sent; none when it is left out.
pub fn payload<'s>(env: Env<'s>, value: Value<'s>, limits: &Limits) -> Given<'s, Payload> {
    if is_left_out(env, value) {
        return Ok(Payload::none());
    }
    let environment = Environment::of(env)?;
    Ok(crate::port::payload(env, &environment.built_ins, limits, value)?)
}

/// The number of a page; none for 0, which is no page's, and when it is left out.
pub fn page<'s>(env: Env<'s>, name: &str, value: Value<'s>) -> Given<'s, Option<PageId>> {
    if is_left_out(env, value) {
        return Ok(None);
    }
    let number = env.number_of(value).ok_or_else(|| wrong(name, "a number", env.kind(value).word()))?;
    // A cast from a float saturates, and turns what is not a number into 0.
    let page = number as u32;
    if f64::from(page) != number {
        return Err(wrong(name, "the number of a page", "another number"));
    }
    Ok((page != 0).then_some(PageId(page)))
}

/// Where to go.
pub fn route<'s>(env: Env<'s>, value: Value<'s>) -> Given<'s, Route> {
    let text = object_text(env, "route", value)?;
    let members: Json = serde_json::from_str(&text).unwrap_or_default();
    let url = || {
        let url = members["url"].as_str().map(str::to_owned);
        url.ok_or_else(|| wrong("route.url", "a string", "something else"))
    };
    Ok(match members["type"].as_str() {
        Some("navigateTo") => Route::To(url()?),
        Some("redirectTo") => Route::Redirect(url()?),
        Some("switchTab") => Route::Tab(url()?),
        Some("reLaunch") => Route::ReLaunch(url()?),
        Some("navigateBack") => Route::Back,
        _ => {
            return Err(wrong(
                "route.type",
                "navigateTo, redirectTo, switchTab, reLaunch or navigateBack",
                "something else",
            ));
        }
    })
}

/// The detail of an event: an object with or without binaries.
pub fn detail<'s>(env: Env<'s>, value: Value<'s>, limits: &Limits) -> Given<'s, Payload> {
    match env.kind(value) {
        Kind::Object => {
            let environment = Environment::of(env)?;
            Ok(crate::port::payload(env, &environment.built_ins, limits, value)?)
        }
        kind => Err(wrong("detail", "an object", kind.word())),
    }
}

/// How short of memory the device is.
pub fn memory_level<'s>(env: Env<'s>, value: Value<'s>) -> Given<'s, MemoryLevel> {
    match env.text_of(value).as_deref() {
        Some("moderate") => Ok(MemoryLevel::Moderate),
        Some("low") => Ok(MemoryLevel::Low),
        Some("critical") => Ok(MemoryLevel::Critical),
        Some(_) => Err(wrong("level", "moderate, low or critical", "something else")),
        None => Err(wrong("level", "moderate, low or critical", env.kind(value).word())),
    }
}

fn ids(list: &[Json]) -> Option<HashSet<AppletId>> {
    list.iter().map(|id| AppletId::parse(id.as_str()?).ok()).collect()
}

/// The options of a registration; none means the defaults.
pub fn api_options<'s>(env: Env<'s>, value: Value<'s>) -> Given<'s, ApiOptions> {
    if is_left_out(env, value) {
        return Ok(ApiOptions::default());
    }
    let text = object_text(env, "options", value)?;
    let members: serde_json::Map<String, Json> =
        serde_json::from_str(&text).map_err(|_| wrong("options", "an object", "something else"))?;
    let mut options = ApiOptions::default();
    for (name, value) in &members {
        match (name.as_str(), value) {
            ("sync", Json::Bool(sync)) => options.sync = *sync,
            ("timeout", Json::Number(timeout)) => options.timeout = Some(milliseconds(timeout.as_f64())?),
            ("pages", pages) => options.pages = page_rule(pages)?,
            ("applets", Json::Array(list)) => {
                options.applets =
                    Some(ids(list).ok_or_else(|| wrong("options.applets", "ids of applets", "something else"))?);
            }
            ("plugins", Json::Array(list)) => {
                options.plugins =
                    Some(ids(list).ok_or_else(|| wrong("options.plugins", "ids of plugins", "something else"))?);
            }
            ("sync", _) => return Err(wrong("options.sync", "a boolean", "something else")),
            ("timeout", _) => return Err(wrong("options.timeout", "milliseconds", "something else")),
            ("applets" | "plugins", _) => {
                return Err(wrong(&format!("options.{name}"), "an array of ids", "something else"));
            }
            _ => {
                let field = format!("options.{}", finapp_core::error::cut(name, 64));
                return Err(wrong(&field, "sync, timeout, pages, applets or plugins", "another member"));
            }
        }
    }
    Ok(options)
}

fn milliseconds<'s>(timeout: Option<f64>) -> Given<'s, Duration> {
    /// A day: whoever wants to wait longer wants no deadline.
    const MOST: f64 = 86_400_000.0;
    timeout
        .filter(|timeout| (1.0..=MOST).contains(timeout))
        .map(|timeout| Duration::from_secs_f64(timeout / 1000.0))
        .ok_or_else(|| wrong("options.timeout", "1 to 86400000 milliseconds", "another number"))
}

fn page_rule<'s>(pages: &Json) -> Given<'s, Pages> {
    let expected = || wrong("options.pages", "'none', 'own' or an array of origins", "something else");
    match pages {
        Json::String(word) if word == "none" => Ok(Pages::None),
        Json::String(word) if word == "own" => Ok(Pages::Own),
        Json::Array(origins) => {
            let origins = origins.iter().map(|origin| origin.as_str().map(str::to_owned).ok_or_else(expected));
            Ok(Pages::Origins(origins.collect::<Result<_, _>>()?))
        }
        _ => Err(expected()),
    }
}

fn is_left_out<'s>(env: Env<'s>, value: Value<'s>) -> bool {
    matches!(env.kind(value), Kind::Undefined | Kind::Null)
}

fn wrong<'s>(name: &str, expected: &str, got: &str) -> Raise<'s> {
    Error::new(ErrorCode::Parameter, format!("{name}: expected {expected}, got {got}")).into()
}
