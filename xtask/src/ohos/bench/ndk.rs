//! The layout of an OpenHarmony NDK, filled with Debian's clang and musl. The system libraries are empty but for
//! the names that OpenHarmony exports: whatever else our library asks for, the linker refuses.

use super::packages::{self, ClangVersion};
use super::{create, make_executable, quietly, write};
use crate::ohos::abi::Abi;
use crate::outcome::{Failure, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The system's libraries and the names each exports.
const SYSTEM: &[(&str, &str)] = &[
    ("libace_napi.z.so", include_str!("stand_ins/ace_napi.sym")),
    ("libhilog_ndk.z.so", include_str!("stand_ins/hilog.sym")),
    ("libohweb.so", include_str!("stand_ins/ohweb.sym")),
];

/// Enough for ohrs, which looks for the file, and for the `cmake` crate; the real one ships with the NDK.
const TOOLCHAIN: &str = r#"# A stand-in: the compilers, and where they find the system.
set(CMAKE_SYSTEM_NAME Linux)
get_filename_component(native "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(OHOS_ARCH STREQUAL "x86_64")
  set(triple x86_64-linux-ohos)
else()
  set(triple aarch64-linux-ohos)
endif()
set(CMAKE_C_COMPILER "${native}/llvm/bin/clang")
set(CMAKE_CXX_COMPILER "${native}/llvm/bin/clang++")
set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_CXX_COMPILER_TARGET ${triple})
set(CMAKE_SYSROOT "${native}/sysroot")
"#;

/// Debian's libunwind was built for another C library, whose checking form of one function it calls.
const CHECKED_PRINT: &str = "#include <stdarg.h>
#include <stdio.h>
int __fprintf_chk(FILE *file, int flag, const char *format, ...) {
  (void)flag;
  va_list rest;
  va_start(rest, format);
  int printed = vfprintf(file, format, rest);
  va_end(rest);
  return printed;
}
";

/// What `OHOS_NDK_HOME` names.
pub fn home(bench: &Path) -> PathBuf {
    bench.join("ndk")
}

/// Its compiler.
pub fn llvm(bench: &Path) -> PathBuf {
    home(bench).join("native/llvm")
}

/// Lays the NDK out beside the unpacked packages.
pub fn lay_out(bench: &Path, version: ClangVersion) -> Outcome {
    println!("setup: laying out the NDK");
    let native = home(bench).join("native");
    for folder in ["llvm/bin", "llvm/lib", "sysroot/usr/include", "sysroot/usr/lib", "build/cmake"] {
        create(&native.join(folder))?;
    }
    lay_out_compiler(bench, version)?;
    for abi in Abi::ALL {
        Target { bench, version, abi }.lay_out()?;
    }
    write(&native.join("build/cmake/ohos.toolchain.cmake"), TOOLCHAIN)?;
    let about = r#"{ "apiVersion": "0", "displayName": "stand-in, not the OpenHarmony NDK", "path": "native", "version": "0.0.0" }"#;
    write(&native.join("oh-uni-package.json"), about)
}

// Copies and not links: clang finds its own files and the system's from where its program lies.
fn lay_out_compiler(bench: &Path, ClangVersion(version): ClangVersion) -> Outcome {
    let debian = packages::root(bench).join(format!("usr/lib/llvm-{version}"));
    let llvm = llvm(bench);
    let programs = ["clang", "lld", "llvm-ar", "llvm-as", "llvm-objdump", "llvm-readobj", "llvm-objcopy", "llvm-nm"];
    for program in programs {
        copy(&debian.join("bin").join(program), &llvm.join("bin").join(program))?;
    }
    for (name, program) in [
        ("clang++", "clang"),
        ("ld.lld", "lld"),
        ("llvm-ranlib", "llvm-ar"),
        ("llvm-readelf", "llvm-readobj"),
        ("llvm-strip", "llvm-objcopy"),
    ] {
        link(program, &llvm.join("bin").join(name))?;
    }
    for library in
        [format!("libLLVM.so.{version}.1"), format!("libclang-cpp.so.{version}.1"), format!("libclang-{version}.so.1")]
    {
        let places = [debian.join("lib"), packages::root(bench).join("usr/lib/x86_64-linux-gnu")];
        let found = places.iter().map(|place| place.join(&library)).find(|path| path.exists());
        let found = found.ok_or_else(|| Failure::new(format!("Debian's packages hold no {library}")))?;
        copy(&found, &llvm.join("lib").join(&library))?;
    }
    link(&format!("libclang-{version}.so.1"), &llvm.join("lib/libclang.so"))?;
    create(&llvm.join(format!("lib/clang/{version}/lib")))?;
    // Debian's folder holds links to the files of other packages.
    let headers = format!("lib/clang/{version}/include");
    copy_folder(&debian.join(&headers), &llvm.join(&headers))
}

struct Target<'b> {
    bench: &'b Path,
    version: ClangVersion,
    abi: Abi,
}

