//! The APIs that only the host can answer: what is checked before a provider sees a call, what of its answer arrives, who
//! answers when there are several, and what the configuration can answer beforehand.
#![allow(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::{Config, ErrorCode, FinAppClient};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use support::{Host, next, payload};

/// Calls each of a list of `[name, options]`, one after the other, and reports what came of them.
const EACH: &str = "const each = async (list) => {
        const said = [];
        for (const [name, options] of list) {
            await wx[name](options).then(r => said.push(r), r => said.push([r.errMsg, r.errCode]));
        }
        ft.report({said});
    };";

fn with(providers: Value) -> Config {
    Config::from_json(&json!({ "providers": providers }).to_string()).unwrap()
}

/// A provider that succeeds with `answer`.
fn provides(client: &FinAppClient, name: &str, answer: Value) {
    let answer = payload(answer);
    client.set_provider(name, move |call: HostCall| assert!(call.reply.success(answer.clone()))).unwrap();
}

/// A provider whose calls are handed to the test.
fn holds(client: &FinAppClient, name: &str) -> Receiver<HostCall> {
    let (sender, calls) = channel();
    let sender = Mutex::new(sender);
    client.set_provider(name, move |call: HostCall| drop(sender.lock().unwrap().send(call))).unwrap();
    calls
}

fn params(call: &HostCall) -> Value {
    serde_json::from_str(call.params.text()).unwrap()
}

#[test]
fn f_m22_wrong_parameters_fail_with_the_texts_of_wechat_before_any_provider_is_asked() {
    let host = Host::new();
    let asked = holds(&host.client, "showToast");
    for (call, text) in [
        ("showToast", "parameter error: parameter.title should be String instead of Undefined;"),
        (
            "showToast({title: 1, mask: 'x'})",
            "parameter error: parameter.title should be String instead of Number;parameter.mask should be Boolean instead of String;",
        ),
        ("showToast('hi')", "parameter error: parameter should be Object instead of String;"),
        ("showActionSheet({itemList: []})", "parameter error: parameter.itemList should have at least 1 item;"),
        (
            "showActionSheet({itemList: [1,'b']})",
            "parameter error: parameter.itemList[0] should be String instead of Number;",
        ),
        (
            "showActionSheet({itemList: ['1','2','3','4','5','6','7']})",
            "parameter error: itemList should not be large than 6",
        ),
        ("showModal({confirmText: '12345'})", "confirmText length should not larger than 4 Chinese characters"),
        (
            "openLocation({latitude: 91, longitude: 0})",
            "parameter error: parameter.latitude should be between -90 and 90;",
        ),
        ("getLocation({type: 'mars'})", "parameter error: parameter.type should be one of wgs84, gcj02;"),
        ("setClipboardData({})", "parameter error: parameter.data should be String instead of Undefined;"),
        ("setClipboardData({data: null})", "parameter error: parameter.data should be String instead of Null;"),
        (
            "setNavigationBarColor({frontColor: '#fff', backgroundColor: '#000'})",
            "parameter error: parameter.frontColor should be one of #ffffff, #000000;",
        ),
        ("previewImage({urls: []})", "parameter error: parameter.urls should have at least 1 item;"),
        ("openDocument({filePath: ''})", "parameter error: parameter.filePath should not be empty;"),
        ("authorize({scope: 'scope.everything'})", "invalid scope"),
        (
            "setKeepScreenOn({keepScreenOn: 1})",
            "parameter error: parameter.keepScreenOn should be Boolean instead of Number;",
        ),
        ("setScreenBrightness({value: 2})", "parameter error: parameter.value should be between 0 and 1;"),
    ] {
        let name = call.split('(').next().unwrap();
        let call = if call.contains('(') { call.to_owned() } else { format!("{call}()") };
        let app = format!("demo-{}", text.len());
        host.open(&app, &format!("wx.{call}.catch(({{errMsg, errCode}}) => ft.report({{errMsg, errCode}}))"));
        let code = ErrorCode::Parameter.number();
        assert_eq!(host.reported(), json!({"errMsg": format!("{name}:fail {text}"), "errCode": code}), "{call}");
        host.client.close_applet(&app).unwrap();
    }
    assert!(asked.try_recv().is_err());
}

