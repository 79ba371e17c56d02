//! Many threads doing everything at once: whatever the order, every call ends exactly once.

#[path = "support/model.rs"]
mod model;
mod support;

use model::{Plan, SCRIPT, run};
use std::hash::{BuildHasher, RandomState};
use support::Folder;

#[test]
fn h_d10_every_call_ends_once_whatever_many_threads_do() {
    let given = std::env::var("FINAPP_SEED").ok().map(|seed| seed.parse().expect("FINAPP_SEED is a number"));
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one("model") % 1_000_000);
    println!("FINAPP_SEED={seed} chooses the same steps again");
    let folder = Folder::new();
    folder.file("app.js", SCRIPT);
    let figures = run(Plan { seed, threads: 8, steps: 15_000 }, folder.path()).unwrap();
    // A model in which nothing happens would always hold.
    assert!(figures.calls > 1_000 && figures.runs > 20, "{figures:?}");
}