impl Target<'_> {
    fn lay_out(&self) -> Outcome {
        self.lay_out_system()?;
        self.lay_out_compiler_libraries()?;
        self.write_compiler_scripts()?;
        for (library, names) in SYSTEM {
            self.build_system_library(library, names)?;
        }
        Ok(())
    }

    fn lay_out_system(&self) -> Outcome {
        let system = home(self.bench).join("native/sysroot/usr");
        let debian = packages::of_abi(self.bench, self.abi);
        let (musl, gnu) = (self.musl(), self.gnu());
        let headers = system.join("include").join(self.abi.ndk_triple());
        copy_folder(&debian.join("usr/include").join(&musl), &headers)?;
        copy_folder(&debian.join("usr/include").join(&gnu).join("asm"), &headers.join("asm"))?;
        for folder in ["linux", "asm-generic"] {
            let to = system.join("include").join(folder);
            if !to.exists() {
                copy_folder(&debian.join("usr/include").join(folder), &to)?;
            }
        }
        copy_folder(&debian.join("usr/lib").join(&musl), &self.libraries())?;
        copy(&debian.join("lib").join(&musl).join("libc.so"), &self.libraries().join("libc.so"))
    }

    fn lay_out_compiler_libraries(&self) -> Outcome {
        let ClangVersion(version) = self.version;
        let debian = packages::of_abi(self.bench, self.abi).join("usr/lib");
        let own = llvm(self.bench).join(format!("lib/clang/{version}/lib")).join(self.abi.ndk_triple());
        create(&own)?;
        let machine = self.abi.machine();
        for (name, own_name) in [
            (format!("libclang_rt.builtins-{machine}.a"), "libclang_rt.builtins.a"),
            (format!("clang_rt.crtbegin-{machine}.o"), "clang_rt.crtbegin.o"),
            (format!("clang_rt.crtend-{machine}.o"), "clang_rt.crtend.o"),
        ] {
            let folder = debian.join(format!("llvm-{version}/lib/clang/{version}/lib/linux"));
            copy(&folder.join(name), &own.join(own_name))?;
        }
        let unwind = llvm(self.bench).join("lib").join(self.abi.ndk_triple());
        create(&unwind)?;
        let unwind = unwind.join("libunwind.a");
        copy(&debian.join(self.gnu()).join("libunwind.a"), &unwind)?;
        let (source, object) = (self.bench.join("checked_print.c"), self.bench.join("checked_print.o"));
        write(&source, CHECKED_PRINT)?;
        quietly(self.clang().args(["-O2", "-fPIC", "-c", "-o"]).arg(&object).arg(&source))?;
        quietly(Command::new(llvm(self.bench).join("bin/llvm-ar")).arg("q").arg(unwind).arg(&object))?;
        remove(&source)?;
        remove(&object)
    }

    /// The scripts that the real NDK calls its compilers by.
    fn write_compiler_scripts(&self) -> Outcome {
        for compiler in ["clang", "clang++"] {
            let path = llvm(self.bench).join(format!("bin/{}-{compiler}", self.abi.target()));
            let triple = self.abi.ndk_triple();
            let body = format!(
                "#!/bin/sh\nd=$(dirname \"$(readlink -f \"$0\")\")\nexec \"$d/{compiler}\" --target={triple} -D__MUSL__ \"$@\"\n"
            );
            write(&path, &body)?;
            make_executable(&path)?;
        }
        Ok(())
    }

    /// A library that only has names. Each function traps, so that nobody takes it for the real one.
    fn build_system_library(&self, library: &str, names: &str) -> Outcome {
        let names = names.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let functions: String = names.map(|name| format!("void {name}(void) {{ __builtin_trap(); }}\n")).collect();
        let source = self.bench.join("names.c");
        write(&source, &functions)?;
        let mut clang = self.clang();
        clang.args(["-shared", "-fPIC", "-nostdlib", "-Wno-incompatible-library-redeclaration"]);
        clang.arg(format!("-Wl,-soname,{library}")).arg("-o").arg(self.libraries().join(library)).arg(&source);
        quietly(&mut clang)?;
        remove(&source)
    }

    fn clang(&self) -> Command {
        let mut clang = Command::new(llvm(self.bench).join("bin/clang"));
        clang.arg(format!("--target={}", self.abi.ndk_triple()));
        clang
    }

    fn libraries(&self) -> PathBuf {
        home(self.bench).join("native/sysroot/usr/lib").join(self.abi.ndk_triple())
    }

    fn musl(&self) -> String {
        format!("{}-linux-musl", self.abi.machine())
    }

    fn gnu(&self) -> String {
        format!("{}-linux-gnu", self.abi.machine())
    }
}

/// Compiles a shared library for `abi` with the bench's compiler.
pub fn compile_library(bench: &Path, abi: Abi, source: &Path, library: &Path) -> Outcome {
    let name = library.file_name().unwrap_or(library.as_os_str()).to_string_lossy();
    let mut clang = Command::new(llvm(bench).join(format!("bin/{}-clang", abi.target())));
    clang.args(["-shared", "-fPIC", "-O1"]).arg(format!("-Wl,-soname,{name}")).arg("-o").arg(library).arg(source);
    quietly(&mut clang)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    std::fs::copy(from, to).map(drop).map_err(|error| Failure::file(from, &error))
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    create(to)?;
    quietly(Command::new("cp").args(["--recursive", "--dereference"]).arg(from.join(".")).arg(to))
}

fn link(to: &str, at: &Path) -> Outcome {
    std::os::unix::fs::symlink(to, at).map_err(|error| Failure::file(at, &error))
}

fn remove(path: &Path) -> Outcome {
    std::fs::remove_file(path).map_err(|error| Failure::file(path, &error))
}
