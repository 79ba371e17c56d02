//! The one thread of an applet: opens the package and the engine, then takes turns between messages, timers and
//! promise jobs until it is told to stop. The engine never leaves this thread.

use super::handle::Applet;
use super::life_cycle::{CloseReason, LifeCycleEvent};
use super::mailbox::Message;
use super::package::{Package, PackagePath};
use super::sources::Around;
use crate::bridge::Caller;
use crate::engine::{BuiltIn, Declared, Ended, Engine, Pump, Setup};
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogSink;
use crate::limits::Limits;
use crate::packages::{Coming, Packages, Pin, Wanted};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How many messages are taken from the mailbox in one go.
const BATCH: usize = 64;
/// How many timers may run before messages are looked at again.
const TIMERS: usize = 16;
/// How long a start waits for the last run of the same applet to be over.
const PREDECESSOR: Duration = Duration::from_secs(10);

/// Reads the host's declarations of custom APIs, on the applet's thread.
pub(crate) type ReadDeclarations = Box<dyn FnOnce() -> Result<Declared> + Send>;

/// Where the package of a new applet comes from.
pub(crate) enum PackageFrom {
    /// The host's own folder or zip.
    Path(PathBuf),
    /// A server.
    Server(Arc<Packages>, Wanted),
}

/// What a new applet starts from.
pub(crate) struct Launch {
    pub(crate) package: PackageFrom,
    /// JSON text: what `onLaunch` and `onShow` get.
    pub(crate) options: String,
    pub(crate) limits: Arc<Limits>,
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) debug: bool,
    pub(crate) built_ins: &'static [BuiltIn],
    /// What `canIUse` knows of them.
    pub(crate) documented: fn(name: &str, path: &str) -> bool,
    /// The host's declarations of custom APIs.
    pub(crate) declared: Option<ReadDeclarations>,
    /// The run of the same applet that is still closing.
    pub(crate) predecessor: Option<Arc<Applet>>,
}

/// Starts the thread.
///
/// # Errors
/// `E_LIMIT` when the system gives no thread.
#[expect(clippy::disallowed_methods, reason = "the first of the doors for threads: every applet thread starts here")]
pub(crate) fn spawn(applet: &Arc<Applet>, launch: Launch) -> Result<()> {
    let own = applet.clone();
    std::thread::Builder::new()
        .name("finapp-applet".to_owned())
        .stack_size(launch.limits.stack_of_a_thread())
        .spawn(move || {
            own.owned_by_this_thread();
            let ran = catch_unwind(AssertUnwindSafe(|| run(&own, launch)));
            let reason = ran.unwrap_or_else(|panic| {
                std::mem::forget(panic);
                CloseReason::Failed(ErrorCode::Internal.into())
            });
            own.finish(reason);
            own.thread_ended();
        })
        .map(drop)
        .map_err(|_| Error::new(ErrorCode::Limit, "no thread for the applet"))
}

fn run(applet: &Arc<Applet>, mut launch: Launch) -> CloseReason {
    if let Some(predecessor) = launch.predecessor.take()
        && !predecessor.wait_until_over(PREDECESSOR)
    {
        return CloseReason::Failed(Error::new(ErrorCode::Busy, "the last run of the applet is still closing"));
    }
    let limits = launch.limits.clone();
    let mut owner = match Owner::open(applet, launch) {
        Ok(owner) => owner,
        // Told to stop while it was opening: even the prelude is interrupted then, and that is no failure.
        Err(_) if applet.is_closing() => return CloseReason::Host,
        Err(error) => return CloseReason::Failed(error),
    };
    let ended = owner.start().and_then(|()| owner.serve(&limits));
    match ended {
        Ok(()) => CloseReason::Host,
        // The same while its script ran for the first time.
        Err(Stop::Failed(error)) if error.code() == ErrorCode::Closed && applet.is_closing() => CloseReason::Host,
        Err(Stop::Failed(error)) => CloseReason::Failed(error),
        Err(Stop::Ended(ended)) => match ended.code() {
            Some(code) => CloseReason::Failed(Error::new(code, end_text(ended))),
            None => CloseReason::Host,
        },
    }
}

/// Opens the package; one from a server is waited for, until the applet is told to stop.
fn open_package(applet: &Applet, from: PackageFrom, limits: &Limits) -> Result<(Package, Option<Pin>)> {
    match from {
        PackageFrom::Path(path) => Ok((Package::open(&path, limits)?, None)),
        PackageFrom::Server(packages, wanted) => {
            let Coming { task, outcome } = packages.begin(wanted)?;
            applet.opening(task);
            let provided = outcome.recv().map_err(|_| ErrorCode::Closed)??;
            applet.opened_from(provided.entry);
            Ok((Package::open_zip(provided.zip, limits)?, Some(provided.pin)))
        }
    }
}

