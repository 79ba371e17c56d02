//! What is asked of a package server: an index, and the zip that it names. Runs on the thread for network I/O. Nothing
//! that a server sends is believed before it has been counted and checked.

use super::address::lead;
use crate::error::{Error, ErrorCode, Result};
use crate::package_index::{IndexEntry, MOST_BYTES};
use reqwest::header::{CACHE_CONTROL, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};

/// How often one request may be sent on.
const REDIRECTS: usize = 5;

/// What is asked for, as errors name it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Index,
    Package,
}

impl Asked {
    fn failed(self, text: &str) -> Error {
        let what = match self {
            Self::Index => "index",
            Self::Package => "package",
        };
        Error::new(ErrorCode::Network, format!("{what}: {text}"))
    }

    fn answered(self, status: StatusCode) -> Error {
        match (self, status.as_u16()) {
            (Self::Index, 404 | 410) => {
                Error::new(ErrorCode::AppletNotFound, "index: the server has no such mini-program")
            }
            (_, status) => self.failed(&format!("the server answered {status}")),
        }
    }

    /// The next bytes of an answer.
    pub(super) async fn next(self, response: &mut Response) -> Result<Option<impl AsRef<[u8]> + use<>>> {
        // What the library below says may hold the address; the kind of failure is all that counts here.
        response.chunk().await.map_err(|_| self.failed("the connection broke off"))
    }
}

/// Reads the index at `url`.
///
/// # Errors
/// `E_NETWORK`, `E_APPLET_NOT_FOUND`, `E_DENIED` for a redirect to elsewhere, and those of [`IndexEntry::parse`].
pub(super) async fn index(client: &Client, url: &Url) -> Result<IndexEntry> {
    let mut response = get(client, url, url.clone(), Asked::Index).await?;
    let mut bytes = Vec::new();
    while let Some(more) = Asked::Index.next(&mut response).await? {
        bytes.extend_from_slice(more.as_ref());
        if bytes.len() > MOST_BYTES {
            return Err(Error::new(ErrorCode::TooLarge, format!("index: expected at most {MOST_BYTES} bytes")));
        }
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::new(ErrorCode::BadPackage, "index: expected UTF-8"))?;
    IndexEntry::parse(text.trim_start_matches('\u{feff}'))
}

/// Asks for `url`, which the index at `index` has named or is itself. Every step of a redirect is checked.
///
/// # Errors
/// `E_NETWORK`, `E_APPLET_NOT_FOUND`, `E_DENIED`.
pub(super) async fn get(client: &Client, index: &Url, mut url: Url, asked: Asked) -> Result<Response> {
    for _ in 0..=REDIRECTS {
        let mut request = client.get(url.clone());
        if asked == Asked::Index {
            // A stale index would keep an update back. The zip has its digest; a stale one is found out.
            request = request.header(CACHE_CONTROL, "no-cache");
        }
        let response = request.send().await.map_err(|_| asked.failed("the server cannot be reached"))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let to = response.headers().get(LOCATION).filter(|_| status.is_redirection());
        let Some(to) = to.and_then(|to| to.to_str().ok()) else { return Err(asked.answered(status)) };
        url = lead(index, &url, to)?;
    }
    Err(asked.failed("the server redirects without end"))
}
