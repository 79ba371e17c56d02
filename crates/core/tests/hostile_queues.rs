//! Mini-programs that fill what the bridge keeps for them: calls in flight, listeners, timers; and
//! synchronous calls while the host has no time for them.

mod support;

use finapp_core::bridge::{Handler, HostCall, Payload};
use finapp_core::{CloseReason, Config, ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::alone::alone;
use support::attack::{Witness, armed, peak_memory};
use support::{Host, PATIENCE, StoppedClock, next, payload, sync};

/// A host whose applets may run for a minute: how long these loops take is not what is tested.
fn patient() -> Host {
    Host::with_limits(|limits| limits.turn_foreground_ms = 60_000)
}

#[test]
fn h_a19_a_million_calls_in_a_loop_fail_at_once_and_cost_nobody_anything() {
    alone("h_a19_a_million_calls_in_a_loop_fail_at_once_and_cost_nobody_anything", || {
        for (form, call, caught) in [
            ("promise", "ft.never()", 0),
            ("callback", "ft.never({success() { failed++ }, fail(e) { if (e.errCode === BUSY) failed++ }})", 1_024),
        ] {
            let host = patient();
            let told = host.tells("tell");
            let calls = host.hands_over("never");
            let served = Arc::new(AtomicBool::new(false));
            let seen = served.clone();
            host.client.register_sync_api("served", move |_, (): ()| Ok(seen.load(Ordering::SeqCst))).unwrap();
            let witness = Witness::new(&host);
            armed(
                &host,
                "attacker",
                "ft.loadExtApi([{name: 'never'}, ...['tell', 'served'].map(name => ({name, sync: true}))])",
                &format!(
                    "const BUSY = {};
                     let made = 0, failed = 0, thrown = 0, strange = 0, asked = 0;
                     const once = () => {{
                       made++;
                       try {{ {call} }} catch (e) {{ thrown++; if (e.errCode !== BUSY) strange++ }}
                     }};
                     while (made < 1e6) once();
                     while (asked++, ft.served().data === false) once();
                     ft.tell({{made, asked, thrown, strange, failed}});
                     setInterval(() => {{ if (failed === {caught}) {{ ft.tell({{failed}}); failed = -1 }} }})",
                    ErrorCode::Busy.number()
                ),
            );
            let before = peak_memory();
            host.send("attacker", json!({}));
            // The loop runs from here on, until the other applet has been served.
            let held: Vec<HostCall> = (0..256).map(|_| next(&calls)).collect();
            for _ in 0..10 {
                witness.is_served();
            }
            served.store(true, Ordering::SeqCst);
            let seen = next(&told);
            let (made, asked) = (seen["made"].as_u64().unwrap(), seen["asked"].as_u64().unwrap());
            let thrown = if form == "promise" { 0 } else { made - 256 - caught };
            assert!(made >= 1_000_000);
            assert_eq!(
                seen,
                json!({"made": made, "asked": asked, "thrown": thrown, "strange": 0, "failed": 0}),
                "{form}"
            );
            assert_eq!(next(&told), json!({ "failed": caught }), "{form}");
            assert!(calls.try_recv().is_err(), "{form}: no more than the cap reach the handler");
            let counters = host.client.counters("attacker").unwrap();
            assert_eq!((counters.calls, counters.refused), (256 + asked + 2, made - 256), "{form}");
            let grown = peak_memory().saturating_sub(before);
            assert!(grown < 4 << 20, "{form}: grew by {grown} bytes");
            drop(held);
        }
    });
}

#[test]
fn h_a20_listeners_beyond_the_cap_fail_with_a_code_and_those_below_it_work() {
    let host = patient();
    let seen = host.run(
        "let heard = 0, errors = new Set(), added = 0;
         const hear = () => { if (++heard === 1_000) ft.report({heard}) };
         const adders = [ft.onCustomEvent, f => ft.addCustomEventListener('named', f), wx.onError, wx.onAppShow];
         const tried = add => { try { add(hear); added++ } catch (e) { errors.add(`${e.errMsg} ${e.errCode}`) } };
         for (let n = 0; n < 1e5; n++) tried(ft.onCustomEvent);
         adders.forEach(tried);
         ft.report({added, errors: [...errors]})",
    );
    let limit = ErrorCode::Limit;
    let refused = ["onCustomEvent", "addCustomEventListener", "onError", "onAppShow"]
        .map(|api| format!("{api}:fail {} {}", limit.text(), limit.number()));
    assert_eq!(seen, json!({"added": 1_000, "errors": refused}));
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"heard": 1_000}));
}

