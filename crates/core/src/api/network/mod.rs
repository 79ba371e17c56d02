//! The network family: requests, transfers of files and sockets, with the rules, limits and texts of WeChat.
//! `glue.js` is what the mini-program calls, `page` what its pages call. `domains` says where it may connect to; `exchange` asks it before each hop,
//! and the client of `crate::net` once more for each address that a name leads to.

mod answer;
mod domains;
mod download;
mod exchange;
mod failure;
mod files;
mod handshake;
mod page;
mod progress;
mod request;
mod socket;
mod task;
mod upload;

use super::files::Sandboxes;
use crate::bridge::{ApiOptions, ArgumentLimits, Caller, Handler, HostCall, Pages, Payload};
use crate::engine::BuiltIn;
use crate::error::{ErrorCode, Result};
use crate::ids::Generation;
use crate::limits::Limits;
use crate::lock::{lock, read, write};
use crate::net::Http;
use domains::Kind;
pub(crate) use domains::{DomainLists, Domains};
use serde_json::{Map, Value};
use socket::Sockets;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The names on `ft` and `wx`.
pub(super) const BUILT_INS: &[BuiltIn] = &[
    BuiltIn { name: "request", sync: false },
    BuiltIn { name: "downloadFile", sync: false },
    BuiltIn { name: "uploadFile", sync: false },
    BuiltIn { name: "connectSocket", sync: false },
    BuiltIn { name: "sendSocketMessage", sync: false },
    BuiltIn { name: "closeSocket", sync: false },
    BuiltIn { name: "onSocketOpen", sync: false },
    BuiltIn { name: "onSocketMessage", sync: false },
    BuiltIn { name: "onSocketError", sync: false },
    BuiltIn { name: "onSocketClose", sync: false },
];

/// The network of the applets that run.
pub(crate) struct Network {
    http: Arc<Http>,
    limits: Arc<Limits>,
    sandboxes: Arc<Sandboxes>,
    runs: Mutex<HashMap<Generation, Arc<Run>>>,
}

/// One run of one applet.
struct Run {
    rules: RwLock<Rules>,
    permits: Semaphore,
    sockets: Sockets,
}

struct Rules {
    domains: Arc<Domains>,
    /// Shorter time limits, in milliseconds, by kind.
    timeouts: HashMap<&'static str, u64>,
}

impl Network {
    pub(crate) fn new(http: Arc<Http>, limits: Arc<Limits>, sandboxes: Arc<Sandboxes>) -> Arc<Self> {
        Arc::new(Self { http, limits, sandboxes, runs: Mutex::default() })
    }

    /// A run of an applet begins.
    pub(crate) fn begin(&self, generation: Generation, domains: Domains) {
        let run = Run {
            rules: RwLock::new(Rules { domains: Arc::new(domains), timeouts: HashMap::new() }),
            permits: Semaphore::new(self.limits.network_tasks),
            sockets: Sockets::default(),
        };
        lock(&self.runs).insert(generation, Arc::new(run));
    }

    /// What the index of the package says of the network; before its `app.json` is looked at.
    pub(crate) fn complete(&self, generation: Generation, index: &Map<String, Value>) {
        let Some(run) = lock(&self.runs).get(&generation).cloned() else { return };
        let mut rules = write(&run.rules);
        rules.domains = Arc::new(rules.domains.completed(index));
    }

    /// What the package's `app.json` says of the network; before any of its code runs.
    pub(crate) fn narrow(&self, generation: Generation, manifest: &Map<String, Value>) {
        let Some(run) = lock(&self.runs).get(&generation).cloned() else { return };
        let mut rules = write(&run.rules);
        rules.domains = Arc::new(rules.domains.narrowed(manifest));
        let Some(timeouts) = manifest.get("networkTimeout").and_then(Value::as_object) else { return };
        for kind in [Kind::Request, Kind::Download, Kind::Upload, Kind::Socket] {
            if let Some(limit) = timeouts.get(kind.timeout()).and_then(Value::as_u64).filter(|limit| *limit > 0) {
                rules.timeouts.insert(kind.timeout(), limit);
            }
        }
    }

    /// The run makes no more calls. Those in flight end with their scope.
    pub(crate) fn end(&self, generation: Generation) {
        let ended = lock(&self.runs).remove(&generation);
        drop(ended);
    }

    fn run(&self, caller: &Caller) -> Result<Arc<Run>> {
        lock(&self.runs).get(&caller.generation()).cloned().ok_or_else(|| ErrorCode::Closed.into())
    }
}

impl Run {
    fn domains(&self) -> Arc<Domains> {
        read(&self.rules).domains.clone()
    }

    /// How long a call may take: the shortest of what it asks for, `app.json` says and the limits allow.
    fn time_limit(&self, kind: Kind, asked: Option<f64>, limits: &Limits) -> Duration {
        let most =
            read(&self.rules).timeouts.get(kind.timeout()).map_or(limits.network_ms, |own| limits.network_ms.min(*own));
        let most = Duration::from_millis(most);
        let asked = asked.filter(|asked| *asked > 0.0).and_then(|asked| Duration::try_from_secs_f64(asked / 1e3).ok());
        asked.map_or(most, |asked| asked.min(most))
    }
}

/// Handler and options of each name.
pub(super) fn handlers(network: &Arc<Network>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    // A body may be as large as what travels beside a text.
    let limits = Arc::new(Limits {
        message_bytes: network.limits.message_binary_bytes.max(network.limits.message_bytes),
        message_keys: usize::MAX,
        ..Limits::clone(&network.limits)
    });
    BUILT_INS.iter().map(move |built_in| {
        let name = built_in.name;
        let network = network.clone();
        let pages = if page::FOR_PAGES.contains(&name) { Pages::Own } else { Pages::None };
        let handler = Handler::Host(Arc::new(move |call: HostCall| take(&network, name, call)));
        let arguments = Some(ArgumentLimits { limits: limits.clone(), too_large: ErrorCode::TooLarge });
        (name, handler, ApiOptions { pages, arguments, ..ApiOptions::default() })
    })
}

fn take(network: &Arc<Network>, name: &str, mut call: HostCall) {
    if matches!(*call.info.caller, Caller::Page { .. }) {
        let HostCall { info, params, reply } = call;
        let reply = reply.through(|reply, outcome| {
            reply.end(page::outcome(outcome));
        });
        match page::params(name, params) {
            Ok(params) => call = HostCall { info, params, reply },
            Err(error) => {
                reply.fail_with(Payload::none(), error);
                return;
            }
        }
    }
    match name {
        "request" => task::begin(network, Kind::Request, call),
        "downloadFile" => task::begin(network, Kind::Download, call),
        "uploadFile" => task::begin(network, Kind::Upload, call),
        "connectSocket" => socket::connect(network, call),
        "sendSocketMessage" => socket::send(network, call),
        "closeSocket" => socket::close(network, call),
        // The glue keeps these to itself.
        _ => {
            call.reply.fail_with(Payload::none(), ErrorCode::Unsupported.into());
        }
    }
}
