//! What web pages of a mini-program may call, and what they get: the same rooms as the mini-program's own, and nothing
//! that is not listed for pages.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

#[path = "support/h5_page.rs"]
mod h5_page;
mod support;
#[path = "support/web.rs"]
mod web;

use finapp_core::bridge::{ApiOptions, Handler, HostCall, Pages};
use finapp_core::h5::Frame;
use finapp_core::{AppletClient, AppletRequest, Config, ErrorCode, NetworkConfig};
use h5_page::{DOMAIN, OWN, Page};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Folder, Host, next};
use web::{Web, respond};

fn start(host: &Host, script: &str) -> AppletClient {
    start_as(host, "demo", script)
}

fn start_as(host: &Host, app_id: &str, script: &str) -> AppletClient {
    let mut request = AppletRequest::local(app_id, "");
    request.web_view_domain = Some(vec![DOMAIN.to_owned()]);
    host.open_with(request, script).unwrap()
}

fn code(answer: &Value) -> i64 {
    answer["errCode"].as_i64().unwrap()
}

/// A host whose mini-programs may connect to this machine.
fn with_network(change: impl FnOnce(&mut Config)) -> Host {
    let network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
    let mut config = Config { network, debug: true, ..Config::default() };
    change(&mut config);
    Host::with(config)
}

/// What FinClip's JSSDK documents for pages, and what its base library calls beside that.
const DOCUMENTED: &[&str] = &[
    // The JSSDK.
    "downloadFile",
    "openDocument",
    "chooseImage",
    "getLocalImgData",
    "chooseLocation",
    "getLocation",
    "getStorage",
    "setStorage",
    "removeStorage",
    "clearStorage",
    "getStorageInfo",
    "request",
    "navigateTo",
    "navigateBack",
    "switchTab",
    "redirectTo",
    "reLaunch",
    "postMessage",
    "close",
    "navigateToMiniProgram",
    "navigateBackMiniProgram",
    "sendWebviewEvent",
    "getAppletInfo",
    "canGoBack",
    "canNavigateBack",
    "setNavigationBarTitle",
    "complete",
    // The base library.
    "getStorageSync",
    "setStorageSync",
    "removeStorageSync",
    "clearStorageSync",
    "getStorageInfoSync",
    "getSystemInfo",
    "getSystemInfoSync",
    "reportEvent",
];

#[test]
fn f_h18_what_is_not_documented_for_pages_answers_them_as_an_unknown_name_does() {
    let host = Host::new();
    // Every function that a mini-program finds on `ft` and `wx`.
    let applet = start(&host, "ft.report({names: [...new Set([...Object.keys(ft), ...Object.keys(wx)])]})");
    let names = host.reported()["names"].take();
    let mut page = Page::open(&applet);
    let mut shut = 0;
    for name in names.as_array().unwrap().iter().filter_map(Value::as_str) {
        if DOCUMENTED.contains(&name) || name == "report" {
            continue;
        }
        for unknown in [name.to_owned(), format!("{name}Sync")] {
            if DOCUMENTED.contains(&&*unknown) {
                continue;
            }
            let answer = page.ask(&unknown, json!({}));
            let error = ErrorCode::NotFound;
            let text = format!("{unknown}:fail {}", finapp_core::Error::from(error).message());
            assert_eq!(answer, json!({"errMsg": text, "errCode": error.number()}), "{unknown}");
            let answer = page.ask_base(&unknown, json!({}));
            assert_eq!(answer, json!({"errMsg": text, "errCode": error.number()}), "{unknown}");
            shut += 1;
        }
    }
    assert!(shut > 100, "{shut} names");
}

#[test]
fn f_h18_what_is_documented_for_pages_has_somebody_who_answers() {
    let host = Host::new();
    let applet = start(&host, "");
    let mut page = Page::open(&applet);
    let own = [
        "downloadFile",
        "openDocument",
        "chooseImage",
        "getLocalImgData",
        "chooseLocation",
        "getLocation",
        "getStorage",
        "setStorage",
        "removeStorage",
        "clearStorage",
        "getStorageInfo",
        "request",
        "setNavigationBarTitle",
    ];
    for name in own {
        let answer = page.ask(name, json!({}));
        assert_ne!(answer["errCode"], ErrorCode::NotFound.number(), "{answer}");
    }
}