#[test]
fn h_a20_listeners_that_change_during_a_dispatch_count_from_the_next_one() {
    let host = Host::new();
    host.open(
        "demo",
        "let heard = [];
         const late = () => heard.push('late');
         const removed = () => heard.push('removed');
         const first = () => {
           heard.push('first'); ft.onCustomEvent(late); ft.offCustomEvent(removed); ft.offCustomEvent(first);
           ft.removeCustomEventListener('n', named); ft.onCustomEvent(tell);
         };
         const named = () => { heard.push('named'); ft.addCustomEventListener('n', late) };
         const tell = () => { ft.report({heard}); heard = [] };
         ft.addCustomEventListener('n', named); ft.onCustomEvent(first); ft.onCustomEvent(removed);
         ft.onCustomEvent(() => heard.push('last'))",
    );
    host.send("demo", json!({"name": "n"}));
    host.send("demo", json!({"name": "n"}));
    let heard = ["named", "first", "removed", "last", "late", "last", "late"];
    assert_eq!(host.reported(), json!({ "heard": heard }));
}

#[test]
fn h_a20_a_function_added_twice_hears_twice_and_one_off_removes_both() {
    let host = Host::new();
    host.open(
        "demo",
        "let heard = 0;
         const twice = () => heard++;
         const tell = () => { ft.report({heard}); heard = 0 };
         ft.onCustomEvent(twice); ft.onCustomEvent(twice);
         ft.addCustomEventListener('off', () => ft.offCustomEvent(twice));
         ft.addCustomEventListener('all', () => { ft.onCustomEvent(twice); ft.offCustomEvent() });
         ft.addCustomEventListener('again', () => { ft.onCustomEvent(twice); ft.onCustomEvent(tell) });
         ft.addCustomEventListener('again', () => ft.report({named: 'still heard'}));
         ft.onCustomEvent(tell)",
    );
    let heard = |name: &str| {
        host.send("demo", json!({ "name": name }));
        host.reported()
    };
    assert_eq!(heard("x"), json!({"heard": 2}));
    assert_eq!(heard("off"), json!({"heard": 2}), "the dispatch under way keeps its snapshot");
    assert_eq!(heard("x"), json!({"heard": 0}));
    assert_eq!(heard("all"), json!({"heard": 0}), "the dispatch under way keeps its snapshot");
    assert_eq!(heard("again"), json!({"named": "still heard"}), "off without a function takes the plain ones only");
    assert_eq!(heard("x"), json!({"heard": 1}));
}

/// A host whose clock stands still, and the clock.
fn stopped() -> (Host, Arc<StoppedClock>) {
    let clock = Arc::new(StoppedClock::default());
    (Host::with_clock(Config::default(), clock.clone()), clock)
}

/// Gives the applet's thread time to run the timers that are due: between two events it looks for them at least once,
/// and runs up to 16 each time it looks.
fn looked_for_timers(host: &Host) -> Value {
    for _ in 0..3 {
        host.send("demo", json!({}));
        host.reported();
    }
    host.send("demo", json!({}));
    host.reported()
}

#[test]
fn h_a21_timers_beyond_the_cap_throw_and_a_cleared_one_makes_room() {
    let host = patient();
    let seen = host.run(
        "const ids = new Set(), errors = new Set();
         const tried = start => { try { ids.add(start(() => {}, 1e6)) } catch (e) { errors.add(String(e)) } };
         for (let n = 0; n < 1e5; n++) tried(n % 2 ? setTimeout : setInterval);
         const full = ids.size;
         for (const id of ids) clearTimeout(id);
         for (let n = 0; n < 1e5; n++) clearInterval(setTimeout(() => {}, 1e6));
         let ran = 0;
         for (let n = 0; n < 1e3; n++) setTimeout(() => { if (++ran === 1e3) ft.report({full, errors: [...errors], ran}) })",
    );
    let errors = ["RangeError: setInterval: too many timers", "RangeError: setTimeout: too many timers"];
    assert_eq!(seen, json!({"full": 1_000, "errors": errors, "ran": 1_000}));
}

#[test]
fn h_a21_a_delay_that_is_no_delay_is_the_floor() {
    let (host, clock) = stopped();
    host.open(
        "demo",
        "let ran = [];
         [0, -0, -1, NaN, 2 ** 31, Infinity, -Infinity, 1e300, undefined, null, 'x', '', {}, [], Symbol(), true,
          {valueOf() { for (;;) ; }, toString() { for (;;) ; }}].forEach((delay, at) => setTimeout(() => ran.push(at), delay));
         setTimeout(() => ran.push('longest'), 2 ** 31 - 1);
         setTimeout(() => ran.push('text'), '5');
         const every = setInterval(() => { if (ran.push('every') > 18) clearInterval(every) }, 0);
         ft.onCustomEvent(() => ft.report({ran}))",
    );
    clock.advance(3);
    assert_eq!(looked_for_timers(&host), json!({"ran": []}));
    clock.advance(1);
    let mut ran: Vec<Value> = (0..17).map(Value::from).collect();
    ran.push(json!("every"));
    assert_eq!(looked_for_timers(&host)["ran"], json!(ran));
    clock.advance(3);
    ran.push(json!("text"));
    assert_eq!(looked_for_timers(&host)["ran"], json!(ran), "the floor holds for each round of an interval");
    clock.advance(1_000_000);
    ran.push(json!("every"));
    assert_eq!(looked_for_timers(&host)["ran"], json!(ran), "an interval does not catch up");
}

