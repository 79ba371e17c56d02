//! Synchronous custom APIs: the value is the return value, a deadline stands instead of a freeze, and nothing the host
//! does meanwhile can lock anybody up.
#![expect(clippy::disallowed_methods, reason = "a host's worker threads are threads of the test's own")]
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::handler::inline;
use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload};
use finapp_core::{AppletRequest, CloseReason, Error, ErrorCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use support::{Folder, Host, PATIENCE, next, payload, sync};

fn register(host: &Host, name: &str, options: ApiOptions, handler: impl Fn(HostCall) + Send + Sync + 'static) {
    host.client.register(name, Handler::Host(Arc::new(handler)), options).unwrap();
}

/// A worker of the host that answers each call of `name` with what `work` gives.
fn worker(host: &Host, name: &str, work: impl Fn(&HostCall) -> Value + Send + 'static) -> thread::JoinHandle<()> {
    let calls = host.hands_over_with(name, sync());
    thread::spawn(move || {
        let call = next(&calls);
        let answer = work(&call);
        call.reply.success(payload(answer));
    })
}

#[test]
fn f_h04_no_answer_in_time_is_a_code_instead_of_a_freeze_and_the_handler_is_told() {
    let host = Host::with_limits(|limits| limits.sync_call_ms = 50);
    let calls = host.hands_over_with("slow", sync());
    let seen = host.run("ft.loadExtApi([{name: 'slow', sync: true}]); ft.report(ft.slow({}))");
    assert_eq!(seen, json!({"errMsg": "slow:fail timeout", "errCode": ErrorCode::Timeout.number()}));
    let late = next(&calls);
    let (told, reasons) = channel();
    late.reply.on_cancel(move |reason| told.send(reason.code()).unwrap());
    assert_eq!(next(&reasons), ErrorCode::Timeout);
    assert!(!late.reply.success(Payload::none()), "an answer after the deadline is ignored");
    let counters = host.client.counters("demo").unwrap();
    assert_eq!((counters.timed_out, counters.late_answers), (1, 1));
}

#[test]
fn f_h04_the_deadline_given_at_registration_counts() {
    let host = Host::new();
    let options = ApiOptions { timeout: Some(Duration::from_millis(20)), ..sync() };
    let calls = host.hands_over_with("slow", options);
    let seen = host.run("ft.loadExtApi([{name: 'slow', sync: true}]); ft.report(ft.slow({}))");
    assert_eq!(seen["errCode"], ErrorCode::Timeout.number());
    drop(next(&calls));
}

#[test]
fn f_h04_the_time_a_turn_may_wait_in_all_bounds_every_call_in_it() {
    let host = Host::with_limits(|limits| (limits.sync_call_ms, limits.parked_per_turn_ms) = (5_000, 50));
    let calls = host.hands_over_with("slow", sync());
    register(&host, "quick", sync(), |call| {
        call.reply.success_text(r#"{"quick":true}"#.to_owned());
    });
    let host_thread = thread::spawn(move || {
        for call in [next(&calls), next(&calls)] {
            // The deadline of the call alone would let this answer through.
            let (told, reasons) = channel();
            call.reply.on_cancel(move |reason| told.send(reason.code()).unwrap());
            if reasons.recv_timeout(Duration::from_secs(4)).is_err() {
                call.reply.success(Payload::none());
            }
        }
    });
    let seen = host.run(
        "ft.loadExtApi([{name: 'slow', sync: true}, {name: 'quick', sync: true}]);
         const codes = [ft.slow(), ft.slow()].map(end => end.errCode ?? end);
         ft.report({codes, quick: ft.quick().quick})",
    );
    let timeout = ErrorCode::Timeout.number();
    assert_eq!(seen, json!({"codes": [timeout, timeout], "quick": true}), "an answer given at once still counts");
    host_thread.join().unwrap();
}

#[test]
fn f_h04_an_asynchronous_api_is_not_waited_for() {
    let host = Host::new();
    let _kept = host.hands_over("pay");
    let seen = host.run(
        "ft.loadExtApi([{name: 'pay', sync: true}]);
         ft.report({ends: [ft.pay({}), wx.invokeNativePlugin({api_name: 'pay', sync: true})]})",
    );
    for (index, prefix) in ["pay", "invokeNativePlugin"].into_iter().enumerate() {
        let end = &seen["ends"][index];
        assert_eq!(end["errCode"], ErrorCode::Unsupported.number());
        let text = format!("{prefix}:fail the api is asynchronous, but was declared or called with sync: true");
        assert_eq!(end["errMsg"], text);
    }
}

#[test]
fn f_h04_a_failure_is_returned_and_not_thrown() {
    let host = Host::new();
    register(&host, "refuse", sync(), |call| {
        call.reply.fail(payload(json!({"errMsg": "not today", "code": 7})));
    });
    register(&host, "cancel", sync(), |call| {
        call.reply.cancel(Payload::none());
    });
    register(&host, "drop", sync(), drop);
    let broken = inline(|_, (): ()| -> Result<(), Error> { Err(Error::new(ErrorCode::Busy, "not now")) });
    host.client.register("broken", broken, sync()).unwrap();
    let seen = host.run(
        "ft.loadExtApi(['refuse', 'cancel', 'drop', 'broken'].map(name => ({name, sync: true})));
         ft.report({ends: [ft.refuse(), ft.cancel(), ft.drop(), ft.broken()]})",
    );
    assert_eq!(
        seen["ends"],
        json!([
            {"errMsg": "refuse:fail not today", "code": 7},
            {"errMsg": "cancel:fail cancel", "errCode": ErrorCode::Cancelled.number()},
            {"errMsg": "drop:fail the handler dropped the call", "errCode": ErrorCode::Handler.number()},
            {"errMsg": "broken:fail not now", "errCode": ErrorCode::Busy.number()},
        ])
    );
}

#[test]
fn f_h04_the_value_is_the_return_value_and_no_callback_runs() {
    let host = Host::new();
    worker(&host, "deviceId", |call| {
        assert!(call.info.sync);
        json!({"data": {"id": "d-9"}})
    });
    let seen = host.run(
        "ft.loadExtApi([{name: 'deviceId', sync: true}]);
         let called = 0; const callback = () => called++;
         const value = ft.deviceId({success: callback, fail: callback, complete: callback});
         setTimeout(() => ft.report({value, called}), 20)",
    );
    assert_eq!(seen, json!({"value": {"data": {"id": "d-9"}, "errMsg": "deviceId:ok"}, "called": 0}));
}

#[test]
fn f_h04_a_rust_function_answers_on_the_spot() {
    let host = Host::new();
    host.client
        .register_sync_api("length", |_, ask: std::collections::HashMap<String, String>| Ok(ask["text"].len()))
        .unwrap();
    let seen = host.run("ft.loadExtApi([{name: 'length', sync: true}]); ft.report(ft.length({text: 'four'}))");
    assert_eq!(seen, json!({"data": 4, "errMsg": "length:ok"}));
}

#[test]
fn f_h04_the_host_may_call_back_in_every_way_while_the_applet_waits() {
    let host = Host::new();
    let client = host.client.clone();
    let other = Folder::new();
    other.file("app.js", "App({})");
    let package = other.path().to_owned();
    let worker = worker(&host, "ask", move |_| {
        client.send_custom_event("demo", payload(json!({"n": 1}))).unwrap();
        client.send_custom_event_to_all(payload(json!({"n": 2}))).unwrap();
        client.register_custom_api("more", |call: HostCall| drop(call)).unwrap();
        client.unregister_custom_api("more").unwrap();
        client.set_background("demo").unwrap();
        client.set_foreground("demo").unwrap();
        let started = client.start_applet_and_wait(AppletRequest::local("other", package.clone())).unwrap();
        let running = client.running_applets().len();
        let in_flight = client.applet("demo").unwrap().calls_in_flight();
        started.close();
        started.wait_until_closed(PATIENCE).unwrap();
        json!({"running": running, "inFlight": in_flight})
    });
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'ask', sync: true}]);
         const seen = [];
         ft.onCustomEvent(event => { if (seen.push(event.n) === 3) ft.report({seen}) });
         const {running, inFlight} = ft.ask();
         seen.push({running, inFlight});",
    );
    assert_eq!(host.reported()["seen"], json!([{"running": 2, "inFlight": 1}, 1, 2]));
    worker.join().unwrap();
}

