//! What the bundle of the component layer is made from, as one number. `cargo xtask bundle` writes it on the bundle's
//! first line, and the build script of this crate, which includes this file too, refuses a bundle made from other files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the bundle lies, from the repository's folder. Not in cargo's own folder, which each target may have another of.
pub const BUNDLE: &str = "target/components/bundle.js";

/// The files that the bundle is made from, in a fixed order.
///
/// # Errors
/// When the folder cannot be read.
pub fn inputs(components: &Path) -> io::Result<Vec<PathBuf>> {
    let mut inputs =
        vec![components.join("package-lock.json"), components.join("bundle.mjs"), components.join("sources.mjs")];
    let mut layer: Vec<PathBuf> = fs::read_dir(components.join("layer"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    layer.retain(|path| path.extension().is_some_and(|ending| ending == "js"));
    layer.sort();
    inputs.append(&mut layer);
    Ok(inputs)
}

/// The first line of a bundle made from these files: FNV-1a over their names and bytes, which is enough to notice an
/// edit.
///
/// # Errors
/// When one cannot be read.
pub fn first_line(inputs: &[PathBuf]) -> io::Result<String> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for path in inputs {
        take(path.file_name().unwrap_or_default().as_encoded_bytes());
        take(&fs::read(path)?);
    }
    Ok(format!("// made from {hash:016x}"))
}
