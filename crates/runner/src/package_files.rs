//! The files of a package by name and content, from a folder or a zip: for the commands that look at all of them. The
//! library itself never lists a package.

use crate::failure::{Failure, Outcome};
use finapp_core::Limits;
use finapp_core::applet::package::{Package, PackageSource};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Names that never belong to a package: tools keep them beside its sources.
const LEFT_OUT: &[&str] = &[
    "node_modules",
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "project.config.json",
    "project.private.config.json",
    "tsconfig.json",
    "jsconfig.json",
];

/// The files of a package, sorted by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads a package as the library will see it. It has been opened by the library before, which checks what a zip may
/// hold.
///
/// # Errors
/// What the library refuses, with its own words; a file that cannot be read.
pub fn read(package: &Path, limits: &Limits) -> Outcome<Files> {
    Package::open(package, limits)?;
    match PackageSource::detect(package)? {
        PackageSource::Folder(root) => of_folder(&root, limits),
        PackageSource::Zip(file) => of_zip(&file),
    }
}

/// Reads a folder without what tools keep there, and refuses what a package may not hold.
///
/// # Errors
/// A symbolic link, native code, a name that no package may have, too much of anything.
pub fn of_folder(root: &Path, limits: &Limits) -> Outcome<Files> {
    let mut files = Files::new();
    let mut bytes = 0;
    collect(root, "", &mut |path, found| {
        bytes += found.len();
        files.insert(path, found);
        if files.len() > limits.package_entries {
            return Err(Failure::cannot(format!("package entries: expected at most {}", limits.package_entries)));
        }
        if bytes > limits.package_bytes {
            return Err(Failure::cannot(format!("package bytes: expected at most {}", limits.package_bytes)));
        }
        Ok(())
    })?;
    Ok(files)
}

/// Hands every file below `folder` to `found`, by its path with `prefix` in front.
pub fn collect(folder: &Path, prefix: &str, found: &mut impl FnMut(String, Vec<u8>) -> Outcome) -> Outcome {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file(folder, &error))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| Failure::file(&path, &error))?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| Failure::cannot(format!("{}: not UTF-8", path.display())))?;
        if is_left_out(name) {
            continue;
        }
        let inside = format!("{prefix}{name}");
        if kind.is_symlink() {
            return Err(Failure::cannot(format!("{inside}: symbolic links are not followed")));
        }
        if kind.is_dir() {
            collect(&path, &format!("{inside}/"), found)?;
        } else if is_native(name) {
            return Err(Failure::cannot(format!("{inside}: a package holds no native code")));
        } else {
            let bytes = fs::read(&path).map_err(|error| Failure::file(&path, &error))?;
            found(inside, bytes)?;
        }
    }
    Ok(())
}

fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name.ends_with(".d.ts") || LEFT_OUT.contains(&name)
}

/// Whether a file is native code by its name. Nothing would ever run it; it only shows that something went wrong.
fn is_native(name: &str) -> bool {
    let endings = [".node", ".so", ".dll", ".dylib", ".abc"];
    endings.iter().any(|ending| name.ends_with(ending)) || name.contains(".so.")
}

fn of_zip(file: &Path) -> Outcome<Files> {
    let torn = |error: zip::result::ZipError| Failure::cannot(format!("{}: {error}", file.display()));
    let opened = fs::File::open(file).map_err(|error| Failure::file(file, &error))?;
    let mut archive = zip::ZipArchive::new(opened).map_err(torn)?;
    let mut files = Files::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(torn)?;
        if entry.is_dir() {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| Failure::file(file, &error))?;
        let name = entry.name().map_err(torn)?.into_owned();
        files.insert(name.trim_start_matches("./").to_owned(), bytes);
    }
    Ok(files)
}
