//! The index of a package on a server: one small JSON file for each mini-program, beside its zip. Programs that make
//! packages write it with these types; docs/package-index.md describes it for people.
//!
//! ```
//! use finapp_core::package_index::{IndexEntry, PackageFile};
//! let entry = IndexEntry::new("demo", "1.4.0".parse()?, PackageFile::of("demo-1.4.0.zip", b"the bytes of the zip"));
//! let text = serde_json::to_string_pretty(&entry).unwrap();
//! assert_eq!(IndexEntry::parse(&text)?, entry);
//! # Ok::<(), finapp_core::Error>(())
//! ```

use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use ring::digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// The name of the file, in a folder with the id of the mini-program: `<apiServer>/<appId>/index.json`.
pub const FILE_NAME: &str = "index.json";

/// The most that an index may have.
pub const MOST_BYTES: usize = 64 * 1024;

/// What a server offers for one mini-program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexEntry {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The id of the mini-program.
    pub app_id: String,
    /// Which version it is. A larger one is newer.
    pub version: PackageVersion,
    /// The zip.
    pub package: PackageFile,
    /// The servers that the mini-program may talk to, as they were written: `request`, `download`, `upload`, `socket`,
    /// `business`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Map<String, Value>>,
    /// The oldest version of this library that can run it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_sdk_version: Option<PackageVersion>,
}

/// The zip of a package, as its index names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFile {
    /// Its address, relative to the index or whole.
    pub url: String,
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// How many bytes it has.
    pub bytes: u64,
}

impl IndexEntry {
    /// An entry with nothing but what each needs.
    #[must_use]
    pub fn new(app_id: impl Into<String>, version: PackageVersion, package: PackageFile) -> Self {
        Self { format: FORMAT, app_id: app_id.into(), version, package, domains: None, min_sdk_version: None }
    }

    /// Reads and checks an index. Members that it does not know are ignored.
    ///
    /// # Errors
    /// `E_TOO_LARGE`; `E_UNSUPPORTED` for another format; else `E_BAD_PACKAGE`, naming the field, or line and column.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        if text.len() > MOST_BYTES {
            return Err(Error::new(ErrorCode::TooLarge, format!("index: expected at most {MOST_BYTES} bytes")));
        }
        // Another format may have other fields: it is to be named as such, not by the first field that is missing.
        let Head { format } = located(text)?;
        if format != FORMAT {
            return Err(Error::new(ErrorCode::Unsupported, format!("index: format: expected {FORMAT}, got {format}")));
        }
        let entry: Self = located(text)?;
        entry.check()?;
        Ok(entry)
    }

    fn check(&self) -> Result<()> {
        AppletId::parse(&self.app_id).map_err(|error| bad(format!("index: {}", error.message())))?;
        if self.package.bytes == 0 || self.package.url.is_empty() {
            return Err(bad("index: package: expected an address, and at least one byte"));
        }
        Ok(())
    }
}

impl PackageFile {
    /// The entry for a zip of these bytes, which will be found at `url`.
    #[must_use]
    pub fn of(url: impl Into<String>, zip: &[u8]) -> Self {
        Self { url: url.into(), sha256: Sha256::of(zip), bytes: zip.len() as u64 }
    }
}

/// A version: one to four whole numbers joined by dots, compared number by number. `1.2` and `1.2.0` are the same.
#[derive(Clone, Debug)]
pub struct PackageVersion {
    numbers: [u32; 4],
    text: String,
}

impl PackageVersion {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for PackageVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || bad("version: expected one to four whole numbers joined by dots");
        let mut numbers = [0; 4];
        for (at, part) in text.split('.').enumerate() {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = part.parse().ok().filter(|_| digits).ok_or_else(refused)?;
            *numbers.get_mut(at).ok_or_else(refused)? = number;
        }
        Ok(Self { numbers, text: text.to_owned() })
    }
}

impl PartialEq for PackageVersion {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl Eq for PackageVersion {}

impl PartialOrd for PackageVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PackageVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

impl fmt::Display for PackageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for PackageVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PackageVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("expected one to four whole numbers joined by dots"))
    }
}

