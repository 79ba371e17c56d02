//! The hand-written source files of the repository, for the checks that read them.

use crate::outcome::{Failure, Outcome};
use crate::workspace;
use std::path::Path;

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
    let (root, mut found) = (workspace::root(), Vec::new());
    let list = root.join(".gitignore");
    let made = Made(std::fs::read_to_string(&list).map_err(|error| Failure::file(&list, &error))?);
    collect(&root, "", &made, &mut found)?;
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

/// Folders that hold nothing written by hand, as .gitignore lists them: what the commands make there is no concern of the
/// checks.
struct Made(String);

impl Made {
    /// Whether it is one of them, by its path below the repository.
    fn holds(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == ".git"
            || self
                .0
                .lines()
                .map(|line| line.trim_end_matches('/'))
                .any(|line| if line.contains('/') { line.trim_start_matches('/') == path } else { line == name })
    }
}

fn collect(folder: &Path, prefix: &str, made: &Made, found: &mut Vec<Source>) -> Outcome {
    for entry in std::fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))? {
        let entry = entry.map_err(|error| Failure::file(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(|error| Failure::file(&entry.path(), &error))?;
        if kind.is_dir() {
            let path = format!("{prefix}{name}");
            if !made.holds(&path) {
                collect(&entry.path(), &format!("{path}/"), made, found)?;
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_commands_make_is_no_source() {
        let made = Made("/target\nnode_modules\n*.har\nfinapp/libs\nbuild/\n/examples/card/web/jssdk\n".to_owned());
        for path in ["target", ".git", "a/node_modules", "finapp/libs", "a/build", "examples/card/web/jssdk"] {
            assert!(made.holds(path), "{path}");
        }
        for path in ["a/target", "libs", "a/finapp/libs", "jssdk", "examples", "examples/card/web", "build.rs"] {
            assert!(!made.holds(path), "{path}");
        }
    }
}
