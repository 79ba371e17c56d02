//! Events from the host to a mini-program: in order, none lost below the cap, kept until it is ready; and the listeners
//! that hear them.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletRequest, ErrorCode};
use serde_json::{Value, json};
use support::{Folder, Host, payload, sync};

#[test]
fn f_h11_an_event_that_is_no_object_and_an_unknown_applet_are_refused() {
    let host = Host::new();
    host.open("demo", "ft.onCustomEvent(ft.report)");
    for detail in [json!("text"), json!(5), json!(null), json!([{}]), json!(true)] {
        let refused = host.client.send_custom_event("demo", payload(detail.clone())).unwrap_err();
        assert_eq!(refused.to_string(), "E_PARAM: detail: expected an object", "{detail}");
        assert!(host.client.send_custom_event_to_all(payload(detail)).is_err());
    }
    assert!(host.client.send_custom_event("demo", finapp_core::bridge::Payload::none()).is_err());
    let unknown = host.client.send_custom_event("nobody", payload(json!({}))).unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::AppletNotFound);
    assert!(host.nothing_reported());
}

#[test]
fn f_h11_an_applet_that_is_closed_takes_no_events() {
    let host = Host::new();
    let applet = host.open("demo", "App({})");
    applet.close();
    assert_eq!(applet.send_custom_event(payload(json!({}))).unwrap_err().code(), ErrorCode::Closed);
    host.closed("demo");
    let again = host.open("demo", "ft.onCustomEvent(ft.report)");
    assert_eq!(applet.send_custom_event(payload(json!({}))).unwrap_err().code(), ErrorCode::Closed, "nor its next run");
    again.send_custom_event(payload(json!({"run": 2}))).unwrap();
    assert_eq!(host.reported(), json!({"run": 2}));
}

#[test]
fn f_h11_below_the_cap_every_event_arrives_in_order() {
    let host = Host::new();
    host.open("demo", "const seen = []; ft.onCustomEvent(({n}) => { if (seen.push(n) === 1_000) ft.report({seen}) })");
    for n in 0..1_000 {
        host.send("demo", json!({ "n": n }));
    }
    assert_eq!(host.reported()["seen"], json!((0..1_000).collect::<Vec<_>>()));
    let counters = host.client.counters("demo").unwrap();
    assert_eq!((counters.events, counters.events_dropped), (1_000, 0));
}

#[test]
fn f_h11_what_is_sent_while_the_applet_starts_waits_until_it_is_ready() {
    let host = Host::new();
    let calls = host.hands_over_with("ready", sync());
    let folder = Folder::new();
    folder.file(
        "app.js",
        "ft.loadExtApi([{name: 'ready', sync: true}, {name: 'report'}]);
         ft.ready();
         const seen = [];
         App({onLaunch() { ft.onCustomEvent(({n}) => { if (seen.push(n) === 3) ft.report({seen}) }) }})",
    );
    let request = AppletRequest::local("demo", folder.path());
    host.client.start_applet(request, |started| assert!(started.is_ok()));
    let starting = support::next(&calls);
    for n in 1..=2 {
        host.send("demo", json!({ "n": n }));
    }
    assert_eq!(host.client.send_custom_event_to_all(payload(json!({"n": 3}))).unwrap(), 1);
    starting.reply.success(finapp_core::bridge::Payload::none());
    assert_eq!(host.reported(), json!({"seen": [1, 2, 3]}));
}

#[test]
fn f_h11_an_event_to_all_reaches_every_running_applet() {
    let host = Host::new();
    for app_id in ["a", "b", "c"] {
        host.open(app_id, "ft.onCustomEvent(ft.report)");
    }
    assert_eq!(host.client.send_custom_event_to_all(payload(json!({"to": "all"}))).unwrap(), 3);
    let mut heard: Vec<String> = (0..3)
        .map(|_| {
            let (app_id, seen) = host.reported_by();
            assert_eq!(seen, json!({"to": "all"}));
            app_id
        })
        .collect();
    heard.sort();
    assert_eq!(heard, ["a", "b", "c"]);
}

