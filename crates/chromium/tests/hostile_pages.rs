//! Pages that are not who they say they are, and pages that are gone: who is heard is decided by what the browser knows.

mod support;

use finapp_chromium::{ChromiumViews, Response};
use finapp_core::ErrorCode;
use finapp_core::bridge::{Caller, HostCall};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use support::{EVIL, OWN, Stage, next};

/// Calls as a page without the library can: whoever may call at all is answered.
const CALLS: &str = "FinChatJSCore.webInvokeHandler('initPage', '{}', 1)
    FinChatJSCore.webInvokeHandler('pay', '{}', 2); FinChatJSCore.webInvokeHandler('unknown', '{}', 3)
    FinChatJSCore.invokeHandler('pay', '{\"_sync\":false}', 1); FinChatJSCore.publishHandler('pay', '{}', '[]')";

/// Keeps whatever the app says to a page.
const LISTENS: &str = "<script>globalThis.told = []
    const keep = (...given) => { told.push(given) }
    globalThis.FinChatJSBridge = { webInvokeCallbackHandler: keep, webSubscribeCallBackHandler: keep,
      invokeCallbackHandler: keep, subscribeHandler: keep }</script>";

fn nobody_called(calls: &Receiver<HostCall>) {
    assert!(calls.try_recv().is_err());
}

