//! One page: a tab of the browser that belongs to a page's session. `events.rs` hears the browser, `frames.rs` knows who
//! speaks, `requests.rs` stands before the network, `ports.rs` carries bytes, `acts.rs` does what a person or a test does.

mod acts;
mod events;
mod frames;
mod history;
mod ports;
mod requests;
mod told;

use crate::answers::Answers;
use crate::browser::{Context, Inner, Viewport, text};
use crate::connection::{Connection, Done, Listener};
use crate::error::Result;
use crate::permission::Permission;
use crate::proxy::{self, Shuffle};
use finapp_core::h5::{PagePort, PageSession, PageView, PortMessages, ScriptValue};
use frames::Frames;
use requests::Returning;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

/// A page that is shown.
pub struct Page {
    context: Arc<Context>,
    /// The tab, and its top frame.
    target: String,
    /// The session of the protocol in which the tab is driven.
    session: String,
    /// The files of the package.
    files: Answers,
    /// Who may use the app's object, as far as the platform itself looks.
    permission: Permission,
    state: Mutex<State>,
    changed: Condvar,
    me: Weak<Page>,
}

#[derive(Default)]
struct State {
    /// The page as the library knows it; none before it belongs to an applet, and when it is gone.
    owner: Option<Arc<PageSession>>,
    /// Whether an owner is to come, before whom nothing is loaded; and what he is to see first.
    waits: bool,
    first: Option<String>,
    frames: Frames,
    /// Messages of a document that is there, but whose commit has not been told yet: from the browser's memory.
    held: Option<Vec<events::Heard>>,
    /// Messages that are to be handed on in another order.
    together: Vec<events::Heard>,
    shuffle: Option<Shuffle>,
    committed: Option<String>,
    /// What the network said of the document that is loaded last.
    failure: Option<String>,
    commits: u64,
    loads: u64,
    failures: u64,
    /// Of these, how many showed nothing, not even an error.
    refused: u64,
    /// Whether what is shown is the browser's own error.
    shows_error: bool,
    /// Calls that wait for what is returned to them.
    returning: Returning,
    /// The message port of the document, and how many ports there were.
    port: Option<ports::Open>,
    ports: u64,
    console: VecDeque<String>,
    closed: bool,
}

