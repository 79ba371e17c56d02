//! A mini-program with two plugins, `hello` of `wxhello` and `other` of `wxother`, and a host that answers who calls.

use super::{Folder, Host};
use finapp_core::bridge::{Caller, HostCall};
use finapp_core::{AppletClient, Error};
use serde_json::json;

/// What lies in the package unless a test says otherwise.
const FILES: [(&str, &str); 5] = [
    (
        "app.json",
        r#"{"plugins": {"hello": {"version": "1.0.0", "provider": "wxhello", "export": "exported.js"},
                        "other": {"version": "2.1.0", "provider": "wxother"}}}"#,
    ),
    ("__plugin__/wxhello/plugin.json", r#"{"main": "index.js"}"#),
    ("__plugin__/wxother/plugin.json", r#"{"main": "index.js"}"#),
    ("__plugin__/wxhello/index.js", RUNS),
    ("__plugin__/wxother/index.js", RUNS),
];

/// A plugin that runs what it is given, in its own module.
const RUNS: &str = "exports.run = (text) => eval(`(function (ft, wx, globalThis) { ${text} })`)(ft, wx, globalThis)";

/// Says who called, as a handler of the host sees it.
pub fn who(caller: &Caller) -> String {
    match caller {
        Caller::Applet { .. } => "mini-program".to_owned(),
        Caller::Plugin { plugin, .. } => plugin.to_string(),
        Caller::Page { .. } => "page".to_owned(),
    }
}

/// A handler that answers who called.
pub fn tell(call: HostCall) {
    let text = json!({"who": who(&call.info.caller), "custom": true}).to_string();
    call.reply.success_text(text);
}

/// Starts the package with these files in it. `report` is declared in front of `app.js`, for the plugins as well.
pub fn open(host: &Host, files: &[(&str, &str)]) -> Result<AppletClient, Error> {
    let folder = Folder::new();
    for (name, text) in FILES.iter().chain(files) {
        let declare = "ft.loadExtApi({name: 'report', pluginId: ['wxhello', 'wxother']});";
        let text = if *name == "app.js" { format!("{declare} {text}") } else { (*text).to_owned() };
        folder.file(name, &text);
    }
    host.open_folder("demo", folder)
}
