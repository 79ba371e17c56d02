//! The pipe to the browser: commands with their answers, and events by session. JSON messages that end with a NUL.
//! One thread reads, and runs all listeners; one writes, so that nobody who sends a command ever waits for the browser.

use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long anybody waits for an answer. Generous: it is never reached when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes the answer to a command, on the thread that reads.
pub(crate) type Done = Box<dyn FnOnce(Result<Box<RawValue>>) + Send>;

/// Hears the events of a session, on the thread that reads.
pub(crate) trait Listener: Send + Sync {
    /// Something happened; `params` is JSON text.
    fn event(&self, session: &str, method: &str, params: &str);
    /// The session is over.
    fn over(&self, session: &str);
}

/// The two ends of the pipe.
pub(crate) struct Connection {
    out: Sender<String>,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    last: u64,
    calls: HashMap<u64, Call>,
    listeners: HashMap<String, Weak<dyn Listener>>,
    reader: Option<ThreadId>,
    over: bool,
}

struct Call {
    session: String,
    method: &'static str,
    done: Done,
}

#[derive(Deserialize)]
struct Message<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<&'a str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    result: Option<Box<RawValue>>,
    error: Option<Refusal>,
    #[serde(rename = "sessionId", borrow)]
    session: Option<&'a str>,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Connection {
    pub(crate) fn new(commands: impl Write + Send + 'static, answers: impl Read + Send + 'static) -> Result<Arc<Self>> {
        let (out, waiting) = channel();
        let connection = Arc::new(Self { out, state: Mutex::default(), ended: Condvar::new() });
        let weak = Arc::downgrade(&connection);
        spawn("chromium-write", move || write(commands, &waiting))?;
        spawn("chromium-read", move || read(answers, &weak))?;
        Ok(connection)
    }

    /// Sends a command; `done` gets its answer. `session` is empty for the browser itself.
    pub(crate) fn send(&self, session: &str, method: &'static str, params: &Value, done: Option<Done>) {
        let Err(done) = self.try_send(session, method, params, done) else { return };
        if let Some(done) = done {
            done(Err(Error::Gone));
        }
    }

    /// The same; gives `done` back when the browser is gone.
    fn try_send(
        &self,
        session: &str,
        method: &'static str,
        params: &Value,
        done: Option<Done>,
    ) -> std::result::Result<(), Option<Done>> {
        let mut state = self.state();
        if state.over {
            return Err(done);
        }
        state.last += 1;
        let id = state.last;
        let to = if session.is_empty() { String::new() } else { format!(",\"sessionId\":\"{session}\"") };
        let message = format!("{{\"id\":{id},\"method\":\"{method}\",\"params\":{params}{to}}}\0");
        if let Some(done) = done {
            state.calls.insert(id, Call { session: session.to_owned(), method, done });
        }
        if self.out.send(message).is_ok() {
            return Ok(());
        }
        Err(state.calls.remove(&id).map(|call| call.done))
    }

    /// Sends a command without waiting for its answer, which is looked at by whoever calls the result.
    pub(crate) fn ask(
        &self,
        session: &str,
        method: &'static str,
        params: &Value,
    ) -> impl FnOnce() -> Result<Value> + use<> {
        let (sender, answers) = channel();
        let own = self.state().reader == Some(thread::current().id());
        let done: Done = Box::new(move |answer| drop(sender.send(answer)));
        self.send(session, method, params, Some(done));
        move || {
            // The thread that reads would wait for itself.
            let patience = if own { Duration::ZERO } else { PATIENCE };
            let answer = answers.recv_timeout(patience).map_err(|_| Error::Unanswered(method))??;
            serde_json::from_str(answer.get()).map_err(|_| Error::Unanswered(method))
        }
    }

    /// Sends a command and waits for its answer. Not for listeners.
    pub(crate) fn call(&self, session: &str, method: &'static str, params: &Value) -> Result<Value> {
        self.ask(session, method, params)()
    }

    /// Who hears the events of a session.
    pub(crate) fn listen(&self, session: &str, listener: Weak<dyn Listener>) {
        self.state().listeners.insert(session.to_owned(), listener);
    }

    /// Nobody hears the events of that session any more.
    pub(crate) fn forget(&self, session: &str) {
        self.state().listeners.remove(session);
    }

    /// Asks the browser to end, and waits for that; for a short time only.
    pub(crate) fn close(&self) {
        self.send("", "Browser.close", &json!({}), None);
        let state = self.state();
        if state.reader != Some(thread::current().id()) {
            let waited = self.ended.wait_timeout_while(state, Duration::from_secs(5), |state| !state.over);
            drop(waited);
        }
    }

    fn take(&self, text: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Message<'_>>(text) else { return };
        if let Some(id) = message.id {
            let call = self.state().calls.remove(&id);
            if let Some(Call { method, done, .. }) = call {
                done(match (message.result, message.error) {
                    (Some(result), None) => Ok(result),
                    (_, refusal) => {
                        let text = refusal.map_or_else(String::new, |refusal| refusal.message);
                        Err(Error::Refused { method, text })
                    }
                });
            }
            return;
        }
        let (Some(method), Some(params)) = (message.method, message.params) else { return };
        if method == "Target.detachedFromTarget" {
            self.detached(params.get());
        }
        let session = message.session.unwrap_or_default();
        let listener = self.state().listeners.get(session).and_then(Weak::upgrade);
        if let Some(listener) = listener {
            listener.event(session, method, params.get());
        }
    }

    fn detached(&self, params: &str) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Detached<'a> {
            session_id: &'a str,
        }
        let Ok(Detached { session_id }) = serde_json::from_str(params) else { return };
        let (listener, calls) = {
            let mut state = self.state();
            let calls: Vec<Call> =
                state.calls.extract_if(|_, call| call.session == session_id).map(|(_, call)| call).collect();
            (state.listeners.remove(session_id), calls)
        };
        // The browser does not answer them any more.
        calls.into_iter().for_each(|call| (call.done)(Err(Error::Gone)));
        if let Some(listener) = listener.and_then(|listener| listener.upgrade()) {
            listener.over(session_id);
        }
    }

    /// The browser is gone: whoever waits is told.
    fn over(&self) {
        let (calls, listeners) = {
            let mut state = self.state();
            state.over = true;
            (std::mem::take(&mut state.calls), std::mem::take(&mut state.listeners))
        };
        self.ended.notify_all();
        calls.into_values().for_each(|call| (call.done)(Err(Error::Gone)));
        for (session, listener) in listeners {
            if let Some(listener) = listener.upgrade() {
                listener.over(&session);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the door for the threads of a browser: no library inside an app has them"
)]
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).map_err(|error| Error::Start(error.to_string()))
}

/// Ends with the connection, or with the browser.
fn write(mut commands: impl Write, waiting: &Receiver<String>) {
    for message in waiting {
        if commands.write_all(message.as_bytes()).is_err() {
            return;
        }
    }
}

/// Ends with the browser.
fn read(answers: impl Read, connection: &Weak<Connection>) {
    let mut answers = BufReader::with_capacity(1 << 16, answers);
    let mut message = Vec::new();
    while answers.read_until(0, &mut message).is_ok_and(|read| read > 0) {
        let Some(connection) = connection.upgrade() else { return };
        connection.state().reader = Some(thread::current().id());
        message.pop();
        connection.take(&message);
        message.clear();
    }
    if let Some(connection) = connection.upgrade() {
        connection.over();
    }
}
