//! What a web page and the mini-program around it say to each other.

use crate::browser::{Asked, Browser};
use crate::program::{call, folder, set, start, start_folder};
use crate::support::Host;
use finapp_core::host::LogLevel;
use serde_json::{Value, json};

fn opened(host: &Host) -> crate::browser::Page {
    let browser = Browser::of(host);
    start(host, "demo");
    set(host, json!({"src": "/web/index.html"}));
    browser.page()
}

#[test]
fn f_m19_the_element_hears_that_a_document_is_there_or_could_not_be_loaded() {
    let host = Host::new();
    let page = opened(&host);
    page.session.loaded("https://own.example/landed");
    let told = host.reported();
    assert_eq!(told, json!({"type": "load", "detail": {"src": "https://own.example/landed"}, "page": "a"}));
    page.session.failed("https://own.example/x?y=1", "net::ERR_NAME_NOT_RESOLVED");
    let told = host.reported();
    let detail = json!({"src": "https://own.example/x?y=1", "url": "https://own.example/x",
        "fullUrl": "https://own.example/x?y=1", "errMsg": "net::ERR_NAME_NOT_RESOLVED"});
    assert_eq!(told, json!({"type": "error", "detail": detail, "page": "a"}));
    // What comes late concerns nobody.
    set(&host, json!({"on": false}));
    page.ends();
    page.session.loaded("https://own.example/late");
    assert_eq!(call(&host, "getAppletInfo", json!({}))["errMsg"], "getAppletInfo:ok");
}

#[test]
fn f_j06_posted_messages_come_in_their_order_when_the_page_is_left() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Findex.html"}));
    let mut page = browser.page();
    for message in [json!({"someKey": "foo"}), json!({"__proto__": 1, "z": 1, "a": [2]}), json!({"data": "last"})] {
        assert_eq!(page.call("postMessage", message)["errMsg"], "postMessage:ok");
    }
    assert!(host.nothing_reported());
    page.say("navigateBack", json!({}));
    page.ends();
    let told = host.reported();
    let posted = json!([{"someKey": "foo"}, {"__proto__": 1, "z": 1, "a": [2]}, {"data": "last"}]);
    assert_eq!(told, json!({"type": "message", "detail": {"data": posted}, "page": "b"}));
    assert_eq!(host.reported(), json!({"type": "onUnload", "page": "b"}));
}

#[test]
fn f_m19_messages_come_when_the_element_goes_and_each_but_once() {
    let host = Host::new();
    let mut page = opened(&host);
    page.call("postMessage", json!({"n": 1}));
    set(&host, json!({"on": false}));
    let told = host.reported();
    assert_eq!((&told["type"], &told["detail"]["data"]), (&json!("message"), &json!([{"n": 1}])));
    page.ends();
    for api in ["redirectTo", "reLaunch"] {
        let result = call(&host, api, json!({"url": "/pages/b/b"}));
        assert_eq!(result["type"], "onUnload", "an empty queue is no event");
        assert_eq!(host.reported()["errMsg"], format!("{api}:ok"));
    }
}

#[test]
fn f_m19_sharing_tells_of_messages_and_keeps_them() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let mut page = browser.page();
    page.call("postMessage", json!({"n": 1}));
    for expected in [json!([{"n": 1}]), json!([{"n": 1}, {"n": 2}])] {
        applet.page_hook("onShareAppMessage", "{}", drop);
        assert_eq!(host.reported()["detail"]["data"], expected);
        page.call("postMessage", json!({"n": 2}));
    }
}

#[test]
fn f_j16_an_event_of_the_page_comes_at_once() {
    let host = Host::new();
    let mut page = opened(&host);
    for data in [json!({"someKey": "foo"}), json!({"success": 1, "nested": {"a": [null]}})] {
        assert_eq!(page.call("sendWebviewEvent", data.clone())["errMsg"], "sendWebviewEvent:ok");
        assert_eq!(host.reported(), json!({"type": "event", "detail": {"data": data}, "page": "a"}));
    }
}

#[test]
fn f_m07_the_mini_program_sends_events_to_the_page_that_is_seen_or_to_one_it_names() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let lower = browser.page();
    let send = |data: Value, to: Value| {
        let mut told = json!({ "send": data });
        if !to.is_null() {
            told["to"] = to;
        }
        host.send("demo", told);
        assert_eq!(host.reported(), json!({"returned": "undefined"}));
    };
    send(json!({"test": 123}), Value::Null);
    assert_eq!(lower.event(), ("onWebviewEvent".to_owned(), json!({"test": 123})));
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Findex.html"}));
    assert_eq!(lower.event().0, "onHide");
    let upper = browser.page();
    send(json!({"success": "is data"}), Value::Null);
    assert_eq!(upper.event(), ("onWebviewEvent".to_owned(), json!({"success": "is data"})));
    send(json!({"to": "lower"}), json!(0));
    assert_eq!(lower.event(), ("onWebviewEvent".to_owned(), json!({"to": "lower"})));
    assert!(upper.was_asked_nothing());
}

