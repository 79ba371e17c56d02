//! What can be wrong with a package, and which public code each fault carries.
//! Files are named as the package names them; a path of the host never appears.

use crate::error::{Error, ErrorCode};
use std::io;

/// Why a package, or a file in it, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// Nothing lies where the package should be.
    #[error("offlineLibraryPath: expected a folder or a zip, found none")]
    NotFound,
    /// The operating system refused; `file` is a file of the package, or `package` for the package itself.
    #[error("{file}: {kind}")]
    Io {
        /// What was being read.
        file: String,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// Neither a folder nor a zip.
    #[error("package: expected a folder or a zip file")]
    NotAPackage,
    /// A file that every package needs, or one that may not be what it is, found while opening.
    #[error("{file}: expected a regular file in the root of the package")]
    MissingFile {
        /// The file's name.
        file: String,
    },
    /// A file that was asked for is not there.
    #[error("{file} not found")]
    NoSuchFile {
        /// The file's path in the package.
        file: String,
    },
    /// A file that was asked for is a symbolic link, or lies behind one.
    #[error("{file} not found: symbolic links are not followed")]
    SymbolicLink {
        /// The file's path in the package.
        file: String,
    },
    /// The path leads out of the package.
    #[error("path: leaves the package")]
    Escape,
    /// The path is malformed. It is not repeated: it may be hostile.
    #[error("path: expected {rule}")]
    BadPath {
        /// What a path must be.
        rule: &'static str,
    },
    /// The file is not of a kind that is run or parsed: native code, bytecode, an image.
    #[error("{file}: not a source file")]
    NotASource {
        /// The file's path in the package.
        file: String,
    },
    /// Over one of the limits.
    #[error("{what}: expected at most {most}")]
    TooLarge {
        /// What is too large or too many.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// `app.json` is not what it should be.
    #[error("app.json: {place}: {reason}")]
    BadManifest {
        /// Line and column, or the field.
        place: String,
        /// What was expected and what came.
        reason: String,
    },
    /// The `plugin.json` of a plugin is not what it should be.
    #[error("{file}: {place}: {reason}")]
    BadPluginManifest {
        /// The file's path in the package.
        file: String,
        /// Line and column, or the field.
        place: String,
        /// What was expected and what came.
        reason: String,
    },
    /// A source file is not UTF-8.
    #[error("{file}: expected UTF-8 text")]
    NotUtf8 {
        /// The file's path in the package.
        file: String,
    },
    /// The zip is damaged, or built to deceive.
    #[error("bad zip: {reason}")]
    BadZip {
        /// What is wrong with it.
        reason: String,
    },
}

impl PackageError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoSuchFile { .. } | Self::SymbolicLink { .. } => ErrorCode::NotFound,
            Self::Escape | Self::BadPath { .. } => ErrorCode::Parameter,
            Self::NotASource { .. } => ErrorCode::Denied,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::NotFound
            | Self::Io { .. }
            | Self::NotAPackage
            | Self::MissingFile { .. }
            | Self::BadManifest { .. }
            | Self::BadPluginManifest { .. }
            | Self::NotUtf8 { .. }
            | Self::BadZip { .. } => ErrorCode::BadPackage,
        }
    }
}

impl From<PackageError> for Error {
    fn from(error: PackageError) -> Self {
        Error::new(error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_code_and_its_sentence() {
        let file = || "a/b.js".to_owned();
        let bad_field =
            PackageError::BadManifest { place: "pages[1]".into(), reason: "expected a string, got a number".into() };
        let denied = PackageError::Io { file: "package".into(), kind: io::ErrorKind::PermissionDenied };
        for (fault, code, text) in [
            (
                PackageError::NotFound,
                ErrorCode::BadPackage,
                "offlineLibraryPath: expected a folder or a zip, found none",
            ),
            (denied, ErrorCode::BadPackage, "package: permission denied"),
            (PackageError::NotAPackage, ErrorCode::BadPackage, "package: expected a folder or a zip file"),
            (
                PackageError::MissingFile { file: "app.js".into() },
                ErrorCode::BadPackage,
                "app.js: expected a regular file in the root of the package",
            ),
            (PackageError::NoSuchFile { file: file() }, ErrorCode::NotFound, "a/b.js not found"),
            (
                PackageError::SymbolicLink { file: file() },
                ErrorCode::NotFound,
                "a/b.js not found: symbolic links are not followed",
            ),
            (PackageError::Escape, ErrorCode::Parameter, "path: leaves the package"),
            (PackageError::BadPath { rule: "no colon" }, ErrorCode::Parameter, "path: expected no colon"),
            (PackageError::NotASource { file: file() }, ErrorCode::Denied, "a/b.js: not a source file"),
            (
                PackageError::TooLarge { what: "package bytes", most: 7 },
                ErrorCode::TooLarge,
                "package bytes: expected at most 7",
            ),
            (bad_field, ErrorCode::BadPackage, "app.json: pages[1]: expected a string, got a number"),
            (PackageError::NotUtf8 { file: file() }, ErrorCode::BadPackage, "a/b.js: expected UTF-8 text"),
            (PackageError::BadZip { reason: "torn".into() }, ErrorCode::BadPackage, "bad zip: torn"),
        ] {
            assert_eq!(Error::from(fault), Error::new(code, text));
        }
    }
}
