//! H5 pages of a running mini-program, with a view that keeps the scripts: what a host can do with them, and when they
//! end.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::h5::{Frame, PageAnswer, PageSession};
use finapp_core::ids::PageId;
use finapp_core::{AppletClient, AppletRequest, ErrorCode, Limits, Result};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::page_view::page_view;
use support::{Folder, Host};

const OWN: &str = "https://own.example/index.html";
const PATIENCE: Duration = Duration::from_secs(60);

struct Page {
    session: Arc<PageSession>,
    scripts: Receiver<String>,
    token: Value,
    next: u32,
}

impl Page {
    /// A page of the applet's own, which has begun and taken what the app offers.
    fn open(applet: &AppletClient) -> Self {
        let (view, scripts) = page_view();
        let session = applet.open_web_page(view).unwrap();
        session.committed(OWN);
        let mut page = Self { session, scripts, token: Value::Null, next: 1 };
        page.say("initPage", json!({}));
        page.token = page.heard()[2]["token"].clone();
        let accept = json!({"version": 1, "token": page.token, "features": ["reply", "cancel"]});
        page.say("finapp.accept", accept);
        page
    }

    fn say(&mut self, name: &str, params: Value) {
        let frame = Frame { url: OWN, is_top: true };
        self.session.web_invoke(frame, name, params.to_string(), f64::from(self.next));
        self.next += 1;
    }

    fn heard(&self) -> Vec<Value> {
        let script = self.scripts.recv_timeout(PATIENCE).unwrap();
        let (_, given) = script.split_once("?.(").unwrap();
        serde_json::from_str(&format!("[{}]", given.strip_suffix(')').unwrap())).unwrap()
    }
}

fn start(host: &Host, app_id: &str) -> AppletClient {
    let folder = Folder::new();
    folder.file("app.js", "App({})");
    let mut request = AppletRequest::local(app_id, folder.path());
    request.web_view_domain = Some(vec!["https://own.example".to_owned()]);
    let applet = host.client.start_applet_and_wait(request).unwrap();
    drop(folder);
    applet
}

fn call(applet: &AppletClient, name: &str, page: Option<PageId>) -> Receiver<Result<Payload>> {
    let (sender, answers) = channel();
    let params = Payload::parse("{\"n\":1}".to_owned(), Vec::new(), &Limits::default()).unwrap();
    let answer: PageAnswer = Box::new(move |answer| sender.send(answer).unwrap_or_default());
    applet.call_js(name, &params, page, PATIENCE, answer);
    answers
}

fn refused(answers: &Receiver<Result<Payload>>) -> ErrorCode {
    answers.recv_timeout(PATIENCE).unwrap().unwrap_err().code()
}

#[test]
fn f_h12_the_host_calls_the_page_that_was_opened_last_or_one_by_its_number_and_gets_its_answer() {
    let host = Host::new();
    let applet = start(&host, "demo");
    assert_eq!(refused(&call(&applet, "f", None)), ErrorCode::PageGone);
    let (mut first, mut second) = (Page::open(&applet), Page::open(&applet));
    assert_ne!(first.session.page(), second.session.page());
    assert_ne!(first.session.page(), PageId(0));
    let to_first = call(&applet, "f", Some(first.session.page()));
    let to_last = call(&applet, "g", None);
    for (page, name, answers) in [(&mut first, "f", to_first), (&mut second, "g", to_last)] {
        let asked = page.heard();
        assert_eq!((&asked[0], &asked[1], &asked[2]), (&json!(name), &json!({"n": 1}), &json!(page.session.page().0)));
        let call = asked[4]["call"].clone();
        page.say("finapp.reply", json!({"call": call, "ok": true, "data": {"from": name}}));
        assert_eq!(answers.recv_timeout(PATIENCE).unwrap().unwrap().text(), format!("{{\"from\":\"{name}\"}}"));
    }
    assert_eq!(refused(&call(&applet, "f", Some(PageId(u32::MAX)))), ErrorCode::PageGone);
    second.session.close();
    let falls_to_first = call(&applet, "f", None);
    assert_eq!(first.heard()[0], "f");
    drop(falls_to_first);
}

#[test]
fn h_d3_calls_into_pages_and_applets_that_are_gone_end_at_once() {
    let host = Host::new();
    let applet = start(&host, "demo");
    let mut page = Page::open(&applet);
    // Whoever waits may ask for more when it hears of the end.
    let (sender, asked_again) = channel();
    let ask = applet.clone();
    let answer: PageAnswer = Box::new(move |answer| sender.send((answer, call(&ask, "g", None))).unwrap());
    applet.call_js("f", &Payload::none(), None, PATIENCE, answer);
    page.heard();
    applet.close();
    let (ended, again) = asked_again.recv_timeout(PATIENCE).unwrap();
    assert_eq!(ended.unwrap_err().code(), ErrorCode::PageGone);
    assert_eq!(refused(&again), ErrorCode::Closed);
    assert_eq!(refused(&call(&applet, "f", None)), ErrorCode::Closed);
    assert!(applet.open_web_page(page_view().0).is_err());
    host.closed("demo");
    // The next run of the same applet has pages of its own.
    let again = start(&host, "demo");
    let number = page.session.page();
    assert_eq!(refused(&call(&again, "f", Some(number))), ErrorCode::PageGone);
    assert_eq!(refused(&call(&applet, "f", Some(number))), ErrorCode::Closed);
    page.say("anything", json!({}));
    assert_eq!(page.heard()[0], "onUnload");
    assert!(page.scripts.try_recv().is_err());
}

#[test]
fn h_b20_a_page_that_closes_its_applet_inside_its_own_call_ends_with_it() {
    let host = Host::new();
    let (sender, ended) = channel();
    let sender = Mutex::new(sender);
    let client = host.client.clone();
    let close = move |call: HostCall| {
        let sender = sender.lock().unwrap().clone();
        call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
        client.close_applet("demo").unwrap();
        assert!(!call.reply.success(Payload::none()), "it has ended with its page");
    };
    host.client.register_custom_api("leave", close).unwrap();
    let applet = start(&host, "demo");
    let mut page = Page::open(&applet);
    page.say("leave", json!({}));
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap(), ErrorCode::PageGone);
    host.closed("demo");
    assert_eq!(page.heard()[0], "onUnload");
    assert!(page.session.is_closed() && page.scripts.try_recv().is_err());
}

#[test]
fn h_b5_after_a_redirect_to_a_foreign_address_the_bridge_is_off() {
    let host = Host::new();
    host.client.register_custom_api("pay", |_: HostCall| unreachable!("a foreign page calls")).unwrap();
    let applet = start(&host, "demo");
    let mut page = Page::open(&applet);
    page.session.committed("https://evil.example/landed");
    let waiting = call(&applet, "f", None);
    assert_eq!(refused(&waiting), ErrorCode::Denied);
    // It still says that it is what was asked for.
    page.say("pay", json!({}));
    assert!(page.scripts.try_recv().is_err());
    assert_eq!(applet.counters().denied, 1);
}

#[test]
fn f_h18_a_domain_that_is_no_exact_origin_is_refused_by_its_place() {
    let host = Host::new();
    for wrong in ["own.example", "http://own.example", "https://*.own.example", "https://user@own.example", ""] {
        let mut request = AppletRequest::local("demo", "/nowhere");
        request.web_view_domain = Some(vec!["https://own.example".to_owned(), wrong.to_owned()]);
        let error = host.client.start_applet_and_wait(request).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Parameter, "{wrong}");
        assert!(error.message().starts_with("webViewDomain[1]: "), "{wrong}: {error}");
    }
}
