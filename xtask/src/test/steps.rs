//! The steps of `cargo xtask test`, in the order in which they run: what is quick and often wrong comes first.

use super::Step;
use super::tally::Tally;
use crate::module::{self, Flavour};
use crate::outcome::{Failure, Outcome};
use crate::process::{cargo, run, watch};
use crate::setup::{self, Need};
use crate::{declarations, dependencies, features, source_check, workspace};
use std::process::Command;

pub const STEPS: &[Step] = &[
    // A diff should show what changed, not how somebody's editor breaks lines.
    Step { name: "format", quick: true, needs: &[Need::RustTools], run: format },
    // Names and messages are read by app developers; a misspelt public name stays for ever.
    Step { name: "spelling", quick: false, needs: &[Need::Codespell], run: spelling },
    // Rules of the house that no lint knows: rooms, guarded exports, openings, sizes.
    Step { name: "sources", quick: true, needs: &[], run: sources },
    // A panic, a lost error or an unexplained `unsafe` in here takes the host app down. The device target joins with
    // the cross-build.
    Step { name: "lints", quick: true, needs: &[Need::Compiler, Need::RustTools], run: lints },
    // What ships is built without the hooks of the tests: it must not lean on them.
    Step { name: "shipped-lints", quick: false, needs: &[Need::Compiler, Need::RustTools], run: shipped_lints },
    // The documentation is the manual of a library: a broken link in it is a defect.
    Step { name: "docs", quick: false, needs: &[Need::Compiler], run: docs },
    // The JavaScript of hosts and tests is not compiled by anything else.
    Step { name: "js-types", quick: false, needs: &[Need::JsTools], run: js_types },
    // The properties themselves, hostile rows included.
    Step { name: "rust", quick: true, needs: &[Need::Compiler], run: rust },
    // Every example in the documentation is code that somebody will copy.
    Step { name: "doc-tests", quick: false, needs: &[Need::Compiler], run: doc_tests },
    // The same through the real N-API module, with Node in the place of ArkTS.
    Step { name: "node", quick: true, needs: &[Need::Compiler, Need::Node], run: node },
    // A new licence, a loosened pin or a wrong engine feature is a decision and not an accident.
    Step { name: "dependencies", quick: false, needs: &[], run: dependency_policy },
    // A changed export must show up in review.
    Step { name: "declarations", quick: false, needs: &[Need::Compiler, Need::JsTools], run: export_declarations },
    // What the table promises is shown by a test.
    Step { name: "features", quick: true, needs: &[], run: feature_table },
];

/// Both crates with the hooks of the tests.
const HOOKS: &str = "--features=finapp/test-hooks,finapp-core/test-hooks";

fn one(result: Outcome) -> Outcome<Tally> {
    result.map(|()| Tally::one_success())
}

fn format() -> Outcome<Tally> {
    one(run(cargo().args(["fmt", "--all", "--check"])))
}

fn spelling() -> Outcome<Tally> {
    let skipped = "./target,./node_modules,./.git,./Cargo.lock,./package-lock.json,./THIRD-PARTY,*.svg";
    // FinClip's own spelling of one function, words of the trade, and misspellings that tests make on purpose.
    let words = "getinsance,crate,inflight,memroy,ser,snyc,te,ot";
    let mut codespell = Command::new("codespell");
    codespell.args(["--skip", skipped, "--ignore-words-list", words, "."]).current_dir(workspace::root());
    one(run(&mut codespell))
}

fn sources() -> Outcome<Tally> {
    one(source_check::run())
}

fn lints() -> Outcome<Tally> {
    let denied = ["--", "--deny", "warnings"];
    // The module is apart: as a test target, which it never is, it would have no exports and look unused.
    run(cargo().args(["clippy", "--package=finapp", "--lib", "--features=test-hooks"]).args(denied))?;
    let others = ["clippy", "--workspace", "--exclude=finapp", "--all-targets", "--features=finapp-core/test-hooks"];
    one(run(cargo().args(others).args(denied)))
}

fn shipped_lints() -> Outcome<Tally> {
    one(run(cargo().args(["clippy", "--package=finapp", "--package=finapp-core", "--lib", "--", "--deny", "warnings"])))
}

fn docs() -> Outcome<Tally> {
    one(run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings")))
}

fn js_types() -> Outcome<Tally> {
    one(run(setup::node().args(["node_modules/typescript/bin/tsc", "--project", "tsconfig.json"])))
}

fn rust() -> Outcome<Tally> {
    let has_nextest = cargo().args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success());
    if has_nextest {
        let watched = watch(cargo().args(["nextest", "run", "--workspace", "--no-fail-fast", HOOKS]))?;
        return Ok(Tally::of_run(watched.success, Tally::of_nextest(&watched.text)));
    }
    let watched = watch(cargo().args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast", HOOKS]))?;
    Ok(Tally::of_run(watched.success, Tally::of_cargo_test(&watched.text)))
}

fn doc_tests() -> Outcome<Tally> {
    let watched = watch(cargo().args(["test", "--package=finapp-core", "--doc", "--features=test-hooks"]))?;
    Ok(Tally::of_run(watched.success, Tally::of_cargo_test(&watched.text)))
}

fn node() -> Outcome<Tally> {
    let module = module::build(Flavour::Tests)?;
    let folder = workspace::root().join("tests/node");
    let mut suites = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| Failure::file(&folder, &error))? {
        let name = entry.map_err(|error| Failure::file(&folder, &error))?.file_name().to_string_lossy().into_owned();
        if name.contains(".test.") {
            suites.push(format!("tests/node/{name}"));
        }
    }
    suites.sort();
    let mut runner = setup::node();
    // A suite that hangs is a failure, never a stuck job.
    runner.args(["--test", "--test-reporter=spec", "--test-timeout=300000"]).args(suites).env("FINAPP_MODULE", module);
    let watched = watch(&mut runner)?;
    Ok(Tally::of_run(watched.success, Tally::of_node(&watched.text)))
}

fn dependency_policy() -> Outcome<Tally> {
    one(dependencies::run())
}

fn export_declarations() -> Outcome<Tally> {
    one(declarations::check())
}

fn feature_table() -> Outcome<Tally> {
    one(features::check())
}
