//! The life of applets: how many there may be, what a second open or a close at a bad moment does, and that an end
//! leaves nothing behind.

mod support;

use finapp_core::bridge::{ApiOptions, CallInfo, HostCall};
use finapp_core::{
    AppletRequest, AppletState, CloseReason, Config, ErrorCode, FinAppClient, LifeCycleEvent, Limits, Platform, Result,
};
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use support::alone::{alone, descriptors, threads, until};
use support::work::{Gate, WORK, code, told};
use support::{Folder, Host, PATIENCE, payload};

/// Holds every kind of thing an applet can hold: calls answered and not, a Promise, timers, listeners, modules, an
/// App, a rejection, a cycle of garbage.
const BUSY: &str = "
    ft.loadExtApi([{name: 'answered'}, {name: 'held'}]);
    const other = require('./other');
    App({onShow() { this.other = other }, onError() {}});
    for (let at = 0; at < 5; at++) {
        ft.answered({at, success() { ft.held({at}) }, complete() {}});
        ft.held({at, progress() {}}).catch(() => {});
        ft.nobody && ft.nobody();
    }
    setInterval(() => { other.ticks++ }, 4);
    setTimeout(other.listen, 1_000_000, {an: 'argument'});
    ft.onCustomEvent(other.listen);
    wx.addCustomEventListener('named', e => other.listen(e));
    wx.onError(other.listen);
    wx.onUnhandledRejection(other.listen);
    Promise.reject(new Error('nobody handles this'));
    new Promise(() => {}).then(other.listen);
    const cycle = {listen: other.listen}; cycle.cycle = cycle;
    wx.invokeNativePlugin({api_name: 'nobody', fail: other.listen});";

fn busy() -> Folder {
    let folder = Folder::new();
    folder.file("app.js", BUSY).file("other.js", "exports.ticks = 0; exports.listen = x => { exports.seen = x }");
    folder
}

/// Answers what `BUSY` calls; `held` is never answered, and its calls are let go of when they are cancelled.
fn serve_busy(client: &FinAppClient) {
    client.register_custom_api("answered", |call: HostCall| assert!(call.reply.success_text("{}".into()))).unwrap();
    client
        .register_custom_api("held", |call: HostCall| {
            let held = Arc::new(Mutex::new(Some(call)));
            let own = held.clone();
            let guard = held.lock().unwrap();
            guard.as_ref().unwrap().reply.on_cancel(move |_| drop(own.lock().unwrap().take()));
        })
        .unwrap();
}

#[test]
fn h_d1_opening_and_closing_leaves_no_thread_and_no_descriptor() {
    alone("h_d1_opening_and_closing_leaves_no_thread_and_no_descriptor", || {
        let host = Host::new();
        serve_busy(&host.client);
        let package = busy();
        let mut at_start = (0, 0);
        for cycle in 0..320 {
            // Two ids in turn, and now and then one never used before.
            let id = if cycle % 10 == 0 { format!("new{cycle}") } else { format!("id{}", cycle % 2) };
            let applet = host.client.start_applet_and_wait(AppletRequest::local(&id, package.path())).unwrap();
            applet.send_custom_event(payload(json!({"name": "named"}))).unwrap();
            applet.close();
            assert_eq!(host.closed(&id), CloseReason::Host);
            if cycle == 20 {
                until("warm", || threads() <= 4);
                at_start = (threads(), descriptors());
            }
        }
        until("all threads have ended", || threads() == at_start.0);
        assert_eq!(descriptors(), at_start.1);
    });
}

#[test]
fn h_d2_one_applet_more_than_allowed_is_refused() {
    let host = Host::new();
    for at in 0..16 {
        host.open(&format!("applet{at}"), "");
    }
    let refused = host.try_open("applet16", "").unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Limit);
    assert_eq!(host.client.running_applets().len(), 16, "nobody had to go");
    host.client.close_applet("applet3").unwrap();
    host.closed("applet3");
    host.open("applet16", "");
}

