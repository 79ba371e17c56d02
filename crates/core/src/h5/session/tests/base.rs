//! FinClip's base library in a page: its own function, its own numbers, and values that are returned.

use super::*;

impl Stage {
    fn invoke(&self, id: u32, name: &str, params: &str) -> Option<Value> {
        let own = Frame { url: OWN, is_top: true };
        let returned = self.session.invoke(own, name, params.to_owned(), f64::from(id))?;
        Some(serde_json::from_str(&returned).unwrap())
    }
}

fn at_once(call: HostCall) {
    call.reply.success(call.params);
}

fn sync() -> ApiOptions {
    ApiOptions { sync: true, ..ApiOptions::default() }
}

#[test]
fn f_j41_the_base_library_begins_without_a_word_and_counts_for_itself() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    // The numbers of both channels run beside each other, and one may be open on both.
    stage.say("hold", "{}");
    let of_ours = stage.held();
    stage.session.web_invoke(Frame { url: OWN, is_top: true }, "hold", "{}".to_owned(), 702.0);
    for id in 1..=3 {
        assert_eq!(stage.invoke(id, "echo", &format!("{{\"id\":{id},\"_sync\":false}}")), None);
        let script = stage.scripts.recv_timeout(LONG).unwrap();
        assert!(script.contains(".invokeCallbackHandler?.("), "{script}");
        assert_eq!(arguments(&script), [json!(id), json!({"id": id, "errMsg": "echo:ok"})]);
    }
    of_ours.reply.success(Payload::none());
    let script = stage.scripts.recv_timeout(LONG).unwrap();
    assert!(script.contains(".webInvokeCallbackHandler?.(") && arguments(&script)[0] == 701, "{script}");
}

