//! `finapp check`: what is used, what is missing, and where.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs and does not get fails the test")]

mod support;

use serde_json::{Value, json};
use support::{Folder, finapp};

fn report(package: &Folder, more: &[&str]) -> (i32, Value) {
    let mut arguments = vec!["check", package.text(), "--json"];
    arguments.extend(more);
    let ran = finapp(&arguments);
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}")))
}

/// The findings as `rule file:line text`.
fn findings(report: &Value) -> Vec<String> {
    let text = |finding: &Value| {
        let part = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}:{} {}", part("rule"), part("file"), finding["line"], part("text"))
    };
    report["findings"].as_array().unwrap().iter().map(text).collect()
}

fn kind<'a>(report: &'a Value, name: &str) -> &'a str {
    let apis = report["apis"].as_array().unwrap();
    apis.iter().find(|api| api["name"] == name).and_then(|api| api["kind"].as_str()).unwrap_or("not named")
}

#[test]
fn f_p09_an_api_that_nobody_offers_is_missing_and_named_with_its_place() {
    let package = Folder::with(&[(
        "app.js",
        "App({})\nwx.setStorageSync('a', 1)\nwx.fly({})\nif (wx.swim) wx.swim()\nwx.mine = 1\nwx.mine\nft.pay({})\n",
    )]);
    let (code, first) = report(&package, &[]);
    assert_eq!(code, 1);
    assert_eq!(
        findings(&first),
        [
            "api app.js:3 fly is neither offered by the library nor declared",
            "api app.js:7 pay is neither offered by the library nor declared",
            "optionalApi app.js:4 swim is not offered; the program asks whether it is there",
        ]
    );
    for (name, expected) in
        [("setStorageSync", "builtIn"), ("fly", "missing"), ("swim", "optional"), ("mine", "own"), ("pay", "missing")]
    {
        assert_eq!(kind(&first, name), expected, "{name}");
    }
    let places = first["apis"].as_array().unwrap().iter().find(|api| api["name"] == "fly").unwrap()["places"].clone();
    assert_eq!(places, json!(["app.js:3"]));
}

