//! THIRD-PARTY: what the shipped library is made of besides our own code.

use super::TARGETS;
use super::graph::{self, Metadata};
use super::licences::{COMPONENTS_LOCK, npm_packages};
use crate::outcome::{self, Outcome};
use crate::workspace;
use std::collections::BTreeSet;

const COMMAND: &str = "third-party";

/// What of the component layer's packages becomes part of the library; the others make the bundle.
const BUNDLED: &[&str] = &["glass-easel", "glass-easel-miniprogram-adapter"];

/// `cargo xtask third-party [--write]`.
pub fn run(arguments: &[String]) -> Outcome {
    settle(outcome::write_flag(arguments)?)
}

/// Compares the checked-in list with the lock file.
///
/// # Errors
/// When they differ.
pub fn check() -> Outcome {
    settle(false)
}

fn settle(write: bool) -> Outcome {
    outcome::settle(&workspace::root().join("THIRD-PARTY"), &generate()?, write, COMMAND)
}

fn generate() -> Outcome<String> {
    let metadata = Metadata::read()?;
    let mut shipped = BTreeSet::new();
    for target in TARGETS {
        shipped.extend(graph::shipped(target)?.into_iter().map(|package| (package.name, package.version)));
    }
    let mut text = String::from(
        "Third-party software in the finapp library\n\
         ===========================================\n\n\
         Generated from Cargo.lock by `cargo xtask third-party --write`; the test command compares it.\n\
         Each package carries its own licence text and copyright notices in its source.\n\n\
         The packages under the MPL-2.0 are not changed here; the Cargo registry gives their source by name and version.\n\
         The certificates under the CDLA-Permissive-2.0 are Mozilla's list, unchanged; the agreement comes inside webpki-roots.\n\n\
         The JavaScript engine is QuickJS-ng (MIT); its C sources come inside rquickjs-sys.\n\n",
    );
    for package in &metadata.packages {
        if package.source.is_some() && shipped.contains(&(package.name.clone(), package.version.clone())) {
            let name = format!("{} {}", package.name, package.version);
            text.push_str(&format!("{name:30} {}\n", package.licence));
        }
    }
    text.push_str("\nFrom npm, bundled with the component layer; unchanged but for what the bundler leaves out:\n\n");
    for package in npm_packages(COMPONENTS_LOCK)?.iter().filter(|package| BUNDLED.contains(&package.name.as_str())) {
        let name = format!("{} {}", package.name, package.version);
        text.push_str(&format!("{name:38} {}\n", package.licence));
    }
    Ok(text)
}
