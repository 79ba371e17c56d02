//! Plugins of a mini-program: what `app.json` says of them, and `plugin.json` in the folder of each,
//! `__plugin__/<provider>/`. No file of a plugin is a module or a component of the mini-program by its path.

use super::PackageError;
use super::manifest::{syntax_error, wrong_type};
use crate::ids::AppletId;
use serde_json::{Map, Value};

/// Where the folders of all plugins lie.
const FOLDER: &str = "__plugin__/";

/// More plugins than this are refused: each costs memory before anything runs.
const MOST: usize = 64;

/// A plugin that a mini-program includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// What the mini-program calls it.
    pub alias: String,
    /// Who provides it: its id, and the name of its folder.
    pub provider: AppletId,
    /// Which version of it, as written.
    pub version: String,
    /// The file of the mini-program that the plugin may require, from the root of the package.
    pub export: Option<String>,
}

/// What `plugin.json` says. Files are named from the root of the plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PluginConfig {
    /// The file whose exports `requirePlugin` gives.
    pub main: Option<String>,
    /// Components that the mini-program may use, by name.
    pub components: Vec<(String, String)>,
    /// Pages, by name.
    pub pages: Vec<(String, String)>,
}

/// The folder of a plugin, without a slash behind it.
#[must_use]
pub fn folder_of(provider: &AppletId) -> String {
    format!("{FOLDER}{provider}")
}

/// The provider in whose folder a file lies, and the file's path in there.
#[must_use]
pub fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(FOLDER)?.split_once('/')
}

/// Whether the path leads into the folder of plugins.
pub(super) fn is_inside(path: &str) -> bool {
    path.starts_with(FOLDER)
}

/// The plugins that `app.json` declares, those of subpackages too.
pub(super) fn declared(fields: &Map<String, Value>) -> Result<Vec<Plugin>, PackageError> {
    let mut plugins = Vec::new();
    if let Some(list) = fields.get("plugins") {
        read_list(&mut plugins, list, "plugins", "")?;
    }
    for field in ["subpackages", "subPackages"] {
        let parts = fields.get(field).and_then(Value::as_array).into_iter().flatten();
        for (index, part) in parts.enumerate() {
            let root = part["root"].as_str().unwrap_or_default().trim_matches('/');
            if let Some(list) = part.get("plugins") {
                read_list(&mut plugins, list, &format!("{field}[{index}].plugins"), root)?;
            }
        }
    }
    Ok(plugins)
}

fn read_list(plugins: &mut Vec<Plugin>, list: &Value, place: &str, root: &str) -> Result<(), PackageError> {
    let list = list.as_object().ok_or_else(|| wrong_type(place.to_owned(), "an object", list))?;
    for (alias, entry) in list {
        let place = format!("{place}.{alias}");
        if !entry.is_object() {
            return Err(wrong_type(place, "an object", entry));
        }
        let plugin = Plugin {
            alias: alias.clone(),
            provider: provider(&place, &entry["provider"])?,
            version: entry["version"].as_str().unwrap_or_default().to_owned(),
            export: entry["export"].as_str().map(|file| joined(root, file)),
        };
        let other = plugins.iter().find(|known| known.alias == plugin.alias && known.provider != plugin.provider);
        if other.is_some() {
            return Err(bad(place, "another plugin has this name"));
        }
        if plugins.len() >= MOST {
            return Err(bad(place, "too many plugins"));
        }
        plugins.push(plugin);
    }
    Ok(())
}

fn provider(place: &str, value: &Value) -> Result<AppletId, PackageError> {
    let place = format!("{place}.provider");
    let text = value.as_str().ok_or_else(|| wrong_type(place.clone(), "a string", value))?;
    AppletId::parse(text).map_err(|_| bad(place, "expected an id of A-Z a-z 0-9 _ - ."))
}

