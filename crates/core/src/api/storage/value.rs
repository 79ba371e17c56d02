//! One stored value: JSON text, a word for what JSON does not have, the binaries in it, and the checks of a message
//! that carries it.

use crate::bridge::{Binary, BinaryKind, PathSegment};
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    /// What the value was, where its text does not say so. The glue writes and reads this word.
    pub(super) kind: String,
    /// JSON.
    pub(super) text: String,
    /// Their paths begin at the value.
    pub(super) binaries: Vec<Binary>,
}

/// How one binary stands in front of the bytes of all.
#[derive(Serialize, Deserialize)]
struct Place {
    path: Vec<PathSegment>,
    kind: BinaryKind,
    length: usize,
}

impl Stored {
    /// The empty text that a missing key counts as.
    pub(super) fn missing() -> Self {
        Self { kind: String::new(), text: "\"\"".to_owned(), binaries: Vec::new() }
    }

    /// How much of the quota it takes: a text counts without its escapes.
    pub(super) fn size(&self) -> usize {
        let text = if self.text.starts_with('"') && self.text.contains('\\') {
            serde_json::from_str::<String>(&self.text).map_or(self.text.len(), |text| text.len())
        } else if self.text.starts_with('"') {
            self.text.len().saturating_sub(2)
        } else {
            self.text.len()
        };
        text + self.binaries.iter().map(|binary| binary.bytes.len()).sum::<usize>()
    }

    /// The binaries as one run of bytes: the length of a JSON text, the text with their places, then their bytes.
    pub(super) fn packed_binaries(&self) -> Result<Option<Vec<u8>>> {
        if self.binaries.is_empty() {
            return Ok(None);
        }
        let place =
            |binary: &Binary| Place { path: binary.path.clone(), kind: binary.kind, length: binary.bytes.len() };
        let places: Vec<Place> = self.binaries.iter().map(place).collect();
        let places = serde_json::to_vec(&places).map_err(|_| Error::from(ErrorCode::Internal))?;
        let length = u32::try_from(places.len()).map_err(|_| Error::from(ErrorCode::StorageFull))?;
        let mut packed = length.to_le_bytes().to_vec();
        packed.extend_from_slice(&places);
        for binary in &self.binaries {
            packed.extend_from_slice(&binary.bytes);
        }
        Ok(Some(packed))
    }

    /// The other way. None when the bytes are not what [`Stored::packed_binaries`] makes.
    pub(super) fn unpack_binaries(packed: &[u8]) -> Option<Vec<Binary>> {
        let (length, rest) = packed.split_first_chunk::<4>()?;
        let (places, mut rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        let places: Vec<Place> = serde_json::from_slice(places).ok()?;
        let mut binaries = Vec::with_capacity(places.len());
        for Place { path, kind, length } in places {
            let (bytes, after) = rest.split_at_checked(length)?;
            binaries.push(Binary { path, kind, bytes: bytes.to_vec() });
            rest = after;
        }
        rest.is_empty().then_some(binaries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_come_back_as_they_were_and_damaged_ones_do_not_come_back() {
        let binary = |key: &str, bytes: &[u8]| Binary {
            path: vec![PathSegment::Key(key.to_owned()), PathSegment::Index(7)],
            kind: BinaryKind::Uint8Array,
            bytes: bytes.to_vec(),
        };
        let binaries = vec![binary("a", b"123"), binary("__proto__", b"")];
        let stored = Stored { binaries: binaries.clone(), ..Stored::missing() };
        let packed = stored.packed_binaries().unwrap().unwrap();
        assert_eq!(Stored::unpack_binaries(&packed), Some(binaries));
        for end in 0..packed.len() {
            assert_eq!(Stored::unpack_binaries(&packed[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn a_text_counts_without_its_quotes_and_escapes() {
        for (text, size) in [(r#""""#, 0), (r#""abc""#, 3), (r#""a\n\u0001""#, 3), ("[1,2]", 5), ("null", 4)] {
            assert_eq!(Stored { text: text.to_owned(), ..Stored::missing() }.size(), size, "{text}");
        }
    }
}
