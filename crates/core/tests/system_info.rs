//! System and app information: every member that WeChat documents, from what the host told last.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletRequest, Config, ErrorCode};
use serde_json::{Value, json};
use support::{Folder, Host};

/// A host that told all it can.
fn informed() -> Host {
    let told = json!({"host": {
        "appId": "com.example.app", "version": "9.8.7", "language": "zh-Hans-CN", "theme": "dark",
        "fontSizeSetting": 18, "fontSizeScaleFactor": 1.25,
        "device": {
            "brand": "B", "model": "M-1", "platform": "ohos", "system": "HarmonyOS 5.0", "abi": "arm64-v8a",
            "deviceAbi": "arm64-v8a", "cpuType": "C", "memorySize": "8192", "benchmarkLevel": 40,
        },
        "window": {
            "pixelRatio": 3.5, "screenWidth": 360, "screenHeight": 780.5, "windowWidth": 350, "windowHeight": 700,
            "screenTop": 30, "statusBarHeight": 36, "safeArea": {"left": 1, "top": 36, "right": 359, "bottom": 750},
        },
        "systemSetting": {"bluetoothEnabled": true, "locationEnabled": true, "wifiEnabled": true},
        "authorizeSetting": {"cameraAuthorized": "authorized", "microphoneAuthorized": "denied"},
    }});
    Host::with(Config::from_json(&told.to_string()).unwrap())
}

fn base() -> Value {
    json!({
        "SDKVersion": "3.6.4", "enableDebug": false, "fontSizeScaleFactor": 1.25, "fontSizeSetting": 18,
        "host": {"appId": "com.example.app", "env": "finapp"}, "language": "zh_CN", "version": "9.8.7",
        "theme": "dark", "errMsg": "getAppBaseInfo:ok",
    })
}

#[test]
fn f_m17_each_group_of_facts_has_the_documented_members() {
    let seen = informed().run(
        "ft.report({base: ft.getAppBaseInfo(), device: ft.getDeviceInfo(), window: wx.getWindowInfo(),
         setting: wx.getSystemSetting(), user: wx.getAppAuthorizeSetting()})",
    );
    assert_eq!(seen["base"], base());
    assert_eq!(
        seen["device"],
        json!({
            "brand": "B", "model": "M-1", "platform": "ohos", "system": "HarmonyOS 5.0", "abi": "arm64-v8a",
            "deviceAbi": "arm64-v8a", "cpuType": "C", "memorySize": "8192", "benchmarkLevel": 40,
            "errMsg": "getDeviceInfo:ok",
        })
    );
    assert_eq!(
        seen["window"],
        json!({
            "pixelRatio": 3.5, "screenWidth": 360, "screenHeight": 780.5, "windowWidth": 350, "windowHeight": 700,
            "screenTop": 30, "statusBarHeight": 36, "errMsg": "getWindowInfo:ok",
            "safeArea": {"left": 1, "top": 36, "right": 359, "bottom": 750, "width": 358, "height": 714},
        })
    );
    assert_eq!(
        seen["setting"],
        json!({
            "bluetoothEnabled": true, "locationEnabled": true, "wifiEnabled": true, "deviceOrientation": "portrait",
            "errMsg": "getSystemSetting:ok",
        })
    );
    let no = "not determined";
    assert_eq!(
        seen["user"],
        json!({
            "albumAuthorized": no, "bluetoothAuthorized": no, "cameraAuthorized": "authorized",
            "locationAuthorized": no, "locationReducedAccuracy": false, "microphoneAuthorized": "denied",
            "notificationAlertAuthorized": no, "notificationAuthorized": no, "notificationBadgeAuthorized": no,
            "notificationSoundAuthorized": no, "phoneCalendarAuthorized": no, "errMsg": "getAppAuthorizeSetting:ok",
        })
    );
}