#[test]
fn f_j41_what_the_library_adds_to_parameters_reaches_no_handler() {
    let stage = Stage::new();
    for (id, params, seen) in [
        (1, r#"{"a":1,"_sync":false}"#, r#"{"a":1}"#),
        (2, r#"{"_sync":false,"t":"\"_sync\":true"}"#, r#"{"t":"\"_sync\":true"}"#),
        (3, r#"{"deep":{"_sync":true}}"#, r#"{"deep":{"_sync":true}}"#),
    ] {
        stage.invoke(id, "hold", params);
        let call = stage.held();
        assert_eq!((call.params.text(), call.info.sync), (seen, false));
    }
}

#[test]
fn f_j41_a_synchronous_call_returns_its_answer_and_never_waits_on_the_apps_thread() {
    let stage = Stage::new();
    stage.register("at_once", at_once, sync());
    let held = stage.held.clone();
    stage.register("never", move |call| lock(&held).push(call), sync());
    let called = json!({"_sync": true, "n": 1}).to_string();
    assert_eq!(stage.invoke(1, "at_once", &called), Some(json!({"n": 1, "errMsg": "at_once:ok"})));
    let refused = stage.invoke(2, "never", &called).unwrap();
    assert_eq!(refused["errCode"], ErrorCode::Unsupported.number());
    assert!(!stage.held().reply.success(Payload::none()), "it has ended");
    // An asynchronous API has no value to return.
    assert_eq!(stage.invoke(3, "echo", &called).unwrap()["errCode"], ErrorCode::Unsupported.number());
    assert_eq!(stage.invoke(4, "nobody", &called).unwrap()["errCode"], ErrorCode::NotFound.number());
    stage.silent();
}

#[test]
fn f_j41_a_thread_that_may_wait_gets_an_answer_that_comes_later() {
    let stage = Stage::new();
    stage.register("later", |call| drop(std::thread::spawn(move || at_once(call))), sync());
    let held = stage.held.clone();
    stage.register("never", move |call| lock(&held).push(call), sync());
    let ask = |id: f64, name: &str, at_most| {
        let params = "{\"_sync\":true}".to_owned();
        let text = stage.session.invoke_and_wait(Frame { url: OWN, is_top: true }, name, params, id, at_most);
        serde_json::from_str::<Value>(&text.unwrap()).unwrap()["errMsg"].clone()
    };
    assert_eq!(ask(1.0, "later", LONG), "later:ok");
    assert_eq!(ask(2.0, "never", Duration::from_millis(20)), "never:fail timeout");
}

#[test]
fn h_b4_a_synchronous_call_ends_with_its_document() {
    let stage = Stage::new();
    let session = stage.session.clone();
    let leave = move |call: HostCall| {
        let session = session.clone();
        // Kept until the end: a call that is dropped is answered by that.
        std::thread::spawn(move || {
            session.committed("https://own.example/next");
            drop(call);
        });
    };
    stage.register("leave", leave, sync());
    let params = "{\"_sync\":true}".to_owned();
    let own = Frame { url: OWN, is_top: true };
    let returned = stage.session.invoke_and_wait(own, "leave", params, 1.0, LONG);
    let returned: Value = serde_json::from_str(&returned.unwrap()).unwrap();
    assert!(returned["errMsg"].as_str().unwrap().starts_with("leave:fail"), "{returned}");
    stage.silent();
}

#[test]
fn h_b18_a_synchronous_call_goes_before_what_is_missing() {
    let stage = Stage::new();
    stage.register("at_once", at_once, sync());
    assert_eq!(stage.invoke(9, "at_once", "{\"_sync\":true}").unwrap()["errMsg"], "at_once:ok");
    assert_eq!(stage.invoke(12, "at_once", "{\"_sync\":true}").unwrap()["errMsg"], "at_once:ok");
    assert_eq!(stage.counted().page_messages_missing, 2);
    // What was missing may come once.
    stage.invoke(10, "echo", "{}");
    assert_eq!(stage.heard()[0], 10);
}

#[test]
fn h_b3_a_foreign_frame_gets_nothing_returned() {
    let stage = Stage::new();
    stage.register("at_once", |_: HostCall| unreachable!("a foreign frame calls"), sync());
    for (url, is_top) in [("https://evil.example/", true), (OWN, false), ("about:srcdoc", false)] {
        let returned = stage.session.invoke(Frame { url, is_top }, "at_once", "{\"_sync\":true}".to_owned(), 1.0);
        assert_eq!(returned, None);
        stage.session.publish(Frame { url, is_top }, "custom_event_a", "{}", "[]");
    }
    assert_eq!(stage.counted().denied, 6);
    stage.silent();
}

#[test]
fn h_b10_what_has_no_form_is_not_published_and_not_read() {
    let stage = Stage::new();
    let own = Frame { url: OWN, is_top: true };
    let long = "x".repeat(Limits::default().message_bytes + 1);
    stage.session.publish(own, "custom_event_a", "{}", "[]");
    for (event, params, ids) in [("", "{}", "[]"), (&*long, "{}", "[]"), ("a", &*long, "[]"), ("a", "{}", &*long)] {
        stage.session.publish(own, event, params, ids);
    }
    assert_eq!(stage.counted().page_messages_malformed, 4);
    for (id, params) in ["[".repeat(5_000), "{\"_sync\":true".to_owned(), "[\"_sync\"]x".to_owned()].iter().enumerate()
    {
        let id = u32::try_from(id).unwrap() + 1;
        assert_eq!(stage.invoke(id, "hold", params), None, "no object asks for a value");
        assert!(stage.heard()[1]["errMsg"].as_str().unwrap().starts_with("hold:fail "));
    }
    assert!(lock(&stage.held).is_empty());
}

#[test]
fn f_j41_events_reach_the_base_library_of_own_pages_alone() {
    let stage = Stage::new();
    let detail = Payload::parse("{\"name\":\"a\"}".to_owned(), Vec::new(), &Limits::default()).unwrap();
    assert!(stage.session.base_event("onCustomEvent", &detail));
    let script = stage.scripts.recv_timeout(LONG).unwrap();
    assert!(script.contains("FinChatJSBridge?.subscribeHandler?.("), "{script}");
    assert_eq!(arguments(&script), [json!("onCustomEvent"), json!({"name": "a"}), json!(PAGE)]);
    stage.session.committed("https://evil.example/");
    assert!(!stage.session.base_event("onCustomEvent", &detail));
    stage.silent();
}

#[test]
fn f_j41_tasks_of_the_base_library_are_told_of_and_ended_by_their_numbers() {
    use crate::bridge::{Binary, BinaryKind, PathSegment};
    let stage = Stage::new();
    stage.invoke(1, "hold", r#"{"taskId":5}"#);
    let call = stage.held();
    let state = |text: &str, bytes: Option<&[u8]>| {
        let path = vec![PathSegment::Key("data".to_owned())];
        let binary = bytes.map(|bytes| Binary { path, kind: BinaryKind::ArrayBuffer, bytes: bytes.to_vec() });
        Payload::parse(text.to_owned(), binary.into_iter().collect(), &Limits::default()).unwrap()
    };
    assert!(call.reply.progress(state(r#"{"event":"HeadersReceived","statusCode":200}"#, None)));
    assert_eq!(stage.heard()[..2], [json!("onTaskHeadersReceived"), json!({"taskId": 5, "statusCode": 200})]);
    assert!(call.reply.progress(state(r#"{"event":"ChunkReceived","data":null}"#, Some(b"hi"))));
    let chunk = json!({"taskId": 5, "isBase64": true, "data": "aGk="});
    assert_eq!(stage.heard()[..2], [json!("onTaskChunkReceived"), chunk]);
    assert!(!call.reply.progress(state(r#"{"percent":5}"#, None)));
    let (sender, told) = channel();
    call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    stage.invoke(2, "taskAbort", r#"{"type":"request","taskId":6}"#);
    assert_eq!(stage.heard(), [json!(2), json!({"errMsg": "taskAbort:ok"})]);
    assert!(told.try_recv().is_err(), "that is another task");
    stage.invoke(3, "taskAbort", r#"{"type":"request","taskId":5}"#);
    assert_eq!(told.recv_timeout(LONG).unwrap(), ErrorCode::Cancelled);
    let ended = [stage.heard(), stage.heard()];
    assert!(ended.iter().any(|script| script[0] == 1 && script[1]["errMsg"] == "hold:fail cancel"), "{ended:?}");
}
