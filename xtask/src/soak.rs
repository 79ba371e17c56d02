//! `cargo xtask soak`: the long run that shows that nothing grows.

use crate::outcome::{Failure, Outcome};
use crate::process;
use crate::setup::{self, Need};

/// Runs the soak example, which prints its figures and ends with 1 when memory grows more than it may.
pub fn run(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(Failure::Usage(format!("expected no arguments, got {word}")));
    }
    setup::ensure(&[Need::Compiler])?;
    process::run(process::cargo().args(["run", "--package", "finapp-core", "--release", "--example", "soak"]))
}
