//! Licences: an allow-list, and the small language of licence expressions.

use super::graph::Package;
use crate::outcome::{Failure, Outcome};
use crate::workspace;
use serde_json::Value;

/// Licences that a shipped closed-source app may carry without further duties than a notice.
const ALLOWED: &[&str] =
    &["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib"];

/// Packages that carry a further duty, which we keep: what they hold ships unchanged, and THIRD-PARTY says where their
/// source, or the agreement on their data, is.
const WITH_A_DUTY: &[(&str, &str)] = &[
    ("cssparser", "MPL-2.0"),
    ("cssparser-macros", "MPL-2.0"),
    ("dtoa-short", "MPL-2.0"),
    ("webpki-root-certs", "CDLA-Permissive-2.0"),
    ("webpki-roots", "CDLA-Permissive-2.0"),
];

/// The packages whose licence does not allow it.
pub fn breaches(packages: &[Package]) -> Vec<String> {
    let has_a_duty = |package: &Package| WITH_A_DUTY.contains(&(package.name.as_str(), package.licence.as_str()));
    let refused = packages.iter().filter(|package| !is_allowed(&package.licence) && !has_a_duty(package));
    refused.map(|package| format!("{} {}: licence {:?}", package.name, package.version, package.licence)).collect()
}

/// The same for npm packages: the tools of the tests, and what the component layer is bundled from.
///
/// # Errors
/// When a lock file cannot be read.
pub fn npm_breaches() -> Outcome<Vec<String>> {
    let mut packages = npm_packages("package-lock.json")?;
    packages.extend(npm_packages(COMPONENTS_LOCK)?);
    packages.extend(npm_packages("tests/conformance/package-lock.json")?);
    let refused = packages.into_iter().filter(|package| !is_allowed(&package.licence));
    Ok(refused.map(|package| format!("{}: licence {:?}", package.name, package.licence)).collect())
}

/// The lock file of what the component layer is bundled from.
pub const COMPONENTS_LOCK: &str = "crates/core/src/components/package-lock.json";

/// What a lock file of npm lists.
///
/// # Errors
/// When it cannot be read.
pub fn npm_packages(lock_file: &str) -> Outcome<Vec<Package>> {
    let path = workspace::root().join(lock_file);
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    let lock: Value = serde_json::from_str(&text).map_err(|error| Failure::new(format!("{lock_file}: {error}")))?;
    let listed = lock.get("packages").and_then(Value::as_object).into_iter().flatten();
    let member = |package: &Value, name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let packages = listed.map(|(name, package)| Package {
        name: name.rsplit("node_modules/").next().unwrap_or(name).to_owned(),
        version: member(package, "version"),
        licence: member(package, "license"),
        source: None,
    });
    Ok(packages.collect())
}

/// Whether an expression can be satisfied with allowed licences alone.
pub fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let allowed = any(&mut rest);
    allowed == Some(true) && rest.is_empty()
}

// expression = both { OR both }
fn any(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(words)?;
    while take(words, "OR") {
        allowed |= all(words)?;
    }
    Some(allowed)
}

// both = one { AND one }
fn all(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(words)?;
    while take(words, "AND") {
        allowed &= one(words)?;
    }
    Some(allowed)
}

// one = ( expression ) | name [ WITH exception ]
fn one(words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let allowed = any(words)?;
        return take(words, ")").then_some(allowed);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    // An exception only ever permits more.
    if take(words, "WITH") {
        *words = words.split_first()?.1;
    }
    Some(ALLOWED.contains(name))
}

fn take(words: &mut &[&str], expected: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == expected => {
            *words = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_allowed_only_if_allowed_licences_satisfy_it() {
        for (expression, allowed) in [
            ("", false),
            ("GPL-3.0", false),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT Apache-2.0", false),
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0 OR MIT", true),
            ("MIT OR Apache-2.0 OR LGPL-2.1-or-later", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
        ] {
            assert_eq!(is_allowed(expression), allowed, "{expression:?}");
        }
    }
}
