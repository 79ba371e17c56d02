//! Mini-programs that attack with values: nested, huge, cyclic, with code behind every property.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{CallInfo, HostCall};
use finapp_core::{ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::Host;
use support::alone::alone;
use support::attack::{Witness, armed, failure, killed_by};

/// Both ways of reading an argument: `host` is answered with the JSON text it got, `inline` with what Rust read from
/// the engine. `codes(f, g, ..)` reports how the calls ended, in order; code 0 is success.
const DOORS: &str = "
    ft.loadExtApi([{name: 'host'}, {name: 'inline'}, {name: 'inlineSync', sync: true}]);
    const codes = (...runs) => Promise.allSettled(runs.map(run => run())).then(ends => ends.map(end => end.reason ?? end.value))
      .then(ends => ft.report({codes: ends.map(end => end.errCode ?? 0), texts: ends.map(end => end.errMsg)}));";

/// A host with these APIs, and the count of arguments that reached a handler.
fn doors(host: Host) -> (Host, Arc<AtomicUsize>) {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let text = move |call: HostCall| {
        count.fetch_add(1, Ordering::SeqCst);
        call.reply.success_text(json!({"text": call.params.text()}).to_string());
    };
    host.client.register_custom_api("host", text).unwrap();
    for name in ["inline", "inlineSync"] {
        let count = seen.clone();
        let text = move |_: &CallInfo, value: Value| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(json!({"text": value.to_string()}))
        };
        host.client.register_sync_api(name, text).unwrap();
    }
    (host, seen)
}

/// What an applet reports that is closed afterwards.
fn ends(host: &Host, script: &str) -> Value {
    let got = host.run(script);
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    got
}

/// Each attack through each door.
fn through_doors(attacks: &[&str]) -> String {
    let run = |attack: &&str| {
        format!("() => ft.host({attack}), () => ft.inline({attack}), () => Promise.reject(ft.inlineSync({attack}))")
    };
    attacks.iter().map(run).collect::<Vec<_>>().join(", ")
}

#[test]
fn h_a7_a_deep_structure_is_used_sent_and_freed_without_recursion() {
    alone("h_a7_a_deep_structure_is_used_sent_and_freed_without_recursion", || {
        let host = Host::with_limits(|limits| {
            limits.js_stack = 64 << 10;
            limits.thread_stack = 256 << 10;
            limits.turn_foreground_ms = 60_000;
            limits.memory = 512 << 20;
        });
        let (host, _) = doors(host);
        for (made, code) in [
            ("let d = {}; for (let n = 0; n < 1e6; n++) d = {d}", ErrorCode::TooDeep),
            ("let d = []; for (let n = 0; n < 1e6; n++) d = [d]; d = {d}", ErrorCode::TooDeep),
            (
                "let d = new Map(); for (let n = 0; n < 1e5; n++) d = new Map([[d, d]]); d = {d, n: 1n}",
                ErrorCode::Serialize,
            ),
            (
                "let f = () => 1; for (let n = 0; n < 1e6; n++) { const g = f; f = () => g } const d = {f, n: 1n}",
                ErrorCode::Serialize,
            ),
            ("let d = {}; for (let n = 0; n < 1e5; n++) d = new Proxy(d, {}); d = {d, n: 1n}", ErrorCode::Serialize),
            (
                "let d = {n: 1n}; for (let n = 0; n < 1e5; n++) d = Object.create(d); d = {d, n: 1n}",
                ErrorCode::Serialize,
            ),
            (
                "let p = Promise.resolve(); for (let n = 0; n < 1e5; n++) p = p.then(() => 1); const d = {p, n: 1n}",
                ErrorCode::Serialize,
            ),
        ] {
            let got = ends(&host, &format!("{DOORS} {made}; codes({})", through_doors(&["d"])));
            assert_eq!(got["codes"], json!([code.number(), code.number(), code.number()]), "{made}");
        }
    });
}

