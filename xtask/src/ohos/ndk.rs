//! An NDK, as `OHOS_NDK_HOME` names one, and what a build has to be told about it. ohrs tells the most of it, but not
//! bindgen, which otherwise looks for the headers of this machine; plain cargo tells nothing.

use super::abi::Abi;
use crate::outcome::{Failure, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds `native`.
pub struct Ndk {
    home: PathBuf,
    resources: PathBuf,
}

impl Ndk {
    /// Looks at the folder.
    ///
    /// # Errors
    /// When it holds no compiler.
    pub fn at(home: &Path) -> Outcome<Self> {
        let versions = home.join("native/llvm/lib/clang");
        let entries = std::fs::read_dir(&versions).map_err(|error| Failure::file(&versions, &error))?;
        let folders = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
        // One that holds several would use the newest.
        let resources = folders.max().ok_or_else(|| Failure::new(format!("{} is empty", versions.display())))?;
        Ok(Self { home: home.to_owned(), resources })
    }

    /// One of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("native/llvm/bin").join(name)
    }

    /// Tells a build for both architectures.
    pub fn set_up(&self, command: &mut Command) {
        command.env("OHOS_NDK_HOME", &self.home).env("LIBCLANG_PATH", self.home.join("native/llvm/lib"));
        for abi in Abi::ALL {
            let clang = self.program(&format!("{}-clang", abi.target()));
            let target = abi.target().replace('-', "_");
            command
                .env(format!("CARGO_TARGET_{}_LINKER", target.to_uppercase()), &clang)
                .env(format!("CC_{target}"), &clang)
                .env(format!("AR_{target}"), self.program("llvm-ar"))
                .env(format!("BINDGEN_EXTRA_CLANG_ARGS_{target}"), self.bindgen_arguments(abi));
        }
    }

    fn bindgen_arguments(&self, abi: Abi) -> String {
        let system = self.home.join("native/sysroot");
        let (system, resources) = (system.display(), self.resources.display());
        format!("--target={} --sysroot={system} -resource-dir={resources}", abi.ndk_triple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_compiler_is_no_ndk() {
        assert!(Ndk::at(Path::new("/nowhere")).is_err());
    }
}
