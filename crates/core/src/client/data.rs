//! What applets keep on disk, by user and applet. Nothing is stored yet; clearing removes the folder all the same.
#![expect(clippy::disallowed_methods, reason = "the client's door to applet data")]

use crate::ids::AppletId;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;

/// The folder of one user's data of one applet. Both names have been checked, so the path stays below `root`.
pub(super) fn folder(root: &Path, user: Option<&AppletId>, applet: &AppletId) -> PathBuf {
    let user = user.map_or_else(|| "_shared".to_owned(), |user| format!("user-{user}"));
    root.join(user).join(applet.as_str())
}

/// Removes the folder on a thread that may wait for the disk; `failed` hears why it could not be removed. One that
/// does not exist is clear already.
pub(super) fn clear_soon(runtime: &Handle, folder: PathBuf, failed: impl FnOnce(ErrorKind) + Send + 'static) {
    runtime.spawn_blocking(move || match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => failed(error.kind()),
        _ => {}
    });
}

/// Reads a configuration file of the host.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
