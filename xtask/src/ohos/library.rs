//! The shared library as it was linked: which libraries it needs, that it registers itself, and how large it is.

use super::abi::Abi;
use super::toolchain::Toolchain;
use crate::outcome::{Failure, Outcome};
use crate::{process, workspace};
use std::path::{Path, PathBuf};

/// The only libraries that it may need: all of them belong to the system.
const SYSTEM: &[&str] = &["libace_napi.z.so", "libc.so", "libhilog_ndk.z.so", "libohweb.so"];
/// Without it the library exports nothing: a build without our exports ends well, too.
const NODE_API: &str = "libace_napi.z.so";
const REGISTRATION: &str = "napi_register_module_v1";

/// What one library is like.
pub struct Library {
    /// For which processors.
    pub abi: Abi,
    /// The file, with its names for those who read crash reports.
    pub path: PathBuf,
    /// The file as it ships.
    pub stripped: PathBuf,
    /// Size of the file as it ships.
    pub bytes: u64,
    /// The libraries that it needs.
    pub needed: Vec<String>,
}

impl Library {
    /// Looks at what ohrs has built.
    ///
    /// # Errors
    /// When it needs a library that is not the system's, or does not register itself.
    pub fn inspect(toolchain: &Toolchain, abi: Abi) -> Outcome<Self> {
        let path = workspace::root().join("dist").join(abi.folder()).join("libfinapp.so");
        let read = |program: &str, words: &[&str]| process::capture(toolchain.llvm(program).args(words).arg(&path));
        let needed = needed_libraries(&read("llvm-readobj", &["--needed-libs"])?);
        check_needed(&needed)?;
        check_registration(&read("llvm-nm", &["--dynamic", "--defined-only", "--format=just-symbols"])?)?;
        let stripped = super::toolchain::target().join("stripped").join(abi.folder()).join("libfinapp.so");
        strip(toolchain, &path, &stripped)?;
        let bytes = std::fs::metadata(&stripped).map_err(|error| Failure::file(&stripped, &error))?.len();
        Ok(Self { abi, path, stripped, bytes, needed })
    }
}

fn strip(toolchain: &Toolchain, from: &Path, to: &Path) -> Outcome {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    }
    process::capture(toolchain.llvm("llvm-strip").arg("--strip-unneeded").arg("-o").arg(to).arg(from)).map(drop)
}

// `NeededLibraries [`, one name a line, `]`.
fn needed_libraries(text: &str) -> Vec<String> {
    let inside = text.split_once("NeededLibraries [").map(|(_, rest)| rest).unwrap_or_default();
    let inside = inside.split(']').next().unwrap_or_default();
    inside.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn check_needed(needed: &[String]) -> Outcome {
    if let Some(foreign) = needed.iter().find(|name| !SYSTEM.contains(&name.as_str())) {
        return Err(Failure::new(format!("libfinapp.so needs {foreign}, which is not a library of the system")));
    }
    if !needed.iter().any(|name| name == NODE_API) {
        return Err(Failure::new(format!("libfinapp.so does not need {NODE_API}: it was built without its exports")));
    }
    Ok(())
}

fn check_registration(names: &str) -> Outcome {
    if names.lines().any(|name| name.trim() == REGISTRATION) {
        return Ok(());
    }
    Err(Failure::new(format!("libfinapp.so does not export {REGISTRATION}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_p03_a_library_that_needs_more_than_the_system_has_is_refused() {
        let text = "File: libfinapp.so\nNeededLibraries [\n  libace_napi.z.so\n  libc.so\n]\n";
        let needed = needed_libraries(text);
        assert_eq!(needed, ["libace_napi.z.so", "libc.so"]);
        assert!(check_needed(&needed).is_ok());
        assert!(check_needed(&needed_libraries("NeededLibraries [\n  libace_napi.z.so\n  libgcc_s.so.1\n]")).is_err());
        assert!(check_needed(&["libc.so".to_owned()]).is_err());
    }

    #[test]
    fn f_p03_a_library_that_does_not_register_itself_is_refused() {
        assert!(check_registration("OPENSSL_init\nnapi_register_module_v1\n").is_ok());
        assert!(check_registration("napi_register_module_v2\n").is_err());
        assert!(check_registration("").is_err());
    }
}
