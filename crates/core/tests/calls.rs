//! Calls from a mini-program to the host, through the real engine: who answers, with what, and what the caller sees.

mod support;

use finapp_core::bridge::handler::inline;
use finapp_core::bridge::{ApiOptions, HostCall, Payload, Spoken};
use finapp_core::{AppletRequest, Error, ErrorCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Host, next, payload};

#[test]
fn f_h02_a_malformed_name_is_refused_when_it_is_registered() {
    let host = Host::new();
    for name in ["", "1scan", "scan-it", "scan it", "scän", &"a".repeat(65)] {
        let refused = host.client.register_custom_api(name, |_: HostCall| {}).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter, "{name:?}");
        assert!(refused.message().starts_with("api name: expected"), "{refused}");
    }
}

#[test]
fn f_h02_nothing_is_registered_after_shutdown() {
    let host = Host::new();
    host.client.shutdown();
    let refused = host.client.register_custom_api("scan", |_: HostCall| {}).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Closed);
}

#[test]
fn f_h02_a_call_that_the_handler_drops_fails_with_a_code() {
    let host = Host::new();
    host.client.register_custom_api("scan", |call: HostCall| drop(call)).unwrap();
    let seen = host.run("ft.loadExtApi([{name: 'scan'}]); ft.scan().catch(ft.report)");
    assert_eq!(seen["errCode"], ErrorCode::Handler.number());
    assert_eq!(seen["errMsg"], "scan:fail the handler dropped the call");
}

#[test]
fn f_h02_the_handler_learns_who_asks_for_what() {
    let host = Host::new();
    let calls = host.hands_over("scan");
    host.open("demo", "ft.loadExtApi([{name: 'scan'}]); ft.scan({codeType: ['qr', 'bar'], success() {}, sync: 1})");
    let call = next(&calls);
    assert_eq!(call.params.text(), r#"{"codeType":["qr","bar"],"sync":1}"#);
    assert_eq!(call.info.api.as_str(), "scan");
    assert_eq!(call.info.caller.applet().as_str(), "demo");
    assert_eq!(call.info.caller.source(), "miniprogram");
    assert_eq!(call.info.page.0, 0);
    assert_eq!(call.info.spoken, Spoken::Direct);
    assert!(!call.info.sync);
}

#[test]
fn f_h02_a_call_may_be_answered_later_from_any_thread() {
    let host = Host::new();
    let calls = host.hands_over("scan");
    host.open("demo", "ft.loadExtApi([{name: 'scan'}]); ft.scan({success: ft.report}); ft.report({going: 'on'})");
    assert_eq!(host.reported(), json!({"going": "on"}), "the caller does not wait");
    assert!(next(&calls).reply.success_text(r#"{"code":"42"}"#.to_owned()));
    assert_eq!(host.reported(), json!({"code": "42", "errMsg": "scan:ok"}));
}

#[test]
fn f_h02_the_first_answer_counts_and_later_ones_are_ignored_and_counted() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            assert!(call.reply.success_text(r#"{"n":1}"#.to_owned()));
            assert!(!call.reply.fail(Payload::none()) && !call.reply.success_text(r#"{"n":2}"#.to_owned()));
            assert!(!call.reply.cancel(Payload::none()) && !call.reply.is_open());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}]); const seen = []; const note = r => seen.push(r.n);
         ft.scan({success: note, fail: note, cancel: note, complete: () => setTimeout(() => ft.report({seen}), 20)})",
    );
    assert_eq!(seen, json!({"seen": [1]}));
    assert_eq!(host.client.counters("demo").unwrap().late_answers, 3);
}

#[test]
fn f_h02_a_rust_function_answers_by_returning_a_value() {
    #[derive(Deserialize)]
    struct Ask {
        name: String,
    }
    #[derive(Serialize)]
    struct Greeting {
        text: String,
    }
    let host = Host::new();
    let greet = inline(|info, ask: Ask| {
        if ask.name.is_empty() {
            return Err(Error::new(ErrorCode::Unsupported, "nobody to greet"));
        }
        Ok(Greeting { text: format!("{} from {}", ask.name, info.api) })
    });
    host.client.register("greet", greet, ApiOptions::default()).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'greet'}]);
         Promise.allSettled([ft.greet({name: 'Ada'}), ft.greet({name: ''}), ft.greet({name: 5})])
           .then(ends => ft.report({ends: ends.map(end => end.value ?? end.reason)}))",
    );
    assert_eq!(seen["ends"][0], json!({"text": "Ada from greet", "errMsg": "greet:ok"}));
    assert_eq!(
        seen["ends"][1],
        json!({"errMsg": "greet:fail nobody to greet", "errCode": ErrorCode::Unsupported.number()})
    );
    assert_eq!(seen["ends"][2]["errCode"], ErrorCode::Parameter.number());
}

#[test]
fn f_h02_of_two_handlers_for_a_name_the_last_one_answers_and_the_log_says_so() {
    let host = Host::new();
    host.answers("scan", json!({"by": "first"}));
    host.answers("scan", json!({"by": "last"}));
    let seen = host.run("ft.loadExtApi([{name: 'scan'}]); ft.scan().then(ft.report)");
    assert_eq!(seen["by"], "last");
    assert!(host.log.lines().iter().any(|line| line.contains("api scan is registered again")));
}

