//! Installing Debian packages.

use crate::outcome::{Failure, Outcome};
use crate::process;
use std::process::{Command, Stdio};
use std::sync::Once;

/// Whether a program stands in one of the folders of `PATH`.
pub fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Installs packages, fetching the package lists first, once a run.
///
/// # Errors
/// When this is not Debian or the packages cannot be installed.
pub fn install(packages: &[&str]) -> Outcome {
    if packages.is_empty() {
        return Ok(());
    }
    if !is_on_path("apt-get") {
        return Err(Failure::new(format!("please install by hand what Debian calls: {}", packages.join(" "))));
    }
    println!("setup: installing Debian packages {}", packages.join(" "));
    update_lists();
    let mut install = apt_get();
    install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    quietly(&mut install)
}

// A mirror that is down is no reason to stop: the lists at hand may do.
fn update_lists() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        if let Err(failure) = quietly(apt_get().arg("update")) {
            println!("setup: {failure}; going on with the package lists at hand");
        }
    });
}

fn apt_get() -> Command {
    let root = process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn quietly(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().map_err(|error| Failure::new(format!("apt-get: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("apt-get ended with {}: {}", output.status, said.trim())))
}
