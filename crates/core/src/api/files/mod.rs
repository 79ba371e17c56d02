//! The file family: what a mini-program keeps in files, under paths, limits and texts of WeChat.
//! `glue.js` is what the mini-program calls; `operation` has the names and `request` what travels; a worker of its own
//! does it at a `desk`: `reading`, `writing`, `changing`, `handles`, `unpack`, with texts by `content`. Below them,
//! `place` reads a path, and `sandbox` says where it lies and how much may be there, on top of `folder`, the door to the
//! disk; `fault` has the numbers and texts.

mod changing;
mod content;
mod desk;
mod fault;
mod folder;
mod handles;
mod import;
mod operation;
mod place;
mod reading;
mod request;
mod sandbox;
mod unpack;
mod writing;

use super::storage::Lanes;
use super::worker::Worker;
use crate::bridge::{ApiOptions, ArgumentLimits, Caller, Handler, HostCall, HostHandler, Pages, Payload};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode};
use crate::ids::Generation;
use crate::limits::Limits;
use crate::lock::lock;
use desk::Desk;
pub(crate) use fault::Fault;
use handles::Handles;
pub(crate) use import::Imported;
use operation::{MEMBERS, METHODS, Name, Operation};
pub(super) use operation::{OBJECT, documented};
pub(crate) use sandbox::Sandbox;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The folder of the files beside an applet's other data.
const FOLDER: &str = "files";

/// The member of `ft` and `wx` that gives the manager; nothing answers a call of its name.
const MANAGER: &str = "getFileSystemManager";

/// The names on `ft` and `wx`, and on the manager.
pub(super) const BUILT_INS: &[BuiltIn] = &{
    let mut list = [BuiltIn { name: "", sync: true }; 1 + MEMBERS.len() + METHODS.len()];
    let mut at = 0;
    while at < METHODS.len() {
        list[at] = BuiltIn { name: METHODS[at].0, sync: METHODS[at].1 };
        at += 1;
    }
    let mut member = 0;
    while member < MEMBERS.len() {
        list[at] = BuiltIn { name: MEMBERS[member].0, sync: MEMBERS[member].1 };
        (at, member) = (at + 1, member + 1);
    }
    list[at].name = MANAGER;
    list
};

/// The files of a package, for reading.
pub(crate) trait PackageFiles: Send + Sync {
    /// The bytes of a file; more than `most` are too large.
    ///
    /// # Errors
    /// The fault that a mini-program hears of.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Fault>;

    /// How many bytes a file has.
    ///
    /// # Errors
    /// The same.
    fn size(&self, path: &str) -> Result<u64, Fault>;
}

/// The files of the applets that run.
pub(crate) struct Sandboxes {
    limits: Arc<Limits>,
    lanes: Arc<Lanes>,
    runs: Mutex<HashMap<Generation, Run>>,
}

struct Run {
    folder: Option<PathBuf>,
    package: Option<Arc<dyn PackageFiles>>,
    open: Option<Open>,
}

/// What a run has once it has used files.
#[derive(Clone)]
struct Open {
    sandbox: Arc<Sandbox>,
    worker: Arc<Worker<Operation>>,
}

impl Sandboxes {
    pub(crate) fn new(limits: Arc<Limits>, lanes: Arc<Lanes>) -> Arc<Self> {
        Arc::new(Self { limits, lanes, runs: Mutex::default() })
    }

    /// A run of an applet begins. It keeps its data in `folder`; without one it has files until it ends.
    pub(crate) fn begin(&self, generation: Generation, folder: Option<PathBuf>) {
        lock(&self.runs).insert(generation, Run { folder, package: None, open: None });
    }

    /// The package of the run is open.
    pub(crate) fn opened(&self, generation: Generation, package: Arc<dyn PackageFiles>) {
        if let Some(run) = lock(&self.runs).get_mut(&generation) {
            run.package = Some(package);
        }
    }

    /// The run makes no more calls. What it has asked for is still done.
    pub(crate) fn end(&self, generation: Generation) {
        let ended = lock(&self.runs).remove(&generation);
        drop(ended);
    }

