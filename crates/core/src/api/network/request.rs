//! What the glue sends for a request, a download or an upload, and the HTTP message it means.

use super::failure::Failure;
use crate::bridge::{Binary, PathSegment, Payload};
use crate::error::{Error, ErrorCode};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// Methods a program may name.
const METHODS: [Method; 8] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::TRACE,
];

/// Headers that belong to the connection, or say who asks.
const OURS: [&str; 14] = [
    "referer",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "accept-encoding",
    "proxy-authorization",
    "proxy-connection",
    "origin",
];

const FORM: &str = "application/x-www-form-urlencoded";

/// The options of one call, of whatever kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options<'a> {
    url: String,
    #[serde(default)]
    header: Pairs,
    method: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    pub(super) timeout: Option<f64>,
    /// The body is left as it is, not parsed as JSON.
    #[serde(default)]
    pub(super) as_text: bool,
    #[serde(default)]
    pub(super) as_binary: bool,
    #[serde(default)]
    pub(super) chunked: bool,
    #[serde(default)]
    pub(super) manual: bool,
    pub(super) file_path: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) form_data: Pairs,
    #[serde(default)]
    pub(super) protocols: Vec<String>,
}

/// The members of an object as text, in their order.
#[derive(Default)]
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    pairs.push((name, as_text(value)));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A string is its content, all else is JSON.
fn as_text(value: &RawValue) -> String {
    serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

/// Reads the options.
///
/// # Errors
/// `E_PARAM`.
pub(super) fn read(text: &str) -> Result<Options<'_>, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorCode::Parameter, format!("parameter error: {error}")).into())
}

/// One HTTP message, as far as it does not depend on where it is sent to.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
}

impl Options<'_> {
    /// The address.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn url(&self) -> Result<Url, Failure> {
        Url::parse(self.url.trim()).map_err(|_| Failure::bad_url())
    }

    /// The headers that a program may set.
    ///
    /// # Errors
    /// `E_PARAM` when one cannot be sent.
    pub(super) fn headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.header.0 {
            let refused = || Error::new(ErrorCode::Parameter, "parameter error: parameter.header cannot be sent;");
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
            if OURS.contains(&name.as_str()) || name.as_str().starts_with("sec-") {
                continue;
            }
            headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| refused())?);
        }
        Ok(headers)
    }

    /// The message of `request`: what `data` means depends on the method and the type of the content.
    ///
    /// # Errors
    /// `E_PARAM` for what cannot be sent.
    pub(super) fn message(&self, params: &Payload) -> Result<Message, Failure> {
        let method = self.method.as_deref().unwrap_or("GET").to_ascii_uppercase();
        let method = METHODS.into_iter().find(|known| known.as_str() == method);
        let method =
            method.ok_or_else(|| Error::new(ErrorCode::Parameter, "parameter error: invalid request method;"))?;
        let mut url = self.url()?;
        let mut headers = self.headers()?;
        let kind = headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json")).clone();
        let is_form = kind.to_str().is_ok_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with(FORM));
        let binary = binary_of(params, "data");
        let text = self.data.and_then(|data| serde_json::from_str::<String>(data.get()).ok());
        let members = self.data.and_then(|data| serde_json::from_str::<Pairs>(data.get()).ok());
        let body = match (binary, text, members, self.data) {
            (Some(_), ..) | (_, None, None, None) if method == Method::GET => None,
            (Some(binary), ..) => Some(binary.bytes.clone()),
            (_, Some(text), ..) if method == Method::GET => {
                add_query(&mut url, &text);
                None
            }
            (_, Some(text), ..) => Some(text.into_bytes()),
            (_, _, Some(members), _) if method == Method::GET => {
                add_query(&mut url, &encoded(&members));
                None
            }
            (_, _, Some(members), _) if is_form => Some(encoded(&members).into_bytes()),
            (_, _, _, Some(data)) if method != Method::GET && data.get() != "null" => {
                Some(data.get().as_bytes().to_vec())
            }
            _ => None,
        };
        Ok(Message { method, url, headers, body })
    }
}

/// The binary that stands for one member.
pub(super) fn binary_of<'a>(params: &'a Payload, member: &str) -> Option<&'a Binary> {
    params.binaries().iter().find(|binary| matches!(&binary.path[..], [PathSegment::Key(key)] if key == member))
}

fn add_query(url: &mut Url, more: &str) {
    if more.is_empty() {
        return;
    }
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(query) => format!("{query}&{more}"),
        None => more.to_owned(),
    };
    url.set_query(Some(&query));
}

fn encoded(pairs: &Pairs) -> String {
    let mut text = String::new();
    for (name, value) in &pairs.0 {
        if !text.is_empty() {
            text.push('&');
        }
        encode_into(&mut text, name);
        text.push('=');
        encode_into(&mut text, value);
    }
    text
}

/// As `encodeURIComponent`.
fn encode_into(out: &mut String, text: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                out.push(char::from(byte));
            }
            _ => out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn message(text: &str) -> Message {
        let params = Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap();
        read(text).unwrap().message(&params).unwrap()
    }

    #[test]
    fn f_m14_data_is_encoded_by_method_and_content_type() {
        for (text, url, body) in [
            (r#"{"url":"https://a.example/p"}"#, "https://a.example/p", None),
            (
                r#"{"url":"https://a.example/?x=1","data":{"z":"a b&ü","a":[1],"n":1,"t":true}}"#,
                "https://a.example/?x=1&z=a%20b%26%C3%BC&a=%5B1%5D&n=1&t=true",
                None,
            ),
            (r#"{"url":"https://a.example/","data":"k=v"}"#, "https://a.example/?k=v", None),
            (
                r#"{"url":"https://a.example/","method":"post","data":{"z":1,"a":"x"}}"#,
                "https://a.example/",
                Some(r#"{"z":1,"a":"x"}"#),
            ),
            (r#"{"url":"https://a.example/","method":"PUT","data":"as is"}"#, "https://a.example/", Some("as is")),
            (r#"{"url":"https://a.example/","method":"POST","data":[1,2]}"#, "https://a.example/", Some("[1,2]")),
            (r#"{"url":"https://a.example/","method":"POST","data":null}"#, "https://a.example/", None),
            (
                r#"{"url":"https://a.example/","method":"POST","data":{"b":"1 2","a":"="},
                   "header":{"Content-Type":"application/x-www-form-urlencoded; charset=utf-8"}}"#,
                "https://a.example/",
                Some("b=1%202&a=%3D"),
            ),
        ] {
            let message = message(text);
            assert_eq!(message.url.as_str(), url, "{text}");
            assert_eq!(message.body.as_deref(), body.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn f_m14_headers_of_the_connection_and_the_referer_cannot_be_set() {
        let text = r#"{"url":"https://a.example/","header":{"Referer":"x","Host":"evil","Content-Length":"0",
            "Sec-WebSocket-Key":"k","X-Number":7,"Authorization":"secret"}}"#;
        let headers = message(text).headers;
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "content-type", "x-number"]);
        assert_eq!(headers["content-type"], "application/json");
        let split = r#"{"url":"https://a.example/","header":{"X":"a\r\nHost: evil"}}"#;
        assert!(read(split).unwrap().headers().is_err());
    }
}