#[test]
fn f_h03_the_applets_own_handler_wins_there_and_nowhere_else() {
    let host = Host::new();
    host.answers("who", json!({"by": "all"}));
    let script = "ft.loadExtApi([{name: 'who'}]); ft.onCustomEvent(() => ft.who().then(ft.report))";
    let own = host.open("own", script);
    own.register_custom_api("who", |call: HostCall| {
        call.reply.success_text(r#"{"by":"own"}"#.to_owned());
    })
    .unwrap();
    host.open("other", script);
    for (app_id, by) in [("own", "own"), ("other", "all")] {
        host.send(app_id, json!({}));
        let (reporter, seen) = host.reported_by();
        assert_eq!((reporter.as_str(), &seen["by"]), (app_id, &json!(by)));
    }
    assert!(own.unregister_custom_api("who").unwrap());
    host.send("own", json!({}));
    assert_eq!(host.reported()["by"], "all", "without its own handler the global one answers again");
}

#[test]
fn f_h03_the_applets_own_handler_can_be_there_before_it_starts_and_stays_for_the_next_run() {
    let host = Host::new();
    host.answers("who", json!({"by": "all"}));
    let handler = inline(|_, (): ()| Ok(json!({"by": "own"})));
    host.client.register_for("demo", "who", handler, ApiOptions::default()).unwrap();
    let script = "ft.loadExtApi([{name: 'who'}]); ft.who().then(ft.report)";
    for _ in 0..2 {
        assert_eq!(host.run(script)["by"], "own");
        host.client.close_applet("demo").unwrap();
        host.closed("demo");
    }
}

#[test]
fn f_h08_a_running_call_keeps_its_handler_and_the_next_call_finds_none() {
    let host = Host::new();
    let calls = host.hands_over("scan");
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'scan'}]); ft.scan().then(ft.report);
         ft.onCustomEvent(() => ft.scan().catch(ft.report))",
    );
    let running = next(&calls);
    assert!(host.client.unregister_custom_api("scan").unwrap());
    host.send("demo", json!({}));
    assert_eq!(host.reported()["errCode"], ErrorCode::NotFound.number());
    assert!(running.reply.success_text(r#"{"late":"but fine"}"#.to_owned()));
    assert_eq!(host.reported()["late"], "but fine");
    assert!(!host.client.unregister_custom_api("scan").unwrap(), "it is gone already");
}

#[test]
fn f_h08_a_handler_may_replace_itself_and_remove_others() {
    let host = Host::new();
    let client = host.client.clone();
    host.answers("other", json!({}));
    host.client
        .register_custom_api("scan", move |call: HostCall| {
            let second = |call: HostCall| {
                call.reply.success_text(r#"{"by":"second"}"#.to_owned());
            };
            client.register_custom_api("scan", second).unwrap();
            assert!(client.unregister_custom_api("other").unwrap());
            call.reply.success_text(r#"{"by":"first"}"#.to_owned());
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'scan'}, {name: 'other'}]);
         (async () => {
           const seen = [(await ft.scan()).by, (await ft.scan()).by];
           await ft.other().catch(failed => seen.push(failed.errMsg));
           ft.report({seen});
         })()",
    );
    assert_eq!(seen, json!({"seen": ["first", "second", "other:fail 该api未实现"]}));
}

#[test]
fn f_h08_a_name_that_is_registered_while_the_applet_runs_answers_from_the_next_call_on() {
    let host = Host::new();
    host.open("demo", "ft.loadExtApi([{name: 'late'}]); ft.onCustomEvent(() => ft.late().then(ft.report, ft.report))");
    host.send("demo", json!({}));
    assert_eq!(host.reported()["errCode"], ErrorCode::NotFound.number());
    host.answers("late", json!({"here": true}));
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"here": true, "errMsg": "late:ok"}));
}

#[test]
fn f_h16_an_applet_sees_the_number_and_the_host_the_name_of_the_same_code() {
    let host = Host::new();
    let mut request = AppletRequest::local("nobody", "/does/not/exist");
    assert_eq!(host.client.start_applet_and_wait(request.clone()).unwrap_err().code(), ErrorCode::BadPackage);
    request.app_id = "../nobody".to_owned();
    assert_eq!(host.client.start_applet_and_wait(request).unwrap_err().code().number(), 10001);
    let unknown = host.client.send_custom_event("nobody", payload(json!({}))).unwrap_err();
    assert_eq!((unknown.code().name(), unknown.code().number()), ("E_APPLET_NOT_FOUND", 14000));
    assert_eq!(unknown.to_string(), "E_APPLET_NOT_FOUND: applet not found");
}

#[test]
fn f_h16_a_code_of_the_hosts_own_is_left_alone() {
    let host = Host::new();
    host.client
        .register_custom_api("pay", |call: HostCall| {
            let body = payload(json!({"errCode": -7, "code": "NO_MONEY"}));
            call.reply.fail_with(body, Error::new(ErrorCode::Handler, "no money"));
        })
        .unwrap();
    let seen: Value = host.run("ft.loadExtApi([{name: 'pay'}]); ft.pay().catch(ft.report)");
    assert_eq!(seen, json!({"errCode": -7, "code": "NO_MONEY", "errMsg": "pay:fail no money"}));
}
