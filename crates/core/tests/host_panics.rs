//! Panics and failing sinks of the host: each costs one call or one line, never an applet or the process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "panics are what this is about; hosts have threads of their own, and the rules stand in files"
)]

mod support;

use finapp_core::bridge::{ApiOptions, CallInfo, Handler, HostCall};
use finapp_core::host::{LogLevel, LogSink};
use finapp_core::{AppletRequest, Error, ErrorCode, Result};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use support::alone::until;
use support::work::{WORK, code, told};
use support::{Folder, Host, PATIENCE};

#[test]
fn h_c27_a_panicking_handler_fails_its_one_call_with_e_internal() {
    let host = Host::new();
    host.client.register_custom_api("work", |_: HostCall| panic!("a handler that panics")).unwrap();
    let keeps = Mutex::new(Vec::new());
    let panics_later = move |call: HostCall| {
        keeps.lock().unwrap().push(call);
        panic!("a handler that panics after it has put its call away");
    };
    let sync = ApiOptions { sync: true, ..ApiOptions::default() };
    host.client.register("workSync", Handler::Host(Arc::new(panics_later)), sync).unwrap();
    host.client
        .register_sync_api("inline", |_: &CallInfo, (): ()| -> Result<()> { panic!("an inline handler that panics") })
        .unwrap();
    let applet = host.open(
        "demo",
        &format!(
            "{WORK} ft.loadExtApi([{{name: 'inline', sync: true}}]);
             seen.push(['sync', ft.workSync()], ['inline', ft.inline()]); run();
             try {{ null.x }} catch (error) {{ seen.push(['caught', error instanceof TypeError]) }}"
        ),
    );
    let seen = told(&host, "demo");
    for (at, word) in [(0, "sync"), (1, "inline"), (3, "fail"), (4, "complete")] {
        assert_eq!(seen[at][0], word, "{seen}");
        assert_eq!(seen[at][1]["errCode"], code(ErrorCode::Internal), "{seen}");
    }
    assert_eq!(seen[2], json!(["caught", true]), "no panic is parked in the engine");
    until("the applet goes on and no slot stays taken", || applet.calls_in_flight() == 0);
    assert_eq!(applet.counters().panics, 2);
}

#[test]
fn h_c27_a_panic_on_a_worker_thread_ends_the_call_it_carried() {
    let host = Host::new();
    host.client
        .register_custom_api("work", |call: HostCall| {
            drop(std::thread::spawn(move || {
                let _carried = call;
                panic!("a worker that panics");
            }));
        })
        .unwrap();
    host.open("demo", &format!("{WORK} ft.work({{complete: r => ft.report(r)}})"));
    assert_eq!(host.reported()["errCode"], code(ErrorCode::Internal));
}