#[test]
fn f_h04_a_handler_that_would_wait_for_its_own_caller_gets_a_code() {
    let host = Host::new();
    let client = host.client.clone();
    register(&host, "ask", sync(), move |call| {
        let app_id = call.info.caller.applet().to_string();
        let start = client.start_applet_and_wait(AppletRequest::local(app_id, "/nowhere")).unwrap_err().code();
        let close = client.applet("demo").unwrap().wait_until_closed(PATIENCE).unwrap_err().code();
        let all = client.wait_until_closed(PATIENCE).unwrap_err().code();
        call.reply.success(payload(json!({"codes": [start.name(), close.name(), all.name()]})));
    });
    let seen = host.run("ft.loadExtApi([{name: 'ask', sync: true}]); ft.report(ft.ask())");
    assert_eq!(seen["codes"], json!(["E_CYCLE", "E_CYCLE", "E_CYCLE"]));
}

#[test]
fn f_h04_waiting_for_the_start_that_waits_for_the_answer_ends_at_the_deadline() {
    let host = Host::with_limits(|limits| limits.sync_call_ms = 100);
    let folder = Folder::new();
    folder.file("app.js", "ft.loadExtApi([{name: 'ask', sync: true}]); ft.ask(); App({})");
    let request = AppletRequest::local("demo", folder.path());
    let (client, again) = (host.client.clone(), request.clone());
    let worker = worker(&host, "ask", move |_| {
        // The applet is starting, and its app.js waits for this very answer.
        json!({"started": client.start_applet_and_wait(again.clone()).is_ok()})
    });
    host.client.start_applet_and_wait(request).unwrap();
    worker.join().unwrap();
    assert_eq!(host.client.counters("demo").unwrap().timed_out, 1);
}

