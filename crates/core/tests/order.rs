//! Order: what reaches an applet arrives in the order in which it was sent, and `success` comes before `complete`.

mod support;

use finapp_core::bridge::{ApiOptions, HostCall};
use serde_json::{Value, json};
use support::{Host, PATIENCE, payload};

const ITEMS: u32 = 100_000;

/// Keeps 50 calls in flight, and notes each number that comes out of order.
const COUNTS: &str = "
    ft.loadExtApi([{name: 'next'}]);
    let expected = 0;
    const wrong = [];
    const see = n => {
        if (n !== expected && wrong.length < 10) wrong.push({n, expected});
        expected = n + 1;
        if (expected === 100000) ft.report({wrong});
    };
    const call = () => {
        let succeeded = -1;
        ft.next({
            progress: p => see(p.n),
            success: r => { succeeded = r.n; see(r.n) },
            complete: r => { if (succeeded !== r.n) wrong.push({complete: r.n, before: 'success'}); call() },
        });
    };
    for (let at = 0; at < 50; at++) call();
    ft.onCustomEvent(e => see(e.n));";

#[test]
fn h_d11_a_hundred_thousand_numbered_items_arrive_in_order() {
    // Nothing may be dropped here: the caps have their own tests.
    let host = Host::with_limits(|limits| {
        limits.events_queued = ITEMS as usize;
        limits.progress_queued = ITEMS as usize;
    });
    let calls = host.hold("next", ApiOptions::default());
    let applet = host.open("demo", COUNTS);
    let next_call = || calls.recv_timeout(PATIENCE).unwrap();
    let mut held: Option<HostCall> = None;
    for n in 0..ITEMS {
        let item = json!({"n": n});
        match n % 20 {
            0 => assert!(held.get_or_insert_with(next_call).reply.progress(payload(item))),
            10 => assert!(held.take().unwrap_or_else(next_call).reply.success(payload(item))),
            _ => host.send("demo", item),
        }
    }
    assert_eq!(host.reported(), json!({"wrong": []}));
    let counters = applet.counters();
    assert_eq!((counters.events_dropped, counters.progress_dropped), (0, 0));
    assert_eq!((counters.events, counters.progress), (90_000, 5_000));
}

#[test]
fn h_d11_each_of_many_senders_keeps_its_own_order() {
    let host = Host::with_limits(|limits| limits.events_queued = ITEMS as usize);
    host.open(
        "demo",
        "const next = [0, 0, 0, 0];
         const wrong = [];
         let left = 100000;
         ft.onCustomEvent(e => {
             if (e.n !== next[e.from]++ && wrong.length < 10) wrong.push(e);
             if (--left === 0) ft.report({wrong, next});
         });",
    );
    std::thread::scope(|scope| {
        for from in 0..4 {
            let host = &host;
            scope.spawn(move || {
                for n in 0..ITEMS / 4 {
                    host.send("demo", json!({"from": from, "n": n}));
                }
            });
        }
    });
    assert_eq!(host.reported(), json!({"wrong": [], "next": [25_000, 25_000, 25_000, 25_000]}));
}

#[test]
fn h_d11_success_runs_before_complete_and_before_what_was_sent_later() {
    // Jobs for which a slow machine has no time left would come after the next message, as they should.
    let host = Host::with_limits(|limits| limits.pump_ms = 1_000);
    let calls = host.hold("next", ApiOptions::default());
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'next'}]);
         const seen = [];
         const say = word => () => { seen.push(word); Promise.resolve().then(() => seen.push(word + ' job')) };
         ft.next({success: say('success'), complete: say('complete')});
         ft.next({fail: say('fail'), complete: say('complete')});
         ft.onCustomEvent(() => { seen.push('event'); ft.report({seen}) });",
    );
    let held: Vec<HostCall> = (0..2).map(|_| calls.recv_timeout(PATIENCE).unwrap()).collect();
    assert!(held[0].reply.success(payload(json!({}))));
    assert!(held[1].reply.threw("on purpose"));
    host.send("demo", json!({}));
    let seen = host.reported()["seen"].take();
    let words: Vec<&str> = seen.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let expected =
        ["success", "complete", "success job", "complete job", "fail", "complete", "fail job", "complete job", "event"];
    assert_eq!(words, expected, "each turn ends with its promise jobs");
}
