//! Message ports: one end is the page's, the other is held by a script in a world that the page's scripts do not see,
//! which hands the bytes on as base64. One port for each document.

use super::Page;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use finapp_core::h5::{PagePort, PortMessages};
use serde_json::{Value, json};
use std::sync::{Arc, Weak};

/// How many bytes one message may have, either way: as base64 it still fits into what the browser's pipe takes at once.
const MOST: usize = 1 << 26;

/// The world beside the scripts of the document that is shown.
#[derive(Debug)]
pub(super) struct World {
    /// Its number in the page's own session of the protocol.
    pub(super) id: i64,
    /// A name that is never given twice.
    pub(super) unique: String,
}

/// The port of the document that is shown.
pub(super) struct Open {
    number: u64,
    receive: Arc<PortMessages>,
}

/// The app's end.
struct End {
    page: Weak<Page>,
    world: String,
    number: u64,
}

/// The script for that world. The browser puts the binding back when a document comes from its memory: the functions have
/// a name of their own.
pub(super) fn script(binding: &str) -> String {
    let ports = include_str!("ports.js");
    let acts = acts(binding);
    format!("((binding, acts, most) => {{\n{ports}\n}})('{binding}', '{acts}', {MOST})")
}

fn acts(binding: &str) -> String {
    format!("{binding}acts")
}

impl Page {
    pub(super) fn open_port(&self, name: &str, receive: PortMessages) -> Option<Arc<dyn PagePort>> {
        let (world, number) = {
            let mut state = self.state();
            // A document whose commit has not been told yet is not the one that is meant.
            let world = state.frames.world().filter(|_| state.held.is_none())?.unique.clone();
            state.ports += 1;
            let number = state.ports;
            state.port = Some(Open { number, receive: Arc::new(receive) });
            (world, number)
        };
        self.act_in(&world, &json!(["open", number, name]));
        Some(Arc::new(End { page: self.me.clone(), world, number }))
    }

    /// The script beside the page says what came through a port. One that is closed is not heard.
    pub(super) fn heard_bytes(&self, text: &str) {
        let Some((number, base64)) = text.split_once('\n') else { return };
        let receive = {
            let state = self.state();
            let open = state.port.as_ref().filter(|open| open.number.to_string() == number);
            open.map(|open| Arc::clone(&open.receive))
        };
        if let (Some(receive), Ok(bytes)) = (receive, BASE64_STANDARD.decode(base64)) {
            receive(bytes);
        }
    }

    /// Calls a function of the script in that world: its name, and what it takes. A world that is gone does nothing.
    fn act_in(&self, world: &str, call: &Value) {
        let acts = acts(&self.browser().binding);
        let act = format!("function (name, ...args) {{ globalThis['{acts}'][name](...args) }}");
        let list: Vec<Value> = call.as_array().into_iter().flatten().map(|value| json!({"value": value})).collect();
        let params = json!({"functionDeclaration": act, "arguments": list, "uniqueContextId": world, "silent": true});
        self.send("Runtime.callFunctionOn", &params);
    }
}

impl PagePort for End {
    fn send(&self, message: Vec<u8>) {
        let Some(page) = self.page.upgrade().filter(|_| message.len() <= MOST) else { return };
        page.act_in(&self.world, &json!(["send", self.number, BASE64_STANDARD.encode(message)]));
    }

    fn close(&self) {
        let Some(page) = self.page.upgrade() else { return };
        let closed = page.state().port.take_if(|open| open.number == self.number);
        drop(closed);
        page.act_in(&self.world, &json!(["close", self.number]));
    }
}
