//! The parts of the bench that are Debian's: Rust, clang, musl and an emulator, unpacked beside each other. They come
//! through the machine's own mirror, but through package lists of our own, so that nothing of the machine changes.

use super::{create, quietly, write, write_script};
use crate::ohos::abi::Abi;
use crate::outcome::{Failure, Outcome};
use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release whose security updates carry a Rust and a clang that are new enough.
const RELEASE: &str = "bookworm";
/// The next one, for the one C library that today's builds of Node can be loaded with.
const NEXT_RELEASE: &str = "trixie";

/// Where the programs of the bench lie, unpacked.
pub fn root(folder: &Path) -> PathBuf {
    folder.join("root")
}

/// Where the packages of an architecture lie, unpacked.
pub fn of_abi(folder: &Path, abi: Abi) -> PathBuf {
    folder.join(abi.debian())
}

/// The C library that programs of an architecture are run with.
pub fn loader(abi: Abi) -> String {
    format!("{}-run/usr/lib/{}-linux-musl/libc.so", abi.debian(), abi.machine())
}

/// The version of clang, as its packages are called.
#[derive(Clone, Copy)]
pub struct ClangVersion(pub u32);

/// Fetches and unpacks everything.
pub fn unpack(folder: &Path) -> Outcome<ClangVersion> {
    let lists = Lists::fetch(folder)?;
    let standard_library = lists.dependency("libstd-rust-web-dev", "libstd-rust-web-")?;
    let clang = lists.dependency(&standard_library, "libllvm")?;
    let version = clang.trim_start_matches("libllvm").parse();
    let version = version.map_err(|_| Failure::new(format!("{clang} is no version of LLVM")))?;
    println!("setup: fetching Debian's {standard_library}, clang {version} and musl");

    let mut wanted: Vec<String> =
        ["rustc-web", "cargo-web", "rust-web-clippy", "rust-web-src", "libstd-rust-web-dev", "qemu-user"]
            .map(str::to_owned)
            .to_vec();
    wanted.extend([standard_library, clang]);
    wanted.extend(["clang", "lld", "llvm", "libclang1"].map(|name| format!("{name}-{version}")));
    wanted.extend([format!("libclang-cpp{version}"), format!("libclang-common-{version}-dev")]);
    let missing = lists.missing(&wanted)?;
    wanted.extend(missing);
    wanted.sort();
    wanted.dedup();
    lists.unpack(&wanted, &root(folder))?;
    for abi in Abi::ALL {
        let own = |name: &str| format!("{name}:{}", abi.debian());
        let libraries = [format!("libclang-rt-{version}-dev"), format!("libunwind-{version}-dev")];
        let mut packages: Vec<String> = libraries.iter().map(|name| own(name)).collect();
        packages.extend(["linux-libc-dev", "musl", "musl-dev"].map(own));
        lists.unpack(&packages, &of_abi(folder, abi))?;
        let loader = format!("{}/{NEXT_RELEASE}", own("musl"));
        lists.unpack(&[loader], &folder.join(format!("{}-run", abi.debian())))?;
    }
    lists.remove()?;
    Ok(ClangVersion(version))
}

/// Puts Rust's programs into `bin`, with the libraries they came with.
pub fn write_wrappers(folder: &Path) -> Outcome {
    for program in ["rustc", "rustdoc", "cargo", "cargo-clippy", "clippy-driver"] {
        let body =
            format!("LD_LIBRARY_PATH=\"$d/root/usr/lib/x86_64-linux-gnu\" exec \"$d/root/usr/bin/{program}\" \"$@\"");
        write_script(&folder.join("bin").join(program), &body)?;
    }
    Ok(())
}

/// apt with lists of our own.
struct Lists {
    folder: PathBuf,
}

