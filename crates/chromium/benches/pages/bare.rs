//! The bare side: a binding that is answered by a script, and a script whose value is a promise. No session, no checks,
//! no library in the page.

use crate::PARAMS;
use crate::connection::{Connection, Listener};
use crate::process::Process;
use serde_json::{Value, json};
use std::sync::{Arc, Weak};

const SETUP: &str = "globalThis.echo = async (data) => data
    globalThis.pending = new Map(); globalThis.last = 0
    globalThis.settle = (id, result) => { pending.get(id)(result); pending.delete(id) }
    globalThis.call = (params) => new Promise((done) => {
      pending.set(++last, done); bare(JSON.stringify({ id: last, params })) })
    globalThis.run = async (calls, params) => { for (let n = 0; n < calls; n++) await call(params) }";

pub struct Bare {
    connection: Arc<Connection>,
    session: String,
    _answerer: Arc<Answerer>,
    _process: Process,
}

/// Answers each call of the page with its own parameters.
struct Answerer(Arc<Connection>);

impl Listener for Answerer {
    fn event(&self, session: &str, method: &str, params: &str) {
        if method != "Runtime.bindingCalled" {
            return;
        }
        let called: Value = serde_json::from_str(params).expect("the browser sends JSON");
        let said = called["payload"].as_str().expect("a binding takes text");
        let said: Value = serde_json::from_str(said).expect("the page sends JSON");
        let script = format!("settle({}, {});void 0", said["id"], said["params"]);
        self.0.send(session, "Runtime.evaluate", &json!({"expression": script, "silent": true}), None);
    }

    fn over(&self, _session: &str) {}
}

impl Bare {
    pub fn open() -> Self {
        let (process, commands, answers) = Process::start(false, None).expect("the browser starts");
        let connection = Connection::new(commands, answers).expect("threads start");
        let call = |session: &str, method, params| connection.call(session, method, &params).expect("it answers");
        let made = call("", "Target.createTarget", json!({"url": "about:blank"}));
        let attached = call("", "Target.attachToTarget", json!({"targetId": made["targetId"], "flatten": true}));
        let session = attached["sessionId"].as_str().expect("a session has a name").to_owned();
        let answerer = Arc::new(Answerer(connection.clone()));
        let weak: Weak<dyn Listener> = Arc::downgrade(&(answerer.clone() as Arc<dyn Listener>));
        connection.listen(&session, weak);
        call(&session, "Runtime.enable", json!({}));
        call(&session, "Runtime.addBinding", json!({"name": "bare"}));
        call(&session, "Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        call(&session, "Runtime.evaluate", json!({"expression": SETUP}));
        Self { connection, session, _answerer: answerer, _process: process }
    }

    pub fn called(&self, calls: u32) {
        self.evaluate(&format!("run({calls}, {PARAMS})"));
    }

    pub fn calls(&self, calls: u32) {
        for _ in 0..calls {
            let answer = self.evaluate(&format!("echo({PARAMS})"));
            assert!(answer["result"]["value"].is_object(), "{answer}");
        }
    }

    fn evaluate(&self, script: &str) -> Value {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        self.connection.call(&self.session, "Runtime.evaluate", &params).expect("the page answers")
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.connection.close();
    }
}
