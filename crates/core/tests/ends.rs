//! Ends of applets: at every bad moment, half-way through a start, all at once; each told once, with nothing left
//! behind.
#![expect(clippy::panic, reason = "what does not end well fails the test")]

mod support;

use finapp_core::bridge::{ApiOptions, HostCall};
use finapp_core::{
    AppletRequest, AppletState, CloseReason, Config, ErrorCode, FinAppClient, LifeCycleEvent, Limits, Platform,
};
use serde_json::json;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use support::alone::{alone, threads, until};
use support::work::Gate;
use support::{Folder, Host, PATIENCE, busy};

/// Why the applet closed, after making sure that this is told once.
fn closes_once(host: &Host, app_id: &str) -> CloseReason {
    let reason = host.closed(app_id);
    host.open("marker", "").close();
    host.event(|event| match event {
        LifeCycleEvent::Closed { app_id: closed, .. } if closed == "marker" => Some(()),
        LifeCycleEvent::Closed { app_id: closed, .. } => panic!("{closed} closed twice"),
        _ => None,
    });
    reason
}

#[test]
fn h_d6_an_applet_closes_at_every_bad_moment_and_says_so_once() {
    let moments = [
        ("an endless loop", "ft.onCustomEvent(() => { ft.report({}); for (;;); })"),
        (
            "a loop that catches",
            "ft.onCustomEvent(() => { ft.report({}); for (;;) try { for (;;); } finally { continue } })",
        ),
        ("promise jobs", "ft.onCustomEvent(async () => { ft.report({}); for (;;) await 0 })"),
        ("a waiting handler", "ft.onCustomEvent(() => { ft.held(); ft.report({}) })"),
        ("a parked thread", "ft.onCustomEvent(() => { ft.report({}); ft.heldSync(); for (;;); })"),
        ("its own callback", "ft.onCustomEvent(() => ft.answered({success() { ft.report({}); ft.close({}) }}))"),
    ];
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
    busy::serve(&host.client).unwrap();
    let _held = host.hold("heldSync", ApiOptions { sync: true, ..ApiOptions::default() });
    let client = host.client.clone();
    host.client
        .register_custom_api("close", move |call: HostCall| {
            client.close_applet(call.info.caller.applet().as_str()).unwrap();
        })
        .unwrap();
    let declare =
        "ft.loadExtApi([{name: 'held'}, {name: 'answered'}, {name: 'heldSync', sync: true}, {name: 'close'}]);";
    for (moment, script) in moments {
        let applet = host.open("demo", &format!("{declare} {script}"));
        host.send("demo", json!({}));
        host.reported();
        applet.close();
        assert_eq!(closes_once(&host, "demo"), CloseReason::Host, "{moment}");
        assert_eq!(applet.calls_in_flight(), 0, "{moment}");
        assert!(host.client.applet("demo").is_none(), "{moment}");
    }
}

#[test]
fn h_d6_an_applet_closes_while_it_is_still_opening() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
    let gate = Gate::new(&host);
    let folder = Folder::new();
    folder.file("app.js", "ft.loadExtApi([{name: 'gate', sync: true}, {name: 'report'}]); ft.gate(); ft.report({})");
    let (sender, started) = channel();
    host.client.start_applet(AppletRequest::local("demo", folder.path()), move |outcome| {
        sender.send(outcome.map(drop)).unwrap();
    });
    gate.wait_until_entered();
    host.client.close_applet("demo").unwrap();
    assert_eq!(host.client.running_applets()[0].state, AppletState::Closing);
    let _entered = gate.open();
    assert_eq!(started.recv_timeout(PATIENCE).unwrap().unwrap_err().code(), ErrorCode::Closed);
    assert_eq!(closes_once(&host, "demo"), CloseReason::Host);
}

