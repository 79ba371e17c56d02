//! What a device does to an app: its clock jumps, it sleeps, it freezes and kills what is in the background, and it runs
//! out of memory.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "what a test needs and does not get fails the test"
)]

mod support;

use finapp_core::bridge::{ApiOptions, HostCall, Payload};
use finapp_core::{AppletState, CloseReason, Config, LifeCycleEvent, MemoryLevel};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::alone::{alone, this_program, until};
use support::{Folder, Host, StoppedClock, next};

#[test]
fn h_c19_after_a_long_sleep_each_timer_fires_once_and_none_catches_up() {
    let clock = Arc::new(StoppedClock::default());
    let host = Host::with_clock(Config::default(), clock.clone());
    host.open(
        "demo",
        "const fired = [];
         setInterval(() => fired.push('every second'), 1000);
         for (const at of [5000, 1000, 599999]) setTimeout(() => fired.push(at), at);
         setTimeout(() => fired.push('later'), 600001);
         ft.onCustomEvent(() => ft.report({fired}))",
    );
    host.send("demo", json!({}));
    assert_eq!(host.reported()["fired"], json!([]));
    clock.advance(600_000);
    // The first event wakes the thread, which sleeps by the real clock; what is due runs behind it.
    host.send("demo", json!({}));
    host.reported();
    host.send("demo", json!({}));
    assert_eq!(host.reported()["fired"], json!(["every second", 1000, 5000, 599_999]));
    clock.advance(999);
    host.send("demo", json!({}));
    host.reported();
    host.send("demo", json!({}));
    assert_eq!(host.reported()["fired"], json!(["every second", 1000, 5000, 599_999, "later"]));
}

// What stands in the way of the system's clock is made for this machine's C library.
#[cfg(target_env = "gnu")]
#[test]
fn h_c19_a_wall_clock_that_jumps_by_a_day_hurries_nothing_and_stops_nothing() {
    let folder = Folder::new();
    let library = folder.path().join("jumping_clock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jumping_clock.c");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status().unwrap();
    assert!(made.success());
    let name = "h_c19_a_wall_clock_that_jumps_by_a_day_hurries_nothing_and_stops_nothing";
    support::alone::alone_with(name, &[("LD_PRELOAD", library.to_str().unwrap())], || {
        let host = Host::new();
        let patient = host.hold("patient", with_timeout(Duration::from_secs(3_600)));
        let _hurried = host.hold("hurried", with_timeout(Duration::from_millis(100)));
        host.open(
            "demo",
            "ft.loadExtApi([{name: 'patient'}, {name: 'hurried'}]);
             const ends = [], walls = [Date.now()];
             ft.patient({complete: r => { ends.push(r.errMsg); ft.report({ends}) }});
             ft.hurried({complete: r => ends.push(r.errMsg)});
             let ticks = 0, far = 0;
             setTimeout(() => far++, 3600000);
             const ticking = setInterval(() => {
                 walls.push(Date.now());
                 if (++ticks < 100 || ends.length === 0) return;
                 clearInterval(ticking);
                 ft.report({spread: Math.max(...walls) - Math.min(...walls), far, ends});
             }, 5);",
        );
        let said = host.reported();
        assert!(said["spread"].as_u64().unwrap() > 86_400_000, "the clock did jump: {said}");
        // What has an hour did not lose it to a day, and what had a tenth of a second got an end all the same.
        assert_eq!((&said["far"], &said["ends"]), (&json!(0), &json!(["hurried:fail timeout"])));
        next(&patient).reply.success(Payload::none());
        assert_eq!(host.reported()["ends"], json!(["hurried:fail timeout", "patient:ok"]));
    });
}

fn with_timeout(timeout: Duration) -> ApiOptions {
    ApiOptions { timeout: Some(timeout), ..ApiOptions::default() }
}

/// Set in a child to the folder of its data.
const CHILD: &str = "FINAPP_TEST_FROZEN";