#[test]
fn h_d2_the_one_that_went_to_the_background_first_gives_way_if_so_configured() {
    let limits = Limits { live_applets: 3, ..Limits::default() };
    let host = Host::with(Config { limits, evict_background: true, ..Config::default() });
    for id in ["a", "b", "c"] {
        host.open(id, "");
    }
    assert_eq!(host.try_open("d", "").unwrap_err().code(), ErrorCode::Limit, "all of them are seen");
    for id in ["c", "a", "b"] {
        host.client.set_background(id).unwrap();
        host.event(|event| matches!(event, LifeCycleEvent::Background { app_id } if app_id == id).then_some(()));
    }
    host.client.set_foreground("c").unwrap();
    host.event(|event| matches!(event, LifeCycleEvent::Foreground { .. }).then_some(()));
    host.open("d", "");
    assert_eq!(host.closed("a"), CloseReason::Memory);
    host.open("e", "");
    assert_eq!(host.closed("b"), CloseReason::Memory);
    let mut running: Vec<String> = host.client.running_applets().into_iter().map(|applet| applet.app_id).collect();
    running.sort();
    assert_eq!(running, ["c", "d", "e"]);
}

#[test]
fn h_d4_one_id_has_one_live_run_however_often_it_is_opened() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("app.js", "ft.loadExtApi([{name: 'report'}]); ft.report({ran: true})");
    let barrier = Barrier::new(8);
    let generations: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let request = AppletRequest::local("demo", folder.path());
                    host.client.start_applet_and_wait(request).unwrap().generation()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(generations.iter().all(|generation| *generation == generations[0]), "{generations:?}");
    assert_eq!(host.reported()["ran"], true);
    assert!(host.nothing_reported(), "its script ran once");
}

#[test]
fn h_d5_nothing_meant_for_the_last_run_reaches_the_next() {
    let host = Host::new();
    let runs = AtomicU32::new(0);
    host.client
        .register_sync_api("which", move |_: &CallInfo, (): ()| -> Result<u32> {
            Ok(runs.fetch_add(1, Ordering::Relaxed) + 1)
        })
        .unwrap();
    let calls = host.hold("work", ApiOptions::default());
    let script = format!(
        "{WORK} ft.loadExtApi([{{name: 'which', sync: true}}]);
         const which = ft.which().data;
         const interval = setInterval(() => ft.report({{which}}), 4);
         ft.onCustomEvent(e => {{ if (e.stop) clearInterval(interval); else seen.push(['event', e]) }});
         run()"
    );
    let first = host.open("demo", &script);
    let old = calls.recv_timeout(PATIENCE).unwrap();
    assert_eq!(host.reported()["which"], 1, "its timer runs");
    first.close();
    // At once, while the first may still be closing.
    let second = host.open("demo", &script);
    assert_ne!(first.generation(), second.generation());
    let new = calls.recv_timeout(PATIENCE).unwrap();

    assert!(!old.reply.success(payload(json!({"from": "the old reply"}))));
    assert!(!old.reply.progress(payload(json!({"from": "the old reply"}))));
    let refused = first.send_custom_event(payload(json!({"from": "the old handle"}))).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Closed);
    first.close();
    first.set_visible(false);
    assert_eq!(second.state(), AppletState::Foreground);

    host.send("demo", json!({"stop": true}));
    assert!(new.reply.success(payload(json!({"from": "the new reply"}))));
    host.send("demo", json!({"from": "the host"}));
    host.send("demo", json!({"name": "tell"}));
    let seen = loop {
        let mut said = host.reported();
        if said["which"].is_null() {
            break said["seen"].take();
        }
        // What the first run said before it was closed may still come first.
        assert!(said["which"] == 1 || said["which"] == 2);
    };
    let result = json!({"from": "the new reply", "errMsg": "work:ok"});
    assert_eq!(seen, json!([["success", result], ["complete", result], ["event", {"from": "the host"}]]));
    assert_eq!(second.counters().late_answers, 0, "the late answer is the first run's");
    assert_eq!(first.counters().late_answers, 1);
}

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
    serve_busy(&host.client);
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
        limits.turn_foreground_ms = 50;
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
    let packages: [(&str, &[(&str, &str)], ErrorCode, &str); 10] = [
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
    let host = Host::with_limits(|limits| {
        limits.memory = 4 << 20;
        limits.turn_foreground_ms = 300;
    });
    for (what, files, expected, place) in packages {
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
        assert!(host.client.running_applets().is_empty() || host.client.applet("demo").is_none(), "{what}");
    }
    host.open("demo", "ft.report({fine: true})");
    assert_eq!(host.reported()["fine"], true);
}

