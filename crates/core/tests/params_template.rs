//! `params` of a declaration: a template of types, checked before anything is sent, with the exact texts of FinClip's
//! own library.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::ErrorCode;
use serde_json::{Value, json};
use support::Host;

/// What a call of `ft.p(argument)` gives on a host that echoes, when `p` is declared with this template. Both are
/// JavaScript.
fn called(template: &str, argument: &str) -> Value {
    let host = Host::new();
    host.echoes("p");
    let seen = host.run(&format!(
        "ft.loadExtApi([{{name: 'p', params: {template}}}]); ft.p({argument}).then(ft.report, ft.report)"
    ));
    let sent = host.client.counters("demo").unwrap().calls > 1;
    assert_eq!(seen["errMsg"] == "p:ok", sent, "what does not fit is never sent: {template} with {argument}");
    seen
}

#[test]
fn f_m04_what_does_not_fit_is_refused_with_the_exact_text() {
    let cases = [
        // One member of each type that has a name.
        ("{url: ''}", "{url: 5}", "parameter.url should be String instead of Number;"),
        ("{url: ''}", "{}", "parameter.url should be String instead of Undefined;"),
        ("{url: ''}", "", "parameter.url should be String instead of Undefined;"),
        ("{n: 0}", "{n: '0'}", "parameter.n should be Number instead of String;"),
        ("{n: 0}", "{}", "parameter.n should be Number instead of Undefined;"),
        ("{b: false}", "{b: null}", "parameter.b should be Boolean instead of Null;"),
        ("{x: null}", "{x: 0}", "parameter.x should be Null instead of Number;"),
        ("{x: undefined}", "{x: 1}", "parameter.x should be Undefined instead of Number;"),
        ("{s: Symbol()}", "{s: 's'}", "parameter.s should be Symbol instead of String;"),
        ("{n: 1}", "{n: 1n}", "parameter.n should be Number instead of BigInt;"),
        ("{f() {}}", "{f: {}}", "parameter.f should be Function instead of Object;"),
        ("{d: new Date()}", "{d: '2026-01-01'}", "parameter.d should be Date instead of String;"),
        ("{r: /x/}", "{r: 'x'}", "parameter.r should be RegExp instead of String;"),
        ("{e: new Error()}", "{e: {}}", "parameter.e should be Error instead of Object;"),
        ("{o: {}}", "{o: []}", "parameter.o should be Object instead of Array;"),
        // Nested.
        ("{o: {k: ''}}", "{o: null}", "parameter.o should be Object instead of Null;"),
        ("{o: {k: ''}}", "{o: {}}", "parameter.o.k should be String instead of Undefined;"),
        ("{o: {k: {n: 0}}}", "{o: {k: {n: []}}}", "parameter.o.k.n should be Number instead of Array;"),
        // Arrays: "item" stays singular.
        ("{arr: ['']}", "{arr: []}", "parameter.arr should have at least 1 item;"),
        ("{arr: ['', '']}", "{arr: ['a']}", "parameter.arr should have at least 2 item;"),
        ("{arr: ['', '']}", "{arr: ['a', 1]}", "parameter.arr[1] should be String instead of Number;"),
        ("{arr: [{k: 0}]}", "{arr: [{}]}", "parameter.arr[0].k should be Number instead of Undefined;"),
        ("{arr: []}", "{arr: 'a'}", "parameter.arr should be Array instead of String;"),
        // The template itself may be an array.
        ("['']", "{}", "parameter should be Array instead of Object;"),
        // All that is wrong, in the order of the template.
        (
            "{x: '', l: ['']}",
            "{}",
            "parameter.x should be String instead of Undefined;parameter.l should be Array instead of Undefined;",
        ),
        (
            "{o: {a: '', b: 0}, c: ''}",
            "{c: 1, o: {b: '', a: 1}}",
            "parameter.o.a should be String instead of Number;parameter.o.b should be Number instead of String;\
             parameter.c should be String instead of Number;",
        ),
    ];
    for (template, argument, text) in cases {
        let expected = json!({"errMsg": format!("p:fail parameter error: {text}"), "errCode": 10001});
        assert_eq!(called(template, argument), expected, "{template} with {argument}");
    }
}

