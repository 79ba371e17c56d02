//! Mini-programs that attack the engine itself: its time, its jobs, its memory, its stack.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::host::LogLevel;
use finapp_core::{CloseReason, ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use support::alone::{alone, threads, until};
use support::attack::{Witness, armed, failure, killed_by};
use support::{Host, PATIENCE};

/// A host whose applets may take half a second a turn, with an API that reads its argument in Rust.
fn brisk() -> Host {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 500);
    host.client.register_sync_api("eat", |_, value: Value| Ok(value)).unwrap();
    host
}

#[test]
fn h_a1_an_endless_loop_ends_the_applet_wherever_it_runs() {
    let host = brisk();
    let witness = Witness::new(&host);
    for script in [
        "for (;;) ;",
        "ft.report({success() { for (;;) ; }})",
        "ft.report({fail() {}, complete() { for (;;) ; }})",
        "ft.loadExtApi({name: 'eat', sync: true}); ft.eat({get a() { for (;;) ; }})",
        "ft.report({get a() { for (;;) ; }})",
        "ft.report({get success() { for (;;) ; }})",
        "ft.report({toJSON() { for (;;) ; }})",
        "setTimeout(() => { for (;;) ; })",
        "Promise.resolve().then(() => { for (;;) ; })",
        "queueMicrotask(() => { for (;;) ; })",
        "console.log({toJSON() { for (;;) ; }})",
        "const error = new Error(); Object.defineProperty(error, 'stack', {get() { for (;;) ; }}); throw error",
        "const error = new Error(); Object.defineProperty(error, 'name', {get() { for (;;) ; }}); Promise.reject(error)",
        "App({get onError() { for (;;) ; }}); throw 1",
        "ft.onUnhandledRejection(() => { for (;;) ; }); Promise.reject(1)",
        "eval('for (;;) ;')",
    ] {
        assert_eq!(killed_by(&host, script), ErrorCode::Timeout, "{script}");
    }
    witness.is_served();
    assert_eq!(host.client.quarantined_threads(), 0);
}

#[test]
fn h_a1_a_job_that_throws_is_read_on_the_budget_of_the_job() {
    let host = brisk();
    // The resolve function of this Promise throws inside a job, where no JavaScript is left to catch it.
    let thrown = |value: &str| {
        format!(
            "class Hostile extends Promise {{
               constructor(run) {{ super(() => {{}}); run(() => {{ throw {value} }}, () => {{}}) }}
             }}
             const promise = Promise.resolve();
             promise.constructor = Hostile;
             promise.then(() => {{}});"
        )
    };
    let getter = thrown("Object.defineProperty(new Error(), 'message', {get() { for (;;) ; }})");
    assert_eq!(killed_by(&host, &getter), ErrorCode::Timeout);
    let hook = format!("ft.onError(() => {{ for (;;) ; }}); {}", thrown("1"));
    assert_eq!(killed_by(&host, &hook), ErrorCode::Timeout);
    assert_eq!(host.client.quarantined_threads(), 0);
}

#[test]
fn h_a1_the_start_fails_once_and_leaves_nothing_behind() {
    let host = brisk();
    let error = host.try_open("attacker", "for (;;) ;").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout);
    assert_eq!(failure(&host.closed("attacker")), ErrorCode::Timeout);
    // The next event of that applet is the start of its next run: the end of the first was told once.
    host.open("attacker", "ft.report({again: true})");
    let next = host.event(|event| Some(event.clone()));
    assert_eq!(next, LifeCycleEvent::Opened { app_id: "attacker".to_owned() });
    assert_eq!(host.reported(), json!({"again": true}));
}

#[test]
fn h_a2_nothing_runs_after_the_interrupt_that_reaches_anybody() {
    let host = brisk();
    host.client.register_sync_api("tell", |_, (): ()| Ok(())).unwrap();
    let witness = Witness::new(&host);
    for script in [
        "try { for (;;) ; } catch { ft.report({}) } finally { ft.report({}) }",
        "for (;;) try { for (;;) ; } finally { ft.report({}); continue }",
        "function* forever() { try { for (;;) yield } finally { ft.report({}) } } for (const _ of forever()) ;",
        "[1, 2].sort(() => { for (;;) ; }); ft.report({})",
        "new Proxy({}, {get() { try { for (;;) ; } finally { ft.report({}) } }}).x",
        "try { ft.report({get a() { for (;;) ; }}) } catch {} finally { ft.report({}) } ft.report({})",
        "try { ft.report({toJSON() { for (;;) ; }}) } catch { ft.report({}) } ft.report({})",
        "ft.report({get success() { for (;;) ; }}); ft.report({})",
        "ft.loadExtApi({name: 'eat', sync: true}); ft.eat({get a() { for (;;) ; }}); ft.report({})",
        "console.log({get a() { for (;;) ; }}); ft.report({})",
        "(async () => { try { for (;;) await 0 } catch {} finally { ft.report({}) } })()",
        "Error.prepareStackTrace = () => { ft.report({}) }; for (;;) ;",
        "Error.prepareStackTrace = () => { for (;;) ; }; new Error().stack; ft.report({})",
    ] {
        let hooked = format!("App({{onError() {{ ft.report({{}}) }}}}); {script}");
        assert_eq!(killed_by(&host, &hooked), ErrorCode::Timeout, "{script}");
    }
    witness.is_served();
    assert!(host.nothing_reported());
}