/// A SHA-256 digest; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(&digest::digest(&digest::SHA256, bytes))
    }

    pub(crate) fn from_digest(made: &digest::Digest) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(made.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        for (to, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let mut value = 0;
            for digit in pair {
                value = value * 16 + char::from(*digit).to_digit(16)?;
            }
            *to = u8::try_from(value).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("expected 64 hexadecimal digits"))
    }
}

fn located<T: de::DeserializeOwned>(text: &str) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        bad(if inner.is_data() && path != "." { format!("index: {path}: {inner}") } else { format!("index: {inner}") })
    })?;
    deserializer.end().map_err(|error| bad(format!("index: {error}")))?;
    Ok(value)
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadPackage, text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> PackageVersion {
        text.parse().unwrap()
    }

    #[test]
    fn h_a27_a_bad_index_is_refused_by_the_name_of_its_field() {
        let sha = "0".repeat(64);
        let whole = |app_id: &str, version: &str, package: &str| {
            format!(r#"{{"format": 1, "appId": {app_id}, "version": {version}, "package": {package}}}"#)
        };
        let package = format!(r#"{{"url": "a.zip", "sha256": "{sha}", "bytes": 5}}"#);
        for (text, code, part) in [
            (String::new(), ErrorCode::BadPackage, "index: EOF"),
            ("[]".to_owned(), ErrorCode::BadPackage, "index: "),
            ("<html>".to_owned(), ErrorCode::BadPackage, "index: expected value at line 1"),
            (format!("{} 1", whole("\"a\"", "\"1\"", &package)), ErrorCode::BadPackage, "trailing"),
            (r#"{"format": 2}"#.to_owned(), ErrorCode::Unsupported, "format: expected 1, got 2"),
            ("{}".to_owned(), ErrorCode::BadPackage, "format"),
            (whole("\"../b\"", "\"1\"", &package), ErrorCode::BadPackage, "index: appId: expected"),
            (whole("5", "\"1\"", &package), ErrorCode::BadPackage, "index: appId: "),
            (whole("\"a\"", "\"1.x\"", &package), ErrorCode::BadPackage, "index: version: expected one to four"),
            (whole("\"a\"", "\"1\"", &package.replace('0', "g")), ErrorCode::BadPackage, "index: package.sha256: "),
            (whole("\"a\"", "\"1\"", &package.replace('5', "-5")), ErrorCode::BadPackage, "index: package.bytes: "),
            (whole("\"a\"", "\"1\"", &package.replace('5', "0")), ErrorCode::BadPackage, "index: package: "),
            (" ".repeat(MOST_BYTES + 1), ErrorCode::TooLarge, "index: expected at most"),
        ] {
            let error = IndexEntry::parse(&text).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.message().contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (older, newer) in [("1.2.3", "1.2.10"), ("1.9", "2"), ("1", "1.0.0.1"), ("0.9.9", "1.0")] {
            assert!(version(older) < version(newer), "{older} {newer}");
        }
        assert_eq!(version("1.2"), version("1.2.0.0"));
        for text in ["", ".", "1.", "1..2", "v1", "1.2.3.4.5", "1.-2", "+1", "4294967296", "1.0.0-beta"] {
            assert!(text.parse::<PackageVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_digest_is_that_of_the_standard_and_reads_back() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::of(b"").to_string(), empty);
        assert_eq!(Sha256::parse(&empty.to_uppercase()), Some(Sha256::of(b"")));
        assert_eq!(Sha256::parse(&"é".repeat(32)), None);
    }

    #[test]
    fn domains_are_kept_as_they_were_written() {
        let mut entry = IndexEntry::new("a", version("1.0.0"), PackageFile::of("a.zip", b"zip"));
        let domains = serde_json::json!({"request": ["https://api.example"], "newer": {"kind": 1}});
        entry.domains = domains.as_object().cloned();
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(IndexEntry::parse(&text).unwrap().domains, entry.domains);
    }
}