/// An app that goes to the background, and says so. It has stored and reported, and waits for a call.
fn app_in_background(folder: &str) {
    let host = Host::with(Config { data_dir: Some(folder.into()), ..Config::default() });
    let tell = |call: HostCall| {
        let mut out = std::io::stdout().lock();
        // Nobody reads any more: the end is near.
        drop(writeln!(out, "told {}", call.params.text()).and_then(|()| out.flush()));
        call.reply.success(Payload::none());
    };
    host.client.register_custom_api("tell", tell).unwrap();
    let _held = host.hold("pay", with_timeout(Duration::from_millis(300)));
    let applet = host.open(
        "demo",
        "ft.loadExtApi([{name: 'tell'}, {name: 'pay'}]);
         let ends = 0, hidden = false;
         ft.onAppHide(() => {
             hidden = true;
             wx.setStorageSync('key', 'kept');
             ft.reportEvent('hidden');
             ft.pay({complete: r => ft.tell({ends: ++ends, text: r.errMsg})});
             ft.tell({hidden: true});
         });
         ft.onAppShow(() => { if (hidden) ft.tell({shown: true, ends}) });
         ft.onCustomEvent(e => {
             if (e.n === 'busy') {
                 ft.tell({busy: true});
                 for (const began = Date.now(); Date.now() - began < 300;);
                 for (let at = 0; at < 1e6; at++);
             }
             ft.tell({event: e.n, ends});
         })",
    );
    applet.set_visible(false);
    // What the parent writes is an event; the end of it is the end of this process.
    for line in std::io::stdin().lock().lines() {
        match line.unwrap().as_str() {
            "show" => applet.set_visible(true),
            text => host.send("demo", json!({"n": text})),
        }
    }
}

fn child_in_background(test: &str, folder: &Folder) -> (Child, impl Iterator<Item = serde_json::Value>) {
    let mut child = this_program()
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (teller, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines {
            if let Some((_, text)) = line.unwrap().split_once("told ") {
                teller.send(serde_json::from_str(text).unwrap()).ok();
            }
        }
    });
    // A child that says nothing more, and does not end, is a failure and no reason to wait for ever.
    let told = std::iter::from_fn(move || match told.recv_timeout(Duration::from_secs(60)) {
        Err(RecvTimeoutError::Timeout) => panic!("the child says nothing"),
        said => said.ok(),
    });
    (child, told)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn h_c20_a_frozen_app_goes_on_where_it_was_and_a_call_past_its_time_ends_once() {
    if let Ok(folder) = std::env::var(CHILD) {
        return app_in_background(&folder);
    }
    let folder = Folder::new();
    let name = "h_c20_a_frozen_app_goes_on_where_it_was_and_a_call_past_its_time_ends_once";
    let (mut child, mut told) = child_in_background(name, &folder);
    assert_eq!(told.next().unwrap(), json!({"hidden": true}));
    signal(&child, "-STOP");
    let stat = format!("/proc/{}/stat", child.id());
    until("the app is frozen", || std::fs::read_to_string(&stat).unwrap().contains(") T "));
    // Longer than the call's limit: time goes on while the process does not.
    std::thread::sleep(Duration::from_millis(600));
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "after the freeze").unwrap();
    signal(&child, "-CONT");
    // The end of the call and the event come in either order; nothing comes twice.
    let mut both = [told.next().unwrap(), told.next().unwrap()];
    both.sort_by_key(|said| said.get("event").is_some());
    assert_eq!(both[0], json!({"ends": 1, "text": "pay:fail timeout"}));
    assert_eq!(both[1]["event"], "after the freeze");
    writeln!(input, "show").unwrap();
    assert_eq!(told.next().unwrap(), json!({"shown": true, "ends": 1}));
    drop(input);
    assert!(child.wait().unwrap().success());
    assert_eq!(told.next(), None);
}