#[test]
fn h_a8_a_nested_argument_never_reaches_a_handler() {
    alone("h_a8_a_nested_argument_never_reaches_a_handler", || {
        let (host, seen) = doors(Host::with_limits(|limits| limits.turn_foreground_ms = 60_000));
        let got = host.run(&format!(
            "{DOORS} let o = {{}}, a = []; for (let n = 0; n < 1e5; n++) {{ o = {{o}}; a = [a] }} codes({})",
            through_doors(&["o", "{a}", "{x: {toJSON: () => o}}"])
        ));
        let deep = ErrorCode::TooDeep.number();
        // A handler in Rust reads values as they are: what has a `toJSON` is an object with a function, not its result.
        assert_eq!(got["codes"], json!([deep, deep, deep, deep, deep, deep, deep, 0, 0]));
        assert_eq!(seen.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn h_a9_an_argument_of_100_mb_reaches_no_handler_and_is_never_copied() {
    alone("h_a9_an_argument_of_100_mb_reaches_no_handler_and_is_never_copied", || {
        // The cap leaves no room for a second copy inside the engine.
        let (host, seen) = doors(Host::with_limits(|limits| {
            limits.memory = 150 << 20;
            limits.turn_foreground_ms = 60_000;
        }));
        let too_large = ErrorCode::TooLarge.number();
        for made in [
            "const big = 'x'.repeat(100e6)",
            "const half = 'x'.repeat(50e6), big = half + half",
            "const big = '\\u{1F600}'.repeat(25e6)",
            "const big = new Uint8Array(100e6)",
            "const big = new Array(6e6).fill(0)",
            "const big = {toString: 1}; for (let n = 0; n < 2e5; n++) big['n' + n] = n",
            "const big = new Array(2000).fill('x'.repeat(1e5))",
        ] {
            let got = ends(&host, &format!("{DOORS} {made}; codes({})", through_doors(&["{big}"])));
            assert_eq!(got["codes"], json!([too_large, too_large, too_large]), "{made}");
        }
        assert_eq!(seen.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn h_a10_a_cyclic_argument_is_refused_and_said_to_be_circular() {
    let (host, seen) = doors(Host::new());
    let cycles = ["own", "{list: [{own}]}", "{list}", "{map: {again: {get a() { return own }}}}"];
    let got = host.run(&format!(
        "{DOORS} const own = {{}}; own.own = own; const list = []; list.push([list]);
         codes({all})",
        all = through_doors(&cycles)
    ));
    assert_eq!(got["codes"], json!(vec![ErrorCode::Serialize.number(); 12]));
    for text in got["texts"].as_array().unwrap() {
        assert!(text.as_str().unwrap().contains("circular"), "{text}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[test]
fn h_a11_code_behind_an_argument_that_throws_fails_the_call_and_one_that_loops_ends_the_applet() {
    let (host, seen) = doors(Host::with_limits(|limits| limits.turn_foreground_ms = 300));
    let witness = Witness::new(&host);
    let throwing = [
        "{get a() { throw new Error('mine') }}",
        "{a: {get b() { throw null }}}",
        "{get a() { throw {get message() { throw 1 }} }}",
    ];
    let got = host.run(&format!("{DOORS} codes({})", through_doors(&throwing)));
    assert_eq!(got["codes"], json!(vec![ErrorCode::Serialize.number(); 9]));
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    for looping in [
        "ft.host({get a() { for (;;) ; }})",
        "ft.inline({get a() { for (;;) ; }})",
        "ft.host({toJSON() { for (;;) ; }})",
    ] {
        assert_eq!(killed_by(&host, &format!("{DOORS} {looping}")), ErrorCode::Timeout, "{looping}");
    }
    witness.is_served();
}

#[test]
fn h_a11_a_call_made_while_an_argument_is_read_is_always_busy() {
    let (host, _) = doors(Host::new());
    host.echoes("inner");
    host.echoes("checked");
    host.client.register_sync_api("innerSync", |_, (): ()| Ok(())).unwrap();
    let before = "ft.loadExtApi([{name: 'inner'}, {name: 'innerSync', sync: true},
          {name: 'checked', params: {a: 1}}]);
        const inner = [];
        const call = () => {
          inner.push(ft.inner().then(() => 0, failed => failed.errCode), ft.innerSync().errCode ?? 0,
            wx.invokeNativePlugin({api_name: 'inner'}).then(() => 0, failed => failed.errCode));
          return 1;
        };";
    for attack in [
        "ft.host({get a() { return call() }})",
        "ft.inline({get a() { return call() }})",
        "ft.inlineSync({get a() { return call() }})",
        "ft.checked({get a() { return call() }})",
        "ft.checked(new Proxy({a: 1}, {get(target, name) { call(); return target[name] }}))",
        "ft.host({get success() { call() }})",
        "ft.host({b: {toJSON() { return call() }}})",
        "ft.host({get b() { throw Object.defineProperty(new Error(), 'message', {get: call}) }})",
        "ft.host(Object.defineProperty([], '0', {get: call, enumerable: true}))",
        "ft.host(new Proxy({}, {ownKeys() { call(); return [] }}))",
        "ft.host(new Proxy({}, {get() { call() }}))",
        "wx.invokeNativePlugin({get api_name() { call(); return 'host' }})",
        "wx.invokeNativePlugin({api_name: 'host', get data() { call(); return {} }})",
        "wx.invokeNativePlugin({api_name: 'host', data: {get a() { return call() }}})",
    ] {
        let after = "Promise.all(inner).then(inner => ft.inner({}).then(() => ft.report({inner})))";
        let got = ends(&host, &format!("{DOORS} {before} {attack}; {after}"));
        let inner = got["inner"].as_array().unwrap();
        assert!(!inner.is_empty(), "{attack}");
        assert!(inner.iter().all(|code| *code == ErrorCode::Busy.number()), "{attack}: {inner:?}");
    }
}

#[test]
fn h_a12_a_proxy_is_read_like_any_object_and_one_that_refuses_fails_the_call() {
    let (host, seen) = doors(Host::with_limits(|limits| limits.turn_foreground_ms = 20_000));
    let (serialize, too_large) = (ErrorCode::Serialize.number(), ErrorCode::TooLarge.number());
    for (made, code, reaches) in [
        ("const made = new Proxy({a: 1}, {})", 0, 3),
        ("const pair = Proxy.revocable({}, {}); pair.revoke(); const made = pair.proxy", serialize, 0),
        ("const pair = Proxy.revocable([], {}); pair.revoke(); const made = {list: pair.proxy}", serialize, 0),
        ("const made = new Proxy({}, {ownKeys() { throw 1 }})", serialize, 0),
        ("const made = new Proxy({}, {ownKeys: () => [1]})", serialize, 0),
        ("const made = new Proxy({a: 1}, {getOwnPropertyDescriptor() { throw 1 }})", serialize, 0),
        (
            "const made = new Proxy([], {get: (t, name) => name === 'length' ? 2 ** 53 : undefined}), list = {made}",
            -1,
            0,
        ),
        (
            "const names = Array.from({length: 1e5}, (_, n) => 'n' + n);
             const made = new Proxy({}, {ownKeys: () => names,
               getOwnPropertyDescriptor: () => ({value: 1, enumerable: true, configurable: true})})",
            too_large,
            0,
        ),
    ] {
        // A list that says it is endless is no list of arguments, only a value among them.
        let (arg, code) = if code == -1 { ("list", too_large) } else { ("made", code) };
        seen.store(0, Ordering::SeqCst);
        let got = ends(&host, &format!("{DOORS} {made}; codes({})", through_doors(&[arg])));
        assert_eq!(got["codes"], json!([code, code, code]), "{made}");
        assert_eq!(seen.load(Ordering::SeqCst), reaches, "{made}");
    }
}

#[test]
fn h_a12_a_million_names_from_a_trap_end_the_call_or_the_applet() {
    let (host, seen) = doors(Host::with_limits(|limits| limits.turn_foreground_ms = 20_000));
    let witness = Witness::new(&host);
    let attack = format!(
        "{DOORS} const names = Array.from({{length: 1e6}}, (_, n) => 'n' + n);
         const made = new Proxy({{}}, {{ownKeys: () => names}}); codes(() => ft.host(made))"
    );
    let applet = armed(&host, "attacker", "", &attack);
    host.send("attacker", json!({}));
    // Either way is right; which one it is depends on how much memory a name takes.
    let ended = host.event(|event| match event {
        LifeCycleEvent::Closed { reason, .. } => Some(failure(reason)),
        _ => host.try_reported().map(|_| ErrorCode::TooLarge),
    });
    assert!(matches!(ended, ErrorCode::Memory | ErrorCode::Timeout | ErrorCode::TooLarge), "{ended:?}");
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    applet.close();
    witness.is_served();
}

#[test]
fn h_a12_proxies_as_callbacks_are_called_and_revoked_ones_keep_no_other_from_running() {
    let (host, _) = doors(Host::new());
    let got = host.run(&format!(
        "{DOORS} const seen = [], note = name => () => {{ seen.push(name) }};
         ft.onError(text => seen.push(text.split(':')[0]));
         const revoked = Proxy.revocable(() => 1, {{}}); revoked.revoke();
         ft.host({{success: new Proxy(note('success'), {{}}), complete: note('complete')}});
         ft.host({{success: new Proxy(() => 1, {{apply: note('trap')}}), complete: note('complete')}});
         ft.host({{success: revoked.proxy, complete() {{ ft.report({{seen}}) }}}})"
    ));
    assert_eq!(got["seen"], json!(["success", "complete", "trap", "complete", "TypeError"]));
}

#[test]
fn h_a13_every_value_arrives_by_one_table() {
    let (host, _) = doors(Host::new());
    // The value, the text that a host gets, and what a handler in Rust reads.
    let table = [
        ("NaN", r#"{"v":null}"#, r#"{"v":null}"#),
        ("-Infinity", r#"{"v":null}"#, r#"{"v":null}"#),
        ("-0", r#"{"v":0}"#, r#"{"v":0}"#),
        ("undefined", "{}", "{}"),
        ("Symbol('s')", "{}", "{}"),
        ("() => 1", "{}", "{}"),
        ("[undefined, Symbol('s')]", r#"{"v":[null,null]}"#, r#"{"v":[null,null]}"#),
        ("new Date(0)", r#"{"v":"1970-01-01T00:00:00.000Z"}"#, r#"{"v":{}}"#),
        ("new Map([[1, 2]])", r#"{"v":{}}"#, r#"{"v":{}}"#),
        ("new Set([1])", r#"{"v":{}}"#, r#"{"v":{}}"#),
        (r"'a\ud800'", r#"{"v":"a\ud800"}"#, "{\"v\":\"a\u{FFFD}\"}"),
        (r"'\udc00\ud800'", r#"{"v":"\udc00\ud800"}"#, "{\"v\":\"\u{FFFD}\u{FFFD}\"}"),
        (r"'\ud83d' + '\ude00'", r#"{"v":"😀"}"#, r#"{"v":"😀"}"#),
        (r"'\0x'", r#"{"v":"\u0000x"}"#, r#"{"v":"\u0000x"}"#),
        (r"'\u2028'", "{\"v\":\"\u{2028}\"}", "{\"v\":\"\u{2028}\"}"),
        ("2 ** 53 + 1", r#"{"v":9007199254740992}"#, r#"{"v":9007199254740992}"#),
        ("2 ** 53 - 1", r#"{"v":9007199254740991}"#, r#"{"v":9007199254740991}"#),
        ("5e-324", r#"{"v":5e-324}"#, r#"{"v":5e-324}"#),
        ("1.7976931348623157e308", r#"{"v":1.7976931348623157e+308}"#, r#"{"v":1.7976931348623157e+308}"#),
    ];
    for (value, text, read) in table {
        let got = ends(&host, &format!(
            "{DOORS} const value = {value};
             ft.host({{v: value}}).then(host => ft.inline({{v: value}}).then(inline => ft.report({{got: [host.text, inline.text,
               ft.inlineSync({{v: value}}).text]}})))"
        ));
        assert_eq!(got["got"], json!([text, read, read]), "{value}");
    }
    let got = host.run(&format!("{DOORS} codes({})", through_doors(&["{v: 1n}", "{v: 2n ** 70n}", "{v: [-1n]}"])));
    assert_eq!(got["codes"], json!(vec![ErrorCode::Serialize.number(); 9]));
}
