//! The life of applets: how many there may be, what a second open of the same id means, and that nothing of an earlier
//! run is left.

mod support;

use finapp_core::bridge::{ApiOptions, CallInfo, HostCall};
use finapp_core::{AppletRequest, AppletState, CloseReason, Config, ErrorCode, LifeCycleEvent, Limits, Result};
use serde_json::json;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use support::alone::{alone, descriptors, threads, until};
use support::work::{WORK, code, told};
use support::{Folder, Host, PATIENCE, busy, payload};

#[test]
fn h_d1_opening_and_closing_leaves_no_thread_and_no_descriptor() {
    alone("h_d1_opening_and_closing_leaves_no_thread_and_no_descriptor", || {
        let host = Host::new();
        busy::serve(&host.client).unwrap();
        let package = Folder::new();
        busy::write(package.path(), "").unwrap();
        let threads_at_start = threads();
        let mut descriptors_at_start = 0;
        for cycle in 0..320 {
            // Two ids in turn, and now and then one never used before.
            let id = if cycle % 10 == 0 { format!("new{cycle}") } else { format!("id{}", cycle % 2) };
            let applet = host.client.start_applet_and_wait(AppletRequest::local(&id, package.path())).unwrap();
            applet.send_custom_event(payload(json!({"name": "named"}))).unwrap();
            applet.close();
            assert_eq!(host.closed(&id), CloseReason::Host);
            if cycle == 20 {
                descriptors_at_start = descriptors();
            }
        }
        until("all threads have ended", || threads() == threads_at_start);
        assert_eq!(descriptors(), descriptors_at_start);
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
    let late = first.counters().late_answers;

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
    assert_eq!(first.counters().late_answers, late + 1);
}

#[test]
fn h_d5_the_end_of_a_run_is_told_before_the_start_of_the_next() {
    let host = Host::new();
    for _ in 0..200 {
        host.open("demo", "").close();
    }
    host.client.wait_until_closed(PATIENCE).unwrap();
    host.open("marker", "");
    let next = || host.event(|event| Some((event.app_id().to_owned(), event.name())));
    let told: Vec<_> = std::iter::repeat_with(next).take_while(|(id, _)| id == "demo").map(|(_, name)| name).collect();
    assert!(told.chunks(2).all(|pair| pair == ["opened", "closed"]), "{told:?}");
    assert_eq!(told.len(), 400);
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
