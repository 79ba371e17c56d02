//! npm packages beside a lock file: those of the tests and benches, and those of a folder that has a list of its own.
//! They are installed only when the lock file has changed.

use super::node::npm;
use crate::outcome::{Failure, Outcome};
use crate::{process, workspace};
use std::fs;
use std::path::Path;

/// Installs exactly what the repository's package-lock.json lists.
///
/// # Errors
/// When the lock file is missing or npm fails.
pub fn ensure() -> Outcome {
    install(&workspace::root(), &workspace::root())
}

/// Installs exactly what package-lock.json in one folder lists, below another one.
///
/// # Errors
/// When the lock file is missing or npm fails.
pub fn install(listed_in: &Path, folder: &Path) -> Outcome {
    let lock_file = listed_in.join("package-lock.json");
    let lock = fs::read_to_string(&lock_file).map_err(|error| Failure::file(&lock_file, &error))?;
    // A copy of the lock that was installed; npm empties the folder first, so a broken install leaves no copy.
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|copy| copy == lock) {
        return Ok(());
    }
    println!("setup: installing the npm packages of {} into {}", lock_file.display(), folder.display());
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    if folder != listed_in {
        for name in ["package.json", "package-lock.json"] {
            let from = listed_in.join(name);
            fs::copy(&from, folder.join(name)).map_err(|error| Failure::file(&from, &error))?;
        }
    }
    let mut npm = npm();
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    process::run(&mut npm)?;
    fs::write(&installed, lock).map_err(|error| Failure::file(&installed, &error))
}
