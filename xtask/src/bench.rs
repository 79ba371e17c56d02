//! `cargo xtask bench`: runs the benches of all sides and joins their figures in target/bench.json.
//! Each side measures its own references in the same run and writes one JSON object: a row's name with its figures.

use crate::bench_report::{self, MARKS, Results};
use crate::module::{self, Flavour};
use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use crate::{ohos, process, workspace};
use std::path::{Path, PathBuf};

/// The row that no clock measures: the arm64 library as it ships.
const SIZE: &str = "so_size";
/// The rows that need a browser.
const BROWSER: [&str; 3] = ["h5_call", "h5_call_vs_peer", "h5_call_js"];
const MOST_BYTES: u64 = 6 << 20;

/// Measures the named rows, or all; with `--readme` puts the figures of the last run into README.md instead.
pub fn run(arguments: &[String]) -> Outcome {
    if arguments == ["--readme"] {
        return bench_report::into_readme(&results_file());
    }
    if let Some(unknown) = arguments.iter().find(|name| MARKS.iter().all(|mark| mark.name != name.as_str())) {
        let known: Vec<&str> = MARKS.iter().map(|mark| mark.name).collect();
        return Err(Failure::Usage(format!("no row {unknown}; the rows are {}", known.join(", "))));
    }
    let folder = workspace::target().join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let asked = |of_browser: bool| {
        arguments.is_empty() || arguments.iter().any(|name| BROWSER.contains(&name.as_str()) == of_browser)
    };
    let mut results = Results::none();
    if asked(false) {
        results = results.joined(in_process(&folder, arguments)?);
    }
    if asked(true) {
        results = results.joined(in_browser(&folder, arguments)?);
    }
    if arguments.is_empty() || arguments.iter().any(|name| name == SIZE) {
        results.insert_size(SIZE, ohos::arm64_size()?, MOST_BYTES);
    }
    results.write(&results_file())?;
    println!("\n{}", results.table());
    let missing: Vec<&str> = MARKS
        .iter()
        .map(|mark| mark.name)
        .filter(|name| (arguments.is_empty() || arguments.iter().any(|asked| asked == name)) && !results.has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no figures came for: {}", missing.join(", "))))
}

/// The rows of the core and of the module in Node.
fn in_process(folder: &Path, arguments: &[String]) -> Outcome<Results> {
    setup::ensure(ohos::NEEDS)?;
    let (core, node) = (fresh(folder, "core.json")?, fresh(folder, "node.json")?);
    process::run(
        process::cargo()
            .args(["bench", "--package", "finapp-core", "--features", "components", "--bench", "bridge", "--", "--out"])
            .arg(&core)
            .args(arguments),
    )?;
    let module = module::build(Flavour::Release)?;
    process::run(
        setup::node()
            // The memory and leak rows ask for a collection before they look.
            .args(["--expose-gc", "benches/node/main.mjs", "--out"])
            .arg(&node)
            .args(arguments)
            .env("FINAPP_MODULE", module),
    )?;

    Ok(Results::read(&core)?.joined(Results::read(&node)?))
}

/// The rows of web pages.
fn in_browser(folder: &Path, arguments: &[String]) -> Outcome<Results> {
    setup::ensure(&[Need::Compiler, Need::JsTools, Need::Bundle, Need::Chromium])?;
    let pages = fresh(folder, "pages.json")?;
    process::run(
        process::cargo()
            .args(["bench", "--package", "finapp-chromium", "--bench", "pages", "--", "--out"])
            .arg(&pages)
            .args(arguments),
    )?;
    Results::read(&pages)
}

fn results_file() -> PathBuf {
    workspace::target().join("bench.json")
}

// An old file must not pass for the figures of this run.
fn fresh(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let path = folder.join(name);
    if path.exists() {
        std::fs::remove_file(&path).map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(path)
}