#[test]
fn f_h11_an_event_to_one_reaches_no_other() {
    let host = Host::new();
    for app_id in ["a", "b"] {
        host.open(app_id, "ft.onCustomEvent(ft.report)");
    }
    host.send("a", json!({"n": 1}));
    host.send("b", json!({"n": 2}));
    let mut heard = [host.reported_by(), host.reported_by()];
    heard.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(heard, [("a".to_owned(), json!({"n": 1})), ("b".to_owned(), json!({"n": 2}))]);
}

#[test]
fn f_m05_what_is_no_function_is_a_line_in_the_log() {
    let host = Host::new();
    host.run(
        "ft.onCustomEvent(5); ft.onCustomEvent('f'); ft.onCustomEvent(); ft.onCustomEvent(null); ft.onCustomEvent({});
         ft.onCustomEvent(true); ft.offCustomEvent(5); ft.addCustomEventListener('a', 5);
         ft.removeCustomEventListener('a', 'f'); ft.report({})",
    );
    let wrong: Vec<String> = host.log.lines().into_iter().filter(|line| line.contains("should accept")).collect();
    let expected = [
        "onCustomEvent should accept a function instead of number",
        "onCustomEvent should accept a function instead of string",
        "onCustomEvent should accept a function instead of undefined",
        "onCustomEvent should accept a function instead of null",
        "onCustomEvent should accept a function instead of object",
        "onCustomEvent should accept a function instead of boolean",
        "offCustomEvent should accept a function instead of number",
        "addCustomEventListener should accept a function instead of number",
        "removeCustomEventListener should accept a function instead of string",
    ];
    assert_eq!(wrong, expected);
}

/// Sends `count` numbered events and one last, after which the applet reports what it has `seen`.
fn heard(script: &str, events: &[Value]) -> Value {
    let host = Host::new();
    host.open(
        "demo",
        &format!(
            "const seen = []; const note = name => event => seen.push([name, event]);
             {script};
             ft.addCustomEventListener('last of all', () => ft.report({{seen}}));"
        ),
    );
    for event in events {
        host.send("demo", event.clone());
    }
    host.send("demo", json!({"name": "last of all"}));
    let mut seen = host.reported()["seen"].clone();
    seen.as_array_mut().unwrap().retain(|entry| entry[1]["name"] != "last of all");
    seen
}

#[test]
fn f_m05_every_listener_hears_every_event_in_order_of_registration() {
    let seen = heard(
        "ft.onCustomEvent(note('first')); wx.onCustomEvent(note('second'))",
        &[json!({"n": 1}), json!({"event": "pay", "data": {"deep": [1]}})],
    );
    let second = json!({"event": "pay", "data": {"deep": [1]}});
    let expected = json!([["first", {"n": 1}], ["second", {"n": 1}], ["first", second], ["second", second]]);
    assert_eq!(seen, expected);
}

#[test]
fn f_m05_off_takes_one_listener_and_without_an_argument_all_but_the_named_ones() {
    let events = [json!({"name": "some", "n": 1})];
    let script = "const [a, b] = [note('a'), note('b')];
        ft.onCustomEvent(a); ft.onCustomEvent(b); ft.addCustomEventListener('some', note('named'));";
    let some = &events[0];
    assert_eq!(heard(&format!("{script} ft.offCustomEvent(a)"), &events), json!([["named", some], ["b", some]]));
    assert_eq!(heard(&format!("{script} ft.offCustomEvent(() => {{}})"), &events).as_array().unwrap().len(), 3);
    assert_eq!(heard(&format!("{script} ft.offCustomEvent()"), &events), json!([["named", some]]));
}

