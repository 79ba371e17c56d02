//! Web pages of a mini-program in `finapp run`: the commands for them, what they print, and a machine without a browser.

#![expect(
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test; tests have files and processes of their own"
)]

mod support;

use std::fs;
use std::process::{Command, Stdio};
use support::{Folder, finapp, play, ran, root};

/// The first bytes of every PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// More than a picture of one colour has.
const MORE_THAN_EMPTY: usize = 5_000;

/// A mini-program whose first page shows `html`, and whose second one shows none.
fn with_page(html: &str) -> Folder {
    Folder::with(&[
        ("app.js", "App({})"),
        ("app.json", r#"{"pages": ["pages/web/web", "pages/plain/plain"]}"#),
        ("pages/web/web.js", "Page({ onLoaded() { console.log('loaded') } })"),
        ("pages/web/web.wxml", r#"<web-view src="/web/index.html" bindload="onLoaded" />"#),
        ("pages/plain/plain.js", "Page({})"),
        ("pages/plain/plain.wxml", "<view>plain</view>"),
        ("web/index.html", &format!("<!doctype html><meta charset=\"utf-8\"><title>t</title>{html}")),
    ])
}

const COUNTER: &str = "<button id=add>add</button><p id=sum>0</p><script>
let sum = 0
add.onclick = () => { sum += 1; document.getElementById('sum').textContent = `sum ${sum}`; console.log('sum', sum) }
</script>";

#[test]
fn f_p09_a_web_page_is_tapped_read_and_asked_by_a_script() {
    let package = with_page(COUNTER);
    let script = "expect log loaded\ntap-page #add\nwait sum 1\nexpect web sum 1\nrun-page [sum, document.title]\n\
                  page-text\nrun-page void setTimeout(() => add.click(), 20)\nwait-page sum 2\n";
    let ran = play(&package, script, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("> tap-page #add\npage   sum 1\n"), "{}", ran.out);
    assert!(ran.out.contains("[\n  1,\n  \"t\"\n]\n> page-text\nadd\n"), "{}", ran.out);
}

#[test]
fn f_p09_what_a_web_page_does_not_show_ends_the_script_with_code_1() {
    let package = with_page(COUNTER);
    for (script, part) in [
        ("expect web nothing of it", "! expected \"nothing of it\" on the web page, got \"add"),
        ("tap-page #gone", "! no element #gone"),
        ("run-page no.such.thing", "! the script threw: ReferenceError"),
        ("navigate /pages/plain/plain\npage-text", "! no web page is seen"),
    ] {
        let ran = play(&package, script, &[]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn f_p09_a_picture_of_a_web_page_is_written() {
    let (package, folder) =
        (with_page("<h1>Words in black</h1><p>and more of them, in several lines</p>"), Folder::new());
    let file = folder.at("page.png");
    let ran = play(&package, &format!("page-picture {file}\npage-picture /nowhere/page.png\n"), &[]);
    assert!(ran.code == 1 && ran.out.contains("! /nowhere/page.png: "), "{ran:?}");
    let picture = fs::read(&file).unwrap();
    assert!(picture.starts_with(PNG) && picture.len() > MORE_THAN_EMPTY, "{} bytes", picture.len());
    // The head of the picture: its width and its height.
    assert_eq!(picture.get(16..24).unwrap(), [0, 0, 1, 134, 0, 0, 3, 76]);
}

#[test]
fn f_p09_without_a_browser_web_pages_stay_empty_and_the_run_goes_on() {
    let package = with_page(COUNTER);
    package.file("script", "expect page pages/web/web\nnavigate /pages/plain/plain\nexpect text plain\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_finapp"));
    command.args(["run", package.text(), "--script", &package.at("script")]).current_dir(root());
    let ran = ran(command.env("FINAPP_CHROMIUM", "/nowhere/chromium").stdin(Stdio::null()).output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let line = "warn   finapp: the web page stays empty: chromium cannot be started: ";
    assert_eq!(ran.out.matches(line).count(), 1, "{}", ran.out);
    assert!(ran.out.contains("install it, or name one in FINAPP_CHROMIUM\n"), "{}", ran.out);
}

#[test]
fn f_p09_a_domain_that_is_no_origin_is_refused() {
    let package = with_page("");
    let ran = finapp(&["run", package.text(), "--web-domain", "everywhere"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("webViewDomain"), "{ran:?}");
}
