//! What `app.json` and the pages promise, and whether it is there: pages, components, tabs, modules.

use super::plugins::{self, Known};
use super::report::{Report, Rule};
use crate::package_files::Files;
use finapp_core::applet::package::{Manifest, PackagePath, plugin_file};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Templates by their endings.
const TEMPLATES: [&str; 2] = ["wxml", "fxml"];
/// Components that are not files of the package.
const FOREIGN: [&str; 4] = ["plugin://", "plugin-private://", "ext://", "weui-miniprogram/"];

/// Files as the scripts and pages in one place see them: those of the mini-program, or of one plugin, whose root ends in
/// a slash.
pub struct Tree<'a> {
    /// All of the package.
    pub files: &'a Files,
    /// Where the names of these begin.
    pub root: &'a str,
}

impl<'a> Tree<'a> {
    /// The mini-program's own.
    pub fn own(files: &'a Files) -> Self {
        Self { files, root: "" }
    }

    /// Those among which a file lies, and its name there.
    pub fn of<'p>(files: &'a Files, path: &'p str) -> (Tree<'p>, &'p str)
    where
        'a: 'p,
    {
        let inner = plugin_file(path).map_or(path, |(_, inner)| inner);
        (Tree { files, root: path.strip_suffix(inner).unwrap_or_default() }, inner)
    }

    fn get(&self, path: &str) -> Option<&Vec<u8>> {
        let whole = format!("{}{path}", self.root);
        let is_of_plugin = plugin_file(&whole).is_some();
        if is_of_plugin == self.root.is_empty() { None } else { self.files.get(&whole) }
    }

    fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }
}

/// Checks every page of the package and what it is made of.
pub fn check(files: &Files, manifest: &Manifest, known: &Known, report: &mut Report) {
    let fields = manifest.fields();
    let mut pages: Vec<String> = manifest.pages().to_vec();
    pages.extend(pages_of_subpackages(fields));
    let declared: BTreeSet<&str> = pages.iter().map(String::as_str).collect();
    for tab in tabs(fields) {
        if !declared.contains(tab) {
            report.found(Rule::Page, "app.json", 0, format!("tabBar: {tab} is not among the pages"));
        }
    }
    let tree = Tree::own(files);
    let mut own = Walk { tree: &tree, known: Some(known), report, seen: BTreeSet::new() };
    own.components_of("app.json", fields);
    walk(&tree, pages.iter().map(|page| (Rule::Page, page.as_str())), "app.json", Some(known), report);
}

/// Checks pages and components that are named in one file, and what they are made of.
pub fn walk<'p>(
    tree: &Tree<'_>,
    paths: impl Iterator<Item = (Rule, &'p str)>,
    named_in: &str,
    known: Option<&Known>,
    report: &mut Report,
) {
    let mut walk = Walk { tree, known, report, seen: BTreeSet::new() };
    for (rule, path) in paths {
        walk.has_files(path, rule, named_in);
        walk.settings_of(path);
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
    tree: &'a Tree<'a>,
    known: Option<&'a Known>,
    report: &'a mut Report,
    seen: BTreeSet<String>,
}

impl Walk<'_> {
    fn found(&mut self, rule: Rule, named_in: &str, text: String) {
        self.report.found(rule, &format!("{}{named_in}", self.tree.root), 0, text);
    }

    /// A page and a component have a script and a template.
    fn has_files(&mut self, path: &str, rule: Rule, named_in: &str) -> bool {
        let has = |ending: &str| self.tree.has(&format!("{path}.{ending}"));
        if !has("js") {
            self.found(rule, named_in, format!("{path}.js is not there"));
        } else if !TEMPLATES.iter().any(|ending| has(ending)) {
            self.found(rule, named_in, format!("{path}.wxml is not there"));
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
        let settings = self.tree.get(&file).and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(bytes).ok());
        if let Some(settings) = settings {
            self.components_of(&file, &settings);
        }
    }

    fn components_of(&mut self, file: &str, settings: &Map<String, Value>) {
        let components = settings.get("usingComponents").and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, target) in &components {
            let Some(target) = target.as_str() else {
                self.found(Rule::Component, file, format!("{name}: expected a path"));
                continue;
            };
            if let Some(why) = plugins::why_not(self.known, target) {
                self.found(Rule::Component, file, format!("{name}: {why}"));
                continue;
            }
            if FOREIGN.iter().any(|start| target.starts_with(start)) {
                continue;
            }
            match component(self.tree, file, target) {
                Some(path) => {
                    if self.has_files(&path, Rule::Component, file) {
                        self.settings_of(&path);
                    }
                }
                None => self.found(Rule::Component, file, format!("{name}: {target} is not there")),
            }
        }
    }
}

/// The path of a component without its ending: beside the file that names it, from the root, or in `miniprogram_npm`;
/// a folder stands for the `index` in it.
fn component(tree: &Tree<'_>, from: &str, target: &str) -> Option<String> {
    let from = PackagePath::parse(None, from).ok()?;
    let beside = PackagePath::parse(Some(&from), target).ok().map(|path| path.to_string());
    let npm = npm_folders(from.as_str()).into_iter().map(|folder| format!("{folder}{target}"));
    beside
        .into_iter()
        .chain(npm)
        .flat_map(|path| [path.clone(), format!("{path}/index")])
        .find(|path| ["js", "json", "wxml", "fxml"].iter().any(|ending| tree.has(&format!("{path}.{ending}"))))
}

/// Whether no file answers a `require` of that text: beside the file first, then the nearest `miniprogram_npm`.
pub fn module_is_missing(tree: &Tree<'_>, from: &str, request: &str) -> bool {
    let Ok(from) = PackagePath::parse(None, from) else { return false };
    let is_there = |path: &str| tree.has(path) || tree.has(&format!("{path}.js"));
    if PackagePath::parse(Some(&from), request).is_ok_and(|path| is_there(path.as_str())) {
        return false;
    }
    // Aliases of app.json are the library's own business.
    let aliases = tree.get("app.json").and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(bytes).ok());
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
            assert_eq!(module_is_missing(&Tree::own(&files), from, request), missing, "{from} {request}");
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
            assert_eq!(component(&Tree::own(&files), "p/p.json", target).as_deref(), path, "{target}");
        }
    }
}
