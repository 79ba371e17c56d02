//! What the suites share: the built program, packages in folders of their own, and transcripts to compare with.
#![expect(dead_code, reason = "each suite uses its own part of this")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test; tests have files and processes of their own"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A folder of its own for each test, gone at the end.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (path, text) in files {
            folder.file(path, text);
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path below it, as text.
    pub fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn text(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// How the program ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `finapp` with these arguments, in the repository.
pub fn finapp(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_finapp"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    ran(command.output().unwrap())
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("it ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a package with a script; both are given as text.
pub fn play(package: &Folder, script: &str, more: &[&str]) -> Ran {
    let own = Folder::with(&[("script", script)]);
    let (script, package) = (own.at("script"), package.text());
    let mut arguments = vec!["run", package, "--script", &script];
    arguments.extend(more);
    finapp(&arguments)
}

/// Compares with a file of the repository; with `UPDATE_TRANSCRIPTS=1` it becomes what came.
pub fn same_as_file(file: &str, came: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, came).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if came != expected {
        panic!("{file} differs; it would be with UPDATE_TRANSCRIPTS=1:\n{came}");
    }
}