#[test]
fn h_a2_an_interrupt_stays_uncatchable_with_a_full_heap() {
    let host = Host::with_limits(|limits| {
        limits.turn_foreground_ms = 500;
        limits.memory = 4 << 20;
    });
    let code = killed_by(
        &host,
        "globalThis.hold = [];
         for (const size of [10000, 1000, 100, 10, 1]) try { for (;;) hold.push(new Array(size).fill(0)) } catch {}
         try { for (;;) globalThis.hold = {hold} } catch {}
         for (;;) try { for (;;) ; } catch {}",
    );
    assert_eq!(code, ErrorCode::Timeout);
    assert_eq!(host.client.quarantined_threads(), 0);
}

#[test]
fn h_a3_an_endless_chain_of_jobs_is_ended_and_lets_messages_in_meanwhile() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 2_000);
    let witness = Witness::new(&host);
    let applet = armed(
        &host,
        "attacker",
        "let busy = false;",
        "if (busy) return ft.report({served: event.n}); busy = true; ft.report({}); (async () => { for (;;) await 0 })()",
    );
    host.send("attacker", json!({"n": 1}));
    assert_eq!(host.reported(), json!({}));
    host.send("attacker", json!({"n": 2}));
    assert_eq!(host.reported(), json!({"served": 2}));
    witness.is_served();
    assert_eq!(failure(&host.closed("attacker")), ErrorCode::Timeout);
    applet.wait_until_closed(PATIENCE).unwrap();
    assert_eq!(host.client.quarantined_threads(), 0);
}

#[test]
fn h_a22_a_catastrophic_expression_is_interrupted_and_a_huge_one_is_a_syntax_error() {
    let host = brisk();
    let witness = Witness::new(&host);
    for script in ["/(?:(?:a*)*)*b/.test('a'.repeat(40))", "/^(a+)+$/.exec('a'.repeat(60) + '!')"] {
        assert_eq!(killed_by(&host, script), ErrorCode::Timeout, "{script}");
    }
    let report =
        "const outcome = text => { try { new RegExp(text); return 'compiled' } catch (error) { return error.name } };
        ft.report({groups: outcome('()'.repeat(1e5)), nested: outcome('('.repeat(1e5)),
                   quantifier: outcome('(a{1000000000}){1000000}')})";
    armed(&host, "attacker", "", report);
    host.send("attacker", json!({}));
    let outcome = host.reported();
    assert_eq!(outcome["groups"], "SyntaxError");
    assert_eq!(outcome["nested"], "SyntaxError");
    assert!(["compiled", "SyntaxError", "InternalError"].contains(&outcome["quantifier"].as_str().unwrap()));
    witness.is_served();
}

/// The limits with which native code is given up soon.
fn impatient() -> Host {
    Host::with_limits(|limits| {
        limits.turn_foreground_ms = 300;
        limits.watchdog_grace_ms = 300;
    })
}

