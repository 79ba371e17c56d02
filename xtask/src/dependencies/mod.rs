//! What may be depended on: licences, exact pins, one engine with chosen features, and no source but the registry.

mod graph;
mod licences;
pub mod third_party;

use crate::outcome::{Failure, Outcome};
use graph::{Metadata, Shipped};

/// What the library is built for. The last two need no toolchain here: only the tree is read.
const TARGETS: &[&str] = &["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-ohos", "x86_64-unknown-linux-ohos"];

/// A new version of these is a decision with its own test run, never a side effect.
const PINNED: &[&str] = &[
    "rquickjs",
    "glass-easel-template-compiler",
    "napi-ohos",
    "napi-sys-ohos",
    "napi-derive-ohos",
    "napi-build-ohos",
    "ohos-hilog-binding",
    "arkweb-sys",
];

/// Engine features that must never be on, and why.
const FORBIDDEN_FEATURES: &[(&str, &str)] = &[
    ("parallel", "its runtime lock deadlocks on re-entry, and upstream calls it use at your own risk"),
    ("dyn-load", "a package could load native code"),
    ("full", "it turns on the two above"),
    ("full-async", "it turns on the two above"),
    ("disable-assertions", "only the command that builds the shipped library hides leaked handles"),
];

/// Crates that must not be used, and why.
const FORBIDDEN_CRATES: &[(&str, &str)] = &[
    ("rquickjs-serde", "deep input overflows the Rust stack, and setters on Object.prototype swallow answers"),
    ("ohos-web-binding", "it leaks user data and hides a lifetime behind a transmute"),
    ("openssl-sys", "it does not build for the ohos targets; TLS is rustls"),
];

/// Applies the whole policy.
///
/// # Errors
/// Names every breach.
pub fn run() -> Outcome {
    let metadata = Metadata::read()?;
    let mut breaches = Vec::new();
    breaches.extend(licences::breaches(&metadata.packages));
    breaches.extend(licences::npm_breaches()?);
    for package in &metadata.packages {
        if package.source.as_deref().is_some_and(|source| !source.starts_with("registry+")) {
            breaches.push(format!("{}: comes from elsewhere than the registry", package.name));
        }
        if let Some((name, reason)) = FORBIDDEN_CRATES.iter().find(|(name, _)| *name == package.name) {
            breaches.push(format!("{name}: {reason}"));
        }
    }
    for (owner, name, requirement) in &metadata.requirements {
        if PINNED.contains(&name.as_str()) && !requirement.starts_with('=') {
            breaches.push(format!("{owner}: {name} {requirement} is not pinned to one exact version"));
        }
    }
    for name in ["rquickjs", "rquickjs-core", "rquickjs-sys"] {
        let count = metadata.packages.iter().filter(|package| package.name == name).count();
        if count != 1 {
            breaches.push(format!("{name}: expected exactly one version, found {count}"));
        }
    }
    for target in TARGETS {
        breaches.extend(feature_breaches(target, &graph::shipped(target)?));
    }
    if let Err(failure) = third_party::check() {
        breaches.push(failure.to_string());
    }
    if breaches.is_empty() { Ok(()) } else { Err(Failure::new(breaches.join("\n"))) }
}

fn feature_breaches(target: &str, shipped: &[Shipped]) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in shipped.iter().filter(|package| package.name.starts_with("rquickjs")) {
        for (feature, reason) in FORBIDDEN_FEATURES.iter().filter(|(feature, _)| package.has(feature)) {
            breaches.push(format!("{} for {target}: feature {feature} is on; {reason}", package.name));
        }
        // Hosts use the bundled bindings and need no libclang; there are none for ohos.
        let device = target.ends_with("ohos");
        if package.has("bindgen") != device {
            breaches.push(format!(
                "{} for {target}: feature bindgen must be {}",
                package.name,
                if device { "on" } else { "off" }
            ));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(features: &[&str]) -> Vec<Shipped> {
        let features = features.iter().map(|feature| (*feature).to_owned()).collect();
        vec![Shipped { name: "rquickjs".to_owned(), version: "0.14.0".to_owned(), features }]
    }

    #[test]
    fn forbidden_engine_features_are_found() {
        let host = "x86_64-unknown-linux-gnu";
        let device = "aarch64-unknown-linux-ohos";
        assert!(feature_breaches(host, &engine(&["std", "loader"])).is_empty());
        assert!(feature_breaches(device, &engine(&["std", "loader", "bindgen"])).is_empty());
        assert_eq!(feature_breaches(host, &engine(&["std", "bindgen"])).len(), 1);
        assert_eq!(feature_breaches(device, &engine(&["std"])).len(), 1);
        assert_eq!(feature_breaches(host, &engine(&["parallel", "dyn-load"])).len(), 2);
    }
}
