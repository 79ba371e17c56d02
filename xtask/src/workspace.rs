//! Where things lie: the repository and the folders that cargo writes to.

use std::path::PathBuf;

/// The repository's folder.
pub fn root() -> PathBuf {
    // Set by cargo at run time, so a repository that was moved finds itself.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    own.parent().map_or(own.clone(), PathBuf::from)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}
