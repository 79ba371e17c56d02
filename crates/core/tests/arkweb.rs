//! Pages in ArkWeb by its C interface, with a double of that interface which keeps what it is asked: which pages are served,
//! what of them arrives, and that nothing is used of what is gone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::arkweb::{ArkWeb, HostThread, Key, Method, OBJECT, ServedView, called, destroyed};
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::h5::{PROXY_METHODS, PROXY_NAME, PageSession, PageView, ScriptValue, ScriptValues};
use finapp_core::{AppletClient, AppletRequest, ErrorCode};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Folder, Host};

const OWN: &str = "https://own.example/index.html";
const LIST: &str = "{\"javascriptProxyPermission\":{}}";
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, PartialEq)]
enum Asked {
    Register(String),
    Unregister,
    OnDestroy,
    Run(String),
}

/// What stands in for ArkWeb.
#[derive(Default)]
struct Double {
    asked: Mutex<Vec<Asked>>,
    page: Mutex<Option<Key>>,
    frame: Mutex<Option<String>>,
}

impl Double {
    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn keep(&self, asked: Asked) {
        self.asked.lock().unwrap().push(asked);
    }
}

impl ArkWeb for Double {
    fn register(&self, tag: &CStr, permission: &CStr, page: Key) {
        assert_eq!((tag, permission.to_str().unwrap()), (c"tag", LIST));
        *self.page.lock().unwrap() = Some(page);
        self.keep(Asked::Register(permission.to_str().unwrap().to_owned()));
    }

    fn unregister(&self, tag: &CStr) {
        assert_eq!(tag, c"tag");
        self.keep(Asked::Unregister);
    }

    fn on_destroy(&self, tag: &CStr, page: Key) {
        assert_eq!((tag, Some(page)), (c"tag", *self.page.lock().unwrap()));
        self.keep(Asked::OnDestroy);
    }

    fn run(&self, tag: &CStr, script: &str) {
        assert_eq!(tag, c"tag");
        self.keep(Asked::Run(script.to_owned()));
    }

    fn calling_frame(&self) -> Option<String> {
        self.frame.lock().unwrap().clone()
    }
}

/// The host's thread: it does what was queued when the test says so.
#[derive(Default)]
struct Queue(Mutex<VecDeque<Box<dyn FnOnce() + Send>>>);

impl HostThread for Queue {
    fn post(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.lock().unwrap().push_back(work);
    }
}

impl Queue {
    fn work(&self) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap());
        waiting.into_iter().for_each(|work| work());
    }
}

/// The host's own way.
#[derive(Default)]
struct HostView(Mutex<Vec<String>>);

impl HostView {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl PageView for HostView {
    fn run(&self, script: String, _value: Option<ScriptValue>) {
        self.0.lock().unwrap().push(format!("run {script}"));
    }

    fn load(&self, url: &str) {
        self.0.lock().unwrap().push(format!("load {url}"));
    }

    fn go_back(&self) {
        self.0.lock().unwrap().push("go back".to_owned());
    }

    fn close(&self) {
        self.0.lock().unwrap().push("close".to_owned());
    }
}

struct Page {
    host: Host,
    applet: AppletClient,
    session: Arc<PageSession>,
    view: Arc<ServedView>,
    own_way: Arc<HostView>,
    arkweb: Arc<Double>,
    thread: Arc<Queue>,
}

impl Page {
    /// A page that shows a document of the applet's own, in the host's way.
    fn open() -> Self {
        let host = Host::new();
        let folder = Folder::new();
        folder.file("app.js", "App({})");
        let mut request = AppletRequest::local("demo", folder.path());
        request.web_view_domain = Some(vec!["https://own.example".to_owned()]);
        let applet = host.client.start_applet_and_wait(request).unwrap();
        let own_way = Arc::<HostView>::default();
        let view = Arc::new(ServedView::new(own_way.clone(), Arc::<ScriptValues>::default()));
        let session = applet.open_web_page(view.clone()).unwrap();
        session.committed(OWN);
        let arkweb = Arc::<Double>::default();
        *arkweb.frame.lock().unwrap() = Some(OWN.to_owned());
        Self { host, applet, session, view, own_way, arkweb, thread: Arc::default() }
    }

