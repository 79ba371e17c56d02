//! The public error type and the one table of codes.
//! The numbers are part of the contract: JavaScript sees them as `errCode`, ArkTS as `code`. Changing one is a
//! breaking change and stands in the change log.

use std::borrow::Cow;
use std::fmt;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $number:literal, $text:literal;)*) => {
        /// What went wrong, as a stable name and number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[$doc])* $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The stable number: `errCode` in JavaScript, `code` in ArkTS.
            #[must_use]
            pub const fn number(self) -> i32 { match self { $(ErrorCode::$variant => $number,)* } }

            /// The stable name, for instance `E_TIMEOUT`.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(ErrorCode::$variant => $name,)* } }

            /// What follows `fail ` in an `errMsg` when nobody said anything better.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(ErrorCode::$variant => $text,)* } }
        }
    };
}

error_codes! {
    /// The client is used before `init` (FinClip's number).
    NotInitialised, "E_NOT_INITIALISED", 10000, "not initialised";
    /// An argument, name or configuration field has the wrong form (FinClip's number).
    Parameter, "E_PARAM", 10001, "parameter error";
    /// The network failed (FinClip's number).
    Network, "E_NETWORK", 10003, "network error";
    /// A package cannot be read or does not start (FinClip's number for a broken package).
    BadPackage, "E_BAD_PACKAGE", 12000, "bad package";
    /// No applet with that id (FinClip's number).
    AppletNotFound, "E_APPLET_NOT_FOUND", 14000, "applet not found";
    /// No applet is in the foreground (FinClip's number).
    NoForegroundApplet, "E_NO_FOREGROUND_APPLET", 14001, "no applet in the foreground";
    /// A message envelope is not understood.
    BadRequest, "E_BAD_REQUEST", 20001, "bad request";
    /// Over the byte or key limit.
    TooLarge, "E_TOO_LARGE", 20002, "message too large";
    /// Over the nesting limit.
    TooDeep, "E_TOO_DEEP", 20003, "message too deep";
    /// A value cannot be turned into JSON.
    Serialize, "E_SERIALIZE", 20004, "value cannot be serialized";
    /// Not allowed for this caller.
    Denied, "E_DENIED", 20005, "permission denied";
    /// No such thing.
    NotFound, "E_NOT_FOUND", 20006, "\u{8be5}api\u{672a}\u{5b9e}\u{73b0}";
    /// Too many in flight, or in use.
    Busy, "E_BUSY", 20007, "too many calls in flight";
    /// A count limit was reached.
    Limit, "E_LIMIT", 20008, "limit reached";
    /// Not available in this environment.
    Unsupported, "E_UNSUPPORTED", 20009, "not supported";
    /// The host's handler threw or rejected.
    Handler, "E_HANDLER", 20010, "handler failed";
    /// The host answered something that cannot be sent.
    HandlerResult, "E_HANDLER_RESULT", 20011, "handler answered something that cannot be sent";
    /// No answer in time.
    Timeout, "E_TIMEOUT", 20012, "timeout";
    /// The applet did not stop when told to.
    Unresponsive, "E_UNRESPONSIVE", 20013, "applet does not respond";
    /// The applet reached its memory cap.
    Memory, "E_MEMORY", 20014, "out of memory";
    /// Too many quarantined threads.
    ZombieLimit, "E_ZOMBIE_LIMIT", 20015, "too many unresponsive applets";
    /// The quota or the disk is full.
    StorageFull, "E_STORAGE_FULL", 20016, "exceed max size";
    /// The applet or the client is closed.
    Closed, "E_CLOSED", 20017, "host unavailable";
    /// The page that asked is no longer there.
    PageGone, "E_PAGE_GONE", 20018, "page is gone";
    /// Our fault; the applet is closed when its state is in doubt.
    Internal, "E_INTERNAL", 20019, "internal error";
    /// The host or the user cancelled the call.
    Cancelled, "E_CANCELLED", 20020, "cancel";
    /// Waiting would close a circle of threads that wait for each other.
    Cycle, "E_CYCLE", 20021, "would wait for itself";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of every public function: a stable [`ErrorCode`] and a sentence for people.
///
/// ```
/// use finapp_core::{Error, ErrorCode};
/// let error = Error::new(ErrorCode::Parameter, "appId: expected 1 to 128 characters, got 0");
/// assert_eq!(error.code().number(), 10001);
/// assert_eq!(error.to_string(), "E_PARAM: appId: expected 1 to 128 characters, got 0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Error {
    /// An error with a message of its own. Say what was expected and what came; never a Rust path, an address, a
    /// token or another applet's name.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for people, without the code's name.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same error, its message cut to at most `bytes` bytes on a character boundary.
    #[must_use]
    pub fn cut_to(mut self, bytes: usize) -> Self {
        if self.message.len() > bytes {
            self.message = Cow::Owned(cut(&self.message, bytes).to_owned());
        }
        self
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: Cow::Borrowed(code.text()) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}

/// The public result type.
pub type Result<T> = std::result::Result<T, Error>;

/// The longest prefix of `text` that has at most `bytes` bytes and ends on a character boundary.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn f_h16_every_code_has_its_own_stable_number_and_name() {
        let numbers: HashSet<i32> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
        let names: HashSet<&str> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(numbers.len(), ErrorCode::ALL.len());
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(names.iter().all(|name| name.starts_with("E_")));
        for (code, number) in [
            (ErrorCode::AppletNotFound, 14000),
            (ErrorCode::NoForegroundApplet, 14001),
            (ErrorCode::Parameter, 10001),
            (ErrorCode::Timeout, 20012),
            (ErrorCode::Cancelled, 20020),
        ] {
            assert_eq!(code.number(), number, "{code} must never change its number");
        }
    }

    #[test]
    fn cutting_never_splits_a_character() {
        assert_eq!(cut("h\u{e9}llo", 2), "h");
        assert_eq!(cut("abc", 10), "abc");
    }
}
