//! `eval` and the constructors of functions: they do what the language says, and survive a full heap.

mod support;

use serde_json::json;
use support::Host;

#[test]
fn code_made_of_text_does_what_the_language_says() {
    let host = Host::new();
    host.open(
        "demo",
        "class Twice extends Function { name2() { return 'own' } }
         const thrown = source => { try { eval(source) } catch (error) { return error.name } };
         ft.report({
           global: Function('return this')() === globalThis,
           called: new Function('a', 'b', 'return a * b')(3, 4),
           evaluated: eval('1 + 1'),
           notText: eval(42),
           constructors: [Function, (() => {}).constructor === Function, new Function() instanceof Function],
           names: [Function.name, (async () => {}).constructor.name, eval.name],
           yielded: [...new (function* () {}).constructor('yield 1; yield 2')()],
           derived: [new Twice('return 2')(), new Twice().name2(), new Twice() instanceof Twice],
           thrown: [thrown('a b'), thrown('null.x'), thrown('\\0')],
         });",
    );
    assert_eq!(
        host.reported(),
        json!({
            "global": true, "called": 12, "evaluated": 2, "notText": 42, "constructors": [null, true, true],
            "names": ["Function", "AsyncFunction", "eval"], "yielded": [1, 2], "derived": [2, "own", true],
            "thrown": ["SyntaxError", "TypeError", "SyntaxError"],
        })
    );
}

#[test]
fn eval_works_in_the_global_scope_only() {
    let host = Host::new();
    host.open("demo", "const local = 1; ft.report({seen: eval('typeof local')});");
    assert_eq!(host.reported(), json!({"seen": "undefined"}));
}

#[test]
fn a_text_that_makes_more_than_the_heap_holds_ends_in_an_error() {
    let host = Host::with_limits(|limits| limits.memory = 4 << 20);
    host.open(
        "demo",
        "const thrown = make => { try { make(); return 'nothing' } catch (error) { return String(error) } };
         const many = '[' + '()=>1,'.repeat(50000) + ']';
         ft.onCustomEvent(() => ft.report({after: 1}));
         ft.report({eval: thrown(() => eval(many)), construct: thrown(() => new Function(many))});",
    );
    let first = host.client.send_custom_event("demo", support::payload(json!({})));
    // Whether the error is caught or ends the applet, the process goes on and the host hears of it.
    assert!(first.is_ok() || host.client.applet("demo").is_none());
    drop(host);
    let next = Host::new();
    next.open("demo", "ft.report({alive: eval('1')})");
    assert_eq!(next.reported(), json!({"alive": 1}));
}
