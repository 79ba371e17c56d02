//! Asks the library itself: a small mini-program in its engine tells which members `wx` has, and which custom APIs a
//! package declares. So no second list of either can grow old.

use crate::failure::{Failure, Outcome};
use crate::package_files;
use finapp_core::bridge::HostCall;
use finapp_core::host::{LogLevel, LogSink, MonotonicClock};
use finapp_core::{AppletRequest, Config, FinAppClient, Limits, Platform};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// The files that declare custom APIs; the library takes the first of them that is there.
const CONFIGURATIONS: [&str; 2] = ["FinClipConf.js", "FinChatConf.js"];
/// The name under which the small mini-program reports. It declares nothing: that would show among the members.
const REPORT: &str = "finappProbe";
const PATIENCE: Duration = Duration::from_secs(10);

/// A custom API, as `FinClipConf.js` or TCMPP's file declares it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ExtApi {
    /// Its name.
    pub name: String,
    /// Whether it returns its answer.
    pub sync: bool,
    /// The template of its parameters.
    pub params: Option<Value>,
    /// Plugins that get it as well, as it was written.
    #[serde(rename = "pluginId")]
    pub plugin_id: Value,
    /// What it is for, if somebody wrote it down.
    pub description: Option<String>,
}

impl ExtApi {
    /// The plugins that get it as well.
    #[must_use]
    pub fn plugins(&self) -> Vec<String> {
        let ids = self.plugin_id.as_array().map_or(std::slice::from_ref(&self.plugin_id), Vec::as_slice);
        ids.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// The custom APIs that a package and TCMPP's file declare, each name once; the last declaration counts.
///
/// # Errors
/// What is wrong with the configuration, with its file and line.
pub fn declared(package: &Path, custom_apis: Option<&Path>) -> Outcome<Vec<ExtApi>> {
    let mut apis = Vec::new();
    if let Some(path) = custom_apis {
        let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let cannot = |error| Failure::cannot(format!("{}: {error}", path.display()));
        let file: Value = serde_json::from_str(&text).map_err(cannot)?;
        add(&mut apis, file.get("extApi").cloned().unwrap_or_default());
    }
    add(&mut apis, of_package(package)?);
    Ok(apis)
}

/// Takes what has the form of a declaration: the library skips the rest as well.
fn add(apis: &mut Vec<ExtApi>, list: Value) {
    let entries = match list {
        Value::Array(entries) => entries,
        one => vec![one],
    };
    for entry in entries {
        let Ok(api) = serde_json::from_value::<ExtApi>(entry) else { continue };
        if !api.name.is_empty() {
            apis.retain(|known| known.name != api.name);
            apis.push(api);
        }
    }
}

fn of_package(package: &Path) -> Outcome<Value> {
    let files = package_files::read(package, &Limits::default())?;
    let Some(configuration) = CONFIGURATIONS.iter().find(|name| files.contains_key(**name)) else {
        return Ok(Value::Null);
    };
    let folder = folder()?;
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".js")) {
        write(folder.path(), path, bytes)?;
    }
    write(folder.path(), "app.json", b"{}")?;
    ask(&folder, &format!("require('./{configuration}').extApi"))
}

/// The members of `wx`, as a mini-program with a page finds them.
///
/// # Errors
/// When the library cannot run at all.
pub fn offered() -> Outcome<BTreeSet<String>> {
    let folder = folder()?;
    for (path, text) in [("app.json", r#"{"pages":["page"]}"#), ("page.js", "Page({})"), ("page.wxml", "<view/>")] {
        write(folder.path(), path, text.as_bytes())?;
    }
    serde_json::from_value(ask(&folder, "Object.keys(wx)")?).map_err(|error| Failure::cannot(error.to_string()))
}

/// Runs the package in `folder` with an `app.js` that reports what `expression` gives. It is alone there: no host
/// answers it, and nothing it stores is kept.
fn ask(folder: &TempDir, expression: &str) -> Outcome<Value> {
    let app = format!(
        "App({{}})\nconst text = JSON.stringify({expression})\n\
         wx.invokeNativePlugin({{ api_name: '{REPORT}', data: {{ text }} }})\n"
    );
    write(folder.path(), "app.js", app.as_bytes())?;
    let platform = Platform { log: Arc::new(Silence), clock: Arc::new(MonotonicClock::new()) };
    let client = FinAppClient::init(Config::default(), platform)?;
    let (sender, reports) = channel();
    let sender = Mutex::new(sender);
    client.register_custom_api(REPORT, move |call: HostCall| {
        if let Ok(sender) = sender.lock() {
            sender.send(call.params.text().to_owned()).unwrap_or_default();
        }
        call.reply.success_text("{}".to_owned());
    })?;
    client.start_applet_and_wait(AppletRequest::local("probe", folder.path()))?;
    let text = reports.recv_timeout(PATIENCE).map_err(|_| Failure::cannot("the library did not answer"))?;
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    let said = report.get("text").and_then(Value::as_str).unwrap_or("null");
    Ok(serde_json::from_str(said).unwrap_or_default())
}

fn folder() -> Outcome<TempDir> {
    tempfile::tempdir().map_err(|error| Failure::cannot(format!("no temporary folder: {error}")))
}

/// Writes a file of a package. Its path has no `..`: it comes from the library's own reading, or from here.
fn write(root: &Path, path: &str, bytes: &[u8]) -> Outcome {
    let file = root.join(path);
    let folder = file.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    fs::write(&file, bytes).map_err(|error| Failure::file(&file, &error))
}

/// What such a mini-program logs is nobody's business.
struct Silence;

impl LogSink for Silence {
    fn write(&self, _level: LogLevel, _tag: &str, _line: &str) {}
}
