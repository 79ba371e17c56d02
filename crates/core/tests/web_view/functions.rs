//! Functions of web pages that the mini-program's own rooms answer: where it goes, what it is, and how it closes.

use crate::browser::{Asked, Browser, Page};
use crate::program::{call, folder, set, stack, start, start_folder};
use crate::support::Host;
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::{AppletDescription, AppletRequest, CloseReason};
use serde_json::{Value, json};

/// A page in the first page of the mini-program, with tabs.
fn opened(host: &Host, tabs: &[&str]) -> (Browser, Page) {
    let browser = Browser::of(host);
    start_folder(host, "demo", folder(tabs));
    set(host, json!({"src": "/web/index.html"}));
    let page = browser.page();
    (browser, page)
}

fn ok(name: &str) -> Value {
    json!({"errMsg": format!("{name}:ok")})
}

#[test]
fn f_j01_navigate_to_opens_a_page_relative_to_the_one_around() {
    let host = Host::new();
    let (browser, mut page) = opened(&host, &[]);
    let id = page.say("navigateTo", json!({"url": "../b/b?src=%2Fweb%2Fb.html"}));
    // It is hidden before it hears that it was done.
    assert_eq!(page.event().0, "onHide");
    assert_eq!(page.answer(id), ok("navigateTo"));
    let mut upper = browser.page();
    assert_eq!(stack(&host), "ab");
    let fails = upper.call("navigateTo", json!({"url": "/pages/nothing"}));
    assert_eq!(fails["errMsg"], "navigateTo:fail page \"pages/nothing\" is not found");
    assert!(fails["errCode"].is_number());
    let fails = upper.call("navigateTo", json!({}));
    assert_eq!(
        fails["errMsg"],
        "navigateTo:fail parameter error: parameter.url should be String instead of Undefined;"
    );
    // A page that is covered still means the page around itself.
    assert_eq!(
        page.call("navigateTo", json!({"url": "nothing"}))["errMsg"],
        "navigateTo:fail page \"pages/a/nothing\" is not found"
    );
}

#[test]
fn f_j02_navigate_back_leaves_as_many_pages_as_it_says() {
    let host = Host::new();
    let (browser, first) = opened(&host, &[]);
    call(&host, "navigateTo", json!({"url": "/pages/b/b"}));
    call(&host, "navigateTo", json!({"url": "/pages/c/c?src=%2Fweb%2Fc.html"}));
    assert_eq!(first.event().0, "onHide");
    let mut page = browser.page();
    page.say("navigateBack", json!({"delta": 99}));
    page.ends();
    assert_eq!(first.event().0, "onShow");
    for left in ["c", "b"] {
        assert_eq!(host.reported(), json!({"type": "onUnload", "page": left}));
    }
    assert_eq!(stack(&host), "a");
}

#[test]
fn f_j02_there_is_nothing_behind_the_first_page() {
    let host = Host::new();
    let (_browser, mut page) = opened(&host, &[]);
    assert_eq!(page.call("navigateBack", json!({}))["errMsg"], "navigateBack:fail cannot navigate back at first page");
}

#[test]
fn f_j03_switch_tab_takes_tab_pages_alone() {
    let host = Host::new();
    let (_browser, mut page) = opened(&host, &["a", "b"]);
    assert_eq!(
        page.call("switchTab", json!({"url": "/pages/c/c"}))["errMsg"],
        "switchTab:fail can not switch to no-tabBar page"
    );
    page.say("switchTab", json!({"url": "/pages/b/b"}));
    assert_eq!(page.event().0, "onHide");
    assert_eq!(stack(&host), "b");
}

#[test]
fn f_j04_f_j05_redirect_to_and_re_launch_take_the_page_along() {
    let host = Host::new();
    let (browser, mut page) = opened(&host, &[]);
    page.say("redirectTo", json!({"url": "/pages/b/b?src=%2Fweb%2Fb.html"}));
    page.ends();
    assert_eq!(host.reported(), json!({"type": "onUnload", "page": "a"}));
    let mut page = browser.page();
    assert_eq!(stack(&host), "b");
    page.say("reLaunch", json!({"url": "/pages/c/c"}));
    page.ends();
    assert_eq!(host.reported(), json!({"type": "onUnload", "page": "b"}));
    assert_eq!(stack(&host), "c");
}

#[test]
fn f_j08_close_closes_the_mini_program() {
    let host = Host::new();
    let (_browser, mut page) = opened(&host, &[]);
    // It has no callbacks, and no answer: the page goes before there could be one.
    page.say("close", json!({}));
    page.ends();
    assert_eq!(host.closed("demo"), CloseReason::Host);
}

