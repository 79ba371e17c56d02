//! What `app.json` and the pages promise, and whether it is there: pages, components, tabs, modules.

use super::report::{Report, Rule};
use crate::package_files::Files;
use finapp_core::applet::package::{Manifest, PackagePath};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Templates by their endings.
const TEMPLATES: [&str; 2] = ["wxml", "fxml"];
/// Components that are not files of the package.
const FOREIGN: [&str; 4] = ["plugin://", "plugin-private://", "ext://", "weui-miniprogram/"];

/// Checks every page of the package and what it is made of.
pub fn check(files: &Files, manifest: &Manifest, report: &mut Report) {
    let fields = manifest.fields();
    let mut pages: Vec<String> = manifest.pages().to_vec();
    pages.extend(pages_of_subpackages(fields));
    let known: BTreeSet<&str> = pages.iter().map(String::as_str).collect();
    for tab in tabs(fields) {
        if !known.contains(tab) {
            report.found(Rule::Page, "app.json", 0, format!("tabBar: {tab} is not among the pages"));
        }
    }
    let mut walk = Walk { files, report, seen: BTreeSet::new() };
    for page in &pages {
        walk.has_files(page, Rule::Page, "app.json");
    }
    walk.components_of("app.json", fields);
    for page in &pages {
        walk.settings_of(page);
    }
}

fn pages_of_subpackages(fields: &Map<String, Value>) -> Vec<String> {
    let packages = fields.get("subpackages").or_else(|| fields.get("subPackages")).and_then(Value::as_array);
    let mut found = Vec::new();
    for package in packages.into_iter().flatten() {
        let root = package.get("root").and_then(Value::as_str).unwrap_or_default().trim_matches('/');
        let pages = package.get("pages").and_then(Value::as_array).into_iter().flatten();
        found.extend(pages.filter_map(Value::as_str).map(|page| format!("{root}/{page}")));
    }
    found
}

fn tabs(fields: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let list = fields.get("tabBar").and_then(|bar| bar.get("list")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|tab| tab.get("pagePath").and_then(Value::as_str))
}

struct Walk<'a> {
    files: &'a Files,
    report: &'a mut Report,
    seen: BTreeSet<String>,
}

impl Walk<'_> {
    /// A page and a component have a script and a template.
    fn has_files(&mut self, path: &str, rule: Rule, named_in: &str) -> bool {
        let has = |ending: &str| self.files.contains_key(&format!("{path}.{ending}"));
        if !has("js") {
            self.report.found(rule, named_in, 0, format!("{path}.js is not there"));
        } else if !TEMPLATES.iter().any(|ending| has(ending)) {
            self.report.found(rule, named_in, 0, format!("{path}.wxml is not there"));
        }
        has("js")
    }

    /// The components that the settings of a page or component name, and theirs.
    fn settings_of(&mut self, path: &str) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let file = format!("{path}.json");
        // A file that does not parse has been reported already.
        let settings = self.files.get(&file).and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(bytes).ok());
        if let Some(settings) = settings {
            self.components_of(&file, &settings);
        }
    }

    fn components_of(&mut self, file: &str, settings: &Map<String, Value>) {
        let components = settings.get("usingComponents").and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, target) in &components {
            let Some(target) = target.as_str() else {
                self.report.found(Rule::Component, file, 0, format!("{name}: expected a path"));
                continue;
            };
            if FOREIGN.iter().any(|start| target.starts_with(start)) {
                continue;
            }
            match component(self.files, file, target) {
                Some(path) => {
                    if self.has_files(&path, Rule::Component, file) {
                        self.settings_of(&path);
                    }
                }
                None => self.report.found(Rule::Component, file, 0, format!("{name}: {target} is not there")),
            }
        }
    }
}

/// The path of a component without its ending: beside the file that names it, from the root, or in `miniprogram_npm`;
/// a folder stands for the `index` in it.
fn component(files: &Files, from: &str, target: &str) -> Option<String> {
    let from = PackagePath::parse(None, from).ok()?;
    let beside = PackagePath::parse(Some(&from), target).ok().map(|path| path.to_string());
    let npm = npm_folders(from.as_str()).into_iter().map(|folder| format!("{folder}{target}"));
    beside.into_iter().chain(npm).flat_map(|path| [path.clone(), format!("{path}/index")]).find(|path| {
        ["js", "json", "wxml", "fxml"].iter().any(|ending| files.contains_key(&format!("{path}.{ending}")))
    })
}

/// Whether no file answers a `require` of that text: beside the file first, then the nearest `miniprogram_npm`.
pub fn module_is_missing(files: &Files, from: &str, request: &str) -> bool {
    let Ok(from) = PackagePath::parse(None, from) else { return false };
    let is_there = |path: &str| files.contains_key(path) || files.contains_key(&format!("{path}.js"));
    if PackagePath::parse(Some(&from), request).is_ok_and(|path| is_there(path.as_str())) {
        return false;
    }
    // Aliases of app.json are the library's own business.
    let aliases = files.get("app.json").and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(bytes).ok());
    if request.starts_with('.') || aliases.is_none_or(|fields| !fields.contains_key("resolveAlias")) {
        let npm = npm_folders(from.as_str());
        return request.starts_with('.')
            || !npm.iter().any(|folder| {
                is_there(&format!("{folder}{request}")) || is_there(&format!("{folder}{request}/index.js"))
            });
    }
    false
}

/// Every `miniprogram_npm/` that a file may look into, the nearest first.
fn npm_folders(from: &str) -> Vec<String> {
    let mut folders = Vec::new();
    let mut folder = from;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folders.push(format!("{above}/miniprogram_npm/"));
        folder = above;
    }
    folders.push("miniprogram_npm/".to_owned());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Files {
        paths.iter().map(|path| ((*path).to_owned(), b"{}".to_vec())).collect()
    }

    #[test]
    fn a_module_is_looked_for_beside_the_file_and_then_in_npm_folders() {
        let files = files(&["a/b.js", "a/c/d.js", "miniprogram_npm/x/index.js", "a/miniprogram_npm/y/lib.js"]);
        for (from, request, missing) in [
            ("a/b.js", "./c/d", false),
            ("a/b.js", "c/d.js", false),
            ("a/c/d.js", "../b", false),
            ("a/c/d.js", "x", false),
            ("a/c/d.js", "y/lib", false),
            ("a/b.js", "./x", true),
            ("app.js", "y/lib", true),
            ("app.js", "../b", true),
        ] {
            assert_eq!(module_is_missing(&files, from, request), missing, "{from} {request}");
        }
    }

    #[test]
    fn a_component_is_a_file_or_the_index_of_a_folder() {
        let files = files(&["ui/card/index.js", "miniprogram_npm/t/button/button.js", "p/own.js"]);
        for (target, path) in [
            ("/ui/card/index", Some("ui/card/index")),
            ("../ui/card", Some("ui/card/index")),
            ("./own", Some("p/own")),
            ("t/button/button", Some("miniprogram_npm/t/button/button")),
            ("t/none", None),
        ] {
            assert_eq!(component(&files, "p/p.json", target).as_deref(), path, "{target}");
        }
    }
}
