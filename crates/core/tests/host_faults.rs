//! Faults of the host's handlers: they throw, answer twice, never, too late or from another thread, and change
//! registrations while calls run.
#![expect(clippy::disallowed_methods, reason = "hosts have threads of their own")]

mod support;

use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload, Reply};
use finapp_core::{Config, ErrorCode, FinAppClient, Platform};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::work::{WORK, code, numbers, told};
use support::{Host, PATIENCE, payload};

#[test]
fn h_c1_whatever_a_handler_throws_is_one_short_failure() {
    let host = Host::new();
    type Throws = Box<dyn Fn(HostCall) + Send + Sync>;
    let thrown: [(&str, Throws); 4] = [
        ("boom", Box::new(|call| assert!(call.reply.threw("boom")))),
        ("", Box::new(|call| assert!(call.reply.threw("")))),
        ("long", Box::new(|call| assert!(call.reply.threw(&"\u{e9}".repeat(100_000))))),
        ("dropped", Box::new(drop)),
    ];
    let kinds: Vec<&str> = thrown.iter().map(|(kind, _)| *kind).collect();
    let mut handlers: Vec<_> = thrown.into_iter().map(|(_, handler)| handler).collect();
    let next = Mutex::new(handlers.drain(..).collect::<VecDeque<_>>());
    host.client
        .register_custom_api("work", move |call: HostCall| {
            let handler = next.lock().unwrap().pop_front().unwrap();
            handler(call);
        })
        .unwrap();
    host.open("demo", &format!("{WORK} for (let at = 0; at < {}; at++) run()", kinds.len()));
    let seen = told(&host, "demo");
    let ends: Vec<&Value> = seen.as_array().unwrap().iter().collect();
    assert_eq!(ends.len(), 2 * kinds.len(), "{seen}");
    for (kind, pair) in kinds.iter().zip(ends.chunks(2)) {
        assert_eq!((&pair[0][0], &pair[1][0]), (&json!("fail"), &json!("complete")), "{kind}");
        assert_eq!(pair[0][1], pair[1][1], "{kind}");
        assert_eq!(pair[0][1]["errCode"], code(ErrorCode::Handler), "{kind}");
        let text = pair[0][1]["errMsg"].as_str().unwrap();
        let message = text.strip_prefix("work:fail ").unwrap();
        assert!(!message.is_empty() && message.len() <= 1024, "{kind}: {} bytes", message.len());
        assert!(!message.contains(".rs"), "{kind}: {message}");
    }
}

#[test]
fn h_c2_an_answer_after_the_close_is_dropped_and_counted() {
    let host = Host::new();
    let calls = host.hold("work", ApiOptions::default());
    let applet = host.open("demo", &format!("{WORK} run(); run()"));
    let (resolves, rejects) = (calls.recv_timeout(PATIENCE).unwrap(), calls.recv_timeout(PATIENCE).unwrap());
    let (sender, reasons) = channel();
    for call in [&resolves, &rejects] {
        let sender = sender.clone();
        call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    }
    applet.close();
    assert_eq!(reasons.try_iter().collect::<Vec<_>>(), [ErrorCode::Closed; 2]);
    assert!(!resolves.reply.success_text("{}".to_owned()));
    assert!(!rejects.reply.threw("too late"));
    assert!(!resolves.reply.progress(Payload::none()));
    let counters = applet.counters();
    assert_eq!((counters.failed, counters.late_answers, counters.progress_dropped), (2, 2, 1));
    assert!(reasons.try_iter().next().is_none(), "a hook runs once");
}