#[test]
fn f_p09_declared_apis_come_from_every_place_that_declares() {
    let package = Folder::with(&[
        (
            "FinClipConf.js",
            "const names = ['pay', 'scan']\nmodule.exports = { extApi: names.map((name) => ({ name })) }",
        ),
        ("app.js", "ft.loadExtApi([{ name: 'late' }])\nft.pay()\nft.scan()\nft.late()\nwx.card()\n"),
    ]);
    let files = Folder::with(&[
        ("apis.json", r#"{"extApi": [{"name": "card"}]}"#),
        ("host.json", r#"{"apis": {"pay": {}, "card": {}, "late": {}}}"#),
    ]);
    let (code, first) = report(&package, &["--custom-apis", &files.at("apis.json")]);
    assert_eq!((code, findings(&first)), (0, Vec::new()));
    assert_eq!(first["declared"], json!(["card", "late", "pay", "scan"]));
    let answered = ["--custom-apis", &files.at("apis.json"), "--providers", &files.at("host.json")];
    let (code, second) = report(&package, &answered);
    assert_eq!(code, 1);
    assert_eq!(findings(&second), ["unanswered :0 scan is declared, and the host does not answer it"]);
}

#[test]
fn f_p09_pages_components_modules_and_syntax_are_looked_at() {
    let package = Folder::with(&[
        ("app.js", "require('./gone')\nrequire('npm')\neval('1')\n"),
        (
            "app.json",
            r#"{"pages": ["p/a", "p/b"], "subpackages": [{"root": "s", "pages": ["c"]}],
                "tabBar": {"list": [{"pagePath": "p/z"}]}}"#,
        ),
        ("p/a.js", "Page({\n  data: ]\n})"),
        ("p/a.wxml", ""),
        ("p/a.json", r#"{"usingComponents": {"card": "/ui/card", "gone": "/ui/gone", "own": "plugin://x/y"}}"#),
        ("ui/card.js", ""),
        ("ui/card.wxml", ""),
        ("ui/card.json", r#"{"usingComponents": {"deep": "./deep"}}"#),
        ("p/b.js", ""),
    ]);
    let (code, report) = report(&package, &[]);
    assert_eq!(code, 1);
    let found = findings(&report);
    for expected in [
        "module app.js:1 module './gone' is not there",
        "module app.js:2 module 'npm' is not there",
        "eval app.js:3 eval makes code of text",
        "page app.json:0 p/b.wxml is not there",
        "page app.json:0 s/c.js is not there",
        "page app.json:0 tabBar: p/z is not among the pages",
        "component p/a.json:0 gone: /ui/gone is not there",
        "component p/a.json:0 own: app.json names no plugin x",
        "component ui/card.json:0 deep: ./deep is not there",
    ] {
        assert!(found.iter().any(|finding| finding == expected), "{expected} in {found:#?}");
    }
    assert!(found.iter().any(|finding| finding.starts_with("syntax p/a.js:2 ")), "{found:#?}");
    assert_eq!(found.len(), 10, "{found:#?}");
}

#[test]
fn f_p09_what_the_library_would_refuse_is_a_finding_and_so_is_a_configuration_that_throws() {
    let thrown = Folder::with(&[("app.js", ""), ("FinClipConf.js", "\nthrow new Error('broken')")]);
    let (code, report) = report(&thrown, &[]);
    assert_eq!(code, 1);
    assert!(findings(&report)[0].contains("FinClipConf.js:2"), "{report:#}");
    let empty = Folder::with(&[("a.js", "")]);
    assert_eq!(
        findings(&self::report(&empty, &[]).1),
        ["package :0 app.js: expected a regular file in the root of the package"]
    );
    let large = Folder::with(&[("app.js", ""), ("data.txt", &"x".repeat(65 * 1024 * 1024))]);
    assert_eq!(findings(&self::report(&large, &[]).1), ["package :0 package bytes: expected at most 67108864"]);
    assert_eq!(finapp(&["check", "/nowhere"]).code, 3);
}

#[test]
fn f_p09_the_report_is_text_for_people_and_without_colours_in_a_pipe() {
    let package = Folder::with(&[("app.js", "wx.fly()\nwx.canIUse('fly')\nwx.getStorageSync('a')\n")]);
    let ran = finapp(&["check", package.text()]);
    assert_eq!(
        ran.out,
        "1 files, 50 bytes\nbuilt-in: canIUse getStorageSync\noptional: fly\n\
         warning app.js:1: fly is not offered; the program asks whether it is there\nnothing is missing\n"
    );
}

const PLUGIN_APP: &str = r#"{"plugins": {
    "hello": {"provider": "wxhello", "export": "api.js"}, "gone": {"provider": "wxgone"}}, "pages": ["p"]}"#;

#[test]
fn f_m11_what_a_plugin_needs_and_does_not_get_is_found() {
    let package = Folder::with(&[
        ("app.json", PLUGIN_APP),
        ("app.js", "requirePlugin('hello')\nrequirePlugin.async('nobody')\nrequire('./__plugin__/wxhello/index')\n"),
        ("p.js", "Page({})"),
        ("p.wxml", ""),
        (
            "p.json",
            r#"{"usingComponents": {"a": "plugin://hello/list", "b": "plugin://hello/none", "c": "plugin://no/x"}}"#,
        ),
        (
            "__plugin__/wxhello/plugin.json",
            r#"{"main": "main.js", "publicComponents": {"list": "list"}, "pages": {"shop": "shop"}}"#,
        ),
        ("__plugin__/wxhello/index.js", "require('./own')\nrequire('../../app')\nrequire('/own')\n"),
        ("__plugin__/wxhello/own.js", ""),
        ("__plugin__/wxhello/list.js", "Component({})"),
        ("__plugin__/wxhello/list.wxml", ""),
        ("__plugin__/wxhello/list.json", r#"{"usingComponents": {"x": "/p", "y": "plugin://hello/list"}}"#),
        ("__plugin__/wxspare/index.js", ""),
    ]);
    let (code, found) = report(&package, &[]);
    assert_eq!(code, 1);
    let expected = [
        "page __plugin__/wxhello/plugin.json:0 shop.js is not there",
        "component __plugin__/wxhello/list.json:0 x: /p is not there",
        "component __plugin__/wxhello/list.json:0 y: a plugin uses no components of plugins",
        "component p.json:0 b: the plugin hello gives no component none",
        "component p.json:0 c: app.json names no plugin no",
        "module __plugin__/wxhello/index.js:2 module '../../app' is not there",
        "module app.js:3 module './__plugin__/wxhello/index' is not there",
        "plugin __plugin__/wxhello/plugin.json:0 main: main.js is not there",
        "plugin app.json:0 plugin gone: __plugin__/wxgone/plugin.json not found",
        "plugin app.json:0 plugin hello: api.js is not there",
        "plugin app.json:0 wxspare is in the package, and no plugin is provided by it",
        "plugin app.js:2 app.json names no plugin nobody",
    ];
    let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
    let mut findings = findings(&found);
    expected.sort();
    findings.sort();
    assert_eq!(findings, expected);
}

#[test]
fn f_m11_an_api_must_be_declared_for_the_plugin_that_uses_it() {
    let package = Folder::with(&[
        ("app.json", r#"{"plugins": {"hello": {"provider": "wxhello"}}}"#),
        ("FinClipConf.js", "exports.extApi = [{ name: 'conf', pluginId: 'wxhello' }, { name: 'hosts' }]"),
        (
            "app.js",
            "ft.loadExtApi({ name: 'late', pluginId: ['wxhello'] })\nft.hosts()\nft.own()\nft.secret()\nwx.canIUse('x.y')\n",
        ),
        ("__plugin__/wxhello/plugin.json", "{}"),
        (
            "__plugin__/wxhello/index.js",
            "ft.loadExtApi([{ name: 'own' }, { name: 'secret', scope: 'self' }])\n\
             ft.conf()\nft.late()\nft.own()\nft.secret()\nft.hosts()\nwx.request({})\nwx.canIUse('request')\n",
        ),
    ]);
    let (_, found) = report(&package, &[]);
    assert_eq!(
        findings(&found),
        [
            "api __plugin__/wxhello/index.js:6 hosts is neither offered by the library nor declared to the plugin wxhello",
            "api __plugin__/wxhello/index.js:8 canIUse is neither offered by the library nor declared to the plugin wxhello",
            "api app.js:4 secret is neither offered by the library nor declared",
            "optionalApi app.js:5 x is not offered; the program asks whether it is there",
        ]
    );
}

#[test]
fn f_p09_web_pages_that_would_not_be_shown_are_reported() {
    let template = "<web-view src=\"/web/index.html\" />\n<web-view src=\"/web/gone.html\" />\n\
                    <web-view src=\"http://a.example/\" />\n<web-view src=\"https://a.example/x\" />\n\
                    <web-view src=\"https://b.example/\" />\n<web-view src=\"{{url}}\" />\n";
    let package = Folder::with(&[
        ("app.js", "App({})"),
        ("app.json", r#"{"pages": ["p/p"], "webViewDomain": ["a.example"]}"#),
        ("p/p.js", "Page({})"),
        ("p/p.wxml", template),
        ("web/index.html", "<!doctype html>"),
    ]);
    let missing = [
        "webPage p/p.wxml:2 web-view: /web/gone.html is not there",
        "webPage p/p.wxml:3 web-view: http://a.example/ is not https, and shown in development only",
        "webPage p/p.wxml:5 web-view: webViewDomain in app.json does not have https://b.example",
    ];
    let (code, without) = report(&package, &[]);
    let mut expected = missing.to_vec();
    expected.push("webDomain p/p.wxml:4 web-view: the host must name https://a.example among its domains");
    assert_eq!((code, findings(&without)), (1, expected.into_iter().map(str::to_owned).collect()));
    let (_, with) = report(&package, &["--web-domain", "https://a.example"]);
    assert_eq!(findings(&with), missing);
    let (_, other) = report(&package, &["--web-domain", "https://b.example"]);
    assert!(findings(&other).iter().any(|line| line.contains("p.wxml:4") && line.contains("none of the host's")));
}
