//! The steps of `cargo xtask test`, in the order in which they run: what is quick and often wrong comes first.

use super::tally::Tally;
use super::{Step, suites};
use crate::module::{self, Flavour};
use crate::outcome::Outcome;
use crate::process::{cargo, run, watch};
use crate::setup::{self, Need};
use crate::{arkts, declarations, dependencies, features, ohos, source_check, workspace};
use std::process::Command;

pub const STEPS: &[Step] = &[
    // A diff should show what changed, not how somebody's editor breaks lines.
    Step { name: "format", quick: true, needs: &[Need::RustTools], run: format },
    // Names and messages are read by app developers; a misspelt public name stays for ever.
    Step { name: "spelling", quick: false, needs: &[Need::Codespell], run: spelling },
    // Rules of the house that no lint knows: rooms, guarded exports, openings, sizes.
    Step { name: "sources", quick: true, needs: &[], run: sources },
    // A panic, a lost error or an unexplained `unsafe` in here takes the host app down. What only a device sees is
    // linted by the step `ohos`.
    Step { name: "lints", quick: true, needs: &[Need::Compiler, Need::Bundle, Need::RustTools], run: lints },
    // What ships is built without the hooks of the tests: it must not lean on them.
    Step {
        name: "shipped-lints",
        quick: false,
        needs: &[Need::Compiler, Need::Bundle, Need::RustTools],
        run: shipped_lints,
    },
    // The documentation is the manual of a library: a broken link in it is a defect.
    Step { name: "docs", quick: false, needs: &[Need::Compiler, Need::Bundle], run: docs },
    // The JavaScript of hosts and tests is not compiled by anything else.
    Step { name: "js-types", quick: false, needs: &[Need::JsTools], run: js_types },
    // The properties themselves, hostile rows included. What the desktop tool writes is compiled by TypeScript
    // there, and web pages are shown in a browser.
    Step {
        name: "rust",
        quick: true,
        needs: &[Need::Compiler, Need::Bundle, Need::JsTools, Need::Chromium],
        run: rust,
    },
    // Every example in the documentation is code that somebody will copy.
    Step { name: "doc-tests", quick: false, needs: &[Need::Compiler, Need::Bundle], run: doc_tests },
    // The same through the real N-API module, with Node in the place of ArkTS. The demo app's ArkTS is transpiled there.
    Step { name: "node", quick: true, needs: &[Need::Compiler, Need::Bundle, Need::JsTools], run: node },
    // What mini-programs are made of: libraries from npm, as they are published, in pages of our own.
    Step { name: "conformance", quick: false, needs: &[Need::Compiler, Need::Bundle, Need::JsTools], run: conformance },
    // Web pages are the least trusted of all callers, and their half of the transport runs in a browser: so do its tests.
    Step { name: "jssdk", quick: false, needs: &[Need::Node, Need::Chromium], run: jssdk },
    // The ArkTS of the HAR and the demo app, and the project files around it, which no tool of HarmonyOS reads here. Its
    // own suite of bad files shows that these checks can fail. Who works on ArkTS runs the scripts by themselves.
    Step { name: "arkts", quick: false, needs: &[Need::JsTools], run: arkts_checks },
    // What ArkTS adds to the module, through the real module.
    Step { name: "hypium", quick: false, needs: &[Need::Compiler, Need::Bundle, Need::JsTools], run: hypium },
    // They run elsewhere, where nobody sees a slip before the next release.
    Step { name: "workflows", quick: false, needs: &[Need::JsTools], run: workflows },
    // What ships is none of the above: another compiler, another C library, two other targets. Last of the long steps,
    // and the longest; `--skip ohos` leaves it out.
    Step { name: "ohos", quick: false, needs: ohos::NEEDS, run: ohos::check },
    // A new licence, a loosened pin or a wrong engine feature is a decision and not an accident.
    Step { name: "dependencies", quick: false, needs: &[], run: dependency_policy },
    // A changed export must show up in review.
    Step { name: "declarations", quick: false, needs: &[Need::Compiler, Need::JsTools], run: export_declarations },
    // What the table promises is shown by a test.
    Step { name: "features", quick: true, needs: &[], run: feature_table },
];

