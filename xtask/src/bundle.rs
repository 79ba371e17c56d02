//! `cargo xtask bundle`: the component layer of mini-programs and the frameworks under it, as one ES module that the
//! build script of finapp-core compiles. What npm installs lies beside the bundle, outside of the sources.

#[path = "../../crates/core/src/components/bundle_key.rs"]
mod bundle_key;

use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use crate::{process, workspace};
use std::fs;

const COMPONENTS: &str = "crates/core/src/components";

/// `cargo xtask bundle`.
pub fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err(Failure::Usage("expected no arguments".to_owned()));
    }
    ensure()
}

/// Makes the bundle unless it is there and made from the same files.
///
/// # Errors
/// When Node, npm or the bundler fails.
pub fn ensure() -> Outcome {
    let components = workspace::root().join(COMPONENTS);
    let bundle = workspace::root().join(bundle_key::BUNDLE);
    let inputs = bundle_key::inputs(&components).map_err(|error| Failure::file(&components, &error))?;
    let first_line = bundle_key::first_line(&inputs).map_err(|error| Failure::file(&components, &error))?;
    if fs::read_to_string(&bundle).is_ok_and(|text| text.lines().next() == Some(first_line.as_str())) {
        return Ok(());
    }
    setup::ensure(&[Need::Node])?;
    let packages = bundle.with_file_name("npm");
    setup::install(&components, &packages)?;
    let made = bundle.with_extension("new.js");
    process::run(setup::node().arg(components.join("bundle.mjs")).args([&packages, &made]))?;
    let text = fs::read_to_string(&made).map_err(|error| Failure::file(&made, &error))?;
    // Renamed into place: a build that runs beside us reads the old bundle or the new one.
    fs::write(&made, format!("{first_line}\n{text}")).map_err(|error| Failure::file(&made, &error))?;
    fs::rename(&made, &bundle).map_err(|error| Failure::file(&bundle, &error))
}
