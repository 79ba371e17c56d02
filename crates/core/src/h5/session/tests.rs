//! Sessions with a page that is made of scripts kept in a list. tests/jssdk has the real library against the same wire.
#![expect(clippy::disallowed_methods, reason = "a test's own threads: timers, and one that answers")]

use super::*;
use crate::bridge::Payload;
use crate::bridge::policy::AppletRules;
use crate::bridge::refusals::Refusals;
use crate::bridge::{ApiOptions, Handler, HostCall, HostHandler, Pages, Registration, Registry};
use crate::error::{ErrorCode, Result};
use crate::h5::{PagePort, PortMessages};
use crate::ids::{ApiName, Generation};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

mod base;
mod ends;
mod origins;
mod port;

const OWN: &str = "https://own.example/a?b#c";
const PAGE: u32 = 4242;
const LONG: Duration = Duration::from_secs(60);

/// What the view says among the scripts when it is closed.
const GONE: &str = "the view is gone";

/// Scripts that were run, and the values that are waited for.
struct Shown {
    scripts: Sender<String>,
    values: Mutex<VecDeque<ScriptValue>>,
    /// For a page that has ports: what goes through one, and what is said with it.
    ports: Option<Sender<port::Through>>,
    /// What happens while the next script is handed over.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl PageView for Shown {
    fn run(&self, script: String, value: Option<ScriptValue>) {
        lock(&self.values).extend(value);
        self.scripts.send(script).unwrap_or_default();
        let meanwhile = lock(&self.meanwhile).take();
        if let Some(happens) = meanwhile {
            happens();
        }
    }

    fn has_ports(&self) -> bool {
        self.ports.is_some()
    }

    fn port(&self, name: String, receive: PortMessages) -> Option<Arc<dyn PagePort>> {
        port::made(self.ports.as_ref()?, name, receive)
    }

    fn load(&self, _url: &str) {}

    fn go_back(&self) {}

    fn close(&self) {
        self.scripts.send(GONE.to_owned()).unwrap_or_default();
    }
}

/// Seconds that a test sets.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

struct Stage {
    clock: Arc<Hand>,
    session: Arc<PageSession>,
    view: Arc<Shown>,
    scripts: Receiver<String>,
    dispatcher: Arc<Dispatcher>,
    held: Arc<Mutex<Vec<HostCall>>>,
    next_id: std::cell::Cell<u32>,
    _timers: Timers,
}

/// Runs timers until it is dropped.
struct Timers {
    deadlines: Deadlines,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Timers {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let deadlines = Deadlines::new(runtime.handle().clone());
        std::thread::spawn(move || runtime.block_on(stopped).ok());
        Self { deadlines, stop: Some(stop) }
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

impl Stage {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Limits)) -> Self {
        Self::shown(change, None)
    }

    fn shown(change: impl FnOnce(&mut Limits), ports: Option<Sender<port::Through>>) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        let timers = Timers::start();
        let clock = Arc::new(Hand(AtomicU64::new(100)));
        let version = crate::bridge::registry::RegistryVersion::default();
        let registry = || Arc::new(Registry::new(version.clone()));
        let own_origins = HashSet::from(["https://own.example".to_owned()]).into();
        let dispatcher = Arc::new(Dispatcher {
            own: registry(),
            global: registry(),
            built_ins: registry(),
            rules: AppletRules { own_origins, ..AppletRules::default() },
            version: version.clone(),
            refusals: Refusals::default(),
        });
        let (sender, scripts) = channel();
        let view = Arc::new(Shown { scripts: sender, values: Mutex::default(), ports, meanwhile: Mutex::default() });
        let session = PageSession::new(Parts {
            applet: AppletId::parse("demo").unwrap(),
            generation: Generation(7),
            page: PageId(PAGE),
            view: view.clone(),
            dispatcher: dispatcher.clone(),
            limits: Arc::new(limits),
            clock: clock.clone(),
            counters: Arc::default(),
            deadlines: timers.deadlines.clone(),
            in_flight: Arc::default(),
            development: false,
            watcher: None,
        });
        let stage = Self {
            clock,
            session,
            view,
            scripts,
            dispatcher,
            held: Arc::default(),
            next_id: std::cell::Cell::new(700),
            _timers: timers,
        };
        let echo = |call: HostCall| assert!(call.reply.success(call.params));
        stage.register("echo", echo, ApiOptions::default());
        let held = stage.held.clone();
        stage.register("hold", move |call| lock(&held).push(call), ApiOptions::default());
        stage.session.committed(OWN);
        stage
    }

    fn register(&self, name: &str, handler: impl HostHandler + 'static, options: ApiOptions) {
        let handler = Handler::Host(Arc::new(handler));
        self.dispatcher.global.register(Registration::new(ApiName::parse(name).unwrap(), handler, options));
    }

    fn held(&self) -> HostCall {
        lock(&self.held).pop().unwrap()
    }

    fn say_from(&self, frame: Frame<'_>, name: &str, params: &str) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.session.web_invoke(frame, name, params.to_owned(), f64::from(id));
        id
    }

    fn say(&self, name: &str, params: &str) -> u32 {
        self.say_from(Frame { url: OWN, is_top: true }, name, params)
    }

    /// The arguments of the next script.
    fn heard(&self) -> Vec<Value> {
        arguments(&self.scripts.recv_timeout(LONG).unwrap())
    }

    fn silent(&self) {
        assert_eq!(self.scripts.try_recv().ok(), None);
    }

    /// The page begins and takes the offer; gives the token.
    fn accepted(&self) -> String {
        self.say("initPage", "{}");
        let token = self.heard()[2]["token"].as_str().unwrap().to_owned();
        self.say("finapp.accept", &json!({"version": 1, "token": token, "features": ["reply", "cancel"]}).to_string());
        token
    }

    fn ask(&self, name: &str, within: Duration) -> Receiver<Result<Payload>> {
        let (sender, answers) = channel();
        let params = Payload::parse("{\"a\":1}".to_owned(), Vec::new(), &Limits::default()).unwrap();
        self.session.call(name, &params, within, Box::new(move |answer| sender.send(answer).unwrap_or_default()));
        answers
    }

    fn counted(&self) -> crate::CounterSnapshot {
        self.session.parts.counters.snapshot()
    }
}