#[test]
fn h_a23_native_code_that_never_asks_is_given_up_and_the_fifth_start_is_refused() {
    alone("h_a23_native_code_that_never_asks_is_given_up_and_the_fifth_start_is_refused", || {
        let host = impatient();
        let witness = Witness::new(&host);
        // One of each family: texts, array-likes that claim a length, typed arrays, and conversion of large integers.
        let endless = [
            "'a'.repeat(2 ** 24).indexOf('a'.repeat(2 ** 23) + 'b')",
            "Array.prototype.reverse.call({length: 2 ** 53 - 1})",
            "Array.prototype.unshift.call({length: 2 ** 53 - 2}, 1)",
            "Array.prototype.join.call({length: 2 ** 53 - 1})",
        ];
        for (count, script) in endless.into_iter().enumerate() {
            let applet =
                armed(&host, &format!("attacker{count}"), "", &format!("ft.report({{}}); {script}; ft.report({{}})"));
            host.send(applet.app_id(), json!({}));
            assert_eq!(host.reported(), json!({}));
            assert_eq!(failure(&host.closed(applet.app_id())), ErrorCode::Unresponsive, "{script}");
            witness.is_served();
            assert_eq!(host.client.quarantined_threads(), count + 1);
        }
        assert_eq!(host.try_open("one-more", "").unwrap_err().code(), ErrorCode::ZombieLimit);
        witness.is_served();
        host.client.shutdown();
        host.client.wait_until_closed(PATIENCE).unwrap();
        assert!(host.nothing_reported());
    });
}

#[test]
fn h_a23_a_thread_that_comes_back_is_reclaimed_and_nothing_it_says_is_heard() {
    alone("h_a23_a_thread_that_comes_back_is_reclaimed_and_nothing_it_says_is_heard", || {
        let host = impatient();
        let witness = Witness::new(&host);
        let quiet = threads();
        // One call takes seconds on a slow machine, the first one on any.
        let endless = "'a'.repeat(2 ** 17).indexOf('a'.repeat(2 ** 16) + 'b'); for (;;) ft.report({})";
        let numbers = "const numbers = new Float64Array(6e6);
            for (let n = 0; n < 1e5; n++) numbers[n] = Math.random();
            for (let filled = 1e5; filled < 6e6; filled *= 2) numbers.copyWithin(filled, 0, filled);";
        for (before, script, sure) in [
            ("", endless, true),
            (numbers, "numbers.sort(); for (;;) ;", false),
            ("const big = (1n << 1000000n) - 1n;", "big.toString(); for (;;) ;", false),
        ] {
            armed(&host, "attacker", before, script);
            host.send("attacker", json!({}));
            let code = failure(&host.closed("attacker"));
            witness.is_served();
            assert!(code == ErrorCode::Unresponsive || code == ErrorCode::Timeout && !sure, "{script}: {code}");
            until("the thread is reclaimed", || host.client.quarantined_threads() == 0 && threads() <= quiet);
        }
        assert!(host.nothing_reported());
        host.open("attacker", "ft.report({again: true})");
        assert_eq!(host.reported(), json!({"again": true}));
    });
}

#[cfg(feature = "test-hooks")]
#[test]
fn h_a25_a_caught_panic_fails_one_call_closes_the_applet_and_parks_nothing() {
    let host = Host::new();
    let witness = Witness::new(&host);
    let applet = armed(
        &host,
        "attacker",
        "",
        "let seen = []
         try { ft.testPanic() } catch (error) { seen.push(String(error)) }
         try { throw new Error('ordinary') } catch (error) { seen.push(String(error)) }
         try { null.x } catch (error) { seen.push(error.name) }
         ft.report({seen})",
    );
    host.send("attacker", json!({}));
    assert_eq!(host.reported(), json!({"seen": ["InternalError: internal error", "Error: ordinary", "TypeError"]}));
    assert_eq!(failure(&host.closed("attacker")), ErrorCode::Internal);
    assert_eq!(applet.counters().panics, 1);
    witness.is_served();
    assert!(host.log.at_least(LogLevel::Error).iter().all(|line| !line.contains("a panic for the test")));
}

#[cfg(feature = "test-hooks")]
#[test]
fn h_a25_a_panic_in_a_job_or_a_getter_ends_the_same_way() {
    let host = Host::new();
    let witness = Witness::new(&host);
    for script in [
        "Promise.resolve().then(() => ft.testPanic())",
        "ft.report({get a() { return ft.testPanic() }})",
        "setTimeout(() => { try { ft.testPanic() } finally { throw 1 } })",
        "Error.prepareStackTrace = () => ft.testPanic(); null.x",
        "ft.testPanic()",
    ] {
        assert_eq!(killed_by(&host, script), ErrorCode::Internal, "{script}");
        witness.is_served();
    }
}

#[test]
fn h_a29_shared_memory_blocking_waits_and_weak_references_are_absent() {
    let host = Host::new();
    host.open(
        "attacker",
        "const names = ['SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'performance', 'WebAssembly'];
         ft.report({global: names.filter(name => name in globalThis), types: names.map(name => eval('typeof ' + name))});",
    );
    assert_eq!(host.reported(), json!({"global": [], "types": vec!["undefined"; 6]}));
}

