//! Calls of a hostile mini-program: whose answer is it, how often is it heard, and what may one call make the bridge
//! keep.

mod support;

use finapp_core::bridge::{ApiOptions, Binary, BinaryKind, Handler, HostCall, PathSegment, Payload};
use finapp_core::{ErrorCode, Limits};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use support::alone::alone;
use support::attack::{Witness, armed, failure, killed_by, peak_memory};
use support::{Host, PATIENCE, next, payload, sync};

/// The id of a call, as a host that logs its replies sees it.
fn id(call: &HostCall) -> String {
    format!("{:?}", call.reply)
}

#[test]
fn h_a16_equal_ids_of_two_applets_never_meet() {
    let host = Host::new();
    let calls = host.hands_over("ask");
    for app_id in ["a", "b"] {
        host.open(app_id, "ft.loadExtApi({name: 'ask'}); ft.ask({complete: r => ft.report(r)})");
    }
    let (first, second) = (next(&calls), next(&calls));
    assert_eq!(id(&first), id(&second), "both are the first call of their applet");
    let (from, other) = (first.info.caller.applet().to_string(), second.info.caller.applet().to_string());
    assert!(second.reply.success(payload(json!({"for": other}))));
    assert_eq!(host.reported_by(), (other.clone(), json!({"for": other, "errMsg": "ask:ok"})));
    assert!(first.reply.success(payload(json!({"for": from}))));
    assert_eq!(host.reported_by(), (from.clone(), json!({"for": from, "errMsg": "ask:ok"})));
}

#[test]
fn h_a16_an_answer_for_the_last_run_reaches_nobody_in_this_one() {
    let host = Host::new();
    let calls = host.hands_over("ask");
    let script = "ft.loadExtApi({name: 'ask'}); ft.ask({complete: r => ft.report(r)})";
    let old = host.open("demo", script);
    let stale = next(&calls);
    old.close();
    old.wait_until_closed(PATIENCE).unwrap();
    host.open("demo", script);
    let fresh = next(&calls);
    assert_eq!(id(&stale).replace("false", "true"), id(&fresh));
    assert!(!stale.reply.success(payload(json!({"stale": true}))));
    assert!(!stale.reply.progress(Payload::none()));
    assert_eq!(old.counters().late_answers, 1);
    assert!(fresh.reply.success(payload(json!({"stale": false}))));
    assert_eq!(host.reported(), json!({"stale": false, "errMsg": "ask:ok"}));
}

#[test]
fn h_a16_a_second_answer_is_ignored_and_counted() {
    let host = Host::new();
    let calls = host.hands_over("ask");
    let script = "const heard = []; ft.loadExtApi({name: 'ask'});
        ft.ask({success: r => heard.push(r.n), fail: () => heard.push('fail'), complete: () => heard.push('complete')});
        ft.onCustomEvent(() => ft.report({heard}))";
    let applet = host.open("demo", script);
    let call = next(&calls);
    assert!(call.reply.success(payload(json!({"n": 1}))));
    assert!(!call.reply.success(payload(json!({"n": 2}))) && !call.reply.fail(Payload::none()));
    assert!(!call.reply.cancel(Payload::none()) && !call.reply.threw("late"));
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"heard": [1, "complete"]}));
    assert_eq!(applet.counters().late_answers, 4);
}

#[test]
fn h_a17_no_id_is_used_twice_and_none_while_its_call_is_open() {
    let host = Host::with_limits(|limits| limits.calls_in_flight = 8);
    let calls = host.hands_over("ask");
    host.open(
        "demo",
        "ft.loadExtApi({name: 'ask'}); let left = 500;
         const more = () => { if (left-- > 0) ft.ask({complete: more}); else if (left === -8) ft.report({}) };
         for (let n = 0; n < 8; n++) more()",
    );
    let mut ids = HashSet::new();
    let mut open = Vec::new();
    for at in 0..500 {
        let call = next(&calls);
        assert!(ids.insert(id(&call)), "{} comes twice", id(&call));
        open.push(call);
        // Answered out of order, so that slots become free in another order than they were taken.
        if open.len() == 8 || at >= 492 {
            assert!(open.remove(open.len() / 2).reply.success(Payload::none()));
        }
    }
    drop(open);
    assert_eq!(host.reported(), json!({}));
}

