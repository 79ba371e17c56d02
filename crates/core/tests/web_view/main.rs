//! `<web-view>` through the whole of it: a mini-program with pages, a host that shows web pages, and what passes between.
#![cfg(feature = "components")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what a test needs and does not get fails the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod browser;
mod events;
mod functions;
mod hostile;
mod program;

use browser::{Asked, Browser, Page, call_js};
use finapp_core::ids::PageId;
use finapp_core::{Config, ErrorCode, WebViewOpening};
use program::{call, set, start, start_folder};
use serde_json::json;
use support::Host;

#[test]
fn f_m19_a_web_view_opens_what_its_src_names_and_follows_it() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html?a=1#b"}));
    let opening = browser.opening();
    let own = applet.web_origin();
    assert_eq!(opening.url(), format!("{own}/web/index.html?a=1#b"));
    assert_eq!((opening.path(), opening.page()), ("pages/a/a", applet.top_page()));
    let page = Page::attach(&opening).unwrap();
    assert_eq!(page.session.page(), opening.page());
    assert_eq!(page.asked(), Asked::Load(opening.url().to_owned()));
    for (src, url) in [
        ("https://own.example/a%20b", "https://own.example/a%20b"),
        ("https://OWN.example:443", "https://own.example/"),
        ("web/other.html", &format!("{own}/web/other.html")),
    ] {
        set(&host, json!({"src": src}));
        assert_eq!(page.asked(), Asked::Load(url.to_owned()));
    }
    // Other data, and the same address again, load nothing.
    set(&host, json!({"src": "web/other.html", "timeout": 0}));
    set(&host, json!({"src": "/web/last.html"}));
    assert_eq!(page.asked(), Asked::Load(format!("{own}/web/last.html")));
    assert!(browser.has_opened_nothing());
}

#[test]
fn f_m19_an_element_that_goes_takes_its_page_along_and_one_that_comes_again_opens_another() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let first = browser.page();
    set(&host, json!({"on": false}));
    first.ends();
    set(&host, json!({"on": true}));
    let second = browser.page();
    assert_eq!(second.session.page(), applet.top_page());
    set(&host, json!({"src": ""}));
    second.ends();
    set(&host, json!({"src": "/web/index.html"}));
    let third = browser.page();
    call(&host, "reLaunch", json!({"url": "/pages/b/b"}));
    third.ends();
}

#[test]
fn f_m19_an_address_that_is_not_its_own_is_an_error_and_opens_nothing() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    for src in [
        "https://evil.example/a?b=1#c",
        "https://own.example.evil.example/",
        "https://own.example:8443/",
        "https://sub.own.example/",
        "http://own.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "about:blank",
        "https://user@own.example/",
        "https://own.example\t/",
        " https://own.example/",
        "https://",
    ] {
        set(&host, json!({ "src": src }));
        let told = host.reported();
        assert_eq!((&told["type"], &told["detail"]["fullUrl"]), (&json!("error"), &json!(src)), "{told}");
        let short = src.split(['?', '#']).next().unwrap();
        assert_eq!(told["detail"]["url"], json!(short));
    }
    assert!(browser.has_opened_nothing());
    let lines = host.log.lines();
    assert!(
        lines.iter().any(|line| line.contains("https://evil.example/a?b=1#c") && line.contains("domain")),
        "{lines:?}"
    );
    // A page that is shown makes room for what was refused.
    set(&host, json!({"src": "/web/index.html"}));
    let page = browser.page();
    set(&host, json!({"src": "https://evil.example/"}));
    page.ends();
    assert_eq!(host.reported()["type"], "error");
}

#[test]
fn f_m19_in_development_any_address_of_a_page_is_shown() {
    let host = Host::with(Config { debug: true, ..Config::default() });
    let browser = Browser::of(&host);
    start(&host, "demo");
    for src in ["http://127.0.0.1:8080/a", "https://any.example/"] {
        set(&host, json!({ "src": src, "on": true }));
        assert_eq!(browser.opening().url(), src);
        set(&host, json!({ "src": "" }));
    }
    set(&host, json!({"src": "file:///etc/passwd"}));
    assert_eq!(host.reported()["type"], "error");
}

#[test]
fn f_m19_a_page_has_one_web_view_and_a_second_is_refused_with_a_warning() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    set(&host, json!({"src": "/web/index.html", "two": true}));
    let mut page = browser.page();
    assert!(page.url.ends_with("/web/index.html"));
    assert_eq!(page.call("sendWebviewEvent", json!({"n": 1}))["errMsg"], "sendWebviewEvent:ok");
    assert_eq!(host.reported()["type"], "event");
    assert!(browser.has_opened_nothing());
    let warned =
        |host: &Host| host.log.lines().iter().filter(|line| line.contains("<web-view>: a page has one")).count();
    assert_eq!(warned(&host), 1);
    // It takes the place of the first when that goes.
    set(&host, json!({"on": false}));
    page.ends();
    assert!(browser.opening().url().ends_with("/web/second.html"));
    assert_eq!(warned(&host), 1);
}

