//! The one thread of an applet: opens the package and the engine, then takes turns between messages, timers and
//! promise jobs until it is told to stop. The engine never leaves this thread.

use super::enter::Entrance;
use super::handle::Applet;
use super::kept_code::KeptCode;
use super::life_cycle::{CloseReason, LifeCycleEvent};
use super::look::look;
use super::mailbox::{Ask, Message, WebNews};
use super::package::{Manifest, Package, PackagePath};
use super::pages::{Pages, missing};
use super::sources::Around;
use super::web_views;
use crate::api::files::Sandboxes;
use crate::bridge::Caller;
use crate::engine::{AppEvent, BuiltIn, Declared, Ended, Engine, Family, Included, PageStep, Pump, Setup};
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogSink;
use crate::limits::Limits;
use crate::packages::{Coming, Packages, Pin, Wanted};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
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
    /// Where it is entered.
    pub(crate) entrance: Entrance,
    pub(crate) package: PackageFrom,
    pub(crate) limits: Arc<Limits>,
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) debug: bool,
    pub(crate) built_ins: &'static [BuiltIn],
    pub(crate) families: &'static [Family],
    /// What `canIUse` knows of them.
    pub(crate) documented: fn(name: &str, path: &str) -> bool,
    /// The host's declarations of custom APIs.
    pub(crate) declared: Option<ReadDeclarations>,
    /// Hears what the package says of itself, before any of its code runs.
    pub(crate) opened: Box<dyn FnOnce(&Manifest) + Send>,
    /// The run of the same applet that is still closing.
    pub(crate) predecessor: Option<Arc<Applet>>,
    /// Who reads the package's files for the mini-program.
    pub(crate) sandboxes: Arc<Sandboxes>,
    /// Where compiled code is kept, if it is.
    pub(crate) code: Option<KeptCode>,
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
    let ended = owner.start().and_then(|()| {
        owner.keep_code(&limits);
        let served = owner.serve(&limits);
        // What was not needed at once.
        owner.keep_code(&limits);
        served
    });
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

/// The plugins of a mini-program, each once, with who calls in their names.
fn included(applet: &Applet, manifest: &Manifest) -> Vec<Included> {
    let mut list: Vec<Included> = Vec::new();
    for plugin in manifest.plugins() {
        if let Some(known) = list.iter_mut().find(|known| known.id == plugin.provider) {
            known.aliases.push(plugin.alias.clone());
            known.export = known.export.take().or_else(|| plugin.export.clone());
            continue;
        }
        let caller = Caller::Plugin {
            applet: applet.id.clone(),
            generation: applet.generation,
            plugin: plugin.provider.clone(),
        };
        list.push(Included {
            id: plugin.provider.clone(),
            aliases: vec![plugin.alias.clone()],
            export: plugin.export.clone(),
            caller: Arc::new(caller),
        });
    }
    list
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
    /// None for a mini-program without pages.
    pages: Option<Pages>,
    entrance: Entrance,
    package: Arc<Package>,
    /// Keeps a package from a server on the disk.
    _pin: Option<Pin>,
    code: Option<KeptCode>,
    visible: bool,
}

impl Owner {
    fn open(applet: &Arc<Applet>, launch: Launch) -> Result<Self> {
        let (package, pin) = open_package(applet, launch.package, &launch.limits)?;
        let package = Arc::new(package);
        applet.opened_package(&package);
        launch.sandboxes.opened(applet.generation, package.clone());
        let pages = Pages::of(&package, &launch.limits, applet.web_views.clone());
        let mut entrance = launch.entrance;
        if let Some(pages) = &pages
            && entrance.address.path.is_empty()
        {
            entrance.address.path = pages.first().to_owned();
        }
        (launch.opened)(package.manifest());
        let caller = Arc::new(Caller::Applet { applet: applet.id.clone(), generation: applet.generation });
        let setup = Setup {
            limits: launch.limits,
            scope: applet.scope.clone(),
            dispatcher: applet.dispatcher.clone(),
            caller,
            plugins: included(applet, package.manifest()),
            turn: applet.turn.clone(),
            log: launch.log,
            debug: launch.debug,
            built_ins: launch.built_ins,
            families: launch.families,
            documented: launch.documented,
            launch_options: entrance.text(),
            declared: launch.declared.map(|read| read()).transpose()?,
            kept: launch.code.as_ref().map(KeptCode::read),
        };
        let around = Around { applet: applet.clone(), package: package.clone() };
        let engine = Engine::open(setup, Box::new(around))?;
        Ok(Self {
            applet: applet.clone(),
            engine,
            package,
            _pin: pin,
            code: launch.code,
            pages,
            entrance,
            visible: true,
        })
    }

