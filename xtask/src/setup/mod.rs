//! What a command needs on this machine. Nothing is fetched when everything is there; what is fetched is named in one
//! line each.

mod debian;
mod js_tools;
mod node;
mod python;

pub use js_tools::install;
pub use node::node;

use crate::outcome::{Failure, Outcome};
use crate::{bundle, process};

/// One thing that a command cannot do without.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// A C compiler and linker: the engine is C, and the module is linked with GNU ld's `--wrap`.
    Compiler,
    /// rustfmt and clippy.
    RustTools,
    /// Node 20 or newer, which stands in for ArkTS, and npm.
    Node,
    /// Python's package installer, which brings Node for other machines.
    Python,
    /// The bundle of the component layer, which builds with the feature `components` take.
    Bundle,
    /// The packages of package.json, at the versions of package-lock.json.
    JsTools,
    /// The spelling checker.
    Codespell,
    /// The program that draws the picture.
    Graphviz,
    /// The browser that stands in for ArkWeb.
    Chromium,
}

/// Installs whatever of `needs` is missing.
///
/// # Errors
/// When something is missing and cannot be installed; the text says what to install by hand.
pub fn ensure(needs: &[Need]) -> Outcome {
    let mut packages = Vec::new();
    for need in needs {
        match need {
            Need::Compiler if process::version("cc").is_none() => packages.extend(["gcc", "libc6-dev", "binutils"]),
            Need::Codespell if process::version("codespell").is_none() => packages.push("codespell"),
            Need::Graphviz if !debian::is_on_path("dot") => packages.push("graphviz"),
            Need::Chromium if !debian::is_on_path("chromium") => packages.push("chromium"),
            Need::RustTools => check_rust_tools()?,
            _ => {}
        }
    }
    debian::install(&packages)?;
    if needs.contains(&Need::Python) {
        python::ensure()?;
    }
    if needs.iter().any(|need| matches!(need, Need::Node | Need::JsTools)) {
        node::ensure()?;
    }
    if needs.contains(&Need::JsTools) {
        js_tools::ensure()?;
    }
    if needs.contains(&Need::Bundle) {
        bundle::ensure()?;
    }
    Ok(())
}

// These belong to the Rust toolchain, which is the one thing that we expect to find.
fn check_rust_tools() -> Outcome {
    for (tool, rustup, debian) in [("fmt", "rustfmt", "rustfmt"), ("clippy", "clippy", "rust-clippy")] {
        let answers = process::cargo().args([tool, "--version"]).output().is_ok_and(|output| output.status.success());
        if !answers {
            return Err(Failure::new(format!(
                "cargo {tool} is missing: install it with `rustup component add {rustup}` or `apt-get install {debian}`"
            )));
        }
    }
    Ok(())
}