#[test]
fn h_c27_panics_of_listeners_and_hooks_stay_their_own() {
    let host = Host::new();
    let calls = host.hold("work", ApiOptions::default());
    let (sender, closed) = channel();
    host.client.on_life_cycle(Some(Arc::new(move |event| {
        sender.send(event.name()).ok();
        panic!("a life-cycle listener that panics");
    })));
    let folder = Folder::new();
    folder.file("app.js", "ft.loadExtApi([{name: 'work'}]); for (let at = 0; at < 3; at++) ft.work({})");
    let request = AppletRequest::local("demo", folder.path());
    let (asked, started) = channel();
    host.client.start_applet(request.clone(), |_| panic!("a starter that panics"));
    host.client.start_applet(request, move |outcome| asked.send(outcome.map(drop)).unwrap());
    assert_eq!(started.recv_timeout(PATIENCE).unwrap(), Ok(()));

    let held: Vec<HostCall> = (0..3).map(|_| calls.recv_timeout(PATIENCE).unwrap()).collect();
    let (ended, ends) = channel();
    for call in &held {
        let ended = ended.clone();
        call.reply.on_cancel(move |reason: &Error| {
            ended.send(reason.code()).ok();
            panic!("a cancel hook that panics");
        });
    }
    host.client.close_applet("demo").unwrap();
    assert_eq!(ends.try_iter().collect::<Vec<_>>(), [ErrorCode::Closed; 3]);
    let words: Vec<&str> = (0..2).map(|_| closed.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(words, ["opened", "closed"]);
}

/// A sink that cannot write.
struct Panics;

impl LogSink for Panics {
    fn write(&self, _: LogLevel, _: &str, _: &str) {
        panic!("a sink that panics");
    }
}

#[test]
fn h_c22_a_sink_that_panics_costs_its_lines_and_nothing_else() {
    let host = Host::with_sink(Arc::new(Panics));
    let calls = host.hold("work", ApiOptions::default());
    // Registered twice, which the library itself has to say about.
    drop(host.hold("other", ApiOptions::default()));
    drop(host.hold("other", ApiOptions::default()));
    let applet = host.open("demo", &format!("{WORK} for (let n = 0; n < 10; n++) console.log(n); run({{n: 1}})"));
    assert!(calls.recv_timeout(PATIENCE).unwrap().reply.success_text(r#"{"r":1}"#.to_owned()));
    let result = json!({"r": 1, "errMsg": "work:ok"});
    assert_eq!(told(&host, "demo"), json!([["success", result], ["complete", result]]));
    assert_eq!(applet.counters().log_lines_dropped, 10);
}

/// A sink that does not come back from the lines of one applet before the test says so.
struct Blocks {
    tag: &'static str,
    entered: Mutex<Sender<()>>,
    gate: Mutex<Receiver<()>>,
}

impl LogSink for Blocks {
    fn write(&self, _: LogLevel, tag: &str, _: &str) {
        if tag == self.tag {
            self.entered.lock().unwrap().send(()).unwrap();
            self.gate.lock().unwrap().recv().ok();
        }
    }
}

#[test]
fn h_c22_a_sink_that_blocks_holds_up_only_who_logs() {
    let (entered, inside) = channel();
    let (go, gate) = channel();
    let host = Host::with_sink(Arc::new(Blocks { tag: "slow", entered: Mutex::new(entered), gate: Mutex::new(gate) }));
    host.client.register_custom_api("work", |call: HostCall| assert!(call.reply.success_text("{}".into()))).unwrap();
    let slow = "ft.onCustomEvent(e => { if (e.log) { console.log('slow'); ft.report({through: true}) } })";
    host.open("slow", slow);
    host.send("slow", json!({"log": true}));
    inside.recv_timeout(PATIENCE).unwrap();
    host.open("quick", &format!("{WORK} console.log('quick'); run()"));
    assert_eq!(told(&host, "quick")[0][0], "success");
    assert!(host.nothing_reported());
    drop(go);
    assert_eq!(host.reported()["through"], true);
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn h_c27_every_profile_unwinds() {
    const { assert!(cfg!(panic = "unwind")) };
    let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let release = manifest.split("\n[profile.release]\n").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(release.lines().any(|line| line.trim() == r#"panic = "unwind""#), "{release}");
    assert!(!manifest.contains("\"abort\""), "no profile may abort");
}

#[test]
fn h_c28_a_lock_is_taken_only_through_the_one_door_that_forgives_poison() {
    let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    for lint in ["unwrap_used", "expect_used"] {
        let line = manifest.lines().find(|line| line.starts_with(lint)).unwrap();
        assert!(line.contains("\"deny\""), "{line}");
    }
    let mut files = Vec::new();
    for folder in ["src", "crates/core/src"] {
        rust_files(&workspace().join(folder), &mut files);
    }
    let mut doors = 0;
    // Unit tests may unwrap.
    files.retain(|file| !file.components().any(|part| part.as_os_str() == "tests"));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (at, call) in [".lock()", ".read()", ".write()"].iter().flat_map(|call| code.match_indices(call)) {
            // The host's declarations are read, and standard error is locked, without poison.
            if code[..at].ends_with("custom") || code[..at].ends_with("stderr()") {
                continue;
            }
            let then = code[at + call.len()..].trim_start().replace("std::sync::", "");
            let forgives = then.starts_with(".unwrap_or_else(PoisonError::into_inner)");
            assert!(forgives, "{}: a poisoned lock stays poisoned", file.display());
            doors += usize::from(file.starts_with(workspace().join("crates/core")));
        }
    }
    assert_eq!(doors, 4, "the core takes its locks in lock.rs and in bridge/sync.rs alone");
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}
