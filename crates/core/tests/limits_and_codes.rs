//! Codes, limits, counters and traces: what each overrun and each refusal looks like to the mini-program and to the host.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::HostCall;
use finapp_core::host::LogLevel;
use finapp_core::{AppletRequest, CloseReason, Config, ErrorCode, Limits};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::mpsc::Receiver;
use support::{Folder, Host, next, sync};

/// Runs calls that fail, each an expression that gives a Promise, and gives their failures.
fn failures(host: &Host, declarations: &str, calls: &[&str]) -> Vec<Value> {
    let list = calls.iter().map(|call| format!("() => {call}")).collect::<Vec<_>>().join(",");
    let seen = host.run(&format!(
        "ft.loadExtApi({declarations});
         (async () => {{
           const ends = [];
           for (const call of [{list}]) ends.push(await call().then(() => 'it succeeded', failed => failed));
           ft.report({{ends}});
         }})()"
    ));
    seen["ends"].as_array().unwrap().clone()
}

#[test]
fn f_h16_every_refusal_has_its_code_beside_its_text() {
    let host = Host::with_limits(|limits| {
        limits.message_bytes = 2_000;
        limits.message_keys = 20;
    });
    host.answers("fine", json!({}));
    host.client.register_custom_api("forbidden", drop::<HostCall>).unwrap();
    host.client.register_custom_api("drops", drop::<HostCall>).unwrap();
    host.client
        .register_custom_api("babbles", |call: HostCall| {
            call.reply.success_text("{not json".to_owned());
        })
        .unwrap();
    host.client
        .register_custom_api("floods", |call: HostCall| {
            call.reply.success_text(format!("\"{}\"", "x".repeat(2_000)));
        })
        .unwrap();
    host.client
        .register_custom_api("cancels", |call: HostCall| {
            call.reply.cancel(finapp_core::bridge::Payload::none());
        })
        .unwrap();
    let cases = [
        ("ft.nobody()", ErrorCode::NotFound, "nobody:fail 该api未实现"),
        (
            "wx.invokeNativePlugin({api_name: 'ghost'})",
            ErrorCode::NotFound,
            "invokeNativePlugin:fail api \"ghost\" is not registered",
        ),
        ("ft.forbidden()", ErrorCode::Denied, "forbidden:fail permission denied"),
        (
            "ft.strict({n: 'x'})",
            ErrorCode::Parameter,
            "strict:fail parameter error: parameter.n should be Number instead of String;",
        ),
        ("ft.fine({text: 'x'.repeat(2_000)})", ErrorCode::TooLarge, "fine:fail message too large"),
        (
            "ft.fine(Object.fromEntries(Array.from({length: 21}, (_, at) => ['k' + at, 1])))",
            ErrorCode::TooLarge,
            "fine:fail message too large",
        ),
        (
            "ft.fine({deep: JSON.parse('['.repeat(64) + ']'.repeat(64))})",
            ErrorCode::TooDeep,
            "fine:fail message too deep",
        ),
        ("ft.fine({n: 1n})", ErrorCode::Serialize, "fine:fail a BigInt cannot be serialized"),
        ("ft.drops()", ErrorCode::Handler, "drops:fail the handler dropped the call"),
        ("ft.floods()", ErrorCode::HandlerResult, "floods:fail message too large"),
        ("ft.cancels()", ErrorCode::Cancelled, "cancels:fail cancel"),
    ];
    let folder = Folder::new();
    let list = cases.map(|(call, ..)| format!("() => {call}")).join(",");
    folder.file(
        "app.js",
        &format!(
            "ft.loadExtApi(['report', 'nobody', 'forbidden', 'fine', 'drops', 'babbles', 'floods', 'cancels']
               .map(name => ({{name}})).concat({{name: 'strict', params: {{n: 0}}}}));
             (async () => {{
               for (const call of [{list}]) await call().catch(({{errCode, errMsg}}) => ft.report({{errCode, errMsg}}));
               await ft.babbles().catch(({{errCode}}) => ft.report({{errCode}}));
             }})()"
        ),
    );
    let mut request = AppletRequest::local("demo", folder.path());
    request.black_list = HashSet::from(["forbidden".to_owned()]);
    host.client.start_applet_and_wait(request).unwrap();
    for (call, code, text) in cases {
        assert_eq!(host.reported(), json!({"errCode": code.number(), "errMsg": text}), "{call}");
    }
    assert_eq!(host.reported(), json!({"errCode": ErrorCode::HandlerResult.number()}));
}

