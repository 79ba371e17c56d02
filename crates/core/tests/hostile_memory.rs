//! Mini-programs that use up their memory, by every means and at every point. The engine throws, the applet ends at
//! worst, and the process goes on.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletState, CloseReason, ErrorCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::alone::{alone, until};
use support::attack::{Witness, armed, failure, killed_by, peak_memory, script_error};
use support::{Host, PATIENCE, payload};

#[test]
fn h_a4_an_exponential_bomb_of_promises_stops_at_the_memory_cap() {
    alone("h_a4_an_exponential_bomb_of_promises_stops_at_the_memory_cap", || {
        const CAP: usize = 32 << 20;
        let host = Host::with_limits(|limits| {
            limits.turn_foreground_ms = 20_000;
            limits.memory = CAP;
        });
        let witness = Witness::new(&host);
        let before = peak_memory();
        let bomb = "const bomb = () => { Promise.resolve().then(bomb); Promise.resolve().then(bomb) }; bomb()";
        assert_eq!(killed_by(&host, bomb), ErrorCode::Memory);
        let grown = peak_memory().saturating_sub(before);
        assert!(grown <= CAP + (8 << 20), "the process grew by {grown} bytes");
        witness.is_served();
    });
}

#[test]
fn h_a5_each_memory_bomb_is_an_end_with_that_code() {
    for memory in [2 << 20, 16 << 20, 64 << 20] {
        let host = Host::with_limits(|limits| {
            limits.turn_foreground_ms = 30_000;
            limits.memory = memory;
        });
        let witness = Witness::new(&host);
        for bomb in [
            "const all = []; for (;;) all.push({})",
            "const all = []; for (;;) all.push(new ArrayBuffer(1 << 16))",
            "const all = []; for (;;) all.push(new Uint8Array(100))",
            "const all = []; for (let text = 'x'; ; text += 'y'.repeat(1000)) all.push(text.slice(1), text.charCodeAt(9))",
            "const all = []; for (let n = 0; ; n++) all.push('text ' + n)",
            "const all = []; for (;;) all.push('x'.repeat(1000))",
            "const all = new Map(); for (let n = 0; ; n++) all.set(n, n)",
            "const all = {}; for (let n = 0; ; n++) all['name' + n] = n",
            "let all = () => 1; for (;;) { const inner = all; all = () => inner }",
            "new ArrayBuffer(1e9)",
            "(async () => { const all = []; for (;;) { all.push(new Array(1e4).fill({})); await 0 } })()",
            "Promise.reject((() => { try { const all = []; for (;;) all.push([]) } catch (error) { return error } })())",
        ] {
            let code = killed_by(&host, bomb);
            assert_eq!(code, ErrorCode::Memory, "{memory} bytes: {bomb}");
        }
        witness.is_served();
    }
}

#[test]
fn h_a5_a_bomb_that_is_caught_harms_nobody() {
    let host = Host::with_limits(|limits| limits.memory = 8 << 20);
    let applet = armed(
        &host,
        "attacker",
        "",
        "(() => { try { const all = []; for (;;) all.push([]) } catch {} })(); ft.report({n: event.n})",
    );
    for n in 0..3 {
        host.send("attacker", json!({"n": n}));
        assert_eq!(host.reported(), json!({"n": n}));
    }
    applet.close();
    assert_eq!(host.closed("attacker"), CloseReason::Host);
}

#[test]
fn h_a5_a_thrown_null_is_an_error_like_others() {
    let host = Host::new();
    armed(
        &host,
        "attacker",
        "ft.onUnhandledRejection(({reason}) => ft.report({reason}));",
        "Promise.reject(null); throw null",
    );
    host.send("attacker", json!({}));
    assert_eq!(script_error(&host), "null");
    assert_eq!(host.reported(), json!({"reason": null}));
}