#[test]
fn f_h18_refusals_are_counted_and_listed_for_the_host() {
    let host = Host::new();
    let none = ApiOptions { pages: Pages::None, ..ApiOptions::default() };
    host.client.register("inner", Handler::Host(Arc::new(|_: HostCall| unreachable!("a page calls"))), none).unwrap();
    let applet = start(&host, "");
    let mut page = Page::open(&applet);
    for name in ["inner", "nobody", "inner", "connectSocket"] {
        page.ask(name, json!({}));
    }
    let evil = Frame { url: "https://evil.example/x", is_top: false };
    page.session.web_invoke(evil, "pay", "{}".to_owned(), 1.0);
    let mut foreign = Page::open_at(&applet, "https://evil.example/");
    foreign.ask("setStorage", json!({"key": "a", "data": 1}));
    let seen = |refusal: &finapp_core::bridge::Refusal| {
        let origin = refusal.origin.clone().unwrap();
        (origin, refusal.api.clone(), refusal.exists, refusal.times)
    };
    let row = |origin: &str, api: &str, exists, times| (origin.to_owned(), api.to_owned(), exists, times);
    let wanted = [
        row(DOMAIN, "nobody", false, 1),
        row(DOMAIN, "inner", true, 2),
        row(DOMAIN, "connectSocket", true, 1),
        row("https://evil.example", "pay", false, 1),
        row("https://evil.example", "setStorage", true, 1),
    ];
    assert_eq!(applet.refusals().iter().map(seen).collect::<Vec<_>>(), wanted);
    assert_eq!(host.client.refusals(), applet.refusals());
    assert_eq!((applet.counters().refused, applet.counters().denied), (5, 1));
}

#[test]
fn f_h18_a_list_of_origins_opens_one_api_and_no_other() {
    let host = Host::new();
    let wide =
        ApiOptions { pages: Pages::Origins(vec!["https://partner.example".to_owned()]), ..ApiOptions::default() };
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let answers = move |call: HostCall| {
        counted.fetch_add(1, Ordering::SeqCst);
        call.reply.success(call.params);
    };
    host.client.register("shared", Handler::Host(Arc::new(answers)), wide).unwrap();
    host.echoes("own");
    let applet = start(&host, "");
    let mut partner = Page::open_at(&applet, "https://partner.example/page");
    assert_eq!(partner.ask("shared", json!({}))["errMsg"], "shared:ok");
    assert_eq!(code(&partner.ask("own", json!({}))), i64::from(ErrorCode::NotFound.number()));
    assert_eq!(code(&partner.ask("getStorage", json!({"key": "a"}))), i64::from(ErrorCode::NotFound.number()));
    let mut own = Page::open(&applet);
    assert_eq!(own.ask("shared", json!({}))["errMsg"], "shared:ok");
    for near in [
        "https://good.partner.example/",
        "https://partner.example.evil.example/",
        "https://partner.example:8443/",
        "http://partner.example/",
        "https://partner.example./",
        "https://partner.example@evil.example/",
        "https://user@partner.example/",
    ] {
        let session = &own.session;
        session.committed(near);
        for (id, name) in [(1.0, "initPage"), (2.0, "shared")] {
            session.web_invoke(Frame { url: near, is_top: true }, name, "{}".to_owned(), id);
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2, "{near}");
    }
}

#[test]
fn f_j25_a_page_and_its_mini_program_see_one_store() {
    let host = Host::new();
    let tells = "ft.onCustomEvent(async ({key}) => ft.report({data: (await wx.getStorage({key})).data}))";
    let applet = start(
        &host,
        &format!(
            "{tells};
             wx.setStorageSync('object', {{a: [1, null]}}); wx.setStorageSync('text', 'a\"b'); wx.setStorageSync('date', new Date(0));
             wx.setStorageSync('nan', NaN); wx.setStorageSync('nothing', undefined); wx.setStorageSync('bytes', Uint8Array.of(1, 2).buffer);
             ft.report({{data: 'kept'}})"
        ),
    );
    assert_eq!(host.reported()["data"], "kept");
    let mut page = Page::open(&applet);
    let ok = "getStorage:ok";
    for (key, answer) in [
        ("object", json!({"data": {"a": [1, null]}, "errMsg": ok})),
        ("text", json!({"data": "a\"b", "errMsg": ok})),
        ("date", json!({"data": "1970-01-01T00:00:00.000Z", "errMsg": ok})),
        ("nan", json!({"data": null, "errMsg": ok})),
        ("nothing", json!({"errMsg": ok})),
        ("bytes", json!({"data": null, "__nativeBuffers__": [{"key": "data", "base64": "AQI="}], "errMsg": ok})),
    ] {
        assert_eq!(page.ask("getStorage", json!({"key": key})), answer);
    }
    assert_eq!(page.ask("setStorage", json!({"key": "page", "data": {"b": "ü"}})), json!({"errMsg": "setStorage:ok"}));
    host.send("demo", json!({"key": "page"}));
    assert_eq!(host.reported()["data"], json!({"b": "ü"}));
    // What a page says of kinds is data, and never more.
    page.ask("setStorage", json!({"key": "kind", "type": "date", "data": 5}));
    host.send("demo", json!({"key": "kind"}));
    assert_eq!(host.reported()["data"], 5);
    let info = page.ask("getStorageInfo", json!({}));
    assert_eq!(info["keys"].as_array().unwrap().len(), 8);
    assert!(info["currentSize"].is_u64() && info["errMsg"] == "getStorageInfo:ok", "{info}");
    assert_eq!(page.ask("removeStorage", json!({"key": "page"})), json!({"errMsg": "removeStorage:ok"}));
    let gone = page.ask("getStorage", json!({"key": "page"}));
    assert_eq!(gone, json!({"errMsg": "getStorage:fail data not found", "errCode": ErrorCode::NotFound.number()}));
    assert_eq!(page.ask("clearStorage", json!({})), json!({"errMsg": "clearStorage:ok"}));
    assert_eq!(page.ask("getStorageInfo", json!({}))["keys"], json!([]));
}

