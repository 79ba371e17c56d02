//! `finapp pack`: the zip of a folder, the same bytes each time, and what a server's index says of it.

mod npm;
mod zipped;

use crate::arguments::PackArguments;
use crate::failure::{Failure, Outcome};
use crate::package_files::{self, Files};
use finapp_core::Limits;
use finapp_core::applet::package::{Package, PackagePath};
use finapp_core::package_index::{IndexEntry, PackageFile};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Makes the package and prints its index entry.
pub fn run(arguments: &PackArguments) -> Outcome {
    let limits = Limits::default();
    let folder = fs::canonicalize(&arguments.folder).map_err(|error| Failure::file(&arguments.folder, &error))?;
    let out = arguments.out.clone().map_or_else(|| beside(&folder), Ok)?;
    let mut files = files_of(&folder, arguments.npm, &limits)?;
    // The package of an earlier run is no part of the next.
    if let Ok(old) = fs::canonicalize(&out)
        && let Ok(inside) = old.strip_prefix(&folder)
    {
        files.remove(&*inside.to_string_lossy());
    }
    let bytes = zipped::zip(&files)?;
    checked(&files, &bytes, &limits)?;
    fs::write(&out, &bytes).map_err(|error| Failure::file(&out, &error))?;
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let entry = IndexEntry::new(&arguments.app_id, arguments.app_version.parse()?, PackageFile::of(name, &bytes));
    let text = serde_json::to_string_pretty(&entry).map_err(|error| Failure::cannot(error.to_string()))?;
    // What a server must not say is refused here, before anybody uploads it.
    IndexEntry::parse(&text)?;
    anstream::println!("{text}");
    Ok(())
}

fn beside(folder: &Path) -> Outcome<PathBuf> {
    let name = folder.file_name().ok_or_else(|| Failure::cannot("the folder has no name: give --out"))?;
    Ok(PathBuf::from(format!("{}.zip", name.to_string_lossy())))
}

/// The package of a folder with its npm packages built, as a file that is gone when this is dropped.
///
/// # Errors
/// What `pack` refuses.
pub fn with_npm(folder: &Path) -> Outcome<NamedTempFile> {
    let limits = Limits::default();
    let files = files_of(folder, true, &limits)?;
    checked(&files, &zipped::zip(&files)?, &limits)
}

fn files_of(folder: &Path, npm: bool, limits: &Limits) -> Outcome<Files> {
    let mut files = package_files::of_folder(folder, limits)?;
    if npm {
        npm::build(folder, &mut files)?;
    }
    Ok(files)
}

/// Lets the library open the zip and read every source and plugin in it, in a place that nobody else sees.
fn checked(files: &Files, bytes: &[u8], limits: &Limits) -> Outcome<NamedTempFile> {
    let cannot = |error: std::io::Error| Failure::cannot(format!("no temporary file: {error}"));
    let file = NamedTempFile::new().map_err(cannot)?;
    fs::write(file.path(), bytes).map_err(cannot)?;
    let package = Package::open(file.path(), limits)?;
    for path in files.keys().filter(|path| path.ends_with(".js") || path.ends_with(".json")) {
        package.source(&PackagePath::parse(None, path)?)?;
    }
    for plugin in package.manifest().plugins() {
        package.plugin(&plugin.provider)?;
    }
    Ok(file)
}
