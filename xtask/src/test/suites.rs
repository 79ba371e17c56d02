//! The suites of Node's own test runner.

use super::tally::Tally;
use crate::outcome::{Failure, Outcome};
use crate::process::watch;
use crate::{setup, workspace};
use std::path::Path;

/// The suites in a folder of the repository, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn in_folder(folder: &str) -> Outcome<Vec<String>> {
    let path = workspace::root().join(folder);
    let mut suites = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(|error| Failure::file(&path, &error))? {
        let name = entry.map_err(|error| Failure::file(&path, &error))?.file_name().to_string_lossy().into_owned();
        if name.contains(".test.") {
            suites.push(format!("{folder}/{name}"));
        }
    }
    suites.sort();
    Ok(suites)
}

/// Runs suites, with the native module when they need one.
///
/// # Errors
/// When Node cannot be started.
pub fn run(suites: &[String], module: Option<&Path>) -> Outcome<Tally> {
    let mut runner = setup::node();
    // A suite that hangs is a failure, never a stuck job.
    runner.args(["--test", "--test-reporter=spec", "--test-timeout=300000"]).args(suites);
    if let Some(module) = module {
        runner.env("FINAPP_MODULE", module);
    }
    let watched = watch(&mut runner)?;
    Ok(Tally::of_run(watched.success, Tally::of_node(&watched.text)))
}
