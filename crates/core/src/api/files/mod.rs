//! The file family: what a mini-program keeps in files, under paths, limits and texts of WeChat.
//! `place` reads a path; `sandbox` says where it lies and how much may be there, on top of `folder`, the door to the
//! disk; `fault` has the numbers and texts.

mod fault;
mod folder;
mod import;
mod place;
mod sandbox;

use super::storage::Lanes;
use crate::bridge::Caller;
use crate::error::{Error, ErrorCode};
use crate::ids::Generation;
use crate::limits::Limits;
use crate::lock::lock;
pub(crate) use import::Imported;
pub(crate) use sandbox::Sandbox;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The folder of the files beside an applet's other data.
const FOLDER: &str = "files";

/// The files of the applets that run.
pub(crate) struct Sandboxes {
    limits: Arc<Limits>,
    lanes: Arc<Lanes>,
    runs: Mutex<HashMap<Generation, Run>>,
}

struct Run {
    folder: Option<PathBuf>,
    sandbox: Option<Arc<Sandbox>>,
}

impl Sandboxes {
    pub(crate) fn new(limits: Arc<Limits>, lanes: Arc<Lanes>) -> Arc<Self> {
        Arc::new(Self { limits, lanes, runs: Mutex::default() })
    }

    /// A run of an applet begins. It keeps its data in `folder`; without one it has files until it ends.
    pub(crate) fn begin(&self, generation: Generation, folder: Option<PathBuf>) {
        lock(&self.runs).insert(generation, Run { folder, sandbox: None });
    }

    /// The run makes no more calls. What it has asked for is still done.
    pub(crate) fn end(&self, generation: Generation) {
        let ended = lock(&self.runs).remove(&generation);
        drop(ended);
    }

    /// The files of who calls. Nothing is touched yet: that is for the functions of what this gives, which may wait.
    ///
    /// # Errors
    /// `E_CLOSED` when the run is over, `E_DENIED` for a page.
    pub(crate) fn of(&self, caller: &Caller) -> Result<Arc<Sandbox>, Error> {
        let generation = match caller {
            Caller::Applet { generation, .. } | Caller::Plugin { generation, .. } => generation,
            Caller::Page { .. } => return Err(ErrorCode::Denied.into()),
        };
        let mut runs = lock(&self.runs);
        let run = runs.get_mut(generation).ok_or(ErrorCode::Closed)?;
        if let Some(sandbox) = &run.sandbox {
            return Ok(sandbox.clone());
        }
        let sandbox = Arc::new(match &run.folder {
            Some(folder) => Sandbox::kept(root(folder), self.queue(folder), self.limits.clone()),
            None => Sandbox::passing(self.limits.clone()),
        });
        run.sandbox = Some(sandbox.clone());
        Ok(sandbox)
    }

    fn queue(&self, folder: &Path) -> super::storage::Place {
        queue(&self.lanes, folder)
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