#[test]
fn h_a9_many_small_binaries_cost_no_more_than_the_message_they_come_in() {
    alone("h_a9_many_small_binaries_cost_no_more_than_the_message_they_come_in", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 20_000);
        host.echoes("tell");
        let before = peak_memory();
        armed(
            &host,
            "attacker",
            "ft.loadExtApi({name: 'tell'});",
            "const empty = new Uint8Array(0);
             let deep = new Array(100000).fill(empty);
             for (let n = 0; n < 60; n++) deep = [deep];
             const named = {['k'.repeat(500000)]: new Array(50000).fill(empty)};
             Promise.allSettled([ft.tell({deep}), ft.tell(named)])
               .then(ends => ft.report({codes: ends.map(end => end.reason?.errCode)}))",
        );
        host.send("attacker", json!({}));
        let code = ErrorCode::TooLarge.number();
        assert_eq!(host.reported(), json!({"codes": [code, code]}));
        let grown = peak_memory().saturating_sub(before);
        assert!(grown < 100 << 20, "grew by {grown} bytes");
    });
}

#[test]
fn h_a9_the_limits_of_a_message_are_exact_at_both_doors() {
    let host = Host::with_limits(|limits| {
        limits.message_bytes = 1_000;
        limits.message_keys = 10;
        limits.message_binary_bytes = 5_000;
    });
    host.echoes("host");
    host.client.register_sync_api("inline", |_, _: Value| Ok(())).unwrap();
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'host'}, {name: 'inline', sync: true}]);
         const object = n => Object.fromEntries(Array.from({length: n}, (_, at) => ['k' + at, 1]));
         const all = [{t: 'x'.repeat(990)}, {t: 'x'.repeat(1200)}, object(10), object(11), {b: new Uint8Array(4000)},
                      {b: new Uint8Array(5001)}, {b: new Uint8Array(3000), c: new Uint8Array(3000)}, {a: new Array(2 ** 32 - 1)},
                      {['n'.repeat(2000)]: 1}];
         Promise.allSettled(all.map(params => ft.host(params)))
           .then(ends => ft.report({ends: ends.map(end => end.reason?.errCode ?? 0), inline: [1, 3, 7, 8].map(at => ft.inline(all[at]).errCode)}))",
    );
    let large = ErrorCode::TooLarge.number();
    assert_eq!(
        host.reported(),
        json!({"ends": [0, large, 0, large, 0, large, large, large, large], "inline": [large, large, large, large]})
    );
}

#[test]
fn h_a13_a_binary_arrives_as_it_was_or_not_at_all() {
    let host = Host::new();
    let echo = |call: HostCall| assert!(call.reply.success(call.params.clone()));
    host.client.register_custom_api("echo", echo).unwrap();
    host.open(
        "demo",
        "ft.loadExtApi({name: 'echo'});
         const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
         const gone = new Uint8Array(8); gone.buffer.transfer();
         const shrinking = new ArrayBuffer(8, {maxByteLength: 16});
         const view = new Uint8Array(shrinking, 4, 4);
         const hostile = new DataView(bytes.buffer, 2, 4);
         Object.defineProperties(hostile, {byteOffset: {value: 1e9}, byteLength: {value: -5}, buffer: {value: {}}});
         const say = value => ArrayBuffer.isView(value) ? [value.constructor.name, ...new Uint8Array(value.buffer)] : typeof value;
         const end = params => ft.echo(params).then(r => Object.values(r).slice(0, -1).map(say), e => e.errCode);
         Promise.all([
           end({view: new DataView(bytes.buffer, 2, 4), part: bytes.subarray(6)}),
           end({gone}),
           end({get first() { shrinking.resize(2); return 1 }, view}),
           end({hostile}),
           end({['\\ud800']: bytes}),
         ]).then(ends => ft.report({ends}))",
    );
    let serialize = ErrorCode::Serialize.number();
    let part = json!([["DataView", 3, 4, 5, 6], ["Uint8Array", 7, 8]]);
    assert_eq!(host.reported(), json!({"ends": [part, serialize, serialize, [["DataView"]], serialize]}));
}

