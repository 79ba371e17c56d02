//! What the tests stand on: an engine without an applet around it, a package in memory, and everything that was logged.

use super::super::{PageLook, PageStep};
use crate::bridge::policy::AppletRules;
use crate::bridge::refusals::Refusals;
use crate::bridge::registry::RegistryVersion;
use crate::bridge::{CallScope, CallSink, Caller, Deadlines, Dispatcher, Outcome, Payload, Registry};
use crate::engine::{Alarm, BuiltIn, Ended, Engine, PluginFiles, Pump, Setup, Surroundings, TurnClock};
use crate::error::{Error, ErrorCode, Result};
use crate::host::{LogLevel, LogSink, MonotonicClock};
use crate::ids::{AppletId, CallId, Generation, PageId};
use crate::limits::Limits;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Nobody;

impl CallSink for Nobody {
    fn settled(&self, _: CallId, _: bool, _: Outcome) {}
    fn progress(&self, _: CallId, _: Payload) -> bool {
        false
    }
}

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl LogSink for Lines {
    fn write(&self, level: LogLevel, _: &str, line: &str) {
        let line = match level {
            LogLevel::Info => line.to_owned(),
            level => format!("{level:?}: {line}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

struct Files(HashMap<String, Arc<str>>);

impl Surroundings for Files {
    fn wait(&self, _: CallId, _: Duration) -> Option<Outcome> {
        None
    }

    fn script_error(&self, _: Error) {}

    fn resolve(&self, from: &str, request: &str) -> Result<String> {
        let mut steps: Vec<&str> = from.split('/').collect();
        steps.pop();
        for step in request.split('/') {
            match step {
                "." => {}
                ".." => drop(steps.pop()),
                _ => steps.push(step),
            }
        }
        let path = format!("{}.js", steps.join("/").trim_end_matches(".js"));
        if self.0.contains_key(&path) { Ok(path) } else { Err(ErrorCode::NotFound.into()) }
    }

    fn source(&self, path: &str) -> Result<Arc<str>> {
        self.0.get(path).cloned().ok_or_else(|| ErrorCode::NotFound.into())
    }

    #[cfg(feature = "components")]
    fn web_messages(&self, _: PageId, _: bool) -> Option<String> {
        None
    }

    fn plugin(&self, _: &AppletId) -> Result<PluginFiles> {
        Err(ErrorCode::NotFound.into())
    }
}

/// One mini-program without anything around it.
pub(super) struct Stage {
    pub(super) engine: Engine,
    lines: Arc<Lines>,
    _deadlines: tokio::runtime::Runtime,
}

pub(super) const PAGE: PageId = PageId(1);

impl Stage {
    /// Starts a package; `app.json` and `app.js` are made when they are left out. The page `p` is the first one.
    pub(super) fn start(files: &[(&str, &str)]) -> Self {
        let stage = Self::new(files, |_| {});
        stage.begin();
        stage
    }

    /// The engine alone, with other limits.
    pub(super) fn new(files: &[(&str, &str)], change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits { log_lines_per_second: u32::MAX, log_line_bytes: 1 << 20, ..Limits::default() };
        change(&mut limits);
        let limits = Arc::new(limits);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let clock = Arc::new(MonotonicClock::new());
        let deadlines = Deadlines::new(runtime.handle().clone());
        let counters = Arc::default();
        let scope =
            CallScope::new(Arc::new(Nobody), limits.clone(), clock.clone(), counters, deadlines, Arc::default(), None);
        let version = RegistryVersion::default();
        let registry = || Arc::new(Registry::new(version.clone()));
        let dispatcher = Dispatcher {
            own: registry(),
            global: registry(),
            built_ins: registry(),
            rules: AppletRules::default(),
            version: version.clone(),
            refusals: Refusals::default(),
        };
        let lines = Arc::<Lines>::default();
        let setup = Setup {
            limits,
            scope,
            dispatcher: Arc::new(dispatcher),
            caller: Arc::new(Caller::Applet { applet: AppletId::parse("a").unwrap(), generation: Generation(1) }),
            plugins: Vec::new(),
            turn: Arc::new(TurnClock::new(clock, Arc::<Alarm>::default())),
            log: lines.clone(),
            debug: false,
            // Nobody answers it here; what the layer adds to it can be seen all the same.
            built_ins: &[BuiltIn { name: "navigateTo", sync: false }],
            families: &[],
            documented: |_, _| false,
            launch_options: "{}".to_owned(),
            declared: None,
            kept: None,
        };
        let mut package: HashMap<String, Arc<str>> = HashMap::from([
            ("app.json".to_owned(), Arc::from("{\"pages\": [\"p\"]}")),
            ("app.js".to_owned(), Arc::from("App({ onError(text) { console.log('onError ' + text) } })")),
            ("p.js".to_owned(), Arc::from("Page({})")),
        ]);
        package.extend(files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(*text))));
        let app_json = package["app.json"].clone();
        let engine = Engine::open(setup, Box::new(Files(package))).unwrap();
        engine.install_pages(&app_json).unwrap();
        Self { engine, lines, _deadlines: runtime }
    }

    /// Runs a text as a file of its own and what it starts.
    pub(super) fn run(&self, script: &str) {
        self.engine.turn(|ctx| ctx.eval::<(), _>(script).unwrap()).unwrap();
        self.settle();
    }

    /// Runs `app.js` and what comes before the first page.
    pub(super) fn begin(&self) {
        self.engine.run_file("app.js", false).unwrap();
        self.engine.launch("{}").unwrap();
        self.engine.start_pages().unwrap();
        self.settle();
    }

    /// Runs promise jobs, ends of calls and timers that are due, until there are none.
    pub(super) fn settle(&self) {
        while self.engine.pump().unwrap() == Pump::More
            || self.engine.ready_one().unwrap()
            || self.engine.timer_one().unwrap()
        {}
    }

    pub(super) fn try_step(&self, step: &PageStep) -> std::result::Result<Result<()>, Ended> {
        let done = self.engine.page_step(step)?;
        while self.engine.pump()? == Pump::More {}
        Ok(done)
    }

    pub(super) fn step(&self, step: PageStep) {
        self.try_step(&step).unwrap().unwrap();
    }

    pub(super) fn load(&self, id: PageId, path: &str, query: &str) -> Result<()> {
        let step = PageStep::Open { id, path: path.to_owned(), query: query.to_owned(), opener: None };
        self.try_step(&step).unwrap()
    }

    /// Opens `p` as page 1 and takes it to where it is drawn.
    pub(super) fn page(files: &[(&str, &str)]) -> Self {
        let stage = Self::start(files);
        stage.load(PAGE, "p", "{}").unwrap();
        stage.step(PageStep::Stack(vec![PAGE]));
        stage.step(PageStep::Show(PAGE));
        stage.step(PageStep::Ready(PAGE));
        stage
    }

    /// What was logged since the last time.
    pub(super) fn lines(&self) -> Vec<String> {
        self.settle();
        std::mem::take(&mut *self.lines.0.lock().unwrap())
    }

    fn look(&self, look: &PageLook) -> Value {
        self.settle();
        serde_json::from_str(&self.engine.page_look(look).unwrap().unwrap()).unwrap()
    }

    pub(super) fn tree(&self) -> Value {
        self.look(&PageLook::Tree(PAGE))
    }

    pub(super) fn data(&self) -> Value {
        self.look(&PageLook::Data(PAGE))
    }

    /// The tree as short text: `tag#id.class[attribute=value](children)`, texts in quotes.
    pub(super) fn drawn(&self) -> String {
        short(&self.tree())
    }

    /// Somebody does something to an element; whether there is one.
    pub(super) fn event(&self, selector: &str, kind: &str, detail: &str) -> bool {
        let look = PageLook::Event {
            id: PAGE,
            selector: selector.to_owned(),
            kind: kind.to_owned(),
            detail: detail.to_owned(),
        };
        let found = self.look(&look) == Value::Bool(true);
        self.settle();
        found
    }

    pub(super) fn tap(&self, selector: &str) {
        assert!(self.event(selector, "tap", "{}"), "nothing fits {selector} in {}", self.drawn());
    }
}

fn short(node: &Value) -> String {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    if node.get("tag").is_none() {
        return format!("'{}'", text("text"));
    }
    let mut made = text("tag");
    if !text("id").is_empty() {
        made += &format!("#{}", text("id"));
    }
    for class in text("class").split_whitespace() {
        made += &format!(".{class}");
    }
    let mut attributes: Vec<(&String, &Value)> = node["attributes"].as_object().into_iter().flatten().collect();
    attributes.sort_by_key(|(name, _)| (*name).clone());
    for (name, value) in attributes {
        made += &format!("[{name}={}]", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let children: Vec<String> = node["children"].as_array().into_iter().flatten().map(short).collect();
    if !children.is_empty() {
        made += &format!("({})", children.join(" "));
    }
    made
}