#[test]
fn h_a21_a_timer_may_clear_itself_and_others_that_are_due() {
    let (host, clock) = stopped();
    host.open(
        "demo",
        "let ran = [];
         const own = setTimeout(() => { ran.push('own'); clearTimeout(own); clearTimeout(next); clearInterval(every) });
         const next = setTimeout(() => ran.push('next'));
         const every = setInterval(() => ran.push('every'));
         const twice = setInterval(() => { clearInterval(twice); ran.push('twice'); clearInterval(twice) });
         setTimeout(() => { ran.push('adds'); setTimeout(() => ran.push('added')) });
         ft.onCustomEvent(() => ft.report({ran}))",
    );
    clock.advance(10);
    assert_eq!(looked_for_timers(&host)["ran"], json!(["own", "twice", "adds"]));
    clock.advance(10);
    assert_eq!(looked_for_timers(&host)["ran"], json!(["own", "twice", "adds", "added"]));
}

#[test]
fn h_a21_timers_are_paused_in_the_background_and_none_fires_after_the_close() {
    let (host, clock) = stopped();
    let told = host.tells("tell");
    let client = host.client.clone();
    let leave = move |_: HostCall| drop(client.close_applet("demo"));
    host.client.register("leave", Handler::Host(Arc::new(leave)), sync()).unwrap();
    let app = host.open(
        "demo",
        "ft.loadExtApi([{name: 'tell', sync: true}, {name: 'leave', sync: true}]);
         let ran = 0;
         for (let n = 0; n < 5; n++) setInterval(() => ran++, 10);
         setTimeout(() => { ft.leave() }, 20);
         for (let n = 0; n < 400; n++) setTimeout(() => ft.tell({n}), 20);
         ft.onCustomEvent(() => ft.report({ran}))",
    );
    host.client.set_background("demo").unwrap();
    host.event(|event| matches!(event, LifeCycleEvent::Background { .. }).then_some(()));
    clock.advance(15);
    assert_eq!(looked_for_timers(&host), json!({"ran": 0}));
    host.client.set_foreground("demo").unwrap();
    assert_eq!(looked_for_timers(&host), json!({"ran": 5}), "each interval runs once, however long it was paused");
    clock.advance(1_000);
    app.wait_until_closed(PATIENCE).unwrap();
    assert!(matches!(host.closed("demo"), CloseReason::Host));
    assert!(told.try_recv().is_err(), "timers that were due when the applet closed do not fire");
}

#[test]
fn h_a37_a_synchronous_call_in_a_callback_ends_while_the_host_thread_is_busy() {
    let host = Host::with_limits(|limits| limits.sync_call_ms = 50);
    host.answers("answers", json!({}));
    // The thread of this test is the host's: the handler only queues, and nobody answers while this thread waits.
    let calls = host.hands_over_with("device", sync());
    let seen = host.run(
        "ft.loadExtApi([{name: 'answers'}, {name: 'device', sync: true}]);
         ft.answers({success() { const end = ft.device(); ft.report({end, next: typeof ft.device}) }})",
    );
    let end = json!({"errMsg": "device:fail timeout", "errCode": ErrorCode::Timeout.number()});
    assert_eq!(seen, json!({"end": end, "next": "function"}));
    assert!(!next(&calls).reply.success(Payload::none()), "the late answer is ignored");
    assert_eq!(host.client.counters("demo").unwrap().late_answers, 1);
}

#[test]
fn h_a37_the_host_thread_never_waits_for_an_applet_that_waits_for_it() {
    let host = Host::with_limits(|limits| limits.sync_call_ms = 5_000);
    let calls = host.hands_over_with("device", sync());
    host.answers("answers", json!({}));
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'answers'}, {name: 'device', sync: true}]);
         let heard = 0;
         ft.onCustomEvent(({n}) => { heard++; if (n === 100) ft.report({heard}) });
         ft.answers({success() { ft.report({id: ft.device().id, heard}) }})",
    );
    let call = next(&calls);
    // The applet is parked; whatever the host does now comes back at once, or the answer below would be too late.
    for n in 1..=100 {
        host.send("demo", json!({ "n": n }));
    }
    host.client.set_background("demo").unwrap();
    host.client.set_foreground("demo").unwrap();
    assert_eq!(host.client.running_applets().len(), 1);
    host.client.register_custom_api("device", drop).unwrap();
    assert!(call.reply.success(payload(json!({"id": 7}))));
    assert_eq!(host.reported(), json!({"id": 7, "heard": 0}));
    assert_eq!(host.reported(), json!({"heard": 100}));
}