#[test]
fn f_h19_limits_come_from_the_configuration_and_a_wrong_one_is_named() {
    let config = Config::from_json(r#"{"limits": {"callsInFlight": 2, "timers": 1}}"#).unwrap();
    assert_eq!((config.limits.calls_in_flight, config.limits.timers), (2, 1));
    assert_eq!(config.limits.memory, Limits::default().memory);
    let refused = Config::from_json(r#"{"limits": {"threadStack": 1024}}"#).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Parameter);
    assert!(refused.message().starts_with("limits.threadStack: expected at least 4 times jsStack"), "{refused}");
}

#[test]
fn f_h19_calls_over_the_cap_fail_at_once_and_the_place_of_an_ended_call_is_free_again() {
    let host = Host::with_limits(|limits| limits.calls_in_flight = 3);
    let calls: Receiver<HostCall> = host.hands_over("pay");
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'pay'}]);
         let busy = 0;
         for (let n = 1; n <= 5; n++) ft.pay({n}).then(() => ft.report({n, busy}), failed => busy = failed.errCode)",
    );
    let open = [next(&calls), next(&calls), next(&calls)];
    open[1].reply.success_text("{}".to_owned());
    assert_eq!(host.reported(), json!({"n": 2, "busy": ErrorCode::Busy.number()}));
    assert_eq!(host.client.counters("demo").unwrap().refused, 2);
}

#[test]
fn f_h19_a_turn_that_takes_too_long_ends_the_applet_and_no_other() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 100);
    host.open("calm", "ft.onCustomEvent(ft.report)");
    host.open("busy", "setTimeout(() => { while (true) {} })");
    let reason = host.closed("busy");
    assert_eq!(reason.error().unwrap().code(), ErrorCode::Timeout);
    host.send("calm", json!({"still": "here"}));
    assert_eq!(host.reported(), json!({"still": "here"}));
}

#[test]
fn f_h19_memory_over_the_cap_ends_the_applet_and_no_other() {
    let host = Host::with_limits(|limits| limits.memory = 4 * 1024 * 1024);
    host.open("calm", "ft.onCustomEvent(ft.report)");
    host.open("greedy", "setTimeout(() => { const kept = []; for (;;) kept.push('x'.repeat(1000) + kept.length) })");
    let CloseReason::Failed(error) = host.closed("greedy") else { panic!("it fails") };
    assert_eq!(error.code(), ErrorCode::Memory);
    host.send("calm", json!({"still": "here"}));
    assert_eq!(host.reported(), json!({"still": "here"}));
}

#[test]
fn f_h19_counts_fail_the_one_call_and_the_applet_goes_on() {
    let host = Host::with_limits(|limits| {
        limits.listeners = 2;
        limits.timers = 2;
        limits.declared_apis = 20;
    });
    let seen = host.run(
        "const tried = run => { try { run(); return 'fine' } catch (error) { return error.errCode ?? error.name } };
         const f = () => {};
         const listeners = [0, 0, 0].map(() => tried(() => ft.onCustomEvent(f)));
         const timers = [0, 0, 0].map(() => tried(() => setTimeout(f, 60_000)));
         ft.loadExtApi(Array.from({length: 30}, (_, at) => ({name: 'api' + at})));
         ft.report({listeners, timers, declared: Object.keys(ft).filter(name => name.startsWith('api')).length})",
    );
    let limit = ErrorCode::Limit.number();
    // `report` is the twentieth. The library's own do not count.
    let expected =
        json!({"listeners": ["fine", "fine", limit], "timers": ["fine", "fine", "RangeError"], "declared": 19});
    assert_eq!(seen, expected);
}

#[test]
fn f_h20_unknown_applets_have_no_counters() {
    let host = Host::new();
    assert_eq!(host.client.counters("nobody").unwrap_err().code(), ErrorCode::AppletNotFound);
}

#[test]
fn f_h20_each_way_a_call_can_go_has_its_counter() {
    let host = Host::new();
    host.answers("fine", json!({}));
    host.client.register_custom_api("drops", drop::<HostCall>).unwrap();
    host.client
        .register_custom_api("cancels", |call: HostCall| {
            call.reply.progress(support::payload(json!({})));
            call.reply.cancel(finapp_core::bridge::Payload::none());
        })
        .unwrap();
    host.client.register_sync_api("now", |_, (): ()| Ok(1)).unwrap();
    let calls = host.hands_over("done");
    let applet = host.open(
        "demo",
        "ft.loadExtApi([{name: 'now', sync: true}, ...['fine', 'drops', 'cancels', 'nobody', 'done'].map(name => ({name}))]);
         ft.now();
         Promise.allSettled([ft.fine(), ft.drops(), ft.cancels(), ft.nobody()]).then(() => ft.done())",
    );
    let open = next(&calls);
    let counters = applet.counters();
    assert_eq!((counters.calls, counters.succeeded, counters.failed, counters.cancelled), (5, 2, 1, 1));
    assert_eq!((counters.refused, counters.denied, counters.progress), (1, 0, 1));
    assert!(counters.latency_max_ns > 0 && counters.latency_total_ns >= counters.latency_max_ns);
    assert_eq!(applet.calls_in_flight(), 1);
    drop(open);
}

