//! A web page of an applet, made of the scripts that it is told to run: it speaks docs/h5-wire.md as the JSSDK and
//! FinClip's base library do, and keeps what it hears.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each suite uses its own part; what a test needs and does not get fails the test"
)]

use crate::support::page_view::page_view;
use finapp_core::AppletClient;
use finapp_core::h5::{Frame, PageSession};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// A business domain of the applets of these tests.
pub const DOMAIN: &str = "https://own.example";
pub const OWN: &str = "https://own.example/index.html";
const PATIENCE: Duration = Duration::from_secs(60);

/// One function of the bridge object that was called, with its arguments.
#[derive(Debug)]
pub struct Heard {
    pub function: String,
    pub arguments: Vec<Value>,
}

pub struct Page {
    pub session: Arc<PageSession>,
    pub url: String,
    scripts: Receiver<String>,
    next: u32,
    next_of_base: u32,
}

impl Page {
    /// A page of the applet's own.
    pub fn open(applet: &AppletClient) -> Self {
        Self::open_at(applet, OWN)
    }

    pub fn open_at(applet: &AppletClient, url: &str) -> Self {
        let (view, scripts) = page_view();
        let session = applet.open_web_page(view).unwrap();
        session.committed(url);
        let mut page = Self { session, url: url.to_owned(), scripts, next: 1, next_of_base: 1 };
        page.say("initPage", &json!({}));
        page.heard();
        page
    }

    /// Sends a message and gives its number.
    pub fn say(&mut self, name: &str, params: &Value) -> u32 {
        let id = self.next;
        self.next += 1;
        let frame = Frame { url: &self.url, is_top: true };
        self.session.web_invoke(frame, name, params.to_string(), f64::from(id));
        id
    }

    /// Calls an API and gives its answer.
    pub fn ask(&mut self, name: &str, params: Value) -> Value {
        let id = self.say(name, &params);
        loop {
            let Heard { function, mut arguments } = self.heard();
            if function == "webInvokeCallbackHandler" && arguments[0] == id {
                return arguments.swap_remove(1);
            }
        }
    }

    /// Calls an API as FinClip's base library does; gives what was returned, else the answer.
    pub fn ask_base(&mut self, name: &str, params: Value) -> Value {
        let id = self.next_of_base;
        self.next_of_base += 1;
        let frame = Frame { url: &self.url, is_top: true };
        let returned = self.session.invoke_and_wait(frame, name, params.to_string(), f64::from(id), PATIENCE);
        if let Some(returned) = returned {
            return serde_json::from_str(&returned).unwrap();
        }
        loop {
            let Heard { function, mut arguments } = self.heard();
            if function == "invokeCallbackHandler" && arguments[0] == id {
                return arguments.swap_remove(1);
            }
        }
    }

    /// What the app says next.
    pub fn heard(&self) -> Heard {
        let script = self.scripts.recv_timeout(PATIENCE).unwrap();
        let (function, given) = script.split_once("?.(").unwrap();
        let function = function.rsplit('.').next().unwrap().to_owned();
        let arguments = serde_json::from_str(&format!("[{}]", given.strip_suffix(')').unwrap())).unwrap();
        Heard { function, arguments }
    }

    /// Whether the app has said nothing more so far.
    pub fn is_silent(&self) -> bool {
        self.scripts.try_recv().is_err()
    }
}
