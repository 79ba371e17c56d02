//! Hosts that send too much, too early or too late, and hosts that go on while an applet is stuck.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "hosts have threads of their own")]

mod support;

use finapp_core::bridge::{ApiOptions, Handler, HostCall};
use finapp_core::{AppletRequest, ErrorCode, MemoryLevel, Result};
use serde_json::json;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use support::alone::alone;
use support::work::{Gate, numbers};
use support::{Folder, Host, PATIENCE, payload};

#[test]
fn h_c10_an_event_storm_never_blocks_its_sender_and_keeps_the_newest_in_order() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
    // The applet is slow: it does not come back from this call before the storm is over.
    let gate = Gate::new(&host);
    let applet = host.open(
        "demo",
        "ft.loadExtApi([{name: 'gate', sync: true}]);
         const got = [];
         ft.onCustomEvent(e => { if (e.wait) ft.gate(); else got.push(e.n); if (e.n === 99999) ft.report({got}) });",
    );
    host.send("demo", json!({"wait": true}));
    gate.wait_until_entered();
    for n in 0..100_000 {
        host.send("demo", json!({"n": n}));
    }
    assert_eq!(applet.counters().events_dropped, 99_000);
    let _entered = gate.open();
    assert_eq!(numbers(&host.reported()["got"]), (99_000..100_000).collect::<Vec<_>>());
    assert_eq!(applet.counters().events, 1_001);
}

#[test]
fn h_c11_events_before_ready_wait_and_events_to_nobody_are_refused() {
    let host = Host::with_limits(|limits| {
        limits.turn_foreground_ms = 60_000;
        limits.events_queued = 10;
    });
    assert_eq!(send_error(&host, "demo"), ErrorCode::AppletNotFound);
    let gate = Gate::new(&host);
    let folder = Folder::new();
    folder.file(
        "app.js",
        "ft.loadExtApi([{name: 'gate', sync: true}, {name: 'report'}]); ft.gate();
         const got = [];
         ft.onCustomEvent(e => { got.push(e.n); if (e.n === 14) ft.report({got}) });",
    );
    let (sender, started) = channel();
    host.client.start_applet(AppletRequest::local("demo", folder.path()), move |applet| {
        sender.send(applet).ok();
    });
    gate.wait_until_entered();
    for n in 0..15 {
        host.send("demo", json!({"n": n}));
    }
    let _entered = gate.open();
    let applet = started.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(numbers(&host.reported()["got"]), (5..15).collect::<Vec<_>>(), "the newest, up to the cap");
    assert_eq!(applet.counters().events_dropped, 5);

    applet.close();
    let refused = applet.send_custom_event(payload(json!({"n": 1}))).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Closed);
    host.closed("demo");
    assert_eq!(send_error(&host, "demo"), ErrorCode::AppletNotFound);
    assert_eq!(host.client.send_custom_event_to_all(payload(json!({}))).unwrap(), 0);
}

fn send_error(host: &Host, app_id: &str) -> ErrorCode {
    host.client.send_custom_event(app_id, payload(json!({"n": 1}))).unwrap_err().code()
}

#[test]
fn h_c12_wrong_arguments_and_wrong_times_are_typed_errors() {
    let host = Host::new();
    let client = &host.client;
    let nothing = || Handler::Host(Arc::new(drop::<HostCall>));
    let parameter = |what: &str, result: Result<()>| {
        let error = result.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Parameter, "{what}: {error}");
    };
    parameter("name", client.register("not a name", nothing(), ApiOptions::default()));
    parameter("id", client.register_for("../b", "work", nothing(), ApiOptions::default()));
    parameter("name", client.unregister_custom_api("").map(drop));
    parameter("event", client.send_custom_event("demo", payload(json!([1]))));
    parameter("event", client.send_custom_event_to_all(payload(json!("text"))).map(drop));
    parameter("request", host.try_open("", "").map(drop));
    parameter("request", client.start_applet_and_wait(AppletRequest::default()).map(drop));
    for outcome in [client.close_applet("demo"), client.set_foreground("demo"), client.set_background("demo")] {
        assert_eq!(outcome.unwrap_err().code(), ErrorCode::AppletNotFound);
    }
    assert!(client.applet("demo").is_none() && client.counters("demo").is_err());

    let applet = host.open("demo", "");
    client.shutdown();
    client.shutdown();
    client.wait_until_closed(PATIENCE).unwrap();
    assert!(client.is_shut_down());
    let closed = |what: &str, result: Result<()>| {
        assert_eq!(result.map_err(|error| error.code()), Err(ErrorCode::Closed), "{what}");
    };
    closed("register", client.register("work", nothing(), ApiOptions::default()));
    closed("register for", client.register_for("demo", "work", nothing(), ApiOptions::default()));
    closed("register for", applet.register("work", nothing(), ApiOptions::default()));
    closed("start", host.try_open("demo", "").map(drop));
    closed("event", applet.send_custom_event(payload(json!({}))));
    assert!(client.running_applets().is_empty());
}

