//! What the suites share: packages in temporary folders, a client with a log that can be read, and waiting for events
//! with a generous deadline.
#![expect(dead_code, reason = "each suite uses its own part of this")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test; tests have files, threads and processes of their own"
)]

pub mod alone;
pub mod attack;
pub mod busy;
pub mod collector;
pub mod page_view;
pub mod plugins;
pub mod work;

use finapp_core::bridge::{ApiOptions, CallInfo, Handler, HostCall, Payload};
use finapp_core::host::{Clock, LogLevel, LogSink, MonotonicClock};
use finapp_core::{
    AppletClient, AppletRequest, CloseReason, Config, Error, FinAppClient, LifeCycleEvent, Limits, Platform,
};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long any test waits for something that must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of its own for each test, gone at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("finapp-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A clock that stands still until the test moves it.
#[derive(Default)]
pub struct StoppedClock(AtomicU64);

impl StoppedClock {
    pub fn advance(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A log that keeps its lines.
#[derive(Default)]
pub struct RecordingLog(Mutex<Vec<(LogLevel, String, String)>>);

impl RecordingLog {
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(_, _, line)| line.clone()).collect()
    }

    /// Level, tag and text of each line.
    pub fn entries(&self) -> Vec<(LogLevel, String, String)> {
        self.0.lock().unwrap().clone()
    }

    /// The lines of that level or above.
    pub fn at_least(&self, wanted: LogLevel) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|(level, ..)| *level >= wanted).map(|(_, _, line)| line.clone()).collect()
    }
}

impl LogSink for RecordingLog {
    fn write(&self, level: LogLevel, tag: &str, line: &str) {
        self.0.lock().unwrap().push((level, tag.to_owned(), line.to_owned()));
    }
}

/// A client with its log, its life-cycle events, and what applets said to `ft.report(value)`.
pub struct Host {
    pub client: FinAppClient,
    pub log: Arc<RecordingLog>,
    events: Mutex<Receiver<LifeCycleEvent>>,
    reports: Mutex<Receiver<(String, Value)>>,
    packages: Mutex<Vec<Folder>>,
}

impl Host {
    /// A client with the default configuration.
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    /// A client whose limits are changed by `change`.
    pub fn with_limits(change: impl FnOnce(&mut Limits)) -> Self {
        let mut config = Config::default();
        change(&mut config.limits);
        Self::with(config)
    }

    /// A client. It answers the asynchronous API `report`, which every applet of [`Host::open`] has declared.
    pub fn with(config: Config) -> Self {
        let log = Arc::new(RecordingLog::default());
        Self::assemble(config, log.clone(), log, Arc::new(MonotonicClock::new()))
    }

    /// A client whose time passes only when the test says so.
    pub fn with_clock(config: Config, clock: Arc<dyn Clock>) -> Self {
        let log = Arc::new(RecordingLog::default());
        Self::assemble(config, log.clone(), log, clock)
    }

    /// A client with the default configuration that logs to `sink`.
    pub fn with_sink(sink: Arc<dyn LogSink>) -> Self {
        Self::assemble(Config::default(), Arc::default(), sink, Arc::new(MonotonicClock::new()))
    }

    fn assemble(config: Config, log: Arc<RecordingLog>, sink: Arc<dyn LogSink>, clock: Arc<dyn Clock>) -> Self {
        let platform = Platform { log: sink, clock };
        let client = FinAppClient::init(config, platform).unwrap();
        let (sender, events) = channel();
        let sender = Mutex::new(sender);
        client.on_life_cycle(Some(Arc::new(move |event: &LifeCycleEvent| {
            drop(sender.lock().unwrap().send(event.clone()));
        })));
        let (sender, reports) = channel();
        client.register_custom_api("report", reporter(sender)).unwrap();
        Self { client, log, events: Mutex::new(events), reports: Mutex::new(reports), packages: Mutex::default() }
    }

    /// Writes a package of one `app.js`, with `report` declared in front of it, and starts it.
    pub fn open(&self, app_id: &str, script: &str) -> AppletClient {
        self.try_open(app_id, script).unwrap()
    }

    /// The same, for starts that shall fail.
    pub fn try_open(&self, app_id: &str, script: &str) -> Result<AppletClient, Error> {
        let folder = Folder::new();
        folder.file("app.js", &format!("ft.loadExtApi([{{name: 'report'}}]); {script}"));
        self.open_folder(app_id, folder)
    }

    /// Starts a package that the test has written itself.
    pub fn open_folder(&self, app_id: &str, folder: Folder) -> Result<AppletClient, Error> {
        let request = AppletRequest::local(app_id, folder.path());
        self.packages.lock().unwrap().push(folder);
        self.client.start_applet_and_wait(request)
    }

    /// Keeps a folder for as long as the client.
    pub fn keep(&self, folder: Folder) {
        self.packages.lock().unwrap().push(folder);
    }