#[test]
fn f_h04_closing_wakes_the_waiting_applet_and_tells_the_handler() {
    let host = Host::new();
    let calls: Receiver<HostCall> = host.hands_over_with("ask", sync());
    let client = host.client.clone();
    let worker = thread::spawn(move || {
        let call = next(&calls);
        let (told, reasons) = channel();
        call.reply.on_cancel(move |reason| told.send(reason.code()).unwrap());
        let applet = client.applet("demo").unwrap();
        client.close_applet("demo").unwrap();
        assert_eq!(next(&reasons), ErrorCode::Closed);
        applet.wait_until_closed(PATIENCE).unwrap();
        assert!(!call.reply.success(Payload::none()));
    });
    host.open("demo", "ft.loadExtApi([{name: 'ask', sync: true}]); setTimeout(() => ft.report(ft.ask()))");
    assert_eq!(host.closed("demo"), CloseReason::Host);
    worker.join().unwrap();
    assert!(host.nothing_reported(), "the script does not go on");
}

#[test]
fn f_h04_the_time_spent_waiting_is_not_the_scripts_own() {
    let host = Host::with_limits(|limits| (limits.turn_foreground_ms, limits.watchdog_grace_ms) = (300, 100));
    worker(&host, "ask", |_| {
        // Nobody sends: this is the time that passes while the script is parked, well over the budget of its turn.
        let (_sender, never) = channel::<()>();
        never.recv_timeout(Duration::from_millis(900)).unwrap_err();
        json!({})
    });
    // The loop makes the engine look at its clock.
    let seen = host.run(
        "ft.loadExtApi([{name: 'ask', sync: true}]);
         const answer = ft.ask(); for (let n = 0; n < 50_000; n++); ft.report(answer)",
    );
    assert_eq!(seen, json!({"errMsg": "ask:ok"}));
}

#[test]
fn f_h04_after_waiting_the_script_has_the_rest_of_its_budget_and_no_more() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 300);
    worker(&host, "ask", |_| json!({}));
    host.open("demo", "ft.loadExtApi([{name: 'ask', sync: true}]); setTimeout(() => { ft.ask(); while (true) {} })");
    assert_eq!(host.closed("demo").error().unwrap().code(), ErrorCode::Timeout);
}