#[test]
fn h_d9_every_handle_dies_before_its_runtime_however_the_applet_ends() {
    // A handle that outlives its runtime trips an assertion of the engine, which aborts the process.
    assert!(cfg!(not(feature = "ship")), "the assertion is left out of shipped builds");
    alone("h_d9_every_handle_dies_before_its_runtime_however_the_applet_ends", || {
        let ends = [
            ("", CloseReason::Host),
            ("for (;;);", CloseReason::Failed(ErrorCode::Timeout.into())),
            ("const a = []; for (;;) a.push(new Array(1000));", CloseReason::Failed(ErrorCode::Memory.into())),
            ("(function deep() { deep() })()", CloseReason::Host),
            ("ft.held({get x() { for (;;); }})", CloseReason::Failed(ErrorCode::Timeout.into())),
            ("Promise.reject(new Error('late'))", CloseReason::Host),
        ];
        for at_start in [false, true] {
            let host = Host::with_limits(|limits| {
                limits.memory = 4 << 20;
                limits.turn_foreground_ms = 200;
            });
            serve_busy(&host.client);
            for (end, expected) in &ends {
                let folder = busy();
                let last = if at_start { end } else { "" };
                folder.file("app.js", &format!("{BUSY} ft.onCustomEvent(() => {{ {end} }}); {last}"));
                if let Ok(applet) = host.open_folder("demo", folder) {
                    host.send("demo", json!({"name": "named"}));
                    if *expected == CloseReason::Host {
                        until("the event is served", || applet.counters().events > 0);
                        applet.close();
                    }
                }
                let reason = host.closed("demo");
                let code = |reason: &CloseReason| reason.error().map(finapp_core::Error::code);
                if !at_start {
                    assert_eq!(code(&reason), code(expected), "{end}");
                }
            }
            host.client.start_applet_and_wait(AppletRequest::local("last", busy().path())).unwrap();
            host.client.shutdown();
            host.client.wait_until_closed(PATIENCE).unwrap();
        }
    });
}

#[test]
fn a_closed_applet_answers_closed_to_everything_and_stays_closed() {
    let host = Host::new();
    let applet = host.open("demo", &format!("{WORK} run()"));
    assert_eq!(told(&host, "demo")[0][1]["errCode"], code(ErrorCode::NotFound));
    applet.close();
    assert_eq!(host.closed("demo"), CloseReason::Host);
    applet.close();
    applet.set_visible(true);
    assert_eq!(applet.send_custom_event(payload(json!({}))).unwrap_err().code(), ErrorCode::Closed);
    assert_eq!(applet.state(), AppletState::Closing);
    assert_eq!(applet.calls_in_flight(), 0);
    applet.wait_until_closed(PATIENCE).unwrap();
    assert!(host.client.running_applets().is_empty());
    // A registration is kept for the next run, as it would have been before the first.
    applet.register_custom_api("work", |call: HostCall| assert!(call.reply.success_text("{}".into()))).unwrap();
    host.open("demo", &format!("{WORK} run()"));
    assert_eq!(told(&host, "demo")[0][0], "success");
    assert_eq!(applet.state(), AppletState::Closing);
}