    /// Starts a package of one `app.js` with a request that the test completes.
    pub fn open_with(&self, mut request: AppletRequest, script: &str) -> Result<AppletClient, Error> {
        let folder = Folder::new();
        folder.file("app.js", &format!("ft.loadExtApi([{{name: 'report'}}]); {script}"));
        request.offline_library_path = Some(folder.path().to_owned());
        self.packages.lock().unwrap().push(folder);
        self.client.start_applet_and_wait(request)
    }

    /// Opens the applet `demo` and gives the first thing it reports.
    pub fn run(&self, script: &str) -> Value {
        self.open("demo", script);
        self.reported()
    }

    /// Registers an asynchronous API that succeeds at once with `body`.
    pub fn answers(&self, name: &str, body: Value) {
        let body = body.to_string();
        self.client
            .register_custom_api(name, move |call: HostCall| {
                call.reply.success_text(body.clone());
            })
            .unwrap();
    }

    /// Registers an asynchronous API that succeeds at once with the text of its own parameters.
    pub fn echoes(&self, name: &str) {
        self.client
            .register_custom_api(name, |call: HostCall| {
                call.reply.success_text(call.params.text().to_owned());
            })
            .unwrap();
    }

    /// Registers a synchronous API that hands what it is given to the test, and takes no place among the calls in flight.
    pub fn tells(&self, name: &str) -> Receiver<Value> {
        let (sender, told) = channel();
        let sender = Mutex::new(sender);
        let tell = move |_: &CallInfo, value: Value| {
            drop(sender.lock().unwrap().send(value));
            Ok(())
        };
        self.client.register_sync_api(name, tell).unwrap();
        told
    }

    /// Registers an asynchronous API whose calls are handed to the test, which answers them when it likes.
    pub fn hands_over(&self, name: &str) -> Receiver<HostCall> {
        self.hands_over_with(name, ApiOptions::default())
    }

    /// The same for an API with options.
    pub fn hands_over_with(&self, name: &str, options: ApiOptions) -> Receiver<HostCall> {
        let (sender, calls) = channel();
        let sender = Mutex::new(sender);
        let handler = move |call: HostCall| drop(sender.lock().unwrap().send(call));
        self.client.register(name, Handler::Host(Arc::new(handler)), options).unwrap();
        calls
    }

    /// The next thing an applet reported.
    pub fn reported(&self) -> Value {
        self.reported_by().1
    }

    /// The next thing reported, and by which applet.
    pub fn reported_by(&self) -> (String, Value) {
        self.reports.lock().unwrap().recv_timeout(PATIENCE).expect("an applet reports in time")
    }

    /// Whether nothing has been reported so far.
    pub fn try_reported(&self) -> Option<Value> {
        self.reports.lock().unwrap().try_recv().ok().map(|(_, value)| value)
    }

    /// Whether nothing has been reported so far.
    pub fn nothing_reported(&self) -> bool {
        self.reports.lock().unwrap().try_recv().is_err()
    }

    /// The next life-cycle event that `wanted` picks; others are skipped.
    pub fn event<T>(&self, wanted: impl Fn(&LifeCycleEvent) -> Option<T>) -> T {
        let events = self.events.lock().unwrap();
        loop {
            let event = events.recv_timeout(PATIENCE).expect("the event comes in time");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    /// Registers a handler that hands its calls to the test, which answers them when and where it likes.
    pub fn hold(&self, name: &str, options: ApiOptions) -> Receiver<HostCall> {
        let (sender, calls) = channel();
        let sender = Mutex::new(sender);
        let handler = move |call: HostCall| drop(sender.lock().unwrap().send(call));
        self.client.register(name, Handler::Host(Arc::new(handler)), options).unwrap();
        calls
    }

    /// Why the applet closed.
    pub fn closed(&self, app_id: &str) -> CloseReason {
        self.event(|event| match event {
            LifeCycleEvent::Closed { app_id: closed, reason } if closed == app_id => Some(reason.clone()),
            _ => None,
        })
    }

    /// Sends an event given as JSON.
    pub fn send(&self, app_id: &str, detail: Value) {
        self.client.send_custom_event(app_id, payload(detail)).unwrap();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.client.shutdown();
        drop(self.client.wait_until_closed(PATIENCE));
    }
}

fn reporter(sender: Sender<(String, Value)>) -> impl Fn(HostCall) + Send + Sync {
    let sender = Mutex::new(sender);
    move |call: HostCall| {
        let value = serde_json::from_str(call.params.text()).unwrap();
        drop(sender.lock().unwrap().send((call.info.caller.applet().to_string(), value)));
        call.reply.success(Payload::none());
    }
}

/// JSON as a payload.
pub fn payload(value: Value) -> Payload {
    Payload::parse(value.to_string(), Vec::new(), &Limits::default()).unwrap()
}

/// Options of an API that answers synchronous calls.
pub fn sync() -> ApiOptions {
    ApiOptions { sync: true, ..ApiOptions::default() }
}

/// What comes next, or the end of the test's patience.
pub fn next<T>(receiver: &Receiver<T>) -> T {
    receiver.recv_timeout(PATIENCE).expect("it comes in time")
}
