//! One run: the client, its one applet, its host and its output, and what each command does with them.

use super::command::{Command, HELP, Way};
use super::console::{Console, Line, Show};
use super::host::{self, HostFile, OpenCalls};
use super::web::{self, WebPages};
use crate::arguments::RunArguments;
use crate::failure::Outcome;
use crate::probe;
use crate::view::{Headless, Step, View, draw};
use finapp_chromium::Page;
use finapp_core::bridge::Payload;
use finapp_core::host::MonotonicClock;
use finapp_core::{
    AppletClient, AppletRequest, Config, CustomApiConfig, FinAppClient, LifeCycleEvent, Platform, StartParams,
};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a command may take until it is called stuck.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at calls that somebody else is going to end.
const PAUSE: Duration = Duration::from_millis(1);

/// Whether commands go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Go,
    Quit,
}

/// A running mini-program with everything around it.
pub struct Session {
    client: FinAppClient,
    applet: Option<AppletClient>,
    view: Box<dyn View>,
    console: Arc<Console>,
    open: Arc<OpenCalls>,
    web: WebPages,
    logged: Vec<String>,
    /// Where the next `wait` begins among what was logged.
    waited: usize,
}

impl Session {
    /// Starts the package. What it prints meanwhile waits for [`Session::settle`].
    pub fn open(package: &Path, arguments: &RunArguments, file: &HostFile) -> Outcome<Self> {
        let console = Console::new(arguments.verbose);
        let declared = probe::declared(package, arguments.custom_apis.as_deref())?;
        let sync = declared.iter().filter(|api| api.sync).map(|api| api.name.clone()).collect();
        let config = Config {
            custom_api_config: arguments
                .custom_apis
                .clone()
                .map(|path| CustomApiConfig { path: Some(path), ..CustomApiConfig::default() }),
            data_dir: arguments.storage.clone(),
            ..file.config()?
        };
        let platform = Platform { log: console.clone(), clock: Arc::new(MonotonicClock::new()) };
        let client = FinAppClient::init(config, platform)?;
        let open = host::register(&client, file, &sync, &console)?;
        let told = console.clone();
        client.on_life_cycle(Some(Arc::new(move |event: &LifeCycleEvent| tell(&told, event))));
        let web = WebPages::new(arguments.headed, console.clone());
        client.set_web_views(Some(Arc::new(web.clone())));
        let mut request = AppletRequest::local(&arguments.app_id, package);
        request.web_view_domain = Some(arguments.web_domain.clone()).filter(|domains| !domains.is_empty());
        request.start_params = arguments.page.as_deref().map(start_params);
        let applet = match client.start_applet_and_wait(request) {
            Ok(applet) => applet,
            Err(error) => {
                console.take().iter().for_each(|line| anstream::println!("{line}"));
                return Err(error.into());
            }
        };
        let view = Box::new(Headless::new(applet.clone()));
        Ok(Self { client, applet: Some(applet), view, console, open, web, logged: Vec::new(), waited: 0 })
    }

    /// The pages.
    pub fn view(&self) -> &dyn View {
        &*self.view
    }

    /// Shows lines at once, or keeps them for the commands.
    pub fn show_with(&self, show: Option<Show>) {
        self.console.show_with(show);
    }

    /// Whether the mini-program is over.
    pub fn is_closed(&self) -> bool {
        self.console.is_closed()
    }

    /// Whether it is over because something failed.
    pub fn has_failed(&self) -> bool {
        self.console.has_failed()
    }

    /// Whether a line with the text was logged.
    pub fn has_logged(&self, text: &str) -> bool {
        self.logged.iter().any(|line| line.contains(text))
    }

    /// What the mini-program has stored.
    pub fn stored(&self) -> finapp_core::Result<Value> {
        Ok(self.applet()?.stored()?.into())
    }

    /// The web page that is seen.
    ///
    /// # Errors
    /// When there is none.
    pub fn web_page(&self) -> Result<Arc<Page>, String> {
        let applet = self.applet().map_err(|error| error.to_string())?;
        self.web.seen(applet)
    }

    /// The text that it shows.
    ///
    /// # Errors
    /// When there is none, or it goes away.
    pub fn web_text(&self) -> Result<String, String> {
        web::text(&*self.web_page()?).map_err(|error| error.to_string())
    }

    /// A value, as messages carry it.
    ///
    /// # Errors
    /// When it is too large.
    pub(super) fn payload(&self, value: &Value) -> Result<Payload, String> {
        Payload::parse(value.to_string(), Vec::new(), self.client.limits()).map_err(|error| error.to_string())
    }

    pub(super) fn applet(&self) -> finapp_core::Result<&AppletClient> {
        self.applet.as_ref().ok_or_else(|| finapp_core::ErrorCode::Closed.into())
    }

