//! What may happen to a call between its beginning and its one end: intermediate states, and a caller that no longer
//! waits.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{ApiOptions, HostCall, Payload};
use finapp_core::{CloseReason, ErrorCode};
use serde_json::json;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use support::{Host, next, payload};

/// Why nobody waits for the answer of this call any more, once that is so.
fn told(call: &HostCall) -> Receiver<ErrorCode> {
    let (sender, reasons) = channel();
    call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    reasons
}

#[test]
fn f_h05_a_state_after_the_end_is_refused_and_counted() {
    let host = Host::new();
    host.client
        .register_custom_api("load", |call: HostCall| {
            assert!(call.reply.success(Payload::none()));
            assert!(!call.reply.progress(payload(json!({"percent": 100}))));
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'load'}]);
         const seen = [];
         ft.load({progress: state => seen.push(state), complete: () => setTimeout(() => ft.report({seen}), 20)})",
    );
    assert_eq!(seen, json!({"seen": []}));
    assert_eq!(host.client.counters("demo").unwrap().progress_dropped, 1);
}

#[test]
fn f_h05_states_over_the_cap_are_refused_and_the_call_still_ends() {
    let host = Host::with_limits(|limits| limits.progress_queued = 3);
    host.client
        .register_custom_api("load", |call: HostCall| {
            // The applet's thread is in this very call, so it takes none of them meanwhile.
            let taken: Vec<bool> = (0..5).map(|n| call.reply.progress(payload(json!({"n": n})))).collect();
            call.reply.success(payload(json!({"taken": taken})));
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'load'}]);
         const states = [];
         ft.load({progress: state => states.push(state.n), success: ({taken}) => ft.report({taken, states})})",
    );
    assert_eq!(seen, json!({"taken": [true, true, true, false, false], "states": [0, 1, 2]}));
    assert_eq!(host.client.counters("demo").unwrap().progress_dropped, 2);
}

#[test]
fn f_h05_states_arrive_in_order_and_all_before_the_one_end() {
    let host = Host::new();
    host.client
        .register_custom_api("load", |call: HostCall| {
            for state in [json!({"progress": 1}), json!({"progress": 30}), json!("half"), json!([60]), json!(100)] {
                assert!(call.reply.progress(payload(state)));
            }
            call.reply.success(payload(json!({"key": "test"})));
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'load'}]);
         const seen = [];
         ft.load({progress: state => seen.push(state), success: end => seen.push(end),
           complete: () => setTimeout(() => ft.report({seen}), 20)});
         seen.push('returned')",
    );
    let end = json!({"key": "test", "errMsg": "load:ok"});
    assert_eq!(seen["seen"], json!(["returned", {"progress": 1}, {"progress": 30}, "half", [60], 100, end]));
}

#[test]
fn f_h05_progress_goes_with_a_promise_and_with_nobody_who_listens() {
    let host = Host::new();
    host.client
        .register_custom_api("load", |call: HostCall| {
            assert!(call.reply.progress(payload(json!({"n": 1}))));
            call.reply.success(Payload::none());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'load'}]);
         const states = [];
         ft.load().then(() => ft.load({progress: state => states.push(state)})).then(() => ft.report({states}))",
    );
    assert_eq!(seen, json!({"states": [{"n": 1}]}));
}

#[test]
fn f_h05_a_progress_function_that_throws_stops_neither_the_next_state_nor_the_end() {
    let host = Host::new();
    host.client
        .register_custom_api("load", |call: HostCall| {
            call.reply.progress(payload(json!(1)));
            call.reply.progress(payload(json!(2)));
            call.reply.success(Payload::none());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'load'}]);
         const states = [];
         ft.load({progress(state) { states.push(state); throw state }, complete: () => ft.report({states})})",
    );
    assert_eq!(seen, json!({"states": [1, 2]}));
}

#[test]
fn f_h06_an_answered_call_is_never_told_that_nobody_waits() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    host.open("demo", "ft.loadExtApi([{name: 'pay'}]); ft.pay().then(ft.report)");
    let call = next(&calls);
    let reasons = told(&call);
    assert!(call.reply.success(Payload::none()));
    host.reported();
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    assert!(reasons.try_recv().is_err());
    assert!(told(&call).try_recv().is_err(), "nor is a hook that comes after the end");
}

#[test]
fn f_h06_closing_the_applet_tells_the_handler_of_each_open_call() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    host.open("demo", "ft.loadExtApi([{name: 'pay'}]); ft.pay({n: 1}); ft.pay({n: 2}).catch(ft.report)");
    let open = [next(&calls), next(&calls)];
    let reasons = open.each_ref().map(told);
    host.client.close_applet("demo").unwrap();
    for reasons in &reasons {
        assert_eq!(next(reasons), ErrorCode::Closed);
    }
    assert_eq!(host.closed("demo"), CloseReason::Host);
    for call in &open {
        assert!(!call.reply.is_open() && !call.reply.success(Payload::none()) && !call.reply.progress(Payload::none()));
        assert_eq!(next(&told(call)), ErrorCode::Closed, "a hook that comes too late runs at once");
    }
}

#[test]
fn f_h06_the_deadline_of_the_registration_ends_the_call_and_tells_the_handler() {
    let host = Host::new();
    let options = ApiOptions { timeout: Some(Duration::from_millis(20)), ..ApiOptions::default() };
    let calls = host.hands_over_with("pay", options);
    let seen = host.run("ft.loadExtApi([{name: 'pay'}]); ft.pay({fail: ft.report})");
    assert_eq!(seen, json!({"errMsg": "pay:fail timeout", "errCode": ErrorCode::Timeout.number()}));
    let call = next(&calls);
    assert_eq!(next(&told(&call)), ErrorCode::Timeout);
    assert!(!call.reply.success(Payload::none()));
    let counters = host.client.counters("demo").unwrap();
    assert_eq!((counters.timed_out, counters.late_answers), (1, 1));
}

#[test]
fn f_h06_a_caller_may_set_the_deadline_of_one_call() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    let seen = host.run("wx.invokeNativePlugin({api_name: 'pay', timeout: 20, fail: ft.report})");
    assert_eq!(seen["errMsg"], "invokeNativePlugin:fail timeout");
    assert_eq!(next(&told(&next(&calls))), ErrorCode::Timeout);
}

#[test]
fn f_h06_without_a_deadline_a_call_stays_open_as_long_as_its_caller() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    let applet = host.open("demo", "ft.loadExtApi([{name: 'pay'}]); ft.pay({success: ft.report})");
    let call = next(&calls);
    applet.set_visible(false);
    applet.set_visible(true);
    assert!(call.reply.is_open());
    assert_eq!(applet.calls_in_flight(), 1);
    call.reply.success(payload(json!({"paid": true})));
    assert_eq!(host.reported()["paid"], true);
}

#[test]
fn f_h06_a_hook_that_panics_keeps_no_other_call_from_hearing() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    host.open("demo", "ft.loadExtApi([{name: 'pay'}]); ft.pay(); ft.pay()");
    let (first, second) = (next(&calls), next(&calls));
    first.reply.on_cancel(|_| panic!("a hook of the host's panics"));
    let reasons = told(&second);
    host.client.close_applet("demo").unwrap();
    assert_eq!(next(&reasons), ErrorCode::Closed);
    assert_eq!(host.closed("demo"), CloseReason::Host);
}
