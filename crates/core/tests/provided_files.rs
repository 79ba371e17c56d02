//! Files that providers give, and what the user has allowed: neither side sees the other's paths, and a word once said
//! stays said.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::HostCall;
use finapp_core::{Config, ErrorCode, FinAppClient};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use support::{Folder, Host, PATIENCE, next, payload};

/// A picture of 3 by 2 points, as far as anybody here looks.
const GIF: &[u8] = b"GIF89a\x03\0\x02\0 and so on";

fn with(folder: &Folder, providers: Value) -> Config {
    let text = json!({"providers": providers, "dataDir": folder.path().join("data")}).to_string();
    Config::from_json(&text).unwrap()
}

fn gif(folder: &Folder) -> String {
    let path = folder.path().join("secret-name.gif");
    std::fs::write(&path, GIF).unwrap();
    path.to_str().unwrap().to_owned()
}

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
fn f_h15_a_picked_file_is_copied_and_has_a_path_of_the_mini_program() {
    let folder = Folder::new();
    let path = gif(&folder);
    let taken = folder.path().join("taken.gif");
    std::fs::copy(&path, &taken).unwrap();
    let host = Host::with(with(
        &folder,
        json!({
            "chooseImage": [{"tempFiles": [{"path": taken, "temporary": true}]}, {"tempFilePaths": [path, path]}],
            "chooseMedia": {"tempFiles": [{"path": path, "width": 3, "height": 2, "thumbTempFilePath": path, "secret": path}]},
        }),
    ));
    let saves = holds(&host.client, "saveImageToPhotosAlbum");
    let shows = holds(&host.client, "previewImage");
    host.client.set_provider("authorize", |call: HostCall| assert!(call.reply.success(payload(json!({}))))).unwrap();
    host.open(
        "demo",
        "(async () => {
            const one = await wx.chooseImage({count: 1});
            const two = await wx.chooseImage();
            const media = await wx.chooseMedia();
            const src = one.tempFilePaths[0];
            const info = await wx.getImageInfo({src});
            const data = await ft.getLocalImgData({path: src});
            await wx.previewImage({urls: [src, 'https://example.com/a.png', 'images/in-package.png'], current: src});
            await wx.saveImageToPhotosAlbum({filePath: src});
            ft.report({one, two, media, info, data, different: new Set(two.tempFilePaths).size});
        })().catch(e => ft.report({failed: e.errMsg || String(e)}))",
    );
    let call = next(&shows);
    let shown = params(&call);
    let real = shown["urls"][0].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read(&real).unwrap(), GIF);
    assert_eq!(shown["current"], real.as_str());
    assert_eq!(shown["urls"][1], "https://example.com/a.png");
    assert_eq!(shown["urls"][2], "images/in-package.png");
    call.reply.success(payload(json!({})));
    let call = next(&saves);
    assert_eq!(params(&call), json!({"filePath": real}));
    call.reply.success(payload(json!({})));
    let said = host.reported();
    let src = said["one"]["tempFilePaths"][0].as_str().unwrap();
    assert!(src.starts_with("wxfile://tmp_") && src.ends_with(".gif"), "{said}");
    assert_eq!(said["one"]["tempFiles"], json!([{"path": src, "size": GIF.len()}]));
    assert_eq!(said["different"], 2);
    let media = &said["media"]["tempFiles"][0];
    assert_eq!((&said["media"]["type"], &media["fileType"]), (&json!("image"), &json!("image")));
    assert_eq!((&media["width"], &media["size"], &media["secret"]), (&json!(3), &json!(GIF.len()), &Value::Null));
    assert_eq!(
        said["info"],
        json!({"errMsg": "getImageInfo:ok", "width": 3, "height": 2, "type": "gif", "orientation": "up", "path": src})
    );
    assert_eq!(said["data"]["localData"], "data:image/gif;base64,R0lGODlhAwACACBhbmQgc28gb24=");
    assert!(!taken.exists() && std::fs::read(&path).unwrap() == GIF, "only what was made for the answer goes");
    // Neither the host's file nor the sandbox shows.
    let text = said.to_string();
    assert!(!text.contains("secret-name") && !text.contains(folder.path().to_str().unwrap()), "{text}");
}