#[test]
fn f_m22_what_nobody_provides_fails_at_once_and_what_only_a_view_shows_passes() {
    let script = format!(
        "{EACH} each([['login'], ['chooseImage', {{}}], ['getLocation'], ['authorize', {{scope: 'scope.userLocation'}}],
            ['pageScrollTo', {{scrollTop: 0}}], ['stopPullDownRefresh'], ['getSetting'],
            ['authorize', {{scope: 'scope.address'}}]])"
    );
    let unsupported = |name: &str| json!([format!("{name}:fail not supported"), ErrorCode::Unsupported.number()]);
    assert_eq!(
        Host::new().run(&script)["said"],
        json!([
            unsupported("login"),
            unsupported("chooseImage"),
            unsupported("getLocation"),
            ["authorize:fail not supported: nobody provides authorize", ErrorCode::Unsupported.number()],
            {"errMsg": "pageScrollTo:ok"},
            {"errMsg": "stopPullDownRefresh:ok"},
            {"errMsg": "getSetting:ok", "authSetting": {}},
            {"errMsg": "authorize:ok"},
        ])
    );
}

#[test]
fn f_m22_a_provider_gets_complete_parameters_and_its_answer_is_completed() {
    let host = Host::new();
    let modal = holds(&host.client, "showModal");
    let toast = holds(&host.client, "showToast");
    let login = holds(&host.client, "login");
    let network = holds(&host.client, "getNetworkType");
    host.open(
        "demo",
        "const said = [];
        const done = (r) => { said.push(r); if (said.length === 4) ft.report({said}) };
        wx.showModal({title: '\\ud83d\\ude00', confirmText: null, extra: [1]}).then(r => {
            done(r);
            wx.showToast({title: 'x', icon: 'flower', duration: 7.5}).then(r => {
                done(r);
                wx.login({success: r => { done(r); wx.getNetworkType().then(done) }});
            });
        })",
    );
    let call = next(&modal);
    assert_eq!(call.info.api.as_str(), "showModal");
    assert_eq!(
        params(&call),
        json!({"title": "\u{1f600}", "extra": [1], "content": "", "showCancel": true, "cancelText": "取消",
            "cancelColor": "#000000", "confirmText": "确定", "confirmColor": "#576B95", "editable": false})
    );
    call.reply.success(payload(json!({"confirm": true})));
    let call = next(&toast);
    assert_eq!(params(&call), json!({"title": "x", "icon": "success", "duration": 7.5, "mask": false}));
    call.reply.success(payload(json!({"not": "for the mini-program"})));
    next(&login).reply.success(payload(json!({"code": "c-1", "more": {"of": "the host"}})));
    next(&network).reply.success(payload(json!({"networkType": "wifi"})));
    assert_eq!(
        host.reported()["said"],
        json!([
            {"errMsg": "showModal:ok", "confirm": true, "cancel": false},
            {"errMsg": "showToast:ok"},
            {"errMsg": "login:ok", "code": "c-1", "more": {"of": "the host"}},
            {"errMsg": "getNetworkType:ok", "networkType": "wifi", "hasSystemProxy": false, "signalStrength": 0,
                "weakNet": false},
        ])
    );
}

#[test]
fn f_m22_an_answer_of_the_wrong_shape_fails_the_call_and_says_what_was_wrong() {
    let host = Host::with(with(json!({
        "login": [{}, {"code": 7}],
        "showActionSheet": [{"tapIndex": 6}, {"tapIndex": "1"}],
        "getClipboardData": {"data": null},
        "getNetworkType": {"networkType": "6g"},
        "showModal": {"confirm": "yes"},
        "chooseLocation": {"latitude": 1, "longitude": 181},
        "authorize": [{"authorized": 1}, {}],
    })));
    let script = format!(
        "{EACH} each([['login'], ['login'], ['showActionSheet', {{itemList: ['a']}}],
            ['showActionSheet', {{itemList: ['a']}}], ['getClipboardData'], ['getNetworkType'], ['showModal'],
            ['chooseLocation'], ['chooseLocation']])"
    );
    let wrong = |name: &str, text: &str| {
        json!([format!("{name}:fail the provider answered wrongly: {text}"), ErrorCode::HandlerResult.number()])
    };
    assert_eq!(
        host.run(&script)["said"],
        json!([
            wrong("login", "answer.code should be String instead of Undefined;"),
            wrong("login", "answer.code should be String instead of Number;"),
            wrong("showActionSheet", "answer.tapIndex should be between 0 and 5;"),
            wrong("showActionSheet", "answer.tapIndex should be Number instead of String;"),
            wrong("getClipboardData", "answer.data should be String instead of Null;"),
            wrong("getNetworkType", "answer.networkType should be one of wifi, 2g, 3g, 4g, 5g, unknown, none;"),
            wrong("showModal", "answer.confirm should be Boolean instead of String;"),
            wrong("chooseLocation", "authorized: expected a Boolean"),
            wrong("chooseLocation", "answer.longitude should be between -180 and 180;"),
        ])
    );
}

