//! Where applets keep their data on disk, by user and applet, and how it is cleared.
#![expect(clippy::disallowed_methods, reason = "the client's door to applet data")]

use crate::api::provided::Elsewhere;
use crate::api::storage::Place;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;

/// The longest id of a user, in bytes: its folder's name must fit when each of them is escaped.
const USER_BYTES: usize = 80;

/// Checks the id of a user whose data is to be kept. Any text will do that is not too long; none and an empty one are
/// the same.
///
/// # Errors
/// `E_PARAM`, naming `field`.
pub(super) fn check_user(field: &str, user: &str) -> Result<()> {
    if user.len() <= USER_BYTES {
        return Ok(());
    }
    let text = format!("{field}: expected at most {USER_BYTES} bytes, got {}", user.len());
    Err(Error::new(ErrorCode::Parameter, text))
}

/// The folder of one user's data of one applet. The id of an applet has been checked and that of a user is escaped, so
/// the path stays below `root`.
pub(super) fn folder(root: &Path, user: Option<&str>, applet: &AppletId) -> PathBuf {
    let user = user
        .filter(|user| !user.is_empty())
        .map_or_else(|| "_shared".to_owned(), |user| format!("user-{}", escaped(user)));
    root.join(user).join(applet.as_str())
}

/// The folder of packages from servers, beside those of users.
pub(super) fn packages(root: &Path) -> PathBuf {
    root.join("packages")
}

/// The folder of compiled code.
pub(super) fn code(root: &Path) -> PathBuf {
    root.join("_code")
}

/// The folder of what belongs to no user and applet: clearing their data leaves it alone.
pub(super) fn client_folder(root: &Path) -> PathBuf {
    root.join("_client")
}

fn escaped(user: &str) -> String {
    let mut name = String::new();
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

/// Removes the folder on a thread that may wait for the disk, when it is its turn, in the
/// lanes of the store and of the files; `failed` hears why it could not be
/// removed. One that does not exist is clear already.
pub(super) fn clear_soon(
    runtime: &Handle,
    folder: PathBuf,
    mut turns: [Place; 2],
    failed: impl FnOnce(ErrorKind) + Send + 'static,
) {
    runtime.spawn_blocking(move || {
        turns.iter_mut().for_each(Place::wait);
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => failed(error.kind()),
            _ => {}
        }
    });
}

/// Runs work on threads that may wait for the disk.
pub(super) fn elsewhere(runtime: &Handle) -> Elsewhere {
    let runtime = runtime.clone();
    Arc::new(move |work| drop(runtime.spawn_blocking(work)))
}

/// Reads a configuration file of the host.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
