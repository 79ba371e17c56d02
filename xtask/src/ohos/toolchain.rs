//! What the library is cross-built with: the NDK that `OHOS_NDK_HOME` names, with the Rust that runs us, or the
//! stand-in, which can also run what it builds.

use super::abi::Abi;
use super::bench::{Bench, OHRS};
use super::ndk::Ndk;
use crate::outcome::{Failure, Outcome};
use crate::{process, workspace};
use std::path::PathBuf;
use std::process::Command;

/// Tools for both architectures.
pub enum Toolchain {
    /// An NDK of OpenHarmony or HarmonyOS.
    Official(Ndk),
    /// Our own.
    StandIn(Bench),
}

impl Toolchain {
    /// Takes the NDK that is named, or makes the stand-in.
    ///
    /// # Errors
    /// When the NDK named is none, the tools that belong to it are missing, or the stand-in cannot be made.
    pub fn find() -> Outcome<Self> {
        let Some(home) = std::env::var_os("OHOS_NDK_HOME").filter(|home| !home.is_empty()) else {
            return Ok(Self::StandIn(Bench::ensure()?));
        };
        let home = PathBuf::from(home);
        let ndk = Ndk::at(&home).map_err(|failure| Failure::new(format!("OHOS_NDK_HOME: {failure}")))?;
        for abi in Abi::ALL {
            check_target(abi)?;
        }
        if process::version("ohrs").is_none() {
            return Err(Failure::new(format!("ohrs is missing: cargo install ohrs --version {OHRS} --locked")));
        }
        println!("building with the NDK in {}", home.display());
        Ok(Self::Official(ndk))
    }

    /// ohrs, in the repository's folder, with a target folder of its own.
    pub fn ohrs(&self) -> Command {
        at_home(match self {
            Self::Official(ndk) => set_up(ndk, Command::new("ohrs")),
            Self::StandIn(bench) => bench.ohrs(),
        })
    }

    /// The cargo that builds for both targets, in the same places.
    pub fn cargo(&self) -> Command {
        at_home(match self {
            Self::Official(ndk) => set_up(ndk, process::cargo()),
            Self::StandIn(bench) => bench.cargo(),
        })
    }

    /// One of the NDK's programs.
    pub fn llvm(&self, program: &str) -> Command {
        let (Self::Official(ndk) | Self::StandIn(Bench { ndk, .. })) = self;
        Command::new(ndk.program(program))
    }
}

fn set_up(ndk: &Ndk, mut command: Command) -> Command {
    ndk.set_up(&mut command);
    command
}

/// Where everything for HarmonyOS is built: another compiler would rebuild what it finds in the folder of the first.
pub fn target() -> PathBuf {
    workspace::target().join("ohos")
}

/// In the repository's folder, with the target folder of HarmonyOS.
pub fn at_home(mut command: Command) -> Command {
    command.current_dir(workspace::root()).env("CARGO_TARGET_DIR", target());
    command
}

fn check_target(abi: Abi) -> Outcome {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", &abi.target()]);
    let folder = process::capture(&mut rustc)?;
    if PathBuf::from(folder.trim()).is_dir() {
        return Ok(());
    }
    Err(Failure::new(format!("Rust's standard library for it is missing: rustup target add {}", abi.target())))
}
