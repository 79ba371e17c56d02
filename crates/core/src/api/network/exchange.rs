//! One HTTP exchange of a mini-program, redirects included: each hop is checked like the first.

use super::Run;
use super::domains::Kind;
use super::failure::Failure;
use super::request::Message;
use crate::error::{Error, ErrorCode};
use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION,
};
use reqwest::{Body, Client, Method, Response, StatusCode, Url};

/// Redirects that are followed, as browsers do less than twice as many.
const HOPS: usize = 10;

/// Makes the body anew for each hop that has one.
pub(super) type MakeBody<'a> = &'a (dyn Fn() -> Option<Body> + Send + Sync);

/// Sends the message and gives the answer of the last hop.
///
/// # Errors
/// `E_DENIED` when a hop leads where the mini-program may not go; `E_NETWORK`.
pub(super) async fn send(
    client: &Client,
    run: &Run,
    kind: Kind,
    message: Message,
    body: MakeBody<'_>,
    follow: bool,
) -> Result<Response, Failure> {
    let Message { mut method, mut url, mut headers, .. } = message;
    let mut with_body = true;
    for _ in 0..=HOPS {
        run.domains().check(kind, &url)?;
        let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
        if let Some(body) = with_body.then(body).flatten() {
            request = request.body(body);
        }
        let response = request.send().await.map_err(|error| Failure::of_http(&error))?;
        let Some(next) = next_hop(&response, &url).filter(|_| follow) else { return Ok(response) };
        if turns_into_get(response.status(), &method) {
            method = Method::GET;
            with_body = false;
            for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, CONTENT_LANGUAGE] {
                headers.remove(name);
            }
        }
        if next.origin() != url.origin() {
            forget_secrets(&mut headers);
        }
        url = next;
    }
    Err(Error::new(ErrorCode::Network, "too many redirects").into())
}

fn next_hop(response: &Response, url: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    url.join(std::str::from_utf8(location.as_bytes()).ok()?).ok()
}

/// What browsers do, whatever the standard first said.
fn turns_into_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        303 => *method != Method::HEAD,
        301 | 302 => *method == Method::POST,
        _ => false,
    }
}

/// They were meant for the one host they were sent to.
fn forget_secrets(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, COOKIE] {
        headers.remove(name);
    }
}
