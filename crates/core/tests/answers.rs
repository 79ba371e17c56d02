//! What the caller of a custom API sees at the end: which callbacks, in which order, with which `errMsg`; and what of its
//! arguments reaches the host.

mod support;

use finapp_core::ErrorCode;
use finapp_core::bridge::{HostCall, Payload};
use serde_json::{Value, json};
use support::{Host, payload};

/// Collects what the callbacks of a call get, in order, and reports it when the call is over. `$` is the call.
const WATCH: &str = "
    ft.loadExtApi([{name: 'scan'}]);
    const watch = run => {
      const seen = [];
      const note = name => result => seen.push([name, result]);
      run({success: note('success'), fail: note('fail'), cancel: note('cancel'),
           complete: result => { seen.push(['complete', result]); ft.report({seen}) }});
      seen.push(['returned']);
    };";

fn watched(host: &Host, call: &str) -> Value {
    host.run(&format!("{WATCH} watch(on => {call})"))["seen"].clone()
}

#[test]
fn f_m01_a_failure_runs_fail_then_complete_with_everything_the_host_said() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            call.reply.fail(payload(json!({"code": 401, "errMsg": "finclipLogin fail !!", "more": [1]})));
        })
        .unwrap();
    let result = json!({"code": 401, "errMsg": "scan:fail finclipLogin fail !!", "more": [1]});
    assert_eq!(watched(&host, "ft.scan(on)"), json!([["returned"], ["fail", result], ["complete", result]]));
}

#[test]
fn f_m01_a_cancelled_call_runs_fail_then_cancel_then_complete() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            call.reply.cancel(Payload::none());
        })
        .unwrap();
    let result = json!({"errMsg": "scan:fail cancel", "errCode": ErrorCode::Cancelled.number()});
    let expected = json!([["returned"], ["fail", result], ["cancel", result], ["complete", result]]);
    assert_eq!(watched(&host, "ft.scan(on)"), expected);
}

#[test]
fn f_m01_success_then_complete_with_the_same_result() {
    let host = Host::new();
    host.answers("scan", json!({"code": "42"}));
    let result = json!({"code": "42", "errMsg": "scan:ok"});
    assert_eq!(watched(&host, "ft.scan(on)"), json!([["returned"], ["success", result], ["complete", result]]));
}

#[test]
fn f_m01_no_callback_runs_inside_the_call_itself() {
    let host = Host::new();
    host.answers("scan", json!({}));
    for call in
        ["ft.scan(on)", "wx.invokeNativePlugin({api_name: 'nobody', ...on})", "ft.scan({...on, self: on.loop = on})"]
    {
        assert_eq!(watched(&host, call)[0], json!(["returned"]), "{call}");
        host.client.close_applet("demo").unwrap();
        host.closed("demo");
    }
}

#[test]
fn f_m01_a_promise_is_given_only_when_success_fail_and_complete_are_all_missing() {
    let host = Host::new();
    host.answers("scan", json!({}));
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]);
         const f = () => {};
         const kind = value => value instanceof Promise ? 'promise' : typeof value;
         ft.report({kinds: [ft.scan(), ft.scan(null), ft.scan({}), ft.scan({codeType: 'qr'}), ft.scan({cancel: f}),
           ft.scan({progress: f}), ft.scan({success: f}), ft.scan({fail: f}), ft.scan({complete: f}),
           ft.scan({success: 5}), ft.scan({complete: null})].map(kind)})",
    );
    let (promise, none) = ("promise", "undefined");
    assert_eq!(
        seen["kinds"],
        json!([promise, promise, promise, promise, promise, promise, none, none, none, none, none])
    );
}

#[test]
fn f_m01_a_promise_rejects_with_the_plain_failure_object() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            call.reply.fail(Payload::none());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]);
         let cancelled = 0;
         ft.scan({cancel: () => cancelled++}).catch(failed => ft.report(
           {failed, plain: Object.getPrototypeOf(failed) === Object.prototype, error: failed instanceof Error, cancelled}))",
    );
    assert_eq!(seen, json!({"failed": {"errMsg": "scan:fail"}, "plain": true, "error": false, "cancelled": 0}));
}

#[test]
fn f_m01_a_promise_of_a_cancelled_call_rejects_and_cancel_is_called_too() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            call.reply.cancel(Payload::none());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]);
         let cancelled = 0;
         ft.scan({cancel: () => cancelled++}).catch(failed => ft.report({errMsg: failed.errMsg, cancelled}))",
    );
    assert_eq!(seen, json!({"errMsg": "scan:fail cancel", "cancelled": 1}));
}

