//! The dependency graph, as cargo tells it.

use crate::outcome::{Failure, Outcome};
use crate::process;
use serde_json::Value;

/// A package of the lock file.
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: String,
    /// Where it comes from; none for our own.
    pub source: Option<String>,
}

/// What `cargo metadata` says.
pub struct Metadata {
    /// Every package of the lock file.
    pub packages: Vec<Package>,
    /// What our own packages ask for: owner, name, version requirement.
    pub requirements: Vec<(String, String, String)>,
}

/// A package that becomes part of the shipped library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shipped {
    pub name: String,
    pub version: String,
    pub features: Vec<String>,
}

impl Shipped {
    /// Whether a feature is on.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|own| own == feature)
    }
}

impl Metadata {
    /// Asks cargo.
    ///
    /// # Errors
    /// When the lock file is out of date or cargo answers something else than we know.
    pub fn read() -> Outcome<Self> {
        let text = process::capture(process::cargo().args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ]))?;
        let metadata: Value =
            serde_json::from_str(&text).map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
        let mut packages = Vec::new();
        let mut requirements = Vec::new();
        for package in items(&metadata, "packages") {
            let name = text_of(package, "name");
            let source = package.get("source").and_then(Value::as_str).map(str::to_owned);
            if source.is_none() {
                for dependency in items(package, "dependencies") {
                    requirements.push((name.clone(), text_of(dependency, "name"), text_of(dependency, "req")));
                }
            }
            packages.push(Package {
                name,
                version: text_of(package, "version"),
                licence: text_of(package, "license"),
                source,
            });
        }
        Ok(Self { packages, requirements })
    }
}

/// The packages that are linked into the library for `target`.
///
/// # Errors
/// When cargo cannot tell.
pub fn shipped(target: &str) -> Outcome<Vec<Shipped>> {
    let tree = process::capture(process::cargo().args([
        "tree",
        "--locked",
        "--package=finapp",
        "--features=finapp/components",
        "--target",
        target,
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--no-dedupe",
        "--format={p}|{f}",
    ]))?;
    let mut packages: Vec<Shipped> = tree.lines().filter_map(parse_line).collect();
    packages.sort();
    packages.dedup();
    if packages.is_empty() { Err(Failure::new("cargo tree named no package")) } else { Ok(packages) }
}

// `name v1.2.3 (where)|feature,feature`
fn parse_line(line: &str) -> Option<Shipped> {
    let (package, features) = line.split_once('|')?;
    let mut words = package.split_whitespace();
    Some(Shipped {
        name: words.next()?.to_owned(),
        version: words.next()?.trim_start_matches('v').to_owned(),
        features: features.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned).collect(),
    })
}

fn items<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn text_of(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_is_read() {
        let package = parse_line("rquickjs v0.14.0|loader,std").unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("rquickjs", "0.14.0"));
        assert!(package.has("loader") && !package.has("load"));
        assert!(parse_line("finapp v0.1.0 (/somewhere)|").unwrap().features.is_empty());
        assert!(parse_line("").is_none());
    }
}
