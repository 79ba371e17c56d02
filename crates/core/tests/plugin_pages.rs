//! Components and pages of plugins: what a mini-program may use of them, where they lead, and in whose name they call.
#![cfg(feature = "components")]
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletClient, ErrorCode};
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use support::attack::script_error;
use support::plugins::{open, tell};
use support::{Host, PATIENCE};

const APP_JSON: (&str, &str) = (
    "app.json",
    r#"{"pages": ["pages/a/a", "pages/b/b"], "usingComponents": {"everywhere": "/everywhere"},
        "plugins": {"hello": {"provider": "wxhello"}, "other": {"provider": "wxother"}}}"#,
);
const PLUGIN_JSON: (&str, &str) = (
    "__plugin__/wxhello/plugin.json",
    r#"{"main": "index.js", "publicComponents": {"list": "components/list/list"},
        "pages": {"shop": "pages/shop/shop", "item": "./pages/item/item"}}"#,
);

/// Does what an event says, and reports how it ended and which pages there are.
const APP: &str = "const stack = () => getCurrentPages().map(({route}) => route);
App({});
ft.loadExtApi([{name: 'ask', pluginId: 'wxhello'}]);
globalThis.told = {};
const end = ({errMsg, errCode}) => ft.report({errMsg, errCode: errCode ?? 0, stack: stack(), told});
ft.onCustomEvent(({plugin, api, options}) => plugin
  ? requirePlugin('hello').go(api, {...options, complete: end}) : wx[api]({...options, complete: end}))";

const PLUGIN: &str = "exports.go = (api, options) => wx[api](options);
exports.stack = () => getCurrentPages().map(({route}) => route);
exports.query = () => wx.createSelectorQuery()";

const PLAIN: &str = "Page({})";

/// A page that says what it was opened with, and in whose name it calls.
const SAYS: &str = "Page({data: {text: 'of hello'}, onLoad(query) {
  const told = Object.getPrototypeOf(globalThis).told; told.query = query; told.route = this.route;
  told.own = getCurrentPages().length;
}})";

fn files<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [
        APP_JSON,
        PLUGIN_JSON,
        ("app.js", APP),
        ("__plugin__/wxhello/index.js", PLUGIN),
        ("everywhere.js", "Component({})"),
        ("everywhere.wxml", "everywhere"),
        ("pages/a/a.js", PLAIN),
        ("pages/a/a.wxml", "<view id=\"a\">page a</view>"),
        ("pages/b/b.js", PLAIN),
        ("__plugin__/wxhello/pages/shop/shop.js", SAYS),
        ("__plugin__/wxhello/pages/shop/shop.wxml", "<view>{{text}}</view><include src=\"/parts.wxml\" />"),
        ("__plugin__/wxhello/parts.wxml", "<view>parts of hello</view>"),
        ("parts.wxml", "<view>parts of the mini-program</view>"),
        ("__plugin__/wxhello/pages/item/item.js", SAYS),
    ];
    own.into_iter().chain(more.iter().copied()).collect()
}

fn start(host: &Host, more: &[(&str, &str)]) -> AppletClient {
    host.client.register_custom_api("ask", tell).unwrap();
    open(host, &files(more)).unwrap()
}

fn tree(applet: &AppletClient) -> String {
    let (sender, seen) = channel();
    applet.page_tree(None, move |tree| drop(sender.send(tree)));
    seen.recv_timeout(PATIENCE).unwrap().unwrap()
}

