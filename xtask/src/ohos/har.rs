//! The HAR: what of `finapp/` an app gets, with the libraries in it. ohrs packs whatever lies in a folder, so the folder
//! is filled file by file, and what was packed is compared with that.

use super::library::Library;
use super::toolchain::{Toolchain, target};
use crate::outcome::{Failure, Outcome};
use crate::{process, setup, workspace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files beside the ArkTS sources, from the folder of the HAR.
const FILES: &[&str] = &[
    "CHANGELOG.md",
    "Index.ets",
    "LICENSE",
    "README.md",
    "consumer-rules.txt",
    "oh-package.json5",
    "src/main/module.json5",
    "types/libfinapp/index.d.ts",
    "types/libfinapp/oh-package.json5",
];
/// From the repository's own folder.
const NOTICES: &str = "THIRD-PARTY";
/// Makes the page SDK.
const PAGE_SDK_BUILD: &str = "jssdk/build.mjs";
/// What of it the HAR has, for the web pages that an app itself brings.
const PAGE_SDK: &[&str] = &["jssdk.js", "jssdk.mjs", "jssdk.d.ts"];
/// Where an app finds it: as the raw file `finapp/jssdk.js`.
const PAGE_SDK_FOLDER: &str = "src/main/resources/rawfile/finapp";
const DECLARATIONS: &str = "types/libfinapp/index.d.ts";
const NAME: &str = "finapp-sdk";

/// A packed HAR.
pub struct Har {
    /// The archive.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How many files are in it.
    pub files: usize,
}

/// Packs the HAR and checks what is in it.
///
/// # Errors
/// When a file is missing, or the archive holds another set of files than the one wanted.
pub fn pack(toolchain: &Toolchain, libraries: &[Library]) -> Outcome<Har> {
    let folder = target().join("har");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    }
    let wanted = stage(&folder, libraries)?;
    let path = folder.join(format!("{NAME}.har"));
    process::run(
        toolchain
            .ohrs()
            .current_dir(&folder)
            .args(["artifact", "--no-workspace", "-n", NAME, "-d"])
            .arg(folder.join("libs")),
    )?;
    // ohrs ends with 0 also when it has packed nothing.
    let bytes = std::fs::metadata(&path).map_err(|error| Failure::file(&path, &error))?.len();
    let listing = process::capture(Command::new("tar").arg("--list").arg("--file").arg(&path))?;
    let packed = files_in(&listing);
    compare(&wanted, &packed)?;
    Ok(Har { path, bytes, files: packed.len() })
}

// Fills `package` with our files and `libs` with the libraries, which ohrs puts into `package/libs`.
fn stage(folder: &Path, libraries: &[Library]) -> Outcome<BTreeSet<String>> {
    let own = workspace::root().join("finapp");
    let package = folder.join("package");
    let mut wanted = BTreeSet::new();
    let mut put = |from: PathBuf, to: &str| {
        wanted.insert(format!("package/{to}"));
        copy(&from, &package.join(to))
    };
    for file in FILES {
        put(own.join(file), file)?;
    }
    put(workspace::root().join(NOTICES), NOTICES)?;
    for source in crate::sources::all()?.iter().filter(|source| source.is_in("finapp/src/main/ets/")) {
        put(workspace::root().join(&source.path), source.path.trim_start_matches("finapp/"))?;
    }
    let page_sdk = folder.join("jssdk");
    process::run(setup::node().arg(PAGE_SDK_BUILD).arg(&page_sdk))?;
    for file in PAGE_SDK {
        put(page_sdk.join(file), &format!("{PAGE_SDK_FOLDER}/{file}"))?;
    }
    let libs = folder.join("libs");
    wanted.insert("package/libs/index.d.ts".to_owned());
    copy(&own.join(DECLARATIONS), &libs.join("index.d.ts"))?;
    for library in libraries {
        let to = format!("{}/libfinapp.so", library.abi.folder());
        wanted.insert(format!("package/libs/{to}"));
        copy(&library.stripped, &libs.join(to))?;
    }
    Ok(wanted)
}

// The archive names folders, too, like files.
fn files_in(listing: &str) -> BTreeSet<String> {
    let names: BTreeSet<&str> =
        listing.lines().map(|line| line.trim_start_matches("./").trim_end_matches('/')).collect();
    let folders: BTreeSet<&str> =
        names.iter().filter_map(|name| name.rsplit_once('/')).map(|(folder, _)| folder).collect();
    names.iter().filter(|name| !folders.contains(*name) && !name.is_empty()).map(|name| (*name).to_owned()).collect()
}

fn compare(wanted: &BTreeSet<String>, packed: &BTreeSet<String>) -> Outcome {
    let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| {
        left.difference(right).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    if wanted == packed {
        return Ok(());
    }
    Err(Failure::new(format!("the HAR lacks [{}] and has [{}] too many", only(wanted, packed), only(packed, wanted))))
}

fn copy(from: &Path, to: &Path) -> Outcome {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    }
    std::fs::copy(from, to).map(drop).map_err(|error| Failure::file(from, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_j40_the_page_sdk_is_a_raw_file_of_the_har() {
        let folder = workspace::target().join("test").join("har-stage");
        let wanted = stage(&folder, &[]).unwrap();
        for file in ["jssdk.js", "jssdk.mjs", "jssdk.d.ts"] {
            let place = format!("package/src/main/resources/rawfile/finapp/{file}");
            assert!(wanted.contains(&place) && folder.join(&place).is_file(), "{place}");
        }
    }

    #[test]
    fn folders_are_no_files_however_the_archive_names_them() {
        let listing =
            "package\npackage/libs/\n./package/libs/a.so\npackage/src\npackage/src/ets\npackage/src/ets/b.ets\n";
        assert_eq!(files_in(listing).into_iter().collect::<Vec<_>>(), ["package/libs/a.so", "package/src/ets/b.ets"]);
    }

    #[test]
    fn f_p01_a_har_with_a_file_missing_or_too_many_is_refused() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert!(compare(&set(&["a", "b"]), &set(&["a", "b"])).is_ok());
        for (packed, named) in [(&["a"][..], "lacks [b]"), (&["a", "b", "c"][..], "has [c]")] {
            let failure = compare(&set(&["a", "b"]), &set(packed)).unwrap_err().to_string();
            assert!(failure.contains(named), "{failure}");
        }
    }
}