/// Both crates as they ship, with the hooks of the tests.
const HOOKS: &str = "--features=finapp/test-hooks,finapp-core/test-hooks,finapp/components,finapp-core/components";
/// The core alone.
const CORE_HOOKS: &str = "--features=finapp-core/test-hooks,finapp-core/components";

fn one(result: Outcome) -> Outcome<Tally> {
    result.map(|()| Tally::one_success())
}

fn format() -> Outcome<Tally> {
    one(run(cargo().args(["fmt", "--all", "--check"])))
}

fn spelling() -> Outcome<Tally> {
    let skipped = "./target,./node_modules,./examples/shop/node_modules,./.git,./Cargo.lock,*/package-lock.json,\
                   ./THIRD-PARTY,*.svg";
    // FinClip's own spelling of one function, a name of hypium, words of the trade, and misspellings that tests make on
    // purpose.
    let words = "getinsance,afterall,nd,crate,inflight,memroy,ser,snyc,te,ot,fo,keypair,promis";
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
    run(cargo().args(["clippy", "--package=finapp", "--lib", "--features=test-hooks,components"]).args(denied))?;
    let others = ["clippy", "--workspace", "--exclude=finapp", "--all-targets", CORE_HOOKS];
    one(run(cargo().args(others).args(denied)))
}

fn shipped_lints() -> Outcome<Tally> {
    let packages = ["clippy", "--package=finapp", "--package=finapp-core", "--lib", "--features=finapp/ship"];
    one(run(cargo().args(packages).args(["--", "--deny", "warnings"])))
}

fn docs() -> Outcome<Tally> {
    one(run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--features=finapp-core/components"])
        .env("RUSTDOCFLAGS", "--deny warnings")))
}

fn js_types() -> Outcome<Tally> {
    // What runs in a browser, and what hands code to one, know other globals.
    for project in ["tsconfig.json", "jssdk/tsconfig.json", "tests/jssdk/tsconfig.json"] {
        run(setup::node().args(["node_modules/typescript/bin/tsc", "--project", project]))?;
    }
    Ok(Tally::one_success())
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
    // Of the whole workspace, as in the step before: the crates below are built for that already.
    let watched = watch(cargo().args(["test", "--workspace", "--doc", HOOKS]))?;
    Ok(Tally::of_run(watched.success, Tally::of_cargo_test(&watched.text)))
}

fn node() -> Outcome<Tally> {
    let module = module::build(Flavour::Tests)?;
    suites::run(&suites::in_folder("tests/node")?, Some(&module))
}

fn conformance() -> Outcome<Tally> {
    let folder = "tests/conformance";
    setup::install(&workspace::root().join(folder), &workspace::target().join("conformance"))?;
    let module = module::build(Flavour::Tests)?;
    suites::run(&suites::in_folder(folder)?, Some(&module))
}

fn jssdk() -> Outcome<Tally> {
    suites::run(&suites::in_folder("tests/jssdk")?, None)
}

// The one suite of tests/arkts that needs the native module.
const RUNNER_SUITE: &str = "tests/arkts/hypium.test.mjs";

fn arkts_checks() -> Outcome<Tally> {
    let mut of_checks = suites::in_folder("tests/arkts")?;
    of_checks.retain(|suite| suite != RUNNER_SUITE);
    let tested = suites::run(&of_checks, None)?;
    Ok(match arkts::check() {
        Ok(held) => tested.plus(Tally { passed: held, failed: 0 }),
        Err(failure) => {
            println!("{failure}");
            tested.plus(Tally::one_failure())
        }
    })
}

fn hypium() -> Outcome<Tally> {
    let module = module::build(Flavour::Tests)?;
    let of_runner = suites::run(&[RUNNER_SUITE.to_owned()], Some(&module))?;
    let watched = arkts::run_suites(&module)?;
    Ok(of_runner.plus(Tally::of_run(watched.success, Tally::of_hypium(&watched.text))))
}

fn workflows() -> Outcome<Tally> {
    suites::run(&suites::in_folder("tests/workflows")?, None)
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