#[test]
fn h_c3_a_call_that_nobody_answers_ends_at_its_deadline_and_frees_its_slot() {
    // Two slots: one for the call, one for the report.
    let host = Host::with_limits(|limits| limits.calls_in_flight = 2);
    let options = |sync| ApiOptions { sync, timeout: Some(Duration::from_millis(20)), ..ApiOptions::default() };
    let calls = host.hold("work", options(false));
    let sync_calls = host.hold("workSync", options(true));
    let ways = [
        ("run()", &calls),
        ("seen.push(['fail', ft.workSync()], ['complete'])", &sync_calls),
        (
            "wx.invokeNativePlugin({api_name: 'slow', timeout: 20, fail: note('fail'), complete: note('complete')})",
            &host.hold("slow", ApiOptions::default()),
        ),
    ];
    for (way, calls) in ways {
        let id = "demo";
        let applet = host.open(id, &format!("{WORK} ft.onCustomEvent(e => {{ if (e.go) {{ {way} }} }})"));
        for round in 1..=4 {
            host.send(id, json!({"go": true}));
            let call = calls.recv_timeout(PATIENCE).unwrap();
            let (sender, cancelled) = channel();
            call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
            assert_eq!(cancelled.recv_timeout(PATIENCE), Ok(ErrorCode::Timeout), "{way}");
            assert!(!call.reply.success(Payload::none()), "{way}: an answer after the deadline is ignored");
            let seen = told(&host, id);
            assert_eq!(seen[0][0], "fail", "{way}: {seen}");
            assert_eq!(seen[0][1]["errCode"], code(ErrorCode::Timeout), "{way}: {seen}");
            assert_eq!(seen.as_array().unwrap().len(), 2, "{way}: {seen}");
            let counters = applet.counters();
            assert_eq!((counters.timed_out, counters.late_answers), (round, round), "{way}");
        }
        applet.close();
        host.closed(id);
    }
}

#[test]
fn h_c4_the_first_answer_wins_and_progress_comes_before_the_end() {
    type Say = fn(&Reply) -> bool;
    let says: [(&str, Say); 4] = [
        ("success", |reply| reply.success(payload(json!({"r": 1})))),
        ("fail", |reply| reply.fail(payload(json!({"r": 2})))),
        ("cancel", |reply| reply.cancel(payload(json!({"r": 3})))),
        ("threw", |reply| reply.threw("a second end")),
    ];
    for (first, say_first) in says {
        for (second, say_second) in says {
            let host = Host::new();
            let calls = host.hold("work", ApiOptions::default());
            let applet = host.open("demo", &format!("{WORK} run()"));
            let reply = calls.recv_timeout(PATIENCE).unwrap().reply;
            assert!(reply.progress(payload(json!({"step": 1}))));
            assert!(say_first(&reply), "{first}");
            assert!(!say_second(&reply), "{first}, then {second}");
            assert!(!reply.progress(payload(json!({"step": 2}))), "progress after {first}");
            let seen = told(&host, "demo");
            let words: Vec<&str> = seen.as_array().unwrap().iter().map(|said| said[0].as_str().unwrap()).collect();
            let expected = match first {
                "success" => ["progress", "success", "complete"].as_slice(),
                "cancel" => &["progress", "fail", "cancel", "complete"],
                _ => &["progress", "fail", "complete"],
            };
            assert_eq!(words, expected, "{first}, then {second}");
            let counters = applet.counters();
            assert_eq!((counters.late_answers, counters.progress_dropped), (1, 1), "{first}, then {second}");
        }
    }
}

#[test]
fn h_c6_answers_from_worker_threads_arrive_in_the_order_in_which_they_were_given() {
    let host = Host::new();
    let calls = host.hold("work", ApiOptions::default());
    host.open(
        "demo",
        &format!(
            "{WORK} const order = [];
             for (let id = 0; id < 200; id++) {{
                ft.work({{id, success: () => {{
                    order.push(id);
                    if (order.length === 200) ft.report({{order}});
                }}}});
             }}"
        ),
    );
    // Each of two workers answers its half backwards, both at the same time.
    let held: Vec<HostCall> = (0..200).map(|_| calls.recv_timeout(PATIENCE).unwrap()).collect();
    let (even, odd): (Vec<_>, Vec<_>) = held.into_iter().enumerate().partition(|(id, _)| id % 2 == 0);
    let workers = [even, odd].map(|half| {
        std::thread::spawn(move || {
            for (_, call) in half.into_iter().rev() {
                assert!(call.reply.success(Payload::none()));
            }
        })
    });
    for worker in workers {
        worker.join().unwrap();
    }
    let order = numbers(&host.reported()["order"]);
    for parity in [0, 1] {
        let half: Vec<i64> = order.iter().copied().filter(|id| id % 2 == parity).collect();
        assert!(half.is_sorted_by(|a, b| a > b) && half.len() == 100, "{half:?}");
    }
}

fn answers(text: &'static str) -> impl Fn(HostCall) + Send + Sync {
    move |call| assert!(call.reply.success_text(format!("{{\"by\":\"{text}\"}}")))
}

