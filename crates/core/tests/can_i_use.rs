//! `canIUse`: what a mini-program can use with this host, without trying it.

mod support;

use finapp_core::AppletRequest;
use serde_json::{Value, json};
use support::{Folder, Host};

/// What `canIUse` says to each of these texts.
fn said(host: &Host, before: &str, schemas: &[&str]) -> Value {
    let list = json!(schemas);
    host.run(&format!("{before}; ft.report({{said: {list}.map(schema => wx.canIUse(schema))}})"))["said"].take()
}

#[test]
fn f_m17_can_i_use_knows_built_ins_with_their_members() {
    let known = [
        "canIUse",
        "getSystemInfo",
        "getSystemInfo.success",
        "getSystemInfo.success.screenWidth",
        "getSystemInfo.success.safeArea.top",
        "getSystemInfo.object",
        "getSystemInfo.object.complete",
        "getSystemInfoSync.return.SDKVersion",
        "getWindowInfo.return.safeArea",
        "getDeviceInfo.return.errMsg",
        "getAccountInfoSync.return.miniProgram.envVersion",
        "getAppletInfo.success.appTitle",
        "loadExtApi",
        "invokeNativePlugin.object.api_name",
        "invokeNativePlugin.object.progress",
        "onAppShow",
        "onAppShow.callback.query",
        "onUnhandledRejection.callback.reason",
        "offCustomEvent",
        "getLaunchOptionsSync.return.scene",
        "console",
        "console.log",
        "console.groupEnd",
    ];
    assert_eq!(said(&Host::new(), "", &known), json!(vec![true; known.len()]), "{known:?}");
    let unknown = [
        "",
        ".",
        "getSystemInfos",
        "getsysteminfo",
        "getSystemInfo.",
        "getSystemInfo.success.",
        "getSystemInfo.return",
        "getSystemInfo.success.screenWidths",
        "getSystemInfo.success.screenWidth.more",
        "getSystemInfo.object.data",
        "getSystemInfoSync.success",
        "getSystemInfoSync.object",
        "getSystemInfoSync.return.__proto__",
        "getSystemInfoSync.return.constructor",
        "onAppShow.callback.nothing",
        "onAppHide.callback.path",
        "console.table",
        "console.",
        "toString",
        "__proto__",
        "hasOwnProperty",
        "button.open-type.share",
        "Image.src",
    ];
    assert_eq!(said(&Host::new(), "", &unknown), json!(vec![false; unknown.len()]), "{unknown:?}");
}

#[test]
fn f_m17_can_i_use_takes_anything_and_never_throws() {
    let seen = Host::new().run(
        "const bad = {toString() { throw new Error('read') }, [Symbol.toPrimitive]() { throw new Error('read') }}
         const {canIUse} = wx
         const given = [undefined, null, 1, true, Symbol('getSystemInfo'), {}, bad, ['getSystemInfo'], () => 1,
           new String('getSystemInfo'), 'x'.repeat(100000), 'a.'.repeat(50000), '\\ud800', '\\0']
         ft.report({said: given.map(schema => canIUse(schema)), none: canIUse(), detached: canIUse('getSystemInfo')})",
    );
    assert_eq!(seen, json!({"said": vec![false; 14], "none": false, "detached": true}));
}

#[test]
fn f_m17_a_custom_api_can_be_used_when_it_is_declared_and_registered() {
    let host = Host::new();
    for name in ["scan", "undeclared"] {
        host.answers(name, json!({}));
    }
    host.client.register_sync_api("level", |_, (): ()| Ok(1)).unwrap();
    let declare = "ft.loadExtApi([{name: 'scan'}, {name: 'level', sync: true}, {name: 'nobody'}]); wx.made = () => {}";
    let schemas = [
        "scan",
        "scan.object.success",
        "scan.object",
        "level",
        "level.object.success",
        "nobody",
        "undeclared",
        "made",
        "scan.success.code",
        "scan.return",
    ];
    let expected = json!([true, true, true, true, false, false, false, false, false, false]);
    assert_eq!(said(&host, declare, &schemas), expected);
}

#[test]
fn f_m17_can_i_use_follows_registrations_as_they_come_and_go() {
    let host = Host::new();
    host.open("demo", "ft.loadExtApi({name: 'late'}); ft.onCustomEvent(() => ft.report({late: ft.canIUse('late')}))");
    for expected in [false, true, false] {
        if expected {
            host.answers("late", json!({}));
        } else {
            host.client.unregister_custom_api("late").unwrap();
        }
        host.send("demo", json!({}));
        assert_eq!(host.reported(), json!({"late": expected}));
    }
}

#[test]
fn f_m17_an_overwritten_built_in_can_be_used_but_nobody_knows_what_it_answers() {
    let host = Host::new();
    host.client.register_sync_api("getDeviceInfo", |_, (): ()| Ok(json!({"own": true}))).unwrap();
    let overwrite = "ft.loadExtApi([{name: 'getDeviceInfo', sync: true, overwrite: true}])";
    assert_eq!(said(&host, overwrite, &["getDeviceInfo", "getDeviceInfo.return.model"]), json!([true, false]));
}

#[test]
fn f_m17_what_the_host_denies_to_a_mini_program_it_cannot_use() {
    let host = Host::new();
    host.answers("scan", json!({}));
    let folder = Folder::new();
    folder.file("FinClipConf.js", "module.exports = {extApi: [{name: 'report'}, {name: 'scan'}]}").file(
        "app.js",
        "ft.report({scan: ft.canIUse('scan'), device: ft.canIUse('getDeviceInfo'), window: ft.canIUse('getWindowInfo')})",
    );
    let mut request = AppletRequest::local("demo", folder.path());
    request.black_list = ["scan", "getDeviceInfo"].map(str::to_owned).into();
    host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(host.reported(), json!({"scan": false, "device": false, "window": true}));
}
