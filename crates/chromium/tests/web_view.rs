//! The `<web-view>` of a mini-program in a real browser: opened by the mini-program's own page, with a page of its package
//! in it, and both sides speak by what they were given.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_chromium::{ChromiumViews, Page};
use finapp_core::AppletClient;
use finapp_core::bridge::HostCall;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use support::{Stage, next, payload};

/// Reports what the page hears; sends what the host says.
const APP: &str = "ft.loadExtApi([{ name: 'report' }])
App({})
ft.onCustomEvent(({ send }) => ft.sendWebviewEvent(send))";

const PAGE: &str = "Page({
  data: { src: '' },
  onLoad({ src }) { this.setData({ src: src ? decodeURIComponent(src) : '/web/index.html' }) },
  heard({ type, detail }) { ft.report({ type, detail, route: this.route }) }
})";

const WXML: &str =
    "<web-view src=\"{{src}}\" bindload=\"heard\" binderror=\"heard\" bindmessage=\"heard\" bindevent=\"heard\" />";

const HTML: &str = "<!doctype html><title>mine</title><script src=/jssdk.js></script><script>
globalThis.events = []; ft.miniProgram.onWebviewEvent((event) => events.push(event))</script>";

/// A mini-program whose pages hold a `<web-view>`, and what is shown of them.
struct Program {
    stage: Stage,
    applet: AppletClient,
    pages: Receiver<Arc<Page>>,
    reports: Receiver<Value>,
}

impl Program {
    fn new() -> Self {
        let stage = Stage::new();
        let (shown, pages) = channel();
        let shown = Mutex::new(shown);
        let opened = move |page: finapp_chromium::Result<_>| drop(shown.lock().unwrap().send(page.unwrap()));
        stage.client.set_web_views(Some(ChromiumViews::new(stage.browser.clone(), opened)));
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let report = move |call: HostCall| {
            let told = serde_json::from_str(call.params.text()).unwrap();
            sender.lock().unwrap().send(told).unwrap_or_default();
            call.reply.success_text("{}".to_owned());
        };
        stage.client.register_custom_api("report", report).unwrap();
        let applet = stage.start_with(
            "program",
            &[],
            &[
                ("app.json", "{\"pages\": [\"pages/a/a\", \"pages/b/b\"]}"),
                ("app.js", APP),
                ("pages/a/a.js", PAGE),
                ("pages/a/a.json", "{}"),
                ("pages/a/a.wxml", WXML),
                ("pages/b/b.js", PAGE),
                ("pages/b/b.json", "{}"),
                ("pages/b/b.wxml", WXML),
                ("web/index.html", HTML),
                ("web/next.html", HTML),
            ],
        );
        Self { stage, applet, pages, reports }
    }

    /// The page that is shown next, when its document is there and the mini-program has heard of that.
    fn shown(&self, path: &str, route: &str) -> Arc<Page> {
        let page = next(&self.pages);
        page.wait_for_load(1).unwrap();
        let src = format!("{}{path}", self.applet.web_origin());
        assert_eq!(next(&self.reports), json!({"type": "load", "detail": {"src": src}, "route": route}));
        page
    }

    fn send(&self, data: &Value) {
        self.stage.client.send_custom_event("program", payload(&json!({ "send": data }))).unwrap();
    }
}

#[test]
fn f_m19_a_web_view_shows_a_page_of_the_package_that_reaches_its_mini_program() {
    let program = Program::new();
    let first = program.shown("/web/index.html", "pages/a/a");
    assert_eq!(first.evaluate("document.title").unwrap(), json!("mine"));
    let sent = first.evaluate("ft.miniProgram.sendWebviewEvent({ n: [1, '漢'] }).then((res) => res.errMsg)").unwrap();
    assert_eq!(sent, json!("sendWebviewEvent:ok"));
    let event = json!({"type": "event", "detail": {"data": {"n": [1, "漢"]}}, "route": "pages/a/a"});
    assert_eq!(next(&program.reports), event);

    // To another page of the mini-program, whose own web page is seen then; and back, with what was posted.
    let to = "void ft.miniProgram.navigateTo({ url: '/pages/b/b?src=%2Fweb%2Fnext.html' })";
    first.evaluate(to).unwrap();
    let second = program.shown("/web/next.html", "pages/b/b");
    assert!(!first.is_closed());
    let posted = second.evaluate("ft.miniProgram.postMessage({ some: 'thing' }).then((res) => res.errMsg)");
    assert_eq!(posted.unwrap(), json!("postMessage:ok"));
    second.evaluate("void setTimeout(() => ft.miniProgram.navigateBack())").unwrap();
    second.wait_until_closed().unwrap();
    let message = next(&program.reports);
    assert_eq!((&message["type"], &message["route"]), (&json!("message"), &json!("pages/b/b")));
    assert_eq!(message["detail"]["data"], json!([{"some": "thing"}]));
    assert!(!first.is_closed());
}

#[test]
fn f_m07_the_mini_program_sends_events_to_the_page_in_its_web_view() {
    let program = Program::new();
    let page = program.shown("/web/index.html", "pages/a/a");
    // Whoever can call has begun.
    page.evaluate("ft.callNativeAPI('report', { hello: 1 })").unwrap();
    assert_eq!(next(&program.reports)["hello"], 1);
    program.send(&json!({"test": 123, "漢": [null]}));
    page.wait_for("events.length > 0").unwrap();
    assert_eq!(page.evaluate("events").unwrap(), json!([{"test": 123, "漢": [null]}]));
}
