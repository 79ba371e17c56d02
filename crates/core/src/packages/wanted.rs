//! What is wanted of a package server: which package, how eagerly, and who hears of it.

use super::address::Server;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::limits::Limits;
use crate::package_index::{IndexEntry, PackageVersion};
use serde::Deserialize;
use std::sync::Arc;

/// When a newer version is looked for, if one is cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateStrategy {
    /// Before the start. A server that does not answer soon is not waited for.
    #[default]
    Before,
    /// After the start, for the next one.
    After,
}

/// What the host hears of a package from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageNews {
    /// A part of a version has come.
    Progress {
        /// How many bytes have come.
        received: u64,
        /// How many there are.
        total: u64,
    },
    /// The cached version is used, though the server was asked for a newer one.
    Kept {
        /// The cached version.
        version: String,
        /// What was wrong.
        error: Error,
    },
    /// A version is ready for the next start.
    Updated {
        /// Which.
        version: String,
    },
}

/// Hears of a package.
pub(crate) type Tell = Arc<dyn Fn(PackageNews) + Send + Sync>;

/// Which package is asked for, and how.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) app: AppletId,
    pub(crate) server: Server,
    pub(crate) strategy: UpdateStrategy,
    pub(crate) allow_downgrade: bool,
    pub(crate) tell: Tell,
}

impl Wanted {
    /// What an index offers must be for this mini-program and this library, small enough, and not older than what is
    /// cached: an old version may have a hole that a newer one has closed.
    ///
    /// # Errors
    /// `E_BAD_PACKAGE`, `E_UNSUPPORTED`, `E_TOO_LARGE`, `E_DENIED` for an older version.
    pub(super) fn check(&self, offered: &IndexEntry, cached: Option<&IndexEntry>, limits: &Limits) -> Result<()> {
        if offered.app_id != self.app.as_str() {
            return Err(Error::new(ErrorCode::BadPackage, "index: appId: expected the one that was asked for"));
        }
        let own: PackageVersion = env!("CARGO_PKG_VERSION").parse()?;
        if let Some(least) = offered.min_sdk_version.as_ref().filter(|least| **least > own) {
            let text = format!("version {} needs finapp {least}, this is {own}", offered.version);
            return Err(Error::new(ErrorCode::Unsupported, text));
        }
        if usize::try_from(offered.package.bytes).map_or(true, |bytes| bytes > limits.package_bytes) {
            let text = format!("package bytes: expected at most {}", limits.package_bytes);
            return Err(Error::new(ErrorCode::TooLarge, text));
        }
        match cached.filter(|cached| cached.version > offered.version && !self.allow_downgrade) {
            Some(cached) => {
                let text = format!("the server offers {}, older than {}", offered.version, cached.version);
                Err(Error::new(ErrorCode::Denied, text))
            }
            None => Ok(()),
        }
    }

    /// Tells that the cached version is used.
    pub(super) fn kept(&self, cached: &IndexEntry, error: Error) {
        (self.tell)(PackageNews::Kept { version: cached.version.to_string(), error });
    }
}
