//! `cargo xtask soak`: the long runs. One shows that nothing grows, the others that a killed process loses nothing that
//! was stored or reported.

use crate::outcome::{Failure, Outcome};
use crate::process;
use crate::setup::{self, Need};

/// Runs an example that prints its figures and ends with 1 when they are not as they must be.
pub fn run(arguments: &[String]) -> Outcome {
    let (example, rest) = match arguments {
        [] => ("soak", None),
        [word] if word == "storage" => ("storage_kills", None),
        [word, kills] if word == "storage" => ("storage_kills", Some(kills)),
        [word] if word == "report" => return report("1000"),
        [word, kills] if word == "report" => return report(kills),
        [word, ..] => {
            let text = format!("expected nothing, `storage [KILLS]` or `report [KILLS]`, got {word}");
            return Err(Failure::Usage(text));
        }
    };
    setup::ensure(&[Need::Compiler, Need::Bundle])?;
    let mut cargo = process::cargo();
    cargo
        .args(["run", "--package", "finapp-core", "--release", "--features", "components", "--example", example, "--"])
        .args(rest);
    process::run(&mut cargo)
}

/// The test of kills, which needs the collector of the tests, with more of them.
fn report(kills: &str) -> Outcome {
    setup::ensure(&[Need::Compiler, Need::Bundle])?;
    let mut cargo = process::cargo();
    cargo.args([
        "test",
        "--package",
        "finapp-core",
        "--release",
        "--features",
        "test-hooks,components",
        "--test",
        "report_event",
    ]);
    process::run(cargo.args(["kills::", "--", "--nocapture"]).env("FINAPP_TEST_KILLS", kills))
}
