//! `cargo xtask soak`: the long runs. One shows that nothing grows, the other that a killed process loses nothing that
//! was stored.

use crate::outcome::{Failure, Outcome};
use crate::process;
use crate::setup::{self, Need};

/// Runs an example that prints its figures and ends with 1 when they are not as they must be.
pub fn run(arguments: &[String]) -> Outcome {
    let (example, rest) = match arguments {
        [] => ("soak", None),
        [word] if word == "storage" => ("storage_kills", None),
        [word, kills] if word == "storage" => ("storage_kills", Some(kills)),
        [word, ..] => return Err(Failure::Usage(format!("expected nothing or `storage [KILLS]`, got {word}"))),
    };
    setup::ensure(&[Need::Compiler])?;
    let mut cargo = process::cargo();
    cargo.args(["run", "--package", "finapp-core", "--release", "--example", example, "--"]).args(rest);
    process::run(&mut cargo)
}
