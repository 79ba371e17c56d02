//! One browser, and a profile of it for each applet.

use crate::answers::{Answers, Response};
use crate::connection::Connection;
use crate::errands::Errands;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::permission::Permission;
use crate::process::Process;
use finapp_core::AppletClient;
use finapp_core::h5::PageView as _;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

/// How a browser is started, and what its pages can do.
#[derive(Clone, Default)]
pub struct Options {
    /// With windows that people see.
    pub headed: bool,
    /// The program; by default the one that `FINAPP_CHROMIUM` names, else `chromium` on the path.
    pub program: Option<OsString>,
    /// Answers requests of pages before the network is asked.
    pub answers: Option<Answers>,
    /// Whether what is not answered fails, as it does without a network.
    pub offline: bool,
    /// Whether the app's object is there for the pages alone that each applet's permission list names, as on a device.
    /// Without, each message reaches the library, which judges it by itself.
    pub keeps_lists: bool,
    /// Hands on messages that come together in another order: whatever this number makes of it.
    pub shuffle: Option<u64>,
    /// How large pages are; by default as large as the browser likes.
    pub viewport: Option<Viewport>,
    /// Hears each line that a page writes to its console, and each error that it does not catch. Called on the thread that
    /// hears the browser; must not wait for it.
    pub console: Option<ConsoleListener>,
}

/// Hears lines of consoles.
pub type ConsoleListener = Arc<dyn Fn(&str) + Send + Sync>;

/// The size of what shows a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// In the pixels of style sheets.
    pub width: u32,
    /// In the pixels of style sheets.
    pub height: u32,
    /// Pixels of the screen for each of these.
    pub scale: f64,
}

/// A running browser. It ends when nobody has it, or a page of it, any more.
#[derive(Clone)]
pub struct Browser(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) connection: Arc<Connection>,
    pub(crate) errands: Errands,
    pub(crate) options: Options,
    /// The name of the one way out of a page, which nobody can guess.
    pub(crate) binding: String,
    process: Mutex<Option<Process>>,
}

impl Browser {
    /// Starts one. It answers when the first profile is asked for.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(options: Options) -> Result<Self> {
        let (process, commands, answers) = Process::start(options.headed, options.program.clone())?;
        let connection = Connection::new(commands, answers)?;
        let random = RandomState::new();
        let binding = format!("finapp{:016x}{:016x}", random.hash_one(1), random.hash_one(2));
        Ok(Self(Arc::new(Inner {
            connection,
            errands: Errands::start()?,
            options,
            binding,
            process: Mutex::new(Some(process)),
        })))
    }

    /// A profile of its own: cookies, storage and cache that no other sees. Nothing of it outlives it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn profile(&self) -> Result<Profile> {
        let method = "Target.createBrowserContext";
        let made =
            self.0.connection.call("", method, &json!({"disposeOnDetach": true})).map_err(|error| match error {
                Error::Gone => Error::Start("it ended at once".to_owned()),
                other => other,
            })?;
        let context = text(&made, "browserContextId", method)?;
        let denied = json!({"behavior": "deny", "browserContextId": context});
        self.0.connection.send("", "Browser.setDownloadBehavior", &denied, None);
        Ok(Profile(Arc::new(Context { browser: self.0.clone(), id: context })))
    }

    /// Ends the browser now, whoever still has a page of it: all pages are gone then.
    pub fn close(&self) {
        self.0.end();
    }

    /// Sends a command of the DevTools protocol to the browser itself and waits for its answer: for what this crate has
    /// no function for.
    ///
    /// # Errors
    /// When the browser refuses it or does not answer.
    pub fn command(&self, method: &'static str, params: &Value) -> Result<Value> {
        self.0.connection.call("", method, params)
    }
}

impl Inner {
    /// Ends the process, and waits for that.
    fn end(&self) {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if process.is_some() {
            self.connection.close();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the pages of one applet share, and nobody else.
#[derive(Clone)]
pub struct Profile(Arc<Context>);

pub(crate) struct Context {
    pub(crate) browser: Arc<Inner>,
    pub(crate) id: String,
}

impl Profile {
    /// Opens a page for `applet`, and shows what is at `url`.
    ///
    /// # Errors
    /// When the browser does not answer, or this run of the applet is over.
    pub fn open(&self, applet: &AppletClient, url: &str) -> Result<Arc<Page>> {
        let page = self.page_for(applet)?;
        page.belongs_to(applet.open_web_page(page.clone())?);
        page.load(url);
        Ok(page)
    }

    /// An empty page, which will belong to `applet`.
    pub(crate) fn page_for(&self, applet: &AppletClient) -> Result<Arc<Page>> {
        let lists = self.0.browser.options.keeps_lists;
        let permission = if lists { Permission::parse(&applet.proxy_permission())? } else { Permission::default() };
        Page::new(self.0.clone(), files_of(applet), permission)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.browser.connection.send("", "Target.disposeBrowserContext", &json!({"browserContextId": self.id}), None);
    }
}

/// The files of an applet's package.
fn files_of(applet: &AppletClient) -> Answers {
    let applet = applet.clone();
    Arc::new(move |request| {
        let file = applet.web_file(&request.url)?;
        Some(Response::file(&file.media_type, file.bytes))
    })
}

/// A member of an answer that is text.
pub(crate) fn text(answer: &Value, member: &str, method: &'static str) -> Result<String> {
    answer.get(member).and_then(Value::as_str).map(str::to_owned).ok_or(Error::Unanswered(method))
}