    /// Runs the package's own declarations, then `app.js`, then the files of its pages; then launches, and opens the
    /// first page.
    fn start(&mut self) -> std::result::Result<(), Stop> {
        for name in ["FinClipConf.js", "FinChatConf.js"] {
            let path = PackagePath::parse(None, name).map_err(|error| Stop::Failed(error.into()))?;
            if self.package.has(&path) {
                self.engine.run_file(name, true).map_err(Stop::Failed)?;
                break;
            }
        }
        if self.pages.is_some() {
            let app_json = PackagePath::parse(None, "app.json").and_then(|path| self.package.source(&path));
            let app_json = app_json.map_err(|error| Stop::Failed(error.into()))?;
            self.engine.install_pages(&app_json).map_err(Stop::Failed)?;
        }
        self.engine.run_file("app.js", false).map_err(Stop::Failed)?;
        if self.pages.is_some() {
            self.engine.start_pages().map_err(Stop::Failed)?;
        }
        self.engine.launch(&self.entrance.text())?;
        self.open_entrance()?;
        if self.applet.started() { Ok(()) } else { Err(Stop::Ended(Ended::Stopped)) }
    }

    /// Has kept for the next start what this one had to compile.
    fn keep_code(&self, limits: &Arc<Limits>) {
        if let Some(code) = &self.code {
            code.renew(self.engine.take_compiled(), &self.package, limits);
        }
    }

    fn serve(&mut self, limits: &Limits) -> std::result::Result<(), Stop> {
        let mut batch = Vec::with_capacity(BATCH);
        while !self.applet.is_closing() {
            let pump = self.engine.pump()?;
            self.own_ends()?;
            self.timers()?;
            self.web_views();
            self.applet.mailbox.take(&mut batch, BATCH, self.patience(pump));
            for message in batch.drain(..) {
                self.handle(message, limits)?;
                self.engine.pump()?;
                self.web_views();
            }
        }
        Ok(())
    }

    /// Opens and ends web pages, as the pages of the mini-program want it now. What comes of it is told by mail.
    fn web_views(&self) {
        for change in self.engine.take_web_view_changes() {
            let path = self.pages.as_ref().and_then(|pages| pages.path(change.page));
            if let Some(path) = path {
                web_views::change(&self.applet, &self.engine, path, change);
            }
        }
    }

    fn web_news(&self, news: WebNews) -> std::result::Result<(), Stop> {
        if self.applet.web_views.concerns(&news) {
            let step = PageStep::Web { id: news.page, kind: news.kind, detail: news.detail };
            // A page that left meanwhile has nothing to hear.
            drop(self.engine.page_step(&step)?);
        }
        if let Some(told) = news.told {
            told(Ok(()));
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
            Message::Ask(ask) => self.asked(ask, limits)?,
        }
        Ok(())
    }

