//! `finapp check`: what a package uses and what of it is missing, without running it. `script` reads its JavaScript,
//! `layout` its pages and components, `plugins` its plugins, `web_pages` what its web-views show; the `report` says it all, as text or as JSON.

mod declared;
mod layout;
mod plugins;
mod report;
mod script;
mod web_pages;

use crate::arguments::CheckArguments;
use crate::failure::{Failure, Outcome};
use crate::package_files::{self, Files};
use crate::run::host::HostFile;
use crate::{probe, terminal};
use declared::{Declaration, Declared};
use finapp_core::Limits;
use finapp_core::applet::package::{Package, PackagePath, plugin_file};
use finapp_core::ids::is_api_name;
use layout::Tree;
use report::{Report, Rule, Use};
use script::Script;
use std::collections::{BTreeMap, BTreeSet};

/// Where each API is used: by the mini-program itself, or by a plugin.
type Uses = BTreeMap<(String, Option<String>), Vec<script::Place>>;

/// The one built-in that plugins do not have.
const NOT_IN_PLUGINS: &str = "canIUse";

/// Checks a package and prints the report.
pub fn run(arguments: &CheckArguments) -> Outcome {
    let limits = Limits::default();
    let files = match package_files::read(&arguments.package, &limits) {
        Ok(files) => files,
        Err(Failure::Cannot(text)) if arguments.package.exists() => return refused(text, arguments.json),
        Err(other) => return Err(other),
    };
    let package = Package::open(&arguments.package, &limits)?;
    let mut report = Report::new(&files);
    let answered = match &arguments.providers {
        Some(path) => Some(HostFile::read(Some(path))?.apis.into_keys().collect::<BTreeSet<_>>()),
        None => None,
    };
    let mut declared = Declared::default();
    match probe::declared(&arguments.package, arguments.custom_apis.as_deref()) {
        Ok(apis) => {
            for api in apis {
                let plugins = api.plugins();
                declared.add(None, Declaration { name: api.name, plugins, scope: None });
            }
        }
        // A configuration that throws is a fault of the package, to be reported like others.
        Err(Failure::Cannot(text)) => report.found(Rule::Configuration, "", 0, text),
        Err(other) => return Err(other),
    }
    let uses = scripts(&files, &package, &mut report, &mut declared);
    let known = plugins::check(&files, &package, &mut report);
    layout::check(&files, package.manifest(), &known, &mut report);
    web_pages::check(&files, package.manifest(), &arguments.web_domain, &mut report);
    let offered = probe::offered()?;
    for ((name, plugin), used) in uses {
        let kind = kind_of(&name, plugin.as_deref(), &used, &offered, &declared);
        report.used(name, kind, used);
    }
    let names = declared.names();
    for name in &names {
        if answered.as_ref().is_some_and(|answered| !answered.contains(name)) {
            report.found(Rule::Unanswered, "", 0, format!("{name} is declared, and the host does not answer it"));
        }
    }
    report.declared = names.into_iter().collect();
    report.finish();
    report.print(arguments.json);
    if report.is_fine() { Ok(()) } else { Err(Failure::Found) }
}

/// The library would not open the package at all: there is nothing more to say of it.
fn refused(text: String, as_json: bool) -> Outcome {
    let mut report = Report::new(&Files::new());
    report.found(Rule::Package, "", 0, text);
    report.print(as_json);
    Err(Failure::Found)
}

/// Reads every source as the library would, and gathers what they use.
fn scripts(files: &Files, package: &Package, report: &mut Report, declared: &mut Declared) -> Uses {
    let mut uses = Uses::new();
    let is_source = |path: &&String| path.ends_with(".js") || path.ends_with(".json");
    let is_read = |path: &&String| is_source(path) && !web_pages::is_of_web_page(files, path);
    let sources: Vec<&String> = files.keys().filter(is_read).collect();
    let bar = terminal::progress(sources.len(), "reading");
    for path in sources {
        bar.inc(1);
        let text = match PackagePath::parse(None, path).and_then(|path| package.source(&path)) {
            Ok(text) => text,
            Err(error) => {
                report.found(Rule::Package, path, 0, error.to_string());
                continue;
            }
        };
        if path.ends_with(".json") {
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text) {
                report.found(Rule::Syntax, path, error.line(), error.to_string());
            }
            continue;
        }
        let Script { used, declares, evaluates, requires, plugins, faults } = script::read(path, &text);
        let by = plugin_file(path).map(|(id, _)| id.to_owned());
        let (tree, own) = Tree::of(files, path);
        for (line, text) in faults {
            report.found(Rule::Syntax, path, line, text);
        }
        for (line, what) in evaluates {
            report.found(Rule::Eval, path, line, format!("{what} makes code of text"));
        }
        for (line, request) in requires {
            if layout::module_is_missing(&tree, own, &request) {
                report.found(Rule::Module, path, line, format!("module '{request}' is not there"));
            }
        }
        for (line, alias) in
            plugins.into_iter().filter(|(_, alias)| !package.manifest().plugins().iter().any(|own| own.alias == *alias))
        {
            report.found(Rule::Plugin, path, line, format!("app.json names no plugin {alias}"));
        }
        for declaration in declares {
            declared.add(by.as_deref(), declaration);
        }
        for place in used {
            uses.entry((place.name.clone(), by.clone())).or_default().push(place);
        }
    }
    bar.finish_and_clear();
    uses
}

fn kind_of(
    name: &str,
    plugin: Option<&str>,
    used: &[script::Place],
    offered: &BTreeSet<String>,
    declared: &Declared,
) -> Use {
    if declared.has(plugin, name) {
        Use::Custom
    } else if offered.contains(name) && (plugin.is_none() || name != NOT_IN_PLUGINS) {
        Use::BuiltIn
    } else if used.iter().any(|place| place.own) || !is_api_name(name) {
        Use::Own
    } else if used.iter().any(|place| place.asked_first) {
        Use::Optional
    } else {
        Use::Missing
    }
}
