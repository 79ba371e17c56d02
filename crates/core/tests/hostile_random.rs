//! Two hundred mini-programs put together at random from hostile pieces: none crashes the process, each ends with a
//! code at worst, and the next applet is served.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload};
use finapp_core::{AppletState, ErrorCode};
use serde_json::{Value, json};
use std::sync::Arc;
use support::alone::{alone, until};
use support::attack::{Witness, armed, failure};
use support::{Host, PATIENCE};

/// A small generator of numbers: the same seed gives the same script on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// `$` stands for a value, `#` for a name, `@` for more statements.
const STATEMENTS: &[&str] = &[
    "ft.report($)",
    "ft.report({a: $, b: [$], success() { @ }, fail() { @ }, complete() { @ }})",
    "ft.eat({a: $, [#]: $})",
    "ft.eat($)",
    "ft.report({get a() { @; return $ }, toJSON() { @; return $ }})",
    "ft.held({progress() { @ }, cancel() { @ }, a: $})",
    "wx.invokeNativePlugin({api_name: $, data: $, sync: $, success: $})",
    "ft.loadExtApi([{name: #, sync: $, overwrite: $, params: $}, $])",
    "ft.loadExtApi($)",
    "console.log($, $); console.error($)",
    "setTimeout(() => { @ }, $, $); clearTimeout($)",
    "const timer = setInterval(() => { clearInterval(timer); @ })",
    "queueMicrotask(() => { @ })",
    "Promise.resolve($).then(() => { @ }, () => { @ })",
    "Promise.reject($)",
    "(async () => { await $; @ })()",
    "for (const item of [$, $]) { @ }",
    "for (let n = 0; n < 50; n++) { @ }",
    "try { @ } catch (error) { ft.report({error, a: $}) } finally { @ }",
    "Object.defineProperty(Object.prototype, #, {configurable: true, get() { return $ }, set(value) {}})",
    "Object.prototype[#] = $",
    "Array.prototype[#] = $",
    "globalThis[#] = $",
    "delete globalThis[#]; delete ft[#]",
    "Object.freeze($)",
    "Object.setPrototypeOf($, $)",
    "ft[#] = wx[#]; wx = $; ft.report = ft.report",
    "ft.onCustomEvent($); ft.offCustomEvent($)",
    "ft.addCustomEventListener(#, $); ft.removeCustomEventListener(#)",
    "ft.onError(() => { @ }); ft.onUnhandledRejection($)",
    "App({onError: $, get onHide() { @ }, onShow: $})",
    "throw $",
    "Error.prepareStackTrace = (error, sites) => { @; return sites }",
    "Error.stackTraceLimit = $",
    "JSON.stringify($); JSON.parse(String($))",
    "structure = {structure, a: $}",
    "held.push($, $)",
    "(function down() { @; if (held.length < 100) { held.push(1); down() } })()",
    "eval(String($))",
    "new Function('a', 'return ' + String($))($)",
    "require($)",
    "[$, $].sort(() => { @; return $ })",
    "Reflect.ownKeys(ft).forEach(name => { try { if (name !== 'testPanic' && name !== 'exitMiniProgram') ft[name]($, $) } catch {} })",
];

const VALUES: &[&str] = &[
    "undefined",
    "null",
    "0",
    "-0",
    "NaN",
    "1e308",
    "-1",
    "2 ** 53",
    "10n ** 50n",
    "''",
    "'then'",
    "'report'",
    "'\\ud800'",
    "'\\0'",
    "'__proto__'",
    "'x'.repeat(5000)",
    "Symbol('s')",
    "Symbol.iterator",
    "() => $",
    "function () { @ }",
    "class { constructor() { @ } }",
    "{}",
    "[]",
    "[$, $]",
    "{a: $, b: $}",
    "{__proto__: $}",
    "{then(a, b) { @; a($) }}",
    "{valueOf() { @; return $ }, toString() { return $ }}",
    "{get a() { @; return $ }}",
    "{toJSON() { return $ }}",
    "new Proxy({}, {get() { @; return $ }})",
    "new Proxy([], {ownKeys() { return [#] }})",
    "new Proxy(() => {}, {apply() { @ }})",
    "(p => (p.revoke(), p.proxy))(Proxy.revocable({}, {}))",
    "cyclic",
    "deep",
    "ft",
    "wx",
    "globalThis",
    "ft.report",
    "Object.prototype",
    "Array.prototype",
    "Function.prototype",
    "Promise",
    "JSON",
    "new Uint8Array(50)",
    "new ArrayBuffer(8)",
    "new DataView(new ArrayBuffer(8))",
    "new Map([[$, $]])",
    "new Set([1])",
    "new Date(NaN)",
    "/a+/g",
    "new Error($)",
    "new Number(1)",
    "new String('s')",
    "Object(1n)",
    "Promise.resolve($)",
    "(function* () { yield $ })()",
    "held",
    "structure",
    "new Array(1e5)",
    "new Array(2 ** 32 - 1)",
    "Object.create(null)",
    "Object.create($)",
    "eval",
    "arguments",
];

