//! The ArkTS side: what checks it, and its suites run in Node against the native module. The scripts lie in tests/arkts,
//! and each can be run by itself.

use crate::outcome::{Failure, Outcome};
use crate::process::{self, Watched};
use crate::setup;
use std::path::Path;

/// Types and rules of ArkTS, the format, and the files of the HarmonyOS project.
const CHECKS: &[&str] = &["check.mjs", "format.mjs", "layout.mjs"];

/// Runs each check, also after one that failed, and returns how many held.
///
/// # Errors
/// Names the checks that found something; what they found has been printed.
pub fn check() -> Outcome<u64> {
    let run = |script: &str| process::run(setup::node().arg(format!("tests/arkts/{script}")));
    let failed: Vec<&str> = CHECKS.iter().copied().filter(|script| run(script).is_err()).collect();
    if failed.is_empty() {
        return Ok(CHECKS.len() as u64);
    }
    Err(Failure::new(format!("found by tests/arkts/{{{}}}: see above", failed.join(","))))
}

/// Runs the suites of the HAR, with stand-ins for the kits of the system.
///
/// # Errors
/// When Node cannot be started.
pub fn run_suites(module: &Path) -> Outcome<Watched> {
    process::watch(setup::node().arg("tests/arkts/hypium.mjs").env("FINAPP_MODULE", module))
}
