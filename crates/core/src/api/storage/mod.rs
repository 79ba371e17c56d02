//! The storage family: what a mini-program keeps for its user. Values, limits and texts are those of WeChat.
//! `glue.js` is what the mini-program calls, `page` what its pages call; `request` is what travels; `worker` does it, on a thread of its own, in
//! a `store` of its own, a `database`, whose `files` only one run touches at a time, as the `lanes` say.

mod database;
mod files;
mod lanes;
mod notes;
mod page;
mod request;
mod store;
mod value;
mod worker;

use super::worker::Worker;
use crate::bridge::{ApiOptions, ArgumentLimits, Caller, Handler, HostCall, HostHandler, Pages, Payload};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode};
use crate::ids::Generation;
use crate::limits::Limits;
use crate::lock::lock;
pub(super) use database::{Database, Fault, Layout};
pub(super) use files::Files;
pub(crate) use lanes::{Lanes, Place};
use notes::Errand;
pub(crate) use notes::Notes;
use request::Operation;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
pub(crate) use worker::Tell;

/// The names of this family, in pairs of asynchronous and synchronous form.
pub(super) const BUILT_INS: &[BuiltIn] = &[
    BuiltIn { name: "setStorage", sync: false },
    BuiltIn { name: "setStorageSync", sync: true },
    BuiltIn { name: "getStorage", sync: false },
    BuiltIn { name: "getStorageSync", sync: true },
    BuiltIn { name: "removeStorage", sync: false },
    BuiltIn { name: "removeStorageSync", sync: true },
    BuiltIn { name: "clearStorage", sync: false },
    BuiltIn { name: "clearStorageSync", sync: true },
    BuiltIn { name: "getStorageInfo", sync: false },
    BuiltIn { name: "getStorageInfoSync", sync: true },
    BuiltIn { name: "batchSetStorage", sync: false },
    BuiltIn { name: "batchSetStorageSync", sync: true },
    BuiltIn { name: "batchGetStorage", sync: false },
    BuiltIn { name: "batchGetStorageSync", sync: true },
];

/// What the names do, pair by pair.
const OPERATIONS: [Operation; 7] = [
    Operation::Set,
    Operation::Get,
    Operation::Remove,
    Operation::Clear,
    Operation::Info,
    Operation::SetAll,
    Operation::GetAll,
];

/// The stores of the applets that run.
pub(crate) struct Stores {
    limits: Arc<Limits>,
    lanes: Arc<Lanes>,
    runs: Mutex<HashMap<Generation, Run>>,
}

struct Run {
    folder: Option<PathBuf>,
    tell: Tell,
    worker: Option<Arc<Worker<Operation, Errand>>>,
}

impl Stores {
    pub(crate) fn new(limits: Arc<Limits>, lanes: Arc<Lanes>) -> Arc<Self> {
        Arc::new(Self { limits, lanes, runs: Mutex::default() })
    }

    /// A run of an applet begins. It keeps its data in `folder`; without one, in memory until it ends. `tell` hears of
    /// damage.
    pub(crate) fn begin(&self, generation: Generation, folder: Option<PathBuf>, tell: Tell) {
        lock(&self.runs).insert(generation, Run { folder, tell, worker: None });
    }

    /// The run makes no more calls. What it has asked for is still done.
    pub(crate) fn end(&self, generation: Generation) {
        let ended = lock(&self.runs).remove(&generation);
        drop(ended);
    }

    /// Gives back memory that stores use to be quick.
    pub(crate) fn shrink(&self) {
        for worker in lock(&self.runs).values().filter_map(|run| run.worker.as_ref()) {
            worker.run(Errand::Shrink);
        }
    }

    fn worker(&self, generation: Generation) -> Result<Arc<Worker<Operation, Errand>>, Error> {
        let mut runs = lock(&self.runs);
        let run = runs.get_mut(&generation).ok_or(ErrorCode::Closed)?;
        if let Some(worker) = &run.worker {
            return Ok(worker.clone());
        }
        let kept =
            run.folder.as_ref().map(|folder| (Files::new(folder.clone(), "storage.sqlite"), self.lanes.queue(folder)));
        let worker = Arc::new(worker::start(kept, &self.limits, run.tell.clone())?);
        run.worker = Some(worker.clone());
        Ok(worker)
    }
}

/// One name of the family.
struct Api {
    operation: Operation,
    stores: Arc<Stores>,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        let operation = self.operation;
        let HostCall { info, params, mut reply } = call;
        let worker = self.stores.worker(info.caller.generation());
        let params = if matches!(*info.caller, Caller::Page { .. }) {
            reply = reply.through(move |reply, outcome| {
                reply.end(page::outcome(operation, outcome));
            });
            page::params(operation, params)
        } else {
            Ok(params)
        };
        match worker.and_then(|worker| Ok((worker, params?))) {
            Ok((worker, params)) => worker.take(operation, HostCall { info, params, reply }),
            Err(error) => {
                reply.fail_with(Payload::none(), error);
            }
        }
    }
}

/// Handler and options of each name.
pub(super) fn handlers(stores: &Arc<Stores>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    let limits = &stores.limits;
    // Twice the quota holds whatever fits it, with its escapes in all but the strangest texts.
    let most = ArgumentLimits {
        limits: Arc::new(Limits {
            message_bytes: 2 * limits.storage_bytes + 1024 * 1024,
            message_keys: usize::MAX,
            ..Limits::clone(limits)
        }),
        too_large: ErrorCode::StorageFull,
    };
    BUILT_INS.iter().zip(OPERATIONS.into_iter().flat_map(|operation| [operation; 2])).map(
        move |(built_in, operation)| {
            let handler = Handler::Host(Arc::new(Api { operation, stores: stores.clone() }));
            let options = ApiOptions {
                sync: built_in.sync,
                pages: if page::FOR_PAGES.contains(&built_in.name) { Pages::Own } else { Pages::None },
                arguments: Some(most.clone()),
                ..ApiOptions::default()
            };
            (built_in.name, handler, options)
        },
    )
}