#[test]
fn h_a14_a_replaced_constructor_never_sees_what_the_host_sends() {
    let host = Host::new();
    host.open(
        "demo",
        "let stolen = 0;
         for (const name of ['DataView', 'Uint8Array', 'ArrayBuffer', 'Object', 'Promise'])
           globalThis[name] = new Proxy(globalThis[name], {construct() { stolen++; return {} }, apply() { stolen++ }});
         ft.onCustomEvent(({view}) => ft.report({stolen, bytes: view.byteLength, last: view.getUint8(2)}))",
    );
    let binary =
        Binary { path: vec![PathSegment::Key("view".to_owned())], kind: BinaryKind::DataView, bytes: vec![7, 8, 9] };
    let event = Payload::parse(r#"{"view":null}"#.to_owned(), vec![binary], &Limits::default()).unwrap();
    host.client.send_custom_event("demo", event).unwrap();
    assert_eq!(host.reported(), json!({"stolen": 0, "bytes": 3, "last": 9}));
}

#[test]
fn h_a19_answers_that_wait_for_their_callbacks_count_like_calls_in_flight() {
    let host = Host::new();
    host.client.register_sync_api("inline", |_, (): ()| Ok(())).unwrap();
    armed(
        &host,
        "attacker",
        "ft.loadExtApi({name: 'inline'});",
        "let answered = 0, busy = 0, thrown = 0;
         for (let n = 0; n < 5000; n++) try {
           ft.inline({success() { answered++ }, fail(e) { busy += e.errCode === 20007 }})
         } catch (e) { thrown += e.errCode === 20007 }
         setTimeout(() => ft.report({answered, busy, thrown}), 50)",
    );
    host.send("attacker", json!({}));
    // 256 answers and 768 refusals fill the queue of ends; what comes then throws.
    assert_eq!(host.reported(), json!({"answered": 256, "busy": 768, "thrown": 3976}));
}

#[test]
fn h_a19_a_refusal_keeps_no_more_than_a_few_kilobytes() {
    alone("h_a19_a_refusal_keeps_no_more_than_a_few_kilobytes", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 20_000);
        host.echoes("picky");
        let before = peak_memory();
        armed(
            &host,
            "attacker",
            "ft.loadExtApi({name: 'picky', params: {['k'.repeat(2e6)]: ''}}); let failed = 0;",
            "for (let n = 0; n < 500; n++) ft.picky({fail({errMsg}) { if (++failed === 500) ft.report({long: errMsg.length}) }})",
        );
        host.send("attacker", json!({}));
        assert!(host.reported()["long"].as_u64().unwrap() < 5_000);
        let grown = peak_memory().saturating_sub(before);
        assert!(grown < 100 << 20, "grew by {grown} bytes");
    });
}

#[test]
fn h_a20_slow_listeners_share_one_budget() {
    let host = Host::with_limits(|limits| {
        limits.turn_foreground_ms = 500;
        limits.watchdog_grace_ms = 20_000;
    });
    let witness = Witness::new(&host);
    armed(&host, "attacker", "let heard = 0; for (let n = 0; n < 900; n++) ft.onCustomEvent(() => { heard++ });", "");
    // Each listener gets a value of its own, and the engine never asks for the time while it makes one.
    host.send("attacker", json!({"text": vec!["x"; 100_000]}));
    assert_eq!(failure(&host.closed("attacker")), ErrorCode::Timeout);
    witness.is_served();
    assert_eq!(host.client.quarantined_threads(), 0);
}

