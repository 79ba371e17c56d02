//! Web pages of a mini-program that say what they may not, or when they may not.

use crate::program::{Program, done, events, failure, told};
use crate::support::{PATIENCE, next, payload};
use finapp_chromium::Page;
use finapp_core::h5::PageAnswer;
use finapp_core::{AppletClient, CloseReason, ErrorCode, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// Opens a page that speaks without the library, in a page of the mini-program above `first`, and waits until it may reply.
fn raw(program: &Program, applet: &AppletClient, first: &Page) -> Arc<Page> {
    let to = json!({"url": "/pages/b/b?src=%2Fweb%2Fraw.html"});
    assert_eq!(told(first, "miniProgram.navigateTo", &to), done("navigateTo"));
    let page = program.shown_of(applet, "/web/raw.html", "pages/b/b");
    accepted(program, &page);
    page
}

/// The page has taken the app's offer: from then on the app asks as it offered.
fn accepted(program: &Program, page: &Page) {
    page.wait_for("globalThis.accepted").unwrap();
    report(program, page);
}

/// The app has heard all that the page said before.
fn report(program: &Program, page: &Page) {
    page.evaluate("say('report', { said: 1 })").unwrap();
    assert_eq!(next(&program.reports), json!({"said": 1}));
}

/// Calls into a page, and gives the secret of the call, which the page alone was told.
fn ask(applet: &AppletClient, page: &Page, of_page: u64) -> (Receiver<Result<Value>>, String) {
    let (sender, answers) = channel();
    let answer: PageAnswer =
        Box::new(move |answer| drop(sender.send(answer.map(|given| serde_json::from_str(given.text()).unwrap()))));
    let number = page.owner().unwrap().page();
    applet.call_js("f", &payload(&json!({})), Some(number), PATIENCE, answer);
    page.wait_for(&format!("asked.length === {of_page}")).unwrap();
    let secret = page.evaluate("asked.at(-1)").unwrap();
    (answers, secret.as_str().unwrap().to_owned())
}

/// Says that it answers a call, and waits until the app has heard of that.
fn reply(program: &Program, page: &Page, call: &str, data: &str) {
    page.evaluate(&format!("say('finapp.reply', {})", json!({"call": call, "ok": true, "data": data}))).unwrap();
    report(program, page);
}

#[test]
fn h_b6_an_acknowledgement_counts_from_the_page_that_was_asked_and_once() {
    let program = Program::new();
    let first = program.first();
    let page = raw(&program, &program.applet, &first);
    let neighbour = raw(&program, &program.applet, &first);
    let other = program.start("other");
    let first_of_other = program.shown_of(&other, "/web/index.html", "pages/a/a");
    let stranger = raw(&program, &other, &first_of_other);

    let (answers, secret) = ask(&program.applet, &page, 1);
    assert!(secret.len() >= 11, "64 bits at least: {secret}");
    for guess in ["", "0", "1", "undefined", "__proto__", &secret[1..], &format!("{secret} ")] {
        reply(&program, &page, guess, "guessed");
    }
    // The secret itself is worth nothing to others.
    reply(&program, &neighbour, &secret, "of a neighbour");
    reply(&program, &stranger, &secret, "of a stranger");
    assert!(answers.try_recv().is_err());
    reply(&program, &page, &secret, "mine");
    assert_eq!(next(&answers).unwrap(), json!("mine"));
    reply(&program, &page, &secret, "again");
    assert_eq!((program.applet.counters().unknown_replies, other.counters().unknown_replies), (9, 1));

    // Nor is it worth anything after the document to which it was told.
    let (answers, secret) = ask(&program.applet, &page, 2);
    page.reload().unwrap();
    assert_eq!(next(&answers).unwrap_err().code(), ErrorCode::PageGone);
    assert_eq!(next(&program.reports)["type"], "load");
    accepted(&program, &page);
    let (answers, newer) = ask(&program.applet, &page, 1);
    assert_ne!(secret, newer);
    reply(&program, &page, &secret, "late");
    assert_eq!(program.applet.counters().unknown_replies, 10);
    reply(&program, &page, &newer, "new");
    assert_eq!(next(&answers).unwrap(), json!("new"));
}

#[test]
fn h_b14_a_page_in_the_background_leads_nowhere() {
    let program = Program::new();
    let page = program.first();
    page.evaluate("ft.ready().then(() => 0)").unwrap();
    program.applet.set_visible(false);
    assert_eq!(events(&page, 1), json!([["onHide", {}]]));
    for (name, options) in [
        ("navigateTo", json!({"url": "/pages/b/b"})),
        ("redirectTo", json!({"url": "/pages/b/b"})),
        ("reLaunch", json!({"url": "/pages/b/b"})),
        ("switchTab", json!({"url": "/pages/d/d"})),
        ("navigateBack", json!({})),
        ("navigateToMiniProgram", json!({"appId": "other"})),
        ("navigateBackMiniProgram", json!({})),
    ] {
        let function = format!("miniProgram.{name}");
        let heard = told(&page, &function, &options);
        assert_eq!(heard[0][1]["errCode"], ErrorCode::Closed.number(), "{name}: {heard}");
        assert!(failure(&page, &function, &options).starts_with(&format!("{name}:fail ")));
    }
    assert_eq!(program.stack(), "a");
    program.applet.set_visible(true);
    assert_eq!(told(&page, "miniProgram.navigateTo", &json!({"url": "/pages/b/b"})), done("navigateTo"));
    program.shown("/web/index.html", "pages/b/b");
}

#[test]
fn h_b14_a_page_that_never_stops_calling_keeps_and_brings_back_no_mini_program() {
    let program = Program::new();
    let page = program.first();
    page.evaluate(
        "globalThis.calls = 0
         setInterval(() => {
           calls += 1
           ft.miniProgram.navigateToMiniProgram({ appId: 'program', path: 'pages/b/b', complete() {} })
           ft.setStorage({ key: 'k', data: calls, complete() {} })
           ft.miniProgram.navigateBack({ complete() {} })
         })",
    )
    .unwrap();
    page.wait_for("calls > 3").unwrap();
    program.applet.close();
    page.wait_until_closed().unwrap();
    assert_eq!(program.closed(), ("program".to_owned(), CloseReason::Host));
    assert!(program.stage.client.applet("program").is_none());
    // The next page that is seen is that of another.
    let other = program.start("other");
    program.shown_of(&other, "/web/index.html", "pages/a/a");
    assert!(program.stage.client.applet("program").is_none());
}
