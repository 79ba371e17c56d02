//! The host of a run: answers the custom APIs of the app from a JSON file, so that a mini-program runs without its app.
//! docs/runner.md has the format.

use super::console::{Console, Line};
use crate::failure::{Failure, Outcome};
use finapp_core::bridge::{ApiOptions, Handler, HostCall, HostHandler, Payload, Reply};
use finapp_core::{Config, FinAppClient};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HostFile {
    /// What is answered, by the names of the custom APIs.
    pub apis: BTreeMap<String, Api>,
    /// What the built-ins tell of the app and the device, as in the configuration of `init`.
    pub host: Map<String, Value>,
    /// What only a host can answer, such as `chooseImage`, as in the configuration of `init`.
    pub providers: Map<String, Value>,
}

/// One answer for every call, or one for each, the last of them for all that follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Api {
    /// In their order.
    Several(Vec<Answer>),
    /// Always the same.
    One(Answer),
}

/// What happens when an API is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Answer {
    /// What `success` gets.
    pub answer: Option<Value>,
    /// What `fail` gets: an object, or the text of its `errMsg`.
    pub error: Option<Value>,
    /// The call is cancelled.
    pub cancel: bool,
    /// The states that `progress` gets before the end.
    pub progress: Vec<Value>,
    /// Milliseconds from the call to its end.
    pub delay: u64,
    /// The call is never answered.
    pub never: bool,
}

impl HostFile {
    /// Reads the file; an empty one when there is none.
    pub fn read(path: Option<&Path>) -> Outcome<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        serde_json::from_str(&text).map_err(|error| Failure::cannot(format!("{}: {error}", path.display())))
    }

    /// The configuration of the client, as far as it stands in the file.
    pub fn config(&self) -> Outcome<Config> {
        let text = json!({ "host": self.host, "providers": self.providers, "debug": true }).to_string();
        Ok(Config::from_json(&text)?)
    }
}

/// What is open among the calls that the host was given.
#[derive(Default)]
pub struct OpenCalls {
    names: Mutex<BTreeMap<usize, String>>,
    next: AtomicUsize,
    unanswered: AtomicUsize,
}

impl OpenCalls {
    fn begin(&self, name: &str) -> usize {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(id, name.to_owned());
        id
    }

    fn end(&self, id: usize) -> bool {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some()
    }

    /// The names of the open calls, in the order in which they were made.
    pub fn names(&self) -> Vec<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many of them nobody is going to answer.
    pub fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::Acquire)
    }
}

struct Scripted {
    name: String,
    answers: Vec<Answer>,
    calls: AtomicUsize,
    console: Arc<Console>,
    open: Arc<OpenCalls>,
    /// The replies of calls that are never answered: dropping one would answer it.
    kept: Mutex<Vec<Reply>>,
}

/// Registers everything that the file answers. Names in `sync` are those that mini-programs call synchronously.
pub fn register(
    client: &FinAppClient,
    file: &HostFile,
    sync: &HashSet<String>,
    console: &Arc<Console>,
) -> Outcome<Arc<OpenCalls>> {
    let open = Arc::<OpenCalls>::default();
    for (name, api) in &file.apis {
        let answers = match api {
            Api::One(answer) => vec![answer.clone()],
            Api::Several(answers) => answers.clone(),
        };
        let scripted = Scripted {
            name: name.clone(),
            answers,
            calls: AtomicUsize::new(0),
            console: console.clone(),
            open: open.clone(),
            kept: Mutex::default(),
        };
        let options = ApiOptions { sync: sync.contains(name), ..ApiOptions::default() };
        client.register(name, Handler::Host(Arc::new(scripted)), options)?;
    }
    Ok(open)
}

impl HostHandler for Scripted {
    fn call(&self, call: HostCall) {
        let by = call.info.caller.plugin().map_or_else(String::new, |plugin| format!(" by {plugin}"));
        self.console.push(Line::Call(format!("{}{by}", self.name), call.params.text().to_owned()));
        let count = self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.get(count).or(self.answers.last()).cloned().unwrap_or_default();
        let id = self.open.begin(&self.name);
        let reply = call.reply;
        if answer.never {
            self.open.unanswered.fetch_add(1, Ordering::AcqRel);
            let open = self.open.clone();
            reply.on_cancel(move |_| {
                if open.end(id) {
                    open.unanswered.fetch_sub(1, Ordering::AcqRel);
                }
            });
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(reply);
            return;
        }
        let open = self.open.clone();
        if answer.delay == 0 {
            end(&reply, &answer);
            open.end(id);
        } else {
            // The caller's thread may not wait. A thread for each is enough for a script.
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(answer.delay));
                end(&reply, &answer);
                open.end(id);
            });
        }
    }
}

fn end(reply: &Reply, answer: &Answer) {
    for state in &answer.progress {
        if let Ok(state) = reply.checked(state.to_string(), Vec::new()) {
            reply.progress(state);
        }
    }
    let body = match &answer.error {
        Some(Value::String(text)) => json!({ "errMsg": text }),
        Some(error) => error.clone(),
        None => answer.answer.clone().unwrap_or_else(|| json!({})),
    };
    if answer.cancel {
        reply.cancel(Payload::none());
    } else if answer.error.is_some() {
        match reply.checked(body.to_string(), Vec::new()) {
            Ok(body) => reply.fail(body),
            Err(error) => reply.fail_with(Payload::none(), error),
        };
    } else {
        reply.success_text(body.to_string());
    }
}
