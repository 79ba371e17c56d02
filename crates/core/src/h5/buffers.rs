//! Bytes in a message of text: members of the root as base64 under one name, as FinClip's and WeChat's libraries send
//! them. Sizes are judged by the length of the base64, before anything is decoded.

use crate::bridge::members::{Members, quoted};
use crate::bridge::{Binary, BinaryKind, PathSegment, Payload};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

/// The member that holds them.
pub(super) const NAME: &str = "__nativeBuffers__";

#[derive(Deserialize)]
struct Buffer<'a> {
    key: String,
    #[serde(borrow)]
    base64: std::borrow::Cow<'a, str>,
}

/// The parameters of a page, checked, with the bytes that their text carries beside it.
///
/// # Errors
/// As [`Payload::parse`]; `E_PARAM` when the bytes are not what this form is.
pub(super) fn read(params: String, limits: &Limits) -> Result<Payload> {
    let params = Payload::parse(params, Vec::new(), limits)?;
    if !params.text().contains(NAME) {
        return Ok(params);
    }
    let Ok(mut members) = Members::parse(params.text()) else { return Ok(params) };
    let Some(list) = members.take(NAME) else { return Ok(params) };
    let wrong = || Error::new(ErrorCode::Parameter, format!("parameter error: {NAME} is not understood"));
    let list: Vec<Buffer<'_>> = serde_json::from_str(&list).map_err(|_| wrong())?;
    let total: usize = list.iter().map(|buffer| buffer.base64.len() / 4 * 3).sum();
    // Two bytes a binary may be padding.
    if total > limits.message_binary_bytes.saturating_add(2 * list.len()) {
        return Err(ErrorCode::TooLarge.into());
    }
    let mut binaries: Vec<Binary> = Vec::with_capacity(list.len());
    for Buffer { key, base64 } in list {
        // A member that has a value is not the place of another.
        let is_free = members.get(&key).is_none_or(|value| value == "null");
        let path = vec![PathSegment::Key(key)];
        if !is_free || binaries.iter().any(|other| other.path == path) {
            return Err(wrong());
        }
        let bytes = BASE64_STANDARD.decode(base64.as_bytes()).map_err(|_| wrong())?;
        if let [PathSegment::Key(key)] = &path[..] {
            members.set(key, "null");
        }
        binaries.push(Binary { path, kind: BinaryKind::ArrayBuffer, bytes });
    }
    Payload::from_writer(members.text(), binaries, limits)
}

/// What carries `binaries` as text: the value of the member [`NAME`]. None when one of them stands deeper than a member
/// of the root.
pub(super) fn written(binaries: &[Binary]) -> Option<String> {
    let each = |binary: &Binary| match &binary.path[..] {
        [PathSegment::Key(key)] => {
            let key = quoted(key);
            Some(format!("{{\"key\":{key},\"base64\":\"{}\"}}", BASE64_STANDARD.encode(&binary.bytes)))
        }
        _ => None,
    };
    let list: Vec<String> = binaries.iter().map(each).collect::<Option<_>>()?;
    Some(format!("[{}]", list.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(text: &str, binary_bytes: usize) -> Result<Payload> {
        read(text.to_owned(), &Limits { message_binary_bytes: binary_bytes, ..Limits::default() })
    }

    #[test]
    fn f_h17_members_in_base64_are_bytes_beside_the_text() {
        let text =
            r#"{"url":"u","data":null,"__nativeBuffers__":[{"key":"data","base64":"aGk="},{"key":"b","base64":""}]}"#;
        let payload = read_with(text, 2).unwrap();
        assert_eq!(payload.text(), r#"{"url":"u","data":null,"b":null}"#);
        let binaries: Vec<_> = payload.binaries().iter().map(|binary| (&binary.path[..], &binary.bytes[..])).collect();
        let key = |key: &str| [PathSegment::Key(key.to_owned())];
        assert_eq!(binaries, [(&key("data")[..], &b"hi"[..]), (&key("b")[..], &b""[..])]);
        assert_eq!(written(payload.binaries()).unwrap(), r#"[{"key":"data","base64":"aGk="},{"key":"b","base64":""}]"#);
        let deep = Binary {
            path: vec![PathSegment::Key("a".to_owned()), PathSegment::Index(0)],
            ..payload.binaries()[0].clone()
        };
        assert_eq!(written(&[deep]), None);
        // An empty list is one, and nested ones are data.
        for (text, rest) in [
            (r#"{"a":1,"__nativeBuffers__":[]}"#, r#"{"a":1}"#),
            (r#"{"a":{"__nativeBuffers__":[]}}"#, r#"{"a":{"__nativeBuffers__":[]}}"#),
            (r#"["__nativeBuffers__"]"#, r#"["__nativeBuffers__"]"#),
        ] {
            assert_eq!(read_with(text, 0).unwrap().text(), rest);
        }
    }

    #[test]
    fn h_b10_malformed_bytes_in_text_are_refused_before_they_are_decoded() {
        let buffers = |list: &str| format!(r#"{{"data":null,"full":1,"__nativeBuffers__":{list}}}"#);
        for (list, code) in [
            ("1", ErrorCode::Parameter),
            ("[null]", ErrorCode::Parameter),
            ("[{}]", ErrorCode::Parameter),
            (r#"[{"key":1,"base64":""}]"#, ErrorCode::Parameter),
            (r#"[{"key":"data","base64":"a"}]"#, ErrorCode::Parameter),
            (r#"[{"key":"data","base64":"!!!!"}]"#, ErrorCode::Parameter),
            (r#"[{"key":"full","base64":"aGk="}]"#, ErrorCode::Parameter),
            (r#"[{"key":"data","base64":"aGk="},{"key":"data","base64":"aGk="}]"#, ErrorCode::Parameter),
            // Judged by its length: it is no base64 at all.
            (r#"[{"key":"data","base64":"!!!!!!!!!!!!!!!!!!!!"}]"#, ErrorCode::TooLarge),
            (r#"[{"key":"data","base64":"AAAAAAAA"},{"key":"b","base64":"AAAAAAAA"}]"#, ErrorCode::TooLarge),
        ] {
            assert_eq!(read_with(&buffers(list), 8).unwrap_err().code(), code, "{list}");
        }
    }
}
