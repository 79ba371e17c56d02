//! Where a web page leads its mini-program, and what its callbacks hear of that.

use crate::program::{Program, done, events, failure, leave, told};
use finapp_core::CloseReason;
use serde_json::{Value, json};

fn url(url: &str) -> Value {
    json!({ "url": url })
}

#[test]
fn f_j01_navigate_to_opens_a_page_and_keeps_the_one_around() {
    let program = Program::new();
    let first = program.first();
    let to = "miniProgram.navigateTo";
    assert_eq!(told(&first, to, &url("../b/b?src=%2Fweb%2Fnext.html%3Fx%3D%25E6%25BC%25A2")), done("navigateTo"));
    let second = program.shown("/web/next.html?x=%E6%BC%A2", "pages/b/b");
    assert_eq!((program.stack().as_str(), first.is_closed()), ("ab", false));
    assert_eq!(failure(&second, to, &url("/pages/no/no")), "navigateTo:fail page \"pages/no/no\" is not found");
    assert_eq!(failure(&second, to, &url("/pages/d/d")), "navigateTo:fail can not navigateTo a tabbar page");
    let wrong = "navigateTo:fail parameter error: parameter.url should be String instead of";
    assert_eq!(failure(&second, to, &json!({})), format!("{wrong} Undefined;"));
    assert_eq!(failure(&second, to, &json!({"url": 5})), format!("{wrong} Number;"));
    // Without callbacks it is a promise.
    let rejected = second.evaluate("ft.miniProgram.navigateTo({ url: '/pages/no/no' }).catch(({ errMsg }) => errMsg)");
    assert_eq!(rejected.unwrap(), json!("navigateTo:fail page \"pages/no/no\" is not found"));
    let resolved = second.evaluate("ft.miniProgram.navigateTo({ url: '/pages/c/c?src=%2Fweb%2Flast.html' })").unwrap();
    assert_eq!(resolved, json!({"errMsg": "navigateTo:ok"}));
    program.shown("/web/last.html", "pages/c/c");
    assert_eq!(program.stack(), "abc");
}

#[test]
fn f_j02_navigate_back_leaves_as_many_pages_as_it_says() {
    let program = Program::new();
    let first = program.first();
    let back = "miniProgram.navigateBack";
    assert_eq!(failure(&first, back, &json!({})), "navigateBack:fail cannot navigate back at first page");
    let mut above = vec![];
    for _ in 0..3 {
        told(&first, "miniProgram.navigateTo", &url("/pages/b/b?src=%2Fweb%2Fnext.html"));
        above.push(program.shown("/web/next.html", "pages/b/b"));
    }
    leave(&above[2], "miniProgram.navigateBack()");
    assert_eq!(program.stack(), "abb");
    // One that stays hears how it went.
    assert_eq!(told(&first, back, &json!({"delta": 1})), done("navigateBack"));
    above[1].wait_until_closed().unwrap();
    assert_eq!((program.stack().as_str(), above[0].is_closed()), ("ab", false));
    leave(&above[0], "miniProgram.navigateBack({ delta: 99 })");
    assert_eq!(program.stack(), "a");
    assert!(!first.is_closed());
}

#[test]
fn f_j03_switch_tab_takes_tab_pages_alone_and_closes_all_others() {
    let program = Program::new();
    let first = program.first();
    let switch = "miniProgram.switchTab";
    let refused = "switchTab:fail can not switch to no-tabBar page";
    assert_eq!(failure(&first, switch, &url("/pages/b/b")), refused);
    assert_eq!(told(&first, switch, &url("/pages/d/d")), done("switchTab"));
    let second = program.shown("/web/index.html", "pages/d/d");
    assert_eq!((program.stack().as_str(), first.is_closed()), ("d", false));
    assert_eq!(told(&second, "miniProgram.navigateTo", &url("/pages/b/b")), done("navigateTo"));
    let other = program.shown("/web/index.html", "pages/b/b");
    leave(&other, "miniProgram.switchTab({ url: '/pages/a/a' })");
    assert_eq!((program.stack().as_str(), first.is_closed()), ("a", false));
}