#[test]
fn h_c8_a_running_call_keeps_its_handler_and_the_next_one_sees_the_new() {
    let host = Host::new();
    let old = host.hold("work", ApiOptions::default());
    let again = "ft.onCustomEvent(e => { if (e.go) ft.work({complete: r => ft.report(r)}) });";
    let applet = host.open("demo", &format!("{WORK} {again} run()"));
    let running = old.recv_timeout(PATIENCE).unwrap();
    let again = || {
        host.send("demo", json!({"go": true}));
        host.reported()
    };
    host.client.register_custom_api("work", answers("new")).unwrap();
    assert_eq!(again()["by"], "new");
    applet.register_custom_api("work", answers("own")).unwrap();
    assert_eq!(again()["by"], "own");
    assert!(applet.unregister_custom_api("work").unwrap());
    assert_eq!(again()["by"], "new");
    assert!(host.client.unregister_custom_api("work").unwrap());
    assert_eq!(again()["errCode"], code(ErrorCode::NotFound));
    assert!(running.reply.success_text(r#"{"by":"old"}"#.to_owned()));
    assert_eq!(told(&host, "demo")[0][1]["by"], "old");
}

#[test]
fn h_c8_a_handler_may_change_every_registration_while_it_runs() {
    let host = Host::new();
    let client = host.client.clone();
    host.client
        .register_custom_api("work", move |call: HostCall| {
            let id = call.info.caller.applet().to_string();
            for at in 0..1_000 {
                client.register_custom_api(&format!("api{at}"), answers("a new one")).unwrap();
                client.register_for(&id, &format!("own{at}"), host_handler("its own"), ApiOptions::default()).unwrap();
            }
            client.register_custom_api("work", answers("the replacement")).unwrap();
            assert!(client.unregister_for(&id, "own7").unwrap());
            call.reply.success_text(r#"{"by":"itself"}"#.to_owned());
        })
        .unwrap();
    host.open(
        "demo",
        &format!(
            "{WORK} ft.loadExtApi([{{name: 'api999'}}, {{name: 'own999'}}, {{name: 'own7'}}]); run(); run();
                  ft.api999({{complete: note('api')}}); ft.own999({{complete: note('own')}});
                  ft.own7({{complete: note('gone')}})"
        ),
    );
    let seen = told(&host, "demo");
    let find = |word: &str, at: usize| {
        let found: Vec<&Value> = seen.as_array().unwrap().iter().filter(|said| said[0] == word).collect();
        found[at][1].clone()
    };
    assert_eq!(find("success", 0)["by"], "itself");
    assert_eq!(find("success", 1)["by"], "the replacement");
    assert_eq!(find("api", 0)["by"], "a new one");
    assert_eq!(find("own", 0)["by"], "its own");
    assert_eq!(find("gone", 0)["errCode"], code(ErrorCode::NotFound));
}

fn host_handler(text: &'static str) -> Handler {
    Handler::Host(Arc::new(answers(text)))
}

/// Foreign code that runs when a handler is dropped.
struct CallsBack(FinAppClient, Sender<()>);

impl Drop for CallsBack {
    fn drop(&mut self) {
        // Refused after a shutdown; what counts is that all come back.
        drop(self.0.register_for("demo", "fromDrop", host_handler("x"), ApiOptions::default()));
        drop(self.0.unregister_custom_api("fromDrop"));
        drop(self.0.unregister_for("demo", "fromDrop"));
        self.1.send(()).ok();
    }
}

#[test]
fn h_c8_no_lock_is_held_while_a_handler_is_dropped() {
    let (sender, dropped) = channel();
    let (done, finished) = channel();
    // On a thread of its own: one that is stuck must not keep the test from failing.
    std::thread::spawn(move || {
        let client = FinAppClient::init(Config::default(), Platform::default()).unwrap();
        let handler = || {
            let calls_back = CallsBack(client.clone(), sender.clone());
            Handler::Host(Arc::new(move |_: HostCall| calls_back.1.send(()).unwrap()))
        };
        for _ in 0..2 {
            client.register("work", handler(), ApiOptions::default()).unwrap();
            client.register_for("demo", "work", handler(), ApiOptions::default()).unwrap();
        }
        client.unregister_custom_api("work").unwrap();
        client.register("work", handler(), ApiOptions::default()).unwrap();
        client.shutdown();
        done.send(()).unwrap();
    });
    finished.recv_timeout(PATIENCE).expect("no lock is held while a handler is dropped");
    assert_eq!(dropped.iter().count(), 5);
}
