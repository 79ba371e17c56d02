//! The view of a web page that only keeps the scripts which the page is told to run.

use finapp_core::h5::{PageView, ScriptValue};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

struct Scripts(Mutex<Sender<String>>);

impl PageView for Scripts {
    fn run(&self, script: String, _value: Option<ScriptValue>) {
        self.0.lock().unwrap().send(script).unwrap_or_default();
    }

    fn load(&self, _url: &str) {}

    fn go_back(&self) {}

    fn close(&self) {}
}

/// A view, and the scripts in their order.
pub fn page_view() -> (Arc<dyn PageView>, Receiver<String>) {
    let (sender, scripts) = channel();
    (Arc::new(Scripts(Mutex::new(sender))), scripts)
}