#[test]
fn h_d6_a_close_during_a_native_loop_gives_the_applet_up_in_time() {
    let host = Host::with_limits(|limits| {
        limits.turn_foreground_ms = 500;
        limits.watchdog_grace_ms = 150;
    });
    // Some seconds of native code that never asks whether it shall stop.
    let native = "'a'.repeat(1 << 16).indexOf('a'.repeat(1 << 15) + 'b')";
    let script = format!("ft.onCustomEvent(() => {{ ft.report({{}}); {native} }})");
    // A close that comes before the native code has begun interrupts the script, so there may be need to try again.
    let reason = std::iter::repeat_with(|| {
        let applet = host.open("demo", &script);
        host.send("demo", json!({}));
        host.reported();
        host.open("meanwhile", "");
        host.client.close_applet("meanwhile").unwrap();
        host.closed("meanwhile");
        applet.close();
        closes_once(&host, "demo")
    })
    .take(20)
    .find(|reason| *reason != CloseReason::Host);
    let error = reason.and_then(|reason| reason.error().cloned());
    assert_eq!(error.map(|error| error.code()), Some(ErrorCode::Unresponsive));
    assert_eq!(host.client.quarantined_threads(), 1);
    host.open("demo", "ft.report({again: true})");
    assert_eq!(host.reported()["again"], true);
    until("the thread is taken back when its native code returns", || host.client.quarantined_threads() == 0);
}

#[test]
fn h_d7_a_shutdown_ends_every_call_once_and_every_thread() {
    alone("h_d7_a_shutdown_ends_every_call_once_and_every_thread", || {
        let before = threads();
        let limits = Limits { calls_in_flight: 1_000, ..Limits::default() };
        let client = FinAppClient::init(Config { limits, ..Config::default() }, Platform::default()).unwrap();
        let (sender, calls) = channel();
        let sender = Mutex::new(sender);
        client.register_custom_api("work", move |call: HostCall| sender.lock().unwrap().send(call).unwrap()).unwrap();
        let folder = Folder::new();
        folder.file(
            "app.js",
            "ft.loadExtApi([{name: 'work'}]); for (let at = 0; at < 250; at++) ft.work({complete() {}})",
        );
        for at in 0..4 {
            client.start_applet_and_wait(AppletRequest::local(format!("applet{at}"), folder.path())).unwrap();
        }
        let held: Vec<HostCall> = (0..1_000).map(|_| calls.recv_timeout(PATIENCE).unwrap()).collect();
        let (sender, ends) = channel();
        for (at, call) in held.iter().enumerate() {
            let sender = sender.clone();
            call.reply.on_cancel(move |reason| sender.send((at, reason.code())).unwrap());
        }
        client.shutdown();
        let mut ended: Vec<(usize, ErrorCode)> = ends.try_iter().collect();
        ended.sort_by_key(|(at, _)| *at);
        assert_eq!(ended, (0..1_000).map(|at| (at, ErrorCode::Closed)).collect::<Vec<_>>());
        assert!(held.iter().all(|call| !call.reply.success_text("{}".to_owned())));
        client.wait_until_closed(PATIENCE).unwrap();
        assert_eq!(ends.try_iter().count(), 0, "each was told once");
        until("all threads have ended", || threads() == before);
    });
}