/// What stands between the parentheses of a script: the scripts of these tests are JSON there.
fn arguments(script: &str) -> Vec<Value> {
    let (_, given) = script.split_once("?.(").unwrap();
    let (given, _) = given.split_once(")).then(").unwrap_or((given.strip_suffix(')').unwrap(), ""));
    serde_json::from_str(&format!("[{given}]")).unwrap()
}

fn code(answer: Result<Payload>) -> ErrorCode {
    answer.unwrap_err().code()
}

#[test]
fn a_page_gets_its_number_an_offer_and_the_answers_to_its_calls_in_numbered_messages() {
    let stage = Stage::new();
    let id = stage.say("initPage", "{}");
    let hello = stage.heard();
    assert_eq!((&hello[0], &hello[1]), (&json!(id), &json!(PAGE)));
    assert_eq!(hello[2]["seq"], 0);
    assert_eq!(hello[2]["features"], json!(["reply", "cancel"]));
    let token = hello[2]["token"].as_str().unwrap();
    assert!(token.len() >= 22, "128 bits");
    let id = stage.say("echo", r#"{"z":1,"a":"</script>"}"#);
    let answer = json!({"z": 1, "a": "</script>", "errMsg": "echo:ok"});
    assert_eq!(stage.heard(), [json!(id), answer, json!({"token": token, "seq": 1})]);
    // Another library of the same page gets the number, and no second offer.
    let id = stage.say("initPage", "{}");
    assert_eq!(stage.heard(), [json!(id), json!(PAGE), json!({"token": token, "seq": 2})]);
    assert!(stage.session.event("onWebviewEvent", &Payload::none()));
    let stamp = json!({"token": token, "seq": 3});
    assert_eq!(stage.heard(), [json!("onWebviewEvent"), json!({}), json!(PAGE), Value::Null, stamp]);
}

#[test]
fn h_b1_a_page_of_a_foreign_origin_cannot_tell_what_exists_and_is_told_nothing() {
    let stage = Stage::new();
    let evil = "https://own.example.evil.example/";
    stage.session.committed(evil);
    let ask = |name: &str| {
        let id = stage.say_from(Frame { url: evil, is_top: true }, name, "{}");
        let heard = stage.heard();
        assert_eq!(heard[0], json!(id));
        heard[1].to_string().replace(name, "x")
    };
    stage.say_from(Frame { url: evil, is_top: true }, "initPage", "{}");
    stage.heard();
    assert_eq!(ask("hold"), ask("nobody"));
    assert!(lock(&stage.held).is_empty());
    assert!(!stage.session.event("onShow", &Payload::none()));
    assert_eq!(code(stage.ask("f", LONG).recv().unwrap()), ErrorCode::Denied);
    stage.silent();
}

#[test]
fn h_b3_a_frame_within_the_page_is_not_the_page() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    for (url, is_top) in [
        ("https://evil.example/", false),
        ("https://evil.example/", true),
        (OWN, false),
        ("about:srcdoc", false),
        ("null", true),
        ("", true),
    ] {
        stage.session.web_invoke(Frame { url, is_top }, "hold", "{}".to_owned(), 701.0);
        stage.silent();
    }
    assert!(lock(&stage.held).is_empty());
    assert_eq!(stage.counted().denied, 6);
}