#[test]
fn f_j44_a_call_carries_the_origin_of_its_page_and_a_foreign_frame_has_none() {
    let stage = Stage::new();
    let calls = stage.hands_over("pay");
    stage.web.html(&format!("{EVIL}/frame"), "<script>FinChatJSCore.webInvokeHandler('pay', '{}', 9)</script>");
    let page = stage.open_own(&format!("document.write('<iframe src=\"{EVIL}/frame\"></iframe>')"));
    nobody_called(&calls);
    page.evaluate("void ft.callNativeAPI('pay', { origin: 'https://other.example' }).catch(() => {})").unwrap();
    let call = next(&calls);
    match &*call.info.caller {
        Caller::Page { applet, page: number, origin, .. } => {
            assert_eq!((applet.to_string().as_str(), origin.as_str()), ("demo", OWN));
            assert_eq!(*number, page.owner().unwrap().page());
        }
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn h_b1_a_foreign_page_is_not_shown() {
    let stage = Stage::new();
    let calls = stage.hands_over("pay");
    let page = stage.open_own("");
    stage.web.html(&format!("{EVIL}/"), &format!("<script>{CALLS}</script>"));
    page.go(&format!("{EVIL}/")).unwrap();
    assert_eq!(page.evaluate("document.title === 'page'").unwrap(), json!(false));
    // Nor by a link of the page's own.
    page.go(&format!("{OWN}/")).unwrap();
    page.evaluate(&format!("void setTimeout(() => {{ location.href = '{EVIL}/' }})")).unwrap();
    page.wait_for_failures(2).unwrap();
    assert!(page.url().unwrap().starts_with("chrome-error:"), "{:?}", page.url());
    nobody_called(&calls);
}

#[test]
fn h_b1_to_a_foreign_page_that_is_shown_in_development_all_names_are_unknown() {
    let stage = Stage::in_development();
    let calls = stage.hands_over("pay");
    stage.web.html(&format!("{EVIL}/"), LISTENS);
    let page = stage.open(&format!("{EVIL}/"));
    page.evaluate(CALLS).unwrap();
    // To it "no such API" and "not for you" are one.
    let answers = page.evaluate("told.slice(1).map(([id, { errMsg }]) => [id, errMsg])").unwrap();
    assert_eq!(answers, json!([[2, unknown("pay")], [3, unknown("unknown")], [1, unknown("pay")]]));
    let refused = next(&stage.call("f", &json!({}), None)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Denied);
    nobody_called(&calls);
}

fn unknown(name: &str) -> String {
    format!("{name}:fail 该api未实现")
}

#[test]
fn h_b2_of_all_addresses_that_a_browser_shows_only_listed_origins_are_heard() {
    const LISTED: [&str; 3] = ["https://good.example", "https://good.example:8443", "https://xn--fiqs8s.example"];
    let page = format!("<!doctype html>{LISTENS}");
    let stage = Stage::with(|config, options| {
        config.debug = true;
        options.answers = Some(Arc::new(move |_| Some(Response::file("text/html", page.clone()))));
    });
    let applet = stage.start("listed", &LISTED);
    let calls = stage.hands_over("pay");
    let page = stage.profile.open(&applet, "about:blank").unwrap();
    // Or the end of this load is taken for that of the next.
    page.wait_for_load(1).unwrap();
    let (mut shown, mut heard) = (0, 0);
    for line in include_str!("../../core/src/h5/origins.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (verdict, address) = line.split_once('\t').unwrap();
        let address: String = serde_json::from_str(&format!("\"{address}\"")).unwrap();
        page.go("https://between.example/").unwrap();
        page.go(&address).unwrap();
        if page.evaluate("typeof told").unwrap() != "object" {
            assert_eq!(verdict, "no", "{address:?} is not shown");
            continue;
        }
        shown += 1;
        page.evaluate(CALLS).unwrap();
        // A browser leaves out what the library refuses to look at: what was typed is not what is shown.
        let same = finapp_core_reads(&page.url().unwrap(), &LISTED);
        let reached = calls.try_iter().count();
        assert_eq!(reached > 0, same, "{address:?} shows {:?}", page.url());
        assert!(verdict == "no" || reached > 0, "{address:?} is not heard");
        heard += usize::from(reached > 0);
    }
    assert!(shown >= 15 && heard >= 3, "{shown} shown, {heard} heard");
}

/// Whether the address that is shown has a listed origin, by comparing texts: the browser writes addresses in one way.
fn finapp_core_reads(shown: &str, listed: &[&str]) -> bool {
    listed.iter().any(|origin| shown.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/')))
}

#[test]
fn h_b3_no_frame_within_a_page_is_heard_whatever_it_shows() {
    let stage = Stage::new();
    let calls = stage.hands_over("pay");
    let says = |who: &str| format!("<script>{CALLS}; console.log('said by {who}')</script>");
    stage.web.html(&format!("{OWN}/own"), &says("own"));
    stage.web.html(&format!("{OWN}/sandboxed"), &says("sandboxed"));
    stage.web.html(&format!("{OWN}/nested"), &says("nested"));
    stage.web.html(&format!("{EVIL}/"), &(says("evil") + &format!("<iframe src=\"{OWN}/nested\"></iframe>")));
    let srcdoc = says("srcdoc").replace('"', "&quot;");
    stage.web.html(
        &format!("{OWN}/"),
        &format!(
            "{LISTENS}<iframe src=\"{OWN}/own\"></iframe><iframe src=\"{EVIL}/\"></iframe>
             <iframe srcdoc=\"{srcdoc}\"></iframe><iframe sandbox=\"allow-scripts\" src=\"{OWN}/sandboxed\"></iframe>
             <iframe src=\"data:text/html,{}\"></iframe>",
            says("data").replace('\n', "%0A").replace('"', "%22").replace('#', "%23")
        ),
    );
    let page = stage.open(&format!("{OWN}/"));
    let frames = ["own", "evil", "nested", "srcdoc", "sandboxed", "data"];
    for who in frames {
        page.wait_for_console(&format!("said by {who}")).unwrap();
    }
    nobody_called(&calls);
    assert_eq!(stage.applet.counters().denied, 5 * frames.len() as u64);
    assert_eq!(page.evaluate("told").unwrap(), json!([]));
    // The page around them is heard.
    page.evaluate(CALLS).unwrap();
    next(&calls);
}

#[test]
fn h_b4_answers_for_a_document_that_was_left_reach_no_document_also_when_it_comes_back() {
    let stage = Stage::new();
    let calls = stage.hands_over("slow");
    let page = stage.open_own(
        "globalThis.heard = []
         globalThis.go = () => ft.callNativeAPI('slow', {}, (res) => heard.push(res.errCode ?? res.n))",
    );
    page.evaluate("go()").unwrap();
    let old = next(&calls);
    let (sender, ended) = channel();
    old.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    stage.web.html(&format!("{OWN}/other"), LISTENS);
    page.go(&format!("{OWN}/other")).unwrap();
    assert_eq!(next(&ended), ErrorCode::PageGone);
    assert!(!old.reply.success_text("{\"n\":1}".to_owned()));
    assert_eq!(page.evaluate("told").unwrap(), json!([]));
    // Back, to the very document that had called: it begins anew.
    page.back().unwrap();
    assert_eq!(page.evaluate("heard").unwrap(), json!([20018]), "the document comes from the browser's memory");
    page.evaluate("go()").unwrap();
    assert!(next(&calls).reply.success_text("{\"n\":2}".to_owned()));
    page.wait_for("heard.length === 2").unwrap();
    assert_eq!(page.evaluate("heard").unwrap(), json!([20018, 2]));
}

#[test]
fn h_b5_a_redirect_to_a_foreign_address_is_judged_where_it_leads() {
    for debug in [false, true] {
        let stage = Stage::with(|config, _| config.debug = debug);
        let calls = stage.hands_over("pay");
        stage.web.html(&format!("{EVIL}/landed"), LISTENS);
        stage.web.at(&format!("{OWN}/leads"), Response::redirect(&format!("{EVIL}/landed")));
        let page = stage.open(&format!("{OWN}/leads"));
        assert_eq!(page.evaluate("typeof told === 'object'").unwrap(), json!(debug));
        page.evaluate(CALLS).unwrap();
        nobody_called(&calls);
        if debug {
            assert_eq!(page.evaluate("told[1][1].errMsg").unwrap(), unknown("pay"));
        }
    }
}

#[test]
fn h_b14_a_page_whose_applet_is_closed_is_gone_and_says_nothing_any_more() {
    let stage = Stage::new();
    let calls = stage.hands_over("pay");
    let page = stage.open_own("");
    let owner = page.owner().unwrap();
    stage.applet.close();
    page.wait_until_closed().unwrap();
    assert!(owner.is_closed());
    // The tab goes with it, so nobody is there to run this.
    assert!(page.evaluate("ft.callNativeAPI('pay', {})").is_err());
    nobody_called(&calls);
}

#[test]
fn h_b14_a_page_that_crashes_ends_and_its_calls_with_it() {
    let stage = Stage::new();
    let calls = stage.hands_over("slow");
    let page = stage.open_own("ft.onNativeAPIHandler('never', () => new Promise(() => {}))");
    page.evaluate("void ft.callNativeAPI('slow', {}, () => {})").unwrap();
    let call = next(&calls);
    let (sender, ended) = channel();
    call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    let into = stage.call("never", &json!({}), None);
    page.crash();
    assert_eq!(next(&ended), ErrorCode::PageGone);
    assert_eq!(next(&into).unwrap_err().code(), ErrorCode::PageGone);
    page.wait_until_closed().unwrap();
}

#[test]
fn h_b14_when_the_browser_ends_all_pages_end() {
    let stage = Stage::new();
    let pages = [stage.open_own(""), stage.open_own("")];
    let owners = pages.clone().map(|page| page.owner().unwrap());
    stage.browser.close();
    for (page, owner) in pages.iter().zip(owners) {
        page.wait_until_closed().unwrap();
        assert!(owner.is_closed() && page.evaluate("1").is_err());
    }
}

#[test]
fn h_b19_two_applets_that_show_the_same_domain_share_nothing() {
    let stage = Stage::new();
    let views = ChromiumViews::new(stage.browser.clone(), |_| ());
    stage.web.html(&format!("{OWN}/"), "");
    let (one, other) = (stage.start("one", &[OWN]), stage.start("other", &[OWN]));
    let write = "(async () => { document.cookie = 'a=1; path=/'; localStorage.a = 1; sessionStorage.a = 1
        await (await caches.open('a')).put('/cached', new Response('1'))
        await new Promise((done, failed) => Object.assign(indexedDB.open('a'), { onsuccess: done, onerror: failed })) })()";
    let read = "(async () => [document.cookie, localStorage.a ?? null, (await caches.keys()).length,
        (await indexedDB.databases()).length])()";
    let page_of = |applet| {
        let page = views.show(applet, &format!("{OWN}/")).unwrap();
        page.wait_for_load(1).unwrap();
        page
    };
    let first = page_of(&one);
    first.evaluate(write).unwrap();
    assert_eq!(first.evaluate(read).unwrap(), json!(["a=1", "1", 1, 1]));
    let nothing: Value = json!(["", null, 0, 0]);
    assert_eq!(page_of(&other).evaluate(read).unwrap(), nothing);
    // Pages of one applet do share what a browser keeps.
    assert_eq!(page_of(&one).evaluate(read).unwrap(), json!(["a=1", "1", 1, 1]));
}

