//! What the suites share: a client with an applet from a folder, a browser, and a small web of pages that lives in
//! memory, so that no test reaches the network.
#![expect(dead_code, reason = "each suite uses its own part of this")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test; tests have files and programs of their own"
)]

use finapp_chromium::{Browser, Options, Page, Profile, Request, Response};
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::h5::PageAnswer;
use finapp_core::host::{LogLevel, LogSink, MonotonicClock};
use finapp_core::ids::PageId;
use finapp_core::{AppletClient, AppletDescription, AppletRequest, Config, FinAppClient, Limits, Platform, Result};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// How long any test waits for something that must happen.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The applet's own origin, and one that is not.
pub const OWN: &str = "https://own.example";
pub const EVIL: &str = "https://evil.example";

/// Addresses with what is there.
#[derive(Clone, Default)]
pub struct Web(Arc<Mutex<HashMap<String, Response>>>);

impl Web {
    /// What comes from one address, without its query.
    pub fn at(&self, url: &str, response: Response) -> &Self {
        self.0.lock().unwrap().insert(url.to_owned(), response);
        self
    }

    pub fn html(&self, url: &str, body: &str) -> &Self {
        self.at(url, Response::file("text/html; charset=utf-8", format!("<!doctype html><title>page</title>{body}")))
    }

    /// A page with the library, and `script` behind it.
    pub fn page(&self, url: &str, script: &str) -> &Self {
        self.html(url, &format!("<script src=\"/jssdk.js\"></script><script>{script}</script>"))
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.url.split(['?', '#']).next().unwrap();
        if let Some(found) = self.0.lock().unwrap().get(path) {
            return found.clone();
        }
        if path.ends_with("/jssdk.js") {
            return Response::file("text/javascript; charset=utf-8", library("jssdk.js"));
        }
        Response { status: 404, ..Response::default() }
    }
}

/// The library for pages: a script and a module.
pub const LIBRARY: [&str; 2] = ["jssdk.js", "jssdk.mjs"];

/// One of its files, as it ships.
pub fn library(file: &str) -> &'static str {
    static BUILT: LazyLock<[String; 2]> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let builder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../jssdk/build.mjs");
        let status = Command::new("node").arg(builder).arg(folder.path()).status().expect("Node builds the library");
        assert!(status.success());
        LIBRARY.map(|file| std::fs::read_to_string(folder.path().join(file)).unwrap())
    });
    let place = LIBRARY.iter().position(|known| *known == file).expect("it is a file of the library");
    &BUILT[place]
}

/// A log that nobody reads.
struct Silent;

impl LogSink for Silent {
    fn write(&self, _level: LogLevel, _tag: &str, _line: &str) {}
}

/// A client with one applet, and a browser.
pub struct Stage {
    pub client: FinAppClient,
    pub applet: AppletClient,
    pub browser: Browser,
    pub profile: Profile,
    pub web: Web,
    folders: Mutex<Vec<TempDir>>,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(|_, _| ())
    }

    pub fn with(change: impl FnOnce(&mut Config, &mut Options)) -> Self {
        let web = Web::default();
        let own = web.clone();
        let answers = move |request: &Request| Some(own.answer(request));
        let (mut config, mut options) =
            (Config::default(), Options { answers: Some(Arc::new(answers)), offline: true, ..Options::default() });
        change(&mut config, &mut options);
        let platform = Platform { log: Arc::new(Silent), clock: Arc::new(MonotonicClock::new()) };
        let client = FinAppClient::init(config, platform).unwrap();
        let browser = Browser::start(options).unwrap();
        let profile = browser.profile().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let applet = start(&client, "demo", &folder, &[OWN]);
        Self { client, applet, browser, profile, web, folders: Mutex::new(vec![folder]) }
    }

    /// A client of a developer: foreign pages are shown as well.
    pub fn in_development() -> Self {
        Self::with(|config, _| config.debug = true)
    }

    /// Another applet, with business domains of its own.
    pub fn start(&self, app_id: &str, domains: &[&str]) -> AppletClient {
        self.start_with(app_id, domains, &[])
    }

    /// The same, with more files in its package.
    pub fn start_with(&self, app_id: &str, domains: &[&str], files: &[(&str, &str)]) -> AppletClient {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let applet = start(&self.client, app_id, &folder, domains);
        self.folders.lock().unwrap().push(folder);
        applet
    }

    /// Opens a page of the applet and waits until it has been loaded.
    pub fn open(&self, url: &str) -> Arc<Page> {
        let page = self.profile.open(&self.applet, url).unwrap();
        page.wait_for_load(1).unwrap();
        page
    }

    /// A page with the library at the applet's own origin.
    pub fn open_own(&self, script: &str) -> Arc<Page> {
        self.web.page(&format!("{OWN}/"), script);
        self.open(&format!("{OWN}/"))
    }

    /// An API that hands its calls to the test.
    pub fn hands_over(&self, name: &str) -> Receiver<HostCall> {
        let (sender, calls) = channel();
        let sender = Mutex::new(sender);
        let hand = move |call: HostCall| drop(sender.lock().unwrap().send(call));
        self.client.register_custom_api(name, hand).unwrap();
        calls
    }

    /// An API that answers with its own parameters.
    pub fn echoes(&self, name: &str) {
        let echo = |call: HostCall| {
            call.reply.success_text(call.params.text().to_owned());
        };
        self.client.register_custom_api(name, echo).unwrap();
    }

    /// Calls a function of a page.
    pub fn call(&self, name: &str, params: &Value, page: Option<PageId>) -> Receiver<Result<Value>> {
        self.call_within(name, params, page, PATIENCE)
    }

    pub fn call_within(
        &self,
        name: &str,
        params: &Value,
        page: Option<PageId>,
        within: Duration,
    ) -> Receiver<Result<Value>> {
        let (sender, answers) = channel();
        let read = |payload: Payload| serde_json::from_str(payload.text()).unwrap_or_default();
        let answer: PageAnswer = Box::new(move |answer| drop(sender.send(answer.map(read))));
        self.applet.call_js(name, &payload(params), page, within, answer);
        answers
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.client.shutdown();
        drop(self.client.wait_until_closed(PATIENCE));
        self.browser.close();
    }
}

fn start(client: &FinAppClient, app_id: &str, folder: &TempDir, domains: &[&str]) -> AppletClient {
    let program = folder.path().join("app.js");
    if !program.exists() {
        std::fs::write(program, "App({})").unwrap();
    }
    let mut request = AppletRequest::local(app_id, folder.path());
    request.web_view_domain = Some(domains.iter().map(|domain| (*domain).to_owned()).collect());
    request.app_info = AppletDescription {
        name: Some(format!("title of {app_id}")),
        icon_url: Some("https://own.example/icon.png".to_owned()),
        app_intro: Some("what it is for".to_owned()),
        app_developer: Some("its maker".to_owned()),
        ..AppletDescription::default()
    };
    client.start_applet_and_wait(request).unwrap()
}

/// JSON as a payload.
pub fn payload(value: &Value) -> Payload {
    Payload::parse(value.to_string(), Vec::new(), &Limits::default()).unwrap()
}

/// What comes next, or the end of the test's patience.
pub fn next<T>(receiver: &Receiver<T>) -> T {
    receiver.recv_timeout(PATIENCE).expect("it comes in time")
}
