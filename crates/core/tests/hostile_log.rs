//! Mini-programs that attack the log: with text that forges lines or formats, with floods, with code behind what is
//! logged.

mod support;

use finapp_core::host::LogLevel;
use finapp_core::{Config, ErrorCode};
use serde_json::json;
use std::sync::Arc;
use support::attack::{Witness, armed, killed_by};
use support::{Host, StoppedClock};

/// What the applet `demo` has logged.
fn logged(host: &Host) -> Vec<String> {
    host.log.entries().into_iter().filter(|(_, tag, _)| tag == "demo").map(|(_, _, line)| line).collect()
}

#[test]
fn h_a28_text_reaches_the_sink_as_it_is_on_one_line() {
    for (text, line) in [
        ("'%s%n%d%p %{public}s %%'", "%s%n%d%p %{public}s %%"),
        ("'100%', '%s', 'x'", "100% %s x"),
        ("'a\\0b'", "a\\u{0}b"),
        ("'first\\nE demo: forged\\r\\n'", "first\\nE demo: forged\\r\\n"),
        ("'\\x1b[2J\\x07\\x7f\\x85'", "\\u{1b}[2J\\u{7}\\u{7f}\\u{85}"),
        ("'\\ud800|\\udc00'", "\u{fffd}\u{fffd}\u{fffd}|\u{fffd}\u{fffd}\u{fffd}"),
        ("{'%s\\n': '\\0'}", "{\"%s\\n\":\"\\u0000\"}"),
        ("Symbol('%s'), 10n, () => {}", "[Symbol] 10 [Function]"),
    ] {
        let host = Host::new();
        host.run(&format!("console.log({text}); ft.report({{}})"));
        assert_eq!(logged(&host), [line], "{text}");
    }
}

#[test]
fn h_a28_a_long_line_is_cut_between_characters() {
    let host = Host::new();
    host.run(
        "console.log('x'.repeat(1e7)); console.log('\\u4e2d'.repeat(1e6)); console.log('\\0'.repeat(1e6));
         console.log({a: 'x'.repeat(1e7)}); console.log(...new Array(50000).fill('word'));
         console.error(Object.assign(new Error('x'.repeat(1e6)), {name: 'y'.repeat(1e6)}));
         for (let n = 0; n < 100; n++) console.group('g'); console.log('z'.repeat(1e4)); ft.report({})",
    );
    let lines = logged(&host);
    assert!(lines.len() >= 100);
    for line in &lines {
        assert!(line.len() <= host.client.limits().log_line_bytes, "{} bytes", line.len());
        assert!(!line.contains('\u{fffd}'), "{}", &line[line.len() - 10..]);
    }
    assert_eq!(lines[0].len(), 4_000);
    assert_eq!(lines[1].chars().count(), 1_333);
}

#[test]
fn h_a28_a_flood_of_lines_is_limited_by_the_second_and_counted() {
    let mut config = Config::default();
    config.limits.log_lines_per_second = 50;
    let clock = Arc::new(StoppedClock::default());
    let host = Host::with_clock(config, clock.clone());
    let applet = armed(&host, "demo", "", "for (let n = 0; n < event.n; n++) console.log('line', n); ft.report({})");
    host.send("demo", json!({"n": 1_000_000}));
    assert_eq!(host.reported(), json!({}));
    assert_eq!(logged(&host).len(), 50);
    assert_eq!(applet.counters().log_lines_dropped, 1_000_000 - 50);
    clock.advance(1_000);
    host.send("demo", json!({"n": 60}));
    assert_eq!(host.reported(), json!({}));
    assert_eq!(logged(&host).len(), 100);
    assert_eq!(applet.counters().log_lines_dropped, 1_000_000 - 50 + 10);
}

#[test]
fn h_a28_one_applets_flood_takes_no_line_from_another() {
    let host = Host::with_limits(|limits| {
        limits.log_lines_per_second = 5;
        limits.turn_foreground_ms = 20_000;
    });
    armed(&host, "loud", "", "for (let n = 0; n < 1e4; n++) console.error('loud'); ft.report({})");
    host.send("loud", json!({}));
    assert_eq!(host.reported(), json!({}));
    host.run("console.log('quiet'); ft.report({})");
    assert_eq!(logged(&host), ["quiet"]);
}

#[test]
fn h_a28_code_behind_what_is_logged_may_throw_and_recurse() {
    let host = Host::new();
    let witness = Witness::new(&host);
    host.run(
        "const self = {get a() { console.log(self); return 1 }};
         console.log({get a() { throw new Error('from a getter') }});
         console.log({toJSON() { throw {toString() { throw 1 }} }});
         console.log(new Proxy({}, {ownKeys() { throw null }}));
         const {proxy, revoke} = Proxy.revocable({}, {}); revoke(); console.log(proxy);
         console.error(Object.defineProperty(new Error('x'), 'stack', {get() { throw 1 }}));
         console.error(Object.assign(new Error('shown'), {message: {}, name: Symbol('n'), stack: ''}));
         console.log(Object.assign(Object.create(null), {plain: 1}), [,1], new Map([[1, 2]]), /x/g, new Date(NaN));
         const loop = []; loop.push(loop); console.log(loop);
         let deep = {}; for (let n = 0; n < 1e5; n++) deep = {deep}; console.log(deep);
         console.log(self); console.log('after'); ft.report({})",
    );
    let lines = logged(&host);
    let thrown = "[object that throws when it is read]";
    assert_eq!(lines[..4], [thrown, thrown, thrown, thrown]);
    assert!(lines.contains(&"[object: circular structure cannot be serialized]".to_owned()));
    assert!(lines.contains(&"[object: message too deep]".to_owned()));
    assert_eq!(lines.last().unwrap(), "after");
    assert!(host.log.at_least(LogLevel::Error).iter().all(|line| !line.contains("panic")));
    witness.is_served();
}

#[test]
fn h_a28_code_behind_what_is_logged_has_no_time_of_its_own() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 500);
    for script in [
        "console.log({get a() { for (;;) ; }})",
        "console.log(Object.defineProperty(new Error(), 'message', {get() { for (;;) ; }}))",
        "console.log('text', {toJSON() { for (;;) ; }})",
        "console.group(new Proxy({}, {getOwnPropertyDescriptor() { for (;;) ; }, ownKeys() { return ['a'] }}))",
    ] {
        assert_eq!(killed_by(&host, script), ErrorCode::Timeout, "{script}");
    }
}
