//! What a web page hears of its mini-program, and the other way round.

use crate::program::{Program, done, events, leave, told};
use crate::support::next;
use finapp_chromium::Page;
use serde_json::{Value, json};

fn navigate(page: &Page, url: &str) {
    assert_eq!(told(page, "miniProgram.navigateTo", &json!({ "url": url })), done("navigateTo"));
}

#[test]
fn f_j06_posted_messages_wait_until_the_page_is_left_and_come_in_their_order() {
    let program = Program::new();
    let first = program.first();
    let message = |data: Value, route: &str| json!({"type": "message", "detail": {"data": data}, "route": route});
    navigate(&first, "/pages/b/b?src=%2Fweb%2Fnext.html");
    let second = program.shown("/web/next.html", "pages/b/b");
    let posted = "Promise.all([{ key: 'foo' }, { success: 1, a: [null] }, { 漢: '\\u2028</script>' }].map((message) =>
      ft.miniProgram.postMessage(message))).then((all) => all.map(({ errMsg }) => errMsg))";
    assert_eq!(second.evaluate(posted).unwrap(), json!(["postMessage:ok", "postMessage:ok", "postMessage:ok"]));
    // What comes at once comes before.
    second.evaluate("ft.miniProgram.sendWebviewEvent({ now: true })").unwrap();
    assert_eq!(next(&program.reports)["type"], "event");
    leave(&second, "miniProgram.navigateBack()");
    let all = json!([{"key": "foo"}, {"success": 1, "a": [null]}, {"漢": "\u{2028}</script>"}]);
    assert_eq!(next(&program.reports), message(all, "pages/b/b"));
    // Also when the page is left in another way; what is no object is not sent.
    let refused = first.evaluate("ft.miniProgram.postMessage('text').then(() => '', ({ errMsg }) => errMsg)").unwrap();
    assert!(refused.as_str().unwrap().starts_with("postMessage:fail"), "{refused}");
    first.evaluate("ft.miniProgram.postMessage({ last: 1 })").unwrap();
    leave(&first, "miniProgram.reLaunch({ url: '/pages/d/d' })");
    assert_eq!(next(&program.reports), message(json!([{"last": 1}]), "pages/a/a"));
}

#[test]
fn f_j11_a_page_hears_that_it_is_seen_again_with_the_query_of_its_route() {
    let program = Program::new();
    let first = program.first();
    navigate(&first, "/pages/b/b?src=%2Fweb%2Fnext.html&x=1&y=");
    let second = program.shown("/web/next.html", "pages/b/b");
    navigate(&second, "/pages/c/c");
    let third = program.shown("/web/index.html", "pages/c/c");
    leave(&third, "miniProgram.navigateBack()");
    let query = json!({"data": {"src": "%2Fweb%2Fnext.html", "x": "1", "y": ""}});
    assert_eq!(events(&second, 2), json!([["onHide", {}], ["onShow", query]]));
    // The applet itself goes to the background and comes again.
    program.applet.set_visible(false);
    assert_eq!(events(&second, 3)[2], json!(["onHide", {}]));
    program.applet.set_visible(true);
    assert_eq!(events(&second, 4)[3], json!(["onShow", query]));
    leave(&second, "miniProgram.navigateBack()");
    assert_eq!(events(&first, 2), json!([["onHide", {}], ["onShow", {"data": {}}]]));
}

#[test]
fn f_j12_a_page_hears_that_it_is_hidden() {
    let program = Program::new();
    let first = program.first();
    first.evaluate("ft.miniProgram.onHide((event) => { events.push(['again', event]) })").unwrap();
    navigate(&first, "/pages/b/b");
    let second = program.shown("/web/index.html", "pages/b/b");
    assert_eq!(events(&first, 2), json!([["onHide", {}], ["again", {}]]));
    second.evaluate("ft.ready().then(() => 0)").unwrap();
    program.applet.set_visible(false);
    assert_eq!(events(&second, 1), json!([["onHide", {}]]));
    assert_eq!(first.evaluate("events.length").unwrap(), json!(2), "it was hidden before");
}

#[test]
fn f_j13_a_page_hears_that_it_is_left_before_it_goes() {
    let program = Program::new();
    let first = program.first();
    for _ in 0..3 {
        navigate(&first, "/pages/b/b");
        let second = program.shown("/web/index.html", "pages/b/b");
        second
            .evaluate("ft.miniProgram.onUnload((event) => localStorage.setItem('left', JSON.stringify(event)))")
            .unwrap();
        leave(&second, "miniProgram.navigateBack()");
        // All that is left of it is what it wrote.
        first.wait_for("localStorage.getItem('left') !== null").unwrap();
        assert_eq!(first.evaluate("localStorage.getItem('left')").unwrap(), json!("{}"));
        first.evaluate("localStorage.clear()").unwrap();
    }
    assert_eq!(first.evaluate("events.some(([name]) => name === 'onUnload')").unwrap(), json!(false));
}

#[test]
fn f_j14_all_who_listen_hear_what_the_mini_program_sends() {
    let program = Program::new();
    let page = program.first();
    page.evaluate("ft.miniProgram.onWebviewEvent(() => { throw new Error('no') })").unwrap();
    page.evaluate("ft.miniProgram.onWebviewEvent((event) => events.push(['second', event]))").unwrap();
    page.evaluate("ft.ready().then(() => 0)").unwrap();
    let data = json!({"test": 123, "deep": [{"漢": null}], "success": "is data"});
    program.send(&data);
    assert_eq!(events(&page, 2), json!([["onWebviewEvent", data], ["second", data]]));
}

#[test]
fn f_j15_off_takes_one_who_listens_away_or_all() {
    let program = Program::new();
    let page = program.first();
    page.evaluate("globalThis.second = (event) => events.push(['second', event])").unwrap();
    page.evaluate("ft.miniProgram.onWebviewEvent(second); ft.ready().then(() => 0)").unwrap();
    program.send(&json!({"n": 1}));
    assert_eq!(events(&page, 2), json!([["onWebviewEvent", {"n": 1}], ["second", {"n": 1}]]));
    page.evaluate("ft.miniProgram.offWebviewEvent(() => {}); ft.miniProgram.offWebviewEvent(second)").unwrap();
    program.send(&json!({"n": 2}));
    assert_eq!(events(&page, 3)[2], json!(["onWebviewEvent", {"n": 2}]));
    page.evaluate("ft.miniProgram.onWebviewEvent(second); ft.miniProgram.offWebviewEvent()").unwrap();
    program.send(&json!({"n": 3}));
    // The next event of another name comes behind it.
    program.applet.set_visible(false);
    assert_eq!(events(&page, 4)[3], json!(["onHide", {}]));
    assert_eq!(page.evaluate("events.length").unwrap(), json!(4));
}

#[test]
fn f_j16_an_event_of_the_page_comes_at_once() {
    let program = Program::new();
    let page = program.first();
    for data in [json!({"key": "foo"}), json!({"success": 1, "fail": "x", "deep": {"a": [null, "漢"]}}), json!({})] {
        let sent = page.evaluate(&format!("ft.miniProgram.sendWebviewEvent({data})")).unwrap();
        assert_eq!(sent, json!({"errMsg": "sendWebviewEvent:ok"}));
        assert_eq!(next(&program.reports), json!({"type": "event", "detail": {"data": data}, "route": "pages/a/a"}));
    }
    let refused = page.evaluate("ft.miniProgram.sendWebviewEvent(1n).then(() => '', ({ errMsg }) => errMsg)").unwrap();
    assert!(refused.as_str().unwrap().starts_with("sendWebviewEvent:fail"), "{refused}");
}
