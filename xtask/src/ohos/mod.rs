//! `cargo xtask ohos`: builds the library for HarmonyOS, checks how it is linked, packs the HAR, and runs the tests on
//! what was built.

mod abi;
mod bench;
mod har;
mod library;
mod ndk;
mod suites;
mod toolchain;

use crate::outcome::{Failure, Outcome};
use crate::process;
use crate::setup::{self, Need};
use crate::test::Tally;
use abi::Abi;
use har::Har;
use library::Library;
use toolchain::Toolchain;

/// What it takes; the rest is in the bench.
pub const NEEDS: &[Need] = &[Need::Compiler, Need::JsTools, Need::Python, Need::Bundle];

/// What was found for one architecture.
struct Report {
    library: Library,
    rust: Option<Tally>,
    node: Option<Tally>,
}

/// `cargo xtask ohos`.
pub fn run(arguments: &[String]) -> Outcome {
    if let [word, ..] = arguments {
        return Err(Failure::Usage(format!("expected nothing, got {word}")));
    }
    setup::ensure(NEEDS)?;
    let tally = check()?;
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(Failure::new("not everything passed; see above")) }
}

/// Builds, checks, packs and runs; counts the tests, and each check as one more.
///
/// # Errors
/// When something cannot be built, or is not as it should be.
pub fn check() -> Outcome<Tally> {
    let toolchain = Toolchain::find()?;
    lint(&toolchain)?;
    let libraries = build(&toolchain)?;
    let har = har::pack(&toolchain, &libraries)?;
    let reports = libraries.into_iter().map(|library| examine(&toolchain, library)).collect::<Outcome<Vec<_>>>()?;
    print(&reports, &har);
    let tests = reports.iter().flat_map(|report| [report.rust, report.node]).flatten();
    Ok(tests.fold(Tally::one_success(), Tally::plus))
}

/// Lints what only a device sees.
fn lint(toolchain: &Toolchain) -> Outcome {
    let mut cargo = toolchain.cargo();
    cargo.args(["clippy", "--package=finapp", "--package=finapp-core", "--lib", "--target", &Abi::Arm64.target()]);
    cargo.arg("--features=finapp/components,finapp-core/components");
    process::run(cargo.args(["--", "--deny", "warnings"]))
}

/// Builds the library for both architectures, as it ships.
///
/// # Errors
/// When it cannot be built or is not linked as it should be.
fn build(toolchain: &Toolchain) -> Outcome<Vec<Library>> {
    let mut ohrs = toolchain.ohrs();
    ohrs.args(["build", "-p", "finapp"]);
    for abi in Abi::ALL {
        ohrs.args(["-a", abi.ohrs_name()]);
    }
    process::run(ohrs.args(["--release", "--", "--features", "ship"]))?;
    Abi::ALL.into_iter().map(|abi| Library::inspect(toolchain, abi)).collect()
}

/// Size of the arm64 library as it ships, in bytes, for the bench table.
///
/// # Errors
/// As [`check`].
pub fn arm64_size() -> Outcome<u64> {
    let libraries = build(&Toolchain::find()?)?;
    let arm64 = libraries.iter().find(|library| library.abi == Abi::Arm64);
    arm64.map(|library| library.bytes).ok_or_else(|| Failure::new("no arm64 library was built"))
}

fn examine(toolchain: &Toolchain, library: Library) -> Outcome<Report> {
    // An official NDK builds for devices and brings nothing to run the result with.
    let Toolchain::StandIn(bench) = toolchain else { return Ok(Report { library, rust: None, node: None }) };
    let rust = suites::rust(bench, library.abi)?;
    let node = suites::node(bench, &library)?;
    Ok(Report { library, rust: Some(rust), node: Some(node) })
}

fn print(reports: &[Report], har: &Har) {
    let count = |tally: &Option<Tally>| match tally {
        None => "not run with this NDK".to_owned(),
        Some(Tally { passed, failed: 0 }) => format!("{passed} passed"),
        Some(Tally { passed, failed }) => format!("{passed} passed, {failed} FAILED"),
    };
    for Report { library, rust, node } in reports {
        println!("\n{}", library.abi.folder());
        println!("  size         {} bytes, stripped", library.bytes);
        println!("  needs        {}", library.needed.join(", "));
        println!("  Rust tests   {}", count(rust));
        println!("  Node suites  {}", count(node));
    }
    println!("\n{}: {} files, {} bytes", har.path.display(), har.files, har.bytes);
}
