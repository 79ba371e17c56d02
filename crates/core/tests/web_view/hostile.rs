//! Web pages that would have more than is theirs, and mini-programs that would have what is a page's.

use crate::browser::{Browser, Page};
use crate::program::{call, folder, set, stack, start, start_folder};
use crate::support::{Folder, Host};
use finapp_core::{CloseReason, ErrorCode};
use serde_json::{Value, json};

fn opened(host: &Host) -> Page {
    let browser = Browser::of(host);
    start(host, "demo");
    set(host, json!({"src": "/web/index.html"}));
    browser.page()
}

const OF_PAGES: [&str; 5] = ["postMessage", "complete", "close", "canGoBack", "canNavigateBack"];

#[test]
fn h_b13_what_is_for_pages_is_not_there_for_a_mini_program() {
    let host = Host::new();
    let declared: Vec<Value> = OF_PAGES.iter().map(|name| json!({"name": name, "overwrite": true})).collect();
    let script = format!(
        "const names = {0}; const there = names.filter((name) => name in ft || name in wx || ft.canIUse(name));
        ft.loadExtApi({1});
        Promise.all(names.map((name) => new Promise((done) => ft[name]({{complete: done}}))))
          .then((all) => ft.report({{there, codes: all.map(({{errCode}}) => errCode)}}))",
        json!(OF_PAGES),
        json!(declared),
    );
    let told = host.run(&script);
    assert_eq!(told, json!({"there": [], "codes": OF_PAGES.map(|_| ErrorCode::Denied.number())}));
}

#[test]
fn h_b13_a_page_of_a_foreign_origin_moves_nothing() {
    let host = Host::new();
    let mut page = opened(&host);
    page.begin("https://evil.example/");
    for name in
        ["navigateTo", "reLaunch", "navigateBack", "sendWebviewEvent", "getAppletInfo"].into_iter().chain(OF_PAGES)
    {
        let answer = page.call(name, json!({"url": "/pages/b/b"}));
        assert_eq!(answer["errCode"], ErrorCode::NotFound.number(), "{name}: {answer}");
    }
    assert_eq!(stack(&host), "a");
    assert!(host.nothing_reported());
}

#[test]
fn h_b7_what_a_page_says_of_itself_moves_no_other_page() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let mut lower = browser.page();
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Fb.html"}));
    assert_eq!(lower.event().0, "onHide");
    let upper = browser.page();
    let claims =
        json!({"page": upper.session.page().0, "webViewId": upper.session.page().0, "appId": "other", "data": {}});
    assert_eq!(lower.call("sendWebviewEvent", claims.clone())["errMsg"], "sendWebviewEvent:ok");
    assert_eq!(host.reported(), json!({"type": "event", "detail": {"data": claims}, "page": "a"}));
    assert!(upper.was_asked_nothing());
}

#[test]
fn h_b9_messages_that_pile_up_are_refused_at_a_limit() {
    let host = Host::with_limits(|limits| (limits.web_messages_queued, limits.message_bytes) = (3, 2_000));
    let mut page = opened(&host);
    let limit = json!(ErrorCode::Limit.number());
    assert_eq!(page.call("postMessage", json!({"text": "x".repeat(1_200)}))["errMsg"], "postMessage:ok");
    assert_eq!(page.call("postMessage", json!({"text": "x".repeat(1_200)}))["errCode"], limit);
    assert_eq!(page.call("postMessage", json!({"n": 2}))["errMsg"], "postMessage:ok");
    assert_eq!(page.call("postMessage", json!({"n": 3}))["errMsg"], "postMessage:ok");
    assert_eq!(page.call("postMessage", json!({"n": 4}))["errCode"], limit);
    set(&host, json!({"on": false}));
    assert_eq!(host.reported()["detail"]["data"].as_array().unwrap().len(), 3);
}

#[test]
fn h_b14_a_page_that_is_gone_moves_nothing_and_one_in_the_background_is_refused() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let mut gone = browser.page();
    set(&host, json!({"on": false}));
    gone.ends();
    for name in ["navigateTo", "postMessage", "close", "sendWebviewEvent"] {
        gone.say(name, json!({"url": "/pages/b/b"}));
    }
    gone.session.committed(&gone.url);
    gone.session.loaded(&gone.url);
    gone.say("close", json!({}));
    assert_eq!(stack(&host), "a");
    assert!(gone.was_asked_nothing());
    set(&host, json!({"on": true}));
    let mut page = browser.page();
    applet.set_visible(false);
    assert_eq!(page.event().0, "onHide");
    for (name, params) in [
        ("navigateTo", json!({"url": "/pages/b/b"})),
        ("reLaunch", json!({"url": "/pages/b/b"})),
        ("navigateToMiniProgram", json!({"appId": "other"})),
        ("navigateBackMiniProgram", json!({})),
    ] {
        assert_eq!(page.call(name, params)["errCode"], ErrorCode::Closed.number(), "{name}");
    }
    assert_eq!(stack(&host), "a");
}

#[test]
fn h_b20_a_page_that_closes_its_mini_program_inside_its_own_call_ends_once() {
    let host = Host::new();
    let mut page = opened(&host);
    page.say("close", json!({}));
    page.say("close", json!({}));
    page.say("navigateTo", json!({"url": "/pages/b/b"}));
    page.ends();
    assert_eq!(host.closed("demo"), CloseReason::Host);
}

#[test]
fn h_b13_a_web_page_in_a_page_of_a_plugin_has_no_more_to_say_than_the_plugin() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let own = folder(&[]);
    own.file("app.json", r#"{"pages": ["pages/a/a", "pages/b/b"], "plugins": {"hello": {"provider": "wxhello"}}}"#)
        .file("__plugin__/wxhello/plugin.json", r#"{"pages": {"shop": "pages/shop/shop", "item": "pages/item/item"}}"#);
    for name in ["shop", "item"] {
        own.file(&format!("__plugin__/wxhello/pages/{name}/{name}.js"), "Page({})")
            .file(&format!("__plugin__/wxhello/pages/{name}/{name}.wxml"), "<web-view src=\"/web/index.html\" />");
    }
    start_folder(&host, "demo", own);
    call(&host, "navigateTo", json!({"url": "plugin://hello/shop"}));
    let mut page = browser.page();
    for (name, params, code) in [
        ("navigateTo", json!({"url": "/pages/a/a"}), ErrorCode::NotFound),
        ("reLaunch", json!({"url": "/pages/item/item"}), ErrorCode::Denied),
    ] {
        assert_eq!(page.call(name, params)["errCode"], code.number(), "{name}");
    }
    page.say("navigateTo", json!({"url": "../item/item"}));
    assert_eq!(page.event().0, "onHide");
    browser.page();
}

#[test]
fn h_d5_a_mini_program_that_changes_its_mind_without_end_starves_nobody() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let own: Folder = folder(&[]);
    own.file(
        "pages/a/a.js",
        "let n = 0
        Page({data: {on: true, src: 'https://evil.example/'}, heard() { this.setData({src: `https://evil.example/${n++}`}) }})",
    );
    start_folder(&host, "demo", own);
    assert_eq!(stack(&host), "a");
    assert_eq!(stack(&host), "a");
    assert!(browser.has_opened_nothing());
}