#[test]
fn f_m11_a_public_component_is_used_by_a_page_and_calls_as_its_plugin() {
    let host = Host::new();
    let applet = start(
        &host,
        &[
            ("pages/a/a.json", r#"{"usingComponents": {"hello-list": "plugin://hello/list"}}"#),
            ("pages/a/a.wxml", "<hello-list title=\"goods\" />"),
            (
                "__plugin__/wxhello/components/list/list.js",
                "const behavior = Behavior({data: {from: 'behavior'}})
                 Component({behaviors: [behavior], properties: {title: String}, lifetimes: {attached() {
                   ft.ask().then(({who}) => { this.setData({who}); ft.report({route: getCurrentPages().length}) })
                 }}})",
            ),
            (
                "__plugin__/wxhello/components/list/list.json",
                r#"{"component": true, "usingComponents": {"near": "../inner/inner", "rooted": "/components/inner/inner"}}"#,
            ),
            (
                "__plugin__/wxhello/components/list/list.wxml",
                "<import src=\"/templates.wxml\" /><view>{{title}} {{who}} {{from}}</view><near /><rooted /><everywhere />
                 <template is=\"t\" />",
            ),
            ("__plugin__/wxhello/components/inner/inner.js", "Component({})"),
            ("__plugin__/wxhello/components/inner/inner.wxml", "<view>inner</view>"),
            ("__plugin__/wxhello/templates.wxml", "<template name=\"t\"><view>template of hello</view></template>"),
        ],
    );
    assert_eq!(host.reported(), json!({"route": 0}), "pages of the mini-program are none of its own");
    applet.wait_until_idle(PATIENCE).unwrap();
    let tree = tree(&applet);
    assert!(tree.contains("goods wxhello behavior"), "{tree}");
    assert_eq!(tree.matches("\"text\":\"inner\"}").count(), 2, "{tree}");
    assert!(tree.contains("template of hello"), "{tree}");
    assert!(!tree.contains("\"text\":\"everywhere\""), "what app.json gives to all pages is not for plugins: {tree}");
}

#[test]
fn f_m11_what_a_plugin_does_not_give_is_not_found() {
    let using = [
        ("plugin://hello/secret", "usingComponents: \"x\": plugin://hello/secret is not found"),
        ("plugin://hello/components/list/list", "plugin://hello/components/list/list is not found"),
        ("plugin://hello", "is not declared in app.json"),
        ("plugin://nobody/list", "plugin \"nobody\" is not declared in app.json"),
        ("plugin://wxhello/list", "plugin \"wxhello\" is not declared in app.json"),
        ("plugin-private://wxhello/components/list/list", "is not found"),
        ("/__plugin__/wxhello/components/list/list", "/__plugin__/wxhello/components/list/list is not found"),
        ("../../__plugin__/wxhello/components/list/list", "is not found"),
    ];
    for (name, text) in using {
        let host = Host::new();
        let json = json!({"usingComponents": {"x": name}}).to_string();
        let list = ("__plugin__/wxhello/components/list/list.js", "Component({})");
        start(&host, &[("pages/a/a.json", &json), ("pages/a/a.wxml", "<x />"), list]);
        let error = script_error(&host);
        assert!(error.contains(text) && error.contains("pages/a/a.json"), "{name}: {error}");
    }
}

#[test]
fn f_m11_a_plugins_component_finds_its_own_plugins_files_alone() {
    for name in ["/everywhere", "plugin://hello/list", "plugin://other/list", "../../../../everywhere"] {
        let host = Host::new();
        let json = json!({"usingComponents": {"x": name}}).to_string();
        start(
            &host,
            &[
                ("pages/a/a.json", r#"{"usingComponents": {"hello-list": "plugin://hello/list"}}"#),
                ("pages/a/a.wxml", "<hello-list />"),
                ("__plugin__/wxhello/components/list/list.js", "Component({})"),
                ("__plugin__/wxhello/components/list/list.json", &json),
            ],
        );
        let error = script_error(&host);
        assert!(
            error.contains("is not found") && error.contains("__plugin__/wxhello/components/list/list.json"),
            "{error}"
        );
    }
}

fn go(host: &Host, plugin: bool, api: &str, url: &str) -> Value {
    host.send("demo", json!({"plugin": plugin, "api": api, "options": {"url": url}}));
    host.reported()
}

const SHOP: &str = "plugin-private://wxhello/pages/shop/shop";
const ITEM: &str = "plugin-private://wxhello/pages/item/item";

#[test]
fn f_m11_a_mini_program_opens_a_page_that_a_plugin_gives() {
    let host = Host::new();
    let applet = start(&host, &[]);
    let gone = go(&host, false, "navigateTo", "plugin://hello/shop?x=1&y=%20");
    assert_eq!(gone["errMsg"], "navigateTo:ok");
    assert_eq!(gone["stack"], json!(["pages/a/a", SHOP]));
    assert_eq!(gone["told"], json!({"query": {"x": "1", "y": "%20"}, "route": SHOP, "own": 1}));
    let tree = tree(&applet);
    assert!(tree.contains("of hello") && tree.contains("parts of hello"), "{tree}");
    // An address of the mini-program's own means the mini-program's page, also from there.
    assert_eq!(go(&host, false, "redirectTo", "pages/b/b")["stack"], json!(["pages/a/a", "pages/b/b"]));
    for url in [
        "plugin://hello/none",
        "plugin://none/shop",
        "plugin://hello/pages/shop/shop",
        SHOP,
        "__plugin__/wxhello/pages/shop/shop",
    ] {
        let refused = go(&host, false, "navigateTo", url);
        assert_eq!(refused["errCode"], ErrorCode::NotFound.number(), "{url}");
        assert!(refused["errMsg"].as_str().unwrap().ends_with("is not found"), "{refused}");
    }
}

#[test]
fn f_m11_a_plugin_opens_its_own_pages_and_closes_no_others() {
    let host = Host::new();
    start(&host, &[]);
    assert_eq!(go(&host, true, "navigateTo", "/pages/shop/shop?a=b")["stack"], json!(["pages/a/a", SHOP]));
    assert_eq!(go(&host, true, "redirectTo", "../item/item")["stack"], json!(["pages/a/a", ITEM]));
    assert_eq!(go(&host, true, "navigateTo", SHOP)["stack"], json!(["pages/a/a", ITEM, SHOP]));
    for url in
        ["/pages/a/a", "plugin://hello/shop", "plugin-private://wxother/pages/shop/shop", "../../../../pages/b/b"]
    {
        assert_eq!(go(&host, true, "navigateTo", url)["errCode"], ErrorCode::NotFound.number(), "{url}");
    }
    for api in ["reLaunch", "switchTab"] {
        assert_eq!(go(&host, true, api, SHOP)["errCode"], ErrorCode::Denied.number(), "{api}");
    }
    host.send("demo", json!({"plugin": true, "api": "navigateBack", "options": {"delta": 9}}));
    assert_eq!(host.reported()["stack"], json!(["pages/a/a"]));
    assert_eq!(go(&host, true, "redirectTo", SHOP)["errCode"], ErrorCode::Denied.number());
    go(&host, false, "navigateTo", "/pages/b/b");
    assert_eq!(go(&host, true, "navigateBack", "")["errCode"], ErrorCode::Denied.number());
    assert_eq!(go(&host, false, "navigateBack", "")["stack"], json!(["pages/a/a"]));
}

#[test]
fn f_m11_a_navigator_leads_where_whoever_wrote_it_may_go() {
    let host = Host::new();
    let applet = start(
        &host,
        &[
            ("pages/a/a.json", r#"{"usingComponents": {"hello-list": "plugin://hello/list"}}"#),
            ("pages/a/a.wxml", "<hello-list id=\"list\"><navigator id=\"own\" url=\"/pages/b/b\" /></hello-list>"),
            ("__plugin__/wxhello/components/list/list.js", "Component({})"),
            (
                "__plugin__/wxhello/components/list/list.wxml",
                "<slot /><navigator id=\"go\" url=\"/pages/shop/shop\" /><navigator id=\"no\" url=\"/pages/b/b\" />",
            ),
        ],
    );
    let stack = || {
        applet.wait_until_idle(PATIENCE).unwrap();
        let (sender, seen) = channel();
        applet.pages(move |pages| drop(sender.send(pages)));
        let pages: Value = serde_json::from_str(&seen.recv_timeout(PATIENCE).unwrap().unwrap()).unwrap();
        pages.as_array().unwrap().iter().map(|page| page["path"].clone()).collect::<Vec<_>>()
    };
    let tap = |selector: &str| {
        let (sender, seen) = channel();
        applet.page_event(selector, "tap", "{}", move |found| drop(sender.send(found)));
        assert_eq!(seen.recv_timeout(PATIENCE).unwrap().unwrap(), "true", "{selector}");
    };
    tap("#list >>> #no");
    assert_eq!(stack(), ["pages/a/a"]);
    tap("#list >>> #go");
    assert_eq!(stack(), ["pages/a/a", SHOP]);
    go(&host, false, "navigateBack", "");
    tap("#own");
    assert_eq!(stack(), ["pages/a/a", "pages/b/b"]);
}

#[test]
fn h_a33_neither_defines_pages_or_components_of_the_other() {
    let host = Host::new();
    let applet = start(
        &host,
        &[
            ("pages/a/a.js", "Page({data: {text: 'of a'}}); requirePlugin('hello').define()"),
            ("pages/a/a.wxml", "{{text}}"),
            (
                "__plugin__/wxhello/index.js",
                "exports.define = () => { Page({data: {text: 'stolen'}}); Component({data: {text: 'stolen'}}) }",
            ),
        ],
    );
    for what in ["Page", "Component"] {
        let error = script_error(&host);
        assert!(error.contains(&format!("{what}() is called outside of the files of wxhello")), "{error}");
    }
    let tree = tree(&applet);
    assert!(tree.contains("of a") && !tree.contains("stolen"), "{tree}");
}
