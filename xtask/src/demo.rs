//! `cargo xtask demo`: the main job from start to end, once with a Node host and once with a Rust host; then a web page of
//! a mini-program in Chromium, with a picture of it.

use crate::module::{self, Flavour};
use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use crate::{process, workspace};
use std::path::Path;

/// The picture of the page, small enough for the documents.
const THUMBNAIL: &str = "docs/page.png";
/// What must have happened to the web page, in this order.
const STEPS: [&str; 6] = ["opened", "js2AppFunction", "app2jsFunction", "events", "picture", "closed"];

/// Runs all hosts; fails when one does not end with 0.
pub fn run(arguments: &[String]) -> Outcome {
    let thumbnail = match arguments {
        [] => false,
        [word] if word == "--thumbnail" => true,
        [word, ..] => return Err(Failure::Usage(format!("expected --thumbnail or nothing, got {word}"))),
    };
    setup::ensure(&[Need::Compiler, Need::Node, Need::Bundle, Need::Chromium])?;
    let module = module::build(Flavour::Release)?;

    println!("\n== Node host: examples/host/demo.mjs runs the package examples/hello ==");
    process::run(setup::node().arg("examples/host/demo.mjs").env("FINAPP_MODULE", &module))?;

    println!("\n== Rust host: the same package through finapp-core alone ==");
    process::run(process::cargo().args([
        "run",
        "--quiet",
        "--package",
        "finapp-core",
        "--release",
        "--features",
        "components",
        "--example",
        "host",
    ]))?;

    println!("\n== Web page: examples/card shows a page of its package, in Chromium ==");
    let picture = workspace::target().join("demo/page.png");
    web_page(&picture, thumbnail)?;
    println!("\ndemo: all hosts ended well; the module is {}, the page {}", relative(&module), relative(&picture));
    Ok(())
}

fn web_page(picture: &Path, thumbnail: bool) -> Outcome {
    process::run(setup::node().arg("jssdk/build.mjs").arg(workspace::root().join("examples/card/web/jssdk")))?;
    let mut host = process::cargo();
    host.args(["run", "--quiet", "--package", "finapp-chromium", "--release", "--example", "page", "--"]).arg(picture);
    if thumbnail {
        host.arg(workspace::root().join(THUMBNAIL));
    }
    let watched = process::watch(&mut host)?;
    if !watched.success {
        return Err(Failure::new("the web page did not go as expected"));
    }
    let mut lines = watched.text.lines();
    let mut came =
        |step: &str| lines.any(|line| line.starts_with("ok ") && line.split_whitespace().nth(1) == Some(step));
    match STEPS.iter().find(|step| !came(step)) {
        Some(step) => Err(Failure::new(format!("the web page: the step {step} is missing"))),
        None => Ok(()),
    }
}

fn relative(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}