#[test]
fn h_d8_an_open_that_fails_half_way_names_file_and_line_and_leaves_nothing() {
    type Files = &'static [(&'static str, &'static str)];
    let packages: [(&str, Files, ErrorCode, &str); 10] = [
        ("no entry", &[("app.json", "{}")], ErrorCode::BadPackage, "app.js: expected a regular file"),
        ("bad syntax", &[("app.js", "let a = 1\nlet b = = 2")], ErrorCode::BadPackage, "app.js:2"),
        ("top-level throw", &[("app.js", "\n\nthrow new Error('on purpose')")], ErrorCode::BadPackage, "app.js:3"),
        (
            "throw in a module",
            &[("app.js", "require('./lib/part')"), ("lib/part.js", "\nnull.x")],
            ErrorCode::BadPackage,
            "lib/part.js:2",
        ),
        ("missing module", &[("app.js", "\nrequire('./gone')")], ErrorCode::BadPackage, "app.js:2"),
        (
            "bad app.json",
            &[("app.js", ""), ("app.json", "{\n  \"pages\": [}")],
            ErrorCode::BadPackage,
            "app.json: line 2",
        ),
        (
            "wrong app.json",
            &[("app.js", ""), ("app.json", "{\"pages\": 1}")],
            ErrorCode::BadPackage,
            "app.json: pages: ",
        ),
        (
            "bad conf",
            &[("app.js", ""), ("FinClipConf.js", "module.exports = {")],
            ErrorCode::BadPackage,
            "FinClipConf.js:",
        ),
        (
            "out of memory",
            &[("app.js", "const a = []; for (;;) a.push(new Array(1000))")],
            ErrorCode::Memory,
            "app.js: ",
        ),
        ("endless", &[("app.js", "for (;;);")], ErrorCode::Timeout, "app.js: "),
    ];
    for (what, files, expected, place) in packages {
        let host = small_host(expected == ErrorCode::Timeout);
        let folder = Folder::new();
        for (name, text) in files {
            folder.file(name, text);
        }
        let path = folder.path().display().to_string();
        let error = host.open_folder("demo", folder).unwrap_err();
        assert_eq!(error.code(), expected, "{what}: {error}");
        assert!(error.message().contains(place), "{what}: {error}");
        assert!(!error.message().contains(&path) && !error.message().contains(".rs"), "{what}: {error}");
        assert_eq!(closes_once(&host, "demo"), CloseReason::Failed(error), "{what}");
        assert!(host.client.applet("demo").is_none(), "{what}");
        host.open("demo", "ft.report({fine: true})");
        assert_eq!(host.reported()["fine"], true, "{what}");
    }
}

/// A host whose applets soon run out of memory and, if `soon`, of time: a busy machine must not end what has time.
fn small_host(soon: bool) -> Host {
    Host::with_limits(|limits| {
        limits.memory = 4 << 20;
        limits.turn_foreground_ms = if soon { 100 } else { 60_000 };
    })
}

// A handle that outlives its runtime trips an assertion of the engine, which aborts the process; shipped builds leave
// the assertion out.
#[cfg(not(feature = "ship"))]
#[test]
fn h_d9_every_handle_dies_before_its_runtime_however_the_applet_ends() {
    alone("h_d9_every_handle_dies_before_its_runtime_however_the_applet_ends", || {
        let ends = [
            ("", None),
            ("for (;;);", Some(ErrorCode::Timeout)),
            ("const a = []; for (;;) a.push(new Array(1000));", Some(ErrorCode::Memory)),
            ("(function deep() { deep() })()", None),
            ("ft.held({get x() { for (;;); }})", Some(ErrorCode::Timeout)),
            ("Promise.reject(new Error('late'))", None),
        ];
        for (end, expected) in ends {
            for at_start in ["", end] {
                let host = small_host(expected == Some(ErrorCode::Timeout));
                busy::serve(&host.client).unwrap();
                let folder = Folder::new();
                busy::write(folder.path(), &format!("ft.onCustomEvent(() => {{ {end} }}); {at_start}")).unwrap();
                let opened = host.open_folder("demo", folder);
                if let Ok(applet) = &opened {
                    host.send("demo", json!({"name": "named"}));
                    if expected.is_none() {
                        until("the event is served", || applet.counters().events > 0);
                        applet.close();
                    }
                }
                let reason = host.closed("demo");
                if opened.is_ok() {
                    assert_eq!(reason.error().map(finapp_core::Error::code), expected, "{end}");
                }
                // The last one ends by a shutdown.
                let last = Folder::new();
                busy::write(last.path(), "").unwrap();
                host.client.start_applet_and_wait(AppletRequest::local("last", last.path())).unwrap();
                host.client.shutdown();
                host.client.wait_until_closed(PATIENCE).unwrap();
            }
        }
    });
}

#[test]
fn dropping_the_last_handle_closes_the_applets() {
    let folder = Folder::new();
    folder.file("app.js", "");
    let client = FinAppClient::init(Config::default(), Platform::default()).unwrap();
    let applet = client.start_applet_and_wait(AppletRequest::local("demo", folder.path())).unwrap();
    let (gone, heard) = channel::<()>();
    let held = Mutex::new(gone);
    // The handler lives as long as the client's registry: its end is the end of the client.
    client.register_custom_api("keeps", move |_: HostCall| held.clear_poison()).unwrap();
    drop(applet);
    drop(client);
    assert_eq!(heard.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
}
