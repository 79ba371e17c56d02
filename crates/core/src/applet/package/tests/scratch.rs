//! A folder that tests may fill, gone when the test ends; and zips in memory.

#![expect(clippy::disallowed_methods, reason = "tests write the packages that they read")]

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(in super::super) struct Scratch(PathBuf);

impl Scratch {
    pub(in super::super) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("finapp-package-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    pub(in super::super) fn root(&self) -> &Path {
        &self.0
    }

    pub(in super::super) fn at(&self, place: &str) -> PathBuf {
        self.0.join(place)
    }

    pub(in super::super) fn write(&self, place: &str, bytes: &[u8]) -> PathBuf {
        let path = self.at(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(in super::super) fn folder(&self, place: &str, files: &[(&str, &str)]) -> PathBuf {
        for (name, text) in files {
            self.write(&format!("{place}/{name}"), text.as_bytes());
        }
        self.at(place)
    }

    pub(in super::super) fn remove(&self, place: &str) {
        fs::remove_file(self.at(place)).unwrap();
    }

    pub(in super::super) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.at(from), self.at(to)).unwrap();
    }

    /// Something that is neither file nor folder and cannot be opened.
    pub(in super::super) fn socket(&self, place: &str) -> PathBuf {
        UnixListener::bind(self.at(place)).unwrap();
        self.at(place)
    }

    /// A symbolic link at `place`; `target` is a place of this folder too and need not exist.
    pub(in super::super) fn link(&self, target: &str, place: &str) {
        let path = self.at(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.at(target), path).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The bytes of a zip with these files.
pub(crate) fn zip_of(files: &[(&str, impl AsRef<[u8]>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