#[test]
fn f_m07_what_nobody_can_hear_is_dropped_with_a_warning() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    let warned = |wanted: usize| {
        // The warning comes with the end of the call, which is before the answer to a later one.
        assert_eq!(call(&host, "getAppletInfo", json!({}))["errMsg"], "getAppletInfo:ok");
        let lines = host.log.at_least(LogLevel::Warn);
        assert_eq!(lines.iter().filter(|line| line.contains("sendWebviewEvent:fail")).count(), wanted, "{lines:?}");
    };
    let send = |data: Value| {
        host.send("demo", json!({ "send": data }));
        assert_eq!(host.reported(), json!({"returned": "undefined"}));
    };
    send(json!({"n": 1}));
    warned(1);
    set(&host, json!({"src": "/web/index.html"}));
    let mut page = browser.page();
    // Text is no object.
    send(json!("text"));
    warned(2);
    // A document of somebody else is told nothing.
    page.session.committed("https://evil.example/");
    send(json!({"n": 2}));
    warned(3);
    assert!(page.was_asked_nothing());
    page.begin("https://own.example/");
    send(json!({"n": 3}));
    assert_eq!(page.event().1, json!({"n": 3}));
}

#[test]
fn f_j11_f_j12_f_j13_a_page_hears_that_it_is_hidden_seen_again_and_left() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let applet = start_folder(&host, "demo", folder(&["a", "b"]));
    call(&host, "reLaunch", json!({"url": "/pages/a/a?src=%2Fweb%2Findex.html&x=1"}));
    let page = browser.page();
    let query = json!({"data": {"src": "%2Fweb%2Findex.html", "x": "1"}});
    let hidden_and_seen = || {
        assert_eq!(page.event(), ("onHide".to_owned(), json!({})));
        assert_eq!(page.event(), ("onShow".to_owned(), query.clone()));
    };
    call(&host, "navigateTo", json!({"url": "/pages/c/c"}));
    call(&host, "navigateBack", json!({}));
    hidden_and_seen();
    call(&host, "switchTab", json!({"url": "/pages/b/b"}));
    call(&host, "switchTab", json!({"url": "/pages/a/a"}));
    hidden_and_seen();
    applet.set_visible(false);
    assert_eq!(page.event().0, "onHide");
    applet.set_visible(true);
    assert_eq!(page.event(), ("onShow".to_owned(), query.clone()));
    call(&host, "reLaunch", json!({"url": "/pages/b/b"}));
    page.ends();
}

#[test]
fn f_j35_a_page_that_is_not_complete_in_time_is_reported_and_one_that_is_is_not() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    set(&host, json!({"src": "/web/slow.html", "timeout": 30}));
    let mut slow = browser.page();
    let told = host.reported();
    assert_eq!((&told["type"], &told["detail"]["src"]), (&json!("timeout"), &json!(slow.url)));
    // Too late is no mistake of the page.
    assert_eq!(slow.call("complete", json!({}))["errMsg"], "complete:ok");
    // The next address has its own time, and the one before none.
    set(&host, json!({"src": "/web/never.html", "timeout": 3_600_000}));
    assert!(matches!(slow.asked(), Asked::Load(_)));
    set(&host, json!({"src": "/web/last.html", "timeout": 30}));
    let Asked::Load(last) = slow.asked() else { panic!("it loads") };
    assert_eq!(host.reported()["detail"]["src"], json!(last));
    // One that is complete never times out: a later one with the same patience is the next to be heard of.
    call(&host, "navigateTo", json!({"url": "/pages/b/b"}));
    assert_eq!(slow.event().0, "onHide");
    set(&host, json!({"src": "/web/quick.html", "timeout": 2_000}));
    let mut quick = browser.page();
    assert_eq!(quick.call("complete", json!({}))["errMsg"], "complete:ok");
    call(&host, "navigateTo", json!({"url": "/pages/c/c"}));
    set(&host, json!({"src": "/web/late.html", "timeout": 2_000}));
    let late = browser.page();
    let told = host.reported();
    assert_eq!((&told["type"], &told["detail"]["src"]), (&json!("timeout"), &json!(late.url)));
}
