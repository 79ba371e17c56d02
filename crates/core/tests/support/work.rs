//! A mini-program that notes everything it hears, and a host API that keeps an applet's thread in native code.

use super::{Host, PATIENCE};
use finapp_core::bridge::CallInfo;
use finapp_core::{ErrorCode, Result};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

/// `run(options)` calls `ft.work` and notes what comes back in `seen`; the event `{name: 'tell'}` has it reported.
pub const WORK: &str = "
    ft.loadExtApi([{name: 'work'}, {name: 'workSync', sync: true}]);
    const seen = [];
    const note = word => r => seen.push(r === undefined ? [word] : [word, r]);
    const run = options => ft.work({...options,
        success: note('success'), fail: note('fail'), cancel: note('cancel'), complete: note('complete'),
        progress: note('progress')});
    ft.addCustomEventListener('tell', () => ft.report({seen: seen.splice(0)}));";

/// What the mini-program has noted of all that reached its mailbox before.
pub fn told(host: &Host, app_id: &str) -> Value {
    host.send(app_id, json!({"name": "tell"}));
    host.reported()["seen"].take()
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

/// A code as the mini-program sees it.
pub fn code(code: ErrorCode) -> Value {
    json!(code.number())
}

/// The synchronous API `gate`, which does not come back before the test says so.
pub struct Gate {
    entered: Receiver<()>,
    shut: Sender<()>,
}

impl Gate {
    pub fn new(host: &Host) -> Self {
        let (sender, entered) = channel();
        let (shut, opened) = channel::<()>();
        let (sender, opened) = (Mutex::new(sender), Mutex::new(opened));
        host.client
            .register_sync_api("gate", move |_: &CallInfo, (): ()| -> Result<()> {
                sender.lock().unwrap().send(()).unwrap();
                opened.lock().unwrap().recv().ok();
                Ok(())
            })
            .unwrap();
        Self { entered, shut }
    }

    /// Waits until an applet is stuck in it.
    pub fn wait_until_entered(&self) {
        self.entered.recv_timeout(PATIENCE).unwrap();
    }

    /// Lets everybody through, now and later. Later ones must not report any more, so `entered` stays.
    pub fn open(self) -> Receiver<()> {
        drop(self.shut);
        self.entered
    }
}