#[test]
fn f_j04_redirect_to_takes_the_place_of_the_page() {
    let program = Program::new();
    let first = program.first();
    told(&first, "miniProgram.navigateTo", &url("/pages/b/b"));
    let second = program.shown("/web/index.html", "pages/b/b");
    let redirect = "miniProgram.redirectTo";
    assert_eq!(failure(&second, redirect, &url("/pages/d/d")), "redirectTo:fail can not redirectTo a tabbar page");
    assert_eq!(failure(&second, redirect, &url("no")), "redirectTo:fail page \"pages/b/no\" is not found");
    leave(&second, "miniProgram.redirectTo({ url: '/pages/c/c?src=%2Fweb%2Flast.html' })");
    program.shown("/web/last.html", "pages/c/c");
    assert_eq!((program.stack().as_str(), first.is_closed()), ("ac", false));
}

#[test]
fn f_j05_re_launch_closes_all_pages_and_opens_one() {
    let program = Program::new();
    let first = program.first();
    told(&first, "miniProgram.navigateTo", &url("/pages/b/b"));
    let second = program.shown("/web/index.html", "pages/b/b");
    let launch = "miniProgram.reLaunch";
    assert_eq!(failure(&second, launch, &url("/pages/no/no")), "reLaunch:fail page \"pages/no/no\" is not found");
    assert_eq!(program.stack(), "ab");
    leave(&second, "miniProgram.reLaunch({ url: '/pages/d/d?src=%2Fweb%2Flast.html' })");
    first.wait_until_closed().unwrap();
    program.shown("/web/last.html", "pages/d/d");
    assert_eq!(program.stack(), "d");
}

#[test]
fn f_j08_close_closes_the_mini_program() {
    let program = Program::new();
    let page = program.first();
    leave(&page, "miniProgram.close()");
    assert_eq!(program.closed(), ("program".to_owned(), CloseReason::Host));
}

#[test]
fn f_j09_navigate_to_mini_program_leads_to_another_with_extra_data() {
    let program = Program::new();
    let page = program.first();
    let to = "miniProgram.navigateToMiniProgram";
    let wrong = "navigateToMiniProgram:fail parameter error: parameter.appId should be String instead of Undefined;";
    assert_eq!(failure(&page, to, &json!({})), wrong);
    assert!(failure(&page, to, &json!({"appId": "nobody"})).starts_with("navigateToMiniProgram:fail "));
    let other = program.start("other");
    program.shown_of(&other, "/web/index.html", "pages/a/a");
    let target = json!({"appId": "other", "path": "pages/b/b?src=%2Fweb%2Fnext.html", "extraData": {"漢": [1]}});
    assert_eq!(told(&page, to, &target), done("navigateToMiniProgram"));
    program.shown_of(&other, "/web/next.html", "pages/b/b");
    assert_eq!(program.from("other"), json!({"appId": "program", "extraData": {"漢": [1]}}));
    assert_eq!(events(&page, 1), json!([["onHide", {}]]));
}

#[test]
fn f_j10_navigate_back_mini_program_returns_with_extra_data() {
    let program = Program::new();
    let page = program.first();
    let back = "miniProgram.navigateBackMiniProgram";
    let refused = "navigateBackMiniProgram:fail no mini-program opened this one";
    assert_eq!(failure(&page, back, &json!({})), refused);
    let other = program.start("other");
    program.shown_of(&other, "/web/index.html", "pages/a/a");
    told(&page, "miniProgram.navigateToMiniProgram", &json!({"appId": "other", "path": "pages/b/b"}));
    let there = program.shown_of(&other, "/web/index.html", "pages/b/b");
    assert_eq!(told(&there, back, &json!({"extraData": {"back": true}})), done("navigateBackMiniProgram"));
    assert_eq!(events(&page, 2), json!([["onHide", {}], ["onShow", {"data": {}}]]));
    assert_eq!(program.from("program"), json!({"appId": "other", "extraData": {"back": true}}));
}
