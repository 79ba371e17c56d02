//! The browser's process: how it is started, and that it ends with the one who started it.

use crate::error::{Error, Result};
use std::ffi::OsString;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

const FLAGS: [&str; 13] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    // A web-view has one page: whatever would open a second one fails.
    "--block-new-web-contents",
    "--password-store=basic",
    "--remote-debugging-pipe",
];

/// Chromium takes commands on descriptor 3 and answers on 4. The shell puts the two pipes there and becomes the browser.
const SHELL: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A running browser with a folder of its own.
pub(crate) struct Process {
    child: Child,
    folder: Option<TempDir>,
}

impl Process {
    /// Starts one, and gives the pipe for commands and that for answers.
    pub(crate) fn start(headed: bool, program: Option<OsString>) -> Result<(Self, ChildStdin, ChildStdout)> {
        let named = program.or_else(|| std::env::var_os("FINAPP_CHROMIUM"));
        let program = named.unwrap_or_else(|| OsString::from("chromium"));
        let failed = |error: std::io::Error| Error::Start(error.to_string());
        let folder = tempfile::Builder::new().prefix("finapp-chromium-").tempdir().map_err(failed)?;
        let mut profile = OsString::from("--user-data-dir=");
        profile.push(folder.path());
        let mut command = Command::new("sh");
        command.arg("-c").arg(SHELL).arg(program).args(FLAGS).arg(profile);
        if !headed {
            command.arg("--headless");
        }
        let mut child =
            command.arg("about:blank").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(commands), Some(answers)) => Ok((Self { child, folder: Some(folder) }, commands, answers)),
            _ => Err(Error::Start("it has no pipes".to_owned())),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; nobody is left to be told of an error.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = self.folder.take() {
            remove(folder);
        }
    }
}

/// The browser's own children may still write for a moment.
#[expect(clippy::disallowed_methods, reason = "the browser's own folder, which this file made")]
fn remove(folder: TempDir) {
    let path = folder.keep();
    for _ in 0..50 {
        if std::fs::remove_dir_all(&path).is_ok() {
            return;
        }
        std::thread::yield_now();
    }
}
