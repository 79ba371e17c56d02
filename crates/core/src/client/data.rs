//! What applets keep on disk, by user and applet. Nothing is stored yet; clearing removes the folder all the same.
#![expect(clippy::disallowed_methods, reason = "the client's door to applet data")]

use crate::ids::AppletId;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The folder of one user's data of one applet. Both names have been checked, so the path stays below `root`.
pub(super) fn folder(root: &Path, user: Option<&AppletId>, applet: &AppletId) -> PathBuf {
    let user = user.map_or_else(|| "_shared".to_owned(), |user| format!("user-{user}"));
    root.join(user).join(applet.as_str())
}

/// Removes the folder. One that does not exist is clear already.
pub(super) fn clear(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Reads a configuration file of the host.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