#[test]
fn h_b20_a_page_that_closes_its_applet_inside_its_own_call_ends_with_it() {
    let stage = Stage::new();
    let (sender, ended) = channel();
    let sender = Mutex::new(sender);
    let client = stage.client.clone();
    let leave = move |call: HostCall| {
        let sender = sender.lock().unwrap().clone();
        call.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
        client.close_applet("demo").unwrap();
        assert!(!call.reply.success_text("{}".to_owned()), "it has ended with its page");
    };
    stage.client.register_custom_api("leave", leave).unwrap();
    let page = stage.open_own("");
    page.evaluate("void setTimeout(() => ft.callNativeAPI('leave', {}, () => {}))").unwrap();
    assert_eq!(next(&ended), ErrorCode::PageGone);
    page.wait_until_closed().unwrap();
}

#[test]
fn h_b1_with_the_permission_list_of_a_device_the_object_is_dead_for_pages_that_are_not_listed() {
    let stage = Stage::with(|config, options| {
        config.debug = true;
        options.keeps_lists = true;
    });
    let calls = stage.hands_over("pay");
    for (origin, heard) in [(EVIL, false), (OWN, true)] {
        stage.web.html(&format!("{origin}/"), LISTENS);
        let page = stage.open(&format!("{origin}/"));
        page.evaluate(CALLS).unwrap();
        assert_eq!(calls.try_iter().count() > 0, heard, "{origin}");
        assert_eq!(page.evaluate("told.length > 0").unwrap(), json!(heard), "{origin}");
    }
}
