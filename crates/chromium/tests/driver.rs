//! The driver itself: what it shows, what people and tests do with a page, and what it keeps pages from.

mod support;

use finapp_chromium::{Browser, Options, Response};
use serde_json::{Value, json};
use std::ffi::OsString;
use support::{OWN, Stage};

#[test]
fn a_page_is_seen_tapped_and_heard() {
    let stage = Stage::new();
    let page = stage.open_own("");
    page.evaluate(
        "document.body.innerHTML = '<div style=\"height: 3000px\"></div><button>go</button>'
         document.querySelector('button').onclick = () => console.log('tapped', { a: 1 }, 7)
         void setTimeout(() => { throw new Error('not caught') })",
    )
    .unwrap();
    page.tap("button").unwrap();
    page.wait_for_console("tapped").unwrap();
    page.wait_for_console("not caught").unwrap();
    assert!(page.tap("a").is_err());
    let picture = page.screenshot().unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n") && picture.len() > 100, "{} bytes", picture.len());
}

#[test]
fn questions_that_nobody_can_answer_are_denied_and_a_second_page_is_not_opened() {
    let stage = Stage::new();
    let page = stage.open_own("");
    assert_eq!(page.evaluate("alert('hello'); [confirm('sure?'), prompt('name?')]").unwrap(), json!([false, null]));
    assert_eq!(page.console(), ["alert: hello", "confirm: sure?", "prompt: name?"]);
    page.evaluate("void window.open('/other')").unwrap();
    let targets = stage.browser.command("Target.getTargets", &json!({})).unwrap();
    let shown = |target: &&Value| target["url"].as_str().is_some_and(|url| url.starts_with(OWN));
    assert_eq!(targets["targetInfos"].as_array().unwrap().iter().filter(shown).count(), 1, "{targets}");
}

#[test]
fn a_page_goes_back_and_what_cannot_be_loaded_is_told() {
    let stage = Stage::new();
    stage.web.html(&format!("{OWN}/a"), "a").html(&format!("{OWN}/b"), "b");
    let page = stage.open(&format!("{OWN}/a"));
    page.go(&format!("{OWN}/b")).unwrap();
    page.back().unwrap();
    assert_eq!(page.evaluate("document.body.innerText").unwrap(), json!("a"));
    stage.web.at(&format!("{OWN}/leads"), Response::redirect("https://own.example.evil.example/"));
    page.go(&format!("{OWN}/leads")).unwrap();
    page.wait_for_failures(1).unwrap();
    page.go("no address").unwrap();
    page.wait_for_failures(2).unwrap();
}

#[test]
fn a_page_cannot_find_the_way_out_nor_replace_the_object() {
    let stage = Stage::new();
    stage.echoes("scan");
    let page = stage.open_own("");
    let names = page.evaluate("Object.getOwnPropertyNames(window).filter((name) => /^finapp/i.test(name))").unwrap();
    assert_eq!(names, json!([]));
    let kept = "(() => { 'use strict'; const kept = []
        for (const act of [() => { FinChatJSCore = {} }, () => { delete window.FinChatJSCore },
          () => { FinChatJSCore.webInvokeHandler = () => {} }, () => { FinChatJSCore.more = 1 }])
          try { act(); kept.push(false) } catch { kept.push(true) }
        return kept })()";
    assert_eq!(page.evaluate(kept).unwrap(), json!([true, true, true, true]));
    assert_eq!(page.evaluate("__fcjs_environment").unwrap(), "miniprogram");
    let answer = page.evaluate("ft.callNativeAPI('scan', { a: 1 })").unwrap();
    assert_eq!(answer, json!({"a": 1, "errMsg": "scan:ok"}));
}

#[test]
fn a_program_that_is_no_browser_is_an_error() {
    for program in ["/nowhere/chromium", "true"] {
        let options = Options { program: Some(OsString::from(program)), ..Options::default() };
        let profile = Browser::start(options).and_then(|browser| browser.profile().map(drop));
        assert!(profile.unwrap_err().to_string().contains("FINAPP_CHROMIUM"), "{program}");
    }
}