#[test]
fn h_a29_teardown_is_clean_whatever_is_still_held() {
    alone("h_a29_teardown_is_clean_whatever_is_still_held", || {
        let host = Host::new();
        host.client.register_custom_api("never", std::mem::forget).unwrap();
        let quiet = threads();
        for _ in 0..20 {
            let applet = host.open(
                "attacker",
                "ft.loadExtApi({name: 'never'});
                 const cycle = {weak: new WeakMap(), set: new WeakSet()}; cycle.self = cycle; cycle.weak.set(cycle, cycle);
                 globalThis.held = cycle; ft.held = [ft, wx, globalThis];
                 ft.never({cycle: 1, success: () => cycle}); ft.never(); ft.never().then(() => cycle);
                 ft.onCustomEvent(() => cycle); ft.addCustomEventListener('x', () => cycle); ft.onError(() => cycle);
                 setInterval(() => cycle, 1e6); setTimeout(() => cycle, 5, cycle); App({cycle, onHide() { return cycle }});
                 Promise.reject(cycle); module.exports = cycle; (async () => { await new Promise(() => {}); return cycle })();
                 const forever = (function* () { try { yield cycle } finally { yield cycle } })(); forever.next();
                 ft.report({})",
            );
            assert_eq!(host.reported(), json!({}));
            applet.close();
            applet.wait_until_closed(PATIENCE).unwrap();
        }
        until("the threads of closed applets end", || threads() <= quiet);
    });
}

/// Recursion, each as the body of a function that must throw, be refused, or simply end.
const DEEP: [&str; 18] = [
    "const down = () => down() + 1; down()",
    "const o = {toString() { return `${this}` }}; String(o)",
    "let p = {}; for (let n = 0; n < 1e5; n++) p = new Proxy(p, {}); p.x; delete p.y; 'z' in p; Object.keys(p)",
    "let o = {}; for (let n = 0; n < 1e5; n++) o = Object.create(o); o.absent",
    "let f = () => 1; for (let n = 0; n < 1e5; n++) { const g = f; f = () => g() } f()",
    "let f = function () {}; for (let n = 0; n < 1e4; n++) f = f.bind(null); f()",
    "const o = {get a() { console.log(o); return 1 }}; console.log(o)",
    "const o = {get a() { return ft.eat(o) }}; ft.eat(o)",
    "const o = {toJSON() { ft.report(o); return JSON.stringify(o) }}; ft.report(o)",
    "const o = {get a() { throw new Error(`${console.log(o)}`) }}; console.log(o)",
    "let a = [1]; for (let n = 0; n < 1e5; n++) a = [a]; String(a)",
    "let a = [1]; for (let n = 0; n < 1e5; n++) a = [a]; a.flat(Infinity)",
    "let e = new Error(); for (let n = 0; n < 1e5; n++) e = new Error('x', {cause: e}); throw e",
    "eval('('.repeat(1e5))",
    "new RegExp('('.repeat(1e5))",
    "new RegExp('(?:a|'.repeat(1e4) + ')'.repeat(1e4)).test('a'.repeat(1e5))",
    "Reflect.construct(function f() { new f() }, [])",
    "let p = Promise.resolve(); for (let n = 0; n < 1e5; n++) { const q = p; p = new Promise(done => done(q)) }",
];

/// Structures that are deep, and are then let go of.
const FREED: [&str; 12] = [
    "let d = {}; for (let n = 0; n < 5e5; n++) d = {d}",
    "let d = []; for (let n = 0; n < 5e5; n++) d = [d]",
    "let d = () => 1; for (let n = 0; n < 2e5; n++) { const e = d; d = () => e }",
    "let d = 'x'.repeat(9000); for (let n = 0; n < 2e5; n++) d = 'y' + d; d = {d}",
    "let d; for (let n = 0; n < 2e5; n++) d = new Map([[d, d]])",
    "let d = {}; for (let n = 0; n < 2e5; n++) d = new Proxy(d, {d})",
    "let d = {}; for (let n = 0; n < 2e5; n++) d = Object.create(d)",
    "let d = Promise.resolve(); for (let n = 0; n < 1e5; n++) d = d.then(() => 1)",
    "let d = (function* () {})(); for (let n = 0; n < 5e4; n++) { const e = d; d = (function* () { yield* e })(); d.next() }",
    "let d; for (let n = 0; n < 5e4; n++) { const e = d; d = (async () => { await e; await new Promise(() => {}) })() }",
    "let d; for (let n = 0; n < 5e4; n++) { const m = new WeakMap(), k = {}; m.set(k, {d, k}); d = {m, k} }",
    "let d = {}; const first = d; for (let n = 0; n < 5e5; n++) d = {d}; first.d = d",
];

