//! The stand-in for HarmonyOS's NDK and devices: Debian's compiler and C library laid out as the NDK is, Rust's standard
//! library built for the two targets, and Node built for the same C library. It is made once, in the user's cache
//! folder, and holds no absolute path.
//!
//! What it shows: that our code compiles, that it links with nothing but what OpenHarmony exports, and that the library
//! as built runs. What it cannot show stands in the README.

mod ndk;
mod packages;
mod run_time;
mod standard_library;

use super::abi::Abi;
use super::ndk::Ndk;
use crate::outcome::{Failure, Outcome};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program that packs Rust libraries for HarmonyOS.
pub const OHRS: &str = "1.5.0";

/// Goes up whenever the recipe changes, so that an older bench is not taken for a new one.
const RECIPE: u32 = 2;

/// A bench that is ready.
pub struct Bench {
    folder: PathBuf,
    /// The stand-in NDK.
    pub ndk: Ndk,
}

impl Bench {
    /// Finds the bench, or makes it: some minutes, about 350 MB of downloads and 2 GB on disk, once.
    ///
    /// # Errors
    /// When a part of it cannot be fetched or built.
    pub fn ensure() -> Outcome<Self> {
        let cache = cache_folder()?;
        let folder = cache.join(format!("ohos-{RECIPE}"));
        if !folder.is_dir() {
            make(&cache, &folder)?;
        }
        Self::at(folder)
    }

    fn at(folder: PathBuf) -> Outcome<Self> {
        Ok(Self { ndk: Ndk::at(&ndk::home(&folder))?, folder })
    }

    /// Runs a test program that was built for `abi`.
    pub fn runner(&self, abi: Abi) -> PathBuf {
        run_time::runner(&self.folder, abi)
    }

    /// Node, built for the C library that HarmonyOS's is made from.
    pub fn node(&self, abi: Abi) -> PathBuf {
        run_time::node(&self.folder, abi)
    }

    /// The library that stands in for ArkWeb, for suites that are the browser behind it.
    pub fn arkweb(&self, abi: Abi) -> PathBuf {
        run_time::arkweb(&self.folder, abi)
    }

    /// The bench's own cargo, set up for both targets.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(self.folder.join("bin/cargo"));
        self.set_up(&mut cargo);
        cargo
    }

    /// ohrs, which runs that cargo.
    pub fn ohrs(&self) -> Command {
        let mut ohrs = Command::new(self.folder.join("tools/bin/ohrs"));
        self.set_up(&mut ohrs);
        ohrs
    }

    fn set_up(&self, command: &mut Command) {
        command.env("PATH", with_path(&self.folder.join("bin")));
        // Ours names another cargo, whose compiler knows nothing of these targets.
        command.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTFLAGS").env_remove("RUSTUP_TOOLCHAIN");
        self.ndk.set_up(command);
        for abi in Abi::ALL {
            let target = abi.target().replace('-', "_").to_uppercase();
            command.env(format!("CARGO_TARGET_{target}_RUNNER"), self.runner(abi));
        }
    }
}

// Made in a folder of its own and moved into place, so that a bench that is there is complete.
fn make(cache: &Path, folder: &Path) -> Outcome {
    let fresh = cache.join(format!("ohos-{RECIPE}.{}", std::process::id()));
    println!("setup: making the stand-in for the HarmonyOS tools in {} (some minutes, 2 GB, once)", folder.display());
    let made = fill(&fresh).and_then(|()| match std::fs::rename(&fresh, folder) {
        // Somebody else was quicker.
        Err(_) if folder.is_dir() => Ok(()),
        other => other.map_err(|error| Failure::file(folder, &error)),
    });
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh).map_err(|error| Failure::file(&fresh, &error))?;
    }
    made
}

fn fill(folder: &Path) -> Outcome {
    create(&folder.join("bin"))?;
    let compiler = packages::unpack(folder)?;
    packages::write_wrappers(folder)?;
    ndk::lay_out(folder, compiler)?;
    run_time::lay_out(folder)?;
    let bench = Bench::at(folder.to_owned())?;
    standard_library::build(&bench)?;
    println!("setup: building ohrs {OHRS}");
    let mut cargo = bench.cargo();
    cargo.args(["install", "--quiet", "ohrs", "--version", OHRS, "--locked", "--root"]).arg(folder.join("tools"));
    quietly(&mut cargo)
}

fn cache_folder() -> Outcome<PathBuf> {
    let own = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let folder = own.or_else(home).ok_or_else(|| Failure::new("neither XDG_CACHE_HOME nor HOME is set"))?;
    let folder = folder.join("finapp");
    create(&folder)?;
    Ok(folder)
}

fn with_path(first: &Path) -> OsString {
    let mut path = first.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

fn create(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))
}

fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| Failure::file(path, &error))
}

/// A shell script beside others, which finds everything from where it lies itself.
fn write_script(path: &Path, body: &str) -> Outcome {
    write(path, &format!("#!/bin/sh\nd=$(dirname \"$(readlink -f \"$0\")\")/..\n{body}\n"))?;
    make_executable(path)
}

fn make_executable(path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, executable).map_err(|error| Failure::file(path, &error))
}

/// Runs a program and shows what it says only when it fails.
fn quietly(command: &mut Command) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Failure::new(format!("cannot run {program}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("{program} ended with {}: {}", output.status, said.trim())))
}