#[test]
fn f_m17_get_system_info_says_the_same_in_each_of_its_forms() {
    let seen = informed().run(
        "const seen = {sync: wx.getSystemInfoSync(), order: []}
         const told = name => res => { seen[name] = res; seen.order.push(name) }
         wx.getSystemInfo({success: told('first'), fail: told('failed'), complete: told('last')})
         ft.getSystemInfo().then(told('promise'))
           .then(() => ft.getSystemInfoAsync()).then(told('async')).then(() => ft.report(seen))",
    );
    let expected = json!({
        "SDKVersion": "3.6.4", "albumAuthorized": false, "benchmarkLevel": 40, "bluetoothEnabled": true, "brand": "B",
        "cameraAuthorized": true, "deviceOrientation": "portrait", "enableDebug": false, "fontSizeSetting": 18,
        "host": {"appId": "com.example.app", "env": "finapp"}, "language": "zh_CN", "locationAuthorized": false,
        "locationEnabled": true, "locationReducedAccuracy": false, "microphoneAuthorized": false, "model": "M-1",
        "notificationAlertAuthorized": false, "notificationAuthorized": false, "notificationBadgeAuthorized": false,
        "notificationSoundAuthorized": false, "phoneCalendarAuthorized": false, "pixelRatio": 3.5, "platform": "ohos",
        "safeArea": {"left": 1, "top": 36, "right": 359, "bottom": 750, "width": 358, "height": 714},
        "screenHeight": 780.5, "screenWidth": 360, "statusBarHeight": 36, "system": "HarmonyOS 5.0", "theme": "dark",
        "version": "9.8.7", "wifiEnabled": true, "windowHeight": 700, "windowWidth": 350,
    });
    for (form, name) in [
        ("sync", "getSystemInfoSync"),
        ("first", "getSystemInfo"),
        ("last", "getSystemInfo"),
        ("promise", "getSystemInfo"),
        ("async", "getSystemInfoAsync"),
    ] {
        let mut expected = expected.clone();
        expected["errMsg"] = json!(format!("{name}:ok"));
        assert_eq!(seen[form], expected, "{form}");
    }
    assert_eq!(seen["order"], json!(["first", "last", "promise", "async"]));
}

#[test]
fn f_m17_a_host_that_tells_nothing_still_gives_libraries_what_they_read_while_they_load() {
    let seen = Host::new().run("ft.report({all: wx.getSystemInfoSync(), device: wx.getDeviceInfo()})");
    let all = &seen["all"];
    assert!(all["SDKVersion"].as_str().unwrap().split('.').all(|part| part.parse::<u32>().is_ok()));
    assert!(all["pixelRatio"].as_f64().unwrap() > 0.0);
    for text in ["system", "platform", "model", "brand", "language", "version"] {
        assert!(!all[text].as_str().unwrap().is_empty(), "{text}");
    }
    assert_eq!(seen["device"]["system"], all["system"]);
    assert_eq!(all["windowHeight"], all["screenHeight"]);
    assert_eq!(
        all["safeArea"],
        json!({"left": 0, "top": 20, "right": 375, "bottom": 667, "width": 375, "height": 647})
    );
}

#[test]
fn f_m17_what_the_host_tells_later_is_what_the_next_call_sees() {
    let host = informed();
    host.open(
        "demo",
        "ft.onCustomEvent(() => { const {theme, language, safeArea} = ft.getSystemInfoSync()
           ft.report({theme, language, bottom: safeArea.bottom, is: ft.getSystemSetting().deviceOrientation}) })",
    );
    for (news, expected) in [
        (json!({}), json!({"theme": "dark", "language": "zh_CN", "bottom": 750, "is": "portrait"})),
        (json!({"theme": "light"}), json!({"theme": "light", "language": "zh_CN", "bottom": 750, "is": "portrait"})),
        (
            json!({"language": "en-Latn-US", "window": {"screenWidth": 780, "screenHeight": 360, "safeArea": null}}),
            json!({"theme": "light", "language": "en", "bottom": 360, "is": "landscape"}),
        ),
    ] {
        host.client.update_host_info(&news.to_string()).unwrap();
        host.send("demo", json!({}));
        assert_eq!(host.reported(), expected, "{news}");
    }
}