    fn asked(&mut self, ask: Ask, limits: &Limits) -> std::result::Result<(), Stop> {
        match ask {
            Ask::Navigate(journey, arrived) => {
                let outcome = match &mut self.pages {
                    // A web page that nobody sees leads nowhere.
                    _ if journey.web_page.is_some() && !self.visible => Err(ErrorCode::Closed.into()),
                    Some(pages) => pages.go(&self.engine, &journey)?,
                    None => Err(Error::new(ErrorCode::Unsupported, "the mini-program has no pages")),
                };
                self.stack_changed();
                if let Err(error) = &outcome
                    && error.code() == ErrorCode::BadPackage
                {
                    self.script_error(error.clone());
                }
                arrived(outcome);
            }
            Ask::ChangeTabBar(change, changed) => changed(match &mut self.pages {
                Some(pages) => pages.change_tab_bar(change),
                None => Err(Error::new(ErrorCode::Unsupported, "the mini-program has no pages")),
            }),
            Ask::Enter(entrance) => {
                let elsewhere = !entrance.address.path.is_empty();
                self.entrance = entrance;
                if !elsewhere && let Some(pages) = &self.pages {
                    self.entrance.address.path = pages.first().to_owned();
                }
                let changed = self.move_to(true, limits);
                self.engine.shown(true, &self.entrance.text())?;
                if elsewhere {
                    self.open_entrance()?;
                } else if changed && let Some(pages) = &self.pages {
                    pages.shown(&self.engine, true)?;
                }
                if changed {
                    self.tell_moved(true);
                }
            }
            Ask::Raise(event, argument) => self.engine.raise(event, &argument)?,
            Ask::Look(wanted, seen) => look(&self.engine, self.pages.as_ref(), wanted, seen)?,
            Ask::Web(news) => self.web_news(news)?,
            // Until nothing is left it goes to the end of the queue.
            Ask::Idle(told) if self.patience(Pump::Idle) == Some(Duration::ZERO) => self.applet.ask(Ask::Idle(told)),
            // Whoever waited may have given up.
            Ask::Idle(told) => told.send(self.applet.scope.in_flight()).unwrap_or_default(),
        }
        Ok(())
    }

    /// Opens the page that the entrance names. One that is not there is told to `onPageNotFound`, which may go elsewhere.
    fn open_entrance(&mut self) -> std::result::Result<(), Stop> {
        let Some(pages) = &mut self.pages else { return Ok(()) };
        let address = &self.entrance.address;
        if !pages.has(&address.path) {
            let told = serde_json::json!({ "path": address.path, "query": address.query, "isEntryPage": true });
            self.engine.raise(AppEvent::PageNotFound, &told.to_string())?;
            self.script_error(missing(&self.entrance.address.path));
            return Ok(());
        }
        if let Err(error) = pages.enter(&self.engine, address)? {
            self.script_error(error);
        }
        self.stack_changed();
        Ok(())
    }

    fn stack_changed(&self) {
        if let Some(pages) = &self.pages {
            self.applet.pages_are(pages.depth(), pages.top());
        }
    }

    fn script_error(&self, error: Error) {
        self.applet.keeper.happened(LifeCycleEvent::Error { app_id: self.applet.id.to_string(), error });
    }

    /// To the background the page goes first, to the foreground the App.
    fn become_visible(&mut self, visible: bool, limits: &Limits) -> std::result::Result<(), Stop> {
        if !self.move_to(visible, limits) {
            return Ok(());
        }
        if !visible && let Some(pages) = &self.pages {
            pages.shown(&self.engine, false)?;
        }
        self.engine.shown(visible, &self.entrance.text())?;
        if visible && let Some(pages) = &self.pages {
            pages.shown(&self.engine, true)?;
        }
        self.tell_moved(visible);
        Ok(())
    }

    /// Takes the place in front or behind. False when that was its place already.
    fn move_to(&mut self, visible: bool, limits: &Limits) -> bool {
        let changed = self.applet.set_visible(visible);
        if changed {
            self.visible = visible;
            self.engine.set_budget(limits.turn_budget(!visible));
        }
        changed
    }

    fn tell_moved(&self, visible: bool) {
        let app_id = self.applet.id.to_string();
        self.applet.keeper.happened(if visible {
            LifeCycleEvent::Foreground { app_id }
        } else {
            LifeCycleEvent::Background { app_id }
        });
    }
}
