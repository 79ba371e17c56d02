//! What the glue sends for each API of the family, and what it gets back.

use super::content::Encoding;
use super::fault::Fault;
use super::place::Place;
use crate::bridge::{Binary, BinaryKind, PathSegment, Payload};
use crate::error::ErrorCode;
use crate::limits::Limits;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

type Result<T> = std::result::Result<T, Fault>;

/// The arguments, under one name each whatever the API calls them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Arguments<'a> {
    #[serde(default)]
    path: Option<String>,
    /// The second of two paths.
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    pub(super) fd: Option<String>,
    /// A text; `null` stands for bytes.
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    pub(super) position: Option<f64>,
    #[serde(default)]
    pub(super) length: Option<f64>,
    #[serde(default)]
    pub(super) offset: Option<f64>,
    /// How much the caller's buffer holds.
    #[serde(default)]
    pub(super) room: Option<f64>,
    #[serde(default)]
    pub(super) recursive: bool,
    #[serde(default)]
    pub(super) flag: Option<String>,
    #[serde(default)]
    pub(super) digest: Option<String>,
    /// None: all.
    #[serde(default)]
    pub(super) entries: Option<Vec<EntryItem>>,
}

/// One file that `readZipEntry` is to read.
#[derive(Deserialize)]
pub(super) struct EntryItem {
    pub(super) path: String,
    #[serde(default)]
    pub(super) encoding: Option<String>,
    #[serde(default)]
    pub(super) position: Option<f64>,
    #[serde(default)]
    pub(super) length: Option<f64>,
}

impl<'a> Arguments<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Fault::Argument(format!("parameter error: {error}")))
    }

    pub(super) fn place(&self) -> Result<Place> {
        Place::parse(self.path.as_deref().unwrap_or_default())
    }

    /// The second path, if there is one.
    pub(super) fn destination(&self) -> Result<Option<Place>> {
        self.to.as_deref().map(Place::parse).transpose()
    }

    pub(super) fn encoding(&self) -> Result<Option<Encoding>> {
        self.encoding.as_deref().map(Encoding::parse).transpose()
    }

    /// The bytes to write: those that came, or those of the text.
    pub(super) fn content(&self, binaries: Vec<Binary>) -> Result<Vec<u8>> {
        if let Some(binary) = binaries.into_iter().next() {
            return Ok(binary.bytes);
        }
        let json = self.data.map_or("\"\"", RawValue::get);
        self.encoding()?.unwrap_or(Encoding::Utf8).bytes_of(json)
    }

    /// The paths as a text names them: those that the mini-program wrote.
    pub(super) fn said(&self) -> String {
        let quoted = |path: &str| format!("\"{}\"", crate::error::cut(path, 300));
        match (self.path.as_deref(), self.to.as_deref()) {
            (Some(path), Some(to)) => format!("{} -> {}", quoted(path), quoted(to)),
            (Some(path), None) => quoted(path),
            _ => String::new(),
        }
    }
}

/// A number that must be whole and not negative.
pub(super) fn whole(number: f64, fault: Fault) -> Result<u64> {
    // Beyond it a number is no longer itself.
    if number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "just checked")]
        Ok(number as u64)
    } else {
        Err(fault)
    }
}

/// The part of `size` bytes that `position` and `length` name.
pub(super) fn part(size: u64, position: Option<f64>, length: Option<f64>) -> Result<(u64, u64)> {
    let start = position.map_or(Ok(0), |position| whole(position, Fault::BadPosition))?;
    if start > 0 && start >= size {
        return Err(Fault::BadPosition);
    }
    let most = size - start;
    match length {
        None => Ok((start, most)),
        Some(length) => {
            let length = whole(length, Fault::BadLength)?;
            if length == 0 || length > most { Err(Fault::BadLength) } else { Ok((start, length)) }
        }
    }
}

/// What `stat` tells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stats {
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) last_accessed_time: i64,
    pub(super) last_modified_time: i64,
}

impl Stats {
    pub(super) fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

/// A file or folder below the one that was asked for.
#[derive(Serialize)]
pub(super) struct FileStats {
    pub(super) path: String,
    pub(super) stats: Stats,
}

/// A saved file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileItem {
    pub(super) file_path: String,
    pub(super) size: u64,
    pub(super) create_time: i64,
}

/// An answer of plain members.
pub(super) fn answer(value: serde_json::Value, limits: &Limits) -> Result<Payload> {
    body(value.to_string(), Vec::new(), limits)
}

/// An answer with a file's content under `data`, as bytes or as text.
pub(super) fn content(bytes: Vec<u8>, encoding: Option<Encoding>, limits: &Limits) -> Result<Payload> {
    match encoding {
        None => {
            let path = vec![PathSegment::Key("data".to_owned())];
            body("{\"data\":null}".to_owned(), vec![Binary { path, kind: BinaryKind::ArrayBuffer, bytes }], limits)
        }
        Some(encoding) => body(format!("{{\"data\":{}}}", encoding.json_of(&bytes)), Vec::new(), limits),
    }
}

pub(super) fn body(text: String, binaries: Vec<Binary>, limits: &Limits) -> Result<Payload> {
    // A text takes the place of the bytes it was made of, so it is held to their limit and not to that of messages.
    if text.len() > limits.message_binary_bytes.saturating_add(limits.message_bytes) {
        return Err(Fault::Own(ErrorCode::TooLarge));
    }
    Payload::from_writer(text, binaries, limits).map_err(|error| Fault::Own(error.code()))
}
