//! `cargo xtask demo`: the main job from start to end, once with a Node host and once with a Rust host.

use crate::module::{self, Flavour};
use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use crate::{process, workspace};

/// Runs both hosts; fails when either does not end with 0.
pub fn run(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(Failure::Usage(format!("expected no arguments, got {word}")));
    }
    setup::ensure(&[Need::Compiler, Need::Node, Need::Bundle])?;
    let module = module::build(Flavour::Release)?;

    println!("\n== Node host: examples/host/demo.mjs runs the package examples/hello ==");
    process::run(setup::node().arg("examples/host/demo.mjs").env("FINAPP_MODULE", &module))?;

    println!("\n== Rust host: the same package through finapp-core alone ==");
    process::run(process::cargo().args([
        "run",
        "--quiet",
        "--package",
        "finapp-core",
        "--release",
        "--features",
        "components",
        "--example",
        "host",
    ]))?;
    println!("\ndemo: both hosts ended well; the module is {}", relative(&module));
    Ok(())
}

fn relative(path: &std::path::Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}