#[test]
fn h_c20_a_turn_in_which_the_app_was_frozen_is_not_a_turn_that_took_too_long() {
    if let Ok(folder) = std::env::var(CHILD) {
        return app_in_background(&folder);
    }
    let folder = Folder::new();
    let name = "h_c20_a_turn_in_which_the_app_was_frozen_is_not_a_turn_that_took_too_long";
    let (mut child, mut told) = child_in_background(name, &folder);
    let mut input = child.stdin.take().unwrap();
    let mut until_told = |wanted: serde_json::Value| {
        assert!(told.by_ref().any(|said| said == wanted), "{wanted} comes");
    };
    until_told(json!({"ends": 1, "text": "pay:fail timeout"}));
    writeln!(input, "show\nbusy").unwrap();
    until_told(json!({"busy": true}));
    signal(&child, "-STOP");
    // Longer than the turn may take, and than the watchdog waits beyond that.
    std::thread::sleep(Duration::from_millis(2_500));
    signal(&child, "-CONT");
    until_told(json!({"event": "busy", "ends": 1}));
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn h_c20_what_was_stored_and_reported_is_there_when_the_app_is_killed_in_the_background() {
    if let Ok(folder) = std::env::var(CHILD) {
        return app_in_background(&folder);
    }
    let folder = Folder::new();
    let name = "h_c20_what_was_stored_and_reported_is_there_when_the_app_is_killed_in_the_background";
    let (mut child, mut told) = child_in_background(name, &folder);
    assert_eq!(told.next().unwrap(), json!({"hidden": true}));
    signal(&child, "-STOP");
    child.kill().unwrap();
    child.wait().unwrap();
    let collector = support::collector::Collector::start(|_, _| support::collector::TAKEN);
    let mut config = Config { data_dir: Some(folder.path().to_owned()), ..Config::default() };
    (config.report.endpoint, config.report.interval_ms) = (Some(collector.address()), 1);
    let host = Host::with(config);
    assert_eq!(host.run("ft.report({key: wx.getStorageSync('key')})"), json!({"key": "kept"}));
    until("the event is sent", || host.client.report_counters().sent == 1);
    let body: serde_json::Value = serde_json::from_slice(&collector.requests()[0].body).unwrap();
    assert_eq!(body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["eventName"], "hidden");
}

/// What this process has for itself alone, in KiB.
fn private_kib() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with("Private_Dirty:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn h_c21_every_memory_level_collects_garbage() {
    alone("h_c21_every_memory_level_collects_garbage", || {
        for level in [MemoryLevel::Moderate, MemoryLevel::Low, MemoryLevel::Critical] {
            let host = Host::new();
            host.open(
                "demo",
                // So large that the allocator gives it back to the system at once.
                "let held = {buffer: new Uint8Array(33 * 1024 * 1024).fill(1)};
                 held.self = held;
                 ft.onCustomEvent(() => { held = undefined; ft.report({}) });
                 ft.report({})",
            );
            host.reported();
            host.send("demo", json!({}));
            host.reported();
            let before = private_kib();
            assert!(before > 32 * 1024, "garbage that nobody asked for stays: {before} KiB");
            host.client.set_memory_level(level);
            until("the garbage is gone", || private_kib() + 32 * 1024 < before);
        }
    });
}

#[test]
fn h_c21_a_low_level_drops_what_is_kept_to_be_quick_and_nothing_else() {
    let folder = Folder::new();
    let host = Host::with(Config { data_dir: Some(folder.path().to_owned()), ..Config::default() });
    host.open(
        "demo",
        "wx.setStorageSync('key', 1); ft.reportEvent('before');
         ft.onCustomEvent(() => {
             const found = wx.getStorageSync('key');
             wx.setStorageSync('key', found + 1);
             ft.report({found, said: ft.reportEvent('after').errMsg});
         })",
    );
    for found in 1..=3 {
        host.client.set_memory_level(MemoryLevel::Low);
        host.send("demo", json!({}));
        assert_eq!(host.reported(), json!({"found": found, "said": "reportEvent:ok"}));
    }
    assert_eq!(host.client.report_counters().stored, 4);
}

#[test]
fn h_c21_a_critical_level_closes_what_is_in_the_background_oldest_first_and_says_why() {
    let host = Host::new();
    let calls = host.hold("wait", ApiOptions::default());
    let order = Arc::<Mutex<Vec<String>>>::default();
    let mut held = Vec::new();
    for app_id in ["seen", "first", "second", "third"] {
        host.open(app_id, "ft.loadExtApi([{name: 'wait'}]); ft.wait({})");
        let call = next(&calls);
        let order = order.clone();
        // The handler of an open call hears of the close while it is being asked for.
        call.reply.on_cancel(move |_| order.lock().unwrap().push(app_id.to_owned()));
        held.push(call);
    }
    for app_id in ["second", "first", "third"] {
        host.client.set_background(app_id).unwrap();
        host.event(|event| matches!(event, LifeCycleEvent::Background { .. }).then_some(()));
    }
    for level in [MemoryLevel::Moderate, MemoryLevel::Low] {
        host.client.set_memory_level(level);
        assert_eq!(host.client.running_applets().len(), 4);
    }
    host.client.set_memory_level(MemoryLevel::Critical);
    assert_eq!(*order.lock().unwrap(), ["second", "first", "third"]);
    for _ in 0..3 {
        let reason = host.event(|event| match event {
            LifeCycleEvent::Closed { reason, .. } => Some(reason.clone()),
            _ => None,
        });
        assert_eq!(reason, CloseReason::Memory);
    }
    drop(held);
    let left = host.client.running_applets();
    assert_eq!((left.len(), left[0].app_id.as_str(), left[0].state), (1, "seen", AppletState::Foreground));
}
