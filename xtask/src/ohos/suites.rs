//! Runs what was built for HarmonyOS: the Rust tests of both targets, and the suites of Node and ArkTS against the
//! library itself, in a Node that is built for the same C library.

use super::abi::Abi;
use super::bench::Bench;
use super::library::Library;
use super::toolchain::{self, target};
use crate::outcome::{Failure, Outcome};
use crate::test::{Tally, suites};
use crate::{process, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Node means these differently; the bench has them under other names of the same length.
const RENAMED: &[(&[u8], &[u8])] = &[
    (b"\0napi_wrap\0", b"\0ohos_wrap\0"),
    (b"\0napi_module_register\0", b"\0ohos_module_register\0"),
    (b"\0napi_get_typedarray_info\0", b"\0ohos_get_typedarray_info\0"),
];

/// What the profile `emulated` of .config/nextest.toml leaves out, for cargo's own runner.
const NOT_EMULATED: &[&str] = &[
    "h_",
    "a_text_that_makes_more_than_the_heap_holds_ends_in_an_error",
    "f_h13_a_download_tells_how_far_it_is",
    "f_h13_a_kill_at_any_moment",
];

/// Runs the tests of the core for one target.
///
/// # Errors
/// When they cannot be built or started.
pub fn rust(bench: &Bench, abi: Abi) -> Outcome<Tally> {
    let mut cargo = toolchain::at_home(bench.cargo());
    // Tests that start themselves again need to know how.
    cargo.env("FINAPP_TEST_RUNNER", bench.runner(abi));
    let which =
        ["--package=finapp-core", "--features=test-hooks,components", "--target", &abi.target(), "--no-fail-fast"];
    let has_nextest = Command::new("cargo-nextest").arg("--version").output().is_ok();
    if has_nextest {
        cargo.args(["nextest", "run", "--profile", profile(abi)]).args(which);
        let watched = process::watch(&mut cargo)?;
        return Ok(Tally::of_run(watched.success, Tally::of_nextest(&watched.text)));
    }
    cargo.args(["test", "--lib", "--tests"]).args(which);
    if abi == Abi::Arm64 {
        cargo.arg("--");
        cargo.args(NOT_EMULATED.iter().flat_map(|name| ["--skip", name]));
    }
    let watched = process::watch(&mut cargo)?;
    Ok(Tally::of_run(watched.success, Tally::of_cargo_test(&watched.text)))
}

// What races real clocks cannot be held against an emulator; .config/nextest.toml says which tests these are.
fn profile(abi: Abi) -> &'static str {
    match abi {
        Abi::Arm64 => "emulated",
        Abi::X64 => "default",
    }
}

/// Runs the suites in JavaScript and ArkTS against a library.
///
/// # Errors
/// When the library cannot be read or a suite cannot be started.
pub fn node(bench: &Bench, library: &Library) -> Outcome<Tally> {
    let module = loadable(library)?;
    let mut total = Tally::default();
    for suite in suites::in_folder("tests/node")? {
        let watched = process::watch(command(bench, library.abi, &module).arg(&suite))?;
        total = total.plus(Tally::of_run(watched.success, Tally::of_node(&watched.text)));
    }
    let watched = process::watch(command(bench, library.abi, &module).arg("tests/arkts/hypium.mjs"))?;
    Ok(total.plus(Tally::of_run(watched.success, Tally::of_hypium(&watched.text))))
}

fn command(bench: &Bench, abi: Abi, module: &Path) -> Command {
    let node = bench.node(abi);
    let mut command = Command::new(&node);
    command.current_dir(workspace::root()).env("FINAPP_MODULE", module);
    // A process that runs through a loader does not know its own program.
    command.env("FINAPP_TEST_NODE", node).env("FINAPP_TEST_PLATFORM", "ohos");
    command.env("FINAPP_TEST_ARKWEB", bench.arkweb(abi));
    command
}

fn loadable(library: &Library) -> Outcome<PathBuf> {
    let bytes = std::fs::read(&library.path).map_err(|error| Failure::file(&library.path, &error))?;
    let path = target().join(library.abi.machine()).join("finapp.node");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    }
    std::fs::write(&path, renamed(bytes)).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}

/// A copy in which nothing but these names is changed.
fn renamed(mut bytes: Vec<u8>) -> Vec<u8> {
    for (from, to) in RENAMED {
        let mut at = 0;
        while let Some(found) = bytes.get(at..).and_then(|rest| rest.windows(from.len()).position(|part| part == *from))
        {
            at += found;
            if let Some(part) = bytes.get_mut(at..at + to.len()) {
                part.copy_from_slice(to);
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_renamed() {
        let text = b"x\0napi_wrap\0napi_wrap_more\0my_napi_wrap\0napi_module_register\0".to_vec();
        let expected = b"x\0ohos_wrap\0napi_wrap_more\0my_napi_wrap\0ohos_module_register\0".to_vec();
        assert_eq!(renamed(text), expected);
    }
}