#[test]
fn f_h15_the_provider_of_an_applet_wins_over_the_one_for_all_and_that_over_the_configuration() {
    let host = Host::with(with(json!({"login": {"code": "configured"}})));
    let client = &host.client;
    let asks = "ft.onCustomEvent(() => wx.login().then(r => ft.report(r)).catch(r => ft.report(r)))";
    host.open("demo", asks);
    host.open("other", asks);
    let said = |app: &str| {
        host.send(app, json!({}));
        host.reported()["code"].take()
    };
    assert_eq!(said("demo"), "configured");
    provides(client, "login", json!({"code": "for all"}));
    let own = payload(json!({"code": "own"}));
    let own = move |call: HostCall| assert!(call.reply.success(own.clone()));
    client.set_provider_for(Some("demo"), "login", Arc::new(own)).unwrap();
    assert_eq!((said("demo"), said("other")), ("own".into(), "for all".into()));
    assert!(client.remove_provider(Some("demo"), "login").unwrap());
    assert!(!client.remove_provider(Some("demo"), "login").unwrap());
    assert_eq!(said("demo"), "for all");
    provides(client, "login", json!({"code": "later"}));
    assert_eq!(said("demo"), "later");
    assert!(client.remove_provider(None, "login").unwrap());
    assert_eq!(said("demo"), "configured");
    for name in ["getSetting", "getLocalImgData", "report", "getStorage", ""] {
        let refused = client.set_provider(name, |_: HostCall| {}).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter, "{name}");
    }
    client.shutdown();
    assert_eq!(client.set_provider("login", |_: HostCall| {}).unwrap_err().code(), ErrorCode::Closed);
}

#[test]
fn f_h15_the_configuration_answers_in_order_fails_and_cancels() {
    let host = Host::with(with(json!({
        "getClipboardData": [{"data": "1"}, {"data": "2"}],
        "scanCode": {"$cancel": true},
        "requestPayment": {"$fail": "no money"},
    })));
    let script = format!(
        "{EACH} each([['getClipboardData'], ['getClipboardData'], ['getClipboardData'], ['scanCode'],
            ['requestPayment', {{timeStamp: '1', nonceStr: 'n', package: 'p', paySign: 's'}}]])"
    );
    assert_eq!(
        host.run(&script)["said"],
        json!([
            {"errMsg": "getClipboardData:ok", "data": "1"},
            {"errMsg": "getClipboardData:ok", "data": "2"},
            {"errMsg": "getClipboardData:ok", "data": "2"},
            ["scanCode:fail cancel", ErrorCode::Cancelled.number()],
            ["requestPayment:fail no money", null],
        ])
    );
}

#[test]
fn h_c12_a_wrong_provider_in_the_configuration_is_refused_by_its_name() {
    for (providers, path) in [
        (json!({"logn": {}}), "providers.logn: "),
        (json!({"getSetting": {}}), "providers.getSetting: "),
        (json!({"login": "code"}), "providers.login: "),
        (json!({"login": []}), "providers.login: "),
        (json!({"login": [{}, 1]}), "providers.login: "),
    ] {
        let refused = Config::from_json(&json!({ "providers": providers }).to_string()).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter);
        assert!(refused.message().starts_with(path), "{refused}");
    }
}

#[test]
fn f_h15_a_provider_hears_when_nobody_waits_for_it_and_answers_once() {
    let host = Host::new();
    let asked = holds(&host.client, "login");
    let applet = host.open("demo", "wx.login().then(r => { ft.report(r); wx.login() })");
    let call = next(&asked);
    assert!(call.reply.is_open());
    assert!(call.reply.success(payload(json!({"code": "1"}))));
    assert!(!call.reply.is_open() && !call.reply.success(payload(json!({"code": "2"}))));
    drop(call);
    assert_eq!(host.reported()["code"], "1");
    let call = next(&asked);
    let (sender, told) = channel();
    call.reply.on_cancel(move |error| sender.send(error.code()).unwrap());
    host.client.close_applet("demo").unwrap();
    assert_eq!(next(&told), ErrorCode::Closed);
    assert!(!call.reply.success(Payload::none()));
    assert_eq!(applet.counters().late_answers, 2);
}