#[test]
fn h_b4_an_answer_never_reaches_the_next_document() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    stage.say("hold", "{}");
    let call = stage.held();
    let (sender, told) = channel();
    call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    let answers = stage.ask("f", LONG);
    stage.heard();
    stage.session.committed(OWN);
    assert_eq!(told.recv_timeout(LONG).unwrap(), ErrorCode::PageGone);
    assert_eq!(code(answers.recv_timeout(LONG).unwrap()), ErrorCode::PageGone);
    assert!(!call.reply.success(Payload::none()));
    // Ids begin anew, and so does the token.
    let id = stage.say("initPage", "{}");
    let hello = stage.heard();
    assert_eq!((&hello[0], &hello[2]["seq"]), (&json!(id), &json!(0)));
    stage.silent();
}

#[test]
fn h_b6_a_reply_that_was_made_up_or_comes_twice_finds_nobody() {
    let stage = Stage::new();
    stage.accepted();
    let answers = stage.ask("f", LONG);
    let asked = stage.heard();
    assert_eq!(asked[..3], [json!("f"), json!({"a": 1}), json!(PAGE)]);
    let call = asked[4]["call"].as_str().unwrap().to_owned();
    let reply = |call: &str, data: Value| {
        stage.say("finapp.reply", &json!({"call": call, "ok": true, "data": data}).to_string());
    };
    reply("0", json!("forged"));
    reply(&call, json!({"success": true}));
    reply(&call, json!("again"));
    assert_eq!(answers.recv_timeout(LONG).unwrap().unwrap().text(), r#"{"success":true}"#);
    assert_eq!(stage.counted().unknown_replies, 2);
}

#[test]
fn h_b7_what_a_body_says_of_its_sender_is_data() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    let body = r#"{"appId":"other","origin":"https://evil.example","pageId":1,"webViewId":1}"#;
    stage.say("hold", body);
    let call = stage.held();
    assert_eq!(call.params.text(), body);
    let Caller::Page { applet, generation: Generation(7), page, origin, epoch } = &*call.info.caller else {
        panic!("a page calls")
    };
    assert_eq!((applet.as_str(), page.0, &**origin, *epoch), ("demo", PAGE, "https://own.example", 1));
}

#[test]
fn h_b9_more_messages_than_a_page_may_send_are_dropped_and_counted() {
    let stage = Stage::with(|limits| limits.page_messages_per_second = 50);
    for _ in 0..10_000 {
        stage.say("hold", "{}");
    }
    assert_eq!(stage.counted().page_messages_dropped, 9_950);
    stage.clock.0.fetch_add(1, Ordering::SeqCst);
    stage.say("hold", "{}");
    assert_eq!(stage.counted().page_messages_dropped, 9_950);
}

