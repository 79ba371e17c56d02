//! What a host does with applets: start them from a folder or a zip, see and close them, hear what happens to them.
#![expect(clippy::disallowed_methods, reason = "the tests write the packages and the data they are about")]
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{
    AppletRequest, AppletState, CloseReason, Config, ErrorCode, LifeCycleEvent, MemoryLevel, StartParams,
};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::sync::mpsc::channel;
use support::alone::until;
use support::{Folder, Host, PATIENCE, next, payload};
use zip::write::SimpleFileOptions;

const APP: &str = "ft.loadExtApi([{name: 'report'}]); App({onLaunch(options) { ft.report(options) }})";

#[test]
fn f_h13_a_request_that_cannot_be_served_is_refused_by_the_name_of_its_field() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("app.js", "");
    for (request, start) in [
        (AppletRequest::default(), "appId: expected"),
        (AppletRequest::local("a/b", folder.path()), "appId: expected"),
        (AppletRequest { app_id: "demo".to_owned(), ..AppletRequest::default() }, "offlineLibraryPath: expected"),
    ] {
        let refused = host.client.start_applet_and_wait(request).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter);
        assert!(refused.message().starts_with(start), "{refused}");
    }
    for (text, start) in [
        (r#"{"appId": 5}"#, "appId: "),
        (r#"{"startParams": {"query": []}}"#, "startParams.query: "),
        ("[", "request: "),
    ] {
        let refused = AppletRequest::from_json(text).unwrap_err();
        assert!(refused.code() == ErrorCode::Parameter && refused.message().starts_with(start), "{refused}");
    }
}

#[test]
fn f_h13_a_package_that_cannot_be_read_or_does_not_start_is_refused_and_the_refusal_names_the_file() {
    let host = Host::new();
    let broken_zip = Folder::new();
    broken_zip.file("package.zip", "this is no zip");
    let empty = Folder::new();
    let throws = Folder::new();
    throws.file("app.js", "const fine = 1\nApp({})\nundefined.member");
    let no_javascript = Folder::new();
    no_javascript.file("app.js", "App({");
    for (path, part) in [
        (broken_zip.path().join("package.zip"), ""),
        (broken_zip.path().join("missing.zip"), "offlineLibraryPath: expected a folder or a zip"),
        (empty.path().to_owned(), "app.js"),
        (throws.path().to_owned(), "app.js:3"),
        (no_javascript.path().to_owned(), "app.js"),
    ] {
        let refused = host.client.start_applet_and_wait(AppletRequest::local("demo", path)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadPackage, "{refused}");
        assert!(refused.message().contains(part), "{part} in {refused}");
        assert!(host.client.running_applets().is_empty());
        assert!(matches!(host.closed("demo"), CloseReason::Failed(error) if error == refused));
    }
}

/// A zip of these files.
fn zipped(folder: &Folder, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = folder.path().join("package.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

#[test]
fn f_h13_a_folder_and_a_zip_of_the_same_files_run_alike() {
    let files = [
        ("app.json", "{}"),
        ("FinClipConf.js", "module.exports = {extApi: [{name: 'report'}]}"),
        ("app.js", "const words = require('./text/words'); ft.report({words})"),
        ("text/words.js", "module.exports = ['from', 'a', 'file']"),
    ];
    let folder = Folder::new();
    for (name, text) in files {
        folder.file(name, text);
    }
    let holder = Folder::new();
    let zip = zipped(&holder, &files);
    let host = Host::new();
    for path in [folder.path().to_owned(), zip] {
        let applet = host.client.start_applet_and_wait(AppletRequest::local("demo", path)).unwrap();
        assert_eq!(host.reported(), json!({"words": ["from", "a", "file"]}));
        applet.close();
        host.closed("demo");
    }
}

#[test]
fn f_h13_on_launch_and_on_show_get_the_start_parameters() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file(
        "app.js",
        "ft.loadExtApi([{name: 'report'}]); const seen = [];
         wx.onAppShow(options => { seen.push(['listener', options.path]); ft.report({seen}) });
         App({globalData: 7,
           onLaunch({path, query, scene}) { seen.push(['launch', path, query, scene, this.globalData, getApp() === this]) },
           onShow({path}) { seen.push(['show', path]) }})",
    );
    let mut request = AppletRequest::local("demo", folder.path());
    let query = Some("aaa=test&bbb=1%2B2".to_owned());
    request.start_params = Some(StartParams { path: Some("pages/index/index".to_owned()), query });
    host.client.start_applet_and_wait(request).unwrap();
    let path = "pages/index/index";
    let launch = json!(["launch", path, {"aaa": "test", "bbb": "1%2B2"}, 1001, 7, true]);
    assert_eq!(host.reported()["seen"], json!([launch, ["show", path], ["listener", path]]));
}

#[test]
fn f_h13_start_applet_returns_at_once_and_tells_later() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("app.js", APP);
    let (sender, started) = channel();
    let other = sender.clone();
    host.client.start_applet(AppletRequest::local("demo", folder.path()), move |outcome| {
        drop(sender.send(outcome.map(|applet| applet.app_id().to_owned())));
    });
    assert_eq!(next(&started), Ok("demo".to_owned()));
    host.client.start_applet(AppletRequest::local("demo", "/nowhere"), move |outcome| {
        drop(other.send(outcome.map(|applet| applet.generation().0.to_string())));
    });
    assert_eq!(next(&started), Ok("1".to_owned()), "the one that runs is given, whatever the package says");
}

#[test]
fn f_h13_the_list_shows_every_running_applet_with_its_state() {
    let host = Host::new();
    let calls = host.hands_over("pay");
    assert!(host.client.running_applets().is_empty());
    host.open("second", "ft.loadExtApi([{name: 'pay'}]); ft.pay()");
    host.open("first", "wx.onAppHide(() => ft.report({hidden: true}))");
    let open = next(&calls);
    host.client.set_background("first").unwrap();
    host.reported();
    let list: Vec<_> = host
        .client
        .running_applets()
        .into_iter()
        .map(|info| (info.app_id, info.state, info.calls_in_flight.min(1)))
        .collect();
    assert_eq!(list[0].0, "first");
    assert_eq!(list[0].1, AppletState::Background);
    assert_eq!(list[1], ("second".to_owned(), AppletState::Foreground, 1));
    assert_eq!(host.client.applet("first").unwrap().state(), AppletState::Background);
    assert!(host.client.applet("third").is_none());
    drop(open);
}

#[test]
fn f_h13_each_part_of_a_life_is_told_in_order() {
    let host = Host::new();
    let applet = host.open(
        "demo",
        "App({onShow() {}, onHide() {}}); wx.onAppHide(() => ft.report({shown: false})); wx.onAppShow(() => ft.report({shown: true}))",
    );
    let next_event = || host.event(|event| (event.app_id() == "demo").then(|| event.name()));
    assert_eq!((host.reported(), next_event()), (json!({"shown": true}), "opened"));
    applet.set_visible(false);
    assert_eq!((host.reported(), next_event()), (json!({"shown": false}), "background"));
    applet.set_visible(true);
    assert_eq!((host.reported(), next_event()), (json!({"shown": true}), "foreground"));
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    assert_eq!(next_event(), "closed");
}

#[test]
fn f_h13_a_close_says_why() {
    let host = Host::with_limits(|limits| limits.turn_foreground_ms = 200);
    host.open("polite", "App({})").close();
    assert_eq!(host.closed("polite"), CloseReason::Host);
    host.open("failing", "setTimeout(() => { while (true) {} })");
    let failed = host.closed("failing");
    assert_eq!((failed.name(), failed.error().unwrap().code()), ("error", ErrorCode::Timeout));
    host.open("last", "App({})");
    host.client.shutdown();
    assert_eq!(host.closed("last"), CloseReason::Shutdown);
}

#[test]
fn f_h13_unknown_applets_are_a_code() {
    let host = Host::new();
    for refused in [
        host.client.close_applet("nobody").unwrap_err(),
        host.client.set_foreground("nobody").unwrap_err(),
        host.client.set_background("nobody").unwrap_err(),
    ] {
        assert_eq!(refused.code(), ErrorCode::AppletNotFound);
    }
}

#[test]
fn f_h13_all_applets_close_at_once_and_can_start_again() {
    let host = Host::new();
    for app_id in ["a", "b", "c"] {
        host.open(app_id, "App({})");
    }
    host.client.close_all_applets();
    host.client.wait_until_closed(PATIENCE).unwrap();
    assert!(host.client.running_applets().is_empty());
    let again = host.open("a", "ft.onCustomEvent(ft.report)");
    assert_eq!(again.state(), AppletState::Foreground);
    again.send_custom_event(payload(json!({"again": 1}))).unwrap();
    assert_eq!(host.reported(), json!({"again": 1}));
}

#[test]
fn f_h13_data_of_a_running_applet_is_not_cleared_and_that_of_others_only_for_the_user_named() {
    let data = Folder::new();
    let file = |user: &str, app_id: &str| data.path().join(user).join(app_id).join("store");
    for (user, app_id) in [("user-ada", "demo"), ("user-ada", "other"), ("user-bob", "demo")] {
        data.file(&format!("{user}/{app_id}/store"), "kept");
    }
    let config =
        Config { data_dir: Some(data.path().to_owned()), current_user_id: Some("ada".to_owned()), ..Config::default() };
    let host = Host::with(config);
    let applet = host.open("demo", "App({})");
    assert_eq!(host.client.clear_applet_data("demo", None).unwrap_err().code(), ErrorCode::Busy);
    let too_long = "x".repeat(81);
    for (app_id, user) in [("../demo", None), ("demo", Some(too_long.as_str()))] {
        assert_eq!(host.client.clear_applet_data(app_id, user).unwrap_err().code(), ErrorCode::Parameter);
    }
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    host.client.clear_applet_data("demo", None).unwrap();
    until("the data is gone", || !file("user-ada", "demo").exists());
    assert!(file("user-ada", "other").exists() && file("user-bob", "demo").exists());
}

#[test]
fn f_h13_a_critical_memory_level_closes_what_is_in_the_background_and_nothing_else() {
    let host = Host::new();
    for app_id in ["seen", "hidden"] {
        host.open(app_id, "wx.onAppHide(() => ft.report({})); ft.onCustomEvent(ft.report)");
    }
    host.client.set_background("hidden").unwrap();
    host.reported();
    host.client.set_memory_level(MemoryLevel::Moderate);
    host.client.set_memory_level(MemoryLevel::Low);
    host.send("hidden", json!({"still": "here"}));
    assert_eq!(host.reported(), json!({"still": "here"}));
    host.client.set_memory_level(MemoryLevel::Critical);
    assert_eq!(host.closed("hidden"), CloseReason::Memory);
    host.send("seen", json!({"still": "here"}));
    assert_eq!(host.reported(), json!({"still": "here"}));
}

#[test]
fn f_h13_an_error_in_the_script_is_told_and_ends_nothing() {
    let host = Host::new();
    host.open("demo", "ft.onCustomEvent(ft.report); setTimeout(() => { throw new Error('mine') })");
    let error = host.event(|event| match event {
        LifeCycleEvent::Error { error, .. } => Some(error.clone()),
        _ => None,
    });
    assert!(error.message().starts_with("Error: mine"), "{error}");
    host.send("demo", json!({"still": "here"}));
    assert_eq!(host.reported(), json!({"still": "here"}));
}

#[test]
fn f_h13_a_listener_that_panics_and_a_listener_that_is_taken_away_stop_nothing() {
    let host = Host::new();
    host.client.on_life_cycle(Some(std::sync::Arc::new(|_| panic!("the host's listener panics"))));
    let applet = host.open("demo", "App({})");
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    host.client.on_life_cycle(None);
    assert_eq!(host.run("ft.report({fine: true})"), json!({"fine": true}));
}

#[test]
fn f_h13_the_client_and_the_applets_own_handle_say_the_same() {
    let host = Host::new();
    let applet = host.open("demo", "ft.onCustomEvent(ft.report)");
    applet.send_custom_event(payload(json!({"by": "handle"}))).unwrap();
    assert_eq!(host.reported(), json!({"by": "handle"}));
    assert_eq!(host.client.applet("demo").unwrap().generation(), applet.generation());
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    assert_eq!(applet.state(), AppletState::Closing);
    assert!(host.client.applet("demo").is_none());
}

#[test]
fn f_h13_the_back_gesture_closes_an_applet_that_has_no_page_to_go_back_to() {
    let host = Host::new();
    let nobody = host.client.go_back("demo").unwrap_err();
    assert_eq!(nobody.code(), ErrorCode::AppletNotFound);
    let applet = host.open("demo", "");
    let other = host.open("other", "");
    assert!(!host.client.go_back("demo").unwrap());
    assert_eq!(host.closed("demo"), CloseReason::Host);
    until("the run is over", || applet.go_back().is_err_and(|error| error.code() == ErrorCode::Closed));
    assert!(!other.go_back().unwrap());
    assert_eq!(host.closed("other"), CloseReason::Host);
}

#[test]
fn f_h13_a_second_back_gesture_finds_the_applet_closing() {
    let host = Host::new();
    let calls = host.hold("hold", support::sync());
    host.open("demo", "ft.loadExtApi([{name: 'hold', sync: true}]); ft.onCustomEvent(() => ft.hold({}))");
    host.send("demo", json!({}));
    let held = next(&calls);
    assert!(!host.client.go_back("demo").unwrap());
    match host.client.go_back("demo") {
        Ok(went_back) => assert!(!went_back),
        Err(gone) => assert_eq!(gone.code(), ErrorCode::AppletNotFound),
    }
    assert_eq!(host.closed("demo"), CloseReason::Host);
    drop(held);
}