#[test]
fn h_a36_no_path_of_the_host_reaches_the_mini_program_when_a_pick_fails() {
    let folder = Folder::new();
    let path = gif(&folder);
    let missing = format!("{path}.missing");
    let inside = folder.path().to_str().unwrap().to_owned();
    let host = Host::with(with(
        &folder,
        json!({"chooseImage": [
            {"tempFiles": [missing]}, {"tempFiles": [inside]}, {"tempFiles": ["relative.gif"]}, {"tempFiles": []},
            {"tempFiles": [path, path, path]}, {"tempFiles": [{"size": 1}]}, {"tempFiles": path}, {},
        ]}),
    ));
    let script = "(async () => {
        const said = [];
        for (let at = 0; at < 8; at++) await wx.chooseImage({count: 2}).catch(r => said.push([r.errMsg, r.errCode]));
        ft.report({said});
    })()";
    let result = ErrorCode::HandlerResult.number();
    let wrong = |text: &str| {
        json!([format!("chooseImage:fail the provider answered wrongly: answer.tempFiles{text};"), result])
    };
    assert_eq!(
        host.run(script)["said"],
        json!([
            ["chooseImage:fail the host's file cannot be read", result],
            ["chooseImage:fail the host's file is none", result],
            ["chooseImage:fail the host's file cannot be read", result],
            wrong(" has 0 items where 1 to 2 were asked for"),
            wrong(" has 3 items where 1 to 2 were asked for"),
            wrong("[0] names no file"),
            wrong(" should be Array instead of String"),
            wrong(" should be Array instead of Undefined"),
        ])
    );
}

#[test]
fn h_a27_a_path_that_leaves_the_files_of_the_mini_program_reaches_no_provider() {
    let host = Host::new();
    let opened = holds(&host.client, "openDocument");
    let shown = holds(&host.client, "previewImage");
    let script = "(async () => {
        const said = [];
        for (const filePath of ['/etc/passwd', 'wxfile://usr/../../x', 'wxfile://tmp_none.pdf', 'file:///etc/passwd'])
            await wx.openDocument({filePath}).catch(r => said.push(r.errCode));
        for (const url of ['file:///etc/passwd', 'wxfile://tmp_../x', 'content://x'])
            await wx.previewImage({urls: [url]}).catch(r => said.push(r.errCode));
        ft.report({said});
    })()";
    let (parameter, missing) = (ErrorCode::Parameter.number(), ErrorCode::NotFound.number());
    let unsupported = ErrorCode::Unsupported.number();
    assert_eq!(
        host.run(script)["said"],
        json!([unsupported, parameter, missing, parameter, parameter, parameter, parameter])
    );
    assert!(opened.try_recv().is_err() && shown.try_recv().is_err());
}

