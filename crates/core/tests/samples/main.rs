//! The samples of the product documents that a mini-program's logic runs, as they stand there (the marks that their page
//! format left behind are taken out, and one missing comma is put in). Hosts of other languages stand here in Rust.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod finclip;
#[path = "../support/mod.rs"]
mod support;
mod tcmpp;

use finapp_core::host::LogLevel;
use serde_json::{Value, json};
use support::{Folder, Host};

/// Stands behind a sample: reports once when the sample's text has run, and once more when all that it called has been
/// answered, because answers keep their order.
const AFTERWARDS: &str = "\n;ft.report ?? ft.loadExtApi([{name: 'report'}]); ft.report({ran: true}).then(() => ft.report({answered: true}));";

/// Runs a sample to its last answer; gives what it printed with `console.log`.
fn printed(host: &Host, app: &str) -> Vec<String> {
    let folder = Folder::new();
    folder.file("app.js", &format!("{app}{AFTERWARDS}"));
    run(host, folder)
}

fn run(host: &Host, folder: Folder) -> Vec<String> {
    host.open_folder("demo", folder).unwrap();
    assert_eq!(host.reported(), json!({"ran": true}));
    assert_eq!(host.reported(), json!({"answered": true}));
    assert_eq!(host.log.at_least(LogLevel::Warn), Vec::<String>::new());
    logged(host)
}

fn logged(host: &Host) -> Vec<String> {
    let lines = host.log.entries().into_iter();
    lines.filter(|(level, tag, _)| *level == LogLevel::Info && tag == "demo").map(|(_, _, line)| line).collect()
}

/// Sends an event and waits until its listeners have run.
fn event(host: &Host, body: Value) -> Vec<String> {
    host.send("demo", body);
    host.send("demo", json!({"name": "afterwards"}));
    assert_eq!(host.reported(), json!({"heard": true}));
    logged(host)
}

/// Stands behind a sample that listens.
const HEARD: &str = "\n;ft.addCustomEventListener('afterwards', () => ft.report({heard: true}));";
