//! The `<web-view>` of a mini-program in a real browser: opened by the mini-program's own page, with a page of its package
//! in it that has the library, and both sides speak by what they were given.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

#[path = "../support/mod.rs"]
mod support;

mod events;
mod functions;
mod hostile;
mod library;
mod navigation;
mod program;

use program::Program;
use serde_json::json;
use support::next;

#[test]
fn f_m19_a_web_view_shows_a_page_of_the_package_that_reaches_its_mini_program() {
    let program = Program::new();
    let first = program.first();
    assert_eq!(first.evaluate("document.title").unwrap(), json!("mine"));
    let sent = first.evaluate("ft.miniProgram.sendWebviewEvent({ n: [1, '漢'] }).then((res) => res.errMsg)").unwrap();
    assert_eq!(sent, json!("sendWebviewEvent:ok"));
    let event = json!({"type": "event", "detail": {"data": {"n": [1, "漢"]}}, "route": "pages/a/a"});
    assert_eq!(next(&program.reports), event);

    // To another page of the mini-program, whose own web page is seen then; and back, with what was posted.
    let to = "void ft.miniProgram.navigateTo({ url: '/pages/b/b?src=%2Fweb%2Fnext.html' })";
    first.evaluate(to).unwrap();
    let second = program.shown("/web/next.html", "pages/b/b");
    assert!(!first.is_closed());
    let posted = second.evaluate("ft.miniProgram.postMessage({ some: 'thing' }).then((res) => res.errMsg)");
    assert_eq!(posted.unwrap(), json!("postMessage:ok"));
    program::leave(&second, "miniProgram.navigateBack()");
    let message = next(&program.reports);
    assert_eq!((&message["type"], &message["route"]), (&json!("message"), &json!("pages/b/b")));
    assert_eq!(message["detail"]["data"], json!([{"some": "thing"}]));
    assert!(!first.is_closed());
}

#[test]
fn f_m07_the_mini_program_sends_events_to_the_page_in_its_web_view() {
    let program = Program::new();
    let page = program.first();
    // Whoever can call has begun.
    page.evaluate("ft.callNativeAPI('report', { hello: 1 })").unwrap();
    assert_eq!(next(&program.reports)["hello"], 1);
    program.send(&json!({"test": 123, "漢": [null]}));
    assert_eq!(program::events(&page, 1), json!([["onWebviewEvent", {"test": 123, "漢": [null]}]]));
}