#[test]
fn f_m22_the_user_is_asked_once_for_a_scope_and_the_word_outlasts_the_run() {
    let folder = Folder::new();
    let script = "(async () => {
        const said = [];
        const all = [wx.getLocation(), wx.chooseLocation(), wx.authorize({scope: 'scope.userLocation'}),
            wx.saveImageToPhotosAlbum({filePath: 'wxfile://tmp_none'})];
        for (const one of all) await one.then(r => said.push(r.errMsg), r => said.push([r.errMsg, r.errCode]));
        wx.clearStorageSync();
        said.push(wx.getStorageInfoSync().keys, (await wx.getSetting()).authSetting);
        ft.report({said});
    })()";
    let place = json!({"latitude": 1.5, "longitude": 2});
    let denied = json!(["saveImageToPhotosAlbum:fail auth deny", ErrorCode::Denied.number()]);
    let expected = json!([
        "getLocation:ok", "chooseLocation:ok", "authorize:ok", denied, [],
        {"scope.userLocation": true, "scope.writePhotosAlbum": false}
    ]);
    for run in 0..2 {
        let providers = json!({"getLocation": place, "chooseLocation": place, "saveImageToPhotosAlbum": {}});
        let host = Host::with(with(&folder, providers));
        let asked = holds(&host.client, "authorize");
        host.open("demo", script);
        if run == 0 {
            let mut scopes = Vec::new();
            for _ in 0..2 {
                let call = next(&asked);
                let params = params(&call);
                let allowed = params["scope"] == "scope.userLocation";
                scopes.push(params);
                call.reply.success(payload(json!({ "authorized": allowed })));
            }
            scopes.sort_by_key(Value::to_string);
            assert_eq!(scopes[0]["api"], "getLocation");
            assert_eq!(scopes[1], json!({"scope": "scope.writePhotosAlbum", "api": "saveImageToPhotosAlbum"}));
        }
        assert_eq!(host.reported()["said"], expected, "run {run}");
        assert!(asked.try_recv().is_err(), "asked again");
        host.client.shutdown();
        host.client.wait_until_closed(PATIENCE).unwrap();
    }
    // What the host clears is asked for again.
    let host = Host::with(with(&folder, json!({"getLocation": place})));
    host.client.clear_applet_data("demo", None).unwrap();
    let asked = holds(&host.client, "authorize");
    host.open("demo", "wx.getLocation().catch(r => ft.report(r))");
    next(&asked).reply.cancel(payload(json!({})));
    assert_eq!(host.reported()["errMsg"], "getLocation:fail auth deny");
}

#[test]
fn f_m22_the_page_of_the_host_changes_what_was_allowed() {
    let folder = Folder::new();
    let host = Host::with(with(
        &folder,
        json!({"getLocation": {"latitude": 1, "longitude": 2}, "authorize": {"authorized": false}}),
    ));
    let setting = holds(&host.client, "openSetting");
    host.open(
        "demo",
        "(async () => {
            const said = [];
            const say = (r) => said.push(r.authSetting || r.errMsg);
            await wx.getLocation().then(say, say);
            await wx.openSetting().then(say, say);
            await wx.getLocation().then(say, say);
            await wx.openSetting().then(say, say);
            await wx.openSetting().then(say, say);
            ft.report({said});
        })()",
    );
    let call = next(&setting);
    assert_eq!(params(&call), json!({"authSetting": {"scope.userLocation": false}}));
    call.reply.success(payload(json!({"authSetting": {"scope.userLocation": true, "scope.none": true}})));
    next(&setting).reply.success(payload(json!({"authSetting": {"scope.camera": "yes"}})));
    next(&setting).reply.cancel(payload(json!({})));
    assert_eq!(
        host.reported()["said"],
        json!([
            "getLocation:fail auth deny",
            {"scope.userLocation": true},
            "getLocation:ok",
            "openSetting:fail the provider answered wrongly: authSetting.scope.camera: expected a Boolean",
            "openSetting:fail cancel",
        ])
    );
}

#[test]
fn f_m22_a_call_that_waits_for_a_word_goes_on_when_the_one_that_asked_failed() {
    let host = Host::new();
    host.client
        .set_provider("getLocation", |call: HostCall| {
            call.reply.success(payload(json!({"latitude": 1, "longitude": 2})));
        })
        .unwrap();
    let asked = holds(&host.client, "authorize");
    host.open(
        "demo",
        "const say = r => ft.report({said: r.errMsg});
        wx.getLocation().then(say, say); wx.getLocation().then(say, say);
        ft.onCustomEvent(() => wx.getLocation().then(say, say))",
    );
    next(&asked).reply.fail(payload(json!({"errMsg": "no window"})));
    for _ in 0..2 {
        assert_eq!(host.reported()["said"], "getLocation:fail no window");
    }
    // Nothing was noted, so the user is asked again.
    host.send("demo", json!({}));
    next(&asked).reply.success(payload(json!({})));
    assert_eq!(host.reported()["said"], "getLocation:ok");
}
