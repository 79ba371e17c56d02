//! The examples, played by their scripts: each transcript is the one in the repository, run after run.
//! `UPDATE_TRANSCRIPTS=1 cargo test -p finapp-runner --test examples` writes them anew.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{finapp, root, same_as_file};

fn plays(name: &str, package: &str, more: &[&str]) {
    let script = format!("examples/scripts/{name}.script");
    let mut arguments = vec!["run", package, "--script", &script];
    arguments.extend(more);
    let ran = finapp(&arguments);
    same_as_file(&format!("examples/scripts/{name}.transcript"), &ran.out);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

#[test]
fn f_p09_the_example_with_custom_apis_is_played() {
    let files = ["examples/scripts/customapi.apis.json", "examples/scripts/customapi.host.json"];
    plays("customapi", "examples/customapi", &["--custom-apis", files[0], "--providers", files[1]]);
}

/// The colour card with the library for pages, built into a copy.
fn card() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("card");
    copy_folder(&root().join("examples/card"), &copy);
    let mut build = Command::new("node");
    let ran = build.arg(root().join("jssdk/build.mjs")).arg(copy.join("web/jssdk")).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    copy
}

/// The shop with its packages from npm, installed once, in a copy: nothing of it is kept in the repository.
fn shop() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop");
    copy_folder(&root().join("examples/shop"), &copy);
    let lock = fs::read_to_string(copy.join("package-lock.json")).unwrap();
    let installed = copy.join("node_modules/.installed-lock.json");
    if !fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&copy);
        let ran = npm.output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        fs::write(installed, lock).unwrap();
    }
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_file() {
            fs::copy(&path, to.join(name)).unwrap();
        } else if name != "node_modules" {
            copy_folder(&path, &to.join(name));
        }
    }
}

#[test]
fn f_p09_the_colour_card_is_played_with_its_web_page() {
    plays("card", card().to_str().unwrap(), &["--providers", "examples/scripts/card.host.json"]);
}

#[test]
fn f_p09_the_shop_example_is_played_with_components_from_npm() {
    plays("shop", shop().to_str().unwrap(), &["--npm", "--providers", "examples/scripts/shop.host.json"]);
}

#[test]
fn f_p09_the_to_do_example_is_played() {
    plays("todo", "examples/todo", &[]);
}