/// Native code of the engine that never asks whether it shall stop, and that no test outlives.
const ENDLESS: &str = "'a'.repeat(1 << 24).indexOf('a'.repeat(1 << 23) + 'b')";

#[test]
fn h_c18_every_function_of_the_client_returns_while_an_applet_is_stuck() {
    // The thread never comes back, so it needs a process that may end without it.
    alone("h_c18_every_function_of_the_client_returns_while_an_applet_is_stuck", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
        let script = format!(
            "ft.onCustomEvent(e => {{ if (e.stick) {{ ft.report({{at: 1}}); {ENDLESS} }} ft.report({{at: 2}}) }})"
        );
        let applet = host.open("stuck", &script);
        host.send("stuck", json!({"stick": true}));
        assert_eq!(host.reported()["at"], 1);

        let (sender, returned) = channel();
        let client = host.client.clone();
        let other = Folder::new();
        other.file("app.js", "");
        std::thread::spawn(move || {
            let work = || Handler::Host(Arc::new(drop::<HostCall>));
            let request = || AppletRequest::local("stuck", other.path());
            let short = Duration::from_millis(1);
            let steps: &[(&str, &dyn Fn() -> bool)] = &[
                ("register", &|| client.register("work", work(), ApiOptions::default()).is_ok()),
                ("register_for", &|| client.register_for("stuck", "work", work(), ApiOptions::default()).is_ok()),
                ("register on the applet", &|| applet.register("work", work(), ApiOptions::default()).is_ok()),
                ("unregister_custom_api", &|| client.unregister_custom_api("work").unwrap()),
                ("unregister_for", &|| client.unregister_for("stuck", "work").unwrap()),
                ("send_custom_event", &|| client.send_custom_event("stuck", payload(json!({}))).is_ok()),
                ("send_custom_event_to_all", &|| client.send_custom_event_to_all(payload(json!({}))).unwrap() == 1),
                ("send on the applet", &|| applet.send_custom_event(payload(json!({}))).is_ok()),
                ("set_background", &|| client.set_background("stuck").is_ok()),
                ("set_foreground", &|| client.set_foreground("stuck").is_ok()),
                ("set_memory_level", &|| {
                    client.set_memory_level(MemoryLevel::Low);
                    true
                }),
                ("clear_applet_data", &|| client.clear_applet_data("stuck", None).is_err()),
                ("counters", &|| client.counters("stuck").is_ok() && applet.counters().events == 1),
                ("running_applets", &|| client.running_applets().len() == 1 && applet.calls_in_flight() <= 1),
                ("applet", &|| client.applet("stuck").is_some()),
                ("on_life_cycle", &|| {
                    client.on_life_cycle(None);
                    true
                }),
                ("start the same", &|| client.start_applet_and_wait(request()).is_ok()),
                ("start another", &|| {
                    let request = AppletRequest { app_id: "other".to_owned(), ..request() };
                    client.start_applet_and_wait(request).is_ok()
                }),
                ("wait_until_closed on the applet", &|| applet.wait_until_closed(short).is_err()),
                ("close_applet", &|| client.close_applet("stuck").is_ok()),
                ("start while it closes", &|| {
                    client.start_applet(request(), |_| {});
                    true
                }),
                ("close_all_applets", &|| {
                    client.close_all_applets();
                    true
                }),
                ("shutdown", &|| {
                    client.shutdown();
                    true
                }),
                ("wait_until_closed", &|| client.wait_until_closed(short).is_err()),
            ];
            for (name, step) in steps {
                sender.send((*name, step())).unwrap();
            }
        });
        let mut last = "before the first";
        loop {
            match returned.recv_timeout(PATIENCE) {
                Ok((name, well)) => {
                    assert!(well, "{name}");
                    last = name;
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    eprintln!("the function after {last} does not return");
                    std::process::exit(1);
                }
            }
        }
        assert_eq!(last, "wait_until_closed", "it was stuck all the time");
        assert!(host.nothing_reported(), "it was stuck all the time");
        // Waiting for the stuck thread is what the host must not do.
        std::mem::forget(host);
    });
}