#[test]
fn f_h15_a_provider_that_panics_or_lets_go_of_a_call_fails_it_and_nothing_else() {
    let host = Host::new();
    host.client.set_provider("login", |_: HostCall| panic!("of the host")).unwrap();
    host.client.set_provider("checkSession", drop).unwrap();
    host.client.set_provider("scanCode", |call: HostCall| assert!(call.reply.threw("no camera"))).unwrap();
    let script = format!("{EACH} each([['login'], ['checkSession'], ['scanCode'], ['getSetting']])");
    assert_eq!(
        host.run(&script)["said"],
        json!([
            ["login:fail internal error", ErrorCode::Internal.number()],
            ["checkSession:fail the handler dropped the call", ErrorCode::Handler.number()],
            ["scanCode:fail no camera", ErrorCode::Handler.number()],
            {"errMsg": "getSetting:ok", "authSetting": {}},
        ])
    );
}

#[test]
fn f_m22_can_i_use_knows_options_and_answers() {
    let script = "ft.report({said: ['chooseImage', 'chooseImage.object.count', 'chooseImage.object.colour',
        'getLocation.success.latitude', 'getLocation.success.altitude', 'showModal.success.confirm',
        'showToast.success.confirm', 'authorize.object.scope', 'getLocation.return.latitude', 'chooseMedia.success.type',
        'getSetting.success.authSetting', 'chooseMoon'].map(wx.canIUse)})";
    let expected = json!([true, true, false, true, true, true, false, true, false, true, true, false]);
    assert_eq!(Host::new().run(script)["said"], expected);
}

#[test]
fn h_a33_a_provider_answers_only_whom_the_rules_of_the_applet_let_ask() {
    let host = Host::new();
    let asked = holds(&host.client, "login");
    let folder = support::Folder::new();
    folder.file(
        "app.js",
        "ft.loadExtApi([{name: 'report'}, {name: 'authorize', overwrite: true}]);
        const said = [];
        const say = (r) => { said.push([r.errMsg, r.errCode]); if (said.length === 3) ft.report({said}) };
        wx.login().catch(say);
        wx.invokeNativePlugin({api_name: 'login'}).catch(say);
        wx.invokeNativePlugin({api_name: 'getSetting'}).catch(say);",
    );
    let request = json!({"appId": "demo", "offlineLibraryPath": folder.path(), "blackList": ["login"]});
    let request = finapp_core::AppletRequest::from_json(&request.to_string()).unwrap();
    host.client.start_applet_and_wait(request).unwrap();
    let missing = |name: &str| {
        json!([format!("invokeNativePlugin:fail api \"{name}\" is not registered"), ErrorCode::NotFound.number()])
    };
    let mut said: Vec<Value> = serde_json::from_value(host.reported()["said"].take()).unwrap();
    said.sort_by_key(Value::to_string);
    let mut expected = vec![
        json!(["login:fail permission denied", ErrorCode::Denied.number()]),
        missing("login"),
        missing("getSetting"),
    ];
    expected.sort_by_key(Value::to_string);
    assert_eq!(said, expected);
    assert!(asked.try_recv().is_err());
}

#[test]
fn h_a15_names_of_the_language_in_an_answer_are_data() {
    let host = Host::new();
    let login = holds(&host.client, "login");
    host.open(
        "demo",
        "Object.defineProperty(Object.prototype, 'code', {set() { ft.report({set: true}) }, configurable: true});
        wx.login().then(r => ft.report({own: Object.keys(r).sort(), polluted: ({}).polluted, code: r.code,
            kept: Object.getPrototypeOf(r) === Object.prototype}))",
    );
    let text = r#"{"code":"1","__proto__":{"polluted":1},"constructor":null,"toString":1}"#;
    next(&login).reply.success_text(text.to_owned());
    assert_eq!(
        host.reported(),
        json!({"own": ["__proto__", "code", "constructor", "errMsg", "toString"], "code": "1", "kept": true})
    );
}

#[test]
fn f_m22_a_huge_or_deep_answer_fails_the_one_call() {
    let host = Host::new();
    let login = holds(&host.client, "login");
    host.open(
        "demo",
        "const said = []; const say = (r) => { said.push(r.errMsg.slice(0, 60)); said.length === 3 ? ft.report({said}) : wx.login().catch(say) };
        wx.login().catch(say)",
    );
    next(&login).reply.success_text(format!(r#"{{"code":"{}"}}"#, "x".repeat(2 * 1024 * 1024)));
    next(&login).reply.success_text(format!(r#"{{"code":"1","more":{}{}}}"#, "[".repeat(1000), "]".repeat(1000)));
    next(&login).reply.success_text("{not json".to_owned());
    let said = host.reported()["said"].take();
    assert_eq!(said[0], "login:fail message too large");
    assert_eq!(said[1], "login:fail message too deep");
    assert!(said[2].as_str().unwrap().starts_with("login:fail not JSON"), "{said}");
}