fn joined(root: &str, file: &str) -> String {
    let file = file.trim_start_matches("./").trim_start_matches('/');
    if root.is_empty() { file.to_owned() } else { format!("{root}/{file}") }
}

impl PluginConfig {
    /// Reads the text of a `plugin.json`. `file` is its path, for the error.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, PackageError> {
        let read = || {
            let fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| syntax_error(&error))?;
            let main = match fields.get("main") {
                None => None,
                Some(Value::String(main)) => Some(joined("", main)),
                Some(other) => return Err(wrong_type("main".to_owned(), "a string", other)),
            };
            Ok(Self { main, components: files(&fields, "publicComponents")?, pages: files(&fields, "pages")? })
        };
        read().map_err(|error| match error {
            PackageError::BadManifest { place, reason } => {
                PackageError::BadPluginManifest { file: file.to_owned(), place, reason }
            }
            other => other,
        })
    }
}

fn files(fields: &Map<String, Value>, field: &str) -> Result<Vec<(String, String)>, PackageError> {
    let Some(value) = fields.get(field) else { return Ok(Vec::new()) };
    let members = super::manifest::texts(field, value)?;
    Ok(members.into_iter().map(|(name, file)| (name, joined("", &file))).collect())
}

fn bad(place: String, reason: &str) -> PackageError {
    PackageError::BadManifest { place, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Plugin>, String> {
        declared(&serde_json::from_str(text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn f_m11_plugins_of_the_app_and_of_subpackages_are_known() {
        let plugins = read(
            r#"{"plugins": {"hello": {"version": "1.0.0", "provider": "wxhello", "export": "./api.js"}},
                "subPackages": [{"root": "/shop/", "plugins": {"pay": {"provider": "wxpay", "export": "api.js"}}}]}"#,
        )
        .unwrap();
        let seen: Vec<_> = plugins.iter().map(|own| (own.alias.as_str(), own.export.as_deref())).collect();
        assert_eq!(seen, [("hello", Some("api.js")), ("pay", Some("shop/api.js"))]);
        assert_eq!(read("{}"), Ok(Vec::new()));
    }

    #[test]
    fn h_d8_a_wrong_entry_is_refused_by_its_place() {
        for (text, expected) in [
            (r#"{"plugins": []}"#, "app.json: plugins: expected an object, got an array"),
            (r#"{"plugins": {"a": 1}}"#, "app.json: plugins.a: expected an object, got a number"),
            (r#"{"plugins": {"a": {}}}"#, "app.json: plugins.a.provider: expected a string, got null"),
            (
                r#"{"plugins": {"a": {"provider": "../x"}}}"#,
                "app.json: plugins.a.provider: expected an id of A-Z a-z 0-9 _ - .",
            ),
            (
                r#"{"plugins": {"a": {"provider": "x"}}, "subpackages": [{"plugins": {"a": {"provider": "y"}}}]}"#,
                "app.json: subpackages[0].plugins.a: another plugin has this name",
            ),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
        let many: Vec<_> = (0..=MOST).map(|at| format!(r#""p{at}": {{"provider": "p{at}"}}"#)).collect();
        assert!(read(&format!(r#"{{"plugins": {{{}}}}}"#, many.join(","))).unwrap_err().ends_with("too many plugins"));
    }

    #[test]
    fn h_d8_a_bad_plugin_json_is_refused_by_its_own_name() {
        let complaint = |text: &str| PluginConfig::parse("__plugin__/a/plugin.json", text).unwrap_err().to_string();
        assert_eq!(complaint("{\n ]"), "__plugin__/a/plugin.json: line 2 column 2: key must be a string");
        assert_eq!(complaint(r#"{"main": 1}"#), "__plugin__/a/plugin.json: main: expected a string, got a number");
        assert_eq!(
            complaint(r#"{"publicComponents": {"x": []}}"#),
            "__plugin__/a/plugin.json: publicComponents.x: expected a string, got an array"
        );
    }
}