    /// The files of who calls. Nothing is touched yet: that is for the functions of what this gives, which may wait.
    ///
    /// # Errors
    /// `E_CLOSED` when the run is over, `E_DENIED` for a page, `E_UNSUPPORTED` for a plugin, `E_LIMIT` when the system
    /// gives no thread.
    pub(crate) fn of(&self, caller: &Caller) -> Result<Arc<Sandbox>, Error> {
        self.open(caller).map(|open| open.sandbox)
    }

    /// The same for the host, which asks in the name of a run.
    ///
    /// # Errors
    /// `E_CLOSED` and `E_LIMIT`, as above.
    pub(crate) fn of_run(&self, generation: Generation) -> Result<Arc<Sandbox>, Error> {
        self.open_run(generation).map(|open| open.sandbox)
    }

    fn open(&self, caller: &Caller) -> Result<Open, Error> {
        match caller {
            // A page has the files of its mini-program.
            Caller::Applet { generation, .. } | Caller::Page { generation, .. } => self.open_run(*generation),
            // It must not see the files of the mini-program that includes it.
            Caller::Plugin { .. } => Err(Error::new(ErrorCode::Unsupported, "plugins have no files")),
        }
    }

    fn open_run(&self, generation: Generation) -> Result<Open, Error> {
        let mut runs = lock(&self.runs);
        let run = runs.get_mut(&generation).ok_or(ErrorCode::Closed)?;
        if let Some(open) = &run.open {
            return Ok(open.clone());
        }
        let sandbox = Arc::new(match &run.folder {
            Some(folder) => Sandbox::kept(root(folder), queue(&self.lanes, folder), self.limits.clone()),
            None => Sandbox::passing(self.limits.clone()),
        });
        if let Some(package) = &run.package {
            sandbox.set_package(package.clone());
        }
        let desk = Desk { sandbox: sandbox.clone(), limits: self.limits.clone(), handles: Handles::default() };
        let most = 2 * self.limits.message_binary_bytes;
        let worker = Arc::new(Worker::start("finapp-files", desk, most, "too much waits to be written")?);
        Ok(run.open.insert(Open { sandbox, worker }).clone())
    }
}

fn root(folder: &Path) -> PathBuf {
    folder.join(FOLDER)
}

/// The next place in the lane of the files that lie in the data folder of an applet. It is a lane of its own: a run
/// that has its store open must not wait for itself.
pub(crate) fn queue(lanes: &Lanes, folder: &Path) -> super::storage::Place {
    lanes.queue(&root(folder))
}

/// One name of the family. None: made by the glue.
struct Api {
    operation: Option<Operation>,
    sandboxes: Arc<Sandboxes>,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        match (self.sandboxes.open(&call.info.caller), self.operation) {
            (Ok(open), Some(operation)) => open.worker.take(operation, call),
            (Ok(_), None) => drop(call.reply.fail_with(Payload::none(), ErrorCode::Unsupported.into())),
            (Err(error), _) => drop(call.reply.fail_with(Payload::none(), error)),
        }
    }
}

/// Handler and options of each name.
pub(super) fn handlers(sandboxes: &Arc<Sandboxes>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    let limits = &sandboxes.limits;
    // A text to be written takes the place of bytes, with its escapes.
    let most = ArgumentLimits {
        limits: Arc::new(Limits {
            message_bytes: limits.message_bytes.saturating_add(2 * limits.message_binary_bytes),
            ..Limits::clone(limits)
        }),
        too_large: ErrorCode::TooLarge,
    };
    let answered =
        METHODS.into_iter().chain(MEMBERS).map(|(name, sync, operation): Name| (name, sync, Some(operation)));
    answered.chain([(MANAGER, true, None)]).map(move |(name, sync, operation)| {
        let handler = Handler::Host(Arc::new(Api { operation, sandboxes: sandboxes.clone() }));
        let options = ApiOptions { sync, pages: Pages::None, arguments: Some(most.clone()), ..ApiOptions::default() };
        (name, handler, options)
    })
}