#[test]
fn f_m01_a_callback_that_throws_keeps_no_other_from_running() {
    let host = Host::new();
    host.answers("scan", json!({}));
    let seen = host.run(
        "const errors = []; wx.onError(text => errors.push(text.split('\\n')[0]));
         ft.loadExtApi([{name: 'scan'}]);
         ft.scan({success() { throw new TypeError('first') }, complete(result) { ft.report({result, errors}) }})",
    );
    assert_eq!(seen, json!({"result": {"errMsg": "scan:ok"}, "errors": ["TypeError: first"]}));
}

#[test]
fn f_m01_the_method_the_host_called_decides_and_the_text_is_made_to_agree() {
    // What the host called, the errMsg it gave, the errMsg the mini-program sees.
    let cases = [
        ("success", None, "scan:ok"),
        ("success", Some(""), "scan:ok"),
        ("success", Some("two codes"), "scan:ok two codes"),
        ("success", Some("scan:ok"), "scan:ok"),
        ("success", Some("scan:ok from cache"), "scan:ok from cache"),
        ("success", Some("scan:fail"), "scan:ok scan:fail"),
        ("success", Some("fail"), "scan:ok fail"),
        ("success", Some("Scan:ok"), "scan:ok Scan:ok"),
        ("fail", None, "scan:fail"),
        ("fail", Some(""), "scan:fail"),
        ("fail", Some("no camera"), "scan:fail no camera"),
        ("fail", Some("scan:fail"), "scan:fail"),
        ("fail", Some("scan:fail no camera"), "scan:fail no camera"),
        ("fail", Some("scan:failed"), "scan:fail scan:failed"),
        ("fail", Some("scan:ok"), "scan:fail scan:ok"),
        ("fail", Some("other:fail"), "scan:fail other:fail"),
        ("cancel", None, "scan:fail cancel"),
        ("cancel", Some("scan:cancel"), "scan:fail cancel"),
        ("cancel", Some("scan:cancelled by user"), "scan:fail cancelled by user"),
        ("cancel", Some("by user"), "scan:fail cancel by user"),
    ];
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            let asked: Value = serde_json::from_str(call.params.text()).unwrap();
            let body =
                if asked["said"].is_null() { Payload::none() } else { payload(json!({"errMsg": asked["said"]})) };
            match asked["how"].as_str().unwrap() {
                "success" => call.reply.success(body),
                "fail" => call.reply.fail(body),
                _ => call.reply.cancel(body),
            };
        })
        .unwrap();
    let asked: Vec<Value> = cases.iter().map(|(how, said, _)| json!({"how": how, "said": said})).collect();
    let seen = host.run(&format!(
        "ft.loadExtApi([{{name: 'scan'}}]);
         Promise.allSettled({}.map(ask => ft.scan(ask)))
           .then(ends => ft.report({{ends: ends.map(end => [end.status, (end.value ?? end.reason).errMsg])}}))",
        json!(asked)
    ));
    for (index, (how, said, text)) in cases.iter().enumerate() {
        let status = if *how == "success" { "fulfilled" } else { "rejected" };
        assert_eq!(seen["ends"][index], json!([status, text]), "{how} with {said:?}");
    }
}

