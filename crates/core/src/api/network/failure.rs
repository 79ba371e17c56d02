//! How a connection fails: the text and number that programs written for WeChat compare.

use crate::bridge::{Payload, Reply};
use crate::error::{Error, ErrorCode};
use crate::net::Forbidden;
use std::error::Error as StdError;
use std::io;

/// Numbers of WeChat's list of `errno`.
const TIMEOUT: u32 = 5;
const TRANSPORT: u32 = 600_001;
const DENIED: u32 = 600_002;
const BAD_URL: u32 = 600_009;

/// What the caller's `fail` sees.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    errno: Option<u32>,
}

impl Failure {
    pub(super) fn timeout() -> Self {
        ErrorCode::Timeout.into()
    }

    pub(super) fn bad_url() -> Self {
        Self { error: Error::new(ErrorCode::Parameter, "invalid url"), errno: Some(BAD_URL) }
    }

    pub(super) fn transport(text: &'static str) -> Self {
        Error::new(ErrorCode::Network, text).into()
    }

    /// What has gone wrong on the way, in words of ours: those of others tell of the device.
    pub(super) fn of_http(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::timeout();
        }
        let mut next: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(error) = next {
            let inner = unwrapped(error);
            if inner.is::<Forbidden>() {
                return Error::new(ErrorCode::Denied, "url not in domain list").into();
            }
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Self::transport(match tls {
                    rustls::Error::InvalidCertificate(_) => "the certificate is not trusted",
                    _ => "no secure connection",
                });
            }
            if let Some(known) = inner.downcast_ref::<io::Error>().and_then(|io| Self::of_io(io.kind())) {
                return known;
            }
            next = error.source();
        }
        Self::transport(if error.is_connect() { "cannot connect" } else { "connection closed" })
    }

    fn of_io(kind: io::ErrorKind) -> Option<Self> {
        match kind {
            io::ErrorKind::TimedOut => Some(Self::timeout()),
            io::ErrorKind::ConnectionRefused => Some(Self::transport("connection refused")),
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                Some(Self::transport("network unreachable"))
            }
            _ => None,
        }
    }

    /// Ends the call.
    pub(super) fn tell(self, reply: &Reply) {
        let body = self.errno.map(|errno| reply.checked(format!(r#"{{"errno":{errno}}}"#), Vec::new()));
        reply.fail_with(body.and_then(Result::ok).unwrap_or_else(Payload::none), self.error);
    }
}

/// What stands in an `io::Error`: it gives that to nobody who only asks for its source.
fn unwrapped<'a>(mut error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    while let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        error = inner;
    }
    error
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let errno = match error.code() {
            ErrorCode::Denied => Some(DENIED),
            ErrorCode::Timeout => Some(TIMEOUT),
            ErrorCode::Network => Some(TRANSPORT),
            _ => None,
        };
        Self { error, errno }
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Error::from(code).into()
    }
}
