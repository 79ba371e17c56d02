//! What a web page asks of where it stands, and the title and the end of loading that it tells of.

use crate::program::{Program, done, failure, success, told};
use crate::support::{next, payload};
use serde_json::{Value, json};

#[test]
fn f_j07_get_env_tells_the_page_where_it_is_and_the_version() {
    let program = Program::new();
    let page = program.first();
    let inside = json!({"env": "miniprogram", "version": "1.4.20", "errMsg": "getEnv:ok"});
    assert_eq!(page.evaluate("new Promise((done) => { ft.miniProgram.getEnv(done) })").unwrap(), inside);
    assert_eq!(page.evaluate("ft.miniProgram.getEnv()").unwrap(), inside);
    assert_eq!(page.evaluate("__fcjs_environment").unwrap(), json!("miniprogram"));
    // A page in a frame is in no mini-program.
    let outside = page.evaluate(
        "new Promise((done) => {
           const frame = document.createElement('iframe')
           frame.src = '/web/next.html'
           frame.onload = () => frame.contentWindow.ft.miniProgram.getEnv(done)
           document.documentElement.append(frame)
         })",
    );
    assert_eq!(outside.unwrap(), json!({"env": {}, "version": "1.4.20", "errMsg": "getEnv:ok"}));
}

#[test]
fn f_j18_get_applet_info_tells_what_the_host_said() {
    let program = Program::new();
    let page = program.first();
    for function in ["getAppletInfo", "miniProgram.getAppletInfo"] {
        let info = json!({
            "appId": "program", "appTitle": "title of program", "appAvatar": "https://own.example/icon.png",
            "appDescription": "what it is for", "appThumbnail": "", "path": "", "userId": "its maker",
            "errMsg": "getAppletInfo:ok",
        });
        assert_eq!(told(&page, function, &json!({})), success(&info));
    }
}

#[test]
fn f_j29_can_go_back_when_the_page_itself_has_gone_on() {
    let program = Program::new();
    let page = program.first();
    let says = |can: bool| success(&json!({"canGoBack": can, "errMsg": "canGoBack:ok"}));
    assert_eq!(told(&page, "canGoBack", &json!({})), says(false));
    page.evaluate("void setTimeout(() => { location.href = '/web/next.html' })").unwrap();
    let src = format!("{}/web/next.html", program.applet.web_origin());
    assert_eq!(next(&program.reports)["detail"], json!({ "src": src }));
    assert_eq!(told(&page, "canGoBack", &json!({})), says(true));
    // The page of the mini-program is the first one all the same, and the way back is that of the web page.
    assert_eq!(told(&page, "canNavigateBack", &json!({}))[0][1]["canNavigateBack"], false);
}

#[test]
fn f_j30_can_navigate_back_when_the_mini_program_has_a_page_below() {
    let program = Program::new();
    let first = program.first();
    let says = |can: bool| success(&json!({"canNavigateBack": can, "errMsg": "canNavigateBack:ok"}));
    assert_eq!(told(&first, "canNavigateBack", &json!({})), says(false));
    told(&first, "miniProgram.navigateTo", &json!({"url": "/pages/b/b"}));
    let second = program.shown("/web/index.html", "pages/b/b");
    assert_eq!(told(&second, "canNavigateBack", &json!({})), says(true));
    assert_eq!(told(&second, "canGoBack", &json!({}))[0][1]["canGoBack"], false);
}

#[test]
fn f_j31_the_title_is_set_by_whoever_sets_it_for_the_mini_program() {
    let program = Program::new();
    let page = program.first();
    let (sender, calls) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let provider = move |call: finapp_core::bridge::HostCall| {
        let params: Value = serde_json::from_str(call.params.text()).unwrap();
        if params["title"] == "" {
            call.reply.fail(payload(&json!({"errMsg": "no title"})));
        } else {
            call.reply.success_text("{}".to_owned());
        }
        sender.lock().unwrap().send((call.info.page, params)).unwrap();
    };
    program.stage.client.set_provider("setNavigationBarTitle", provider).unwrap();
    let number = page.owner().unwrap().page();
    assert_eq!(told(&page, "setNavigationBarTitle", &json!({"title": "題 1"})), done("setNavigationBarTitle"));
    assert_eq!(next(&calls), (number, json!({"title": "題 1"})));
    let failed = failure(&page, "setNavigationBarTitle", &json!({}));
    assert!(failed.starts_with("setNavigationBarTitle:fail parameter"), "{failed}");
    let heard = told(&page, "setNavigationBarTitle", &json!({"title": ""}));
    assert_eq!(heard[0], json!(["fail", {"errMsg": "setNavigationBarTitle:fail no title"}]));
}

#[test]
fn f_j35_complete_ends_the_time_that_a_page_has() {
    let program = Program::new();
    let first = program.first();
    let open = |url: &str| told(&first, "miniProgram.navigateTo", &json!({ "url": url }));
    let of = |report: &Value| (report["type"].clone(), report["route"].clone());
    // A page that says nothing is reported when its time is over, be its document there or not.
    open("/pages/b/b?timeout=300&src=%2Fweb%2Fnext.html");
    let quiet = next(&program.pages);
    quiet.wait_for_load(1).unwrap();
    let mut heard = [next(&program.reports), next(&program.reports)];
    heard.sort_by_key(|report| report["type"].to_string());
    assert_eq!(heard.each_ref().map(of), ["load", "timeout"].map(|kind| (json!(kind), json!("pages/b/b"))));
    assert_eq!(heard[1]["detail"]["src"], json!(quiet.url().unwrap()));
    // One that does is not: another with the same time, opened later, is the next to be reported.
    open("/pages/b/b?timeout=3000&src=%2Fweb%2Fquick.html");
    let quick = program.shown("/web/quick.html", "pages/b/b");
    assert_eq!(told(&quick, "complete", &json!({})), done("complete"));
    open("/pages/c/c?timeout=3000&src=%2Fweb%2Flast.html");
    program.shown("/web/last.html", "pages/c/c");
    assert_eq!(of(&next(&program.reports)), (json!("timeout"), json!("pages/c/c")));
}
