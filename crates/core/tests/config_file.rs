//! TCMPP's file of custom APIs, which the host brings along: by path or as text, read when an applet starts.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{Config, CustomApiConfig, Error, ErrorCode, TemplateMode};
use serde_json::{Value, json};
use support::{Folder, Host};

fn with_text(text: Value) -> CustomApiConfig {
    CustomApiConfig { json: Some(text.to_string()), ..CustomApiConfig::default() }
}

fn host(custom: CustomApiConfig) -> Host {
    let host = Host::with(Config { custom_api_config: Some(custom), ..Config::default() });
    host.echoes("customAsyncEvent");
    host.client.register_sync_api("customSyncEvent", |_, (): ()| Ok(json!({"key": "value"}))).unwrap();
    host
}

/// Starts an applet under a file with this text.
fn start_with_file(text: &str) -> (Error, String) {
    let folder = Folder::new();
    folder.file("custom-config.json", text);
    let path = folder.path().join("custom-config.json");
    let host = host(CustomApiConfig { path: Some(path.clone()), ..CustomApiConfig::default() });
    let refused = host.try_open("demo", "").unwrap_err();
    assert!(host.client.running_applets().is_empty(), "nothing half-started stays behind");
    (refused, path.display().to_string())
}

#[test]
fn f_m10_a_broken_file_is_named_with_the_place_and_what_was_expected() {
    for (text, place) in [
        ("{\n  \"extApi\": [\n    {\"name\": \"a\",}\n  ]\n}", "line 3 column 18"),
        ("", "line 1 column 0"),
        ("{} {}", "line 1 column 4"),
        (r#"{"extApi": [{"name": "a"}, {"sync": true}]}"#, ": extApi[1]: missing field `name`"),
        (r#"{"extApi": [{"name": "a", "sync": "yes"}]}"#, ": extApi[0].sync: invalid type"),
        (r#"{"extApi": [{"name": "not a name"}]}"#, ": extApi[0].name: expected the name of an api"),
        (r#"{"extApi": {"name": "a"}}"#, ": extApi: invalid type"),
        (r#"{"overwriteWxApi": 1}"#, ": overwriteWxApi: invalid type"),
        ("[]x", ""),
    ] {
        let (refused, path) = start_with_file(text);
        assert_eq!(refused.code(), ErrorCode::Parameter, "{text}");
        assert!(refused.message().starts_with(&format!("customApiConfig.path: {path}: ")), "{refused}");
        assert!(refused.message().contains(place), "{place} in {refused}");
    }
}

#[test]
fn f_m10_a_missing_file_is_named() {
    let host = host(CustomApiConfig { path: Some("/does/not/exist.json".into()), ..CustomApiConfig::default() });
    let refused = host.try_open("demo", "").unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Parameter);
    assert_eq!(refused.message(), "customApiConfig.path: /does/not/exist.json: entity not found");
}

#[test]
fn f_m10_broken_text_and_two_sources_are_refused_by_init() {
    for (custom, start) in [
        (r#"{"json": "{"}"#, "customApiConfig.json: "),
        (r#"{"json": "{\"extApi\": [{\"sync\": true}]}"}"#, "customApiConfig.json: extApi[0]: missing field `name`"),
        (r#"{"json": "{}", "path": "custom.json"}"#, "customApiConfig: expected path or json, got both"),
        (r#"{"file": "custom.json"}"#, "customApiConfig"),
        (r#"{"params": "sometimes"}"#, "customApiConfig.params: "),
    ] {
        let refused = Config::from_json(&format!(r#"{{"customApiConfig": {custom}}}"#)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Parameter, "{custom}");
        assert!(refused.message().starts_with(start), "{custom}: {refused}");
    }
}

#[test]
fn f_m10_every_name_in_the_file_is_a_member_before_the_first_line_of_the_program() {
    let text =
        json!({"extApi": [{"name": "customSyncEvent", "sync": true}, {"name": "customAsyncEvent"}], "version": 3});
    let folder = Folder::new();
    folder.file("tcmpp/custom-config.json", &text.to_string());
    let path = folder.path().join("tcmpp/custom-config.json");
    let by_path = CustomApiConfig { path: Some(path), ..CustomApiConfig::default() };
    for custom in [by_path, with_text(text)] {
        let seen = host(custom).run(
            "const now = wx.customSyncEvent();
             wx.customAsyncEvent({name: '123', age: '18'}).then(later => ft.report({now, later, ft: ft.customAsyncEvent === wx.customAsyncEvent}))",
        );
        assert_eq!(seen["now"], json!({"key": "value", "errMsg": "customSyncEvent:ok"}));
        assert_eq!(seen["later"], json!({"name": "123", "age": "18", "errMsg": "customAsyncEvent:ok"}));
        assert_eq!(seen["ft"], true);
    }
}

#[test]
fn f_m10_of_two_entries_of_one_name_the_last_counts_and_the_log_says_so() {
    let entries =
        json!({"extApi": [{"name": "customSyncEvent", "sync": false}, {"name": "customSyncEvent", "sync": true}]});
    let host = host(with_text(entries));
    assert_eq!(host.run("ft.report(wx.customSyncEvent())")["key"], "value");
    let warning = "customApiConfig.json: customSyncEvent is declared twice; the last declaration counts";
    assert!(host.log.lines().iter().any(|line| line == warning), "{:?}", host.log.lines());
}

#[test]
fn f_m10_a_registered_name_that_is_not_listed_is_reached_by_invoke_native_plugin_alone() {
    let host = host(with_text(json!({"extApi": []})));
    let seen = host.run(
        "wx.invokeNativePlugin({api_name: 'customAsyncEvent', data: {a: 1}})
           .then(({a}) => ft.report({a, member: typeof wx.customAsyncEvent}))",
    );
    assert_eq!(seen, json!({"a": 1, "member": "undefined"}));
}

#[test]
fn f_m10_expose_registered_makes_every_registered_name_a_member_in_its_own_style() {
    let listed = json!({"extApi": [{"name": "customAsyncEvent", "params": {"n": 0}}]}).to_string();
    let custom = CustomApiConfig {
        json: Some(listed),
        expose_registered: true,
        params: TemplateMode::Strict,
        ..CustomApiConfig::default()
    };
    let host = host(custom);
    let seen = host.run(
        "const now = wx.customSyncEvent();
         wx.customAsyncEvent({n: 'x'}).catch(({errCode}) => ft.report({now, strict: errCode, builtIn: ft.getAppBaseInfo().errMsg}))",
    );
    assert_eq!(seen["now"]["key"], "value");
    assert_eq!(seen["strict"], ErrorCode::Parameter.number(), "what the file says of a name stands");
    assert_eq!(seen["builtIn"], "getAppBaseInfo:ok");
}

#[test]
fn f_m10_templates_of_the_file_warn_by_default_and_fail_or_rest_when_told_to() {
    let entry = json!({"extApi": [{"name": "customAsyncEvent", "params": {"name": "", "age": ""}}]});
    let mismatch = "parameter.age should be String instead of Number;";
    for (mode, fails, warns) in [
        (None, false, true),
        (Some(TemplateMode::Off), false, false),
        (Some(TemplateMode::Warn), false, true),
        (Some(TemplateMode::Strict), true, false),
    ] {
        let mut custom = with_text(entry.clone());
        if let Some(mode) = mode {
            custom.params = mode;
        }
        let host = host(custom);
        let seen = host.run("wx.customAsyncEvent({name: 'kka', age: 22}).then(ft.report, ft.report)");
        let expected = if fails {
            json!({"errMsg": format!("customAsyncEvent:fail parameter error: {mismatch}"), "errCode": 10001})
        } else {
            json!({"name": "kka", "age": 22, "errMsg": "customAsyncEvent:ok"})
        };
        assert_eq!(seen, expected, "{mode:?}");
        let warned = host.log.lines().iter().any(|line| line == &format!("customAsyncEvent: {mismatch}"));
        assert_eq!(warned, warns, "{mode:?}");
    }
}

#[test]
fn f_m10_the_package_cannot_take_a_name_of_the_file_without_overwrite() {
    let host = host(with_text(json!({"extApi": [{"name": "customSyncEvent", "sync": true}]})));
    let folder = Folder::new();
    folder.file(
        "FinClipConf.js",
        "module.exports = {extApi: [{name: 'customSyncEvent', sync: false}, {name: 'report'}]}",
    );
    folder.file("app.js", "ft.report({key: ft.customSyncEvent().key})");
    host.open_folder("demo", folder).unwrap();
    assert_eq!(host.reported(), json!({"key": "value"}));
}