impl Lists {
    fn fetch(bench: &Path) -> Outcome<Self> {
        let folder = bench.join("apt");
        for part in ["lists/partial", "cache/archives/partial", "sources"] {
            create(&folder.join(part))?;
        }
        let mirror = mirror()?;
        for (index, (place, suite)) in [
            ("debian", RELEASE.to_owned()),
            ("debian-security", format!("{RELEASE}-security")),
            ("debian", NEXT_RELEASE.to_owned()),
        ]
        .into_iter()
        .enumerate()
        {
            let source = format!(
                "Types: deb\nURIs: {mirror}/{place}\nSuites: {suite}\nComponents: main\n\
                 Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
            );
            write(&folder.join(format!("sources/{index}.sources")), &source)?;
        }
        // Only what is asked for by the release's name comes from the next one.
        write(&folder.join("preferences"), &format!("Package: *\nPin: release n={NEXT_RELEASE}\nPin-Priority: 1\n"))?;
        let lists = Self { folder };
        quietly(lists.apt("apt-get").arg("update"))?;
        Ok(lists)
    }

    fn apt(&self, program: &str) -> Command {
        let mut apt = Command::new(program);
        let option = |name: &str, path: &str| format!("-o{name}={}", self.folder.join(path).display());
        apt.arg("-qq").args([
            option("Dir::State::Lists", "lists"),
            option("Dir::Cache", "cache"),
            option("Dir::Etc::sourceparts", "sources"),
            option("Dir::Etc::preferences", "preferences"),
        ]);
        apt.args([
            "-oDir::Etc::sourcelist=/dev/null",
            "-oDir::Etc::preferencesparts=/dev/null",
            "-oAPT::Architectures::=amd64",
            "-oAPT::Architectures::=arm64",
            "-oAPT::Sandbox::User=root",
            "-oAcquire::Languages=none",
            "-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        ]);
        apt
    }

    /// The dependency of a package whose name begins so.
    fn dependency(&self, package: &str, prefix: &str) -> Outcome<String> {
        let text = process::capture(self.apt("apt-cache").args(["depends", package]))?;
        let found = find_dependency(&text, prefix);
        found.ok_or_else(|| Failure::new(format!("{package} depends on no {prefix}… in this Debian")))
    }

    /// What the packages need and this machine has not got.
    fn missing(&self, packages: &[String]) -> Outcome<Vec<String>> {
        let mut apt = self.apt("apt-get");
        apt.args(["--simulate", "--no-install-recommends", "install"]).args(packages);
        let text = process::capture(&mut apt)?;
        let installed = text.lines().filter_map(|line| line.strip_prefix("Inst "));
        Ok(installed.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect())
    }

    fn unpack(&self, packages: &[String], to: &Path) -> Outcome {
        let archives = self.folder.join("archives");
        create(&archives)?;
        create(to)?;
        quietly(self.apt("apt-get").arg("download").args(packages).current_dir(&archives))?;
        let entries = std::fs::read_dir(&archives).map_err(|error| Failure::file(&archives, &error))?;
        for entry in entries.filter_map(Result::ok) {
            quietly(Command::new("dpkg-deb").arg("--extract").arg(entry.path()).arg(to))?;
        }
        std::fs::remove_dir_all(&archives).map_err(|error| Failure::file(&archives, &error))
    }

    fn remove(self) -> Outcome {
        std::fs::remove_dir_all(&self.folder).map_err(|error| Failure::file(&self.folder, &error))
    }
}

/// Where this machine's apt gets Debian from.
fn mirror() -> Outcome<String> {
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--format", "$(SITE)", "Created-By: Packages"]);
    let sites = process::capture(&mut apt).map_err(|failure| {
        Failure::new(format!("the stand-in tools are made on Debian; elsewhere, set OHOS_NDK_HOME ({failure})"))
    })?;
    let own = sites.lines().find_map(|site| site.trim_end_matches('/').strip_suffix("/debian"));
    own.map(str::to_owned).ok_or_else(|| Failure::new("this machine's apt names no mirror of Debian"))
}

fn find_dependency(text: &str, prefix: &str) -> Option<String> {
    let names = text.lines().filter_map(|line| line.trim_start_matches([' ', '|']).strip_prefix("Depends: "));
    let is_version =
        |rest: &str| !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    names.map(str::trim).find(|name| name.strip_prefix(prefix).is_some_and(is_version)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_found_by_the_version_in_its_name() {
        let text = "libstd-rust-web-dev\n  Depends: libc6\n |Depends: libstd-rust-web-dev-wasm\n  Depends: libstd-rust-web-1.96\n";
        assert_eq!(find_dependency(text, "libstd-rust-web-").as_deref(), Some("libstd-rust-web-1.96"));
        assert_eq!(find_dependency(text, "libllvm"), None);
    }
}