#[test]
fn f_m19_without_anybody_who_shows_it_a_web_view_is_an_error_and_the_page_goes_on() {
    let host = Host::new();
    start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let told = host.reported();
    assert_eq!((&told["type"], &told["detail"]["src"]), (&json!("error"), &json!("/web/index.html")));
    let lines = host.log.lines();
    assert!(lines.iter().any(|line| line.contains("E_UNSUPPORTED")), "{lines:?}");
    // Somebody may come.
    let browser = Browser::of(&host);
    set(&host, json!({"src": "/web/index.html?again"}));
    browser.page();
}

#[test]
fn f_m19_a_host_may_be_late_and_shows_what_is_wanted_then() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let opening = browser.opening();
    set(&host, json!({"src": "/web/newer.html"}));
    assert_eq!(program::stack(&host), "a");
    let page = Page::attach(&opening).unwrap();
    assert_eq!(page.asked(), Asked::Load(format!("{}/web/newer.html", applet.web_origin())));
    // A view that was lost is replaced by another.
    let again = Page::attach(&opening).unwrap();
    assert_eq!(page.asked(), Asked::Close);
    assert_eq!(again.asked(), Asked::Load(format!("{}/web/newer.html", applet.web_origin())));
    set(&host, json!({"on": false}));
    assert_eq!(again.asked(), Asked::Close);
    let refused = |opening: &WebViewOpening| Page::attach(opening).err().map(|error| error.code());
    assert_eq!(refused(&opening), Some(ErrorCode::PageGone));
    applet.close();
    host.closed("demo");
    assert_eq!(refused(&opening), Some(ErrorCode::Closed));
}

#[test]
fn f_m19_files_of_the_package_are_at_an_origin_of_its_own() {
    let host = Host::new();
    let folder = program::folder(&[]);
    folder.file("web/style.css", "a{}").file("web/\u{9875}.html", "x");
    let applet = start_folder(&host, "demo", folder);
    let own = applet.web_origin();
    assert_eq!(applet.own_origins(), [own.clone(), "https://own.example".to_owned()]);
    let found = |path: &str| applet.web_file(&format!("{own}{path}")).map(|file| (file.media_type, file.bytes));
    let page = b"<!doctype html><title>a page</title>".to_vec();
    let html = "text/html; charset=utf-8".to_owned();
    assert_eq!(found("/web/index.html?x=1#y"), Some((html.clone(), page.clone())));
    assert_eq!(found("/web/"), Some((html.clone(), page)));
    assert_eq!(found("/web/%E9%A1%B5.html"), Some((html, b"x".to_vec())));
    assert_eq!(found("/web/style.css").unwrap().0, "text/css; charset=utf-8");
    for path in
        ["/", "/web", "/nothing.html", "/web/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%5cweb", "/%00", ".evil.example/"]
    {
        assert_eq!(found(path), None, "{path}");
    }
    for url in ["https://own.example/web/index.html", "file:///web/index.html", "/web/index.html", ""] {
        assert_eq!(applet.web_file(url), None, "{url}");
    }
    applet.close();
    host.closed("demo");
    assert_eq!(found("/web/index.html"), None);
}

#[test]
fn f_h12_the_topmost_page_is_the_web_page_of_the_page_that_is_seen() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let lower = browser.page();
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Fupper.html"}));
    assert_eq!(lower.event().0, "onHide");
    let upper = browser.page();
    let waits = call_js(&applet, "f");
    assert_eq!(upper.event().0, "f");
    applet.call_js("g", &support::payload(json!({})), Some(PageId(0)), support::PATIENCE, Box::new(drop));
    assert_eq!(upper.event().0, "g");
    // One that is covered by a page without any is not called in its place.
    call(&host, "redirectTo", json!({"url": "/pages/c/c"}));
    assert_eq!(waits.recv_timeout(support::PATIENCE).unwrap().unwrap_err().code(), ErrorCode::PageGone);
    let nobody = call_js(&applet, "f").recv_timeout(support::PATIENCE).unwrap();
    assert_eq!(nobody.unwrap_err().code(), ErrorCode::PageGone);
    assert!(lower.was_asked_nothing());
}

#[test]
fn f_m19_the_back_gesture_goes_through_the_history_of_the_web_page_first() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Findex.html"}));
    let page = browser.page();
    page.session.can_go_back(true);
    assert!(applet.go_back().unwrap());
    assert_eq!(page.asked(), Asked::Back);
    page.session.can_go_back(false);
    assert!(applet.go_back().unwrap());
    page.ends();
    assert_eq!(host.reported(), json!({"type": "onUnload", "page": "b"}));
    assert_eq!(program::stack(&host), "a");
}
