//! Which custom APIs the mini-program and each of its plugins have on their `ft`.

use std::collections::{BTreeMap, BTreeSet};

/// A declaration, as far as it is written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    /// The name.
    pub name: String,
    /// `pluginId`: plugins that get it as well, when the mini-program declares it.
    pub plugins: Vec<String>,
    /// `scope`: who gets it, when a plugin declares it.
    pub scope: Option<String>,
}

/// All that are declared.
#[derive(Debug, Default)]
pub struct Declared {
    own: BTreeSet<String>,
    of_plugins: BTreeMap<String, BTreeSet<String>>,
    of_all: BTreeSet<String>,
}

impl Declared {
    /// Takes a declaration of the mini-program, or of a plugin.
    pub fn add(&mut self, by: Option<&str>, declaration: Declaration) {
        let Declaration { name, plugins, scope } = declaration;
        let scope = scope.as_deref().unwrap_or("default");
        let receivers = by.map_or(plugins, |by| vec![by.to_owned()]);
        for plugin in receivers {
            self.of_plugins.entry(plugin).or_default().insert(name.clone());
        }
        if by.is_some() && scope == "all" {
            self.of_all.insert(name.clone());
        }
        if by.is_none() || scope != "self" {
            self.own.insert(name);
        }
    }

    /// Whether the mini-program, or the plugin, has an API of that name.
    pub fn has(&self, plugin: Option<&str>, name: &str) -> bool {
        let Some(plugin) = plugin else { return self.own.contains(name) };
        self.of_all.contains(name) || self.of_plugins.get(plugin).is_some_and(|names| names.contains(name))
    }

    /// The names, sorted, each once.
    pub fn names(&self) -> BTreeSet<String> {
        self.of_plugins.values().flatten().chain(&self.own).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m11_a_declaration_is_for_those_it_names() {
        for (by, plugins, scope, expected) in [
            (None, &[][..], None, [true, false, false]),
            (None, &["a"], Some("all"), [true, true, false]),
            (Some("a"), &[], None, [true, true, false]),
            (Some("a"), &["b"], Some("self"), [false, true, false]),
            (Some("a"), &[], Some("all"), [true, true, true]),
        ] {
            let mut declared = Declared::default();
            let plugins = plugins.iter().map(|id| (*id).to_owned()).collect();
            declared.add(by, Declaration { name: "x".to_owned(), plugins, scope: scope.map(str::to_owned) });
            let seen = [None, Some("a"), Some("b")].map(|asker| declared.has(asker, "x"));
            assert_eq!(seen, expected, "{by:?} {scope:?}");
            assert!(declared.names().contains("x"));
        }
    }
}
