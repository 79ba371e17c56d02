//! What travels: JSON text that has been checked once, with its binaries beside it, and the outcome of a call.

use super::envelope;
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use serde::{Deserialize, Serialize};

/// One step from the root of a JSON text to a value in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathSegment {
    /// A member of an object.
    Key(String),
    /// An item of an array.
    Index(u32),
}

/// What kind of binary stood in the original value, so that the same kind arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are the names JavaScript gives these types")]
pub enum BinaryKind {
    ArrayBuffer,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
}

/// An `ArrayBuffer`, typed array or `DataView` that travels beside the text. In the text its place holds `null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Where in the text it belongs; empty means it is the whole value.
    pub path: Vec<PathSegment>,
    /// What it was.
    pub kind: BinaryKind,
    /// Its bytes, in the byte order of the machine.
    pub bytes: Vec<u8>,
}

/// A checked message body: JSON text within the limits, and its binaries. The only way to make one is to be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    text: String,
    binaries: Vec<Binary>,
}

impl Payload {
    /// No body at all: not even `null`.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Checks `text` (size, depth, members per object, JSON grammar) and the total of the binaries.
    ///
    /// # Errors
    /// `E_TOO_LARGE`, `E_TOO_DEEP`, or `E_SERIALIZE` when the text is not JSON.
    ///
    /// ```
    /// use finapp_core::{ErrorCode, Limits, bridge::Payload};
    /// let limits = Limits::default();
    /// assert_eq!(Payload::parse(r#"{"a":1}"#.into(), vec![], &limits).unwrap().text(), r#"{"a":1}"#);
    /// let deep = "[".repeat(100) + &"]".repeat(100);
    /// assert_eq!(Payload::parse(deep, vec![], &limits).unwrap_err().code(), ErrorCode::TooDeep);
    /// ```
    pub fn parse(text: String, binaries: Vec<Binary>, limits: &Limits) -> Result<Self, Error> {
        envelope::check_bounds(&text, limits)?;
        envelope::check_grammar(&text)?;
        Self::from_writer(text, binaries, limits)
    }

    /// Wraps text that was written, and bounded while being written, by one of our own writers or by a JSON
    /// implementation that cannot produce anything but JSON. Size and depth are still the writer's duty.
    ///
    /// # Errors
    /// `E_TOO_LARGE` when the binaries are over their limit.
    pub fn from_writer(text: String, binaries: Vec<Binary>, limits: &Limits) -> Result<Self, Error> {
        let total: usize = binaries.iter().map(|binary| binary.bytes.len()).sum();
        if total > limits.message_binary_bytes {
            return Err(ErrorCode::TooLarge.into());
        }
        Ok(Self { text, binaries })
    }

    /// Wraps text that was made of the parts of other payloads, and of nothing else but constants.
    pub(crate) fn checked_before(text: String, binaries: Vec<Binary>) -> Self {
        Self { text, binaries }
    }

    /// The JSON text; empty when there is no body.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The binaries that belong to the text.
    #[must_use]
    pub fn binaries(&self) -> &[Binary] {
        &self.binaries
    }

    /// Its size: text and binaries.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + self.binaries.iter().map(|binary| binary.bytes.len()).sum::<usize>()
    }

    /// Whether there is no body.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes the payload apart, so that the binaries can be moved instead of copied.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<Binary>) {
        (self.text, self.binaries)
    }
}

/// How a call ended. Which one it is was decided by the method the host called, never by a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It worked; the body may be empty.
    Success(Payload),
    /// It failed. `error` is set when the failure is ours or was thrown; a failure that the host reported itself may
    /// have a body alone.
    Failure {
        /// What the host said, if anything.
        payload: Payload,
        /// Code and text, if there are any beside the body.
        error: Option<Error>,
    },
    /// The host or the user cancelled.
    Cancelled(Payload),
}

impl Outcome {
    /// A failure with a code and no body.
    #[must_use]
    pub fn failed(error: impl Into<Error>) -> Self {
        Self::Failure { payload: Payload::none(), error: Some(error.into()) }
    }
}