/// An applet on the smallest stacks that may be configured, and messages as deep as may be configured.
fn cramped() -> Host {
    let host = Host::with_limits(|limits| {
        limits.js_stack = 64 << 10;
        limits.thread_stack = 4 * limits.js_stack;
        limits.message_depth = 512;
        limits.turn_foreground_ms = 20_000;
        limits.memory = 256 << 20;
        limits.validate().unwrap();
    });
    host.client.register_sync_api("eat", |_, value: Value| Ok(value)).unwrap();
    host
}

#[test]
fn h_a7_deep_recursion_is_an_error_and_never_a_signal() {
    alone("h_a7_deep_recursion_is_an_error_and_never_a_signal", || {
        let host = cramped();
        let script = |body: &str| format!("try {{ (() => {{ {body} }})() }} catch {{}} ft.report({{}})");
        for body in DEEP {
            armed(&host, "deep", "ft.loadExtApi({name: 'eat', sync: true});", &script(body));
            host.send("deep", json!({}));
            while host.reported().get("a").is_some() {}
            host.client.close_applet("deep").unwrap();
            assert_eq!(host.closed("deep"), CloseReason::Host, "{body}");
        }
    });
}

#[test]
fn h_a7_letting_go_of_a_deep_structure_does_not_recurse() {
    alone("h_a7_letting_go_of_a_deep_structure_does_not_recurse", || {
        let host = cramped();
        for body in FREED {
            let applet = armed(&host, "deep", "", &format!("(() => {{ {body} }})(); ft.report({{}})"));
            host.send("deep", json!({}));
            assert_eq!(host.reported(), json!({}), "{body}");
            host.client.set_memory_level(finapp_core::MemoryLevel::Moderate);
            applet.close();
            applet.wait_until_closed(PATIENCE).unwrap();
        }
    });
}

#[test]
fn h_a7_the_deepest_message_is_read_with_a_full_javascript_stack() {
    alone("h_a7_the_deepest_message_is_read_with_a_full_javascript_stack", || {
        let host = cramped();
        let echo = |call: HostCall| assert!(call.reply.success_text(call.params.text().to_owned()));
        host.client.register_custom_api("echo", echo).unwrap();
        armed(
            &host,
            "deep",
            "ft.loadExtApi([{name: 'eat', sync: true}, {name: 'echo'}]);",
            // How deep an answer the engine's own parser takes with so small a stack is a matter of the C compiler.
            "const nested = n => { let d = 1; while (n-- > 0) d = n % 2 ? {d} : [d]; return {d} };
             const down = n => n === 0 ? ft.eat(nested(500)).errMsg : down(n - 1);
             let deepest = 0;
             try { for (;; deepest++) down(deepest) } catch {}
             const said = down(deepest - 2);
             const depth = value => { let n = 0; for (; typeof value === 'object'; n++) value = value.d ?? value[0]; return n };
             ft.echo({...nested(250), success: ({d}) => ft.report({said, deep: deepest > 10, depth: depth(d)})})",
        );
        host.send("deep", json!({}));
        assert_eq!(host.reported(), json!({"said": "eat:ok", "deep": true, "depth": 250}));
    });
}

#[test]
fn h_a8_what_is_nested_too_deep_is_refused_before_it_is_read() {
    alone("h_a8_what_is_nested_too_deep_is_refused_before_it_is_read", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 20_000);
        host.client.register_sync_api("eat", |_, value: Value| Ok(value)).unwrap();
        let applet = armed(
            &host,
            "deep",
            "ft.loadExtApi({name: 'eat', sync: true});",
            "let parsed = 'parsed'; try { JSON.parse('['.repeat(1e6)) } catch (error) { parsed = error.name }
             let d = {}; for (let n = 0; n < 1e5; n++) d = n % 2 ? [d] : {d};
             const codes = [ft.eat(d).errCode];
             ft.report(d).catch(e => codes.push(e.errCode));
             ft.report({fail: e => codes.push(e.errCode), complete: () => ft.report({parsed, codes}), d})",
        );
        host.send("deep", json!({}));
        let code = ErrorCode::TooDeep.number();
        assert_eq!(host.reported(), json!({"parsed": "RangeError", "codes": [code, code, code]}));
        assert_eq!(applet.counters().refused, 3);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let refused = Payload::parse(deep, Vec::new(), host.client.limits()).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::TooDeep);
    });
}
