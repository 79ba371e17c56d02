//! What a mini-program sees of an answer: its head, and its body as the text, value or bytes that were asked for.

use super::failure::Failure;
use super::request::Options;
use crate::bridge::envelope;
use crate::bridge::{Binary, BinaryKind, PathSegment, Payload, Reply};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use reqwest::Response;
use reqwest::header::{HeaderMap, SET_COOKIE};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::time::Duration;

/// Status and headers. Names are written as phones write them, `Content-Type`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub(super) status_code: u16,
    pub(super) header: BTreeMap<String, String>,
    pub(super) cookies: Vec<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    head: &'a Head,
    data: &'a RawValue,
    /// Says that `data` is the text of what the program expects as a value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    parse: bool,
}

#[derive(Serialize)]
struct Event<'a, T: Serialize> {
    event: &'a str,
    #[serde(flatten)]
    detail: &'a T,
}

impl Head {
    pub(super) fn of(response: &Response) -> Self {
        Self::new(response.status().as_u16(), response.headers())
    }

    pub(super) fn new(status_code: u16, headers: &HeaderMap) -> Self {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let mut header: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in headers {
            let value = text(value.as_bytes());
            header
                .entry(title_case(name.as_str()))
                .and_modify(|before| {
                    before.push(',');
                    before.push_str(&value);
                })
                .or_insert(value);
        }
        let cookies = headers.get_all(SET_COOKIE).iter().map(|cookie| text(cookie.as_bytes())).collect();
        Self { status_code, header, cookies }
    }
}

fn title_case(name: &str) -> String {
    let mut upper = true;
    let letters = name.chars().map(|letter| {
        let letter = if upper { letter.to_ascii_uppercase() } else { letter };
        upper = letter == '-';
        letter
    });
    letters.collect()
}

/// Reads a body that must fit one message.
///
/// # Errors
/// `E_TOO_LARGE`, or what went wrong on the way.
pub(super) async fn read_all(response: &mut Response, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let most = limits.message_binary_bytes;
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| Failure::of_http(&error))? {
        if bytes.len() + part.len() > most {
            return Err(Error::new(ErrorCode::TooLarge, "the answer is too large").into());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The result of a request.
///
/// # Errors
/// Only if the head cannot be written.
pub(super) fn result(
    head: &Head,
    body: Vec<u8>,
    as_text: bool,
    as_binary: bool,
    limits: &Limits,
) -> Result<Payload, Failure> {
    if as_binary {
        let data =
            Binary { path: vec![PathSegment::Key("data".to_owned())], kind: BinaryKind::ArrayBuffer, bytes: body };
        return Ok(Payload::from_writer(
            write(&Answer { head, data: RawValue::NULL, parse: false })?,
            vec![data],
            limits,
        )?);
    }
    let text = String::from_utf8_lossy(&body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Most answers are JSON within what a message may hold: they travel as they are and are parsed once.
    let roomy = Limits { message_bytes: limits.message_binary_bytes, ..limits.clone() };
    let within = !as_text && envelope::check_bounds(text, &roomy).is_ok() && envelope::check_grammar(text).is_ok();
    let raw = if within { RawValue::from_string(text.trim().to_owned()) } else { to_raw_value(text) };
    let raw = raw.map_err(|_| ErrorCode::Internal)?;
    let parse = !as_text && !within && text.len() < limits.message_binary_bytes;
    Ok(Payload::from_writer(write(&Answer { head, data: &raw, parse })?, Vec::new(), limits)?)
}

/// The result of a download or an upload.
///
/// # Errors
/// Only if it cannot be written.
pub(super) fn plain(result: &impl Serialize, limits: &Limits) -> Result<Payload, Failure> {
    Ok(Payload::from_writer(write(result)?, Vec::new(), limits)?)
}

/// An event of a task.
///
/// # Errors
/// Only if it cannot be written.
pub(super) fn event(name: &str, detail: &impl Serialize, limits: &Limits) -> Result<Payload, Failure> {
    plain(&Event { event: name, detail }, limits)
}

/// An event with bytes as its `data`.
///
/// # Errors
/// `E_TOO_LARGE`.
pub(super) fn bytes_event(name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Payload, Failure> {
    let data = Binary { path: vec![PathSegment::Key("data".to_owned())], kind: BinaryKind::ArrayBuffer, bytes };
    let text = write(&serde_json::json!({ "event": name, "data": null }))?;
    Ok(Payload::from_writer(text, vec![data], limits)?)
}

/// Sends something that must not be lost: waits until the applet has read what came before. False when nobody wants it
/// any more.
pub(super) async fn deliver(reply: &Reply, state: &Payload) -> bool {
    while reply.is_open() {
        if reply.progress(state.clone()) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// Which form of body the options ask for: text, and bytes.
pub(super) fn wanted(options: &Options<'_>) -> (bool, bool) {
    (options.as_text, options.as_binary)
}

fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| ErrorCode::Internal.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(body: &str, as_text: bool) -> serde_json::Value {
        let head = Head { status_code: 200, header: BTreeMap::new(), cookies: Vec::new() };
        let payload = result(&head, body.as_bytes().to_vec(), as_text, false, &Limits::default()).unwrap();
        serde_json::from_str(payload.text()).unwrap()
    }

    #[test]
    fn f_m14_json_is_parsed_once_and_what_is_none_stays_text() {
        assert_eq!(data(r#" {"a":[1]} "#, false)["data"], serde_json::json!({"a": [1]}));
        assert_eq!(data("\u{feff}[1]", false)["data"], serde_json::json!([1]));
        assert_eq!(data("{oops", false)["data"], "{oops");
        assert_eq!(data("[1]", true)["data"], "[1]");
        assert_eq!(data("", false)["data"], "");
        let deep = "[".repeat(100) + &"]".repeat(100);
        let answer = data(&deep, false);
        assert_eq!((&answer["data"], &answer["parse"]), (&deep.clone().into(), &true.into()));
    }

    #[test]
    fn f_m14_headers_are_named_as_on_phones_and_cookies_stay_apart() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("content-type", "a/b"), ("set-cookie", "a=1"), ("set-cookie", "b=2")] {
            headers.append(name, value.parse().unwrap());
        }
        let head = Head::new(200, &headers);
        assert_eq!(head.header["Content-Type"], "a/b");
        assert_eq!(head.header["Set-Cookie"], "a=1,b=2");
        assert_eq!(head.cookies, ["a=1", "b=2"]);
    }
}
