//! `reportEvent`: what a mini-program reports is on the disk when the call returns, and goes to an OpenTelemetry
//! collector in its own time. `glue.js` is what the mini-program calls; `worker` owns the `store`; `sender` sends, in the
//! words of `otlp`.

mod config;
mod counters;
mod journal;
mod otlp;
mod sender;
mod store;
mod worker;

use super::system::Facts;
use crate::bridge::{ApiOptions, ArgumentLimits, Caller, Handler, HostCall, HostHandler, Pages, Payload};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode, Result};
use crate::host::{Clock, LogSink};
use crate::ids::AppletId;
use crate::limits::Limits;
use crate::lock::lock;
use crate::net::Http;
pub use config::ReportConfig;
pub use counters::ReportCounters;
use counters::Tally;
use journal::Journal;
use otlp::Event;
use sender::Sending;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use worker::{Bench, Job};

/// The one that pages of the mini-program may call: FinClip's base library does.
const FOR_PAGES: &str = "reportEvent";

/// The names on `ft` and `wx`: one API under its present name and its former one.
pub(super) const BUILT_INS: &[BuiltIn] =
    &[BuiltIn { name: "reportEvent", sync: true }, BuiltIn { name: "reportAnalytics", sync: true }];

/// The longest name of an event, in bytes.
const NAME_BYTES: usize = 128;
/// What the arguments of a call take besides the data.
const AROUND_BYTES: usize = 1024;

/// What the client reports with.
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a ReportConfig,
    /// Where the store lies. None: in memory, until the client is gone.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) http: Arc<Http>,
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What one client's mini-programs have reported.
pub(crate) struct Reports {
    limits: Arc<Limits>,
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
    worker: Mutex<Worker>,
    sending: Option<Arc<Sending>>,
    /// How many events an applet may still report in the second that began then.
    budgets: Mutex<HashMap<AppletId, (Duration, u32)>>,
}

enum Worker {
    Waiting(Box<Bench>),
    Running(Sender<Job>),
    Over,
}

/// What the glue sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    event_id: String,
    data: Map<String, Value>,
}

impl Reports {
    /// Nothing is opened yet, unless an earlier run may have left something that can be sent.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field; `E_LIMIT` when the system gives no thread.
    pub(crate) fn new(around: Surroundings<'_>) -> Result<Arc<Self>> {
        let Surroundings { config, folder, limits, http, log, clock } = around;
        config.validate()?;
        let (journal, tally) = (Journal(log), Arc::<Tally>::default());
        let headers = config.header_map()?;
        let sending = config.address()?.map(|address| {
            Arc::new(Sending {
                http,
                config: config.clone(),
                address,
                headers,
                journal: journal.clone(),
                tally: tally.clone(),
                some: Notify::new(),
                batch_is_full: Notify::new(),
                task: Mutex::default(),
            })
        });
        let left_over = sending.is_some() && folder.is_some();
        let bench = Bench {
            folder,
            limits: limits.clone(),
            journal,
            tally: tally.clone(),
            sending: sending.clone(),
            store: None,
        };
        let worker = Mutex::new(Worker::Waiting(Box::new(bench)));
        let reports = Arc::new(Self { limits, clock, tally, worker, sending, budgets: Mutex::default() });
        if left_over {
            drop(reports.jobs()?.send(Job::Look));
        }
        Ok(reports)
    }

    /// Takes no more events. Those that were taken are still written.
    pub(crate) fn stop(&self) {
        let before = std::mem::replace(&mut *lock(&self.worker), Worker::Over);
        if let Worker::Running(jobs) = before {
            drop(jobs.send(Job::Stop));
        }
        if let Some(sending) = &self.sending {
            sending.stop();
        }
    }

    /// Gives back memory that the store uses to be quick.
    pub(crate) fn shrink(&self) {
        if let Worker::Running(jobs) = &*lock(&self.worker) {
            drop(jobs.send(Job::Shrink));
        }
    }

    /// What has been counted.
    pub(crate) fn counters(&self) -> ReportCounters {
        self.tally.snapshot()
    }

    /// The way to the worker.
    fn jobs(&self) -> Result<Sender<Job>> {
        let mut worker = lock(&self.worker);
        *worker = match std::mem::replace(&mut *worker, Worker::Over) {
            Worker::Waiting(bench) => Worker::Running(bench.start()?),
            other => other,
        };
        match &*worker {
            Worker::Running(jobs) => Ok(jobs.clone()),
            Worker::Waiting(_) | Worker::Over => Err(ErrorCode::Closed.into()),
        }
    }

    /// Whether an applet may report one more event in this second.
    fn may(&self, applet: &AppletId) -> bool {
        let now = self.clock.now();
        let mut budgets = lock(&self.budgets);
        budgets.retain(|_, (began, _)| now.saturating_sub(*began) < Duration::from_secs(1));
        let (_, left) = budgets.entry(applet.clone()).or_insert((now, self.limits.reports_per_second));
        let may = *left > 0;
        *left = left.saturating_sub(1);
        may
    }

    /// Reads one call.
    fn event(&self, caller: &Arc<Caller>, params: &Payload, version: String) -> Result<Event> {
        let refused = |text: String| Err(Error::new(ErrorCode::Parameter, format!("parameter error: {text};")));
        let asked: Asked = serde_json::from_str(params.text())
            .map_err(|error| Error::new(ErrorCode::Parameter, format!("parameter error: {error}")))?;
        if asked.event_id.is_empty() {
            return refused("parameter should not be empty".to_owned());
        }
        if asked.event_id.len() > NAME_BYTES {
            return refused(format!("parameter should not be longer than {NAME_BYTES} bytes"));
        }
        if !params.binaries().is_empty() {
            return refused("parameter.data should not hold binaries".to_owned());
        }
        if !self.may(caller.applet()) {
            return Err(Error::new(ErrorCode::Limit, "too many events in a second"));
        }
        let (caller, time) = (caller.clone(), self.clock.since_1970());
        Ok(Event { caller, version, name: asked.event_id, data: asked.data, time })
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One of the names.
struct Api {
    reports: Arc<Reports>,
    facts: Facts,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let version = (self.facts.applet)(info.caller.applet()).version;
        let event = match self.reports.event(&info.caller, &params, version) {
            Ok(event) => event,
            Err(error) => {
                reply.fail_with(Payload::none(), error);
                return;
            }
        };
        match self.reports.jobs() {
            // The thread is there as long as its jobs are; one that comes back is dropped, which fails its call.
            Ok(jobs) => drop(jobs.send(Job::Add(event, reply))),
            Err(error) => {
                reply.fail_with(Payload::none(), error);
            }
        }
    }
}

/// Handler and options of each name.
pub(super) fn handlers(
    reports: &Arc<Reports>,
    facts: &Facts,
) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    let limits = Limits { message_bytes: reports.limits.report_bytes + AROUND_BYTES, ..Limits::clone(&reports.limits) };
    let arguments = ArgumentLimits { limits: Arc::new(limits), too_large: ErrorCode::TooLarge };
    BUILT_INS.iter().map(move |built_in| {
        let name = built_in.name;
        let pages = if name == FOR_PAGES { Pages::Own } else { Pages::None };
        let handler = Handler::Host(Arc::new(Api { reports: reports.clone(), facts: facts.clone() }));
        let options = ApiOptions { sync: true, pages, arguments: Some(arguments.clone()), ..ApiOptions::default() };
        (name, handler, options)
    })
}