impl Page {
    pub(crate) fn new(context: Arc<Context>, files: Answers, permission: Permission) -> Result<Arc<Self>> {
        let connection = &context.browser.connection;
        let create = "Target.createTarget";
        let made = connection.call("", create, &json!({"url": "about:blank", "browserContextId": context.id}))?;
        let target = text(&made, "targetId", create)?;
        let attach = "Target.attachToTarget";
        let attached = connection.call("", attach, &json!({"targetId": target, "flatten": true}))?;
        let session = text(&attached, "sessionId", attach)?;
        let shuffle = context.browser.options.shuffle.map(Shuffle::new);
        let page = Arc::new_cyclic(|me: &Weak<Self>| Self {
            context,
            target,
            session,
            files,
            permission,
            state: Mutex::new(State { shuffle, ..State::default() }),
            changed: Condvar::new(),
            me: me.clone(),
        });
        let world = &page.browser().binding;
        let waiting: Vec<_> = page
            .set_up(&page.session)
            .into_iter()
            .chain([
                ("Page.addScriptToEvaluateOnNewDocument", json!({"source": ports::script(world), "worldName": world})),
                ("Network.enable", json!({"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})),
                ("Emulation.setFocusEmulationEnabled", json!({"enabled": true})),
            ])
            .chain(page.browser().options.viewport.map(metrics))
            .map(|(method, params)| page.connection().ask(&page.session, method, &params))
            .collect();
        waiting.into_iter().try_for_each(|answer| answer().map(drop))?;
        Ok(page)
    }

    /// The page will belong to somebody: until then it loads nothing.
    pub(crate) fn expect_owner(&self) {
        self.state().waits = true;
    }

    /// Whose page this is from now on.
    pub(crate) fn belongs_to(&self, owner: Arc<PageSession>) {
        let (waits, address) = {
            let mut state = self.state();
            state.owner = Some(owner);
            (std::mem::take(&mut state.waits), state.first.take())
        };
        if let Some(address) = address.filter(|_| waits) {
            self.load(&address);
        }
    }

    /// The page as the library knows it; none when it is gone.
    #[must_use]
    pub fn owner(&self) -> Option<Arc<PageSession>> {
        self.state().owner.clone()
    }

    /// What is asked for in a new session of a frame, before its first script runs.
    fn set_up(&self, session: &str) -> Vec<(&'static str, Value)> {
        let me: Weak<dyn Listener> = self.me.clone();
        self.connection().listen(session, me);
        let binding = &self.browser().binding;
        vec![
            ("Runtime.enable", json!({})),
            ("Page.enable", json!({})),
            ("Runtime.addBinding", json!({"name": binding})),
            ("Page.addScriptToEvaluateOnNewDocument", json!({"source": proxy::script(binding)})),
            ("Fetch.enable", json!({"patterns": [{"urlPattern": "*"}]})),
            ("Target.setAutoAttach", json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})),
        ]
    }

    fn browser(&self) -> &Arc<Inner> {
        &self.context.browser
    }

    fn connection(&self) -> &Connection {
        &self.context.browser.connection
    }

    fn send(&self, method: &'static str, params: &Value) {
        self.connection().send(&self.session, method, params, None);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page is gone: its session ends, and everybody who waits for something is woken.
    fn over(&self) {
        let owner = {
            let mut state = self.state();
            state.closed = true;
            state.owner.take()
        };
        self.changed.notify_all();
        if let Some(owner) = owner {
            owner.close();
        }
    }
}

impl PageView for Page {
    fn run(&self, script: String, value: Option<ScriptValue>) {
        let context = {
            let state = self.state();
            if state.held.is_some() {
                // Meant for the document before the one whose commit comes next, which ends all that waits.
                return;
            }
            state.frames.top().map(str::to_owned)
        };
        let Some(context) = context else {
            if let Some(value) = value {
                value(None);
            }
            return;
        };
        let Some(value) = value else {
            // Without a value: an object that the page keeps alive for us is nobody's use.
            let params = json!({"expression": script + "\n;void 0", "uniqueContextId": context, "silent": true});
            return self.send("Runtime.evaluate", &params);
        };
        let params = json!({
            "expression": script, "uniqueContextId": context, "silent": true, "awaitPromise": true, "returnByValue": true,
        });
        let done: Done = Box::new(move |answer| {
            value(answer.ok().and_then(|answer| serde_json::from_str::<Evaluated>(answer.get()).ok()?.text()));
        });
        self.connection().send(&self.session, "Runtime.evaluate", &params, Some(done));
    }

    fn load(&self, url: &str) {
        {
            let mut state = self.state();
            if state.waits {
                state.first = Some(url.to_owned());
                return;
            }
        }
        let (me, address) = (self.me.clone(), url.to_owned());
        let done: Done = Box::new(move |answer| {
            // What the network does not give shows as a document of its own; here is what shows as nothing at all.
            let text = match answer {
                Ok(answer) => serde_json::from_str::<Began>(answer.get()).ok().and_then(Began::nothing),
                Err(error) => Some(error.to_string()),
            };
            if let (Some(page), Some(text)) = (me.upgrade(), text) {
                page.state().refused += 1;
                page.failed(&address, &text);
            }
        });
        self.connection().send(&self.session, "Page.navigate", &json!({"url": url}), Some(done));
    }

    fn go_back(&self) {
        let me = self.me.clone();
        self.ask_for_history(move |history| {
            if let (Some(page), Some(entry)) = (me.upgrade(), history.earlier()) {
                page.send("Page.navigateToHistoryEntry", &json!({"entryId": entry}));
            }
        });
    }

    fn has_ports(&self) -> bool {
        true
    }

    fn port(&self, name: String, receive: PortMessages) -> Option<Arc<dyn PagePort>> {
        self.open_port(&name, receive)
    }

    fn close(&self) {
        self.over();
        self.connection().send("", "Target.closeTarget", &json!({"targetId": self.target}), None);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.connection().forget(&self.session);
        self.connection().send("", "Target.closeTarget", &json!({"targetId": self.target}), None);
    }
}

/// How a navigation began.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Began {
    error_text: Option<String>,
}

impl Began {
    /// Why nothing will be shown, not even an error.
    fn nothing(self) -> Option<String> {
        self.error_text.filter(|text| text == "net::ERR_ABORTED")
    }
}

fn metrics(viewport: Viewport) -> (&'static str, Value) {
    let Viewport { width, height, scale } = viewport;
    let params = json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": false});
    ("Emulation.setDeviceMetricsOverride", params)
}

/// What a script gave.
#[derive(Deserialize)]
struct Evaluated {
    result: Remote,
    #[serde(rename = "exceptionDetails")]
    thrown: Option<Value>,
}

#[derive(Deserialize)]
struct Remote {
    value: Option<Value>,
}

impl Evaluated {
    /// As a page's session takes it: its scripts make JSON text themselves.
    fn text(self) -> Option<String> {
        match self {
            Self { thrown: None, result: Remote { value: Some(Value::String(text)) } } => Some(text),
            _ => None,
        }
    }
}
