//! The two processor architectures that the library ships for, and what each world calls them.

/// One architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// Phones and tablets.
    Arm64,
    /// The emulator, and some computers.
    X64,
}

impl Abi {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X64];

    /// What `ohrs build -a` calls it.
    pub fn ohrs_name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X64 => "x64",
        }
    }

    /// The folder of a HAR that its libraries lie in.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64-v8a",
            Self::X64 => "x86_64",
        }
    }

    /// Its name in triples, and in the names of clang's own libraries.
    pub fn machine(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X64 => "x86_64",
        }
    }

    /// Rust's target.
    pub fn target(self) -> String {
        format!("{}-unknown-linux-ohos", self.machine())
    }

    /// The triple of the NDK's folders.
    pub fn ndk_triple(self) -> String {
        format!("{}-linux-ohos", self.machine())
    }

    /// Debian's name.
    pub fn debian(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X64 => "amd64",
        }
    }
}