#[test]
fn h_a21_timers_that_are_cleared_again_leave_nothing_behind() {
    alone("h_a21_timers_that_are_cleared_again_leave_nothing_behind", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
        let script = "setInterval(() => {}, 1000); for (let n = 0; n < event.n; n++) clearTimeout(setTimeout(() => {}, 1e9)); ft.report({})";
        armed(&host, "attacker", "", script);
        host.send("attacker", json!({"n": 1_000}));
        assert_eq!(host.reported(), json!({}));
        let before = peak_memory();
        host.send("attacker", json!({"n": 1_000_000}));
        assert_eq!(host.reported(), json!({}));
        let grown = peak_memory().saturating_sub(before);
        assert!(grown < 8 << 20, "grew by {grown} bytes");
    });
}

#[test]
fn h_a37_time_parked_in_a_job_is_not_time_of_the_applet() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 500);
    let calls = host.hands_over_with("device", sync());
    host.open(
        "demo",
        "ft.loadExtApi({name: 'device', sync: true});
         (async () => { await 0; const first = ft.device().n; await 0; const second = ft.device().n; await 0; ft.report({first, second}) })()",
    );
    for n in 1..=2 {
        let call = next(&calls);
        // Longer than the whole budget of the chain of jobs.
        std::thread::park_timeout(Duration::from_millis(600));
        assert!(call.reply.success(payload(json!({ "n": n }))));
    }
    assert_eq!(host.reported(), json!({"first": 1, "second": 2}));
}

#[test]
fn h_a37_a_chain_of_jobs_may_be_parked_no_longer_than_one_turn() {
    let host = Host::with_limits(|limits| {
        limits.sync_call_ms = 100;
        limits.parked_per_turn_ms = 250;
    });
    let silent = host.hands_over_with("device", sync());
    host.open(
        "demo",
        "ft.loadExtApi({name: 'device', sync: true});
         (async () => { const codes = []; for (let n = 0; n < 20; n++) { await 0; codes.push(ft.device().errCode) } ft.report({codes}) })()",
    );
    assert_eq!(host.reported(), json!({"codes": vec![ErrorCode::Timeout.number(); 20]}));
    assert_eq!(silent.iter().take(20).count(), 20);
}

#[test]
fn h_a11_an_endless_getter_is_ended_at_every_door() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 500);
    let handler = Handler::Host(Arc::new(|call: HostCall| drop(call)));
    host.client.register("held", handler, ApiOptions::default()).unwrap();
    for script in [
        "ft.loadExtApi({get name() { for (;;) ; }})",
        "ft.loadExtApi(new Proxy([], {get() { for (;;) ; }}))",
        "ft.loadExtApi({name: 'held', params: {a: 1}}); ft.held({get a() { for (;;) ; }})",
        "wx.invokeNativePlugin({get api_name() { for (;;) ; }})",
        "wx.invokeNativePlugin({api_name: 'held', data: {toJSON() { for (;;) ; }}})",
        "wx.invokeNativePlugin({api_name: 'held', get cancel() { for (;;) ; }})",
        "ft.report({a: Object.assign(new Number(1), {valueOf() { for (;;) ; }})})",
        "ft.report(new Proxy({}, {ownKeys() { for (;;) ; }}))",
        "ft.report({a: new Proxy({b: 1}, {getOwnPropertyDescriptor() { for (;;) ; }})})",
        "Object.defineProperty(Object.prototype, 'toJSON', {get() { for (;;) ; }}); ft.report({a: {}})",
    ] {
        assert_eq!(killed_by(&host, script), ErrorCode::Timeout, "{script}");
    }
}
