//! What a host tells of a mini-program when it starts it: checked by field, and handed on as it stands.

mod support;

use finapp_core::ids::AppletId;
use finapp_core::{AppletRequest, Config, ErrorCode, VersionType};
use serde_json::json;
use support::alone::until;
use support::{Folder, Host};

#[test]
fn f_h09_a_description_that_is_wrong_is_refused_by_the_name_of_its_field() {
    for (info, start) in [
        (json!("demo"), "appInfo: "),
        (json!(null), "appInfo: "),
        (json!({"name": 5}), "appInfo.name: "),
        (json!({"versionType": 4}), "appInfo.versionType: expected 0, 1, 2, 3 or 10, got 4"),
        (json!({"versionType": "online"}), "appInfo.versionType: "),
        (json!({"versionType": -1}), "appInfo.versionType: "),
        (json!({"time": "today"}), "appInfo.time: "),
        (json!({"time": 0.5}), "appInfo.time: "),
        (json!({"extraData": []}), "appInfo.extraData: "),
        (json!({"title": "1"}), "appInfo"),
        (json!({"appId": "other"}), "appInfo"),
        (json!({"userId": "other"}), "appInfo"),
    ] {
        let refused = AppletRequest::from_json(&json!({"appId": "demo", "appInfo": info}).to_string()).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter, "{info}");
        assert!(refused.message().starts_with(start), "{info}: {refused}");
    }
}

#[test]
fn f_h09_every_member_of_a_description_is_kept_as_it_stands() {
    let info = json!({
        "version": "1.2.3", "versionType": 10, "time": 1_700_000_000_000_i64, "name": "\u{5c0f}\u{7a0b}\u{5e8f}",
        "iconUrl": "https://icons.example/a.png", "appIntro": "", "appDeveloper": "us", "appCategory": "tools",
        "extraData": {"nested": {"list": [1, "two", null]}},
    });
    let request = AppletRequest::from_json(&json!({"appId": "demo", "appInfo": info}).to_string()).unwrap();
    assert_eq!(request.app_info.version_type, Some(VersionType::Local));
    assert_eq!(serde_json::to_value(&request.app_info).unwrap(), info);
    assert_eq!(serde_json::to_value(AppletRequest::default().app_info).unwrap(), json!({}));
}

#[test]
fn f_h09_what_handlers_are_told_names_the_applet_its_server_and_the_user() {
    let host = Host::with(Config { current_user_id: Some("user-1".to_owned()), ..Config::default() });
    let folder = Folder::new();
    folder.file("app.js", "");
    let mut request = AppletRequest::local("demo", folder.path());
    request.api_server = Some("https://api.example".to_owned());
    request.app_info.version = Some("1.0".to_owned());
    let applet = host.client.start_applet_and_wait(request).unwrap();
    let told = json!({"appId": "demo", "apiServer": "https://api.example", "userId": "user-1", "version": "1.0"});
    assert_eq!(serde_json::to_value(applet.info()).unwrap(), told);
    let id = AppletId::parse("demo").unwrap();
    assert_eq!(host.client.mini_app_info(&id).as_deref(), Some(applet.info()));
    applet.close();
    until("nobody remembers the applet", || host.client.mini_app_info(&id).is_none());
    assert_eq!(serde_json::to_value(applet.info()).unwrap(), told, "the handle of a run still knows");
}

#[test]
fn f_h09_a_second_start_does_not_change_what_is_told_of_the_run() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("app.js", "");
    let mut request = AppletRequest::local("demo", folder.path());
    request.app_info.version = Some("1.0".to_owned());
    host.client.start_applet_and_wait(request.clone()).unwrap();
    request.app_info.version = Some("2.0".to_owned());
    let running = host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(running.info().description.version.as_deref(), Some("1.0"));
}
