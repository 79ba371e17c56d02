//! Timers, `console` and the error hooks: what goes wrong in a mini-program is heard, and stops nothing.

mod support;

use finapp_core::host::LogLevel;
use finapp_core::{Config, ErrorCode, LifeCycleEvent, Limits};
use serde_json::json;
use std::sync::Arc;
use support::{Host, StoppedClock};

#[test]
fn f_m18_a_timer_without_a_function_throws_and_clearing_nonsense_does_nothing() {
    let host = Host::new();
    let seen = host.run(
        "const tried = run => { try { run(); return 'fine' } catch (error) { return `${error.name}: ${error.message}` } };
         const made = [tried(() => setTimeout()), tried(() => setTimeout('ft.report({})')), tried(() => setInterval(5, 10))];
         const cleared = [undefined, null, 0, -1, 1e9, NaN, 'x', {}].map(id => tried(() => (clearTimeout(id), clearInterval(id))));
         ft.report({made, cleared: [...new Set(cleared)]})",
    );
    let text = |name: &str| format!("TypeError: {name} expects a function");
    assert_eq!(seen["made"], json!([text("setTimeout"), text("setTimeout"), text("setInterval")]));
    assert_eq!(seen["cleared"], json!(["fine"]));
}

#[test]
fn f_m18_a_timer_passes_its_extra_arguments_and_gives_a_number() {
    let host = Host::new();
    let seen = host.run(
        "const id = setTimeout((...given) => ft.report({id: typeof id, given, this: typeof this}), 5, 'a', {b: 1}, undefined, 4)",
    );
    assert_eq!(seen, json!({"id": "number", "given": ["a", {"b": 1}, null, 4], "this": "undefined"}));
}

#[test]
fn f_m18_timers_run_in_the_order_in_which_they_are_due() {
    let host = Host::new();
    let seen = host.run(
        "const seen = []; const note = text => seen.push(text);
         setTimeout(note, 30, 'thirty'); setTimeout(note, 1, 'first'); setTimeout(note, '15', 'fifteen'); setTimeout(note, 1, 'second');
         setTimeout(note, -5, 'third'); setTimeout(note, NaN, 'fourth');
         Promise.resolve().then(() => note('promise'));
         note('now');
         setTimeout(() => ft.report({seen}), 60)",
    );
    assert_eq!(seen["seen"], json!(["now", "promise", "first", "second", "third", "fourth", "fifteen", "thirty"]));
}

#[test]
fn f_m18_promise_jobs_of_a_timer_run_before_the_next_timer() {
    let host = Host::new();
    let seen = host.run(
        "const seen = [];
         for (const n of [1, 2]) setTimeout(() => { seen.push(n); Promise.resolve().then(() => seen.push(`${n} then`)) }, 5);
         setTimeout(() => ft.report({seen}), 10)",
    );
    assert_eq!(seen["seen"], json!([1, "1 then", 2, "2 then"]));
}

#[test]
fn f_m18_a_cleared_timer_never_runs_and_an_interval_runs_until_it_is_cleared() {
    let host = Host::new();
    let seen = host.run(
        "const seen = [];
         clearTimeout(setTimeout(() => seen.push('cleared'), 5)); clearInterval(setTimeout(() => seen.push('cleared too'), 5));
         const other = setTimeout(() => seen.push('cleared by another'), 8);
         setTimeout(() => clearTimeout(other), 5);
         const every = setInterval((by) => {
           if (seen.push(by) === 3) { clearInterval(every); setTimeout(() => ft.report({seen}), 30) }
         }, 4, 'tick')",
    );
    assert_eq!(seen["seen"], json!(["tick", "tick", "tick"]));
}

#[test]
fn f_m18_an_interval_may_clear_itself_in_its_first_run() {
    let host = Host::new();
    let seen = host.run(
        "let runs = 0; const every = setInterval(() => { runs++; clearInterval(every) }, 4);
         setTimeout(() => ft.report({runs}), 40)",
    );
    assert_eq!(seen["runs"], 1);
}

#[test]
fn f_m18_no_timer_is_shorter_than_the_floor() {
    let clock = Arc::new(StoppedClock::default());
    let limits = Limits { timer_floor_ms: 20, ..Limits::default() };
    let host = Host::with_clock(Config { limits, ..Config::default() }, clock.clone());
    host.open(
        "demo",
        "let ran = 0; setTimeout(() => ran++, 0); setTimeout(() => ran++, -1); setTimeout(() => { ran++; ft.report({ran}) }, 19);
         ft.onCustomEvent(() => ft.report({ran}))",
    );
    clock.advance(19);
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"ran": 0}));
    clock.advance(1);
    assert_eq!(host.reported(), json!({"ran": 3}));
}

