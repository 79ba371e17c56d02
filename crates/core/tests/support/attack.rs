//! What the hostile suites share: a second applet that shows that the first one harms only itself, and attacks run in
//! a turn of their own.

use super::{Host, PATIENCE};
use finapp_core::bridge::HostCall;
use finapp_core::bridge::Payload;
use finapp_core::{AppletClient, CloseReason, ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

/// Another applet of the same host.
pub struct Witness<'a> {
    host: &'a Host,
    seen: Receiver<Value>,
    sent: Cell<u64>,
}

impl<'a> Witness<'a> {
    pub fn new(host: &'a Host) -> Self {
        let (sender, seen) = channel();
        let sender = Mutex::new(sender);
        host.client
            .register_custom_api("testify", move |call: HostCall| {
                drop(sender.lock().unwrap().send(serde_json::from_str(call.params.text()).unwrap()));
                call.reply.success(Payload::none());
            })
            .unwrap();
        host.open("witness", "ft.loadExtApi({name: 'testify'}); ft.onCustomEvent(({n}) => ft.testify({n}))");
        Self { host, seen, sent: Cell::new(0) }
    }

    /// An event reaches it, and its call reaches the host.
    pub fn is_served(&self) {
        self.sent.set(self.sent.get() + 1);
        self.host.send("witness", json!({"n": self.sent.get()}));
        let seen = self.seen.recv_timeout(PATIENCE).expect("another applet is served");
        assert_eq!(seen, json!({"n": self.sent.get()}));
    }
}

/// Opens an applet that runs `script` when the host sends it an event. `before` runs while it starts.
pub fn armed(host: &Host, app_id: &str, before: &str, script: &str) -> AppletClient {
    host.open(app_id, &format!("{before}\nft.onCustomEvent(event => {{ {script} }})"))
}

/// Runs `script` in an event listener and gives the code with which that ends the applet.
pub fn killed_by(host: &Host, script: &str) -> ErrorCode {
    let applet = armed(host, "attacker", "", script);
    host.send("attacker", json!({}));
    let code = failure(&host.closed("attacker"));
    applet.wait_until_closed(PATIENCE).unwrap();
    code
}

/// The code of a failure.
pub fn failure(reason: &CloseReason) -> ErrorCode {
    match reason {
        CloseReason::Failed(error) => error.code(),
        CloseReason::Host | CloseReason::Shutdown | CloseReason::Memory => panic!("closed because of {reason:?}"),
    }
}

/// The text of the next error that an applet's script let go.
pub fn script_error(host: &Host) -> String {
    host.event(|event| match event {
        LifeCycleEvent::Error { error, .. } => Some(error.message().to_owned()),
        LifeCycleEvent::Closed { app_id, reason } => panic!("{app_id} closed: {reason:?}"),
        _ => None,
    })
}

/// The most memory this process has ever had, in bytes. Meant for a process of its own.
pub fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}
