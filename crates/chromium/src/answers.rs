//! What a page asks the network for: files of its package, whatever a test answers, and the network for all else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a page wants to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The address.
    pub url: String,
    /// `GET` and so on.
    pub method: String,
}

/// What it gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status: 200, 404, 302.
    pub status: u16,
    /// Header lines: names with values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A file of a media type.
    #[must_use]
    pub fn file(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into() }
    }

    /// Leads to another address.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self { status: 302, headers: vec![("Location".to_owned(), to.to_owned())], body: Vec::new() }
    }

    /// As the browser takes it.
    pub(crate) fn fulfilled(&self, request: &str) -> Value {
        let headers: Vec<Value> =
            self.headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let body = BASE64_STANDARD.encode(&self.body);
        json!({"requestId": request, "responseCode": self.status, "responseHeaders": headers, "body": body})
    }
}

/// Answers requests in the place of the network; none for what it does not know.
pub type Answers = Arc<dyn Fn(&Request) -> Option<Response> + Send + Sync>;