#[test]
fn f_m04_what_fits_is_sent_and_members_the_template_does_not_name_pass() {
    for (template, argument) in [
        ("{url: ''}", "{url: 'https://a.example', more: 1}"),
        ("{n: 0}", "{n: NaN}"),
        ("{o: {k: ''}}", "{o: {k: '', extra: []}}"),
        ("{arr: ['', '']}", "{arr: ['a', 'b', 3, null]}"),
        ("{arr: []}", "{arr: [1, 'x']}"),
        ("['']", "['a']"),
        ("{}", "{any: 'thing'}"),
        ("{}", ""),
        ("undefined", "{any: 'thing'}"),
        ("'text'", "{any: 'thing'}"),
        // Types without a name count as equal.
        ("{bytes: new ArrayBuffer(0)}", "{bytes: new Uint8Array(2)}"),
        ("{m: new Map()}", "{m: new Set()}"),
        // A class of the program's own is an object like any other.
        ("{o: {}}", "{o: new (class Point { x = 1 })()}"),
    ] {
        assert_eq!(called(template, argument)["errMsg"], "p:ok", "{template} with {argument}");
    }
}

#[test]
fn f_m04_fail_then_complete_hear_of_it_in_a_later_turn() {
    let host = Host::new();
    host.echoes("p");
    let seen = host.run(
        "ft.loadExtApi([{name: 'p', params: {url: ''}}]);
         const seen = [];
         const value = ft.p({success: () => seen.push('success'), fail: failed => seen.push(['fail', failed]),
           complete: failed => { seen.push(['complete', failed]); ft.report({seen, value: typeof value}) }});
         seen.push('returned')",
    );
    let failed = json!({
        "errMsg": "p:fail parameter error: parameter.url should be String instead of Undefined;", "errCode": 10001
    });
    assert_eq!(seen["seen"], json!(["returned", ["fail", failed], ["complete", failed]]));
    assert_eq!(seen["value"], "undefined");
}

#[test]
fn f_m04_a_synchronous_api_returns_the_failure_and_its_callbacks_hear_of_it() {
    let host = Host::new();
    host.client.register_sync_api("p", |_, (): ()| Ok(1)).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'p', sync: true, params: {url: ''}}]);
         const seen = [];
         const alone = ft.p({}).errCode;
         const value = ft.p({fail: ({errCode}) => seen.push(errCode), complete: () => ft.report({alone, value, seen})})",
    );
    let text = "p:fail parameter error: parameter.url should be String instead of Undefined;";
    let code = ErrorCode::Parameter.number();
    assert_eq!(seen, json!({"alone": code, "value": {"errMsg": text, "errCode": code}, "seen": [code]}));
    assert_eq!(host.client.counters("demo").unwrap().refused, 2);
}

#[test]
fn f_m04_a_failure_that_nobody_listens_to_is_a_line_in_the_log() {
    let host = Host::new();
    host.echoes("p");
    host.run("ft.loadExtApi([{name: 'p', params: {url: ''}}]); ft.p({success() {}}); ft.p(); setTimeout(() => ft.report({}), 20)");
    let lines = host.log.lines();
    assert!(lines.iter().any(|line| line == "a call failed and has neither fail nor complete"), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("unhandled promise rejection: ")), "{lines:?}");
}

#[test]
fn f_m04_a_getter_that_throws_while_the_template_is_checked_fails_the_call() {
    let seen = called("{url: '', o: {k: ''}}", "{get url() { throw new Error('mine') }}");
    let text = "p:fail reading the arguments failed: Error: mine";
    assert_eq!(seen, json!({"errMsg": text, "errCode": ErrorCode::Serialize.number()}));
}

#[test]
fn f_m04_a_template_without_an_end_is_no_loop() {
    let seen = called(
        "(() => { const template = {}; template.next = template; return template })()",
        "(() => { const value = {}; value.next = value; return value })()",
    );
    assert_eq!(seen["errCode"], ErrorCode::Serialize.number(), "the template fits; the argument is circular");
}