#[test]
fn f_j09_f_j10_a_page_leads_to_another_mini_program_and_back_with_extra_data() {
    let host = Host::new();
    let (browser, mut page) = opened(&host, &[]);
    let other = folder(&[]);
    host.client.add_applet(&AppletRequest::local("other", other.path())).unwrap();
    host.keep(other);
    let refused = page.call("navigateToMiniProgram", json!({}));
    let text = "navigateToMiniProgram:fail parameter error: parameter.appId should be String instead of Undefined;";
    assert_eq!(refused["errMsg"], text);
    let refused = page.call("navigateBackMiniProgram", json!({}));
    assert_eq!(refused["errMsg"], "navigateBackMiniProgram:fail no mini-program opened this one");
    let target = json!({"appId": "other", "path": "pages/b/b?src=%2Fweb%2Findex.html", "extraData": {"a": 1}});
    let id = page.say("navigateToMiniProgram", target);
    let mut there = browser.page();
    // Which comes first is up to two threads.
    match page.asked() {
        Asked::Run("event", _) => assert_eq!(page.answer(id), ok("navigateToMiniProgram")),
        Asked::Run("answer", given) => {
            assert_eq!((&given[1], page.event().0), (&ok("navigateToMiniProgram"), "onHide".to_owned()));
        }
        other => panic!("{other:?}"),
    }
    host.send("other", json!({}));
    let told = host.reported();
    assert_eq!(
        (&told["stack"], &told["from"]),
        (&json!(["pages/b/b"]), &json!({"appId": "demo", "extraData": {"a": 1}}))
    );
    there.say("navigateBackMiniProgram", json!({"extraData": {"back": true}}));
    assert_eq!(page.event().0, "onShow");
    host.send("demo", json!({}));
    assert_eq!(host.reported()["from"], json!({"appId": "other", "extraData": {"back": true}}));
}

#[test]
fn f_j18_get_applet_info_tells_what_the_host_said() {
    let host = Host::new();
    let browser = Browser::of(&host);
    let folder = folder(&[]);
    let mut request = AppletRequest::local("demo", folder.path());
    host.keep(folder);
    request.app_info = AppletDescription { name: Some("Title".to_owned()), ..AppletDescription::default() };
    host.client.start_applet_and_wait(request).unwrap();
    set(&host, json!({"src": "/web/index.html"}));
    let info = browser.page().call("getAppletInfo", json!({}));
    assert_eq!(
        (&info["appId"], &info["appTitle"], &info["errMsg"]),
        (&json!("demo"), &json!("Title"), &json!("getAppletInfo:ok"))
    );
    for name in ["appAvatar", "appDescription", "appThumbnail", "path", "userId"] {
        assert!(info[name].is_string(), "{name}");
    }
}

#[test]
fn f_j29_f_j30_a_page_can_ask_whether_there_is_a_way_back() {
    let host = Host::new();
    let browser = Browser::of(&host);
    start(&host, "demo");
    set(&host, json!({"src": "/web/index.html"}));
    let mut first = browser.page();
    assert_eq!(first.call("canGoBack", json!({})), json!({"canGoBack": false, "errMsg": "canGoBack:ok"}));
    assert_eq!(
        first.call("canNavigateBack", json!({})),
        json!({"canNavigateBack": false, "errMsg": "canNavigateBack:ok"})
    );
    first.session.can_go_back(true);
    assert_eq!(first.call("canGoBack", json!({}))["canGoBack"], true);
    call(&host, "navigateTo", json!({"url": "/pages/b/b?src=%2Fweb%2Fb.html"}));
    let mut second = browser.page();
    assert_eq!(second.call("canNavigateBack", json!({}))["canNavigateBack"], true);
    assert_eq!(second.call("canGoBack", json!({}))["canGoBack"], false);
}

#[test]
fn f_j31_the_title_is_set_by_whoever_sets_it_for_the_mini_program() {
    let host = Host::new();
    let calls = {
        let (sender, calls) = std::sync::mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        let provider = move |call: HostCall| {
            let told = (call.info.page, call.params.text().to_owned());
            sender.lock().unwrap().send(told).unwrap();
            call.reply.success(Payload::none());
        };
        host.client.set_provider("setNavigationBarTitle", provider).unwrap();
        calls
    };
    let (_browser, mut page) = opened(&host, &[]);
    assert_eq!(page.call("setNavigationBarTitle", json!({"title": "page title"})), ok("setNavigationBarTitle"));
    let (of, params) = calls.recv_timeout(crate::support::PATIENCE).unwrap();
    assert_eq!((of, params.as_str()), (page.session.page(), r#"{"title":"page title"}"#));
    let refused = page.call("setNavigationBarTitle", json!({}));
    assert!(refused["errMsg"].as_str().unwrap().starts_with("setNavigationBarTitle:fail parameter"), "{refused}");
}