#[test]
fn f_m05_a_function_added_twice_hears_twice_and_one_off_takes_both() {
    let event = json!({"n": 1});
    let script = "const a = note('a'); ft.onCustomEvent(a); ft.onCustomEvent(a);";
    assert_eq!(heard(script, std::slice::from_ref(&event)), json!([["a", event], ["a", event]]));
    assert_eq!(heard(&format!("{script} wx.offCustomEvent(a)"), &[event]), json!([]));
}

#[test]
fn f_m05_a_listener_that_throws_or_changes_the_event_harms_no_other() {
    let seen = heard(
        "ft.onCustomEvent(event => { event.n = 'spoilt'; delete event.list; throw new Error('mine') }); ft.onCustomEvent(note('next'))",
        &[json!({"n": 1, "list": [1]})],
    );
    assert_eq!(seen, json!([["next", {"n": 1, "list": [1]}]]));
}

#[test]
fn f_m05_listeners_that_come_and_go_during_an_event_count_from_the_next_one_on() {
    let seen = heard(
        "const late = note('late'), gone = note('gone');
         ft.onCustomEvent(event => { if (event.n === 1) { ft.onCustomEvent(late); ft.offCustomEvent(gone) } });
         ft.onCustomEvent(gone)",
        &[json!({"n": 1}), json!({"n": 2})],
    );
    assert_eq!(seen, json!([["gone", {"n": 1}], ["late", {"n": 2}]]));
}

#[test]
fn f_m06_a_name_that_is_empty_or_no_text_throws() {
    let host = Host::new();
    let seen = host.run(
        "const names = ['', 5, undefined, null, {}, 'x'.repeat(300)];
         const tried = add => names.map(name => { try { add(name); return 'taken' } catch (error) { return error.name } });
         ft.report({add: tried(name => ft.addCustomEventListener(name, () => {})),
           remove: tried(name => ft.removeCustomEventListener(name))})",
    );
    let all = json!(vec!["TypeError"; 6]);
    assert_eq!(seen, json!({"add": all, "remove": all}));
}

#[test]
fn f_m06_a_named_listener_hears_its_own_name_alone_and_gets_the_whole_body() {
    let body =
        json!({"name": "someMethod", "data": {"a": "data-1", "b": "data-2", "c": 1001}, "errMsg": "some error msg"});
    let seen = heard(
        "ft.addCustomEventListener('someMethod', note('some')); ft.addCustomEventListener('other', note('other'))",
        &[body.clone(), json!({"data": 1}), json!({"name": 5}), json!({"name": "SomeOther"}), json!({"name": "other"})],
    );
    assert_eq!(seen, json!([["some", body], ["other", {"name": "other"}]]));
}

#[test]
fn f_m06_named_listeners_hear_before_plain_ones() {
    let event = json!({"name": "some"});
    let seen = heard(
        "ft.onCustomEvent(note('plain')); ft.addCustomEventListener('some', note('first')); ft.addCustomEventListener('some', note('second'))",
        std::slice::from_ref(&event),
    );
    assert_eq!(seen, json!([["first", event], ["second", event], ["plain", event]]));
}

#[test]
fn f_m06_remove_takes_one_listener_of_a_name_and_without_one_all_of_that_name() {
    let events = [json!({"name": "some"}), json!({"name": "other"})];
    let script = "const [a, b] = [note('a'), note('b')];
        ft.addCustomEventListener('some', a); ft.addCustomEventListener('some', b); ft.addCustomEventListener('other', a);";
    let [some, other] = &events;
    assert_eq!(
        heard(&format!("{script} ft.removeCustomEventListener('some', a)"), &events),
        json!([["b", some], ["a", other]])
    );
    assert_eq!(heard(&format!("{script} ft.removeCustomEventListener('some')"), &events), json!([["a", other]]));
    assert_eq!(
        heard(&format!("{script} ft.removeCustomEventListener('nothing')"), &events).as_array().unwrap().len(),
        3
    );
}
