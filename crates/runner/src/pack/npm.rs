//! `miniprogram_npm`, built as WeChat's tools build it, as far as that needs no bundler: the directory that a package's
//! `miniprogram` field names is copied; of any other package its files are, with its `main` under the name `index.js`.

use crate::failure::{Failure, Outcome};
use crate::package_files::{Files, collect};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Adds the dependencies of `folder/package.json`, and theirs, to the files of the package.
///
/// # Errors
/// A dependency that is not installed in `folder/node_modules`, or that cannot be read.
pub fn build(folder: &Path, files: &mut Files) -> Outcome {
    let mut waiting = dependencies(&read(&folder.join("package.json"))?);
    let mut done = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if !done.insert(name.clone()) {
            continue;
        }
        let package = folder.join("node_modules").join(&name);
        if !package.is_dir() {
            return Err(Failure::cannot(format!("{name} is not installed: run `npm install` in {}", folder.display())));
        }
        let settings = read(&package.join("package.json"))?;
        waiting.extend(dependencies(&settings));
        add(&package, &name, &settings, files)?;
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    serde_json::from_str(&text).map_err(|error| Failure::cannot(format!("{}: {error}", path.display())))
}

fn dependencies(settings: &Value) -> Vec<String> {
    let list = settings.get("dependencies").and_then(Value::as_object);
    list.into_iter().flat_map(|list| list.keys().cloned()).collect()
}

fn add(package: &Path, name: &str, settings: &Value, files: &mut Files) -> Outcome {
    let prefix = format!("miniprogram_npm/{name}/");
    if let Some(directory) = settings.get("miniprogram").and_then(Value::as_str) {
        return collect(&package.join(directory), &prefix, &mut |path, bytes| {
            files.insert(path, bytes);
            Ok(())
        });
    }
    let mut own = Files::new();
    collect(package, "", &mut |path, bytes| {
        if path.ends_with(".js") {
            own.insert(path, bytes);
        }
        Ok(())
    })?;
    let main = settings.get("main").and_then(Value::as_str).unwrap_or("index.js").trim_start_matches("./");
    let candidates = [main.to_owned(), format!("{main}.js"), format!("{}/index.js", main.trim_end_matches('/'))];
    let Some(main) = candidates.into_iter().find(|candidate| own.contains_key(candidate)) else {
        return Err(Failure::cannot(format!("{name}: its main file {main} is not there")));
    };
    if main != "index.js" {
        own.insert("index.js".to_owned(), format!("module.exports = require('./{main}')\n").into_bytes());
    }
    files.extend(own.into_iter().map(|(path, bytes)| (format!("{prefix}{path}"), bytes)));
    Ok(())
}
