//! Plugins of a mini-program: what `requirePlugin` gives, what a plugin's files find, who sees a custom API, and in whose
//! name it is called.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::{Caller, HostCall};
use finapp_core::{AppletClient, Error};
use serde_json::{Value, json};
use support::{Folder, Host};

const APP_JSON: (&str, &str) = (
    "app.json",
    r#"{"plugins": {"hello": {"version": "1.0.0", "provider": "wxhello", "export": "exported.js"},
                    "other": {"version": "2.1.0", "provider": "wxother"}}}"#,
);
const HELLO_JSON: (&str, &str) = ("__plugin__/wxhello/plugin.json", r#"{"main": "index.js"}"#);
const OTHER_JSON: (&str, &str) = ("__plugin__/wxother/plugin.json", r#"{"main": "index.js"}"#);

/// Starts a mini-program with the two plugins. `report` is declared in front of `app.js`, for the plugins as well, and
/// `ask` answers who calls.
fn open(host: &Host, files: &[(&str, &str)]) -> Result<AppletClient, Error> {
    host.client
        .register_custom_api("ask", |call: HostCall| {
            let who = match &*call.info.caller {
                Caller::Applet { .. } => "mini-program".to_owned(),
                Caller::Plugin { plugin, .. } => plugin.to_string(),
                Caller::Page { .. } => "page".to_owned(),
            };
            call.reply.success_text(json!({"who": who}).to_string());
        })
        .unwrap();
    let folder = Folder::new();
    for (name, text) in [APP_JSON, HELLO_JSON, OTHER_JSON].iter().chain(files) {
        let declare = "ft.loadExtApi({name: 'report', pluginId: ['wxhello', 'wxother']});";
        let text = if *name == "app.js" { format!("{declare} {text}") } else { (*text).to_owned() };
        folder.file(name, &text);
    }
    host.open_folder("demo", folder)
}

fn run(files: &[(&str, &str)]) -> Value {
    let host = Host::new();
    open(&host, files).unwrap();
    host.reported()
}

#[test]
fn f_m11_a_plugin_calls_with_an_ft_of_its_own() {
    let reported = run(&[
        (
            "app.js",
            "ft.loadExtApi([{name: 'ask', pluginId: 'wxhello'}]);
             const hello = requirePlugin('hello');
             (async () => ft.report({
               own: (await ft.ask()).who, plugin: (await hello.ask()).who, named: (await hello.named()).who,
               same: hello.ft === ft || hello.wx === wx, global: hello.reached === ft, app: typeof hello.App,
             }))()",
        ),
        (
            "__plugin__/wxhello/index.js",
            "exports.ask = () => ft.ask(); exports.named = () => wx.invokeNativePlugin({api_name: 'ask'});
             exports.ft = ft; exports.wx = wx; exports.App = App; exports.reached = globalThis.ft",
        ),
    ]);
    let expected = json!({
        "own": "mini-program", "plugin": "wxhello", "named": "wxhello", "same": false, "global": false, "app": "undefined",
    });
    assert_eq!(reported, expected);
}
