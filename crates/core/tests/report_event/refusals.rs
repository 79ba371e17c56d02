//! What cannot be reported, and what the caller hears of it.

use super::support::collector::{Collector, TAKEN};
use super::support::{Folder, Host, StoppedClock};
use super::{config, names, plain, records, sent};
use finapp_core::Config;
use finapp_core::host::LogLevel;
use serde_json::json;
use std::sync::Arc;

#[test]
fn f_m08_wrong_arguments_fail_with_the_text_of_the_dialect_and_a_line_on_the_console() {
    let host = Host::new();
    let cases = [
        ("", "parameter should be String instead of Undefined;"),
        ("1, {}", "parameter should be String instead of Number;"),
        ("{}, {}", "parameter should be String instead of Object;"),
        ("'id', 'data'", "parameter.data should be Object instead of String;"),
        ("'id', [1]", "parameter.data should be Object instead of Array;"),
        ("'id', 7", "parameter.data should be Object instead of Number;"),
        ("'id', () => 1", "parameter.data should be Object instead of Function;"),
        ("'', {}", "parameter should not be empty;"),
        ("'x'.repeat(129), {}", "parameter should not be longer than 128 bytes;"),
        ("'id', {a: new Uint8Array(1)}", "parameter.data should not hold binaries;"),
    ];
    let calls: Vec<String> = cases.iter().map(|(arguments, _)| format!("ft.reportEvent({arguments})")).collect();
    let said = host.run(&format!("ft.report({{said: [{}]}})", calls.join(", ")));
    let refused = |text| json!({"errMsg": format!("reportEvent:fail parameter error: {text}"), "errCode": 10001});
    assert_eq!(said["said"], cases.iter().map(|(_, text)| refused(text)).collect::<serde_json::Value>());
    let warned = host.log.at_least(LogLevel::Warn);
    for (_, text) in cases {
        assert!(warned.iter().any(|line| line.ends_with(text)), "{text}: {warned:?}");
    }
    assert_eq!(host.client.report_counters().stored, 0);
}

#[test]
fn f_m08_more_events_than_allowed_in_a_second_are_refused_for_that_applet_alone() {
    let clock = Arc::new(StoppedClock::default());
    let mut config = Config::default();
    config.limits.reports_per_second = 2;
    let host = Host::with_clock(config, clock.clone());
    let script = "ft.onCustomEvent(() => ft.report({said: ['a', 'b', 'c', 'd'].map(id => ft.reportEvent(id).errMsg)}))";
    host.open("one", script);
    host.open("two", script);
    let (ok, over) = ("reportEvent:ok", "reportEvent:fail too many events in a second");
    for app_id in ["one", "two"] {
        host.send(app_id, json!({}));
        assert_eq!(host.reported()["said"], json!([ok, ok, over, over]), "{app_id}");
    }
    clock.advance(999);
    host.send("one", json!({}));
    assert_eq!(host.reported()["said"], json!([over, over, over, over]));
    clock.advance(1);
    host.send("one", json!({}));
    assert_eq!(host.reported()["said"], json!([ok, ok, over, over]));
    assert_eq!(host.client.report_counters().stored, 6);
}

#[test]
fn f_m08_too_large_an_event_fails_and_too_many_make_the_oldest_give_way() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    let mut without = config(&folder, None);
    (without.limits.report_bytes, without.limits.reports_kept) = (1_000, 3);
    let host = Host::with(without);
    let said = host.run(
        "const said = [ft.reportEvent('large', {text: 'x'.repeat(3000)})];
         for (const id of ['1', '2', '3', '4', '5']) said.push(ft.reportEvent(id).errMsg);
         ft.report({said})",
    );
    let ok = "reportEvent:ok";
    let large = json!({"errMsg": "reportEvent:fail message too large", "errCode": 20002});
    assert_eq!(said["said"], json!([large, ok, ok, ok, ok, ok]));
    let counters = host.client.report_counters();
    assert_eq!((counters.stored, counters.dropped), (5, 2));
    assert_eq!(host.log.at_least(LogLevel::Warn).iter().filter(|line| line.contains("oldest are dropped")).count(), 1);
    drop(host);
    let host = Host::with(config(&folder, Some(&collector)));
    sent(&host, 0);
    super::until("all arrive", || names(&collector).len() == 3);
    assert_eq!(names(&collector), ["3", "4", "5"]);
}

#[test]
fn h_a15_arguments_with_traps_and_a_polluted_prototype_are_reported_as_they_are_or_refused() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    let host = Host::with(config(&folder, Some(&collector)));
    let said = host.run(
        "const said = [];
         const tried = (...given) => { try { said.push(ft.reportEvent(...given).errMsg) } catch (e) { said.push(String(e)) } };
         tried('id', {get a() { throw new Error('mine') }});
         tried('id', {get a() { return ft.reportEvent('inner') }});
         tried('id', {get [Symbol.toStringTag]() { throw new Error('mine') }});
         const cycle = {}; cycle.self = cycle; tried('id', cycle);
         let deep = 0; for (let at = 0; at < 100; at++) deep = {deep}; tried('id', deep);
         tried('id', {toJSON() { return 'text' }});
         for (const name of ['eventId', 'data', 'errCode', 'attributes']) {
             Object.defineProperty(Object.prototype, name, {set() { said.push('a setter ran') }, get() { return 'mine' }, configurable: true});
         }
         tried('whole', {own: 1, ['__proto__']: {a: 1}});
         ft.report({said})",
    );
    assert_eq!(
        said["said"],
        json!([
            "reportEvent:fail reading the arguments failed: Error: mine",
            "reportEvent:ok",
            "reportEvent:fail parameter error: parameter cannot be read;",
            "reportEvent:fail circular structure cannot be serialized",
            "reportEvent:fail message too deep",
            "reportEvent:fail parameter error: invalid type: string \"text\", expected a map at line 1 column 29",
            "reportEvent:ok",
        ])
    );
    sent(&host, 2);
    let sent: Vec<_> = collector.requests().iter().flat_map(records).collect();
    let refused = "reportEvent:fail called while the arguments of another call are being read";
    assert_eq!(plain(sent[0].body.as_ref().unwrap())["a"]["errMsg"], refused);
    assert_eq!(plain(sent[1].body.as_ref().unwrap()), json!({"own": 1, "__proto__": {"a": 1}}));
}