#[test]
fn h_b10_messages_without_form_change_nothing() {
    let stage = Stage::new();
    stage.accepted();
    let own = Frame { url: OWN, is_top: true };
    for id in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY, 4e9] {
        stage.session.web_invoke(own, "hold", "{}".to_owned(), id);
    }
    stage.session.web_invoke(own, "", "{}".to_owned(), 702.0);
    stage.session.web_invoke(own, &"x".repeat(1 << 20), "{}".to_owned(), 702.0);
    for (name, params) in [
        ("finapp.accept", "{}"),
        ("finapp.accept", r#"{"token":"guessed","features":["reply"]}"#),
        ("finapp.accept", "["),
        ("finapp.cancel", r#"{"id":"1"}"#),
        ("finapp.reply", r#"{"call":1}"#),
        ("finapp.nothing", "{}"),
    ] {
        stage.say(name, params);
    }
    assert_eq!(stage.heard()[1]["errCode"], ErrorCode::NotFound.number());
    for params in ["", "{", "nul", "{\"a\":1}x", &"[".repeat(5_000)] {
        let id = stage.say("hold", params);
        let heard = stage.heard();
        assert_eq!(heard[0], json!(id));
        assert!(heard[1]["errMsg"].as_str().unwrap().starts_with("hold:fail "), "{heard:?}");
    }
    let id = stage.say("hold", &format!("\"{}\"", "x".repeat(Limits::default().message_bytes)));
    let heard = stage.heard();
    assert_eq!((&heard[0], &heard[1]["errCode"]), (&json!(id), &json!(ErrorCode::TooLarge.number())));
    assert!(lock(&stage.held).is_empty());
    assert_eq!(stage.counted().page_messages_malformed, 13);
}

#[test]
fn h_b13_a_page_gets_what_serves_pages_alone() {
    let stage = Stage::new();
    let none = ApiOptions { pages: Pages::None, ..ApiOptions::default() };
    let held = stage.held.clone();
    stage.register("inner", move |call| lock(&held).push(call), none);
    stage.say("initPage", "{}");
    stage.heard();
    stage.say("inner", "{}");
    assert_eq!(stage.heard()[1]["errCode"], ErrorCode::NotFound.number());
    assert!(lock(&stage.held).is_empty());
}

#[test]
fn h_b14_nothing_is_heard_of_a_page_that_is_gone() {
    let stage = Stage::new();
    stage.accepted();
    let answers = stage.ask("f", LONG);
    stage.heard();
    stage.session.close();
    assert_eq!(code(answers.recv_timeout(LONG).unwrap()), ErrorCode::PageGone);
    stage.say("hold", "{}");
    stage.session.committed(OWN);
    stage.say("initPage", "{}");
    assert_eq!(code(stage.ask("f", LONG).recv().unwrap()), ErrorCode::PageGone);
    stage.silent();
    assert!(lock(&stage.held).is_empty());
}

#[test]
fn h_b15_a_page_that_does_not_answer_is_not_waited_for_for_ever() {
    let stage = Stage::new();
    stage.accepted();
    let answers = stage.ask("f", Duration::from_millis(30));
    let call = stage.heard()[4]["call"].as_str().unwrap().to_owned();
    assert_eq!(code(answers.recv_timeout(LONG).unwrap()), ErrorCode::Timeout);
    stage.say("finapp.reply", &json!({"call": call, "ok": true}).to_string());
    assert_eq!(stage.counted().unknown_replies, 1);
    assert!(answers.recv().is_err());
}

#[test]
fn h_b18_shuffled_messages_are_handled_in_order_and_a_gap_is_not_waited_for_long() {
    let stage = Stage::new();
    let own = Frame { url: OWN, is_top: true };
    for at in [3, 1, 4, 2] {
        stage.session.web_invoke(own, "echo", json!({"at": at}).to_string(), f64::from(700 + at));
    }
    stage.silent();
    stage.session.web_invoke(own, "initPage", "{}".to_owned(), 700.0);
    stage.heard();
    for at in 1..=4 {
        assert_eq!(stage.heard()[1]["at"], at);
    }
    stage.session.web_invoke(own, "echo", "{\"at\":6}".to_owned(), 706.0);
    assert_eq!(stage.heard()[1]["at"], 6);
    assert_eq!(stage.counted().page_messages_missing, 1);
}

#[test]
fn a_page_with_a_library_of_finclip_is_called_by_script_and_the_value_is_its_answer() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    let cases = [
        (Some("{\"success\":true}"), Ok("{\"success\":true}")),
        (None, Err(ErrorCode::NotFound)),
        (Some("{"), Err(ErrorCode::Serialize)),
    ];
    for (text, wanted) in cases {
        let answers = stage.ask("f", LONG);
        assert_eq!(stage.heard()[4].get("call"), None);
        let value = lock(&stage.view.values).pop_front().unwrap();
        value(text.map(str::to_owned));
        let answer = answers.recv_timeout(LONG).unwrap();
        assert_eq!(answer.map(|body| body.text().to_owned()).map_err(|error| error.code()), wanted.map(str::to_owned));
    }
}

#[test]
fn what_a_handler_of_the_page_says_of_its_failure_comes_through() {
    let stage = Stage::new();
    stage.accepted();
    for (said, wanted) in [
        (json!({"code": 20006}), ErrorCode::NotFound),
        (json!({"code": 20010, "message": "no"}), ErrorCode::Handler),
        // A page cannot speak for the library.
        (json!({"code": 20019, "message": "no"}), ErrorCode::Handler),
    ] {
        let answers = stage.ask("f", LONG);
        let mut reply = said.clone();
        reply["call"] = stage.heard()[4]["call"].clone();
        reply["ok"] = json!(false);
        stage.say("finapp.reply", &reply.to_string());
        assert_eq!(code(answers.recv_timeout(LONG).unwrap()), wanted, "{said}");
    }
}
