//! What `app.json` says of plugins, and whether it is there: their folders, what `plugin.json` names, the files that the
//! mini-program exports for them, and the plugins that its scripts ask for.

use super::layout::{self, Tree};
use super::report::{Report, Rule};
use crate::package_files::Files;
use finapp_core::applet::package::{Package, Plugin, PluginConfig, folder_of, plugin_file};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the plugins of a package, by what the mini-program calls them.
pub type Known = BTreeMap<String, PluginConfig>;

/// Checks every plugin, and gives what their `plugin.json` says.
pub fn check(files: &Files, package: &Package, report: &mut Report) -> Known {
    let plugins = package.manifest().plugins();
    let mut known = Known::new();
    let mut walked = BTreeSet::new();
    for plugin in plugins {
        if let Some(export) = &plugin.export
            && layout::module_is_missing(&Tree::own(files), "app.json", &format!("./{export}"))
        {
            report.found(Rule::Plugin, "app.json", 0, format!("plugin {}: {export} is not there", plugin.alias));
        }
        let config = match package.plugin(&plugin.provider) {
            Ok(config) => config,
            Err(error) => {
                report.found(Rule::Plugin, "app.json", 0, format!("plugin {}: {error}", plugin.alias));
                PluginConfig::default()
            }
        };
        if walked.insert(&plugin.provider) {
            files_of(files, plugin, &config, report);
        }
        known.insert(plugin.alias.clone(), config);
    }
    let folders: BTreeSet<&str> = files.keys().filter_map(|path| plugin_file(path)).map(|(id, _)| id).collect();
    for folder in folders.into_iter().filter(|id| !plugins.iter().any(|plugin| plugin.provider.as_str() == *id)) {
        report.found(
            Rule::Plugin,
            "app.json",
            0,
            format!("{folder} is in the package, and no plugin is provided by it"),
        );
    }
    known
}

fn files_of(files: &Files, plugin: &Plugin, config: &PluginConfig, report: &mut Report) {
    let root = format!("{}/", folder_of(&plugin.provider));
    let tree = Tree { files, root: &root };
    let named_in = format!("{root}plugin.json");
    if let Some(main) = &config.main
        && layout::module_is_missing(&tree, "plugin.json", &format!("./{main}"))
    {
        report.found(Rule::Plugin, &named_in, 0, format!("main: {main} is not there"));
    }
    let parts = [(Rule::Component, &config.components), (Rule::Page, &config.pages)];
    let parts = parts.into_iter().flat_map(|(rule, list)| list.iter().map(move |(_, path)| (rule, path.as_str())));
    layout::walk(&tree, parts, "plugin.json", None, report);
}

/// Why there is no component `plugin://alias/name`; none when there is. Files of a plugin know no plugins.
pub fn why_not(known: Option<&Known>, target: &str) -> Option<String> {
    let (alias, name) = target.strip_prefix("plugin://")?.split_once('/').unwrap_or((target, ""));
    let Some(known) = known else { return Some("a plugin uses no components of plugins".to_owned()) };
    match known.get(alias) {
        None => Some(format!("app.json names no plugin {alias}")),
        Some(config) if config.components.iter().any(|(own, _)| own == name) => None,
        Some(_) => Some(format!("the plugin {alias} gives no component {name}")),
    }
}
