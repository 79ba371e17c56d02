//! Mini-programs that recurse as deep as they can, in the engine and through the bridge: an exception at worst.

mod support;

use serde_json::json;
use support::alone::alone;
use support::attack::armed;
use support::{Host, PATIENCE};

#[test]
fn h_a7_deep_recursion_is_a_range_error_on_every_stack_the_validation_allows() {
    alone("h_a7_deep_recursion_is_a_range_error_on_every_stack_the_validation_allows", || {
        for (js_stack, thread_stack) in [(64 << 10, 256 << 10), (512 << 10, 4 << 20), (1 << 20, 4 << 20)] {
            let host = Host::with_limits(|limits| {
                limits.js_stack = js_stack;
                limits.thread_stack = thread_stack;
                limits.turn_foreground_ms = 60_000;
            });
            for attack in [
                "const f = () => 1 + f(); f()",
                "const o = {toString() { return '' + this }}; '' + o",
                "const o = {get x() { return this.x }}; o.x",
                "class A { constructor() { new A() } } new A()",
                "let p = {}; for (let n = 0; n < 1e5; n++) p = new Proxy(p, {}); p.x",
                "let f = () => 1; for (let n = 0; n < 1e5; n++) { f = f.bind(); Object.defineProperty(f, 'name', {value: ''}) } f()",
                "let f = class {}; for (let n = 0; n < 1e5; n++) { f = f.bind(); Object.defineProperty(f, 'name', {value: ''}) } ({}) instanceof f",
                "const p = new Proxy({}, {get: (t, k, r) => r[k]}); p.x",
                "const p = Object.create(null); const q = new Proxy({}, {getPrototypeOf: () => Object.getPrototypeOf(q)}); q instanceof Object",
                "let a = []; for (let n = 0; n < 1e5; n++) a = [a]; '' + a",
                "let a = []; for (let n = 0; n < 1e5; n++) a = [a]; a.flat(Infinity)",
                "let a = []; for (let n = 0; n < 1e5; n++) a = [a]; JSON.stringify(a)",
                "eval('('.repeat(1e5) + ')'.repeat(1e5))",
                "eval('['.repeat(1e5) + ']'.repeat(1e5))",
                "eval('!'.repeat(1e5) + '1')",
                "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
                "'x'.replace(/x/g, function f() { return 'x'.replace(/x/g, f) })",
                "[1].map(function f() { return [1].map(f) })",
                "[2, 1].sort(function f() { return [2, 1].sort(f) })",
                "ft.loadExtApi({get name() { ft.loadExtApi(this); return 'a' }})",
                "(function f() { ft.report({get x() { f() }}); f() })()",
                "const o = {toJSON() { console.log(o); throw new RangeError() }}; (function f() { console.log(o); f() })()",
                "(function f() { new Promise(f) })(); throw new RangeError()",
            ] {
                let call = format!(
                    "const big = () => {{ {attack} }};
                     let got = 'nothing'; try {{ big() }} catch (error) {{ got = String(error) }} ft.report({{got}})"
                );
                let applet = armed(&host, "attacker", "", &call);
                host.send("attacker", json!({}));
                let got = host.reported()["got"].as_str().unwrap().to_owned();
                let fine = ["RangeError", "SyntaxError", "InternalError: stack overflow"];
                assert!(fine.iter().any(|start| got.starts_with(start)), "{attack}: {got}");
                applet.close();
                applet.wait_until_closed(PATIENCE).unwrap();
            }
        }
    });
}

#[test]
fn h_a8_nested_text_is_an_error_of_the_parser() {
    alone("h_a8_nested_text_is_an_error_of_the_parser", || {
        let host = Host::with_limits(|limits| limits.turn_foreground_ms = 60_000);
        let got = host.run(r#"const parse = text => { try { JSON.parse(text); return 'parsed' } catch (error) { return error.name } };
            ft.report({got: [parse('['.repeat(1e6)), parse('['.repeat(1e6) + ']'.repeat(1e6)), parse('{"a":'.repeat(1e6)),
              parse('[{"a":'.repeat(1e5) + '1' + '}]'.repeat(1e5))]})"#,
        );
        for name in got["got"].as_array().unwrap() {
            assert!(name == "RangeError" || name == "SyntaxError", "{got}");
        }
    });
}