#[test]
fn f_h20_a_trace_says_names_and_times_and_never_contents() {
    let host = Host::with(Config { trace: true, ..Config::default() });
    host.answers("pay", json!({"card": "4000-1234"}));
    host.client.register_sync_api("now", |_, (): ()| Ok(1)).unwrap();
    host.run(
        "ft.loadExtApi([{name: 'pay'}, {name: 'now', sync: true}, {name: 'nobody'}]);
         ft.now(); ft.pay({pin: '9876'}).then(ft.report)",
    );
    let lines = host.log.lines();
    assert!(lines.iter().any(|line| line.starts_with("call 0.0 pay")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("call 0.0 succeeded after ")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("call now answered in ")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("9876") || line.contains("4000")), "{lines:?}");
}

#[test]
fn f_h20_without_being_asked_for_there_is_no_trace() {
    let host = Host::new();
    host.answers("pay", json!({}));
    host.run("ft.loadExtApi([{name: 'pay'}]); ft.pay().then(ft.report)");
    assert_eq!(host.log.at_least(LogLevel::Debug).len(), 0, "{:?}", host.log.lines());
}

#[test]
fn f_m20_a_declared_api_that_nobody_answers_fails_at_once() {
    let host = Host::new();
    let ends = failures(
        &host,
        "[{name: 'scn'}, {name: 'scnSync', sync: true}]",
        &[
            "ft.scn()",
            "Promise.reject(ft.scnSync())",
            "wx.invokeNativePlugin({api_name: 'scn'})",
            "Promise.reject(wx.invokeNativePlugin({api_name: 'scn', sync: true}))",
        ],
    );
    let code = ErrorCode::NotFound.number();
    let named = json!({"errMsg": "invokeNativePlugin:fail api \"scn\" is not registered", "errCode": code});
    let direct = |name: &str| json!({"errMsg": format!("{name}:fail 该api未实现"), "errCode": code});
    assert_eq!(ends, [direct("scn"), direct("scnSync"), named.clone(), named]);
}

#[test]
fn f_m20_a_name_that_nobody_declared_is_not_there() {
    let host = Host::new();
    host.answers("scan", json!({}));
    let seen = host.run("ft.report({there: ['scan' in ft, 'scan' in wx, typeof ft.scan]})");
    assert_eq!(seen["there"], json!([false, false, "undefined"]));
}

#[test]
fn f_m20_in_debug_each_failed_call_gets_the_names_near_its_own() {
    let host = Host::with(Config { debug: true, ..Config::default() });
    for name in ["scanCode", "scanCodes", "openDoor"] {
        host.answers(name, json!({}));
    }
    let ends = failures(
        &host,
        "[{name: 'scanCod'}, {name: 'OPENDOOR'}, {name: 'pay'}]",
        &[
            // Two at a time, with callbacks: neither may get what belongs to the other.
            "Promise.all([new Promise(fail => ft.scanCod({fail})), new Promise(fail => ft.OPENDOOR({fail})), \
              new Promise(fail => ft.pay({fail}))]).then(all => Promise.reject(all.map(failed => failed.near ?? null)))",
            "ft.scanCod().catch(({near}) => Promise.reject(near))",
            "wx.invokeNativePlugin({api_name: 'opendoor'}).catch(({near}) => Promise.reject(near))",
        ],
    );
    assert_eq!(
        ends,
        [json!(["scanCode, scanCodes", "openDoor", null]), json!("scanCode, scanCodes"), json!("openDoor")]
    );
    assert!(host.log.lines().iter().any(|line| line.contains("nobody answers the api") && line.contains("scanCode")));
}

#[test]
fn f_m20_outside_debug_nobody_learns_what_is_registered() {
    let host = Host::new();
    host.answers("scanCode", json!({}));
    let ends = failures(&host, "[{name: 'scanCod'}]", &["ft.scanCod()"]);
    assert_eq!(ends[0].as_object().unwrap().len(), 2, "{}", ends[0]);
    assert!(!host.log.lines().iter().any(|line| line.contains("scanCode")));
}

#[test]
fn f_h19_a_synchronous_call_takes_a_place_and_gives_it_back() {
    let host = Host::with_limits(|limits| (limits.calls_in_flight, limits.sync_call_ms) = (1, 50));
    let _kept = host.hands_over_with("ask", sync());
    let seen = host.run(
        "ft.loadExtApi([{name: 'ask', sync: true}]);
         ft.report({codes: [ft.ask().errCode, ft.ask().errCode]})",
    );
    let timeout = ErrorCode::Timeout.number();
    assert_eq!(seen["codes"], json!([timeout, timeout]), "neither of them is told that there are too many");
}