    fn serve(&self, tag: &str, permission: &str, arkweb: Option<Arc<dyn ArkWeb>>) -> bool {
        self.view.serve(&self.session, tag, permission, arkweb, self.thread.clone())
    }

    fn served() -> Self {
        let page = Self::open();
        assert!(page.serve("tag", LIST, Some(page.arkweb.clone())));
        assert_eq!(page.arkweb.asked(), [Asked::Register(LIST.to_owned()), Asked::OnDestroy]);
        page
    }

    fn key(&self) -> Key {
        self.arkweb.page.lock().unwrap().unwrap()
    }

    fn say(&self, name: &str, params: &str, id: u32) {
        called(self.key(), Method::WebInvoke, &[name.as_bytes(), params.as_bytes(), id.to_string().as_bytes()]);
    }

    /// The scripts that run once the host's thread gets to it.
    fn scripts(&self) -> Vec<String> {
        self.thread.work();
        let asked = self.arkweb.asked();
        asked
            .into_iter()
            .map(|asked| if let Asked::Run(script) = asked { script } else { panic!("{asked:?}") })
            .collect()
    }

    fn counted(&self) -> finapp_core::CounterSnapshot {
        self.applet.counters()
    }
}

#[test]
fn the_object_is_the_one_that_every_browser_offers() {
    let names = Method::ALL.map(|method| method.name().to_str().unwrap());
    assert_eq!((OBJECT.to_str().unwrap(), names), (PROXY_NAME, PROXY_METHODS));
}

#[test]
fn a_page_that_cannot_be_served_stays_with_the_host() {
    let page = Page::open();
    assert!(!page.serve("tag", LIST, None), "the system is too old");
    // ArkWeb takes an empty list for: everybody.
    assert!(!page.serve("tag", "", Some(page.arkweb.clone())));
    assert!(!page.serve("", LIST, Some(page.arkweb.clone())));
    assert!(!page.serve("t\0ag", LIST, Some(page.arkweb.clone())));
    assert!(page.session.event("onShow", &Payload::none()));
    assert!(page.own_way.asked()[0].contains("onShow"));
    assert!(page.serve("tag", LIST, Some(page.arkweb.clone())));
    page.arkweb.asked();
    assert!(!page.serve("tag", LIST, Some(page.arkweb.clone())), "twice");
    page.session.close();
    assert!(!Page::open().serve("tag", LIST, None));
    assert!(page.arkweb.asked().is_empty());
}

#[test]
fn a_message_is_answered_by_a_script_on_the_hosts_thread_and_not_before() {
    let page = Page::served();
    page.say("initPage", "{}", 1);
    assert!(page.arkweb.asked().is_empty());
    assert!(page.scripts()[0].contains("webInvokeCallbackHandler?.(1,"));
    page.host.client.register_custom_api("echo", |call: HostCall| assert!(call.reply.success(call.params))).unwrap();
    page.say("echo", "{\"a\":\"\u{e4}\"}", 2);
    assert!(page.scripts()[0].contains("{\"a\":\"\u{e4}\",\"errMsg\":\"echo:ok\"}"));
    // Addresses are the host's to load.
    page.view.load("https://own.example/b");
    page.view.go_back();
    assert_eq!(page.own_way.asked(), ["load https://own.example/b", "go back"]);
}

#[test]
fn finclips_base_library_is_heard_too() {
    let page = Page::served();
    page.host.client.register_custom_api("echo", |call: HostCall| assert!(call.reply.success(call.params))).unwrap();
    called(page.key(), Method::Invoke, &[b"echo", b"{\"a\":1}", b"1"]);
    assert!(page.scripts()[0].contains("invokeCallbackHandler?.(1,"));
    called(page.key(), Method::Publish, &[b"custom_event_X", b"{}", b"[]"]);
    assert!(page.scripts().is_empty());
    assert_eq!(page.counted().page_messages_malformed, 0);
}

#[test]
fn h_b3_a_frame_of_another_origin_is_refused_whatever_the_list_let_through() {
    let page = Page::served();
    page.say("initPage", "{}", 1);
    page.scripts();
    for frame in [Some("https://evil.example/"), Some("about:srcdoc"), Some("null"), Some(""), None] {
        *page.arkweb.frame.lock().unwrap() = frame.map(str::to_owned);
        page.say("echo", "{}", 2);
        assert!(page.scripts().is_empty(), "{frame:?}");
    }
    assert_eq!(page.counted().denied, 5);
}

#[test]
fn h_b10_what_is_no_message_is_counted_and_harms_nobody() {
    let page = Page::served();
    for arguments in ["", "initPage", "\u{ff} {} 1", "initPage \u{ff} 1"] {
        // Each character a byte, so that some are no text.
        let bytes: Vec<u8> = arguments.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
        called(page.key(), Method::WebInvoke, &bytes.split(|byte| *byte == b' ').collect::<Vec<_>>());
    }
    called(page.key(), Method::WebInvoke, &[b"initPage", b"{}", b"one"]);
    assert_eq!(page.counted().page_messages_malformed, 5);
    called(Key::of_number(usize::MAX), Method::WebInvoke, &[b"initPage", b"{}", b"1"]);
    called(Key::of_number(0), Method::WebInvoke, &[b"initPage", b"{}", b"1"]);
    destroyed(Key::of_number(0));
    page.say("initPage", "{}", 1);
    assert_eq!(page.scripts().len(), 1);
}

#[test]
fn a_value_that_a_script_gives_later_arrives_by_a_message() {
    let page = Page::served();
    page.say("initPage", "{}", 1);
    page.scripts();
    let (sender, answers) = channel();
    let answer = Box::new(move |answer: finapp_core::Result<Payload>| sender.send(answer).unwrap());
    page.session.call("f", &Payload::none(), PATIENCE, answer);
    let script = page.scripts().remove(0);
    let from = script.find("key:\"").unwrap() + 5;
    let key = &script[from..from + script[from..].find('"').unwrap()];
    page.say("finapp.value", &json!({"key": key, "value": "{\"ok\":true}"}).to_string(), 0);
    let answer = answers.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(serde_json::from_str::<Value>(answer.text()).unwrap(), json!({"ok": true}));
}

#[test]
fn h_b14_a_component_that_is_gone_ends_the_page_and_is_never_used_again() {
    let page = Page::served();
    page.say("initPage", "{}", 1);
    page.scripts();
    let (sender, ended) = channel();
    let answer = Box::new(move |answer: finapp_core::Result<Payload>| sender.send(answer).unwrap());
    page.session.call("f", &Payload::none(), PATIENCE, answer);
    // The script still waits for the host's thread.
    destroyed(page.key());
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap().unwrap_err().code(), ErrorCode::PageGone);
    assert!(page.session.is_closed());
    page.thread.work();
    page.view.close();
    page.thread.work();
    assert_eq!(page.arkweb.asked(), []);
    // What comes late means nobody.
    destroyed(page.key());
    page.say("initPage", "{}", 1);
    page.thread.work();
    assert_eq!(page.arkweb.asked(), []);
}

#[test]
fn a_page_that_ends_takes_its_object_away() {
    let page = Page::served();
    page.view.close();
    page.thread.work();
    assert_eq!(page.arkweb.asked(), [Asked::Unregister]);
    assert_eq!(page.own_way.asked(), ["close"]);
    page.say("initPage", "{}", 1);
    page.thread.work();
    assert_eq!(page.arkweb.asked(), []);
}

#[test]
fn h_c26_a_call_from_another_thread_after_everything_was_dropped_finds_nobody() {
    let key = {
        let page = Page::served();
        page.key()
    };
    std::thread::scope(|scope| {
        scope.spawn(|| called(key, Method::WebInvoke, &[b"initPage", b"{}", b"1"]));
        scope.spawn(|| destroyed(key));
    });
}
