//! The beginning of a WebSocket: an HTTP request like any other, over the same client, whose connection is kept.

use super::answer::Head;
use super::failure::Failure;
use super::request::{Message, Options};
use crate::error::{Error, ErrorCode};
use reqwest::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use reqwest::{Client, Method, StatusCode, Upgraded};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// An open socket.
pub(super) type Stream = WebSocketStream<Upgraded>;

/// The request that the options mean. Its address is still that of a socket, for the check.
///
/// # Errors
/// `E_PARAM`.
pub(super) fn message(options: &Options<'_>) -> Result<Message, Failure> {
    let mut headers = options.headers()?;
    let protocols = &options.protocols;
    if !protocols.is_empty() {
        let token = |text: &String| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&byte))
        };
        let value = protocols.iter().all(token).then(|| HeaderValue::try_from(protocols.join(", ")).ok()).flatten();
        let refused = || Error::new(ErrorCode::Parameter, "parameter error: parameter.protocols cannot be sent;");
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value.ok_or_else(refused)?);
    }
    Ok(Message { method: Method::GET, url: options.url()?, headers, body: None })
}

/// Connects. Redirects are not followed, as in browsers.
///
/// # Errors
/// `E_DENIED` for a forbidden address, `E_NETWORK`.
pub(super) async fn connect(client: Client, message: Message, most: usize) -> Result<(Stream, Head), Failure> {
    let Message { mut url, mut headers, .. } = message;
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    url.set_scheme(scheme).map_err(|()| Failure::bad_url())?;
    let key = generate_key();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::try_from(&*key).map_err(|_| ErrorCode::Internal)?);
    let offered = headers.get(SEC_WEBSOCKET_PROTOCOL).cloned();
    let response = client.get(url).headers(headers).send().await.map_err(|error| Failure::of_http(&error))?;
    let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
    let right = response.status() == StatusCode::SWITCHING_PROTOCOLS
        && accepted == Some(derive_accept_key(key.as_bytes()).as_bytes())
        && chosen.is_none_or(|chosen| was_offered(offered.as_ref(), chosen));
    if !right {
        return Err(Failure::transport("the server does not take sockets there"));
    }
    let head = Head::of(&response);
    let stream = response.upgrade().await.map_err(|error| Failure::of_http(&error))?;
    let config = WebSocketConfig::default().max_message_size(Some(most)).max_frame_size(Some(most));
    Ok((WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await, head))
}

fn was_offered(offered: Option<&HeaderValue>, chosen: &HeaderValue) -> bool {
    let offered = offered.and_then(|offered| offered.to_str().ok()).unwrap_or_default();
    chosen.to_str().is_ok_and(|chosen| offered.split(", ").any(|one| one == chosen))
}
