//! How calls of a page end when something goes wrong, or comes from elsewhere.

use super::*;
use crate::bridge::Reply;

#[test]
fn a_panicking_handler_fails_its_call_and_the_page_goes_on() {
    let stage = Stage::new();
    stage.register("fall", |_: HostCall| panic!("on purpose"), ApiOptions::default());
    stage.say("initPage", "{}");
    stage.heard();
    stage.say("fall", "{}");
    assert_eq!(stage.heard()[1]["errCode"], ErrorCode::Internal.number());
    stage.say("echo", "{}");
    assert_eq!(stage.heard()[1]["errMsg"], "echo:ok");
}

#[test]
fn an_answer_that_comes_from_another_thread_reaches_the_page() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    let id = stage.say("hold", "{}");
    let reply: Reply = stage.held().reply;
    std::thread::spawn(move || reply.success_text("[1]".to_owned())).join().unwrap();
    assert_eq!(stage.heard()[..2], [json!(id), json!({"data": [1], "errMsg": "hold:ok"})]);
}

#[test]
fn a_page_takes_a_call_back_and_its_handler_hears_of_it() {
    let stage = Stage::new();
    stage.accepted();
    let id = stage.say("hold", "{}");
    let call = stage.held();
    let (sender, told) = channel();
    call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    stage.say("finapp.cancel", &json!({"id": id}).to_string());
    assert_eq!(told.recv_timeout(LONG).unwrap(), ErrorCode::Cancelled);
    stage.say("finapp.cancel", &json!({"id": 1}).to_string());
}

#[test]
fn f_j33_progress_of_a_call_of_a_page_is_refused_and_counted() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    stage.say("hold", "{}");
    let call = stage.held();
    assert!(!call.reply.progress(Payload::none()));
    assert_eq!(stage.counted().progress_dropped, 1);
    stage.silent();
}

#[test]
fn h_b9_a_page_has_so_many_calls_in_flight_and_no_more() {
    let stage = Stage::new();
    stage.say("initPage", "{}");
    stage.heard();
    let most = Limits::default().page_calls_in_flight;
    for _ in 0..most {
        stage.say("hold", "{}");
    }
    stage.silent();
    stage.say("hold", "{}");
    assert_eq!(stage.heard()[1]["errCode"], ErrorCode::Busy.number());
    // A place that is free again is one.
    stage.held().reply.success(Payload::none());
    stage.heard();
    stage.say("hold", "{}");
    assert_eq!(lock(&stage.held).len(), most);
}

#[test]
fn h_b4_what_waits_for_a_document_that_is_gone_is_not_said_to_the_next() {
    let stage = Stage::new();
    let session = stage.session.clone();
    *lock(&stage.view.meanwhile) = Some(Box::new(move || {
        // Waits behind the script that is being handed over, and its document goes away before its turn.
        assert!(session.event("late", &Payload::none()));
        session.committed(OWN);
        assert!(session.event("new", &Payload::none()));
    }));
    assert!(stage.session.event("first", &Payload::none()));
    assert_eq!(stage.heard()[0], "first");
    assert_eq!(stage.heard()[0], "new");
    stage.silent();
}

#[test]
fn a_view_goes_only_behind_what_its_page_was_told() {
    let stage = Stage::new();
    let session = stage.session.clone();
    // The page is over while another thread hands a script to the view: here, within that.
    *lock(&stage.view.meanwhile) = Some(Box::new(move || session.end()));
    assert!(stage.session.event("first", &Payload::none()));
    assert!(stage.session.is_closed());
    for expected in ["first", "onUnload"] {
        assert_eq!(stage.heard()[0], expected);
    }
    assert_eq!(stage.scripts.recv_timeout(LONG).unwrap(), GONE);
    stage.silent();
}