#[test]
fn h_c12_news_of_the_host_that_are_wrong_change_nothing() {
    let host = informed();
    for (news, start) in [
        ("", "info: "),
        ("[]", "info: "),
        ("null", "info: "),
        (r#"{"theme": "blue"}"#, "theme: "),
        (r#"{"theme": "light", "window": {"pixelRatio": 0}}"#, "window.pixelRatio: "),
    ] {
        let refused = host.client.update_host_info(news).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter, "{news}");
        assert!(refused.message().starts_with(start), "{news}: {refused}");
    }
    assert_eq!(host.run("ft.report(ft.getAppBaseInfo())"), base());
    host.client.shutdown();
    assert_eq!(host.client.update_host_info("{}").unwrap_err().code(), ErrorCode::Closed);
}

#[test]
fn f_m17_a_mini_program_knows_who_it_is() {
    let host = Host::new();
    for (info, env_version) in [
        (json!({}), "release"),
        (json!({"versionType": 0}), "develop"),
        (json!({"versionType": 1}), "trial"),
        (json!({"versionType": 2}), "trial"),
        (
            json!({"versionType": 3, "version": "1.2.3", "name": "N", "iconUrl": "I", "appIntro": "A", "appDeveloper": "D"}),
            "release",
        ),
        (json!({"versionType": 10}), "develop"),
    ] {
        let folder = Folder::new();
        folder.file("FinClipConf.js", "module.exports = {extApi: [{name: 'report'}]}").file(
            "app.js",
            "ft.getAppletInfo({success: applet => ft.report({applet, account: wx.getAccountInfoSync()})})",
        );
        let mut request = AppletRequest::from_json(
            &json!({"appId": "demo", "appInfo": info, "startParams": {"path": "pages/a"}}).to_string(),
        )
        .unwrap();
        request.offline_library_path = Some(folder.path().to_owned());
        let applet = host.client.start_applet_and_wait(request).unwrap();
        let seen = host.reported();
        let text = |name: &str| info[name].as_str().unwrap_or_default();
        assert_eq!(
            seen["account"],
            json!({
                "miniProgram": {"appId": "demo", "envVersion": env_version, "version": text("version")},
                "errMsg": "getAccountInfoSync:ok",
            }),
            "{info}"
        );
        assert_eq!(
            seen["applet"],
            json!({
                "appId": "demo", "appTitle": text("name"), "appAvatar": text("iconUrl"),
                "appDescription": text("appIntro"), "appThumbnail": "", "path": "pages/a",
                "userId": text("appDeveloper"), "errMsg": "getAppletInfo:ok",
            }),
            "{info}"
        );
        applet.close();
        applet.wait_until_closed(support::PATIENCE).unwrap();
    }
}

#[test]
fn f_m16_launch_options_are_known_while_app_js_runs_and_equal_what_the_hooks_get() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("FinClipConf.js", "module.exports = {extApi: [{name: 'report'}]}").file(
        "app.js",
        "const early = wx.getLaunchOptionsSync(); early.query.a = 'changed'
         let launch
         App({onLaunch(options) { launch = options },
              onShow(show) { ft.report({launch, show, early: wx.getLaunchOptionsSync(), enter: ft.getEnterOptionsSync()}) }})",
    );
    let mut request = AppletRequest::from_json(
        &json!({"appId": "demo", "startParams": {"path": "pages/a", "query": "a=1%20&b&c=x=y"}}).to_string(),
    )
    .unwrap();
    request.offline_library_path = Some(folder.path().to_owned());
    host.client.start_applet_and_wait(request).unwrap();
    let seen = host.reported();
    let expected = json!({
        "path": "pages/a", "query": {"a": "1%20", "b": "", "c": "x=y"}, "scene": 1001, "referrerInfo": {},
        "apiCategory": "default",
    });
    for at in ["launch", "show", "early", "enter"] {
        assert_eq!(seen[at], expected, "{at}");
    }
}