const NAMES: &[&str] = &[
    "'then'",
    "'toJSON'",
    "'success'",
    "'fail'",
    "'complete'",
    "'constructor'",
    "'__proto__'",
    "'length'",
    "'0'",
    "'name'",
    "'get'",
    "'set'",
    "'value'",
    "'errMsg'",
    "'message'",
    "'stack'",
    "'ft'",
    "'wx'",
    "'Promise'",
    "'JSON'",
    "'Object'",
    "'report'",
    "'eat'",
    "'console'",
    "'setTimeout'",
    "Symbol.iterator",
    "Symbol.toPrimitive",
    "'callee'",
    "'a b'",
    "'\\ud800'",
];

/// Fills the holes of `template`, with less and less inside.
fn filled(dice: &mut Dice, template: &str, depth: usize) -> String {
    let mut text = String::new();
    for character in template.chars() {
        match character {
            '$' => {
                let value = if depth == 0 { VALUES[dice.below(18)] } else { dice.pick(VALUES) };
                let value = filled(dice, value, depth.saturating_sub(1));
                text.push_str(&format!("({value})"));
            }
            '#' => text.push_str(dice.pick(NAMES)),
            '@' if depth > 0 => {
                let statement = dice.pick(STATEMENTS);
                text.push_str(&filled(dice, statement, depth - 1));
            }
            '@' => {}
            other => text.push(other),
        }
    }
    text
}

fn script(seed: u64) -> String {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut script = "let held = [], structure = {}; const cyclic = {}; cyclic.cyclic = [cyclic];
        let deep = {}; for (let n = 0; n < 3000; n++) deep = {deep};\n"
        .to_owned();
    for _ in 0..8 {
        let statement = dice.pick(STATEMENTS);
        script.push_str(&format!("try {{ {} }} catch {{}}\n", filled(&mut dice, statement, 3)));
    }
    script
}

#[test]
fn h_a2_random_hostile_programs_never_crash_the_process() {
    alone("h_a2_random_hostile_programs_never_crash_the_process", || {
        let host = Host::with_limits(|limits| {
            limits.turn_foreground_ms = 1_000;
            limits.memory = 8 << 20;
            limits.sync_call_ms = 50;
            limits.zombies = 100;
        });
        host.client.register_sync_api("eat", |_, value: Value| Ok(value)).unwrap();
        let held = host.hands_over("held");
        // Not every text of a mini-program is one that Rust can hold, so nobody reads these reports.
        let unread = Handler::Host(Arc::new(|call: HostCall| {
            call.reply.success(Payload::none());
        }));
        host.client.register_for("random", "report", unread, ApiOptions::default()).unwrap();
        let witness = Witness::new(&host);
        let (mut ended, mut called) = (0, 0);
        for seed in 0..200 {
            let script = script(seed);
            eprintln!("seed {seed}:\n{script}");
            let applet = armed(&host, "random", "ft.loadExtApi([{name: 'eat', sync: true}, {name: 'held'}]);", &script);
            host.send("random", json!({"n": seed}));
            drop(held.try_recv());
            // The second event is handled after everything that the first has set off at once.
            drop(host.client.send_custom_event("random", support::payload(json!({"name": "then"}))));
            until("the applet goes on or ends", || {
                applet.counters().events >= 2 || applet.state() == AppletState::Closing
            });
            called += applet.counters().calls;
            if applet.state() == AppletState::Closing {
                let code = failure(&host.closed("random"));
                let allowed = [ErrorCode::Timeout, ErrorCode::Memory, ErrorCode::Unresponsive];
                assert!(allowed.contains(&code), "seed {seed}: {code}");
                ended += 1;
            } else {
                applet.close();
                // It may still have ended by itself before it was told to close.
                drop(host.closed("random"));
            }
            applet.wait_until_closed(PATIENCE).unwrap();
            assert_eq!(applet.counters().panics, 0, "seed {seed}");
            if seed % 20 == 0 {
                witness.is_served();
            }
        }
        witness.is_served();
        eprintln!("{ended} ended, {called} called");
        assert!(called > 100, "the scripts are not all refused at once");
    });
}
