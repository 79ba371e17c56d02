//! The hand-written source files of the repository, for the checks that read them.

use crate::outcome::{Failure, Outcome};
use crate::workspace;
use std::path::Path;

/// Folders that hold nothing written by hand.
const SKIPPED: &[&str] = &["target", "node_modules", "oh_modules", "dist", "build", ".git", ".hvigor", ".cxx"];
const EXTENSIONS: &[&str] = &["rs", "js", "mjs", "cjs", "ts", "ets"];

/// One file, with its path below the repository, written with `/`.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it lies in the folder, or is the file, that `place` names.
    pub fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }
}

/// All source files, sorted by path.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn all() -> Outcome<Vec<Source>> {
    let mut found = Vec::new();
    collect(&workspace::root(), "", &mut found)?;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) -> Outcome {
    for entry in std::fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))? {
        let entry = entry.map_err(|error| Failure::file(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(|error| Failure::file(&entry.path(), &error))?;
        if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{prefix}{name}/"), found)?;
        } else if kind.is_file()
            && EXTENSIONS.iter().any(|known| name.rsplit_once('.').is_some_and(|(_, own)| own == *known))
        {
            // Packages of the tests may hold broken text on purpose.
            let bytes = std::fs::read(entry.path()).map_err(|error| Failure::file(&entry.path(), &error))?;
            found.push(Source { path: format!("{prefix}{name}"), text: String::from_utf8_lossy(&bytes).into_owned() });
        }
    }
    Ok(())
}
