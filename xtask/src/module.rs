//! Builds the N-API module for this machine and puts it where Node can load it.

use crate::outcome::{Failure, Outcome};
use crate::{bundle, process, workspace};
use std::path::PathBuf;

/// Which module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// As shipped: optimised, without the hooks of the tests.
    Release,
    /// Quick to build, with overflow checks and engine assertions, and with the hooks of the tests.
    Tests,
}

/// Builds the module and returns the path of the `.node` file.
///
/// # Errors
/// When the build fails or the file cannot be put in its place.
pub fn build(flavour: Flavour) -> Outcome<PathBuf> {
    bundle::ensure()?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "finapp", "--lib"]);
    let (profile, folder) = match flavour {
        Flavour::Release => {
            cargo.args(["--release", "--features", "components"]);
            ("release", workspace::target())
        }
        Flavour::Tests => {
            cargo.args(["--features", "test-hooks,components"]);
            ("debug", workspace::target().join("test"))
        }
    };
    process::run(&mut cargo)?;
    let library = workspace::target().join(profile).join("libfinapp.so");
    let module = folder.join("finapp.node");
    let fresh = folder.join("finapp.node.new");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    // Renamed into place: a process that still has the old module mapped must not see its bytes change.
    std::fs::copy(&library, &fresh).map_err(|error| Failure::file(&library, &error))?;
    std::fs::rename(&fresh, &module).map_err(|error| Failure::file(&module, &error))?;
    Ok(module)
}