#[test]
fn f_m18_each_console_method_has_its_level_and_the_applets_name() {
    let host = Host::new();
    host.run(
        "console.debug('a'); console.log('b'); console.info('c'); console.warn('d'); console.error('e');
         console.group('g'); console.log('inside'); console.groupEnd(); console.groupEnd(); console.log('outside'); ft.report({})",
    );
    use LogLevel::{Debug, Error, Info, Warn};
    let expected = [
        (Debug, "a"),
        (Info, "b"),
        (Info, "c"),
        (Warn, "d"),
        (Error, "e"),
        (Info, "g"),
        (Info, "  inside"),
        (Info, "outside"),
    ];
    let lines = host.log.entries();
    let expected: Vec<_> = expected.map(|(level, line)| (level, "demo".to_owned(), line.to_owned())).into();
    assert_eq!(lines, expected);
}

#[test]
fn f_m18_the_console_prints_any_value_on_one_line() {
    let host = Host::new();
    host.run(
        "console.log('text', 1, -0.5, true, null, undefined, 10n, Symbol('s'), () => {}, {a: [1, {b: 'x'}]});
         console.log(new TypeError('mine').message, [undefined, () => {}], new Date(0));
         console.log('two\\nlines\\r\\u0000%s%n', '\\u001b[31m');
         console.log(); const loop = {}; loop.loop = loop; console.log(loop, {get x() { throw 1 }});
         ft.report({})",
    );
    let lines = host.log.lines();
    let expected = [
        r#"text 1 -0.5 true null undefined 10 [Symbol] [Function] {"a":[1,{"b":"x"}]}"#,
        r#"mine [null,null] "1970-01-01T00:00:00.000Z""#,
        r"two\nlines\r\u{0}%s%n \u{1b}[31m",
        "",
        "[object: circular structure cannot be serialized] [object that throws when it is read]",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn f_m18_an_error_in_the_console_comes_with_its_name_and_place() {
    let host = Host::new();
    host.run("console.error('failed:', new RangeError('too far')); ft.report({})");
    let line = &host.log.lines()[0];
    assert!(line.starts_with("failed: RangeError: too far\\n") && line.contains("app.js:1"), "{line}");
}

#[test]
fn f_m18_an_uncaught_error_reaches_the_app_hook_then_the_listeners_and_the_host_as_one_text() {
    let host = Host::new();
    host.open(
        "demo",
        "const seen = []; const note = name => text => seen.push([name, typeof text, text.split('\\n')[0], /app\\.js:\\d/.test(text)]);
         App({ onError(text) { note(this === getApp() ? 'app' : 'this is wrong')(text) } });
         const gone = note('gone'); wx.onError(gone);
         wx.onError(note('first')); ft.onError(note('second')); wx.offError(gone);
         setTimeout(() => ft.report({seen}), 30);
         setTimeout(() => { throw new TypeError('mine') }, 4)",
    );
    let heard = |name: &str| json!([name, "string", "TypeError: mine", true]);
    assert_eq!(host.reported()["seen"], json!([heard("app"), heard("first"), heard("second")]));
    let error = host.event(|event| match event {
        LifeCycleEvent::Error { app_id, error } if app_id == "demo" => Some(error.clone()),
        _ => None,
    });
    assert_eq!(error.code(), ErrorCode::Handler);
    assert!(error.message().starts_with("TypeError: mine\n"), "{error}");
    assert!(host.log.at_least(LogLevel::Error).iter().any(|line| line.starts_with("TypeError: mine\\n")));
}

#[test]
fn f_m18_errors_in_hooks_listeners_events_and_callbacks_are_all_heard_and_stop_nothing() {
    let host = Host::new();
    host.answers("scan", json!({}));
    host.open(
        "demo",
        "const seen = []; wx.onError(text => seen.push(text.split('\\n')[0]));
         ft.loadExtApi([{name: 'scan'}]);
         App({ onLaunch() { throw new Error('launch') }, onShow() { throw new Error('show') } });
         ft.onCustomEvent(() => { throw new Error('event') });
         ft.onCustomEvent(() => ft.scan({ success() { throw new Error('success') }, complete: () => ft.report({seen}) }))",
    );
    host.send("demo", json!({}));
    let expected = json!(["Error: launch", "Error: show", "Error: event", "Error: success"]);
    assert_eq!(host.reported()["seen"], expected);
}

#[test]
fn f_m18_an_error_inside_an_error_hook_is_logged_and_goes_no_further() {
    let host = Host::new();
    let seen = host.run(
        "let heard = 0;
         App({ onError() { heard++; throw new Error('in the hook') } });
         wx.onError(() => { heard++; undefined.x });
         setTimeout(() => { throw new Error('first') }, 4);
         setTimeout(() => ft.report({heard}), 30)",
    );
    assert_eq!(seen, json!({"heard": 2}));
    assert!(host.log.lines().iter().any(|line| line.starts_with("Error: in the hook")));
}

#[test]
fn f_m18_anything_may_be_thrown() {
    let host = Host::new();
    let seen = host.run(
        "const seen = []; wx.onError(text => seen.push(text.split('\\n')[0]));
         const things = ['text', 5, undefined, {toString: () => 'an object'}, {toString() { throw 1 }}, Object.create(null), 7n];
         things.forEach(thing => setTimeout(() => { throw thing }, 4));
         setTimeout(() => ft.report({seen}), 30)",
    );
    let unprintable = "an error that cannot be printed";
    assert_eq!(seen["seen"], json!(["text", "5", "undefined", "an object", unprintable, unprintable, "7"]));
}

#[test]
fn f_m18_an_unhandled_rejection_reaches_the_app_hook_then_the_listeners_with_reason_and_promise() {
    let host = Host::new();
    let seen = host.run(
        "const seen = []; let made;
         const note = name => ({reason, promise}) => seen.push([name, reason, promise === made]);
         App({ onUnhandledRejection: note('app') });
         wx.onUnhandledRejection(note('listener'));
         setTimeout(() => { made = Promise.reject({code: 7}) }, 4);
         setTimeout(() => ft.report({seen}), 30)",
    );
    assert_eq!(seen["seen"], json!([["app", {"code": 7}, true], ["listener", {"code": 7}, true]]));
    assert_eq!(host.client.counters("demo").unwrap().unhandled_rejections, 1);
}

#[test]
fn f_m18_a_rejection_that_finds_a_handler_in_the_same_turn_is_handled() {
    let host = Host::new();
    let seen = host.run(
        "const seen = []; wx.onUnhandledRejection(({reason}) => seen.push(reason ?? null));
         const late = Promise.reject('handled at once'); Promise.resolve().then(() => late.catch(() => {}));
         for (const reason of ['text', null, undefined, 0]) Promise.reject(reason);
         (async () => { throw 'async' })();
         ft.loadExtApi([{name: 'nobody'}]); ft.nobody().catch(() => {});
         setTimeout(() => ft.report({seen}), 30)",
    );
    assert_eq!(seen["seen"], json!(["text", null, null, 0, "async"]));
}

#[test]
fn f_m18_a_failed_call_that_nobody_catches_is_an_unhandled_rejection_with_the_failure_as_its_reason() {
    let host = Host::new();
    let seen = host.run(
        "wx.onUnhandledRejection(({reason}) => ft.report(reason)); ft.loadExtApi([{name: 'nobody'}]); ft.nobody()",
    );
    assert_eq!(seen["errCode"], ErrorCode::NotFound.number());
}

#[test]
fn f_m18_timers_rest_in_the_background_and_go_on_afterwards() {
    let clock = Arc::new(StoppedClock::default());
    let host = Host::with_clock(Config::default(), clock.clone());
    let applet = host.open(
        "demo",
        "let runs = 0; setInterval(() => { runs++; ft.report({runs}) }, 10);
         wx.onAppHide(() => ft.report({hidden: true}));
         ft.onCustomEvent(({ask}) => ft.report({ask, runs}))",
    );
    clock.advance(10);
    assert_eq!(host.reported(), json!({"runs": 1}));
    applet.set_visible(false);
    assert_eq!(host.reported(), json!({"hidden": true}));
    clock.advance(100);
    // Between two events the applet's thread has looked for timers at least once.
    for ask in 1..=3 {
        host.send("demo", json!({ "ask": ask }));
        assert_eq!(host.reported(), json!({"ask": ask, "runs": 1}));
    }
    applet.set_visible(true);
    assert_eq!(host.reported(), json!({"runs": 2}));
}
