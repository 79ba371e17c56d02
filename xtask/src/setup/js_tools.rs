//! The npm packages of the tests and benches, installed only when the lock file has changed.

use super::node::npm;
use crate::outcome::{Failure, Outcome};
use crate::{process, workspace};

/// Installs exactly what package-lock.json lists.
///
/// # Errors
/// When the lock file is missing or npm fails.
pub fn ensure() -> Outcome {
    let lock_file = workspace::root().join("package-lock.json");
    let lock = std::fs::read_to_string(&lock_file).map_err(|error| Failure::file(&lock_file, &error))?;
    // A copy of the lock that was installed; npm empties the folder first, so a broken install leaves no copy.
    let installed = workspace::root().join("node_modules").join(".installed-lock.json");
    if std::fs::read_to_string(&installed).is_ok_and(|copy| copy == lock) {
        return Ok(());
    }
    println!("setup: installing the npm packages of package-lock.json into node_modules");
    process::run(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    std::fs::write(&installed, lock).map_err(|error| Failure::file(&installed, &error))
}
