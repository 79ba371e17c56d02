//! A browser of the tests: it shows the web-views of mini-programs by keeping what is asked of it, and its pages speak as
//! docs/h5-wire.md says.

use crate::support::{Host, PATIENCE};
use finapp_core::bridge::Payload;
use finapp_core::h5::{Frame, PageSession, PageView, ScriptValue};
use finapp_core::{AppletClient, Limits, Result, WebViewOpening, WebViews};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// What was asked of a view.
#[derive(Debug, PartialEq)]
pub enum Asked {
    /// A function of the page's library, with its arguments.
    Run(&'static str, Vec<Value>),
    Load(String),
    Back,
    Close,
}

struct View(Mutex<Sender<Asked>>);

impl View {
    fn ask(&self, asked: Asked) {
        self.0.lock().unwrap().send(asked).unwrap_or_default();
    }
}

impl PageView for View {
    fn run(&self, script: String, _value: Option<ScriptValue>) {
        let function = if script.contains("webSubscribeCallBackHandler") { "event" } else { "answer" };
        let (_, given) = script.split_once("?.(").unwrap();
        // A call whose value is waited for goes on behind its parentheses.
        let given = given.split(")).then(").next().unwrap().trim_end_matches(')');
        let given: Vec<Value> = serde_json::from_str(&format!("[{}]", given)).unwrap();
        // What the test tells the mini-program reaches its pages too.
        if given[0] != "onCustomEvent" {
            self.ask(Asked::Run(function, given));
        }
    }

    fn load(&self, url: &str) {
        self.ask(Asked::Load(url.to_owned()));
    }

    fn go_back(&self) {
        self.ask(Asked::Back);
    }

    fn close(&self) {
        self.ask(Asked::Close);
    }
}

/// Keeps what it is asked to show.
pub struct Browser(Receiver<WebViewOpening>);

struct Openings(Mutex<Sender<WebViewOpening>>);

impl WebViews for Openings {
    fn open(&self, opening: WebViewOpening) {
        self.0.lock().unwrap().send(opening).unwrap_or_default();
    }
}

impl Browser {
    pub fn of(host: &Host) -> Self {
        let (sender, openings) = channel();
        host.client.set_web_views(Some(Arc::new(Openings(Mutex::new(sender)))));
        Self(openings)
    }

    pub fn opening(&self) -> WebViewOpening {
        self.0.recv_timeout(PATIENCE).expect("a web-view opens in time")
    }

    pub fn has_opened_nothing(&self) -> bool {
        self.0.try_recv().is_err()
    }

    /// The page of the next opening, which has begun.
    pub fn page(&self) -> Page {
        let mut page = Page::attach(&self.opening()).unwrap();
        let Asked::Load(url) = page.asked() else { panic!("it loads first") };
        page.begin(&url);
        page
    }
}

/// A page that is shown.
pub struct Page {
    pub session: Arc<PageSession>,
    pub url: String,
    asked: Receiver<Asked>,
    next: u32,
}

impl Page {
    pub fn attach(opening: &WebViewOpening) -> Result<Self> {
        let (sender, asked) = channel();
        let session = opening.attach(Arc::new(View(Mutex::new(sender))))?;
        Ok(Self { session, url: String::new(), asked, next: 1 })
    }

    /// The next thing that was asked of the view.
    pub fn asked(&self) -> Asked {
        self.asked.recv_timeout(PATIENCE).expect("something is asked in time")
    }

    pub fn was_asked_nothing(&self) -> bool {
        self.asked.try_recv().is_err()
    }

    /// Shows a document and lets it begin, as one with a library of FinClip.
    pub fn begin(&mut self, url: &str) {
        url.clone_into(&mut self.url);
        self.session.committed(url);
        self.next = 1;
        let offer = self.call("initPage", json!({}));
        assert_eq!(offer, json!(self.session.page().0));
    }

    pub fn say(&mut self, name: &str, params: Value) -> u32 {
        let id = self.next;
        self.next += 1;
        let frame = Frame { url: &self.url, is_top: true };
        self.session.web_invoke(frame, name, params.to_string(), f64::from(id));
        id
    }

    /// Says something and gives the answer.
    pub fn call(&mut self, name: &str, params: Value) -> Value {
        let id = self.say(name, params);
        self.answer(id)
    }

    /// The answer to what it said under that id. Nothing else may come first.
    pub fn answer(&self, id: u32) -> Value {
        match self.asked() {
            Asked::Run("answer", mut given) => {
                assert_eq!(given[0], json!(id));
                given.remove(1)
            }
            other => panic!("no answer, but {other:?}"),
        }
    }

    /// The next event: its name and what it carries.
    pub fn event(&self) -> (String, Value) {
        match self.asked() {
            Asked::Run("event", mut given) => (given[0].as_str().unwrap().to_owned(), given.remove(1)),
            other => panic!("no event, but {other:?}"),
        }
    }

    /// It hears that it goes, and goes.
    pub fn ends(&self) {
        assert_eq!(self.event(), ("onUnload".to_owned(), json!({})));
        assert_eq!(self.asked(), Asked::Close);
        assert!(self.session.is_closed() && self.was_asked_nothing());
    }
}

/// Calls a function of the topmost page.
pub fn call_js(applet: &AppletClient, name: &str) -> Receiver<Result<Payload>> {
    let (sender, answers) = channel();
    let params = Payload::parse("{}".to_owned(), Vec::new(), &Limits::default()).unwrap();
    let answer = move |answer| sender.send(answer).unwrap_or_default();
    applet.call_js(name, &params, None, PATIENCE, Box::new(answer));
    answers
}