#[test]
fn f_j24_wrong_keys_and_values_fail_as_they_do_in_a_mini_program() {
    let host = Host::new();
    let applet = start(&host, "");
    let mut page = Page::open(&applet);
    let failed = |text: &str, error: ErrorCode| json!({"errMsg": text, "errCode": error.number()});
    let wrong = "parameter error: parameter.key should be String instead of";
    assert_eq!(
        page.ask("getStorage", json!({"key": 7})),
        failed(&format!("getStorage:fail {wrong} Number;"), ErrorCode::Parameter)
    );
    assert_eq!(
        page.ask("setStorage", json!({"data": 7})),
        failed(&format!("setStorage:fail {wrong} Undefined;"), ErrorCode::Parameter)
    );
    let large = page.ask("setStorage", json!({"key": "a", "data": "x".repeat(1024 * 1024)}));
    assert_eq!(code(&large), i64::from(ErrorCode::StorageFull.number()));
    assert_eq!(page.ask("getStorageInfo", json!({}))["keys"], json!([]));
}

#[test]
fn h_a35_a_page_of_one_mini_program_sees_nothing_of_anothers_store() {
    let host = Host::new();
    let one = start_as(&host, "one", "");
    let other = start_as(&host, "other", "");
    Page::open(&one).ask("setStorage", json!({"key": "secret", "data": 1}));
    let mut page = Page::open(&other);
    // Nor does it help to say that it is another's.
    let answer = page.ask("getStorage", json!({"key": "secret", "appId": "one", "generation": 1, "owner": "one"}));
    assert_eq!(code(&answer), i64::from(ErrorCode::NotFound.number()));
}

#[test]
fn f_j41_the_base_library_has_its_store_its_facts_and_its_values_at_once() {
    let host = Host::new();
    let applet = start(&host, "ft.onCustomEvent(() => ft.report({data: wx.getStorageSync('k')}))");
    let mut page = Page::open(&applet);
    let kept = r#"{"data":{"a":1},"_type":"object"}"#;
    assert_eq!(
        page.ask_base("setStorageSync", json!({"key": "k", "data": kept})),
        json!({"errMsg": "setStorageSync:ok"})
    );
    assert_eq!(
        page.ask_base("getStorageSync", json!({"key": "k"})),
        json!({"data": kept, "errMsg": "getStorageSync:ok"})
    );
    assert_eq!(page.ask_base("getStorageSync", json!({"key": "none"}))["data"], "");
    assert_eq!(page.ask_base("getStorageInfoSync", json!({}))["keys"], json!(["k"]));
    assert_eq!(page.ask_base("getStorage", json!({"key": "k"})), json!({"data": kept, "errMsg": "getStorage:ok"}));
    for name in ["getSystemInfo", "getSystemInfoSync"] {
        assert_eq!(page.ask_base(name, json!({}))["errMsg"], format!("{name}:ok"));
    }
    let reported = json!({"eventId": "bought", "data": {"sum": 5, "timestamp": 1, "page": OWN}});
    assert_eq!(page.ask_base("reportEvent", reported), json!({"errMsg": "reportEvent:ok"}));
    host.send("demo", json!({"name": "n"}));
    assert_eq!(host.reported()["data"], kept);
    let told = page.heard();
    assert_eq!(told.function, "subscribeHandler");
    assert_eq!(told.arguments[..2], [json!("onCustomEvent"), json!({"name": "n"})]);
    assert_eq!(page.ask_base("removeStorageSync", json!({"key": "k"}))["errMsg"], "removeStorageSync:ok");
    assert_eq!(page.ask_base("clearStorageSync", json!({}))["errMsg"], "clearStorageSync:ok");
}