fn end_text(ended: Ended) -> &'static str {
    match ended {
        Ended::TurnTime => "killed: a turn took longer than its budget",
        Ended::Memory => "killed: the memory cap was reached",
        Ended::Internal => "closed: an internal error left its state in doubt",
        Ended::Stopped => "closed",
    }
}

enum Stop {
    Ended(Ended),
    Failed(Error),
}

impl From<Ended> for Stop {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

struct Owner {
    applet: Arc<Applet>,
    engine: Engine,
    package: Rc<Package>,
    /// Keeps a package from a server on the disk.
    _pin: Option<Pin>,
    options: String,
    visible: bool,
}

impl Owner {
    fn open(applet: &Arc<Applet>, launch: Launch) -> Result<Self> {
        let (package, pin) = open_package(applet, launch.package, &launch.limits)?;
        let package = Rc::new(package);
        let caller = Arc::new(Caller::Applet { applet: applet.id.clone(), generation: applet.generation });
        let setup = Setup {
            limits: launch.limits,
            scope: applet.scope.clone(),
            dispatcher: applet.dispatcher.clone(),
            caller,
            turn: applet.turn.clone(),
            log: launch.log,
            debug: launch.debug,
            built_ins: launch.built_ins,
            documented: launch.documented,
            launch_options: launch.options.clone(),
            declared: launch.declared.map(|read| read()).transpose()?,
        };
        let around = Around { applet: applet.clone(), package: package.clone() };
        let engine = Engine::open(setup, Box::new(around))?;
        Ok(Self { applet: applet.clone(), engine, package, _pin: pin, options: launch.options, visible: true })
    }

    /// Runs the package's own declarations, then `app.js`, then launches.
    fn start(&mut self) -> std::result::Result<(), Stop> {
        for name in ["FinClipConf.js", "FinChatConf.js"] {
            let path = PackagePath::parse(None, name).map_err(|error| Stop::Failed(error.into()))?;
            if self.package.has(&path) {
                self.engine.run_file(name, true).map_err(Stop::Failed)?;
                break;
            }
        }
        self.engine.run_file("app.js", false).map_err(Stop::Failed)?;
        self.engine.launch(&self.options)?;
        if self.applet.started() { Ok(()) } else { Err(Stop::Ended(Ended::Stopped)) }
    }

    fn serve(&mut self, limits: &Limits) -> std::result::Result<(), Stop> {
        let mut batch = Vec::with_capacity(BATCH);
        while !self.applet.is_closing() {
            let pump = self.engine.pump()?;
            self.own_ends()?;
            self.timers()?;
            self.applet.mailbox.take(&mut batch, BATCH, self.patience(pump));
            for message in batch.drain(..) {
                self.handle(message, limits)?;
                self.engine.pump()?;
            }
        }
        Ok(())
    }

    /// How long there is nothing to do but to wait for a message.
    fn patience(&self, pump: Pump) -> Option<Duration> {
        if pump == Pump::More || self.engine.has_work() {
            return Some(Duration::ZERO);
        }
        let due = if self.visible { self.engine.next_timer() } else { None };
        due.map(|due| due.saturating_sub(self.applet.turn.now()))
    }

    /// Delivers the ends that were decided on this thread, not more than there are messages in one go.
    fn own_ends(&self) -> std::result::Result<(), Stop> {
        for _ in 0..BATCH {
            if !self.engine.ready_one()? {
                break;
            }
            self.engine.pump()?;
        }
        Ok(())
    }

    fn timers(&self) -> std::result::Result<(), Stop> {
        if !self.visible {
            return Ok(());
        }
        for _ in 0..TIMERS {
            if !self.engine.timer_one()? {
                break;
            }
            self.engine.pump()?;
        }
        Ok(())
    }

    fn handle(&mut self, message: Message, limits: &Limits) -> std::result::Result<(), Stop> {
        match message {
            Message::Settled(id, outcome) => self.engine.reply(id, &outcome)?,
            Message::Progress(id, state) => self.engine.progress(id, &state)?,
            Message::Event(payload) => self.engine.event(&payload)?,
            Message::CollectGarbage => self.engine.collect_garbage(),
            Message::Visible(visible) => self.become_visible(visible, limits)?,
        }
        Ok(())
    }

    fn become_visible(&mut self, visible: bool, limits: &Limits) -> std::result::Result<(), Stop> {
        if !self.applet.set_visible(visible) {
            return Ok(());
        }
        self.visible = visible;
        self.engine.set_budget(limits.turn_budget(!visible));
        self.engine.shown(visible, &self.options)?;
        let app_id = self.applet.id.to_string();
        self.applet.keeper.happened(if visible {
            LifeCycleEvent::Foreground { app_id }
        } else {
            LifeCycleEvent::Background { app_id }
        });
        Ok(())
    }
}
