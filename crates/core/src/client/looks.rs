//! What tools see of an applet besides its pages: when it has nothing to do, and what it has stored. These wait, so they
//! are for test suites and the desktop tool, never for an app's main thread.

use super::applet::AppletClient;
use crate::applet::mailbox::Ask;
use crate::bridge::refusals::Refusals;
use crate::bridge::{CallInfo, CallScope, CallSink, Caller, Counters, Dispatcher, Outcome, Payload};
use crate::bridge::{Precedence, Spoken, policy::AppletRules};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ApiName, CallId, PageId};
use serde_json::{Map, Value, json};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(30);

impl AppletClient {
    /// Waits until the applet has nothing to do: what was sent to it before is done, and so are the promise jobs and
    /// timers that were due. Timers may still come, and so may the ends of calls: it tells how many were in flight at
    /// that moment, ends that it has not yet seen included.
    ///
    /// # Errors
    /// `E_TIMEOUT` when the time passes first, `E_CLOSED` when it is over, `E_CYCLE` on an applet's own thread.
    pub fn wait_until_idle(&self, at_most: Duration) -> Result<usize> {
        self.client.inner.refuse_on_applet_thread()?;
        let (told, idle) = channel();
        self.applet.ask(Ask::Idle(told));
        idle.recv_timeout(at_most).map_err(gave_up)
    }

    /// What the mini-program itself has stored for its user: an object with a member for each key, in the form in which
    /// values are stored.
    ///
    /// # Errors
    /// `E_CLOSED` when this run is over, what the store says when it cannot be read, `E_CYCLE` on an applet's own thread.
    pub fn stored(&self) -> Result<Map<String, Value>> {
        self.client.inner.refuse_on_applet_thread()?;
        let info = self.built_in("getStorageInfo", &json!({}))?;
        let keys = info.get("keys").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut stored = Map::new();
        for key in keys {
            let answer = self.built_in("getStorage", &json!({ "key": key }))?;
            let key = key.as_str().unwrap_or_default().to_owned();
            stored.insert(key, answer.get("data").cloned().unwrap_or_default());
        }
        Ok(stored)
    }

    /// Calls a built-in as the applet would, but answered here. What the applet may call is not asked: its host looks.
    fn built_in(&self, name: &str, params: &Value) -> Result<Value> {
        let inner = &self.client.inner;
        let (sender, ends) = channel();
        let scope = CallScope::new(
            Arc::new(Ear(Mutex::new(sender))),
            inner.limits.clone(),
            inner.platform.clock.clone(),
            Arc::<Counters>::default(),
            inner.timer.deadlines().clone(),
            Arc::default(),
            None,
        );
        let asked = &self.applet.dispatcher;
        let dispatcher = Dispatcher {
            own: asked.own.clone(),
            global: asked.global.clone(),
            built_ins: asked.built_ins.clone(),
            rules: AppletRules::default(),
            version: asked.version.clone(),
            refusals: Refusals::default(),
        };
        let caller = Caller::Applet { applet: self.applet.id.clone(), generation: self.applet.generation };
        let authorized = dispatcher.authorise(&caller, name, Precedence::BuiltIn)?;
        let api = ApiName::parse(name)?;
        let info =
            CallInfo { caller: Arc::new(caller), api, page: PageId::default(), spoken: Spoken::Direct, sync: false };
        let params = Payload::parse(params.to_string(), Vec::new(), &inner.limits)?;
        authorized.start(&scope, info, params, None)?;
        match ends.recv_timeout(PATIENCE).map_err(gave_up)? {
            Outcome::Success(body) => serde_json::from_str(body.text()).map_err(|_| ErrorCode::Internal.into()),
            Outcome::Failure { error, .. } => Err(error.unwrap_or_else(|| ErrorCode::Internal.into())),
            Outcome::Cancelled(_) => Err(ErrorCode::Cancelled.into()),
        }
    }
}

fn gave_up(failed: RecvTimeoutError) -> Error {
    match failed {
        RecvTimeoutError::Timeout => ErrorCode::Timeout.into(),
        RecvTimeoutError::Disconnected => ErrorCode::Closed.into(),
    }
}

/// Hears the end of one call.
struct Ear(Mutex<Sender<Outcome>>);

impl CallSink for Ear {
    fn settled(&self, _id: CallId, _sync: bool, outcome: Outcome) {
        // Nobody may be listening any more.
        crate::lock::lock(&self.0).send(outcome).unwrap_or_default();
    }

    fn progress(&self, _id: CallId, _state: Payload) -> bool {
        false
    }
}