#[test]
fn f_j32_a_page_requests_what_its_mini_program_may() {
    let web = Web::serve(|seen, stream| {
        let said =
            json!({"method": seen.method, "path": seen.path, "body": seen.text(), "referer": seen.header("referer")});
        respond(stream, "200 OK", &[("Content-Type", "application/json")], said.to_string().as_bytes());
    });
    let url = web.origin();
    let applet_host = with_network(|_| {});
    let applet = start(&applet_host, "");
    let mut page = Page::open(&applet);
    let answer =
        page.ask("request", json!({"url": format!("{url}/p"), "data": {"a": "x y"}, "header": {"Referer": "evil"}}));
    let seen = json!({"method": "GET", "path": "/p?a=x%20y", "body": "", "referer": null});
    assert_eq!((&answer["data"], &answer["statusCode"]), (&seen, &json!(200)));
    assert_eq!(
        (&answer["errMsg"], &answer["header"]["Content-Type"]),
        (&json!("request:ok"), &json!("application/json"))
    );
    let text = page.ask("request", json!({"url": url, "method": "POST", "data": {"b": 1}, "dataType": "text"}));
    let text: Value = serde_json::from_str(text["data"].as_str().unwrap()).unwrap();
    assert_eq!((&text["method"], &text["body"]), (&json!("POST"), &json!("{\"b\":1}")));
    // FinClip's base library has put the data of a GET into the address, and sends it all the same.
    let options = json!({"url": format!("{url}/p?a=1"), "data": "{\"a\":1}", "method": "GET", "taskId": 1, "__nativeBuffers__": []});
    assert_eq!(page.ask_base("request", options)["data"]["path"], "/p?a=1");
    let wrong = page.ask("request", json!({}));
    assert_eq!(wrong["errMsg"], "request:fail parameter error: parameter.url should be String instead of Undefined;");
}

#[test]
fn f_h17_bytes_of_a_page_without_a_port_travel_as_base64_both_ways() {
    let web = Web::serve(|seen, stream| respond(stream, "200 OK", &[], &[&[0xff, 0], &*seen.body].concat()));
    let host = with_network(|_| {});
    let applet = start(&host, "");
    let mut page = Page::open(&applet);
    let buffers = |base64: &str| json!([{"key": "data", "base64": base64}]);
    let answer = page.ask(
        "request",
        json!({"url": web.origin(), "method": "POST", "data": null, "responseType": "arraybuffer", "__nativeBuffers__": buffers("AQL/")}),
    );
    assert_eq!(answer["__nativeBuffers__"], buffers("/wABAv8="), "{answer}");
    let malformed = page.ask("request", json!({"url": web.origin(), "data": null, "__nativeBuffers__": buffers("*")}));
    assert_eq!(code(&malformed), i64::from(ErrorCode::Parameter.number()));
}

#[test]
fn h_b21_a_page_reaches_no_host_that_its_mini_program_may_not() {
    let web = Web::serve(|_, stream| respond(stream, "302 Found", &[("Location", "https://undeclared.example/")], b""));
    let host = with_network(|config| config.debug = false);
    let mut request = AppletRequest::local("demo", "");
    request.web_view_domain = Some(vec![DOMAIN.to_owned()]);
    request.request_domain = Some(vec!["https://declared.example".to_owned()]);
    request.download_domain = Some(vec!["https://declared.example".to_owned()]);
    let applet = host.open_with(request, "").unwrap();
    let mut page = Page::open(&applet);
    for url in
        [&*web.origin(), "https://undeclared.example/", "file:///etc/passwd", "https://declared.example.evil.example/"]
    {
        for name in ["request", "downloadFile"] {
            let answer = page.ask(name, json!({"url": url}));
            assert_eq!(code(&answer), i64::from(ErrorCode::Denied.number()), "{answer}");
        }
    }
    assert!(web.nothing_seen());
}

