//! `overwrite` and `overwriteWxApi`: when a custom API takes the place of a built-in, and when it does not.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{Handler, HostCall};
use finapp_core::{Config, CustomApiConfig, HostInfo};
use serde_json::json;
use std::sync::Arc;
use support::{Host, sync};

/// A host that answers `getAppBaseInfo` itself.
fn host(config: Config) -> Host {
    let host = Host::with(config);
    let own = |call: HostCall| {
        call.reply.success_text(r#"{"key":"test"}"#.to_owned());
    };
    host.client.register("getAppBaseInfo", Handler::Host(Arc::new(own)), sync()).unwrap();
    host
}

#[test]
fn f_h07_without_overwrite_the_built_in_stays_whatever_the_host_registered() {
    let host =
        host(Config { host: HostInfo { language: "eo".to_owned(), ..HostInfo::default() }, ..Config::default() });
    let seen = host.run(
        "const before = ft.getAppBaseInfo().language;
         ft.loadExtApi([{name: 'getAppBaseInfo', sync: true}, {name: 'getAppBaseInfo', overwrite: false}]);
         ft.report({before, after: wx.getAppBaseInfo().language, key: ft.getAppBaseInfo().key ?? null})",
    );
    assert_eq!(seen, json!({"before": "eo", "after": "eo", "key": null}));
}

#[test]
fn f_h07_what_the_host_did_not_register_replaces_nothing() {
    let host = Host::new();
    let seen = host.run(
        "ft.loadExtApi([{name: 'getAppBaseInfo', overwrite: true}]);
         ft.report({errMsg: ft.getAppBaseInfo().errMsg, version: typeof ft.getAppBaseInfo().SDKVersion})",
    );
    assert_eq!(seen, json!({"errMsg": "getAppBaseInfo:ok", "version": "string"}));
    assert!(
        host.log.lines().iter().any(|line| line.contains("is not registered by the host and cannot be overwritten"))
    );
}

#[test]
fn f_h07_the_names_of_the_bridge_itself_cannot_be_replaced_even_when_the_host_registers_them() {
    let host = Host::new();
    let names = ["loadExtApi", "invokeNativePlugin", "onCustomEvent", "offCustomEvent", "onError", "onAppShow"];
    for name in names {
        host.answers(name, json!({}));
    }
    let seen = host.run(&format!(
        "const names = {}; const before = names.map(name => ft[name]);
         ft.loadExtApi(names.map(name => ({{name, overwrite: true}})));
         ft.report({{kept: names.every((name, at) => ft[name] === before[at] && wx[name] === before[at])}})",
        json!(names)
    ));
    assert_eq!(seen, json!({"kept": true}));
}

#[test]
fn f_h07_an_entry_with_overwrite_replaces_the_built_in_on_both_objects() {
    let host = host(Config::default());
    let seen = host.run(
        "ft.loadExtApi([{name: 'getAppBaseInfo', sync: true, overwrite: true}]);
         ft.report({ft: ft.getAppBaseInfo(), wx: wx.getAppBaseInfo()})",
    );
    let own = json!({"key": "test", "errMsg": "getAppBaseInfo:ok"});
    assert_eq!(seen, json!({"ft": own, "wx": own}));
}

#[test]
fn f_h07_the_call_follows_the_entry_even_where_the_built_in_was_synchronous() {
    let host = host(Config::default());
    let seen = host.run(
        "ft.loadExtApi([{name: 'getAppBaseInfo', sync: false, overwrite: true}]);
         wx.getAppBaseInfo().then(ft.report)",
    );
    assert_eq!(seen, json!({"key": "test", "errMsg": "getAppBaseInfo:ok"}));
}

#[test]
fn f_h07_when_the_host_takes_its_own_back_the_built_in_answers_again() {
    let host = host(Config::default());
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'getAppBaseInfo', sync: true, overwrite: true}]);
         ft.onCustomEvent(() => { const {key, SDKVersion} = ft.getAppBaseInfo(); ft.report({key, version: typeof SDKVersion}) })",
    );
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"key": "test", "version": "undefined"}));
    assert!(host.client.unregister_custom_api("getAppBaseInfo").unwrap());
    host.send("demo", json!({}));
    assert_eq!(host.reported(), json!({"version": "string"}));
}

#[test]
fn f_h07_overwrite_wx_api_counts_for_every_entry_of_the_file() {
    let file = |overwrite: bool| {
        let json =
            json!({"extApi": [{"name": "getAppBaseInfo", "sync": true}], "overwriteWxApi": overwrite}).to_string();
        Config {
            custom_api_config: Some(CustomApiConfig { json: Some(json), ..CustomApiConfig::default() }),
            ..Config::default()
        }
    };
    for (overwrite, key) in [(false, json!(null)), (true, json!("test"))] {
        let seen = host(file(overwrite)).run("ft.report({key: wx.getAppBaseInfo().key ?? null})");
        assert_eq!(seen["key"], key, "overwriteWxApi: {overwrite}");
    }
}