#[test]
fn f_m01_an_err_msg_that_is_no_text_and_a_body_that_is_no_object_do_no_harm() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            let asked: Value = serde_json::from_str(call.params.text()).unwrap();
            call.reply.success_text(asked["body"].as_str().unwrap().to_owned());
        })
        .unwrap();
    let ok = |mut value: Value| {
        value["errMsg"] = json!("scan:ok");
        value
    };
    for (body, result) in [
        (r#"{"errMsg":0}"#, ok(json!({}))),
        (r#"{"errMsg":null,"a":1}"#, ok(json!({"a": 1}))),
        (r#"{"errMsg":true}"#, ok(json!({}))),
        (r#"{"errMsg":{"deep":1}}"#, ok(json!({}))),
        ("null", ok(json!({}))),
        ("5", ok(json!({"data": 5}))),
        ("false", ok(json!({"data": false}))),
        (r#""text""#, ok(json!({"data": "text"}))),
        ("[1,[2]]", ok(json!({"data": [1, [2]]}))),
        (r#"{"data":{"data":1}}"#, ok(json!({"data": {"data": 1}}))),
    ] {
        let ask = json!({ "body": body });
        let seen = host.run(&format!("ft.loadExtApi([{{name: 'scan'}}]); ft.scan({ask}).then(ft.report)"));
        assert_eq!(seen, result, "{body}");
        host.client.close_applet("demo").unwrap();
        host.closed("demo");
    }
}

#[test]
fn f_m01_arguments_travel_by_the_rules_of_json() {
    let host = Host::new();
    host.echoes("echo");
    let seen = host.run(
        r#"ft.loadExtApi([{name: 'echo'}]);
         class Point { constructor() { this.x = 1 } get y() { return 2 } }
         ft.echo({nothing: undefined, symbol: Symbol('s'), method() {}, inner: {method() {}, kept: 1}, list: [() => {}, undefined],
           nan: NaN, infinite: -Infinity, minus: -0, big: 1e21, date: new Date(0), map: new Map([[1, 2]]), point: new Point(),
           own: {toJSON: key => 'for ' + key}, boxed: [new Number(1), new String('s'), new Boolean(false)],
           text: 'é\u{1F600}"\\\n\u2028', null: null, success: undefined, progress: 1}).then(ft.report)"#,
    );
    assert_eq!(
        seen,
        json!({"inner": {"kept": 1}, "list": [null, null], "nan": null, "infinite": null, "minus": 0, "big": 1e21,
            "date": "1970-01-01T00:00:00.000Z", "map": {}, "point": {"x": 1}, "own": "for own", "boxed": [1, "s", false],
            "text": "é\u{1F600}\"\\\n\u{2028}", "null": null, "errMsg": "echo:ok"})
    );
}

#[test]
fn f_m01_an_array_arrives_as_an_object_and_nothing_at_all_as_an_empty_one() {
    let host = Host::new();
    host.echoes("echo");
    let seen = host.run(
        "ft.loadExtApi([{name: 'echo'}]);
         Promise.all([ft.echo(['a', {b: 1}]), ft.echo(), ft.echo(null)]).then(ends => ft.report({ends}))",
    );
    let ends = json!([{"0": "a", "1": {"b": 1}, "errMsg": "echo:ok"}, {"errMsg": "echo:ok"}, {"errMsg": "echo:ok"}]);
    assert_eq!(seen["ends"], ends);
}

#[test]
fn f_m01_what_cannot_be_sent_fails_the_call_and_never_throws_at_the_caller() {
    let host = Host::new();
    host.echoes("scan");
    for (call, text) in [
        ("ft.scan({...on, n: 1n})", "a BigInt cannot be serialized"),
        ("ft.scan({...on, self: (on.loop = on)})", "circular structure cannot be serialized"),
        ("ft.scan({...on, inner: {get x() { throw new Error('mine') }}})", "reading the arguments failed: Error: mine"),
        ("ft.scan({...on, toJSON() { throw 'mine' }})", "reading the arguments failed: mine"),
        ("ft.scan({...on, x: new Proxy({}, {ownKeys() { throw 1 }})})", "reading the arguments failed: 1"),
    ] {
        let seen = watched(&host, call);
        let result = json!({"errMsg": format!("scan:fail {text}"), "errCode": ErrorCode::Serialize.number()});
        assert_eq!(seen, json!([["returned"], ["fail", result], ["complete", result]]), "{call}");
        host.client.close_applet("demo").unwrap();
        host.closed("demo");
    }
}

#[test]
fn f_m01_options_whose_callbacks_cannot_be_read_give_a_promise_that_rejects() {
    let host = Host::new();
    host.echoes("scan");
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan', params: {url: ''}}]);
         const trap = {get success() { throw new Error('mine') }};
         Promise.allSettled([ft.scan({...{url: ''}, __proto__: trap}), ft.scan(trap), wx.invokeNativePlugin(trap)])
           .then(ends => ft.report({ends: ends.map(end => end.reason.errCode)}))",
    );
    let code = ErrorCode::Serialize.number();
    assert_eq!(seen["ends"], json!([code, code, code]));
}

#[test]
fn f_m01_an_argument_that_is_no_object_fails_the_call() {
    let host = Host::new();
    host.echoes("scan");
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]);
         Promise.allSettled([ft.scan('text'), ft.scan(5), ft.scan(true)])
           .then(ends => ft.report({ends: ends.map(end => end.reason)}))",
    );
    for (index, kind) in ["String", "Number", "Boolean"].into_iter().enumerate() {
        let text = format!("scan:fail parameter error: parameter should be Object instead of {kind};");
        assert_eq!(seen["ends"][index], json!({"errMsg": text, "errCode": ErrorCode::Parameter.number()}));
    }
}

#[test]
fn f_m01_the_callers_object_is_left_as_it_was() {
    let host = Host::new();
    host.answers("scan", json!({}));
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]);
         const options = Object.freeze({codeType: 'qr', success() { ft.report({keys: Object.keys(options)}) }});
         ft.scan(options)",
    );
    assert_eq!(seen["keys"], json!(["codeType", "success"]));
}
