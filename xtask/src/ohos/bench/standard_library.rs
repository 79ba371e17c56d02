//! Rust's standard library for the two targets, built from Debian's source and put where `rustup target add` would put
//! it: after that, plain cargo builds for them.

use super::{Bench, create, packages, quietly, write};
use crate::ohos::abi::Abi;
use crate::outcome::{Failure, Outcome};
use std::path::Path;

const MANIFEST: &str =
    "[package]\nname = \"standard-library\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
const CRATES: &str = "-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test";

/// Builds and installs it.
pub fn build(bench: &Bench) -> Outcome {
    let folder = bench.folder.join("standard-library");
    create(&folder.join("src"))?;
    write(&folder.join("Cargo.toml"), MANIFEST)?;
    write(&folder.join("src/lib.rs"), "")?;
    for abi in Abi::ALL {
        println!("setup: building Rust's standard library for {}", abi.target());
        let mut cargo = bench.cargo();
        cargo.args(["build", "--quiet", "--release", CRATES, "--target", &abi.target()]).current_dir(&folder);
        // Building it is not stable by itself; its embedded bitcode is what link-time optimisation works on.
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
        cargo.env("CARGO_TARGET_DIR", folder.join("target"));
        quietly(&mut cargo)?;
        install(bench, abi, &folder.join("target").join(abi.target()).join("release/deps"))?;
    }
    std::fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))
}

fn install(bench: &Bench, abi: Abi, built: &Path) -> Outcome {
    let place = packages::root(&bench.folder).join("usr/lib/rustlib").join(abi.target()).join("lib");
    create(&place)?;
    let entries = std::fs::read_dir(built).map_err(|error| Failure::file(built, &error))?;
    let mut installed = 0;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstandard_library") {
            std::fs::copy(entry.path(), place.join(&name)).map_err(|error| Failure::file(&entry.path(), &error))?;
            installed += 1;
        }
    }
    if installed > 0 { Ok(()) } else { Err(Failure::new(format!("{} holds no library", built.display()))) }
}