    /// Waits until the mini-program and its web pages have nothing left to do but to wait for their timers, their user and
    /// calls that are never answered; then prints what they said.
    pub fn settle(&mut self) {
        let until = Instant::now() + PATIENCE;
        while let Some(applet) = &self.applet {
            self.settle_applet(applet, until);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_closed() || !self.web.is_needed() {
                break;
            }
            // What a page said while it came to rest may be more work for the mini-program, and its answer for the page.
            let before = applet.counters();
            self.web.rest(left);
            self.settle_applet(applet, until);
            if applet.counters() == before && self.open.names().len() <= self.open.unanswered() {
                break;
            }
        }
        let lines = self.console.take();
        self.print(lines);
    }

    fn settle_applet(&self, applet: &AppletClient, until: Instant) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let unanswered = self.open.unanswered();
            match applet.wait_until_idle(left) {
                // The host may still be at the end of a call that the mini-program has its answer of.
                Ok(in_flight) if in_flight.max(self.open.names().len()) <= unanswered || left.is_zero() => return,
                Ok(_) => {}
                Err(_) => {
                    // It has closed, or does not come back: the host hears of both.
                    return applet.wait_until_closed(left).unwrap_or_default();
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn print(&mut self, lines: Vec<Line>) {
        for line in lines {
            anstream::println!("{line}");
            self.logged.push(line.text().to_owned());
        }
    }

    /// Does what a command says, and prints what comes of it.
    ///
    /// # Errors
    /// What went wrong, or what was expected and did not come.
    pub fn carry_out(&mut self, command: &Command) -> Result<Next, String> {
        let done = self.begin(command);
        self.settle();
        let next = done?;
        if let Command::Expect(expectation) = command {
            expectation.check(self)?;
        }
        Ok(next)
    }

    fn begin(&mut self, command: &Command) -> Result<Next, String> {
        let said = |error: finapp_core::Error| error.to_string();
        match command {
            Command::Event { selector, kind, detail } => {
                if !self.view.event(selector, kind, detail).map_err(said)? {
                    return Err(format!("{selector}: no such element"));
                }
            }
            Command::Navigate(way, url) => {
                let step = match way {
                    Way::Navigate => Step::To,
                    Way::Redirect => Step::Redirect,
                    Way::Relaunch => Step::Relaunch,
                    Way::Tab => Step::Tab,
                };
                self.view.go(&step(url.clone())).map_err(said)?;
            }
            Command::Back => {
                if !self.view.back().map_err(said)? {
                    return Ok(Next::Quit);
                }
            }
            Command::Send(detail) => {
                let payload = self.payload(detail)?;
                self.applet().and_then(|applet| applet.send_custom_event(payload)).map_err(said)?;
            }
            Command::Data => show(&self.view.data().map_err(said)?),
            Command::Tree => anstream::print!("{}", draw(&self.view.tree().map_err(said)?)),
            Command::Pages => {
                for page in self.view.pages().map_err(said)? {
                    anstream::println!("{}", page.path);
                }
            }
            Command::Storage => show(&self.stored().map_err(said)?),
            Command::Calls => self.open.names().iter().for_each(|name| anstream::println!("{name}")),
            Command::Web(command) => command.carry_out(self)?,
            Command::Background => self.applet().map_err(said)?.set_visible(false),
            Command::Foreground => self.applet().map_err(said)?.set_visible(true),
            Command::Wait(text) => self.wait(text)?,
            Command::Expect(_) => {}
            Command::Help => anstream::println!("{HELP}"),
            Command::Quit => return Ok(Next::Quit),
        }
        Ok(Next::Go)
    }

    fn wait(&mut self, text: &str) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.logged.iter().skip(self.waited).position(|line| line.contains(text)) {
                self.waited += at + 1;
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_closed() {
                return Err(format!("no line with {text:?} came"));
            }
            let lines = self.console.wait(left);
            self.print(lines);
        }
    }

    /// Closes the mini-program, and prints what it still says.
    pub fn close(&mut self) {
        self.client.shutdown();
        self.applet = None;
        // A thread that does not come back is no reason to stay.
        self.client.wait_until_closed(PATIENCE).unwrap_or_default();
        self.web.close();
        let lines = self.console.take();
        self.print(lines);
    }
}

pub(super) fn show(value: &Value) {
    anstream::println!("{value:#}");
}

fn tell(console: &Console, event: &LifeCycleEvent) {
    match event {
        LifeCycleEvent::Error { error, .. } => console.push(Line::Error(error.to_string())),
        LifeCycleEvent::Closed { reason, .. } => {
            let why = reason.error().map_or_else(|| reason.name().to_owned(), ToString::to_string);
            console.push(Line::Closed { why, failed: reason.error().is_some() });
        }
        _ => {}
    }
}

fn start_params(page: &str) -> StartParams {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    StartParams {
        path: Some(path.trim_start_matches('/').to_owned()),
        query: Some(query.to_owned()).filter(|query| !query.is_empty()),
    }
}
