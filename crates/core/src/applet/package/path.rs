//! A path inside a package, normalised once; no other kind of path reaches the files.
//! Everything here is text: nothing is decoded and no file is touched.

use super::PackageError;
use std::fmt;
use std::sync::Arc;

/// The longest path text that is looked at.
const MAX_BYTES: usize = 1024;

/// What is run or parsed. Nothing else is served as text, so native code and bytecode cannot be asked for.
const SOURCE_ENDINGS: [&str; 8] = [".js", ".json", ".wxml", ".fxml", ".wxss", ".ftss", ".wxs", ".fxs"];

/// A normalised path from the root of a package: names joined by `/`, none of them empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackagePath(Arc<str>);

impl PackagePath {
    /// Resolves `text` beside the file `base`, or from the root when there is no base or `text` begins with `/`.
    /// `.` and `..` are resolved in the text. Percent signs mean nothing: `%2e%2e` is a name like any other.
    ///
    /// # Errors
    /// [`PackageError::Escape`] when a `..` leaves the root, [`PackageError::BadPath`] for anything malformed. A colon
    /// is refused with the control characters and the backslash: drive letters, streams and URLs all need one.
    pub fn parse(base: Option<&Self>, text: &str) -> Result<Self, PackageError> {
        check_text(text)?;
        let folder = match base {
            Some(base) if !text.starts_with('/') => base.0.rsplit_once('/').map_or("", |(folder, _)| folder),
            _ => "",
        };
        let mut names = Vec::new();
        for name in folder.split('/').chain(text.split('/')) {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop().ok_or(PackageError::Escape)?;
                }
                name => names.push(name),
            }
        }
        if names.is_empty() {
            return Err(PackageError::BadPath { rule: "a file, got the root" });
        }
        Ok(Self(names.join("/").into()))
    }

    /// The path of a zip entry, or nothing when the entry is a folder. Stricter than [`parse`](Self::parse): an archive
    /// has no reason for a name that begins at a root or climbs, so such a name is an attack.
    pub(super) fn parse_entry(name: &str) -> Result<Option<Self>, PackageError> {
        check_text(name)?;
        if name.starts_with('/') || name.split('/').any(|name| name == "..") {
            return Err(PackageError::Escape);
        }
        if name.ends_with('/') {
            return Ok(None);
        }
        Self::parse(None, name).map(Some)
    }

    /// The path, without a leading `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the file may be served as source text.
    pub(super) fn is_source(&self) -> bool {
        SOURCE_ENDINGS.iter().any(|ending| self.0.ends_with(ending))
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_text(text: &str) -> Result<(), PackageError> {
    if text.is_empty() || text.len() > MAX_BYTES {
        return Err(PackageError::BadPath { rule: "1 to 1024 bytes" });
    }
    if text.chars().any(|character| character.is_control() || matches!(character, '\\' | ':')) {
        return Err(PackageError::BadPath { rule: "no backslash, colon or control character" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PackagePath {
        PackagePath::parse(None, text).unwrap()
    }

    #[test]
    fn h_a27_a_path_that_leaves_the_root_is_refused() {
        let base = path("pages/index/index.js");
        for text in ["../../../x", "/../x", "a/../../../../x", "./../../../app.js", "../../.."] {
            assert_eq!(PackagePath::parse(Some(&base), text), Err(PackageError::Escape), "{text}");
        }
        for text in ["..", "../x", "a/../../x", "/.."] {
            assert_eq!(PackagePath::parse(None, text), Err(PackageError::Escape), "{text}");
        }
    }

    #[test]
    fn h_a27_a_malformed_path_is_refused() {
        let long = "x".repeat(MAX_BYTES + 1);
        for text in [
            "",
            ".",
            "/",
            "./",
            "a/..",
            "a\0.js",
            "app.js\0.png",
            "..\\x",
            "a\\b",
            "C:/x",
            "c:x",
            "file:///etc/passwd",
            "https://host/x.js",
            "app.js:stream",
            "a\nb",
            "a\u{7f}",
            &long,
        ] {
            let refused = PackagePath::parse(None, text);
            assert!(matches!(refused, Err(PackageError::BadPath { .. })), "{text:?}: {refused:?}");
        }
    }

    #[test]
    fn h_a27_percent_signs_are_never_decoded() {
        assert_eq!(path("%2e%2e/x.js").as_str(), "%2e%2e/x.js");
        assert_eq!(path("%2F..%2Fx").as_str(), "%2F..%2Fx");
        assert_eq!(path("..%5cx").as_str(), "..%5cx");
    }

    #[test]
    fn a_path_is_resolved_beside_its_base_or_from_the_root() {
        let base = path("pages/index/index.js");
        for (text, expected) in [
            ("./data.js", "pages/index/data.js"),
            ("data.js", "pages/index/data.js"),
            ("../list/list.js", "pages/list/list.js"),
            ("../../app.js", "app.js"),
            ("/app.js", "app.js"),
            ("//app.js", "app.js"),
            (".//a/./b/../c.js", "pages/index/a/c.js"),
            ("...", "pages/index/..."),
            ("..a/.b", "pages/index/..a/.b"),
            ("\u{9875}\u{9762}.js", "pages/index/\u{9875}\u{9762}.js"),
        ] {
            assert_eq!(PackagePath::parse(Some(&base), text).unwrap().as_str(), expected, "{text}");
        }
        assert_eq!(PackagePath::parse(Some(&path("app.js")), "./a.js").unwrap(), path("a.js"));
    }

    #[test]
    fn h_a26_only_source_endings_count_as_source() {
        for text in ["app.js", "a/app.json", "a.min.js"] {
            assert!(path(text).is_source(), "{text}");
        }
        for text in ["a.node", "a.so", "a.abc", "a.bin", "a.js.bin", "a.JS", "js", "a.wasm", "a.js/b"] {
            assert!(!path(text).is_source(), "{text}");
        }
    }

    #[test]
    fn an_entry_name_that_climbs_or_is_absolute_is_refused_even_if_it_stays_inside() {
        for name in ["/app.js", "../app.js", "a/../app.js", "a/..", "../", "/"] {
            assert_eq!(PackagePath::parse_entry(name), Err(PackageError::Escape), "{name}");
        }
        for name in ["a\\b.js", "C:/a.js", "a\0.js", ""] {
            assert!(matches!(PackagePath::parse_entry(name), Err(PackageError::BadPath { .. })), "{name:?}");
        }
        assert_eq!(PackagePath::parse_entry("./a/b.js"), Ok(Some(path("a/b.js"))));
        assert_eq!(PackagePath::parse_entry("a/"), Ok(None));
        assert_eq!(PackagePath::parse_entry("./"), Ok(None));
    }
}