/// What is tried with little memory left. Each is the body of a function; some of its parts throw and are caught.
const STARVED: [&str; 12] = [
    "const o = {}; for (let n = 0; n < 400; n++) o['key' + n] = {n}",
    "[1, 2, 3].map(n => ({n})).concat([...'text']).sort().join()",
    "JSON.parse(JSON.stringify({a: [1, {b: 'text'}], c: new Date(0)}))",
    "new Map([[{}, []]]); new Set('abc'); new WeakMap(); new Proxy({}, {}).x; Symbol('s')",
    "eval('class A { #p = 1; get p() { return this.#p } } new A().p; (() => { throw new Error(`x${1}`) })()')",
    "/(a+)(b*)/.exec('xaab'); 'a-b-c'.replace(/-/g, x => x + x); 'x'.repeat(500).split('')",
    "new Uint8Array(2000).fill(1); new Float64Array(100).map(x => x + 1); (2n ** 900n).toString()",
    "ft.report({a: [1, 'text', new Uint8Array(10)], success() {}, fail() {}, complete() {}})",
    "ft.report({nested: {text: 'x'.repeat(1000)}}).then(r => ({...r}), e => ({...e})); ft.eat({a: [1, {b: 2}]})",
    "console.log('text', {a: [1, 2]}, new Error('x')); setTimeout(() => {}, 1, {a: 1}); ft.onError(() => {})",
    "ft.loadExtApi([{name: 'x' + Math.random().toString(36).slice(2), params: {a: ''}}]); ft.onCustomEvent(); wx.invokeNativePlugin({api_name: 'report'})",
    "(async () => { for await (const n of (async function* () { yield 1; yield 2 })()) await n; throw new Error('x') })()",
];

/// The mini-program of the starved runs. It fills the heap, at the end with objects of about a hundred bytes, gives
/// `free` of these back, and holds the rest until the next event, so that callbacks and jobs are starved too.
fn starving() -> String {
    let bodies: Vec<String> = STARVED.iter().map(|body| format!("() => {{ {body} }}")).collect();
    format!(
        "ft.loadExtApi([{{name: 'eat', sync: true}}, {{name: 'fed', sync: true}}]);
         const bodies = [{}];
         const later = queueMicrotask;
         let held;
         ft.addCustomEventListener('starve', ({{body, free, job}}) => {{
           held = {{blocks: []}};
           try {{ for (;;) held.blocks.push(new ArrayBuffer(1 << 15)) }} catch {{}}
           try {{ for (;;) held = {{held}} }} catch {{}}
           for (let n = 0; n < free && held.held; n++) held = held.held;
           try {{ if (job) later(bodies[body]); else bodies[body]() }} catch {{}}
         }});
         ft.addCustomEventListener('feed', () => {{ held = undefined; ft.fed() }});",
        bodies.join(", ")
    )
}

/// Starves one host's applet once for each body and amount of memory; gives how often that ended it.
fn starve(memory: usize) -> usize {
    let host = Host::with_limits(|limits| {
        limits.turn_foreground_ms = 10_000;
        limits.memory = memory;
    });
    let fed = Arc::new(AtomicUsize::new(0));
    let counted = fed.clone();
    host.client.register_sync_api("eat", |_, value: Value| Ok(value)).unwrap();
    host.client.register_sync_api("fed", move |_, (): ()| Ok(counted.fetch_add(1, Ordering::SeqCst))).unwrap();
    let script = starving();
    let mut applet = host.open("starved", &script);
    let mut ended = 0;
    for (body, free) in (0..STARVED.len()).flat_map(|body| (0..120).map(move |free| (body, free))) {
        let before = fed.load(Ordering::SeqCst);
        for event in
            [json!({"name": "starve", "body": body, "free": free, "job": free % 2 == 1}), json!({"name": "feed"})]
        {
            drop(host.client.send_custom_event("starved", payload(event)));
        }
        let goes_on = || fed.load(Ordering::SeqCst) > before;
        until("the applet goes on or ends", || goes_on() || applet.state() == AppletState::Closing);
        if !goes_on() {
            ended += 1;
            assert_eq!(failure(&host.closed("starved")), ErrorCode::Memory, "{}", STARVED[body]);
            applet.wait_until_closed(PATIENCE).unwrap();
            applet = host.open("starved", &script);
        }
    }
    ended
}

#[test]
fn h_a6_memory_that_runs_out_at_any_point_aborts_nothing() {
    alone("h_a6_memory_that_runs_out_at_any_point_aborts_nothing", || {
        // With some sizes what is given back always suffices; over all of them memory runs out where nobody catches it.
        let ended: usize = [1 << 20, 2 << 20, 3 << 20, 5 << 20].map(starve).iter().sum();
        assert!(ended > 100, "memory ran out where nobody caught it {ended} times");
    });
}