#[test]
fn f_j17_a_page_downloads_into_the_files_of_its_mini_program() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"GIF89a and so on"));
    let host = with_network(|_| {});
    let applet = start(
        &host,
        "ft.onCustomEvent(({path}) => ft.report({data: wx.getFileSystemManager().readFileSync(path, 'utf8')}))",
    );
    let mut page = Page::open(&applet);
    let answer = page.ask("downloadFile", json!({"url": format!("{}/a.gif", web.origin())}));
    assert_eq!(
        (&answer["errMsg"], &answer["statusCode"], answer.get("filePath")),
        (&json!("downloadFile:ok"), &json!(200), None)
    );
    let path = answer["tempFilePath"].clone();
    assert!(path.as_str().unwrap().ends_with(".gif"));
    host.send("demo", json!({"path": path}));
    assert_eq!(host.reported()["data"], "GIF89a and so on");
    let picture = page.ask("getLocalImgData", json!({"path": path}));
    assert_eq!(picture["localData"], "data:image/gif;base64,R0lGODlhIGFuZCBzbyBvbg==");
    let wanted = page.ask("downloadFile", json!({"url": web.origin(), "filePath": "wxfile://usr/kept.bin"}));
    assert_eq!((&wanted["filePath"], wanted.get("tempFilePath")), (&json!("wxfile://usr/kept.bin"), None));
    for outside in ["/etc/passwd", "wxfile://usr/../../x", "file:///etc/passwd"] {
        let refused = page.ask("downloadFile", json!({"url": web.origin(), "filePath": outside}));
        assert!(refused["errMsg"].as_str().unwrap().starts_with("downloadFile:fail"), "{refused}");
        let refused = page.ask("getLocalImgData", json!({"path": outside}));
        assert!(refused["errMsg"].as_str().unwrap().starts_with("getLocalImgData:fail"), "{refused}");
    }
}

#[test]
fn f_j19_f_j23_providers_answer_pages_as_they_answer_the_mini_program() {
    let folder = Folder::new();
    // Names of copies are hexadecimal numbers, which end like some short names.
    folder.file("picture.gif", "GIF89a");
    let picture = folder.path().join("picture.gif");
    let place = json!({"latitude": 1.5, "longitude": 2.5, "name": "n", "address": "a"});
    let providers = json!({
        "chooseImage": {"tempFilePaths": [picture]},
        "chooseLocation": place,
        "getLocation": {"latitude": 1, "longitude": 2, "speed": 0, "accuracy": 5},
        "authorize": {},
        "setNavigationBarTitle": {},
    });
    let config = Config::from_json(&json!({"providers": providers}).to_string()).unwrap();
    let host = Host::with(config);
    let opened = {
        let (sender, opened) = std::sync::mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        let take = move |call: HostCall| drop(sender.lock().unwrap().send(call));
        host.client.set_provider("openDocument", take).unwrap();
        opened
    };
    let applet = start(&host, "");
    let mut page = Page::open(&applet);
    let chosen = page.ask("chooseImage", json!({"count": 1}));
    let path = chosen["tempFilePaths"][0].as_str().unwrap().to_owned();
    assert!(chosen["errMsg"] == "chooseImage:ok" && !path.contains("picture"), "{chosen}");
    let data = page.ask("getLocalImgData", json!({"path": path}));
    assert_eq!(data, json!({"localData": "data:image/gif;base64,R0lGODlh", "errMsg": "getLocalImgData:ok"}));
    let mut told = place.clone();
    told["errMsg"] = json!("chooseLocation:ok");
    assert_eq!(page.ask("chooseLocation", json!({})), told);
    let located = page.ask("getLocation", json!({"type": "gcj02"}));
    assert_eq!(
        (&located["latitude"], &located["accuracy"], &located["errMsg"]),
        (&json!(1), &json!(5), &json!("getLocation:ok"))
    );
    let id = page.say("openDocument", &json!({"filePath": path, "fileType": "pdf"}));
    let call = next(&opened);
    let asked: Value = serde_json::from_str(call.params.text()).unwrap();
    assert_eq!(
        (std::fs::read(asked["filePath"].as_str().unwrap()).unwrap(), &asked["fileType"]),
        (b"GIF89a".to_vec(), &json!("pdf"))
    );
    assert_eq!((call.info.caller.source(), call.info.page), ("h5", page.session.page()));
    call.reply.success_text("{}".to_owned());
    assert_eq!(page.heard().arguments[..2], [json!(id), json!({"errMsg": "openDocument:ok"})]);
    for (name, params) in [
        ("getLocation", json!({"type": "mars"})),
        ("chooseImage", json!({"count": "1"})),
        ("getLocalImgData", json!({})),
    ] {
        let wrong = page.ask(name, params);
        assert!(wrong["errMsg"].as_str().unwrap().starts_with(&format!("{name}:fail parameter error")), "{wrong}");
    }
}
