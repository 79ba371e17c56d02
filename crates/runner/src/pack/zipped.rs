//! The bytes of a package. Equal files give equal bytes: names are sorted, times and rights are fixed.

use crate::failure::{Failure, Outcome};
use crate::package_files::Files;
use crate::terminal;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Packs the files.
pub fn zip(files: &Files) -> Outcome<Vec<u8>> {
    let fixed = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let bar = terminal::progress(files.len(), "packing");
    for (path, bytes) in files {
        bar.inc(1);
        let failed = |reason: String| Failure::cannot(format!("{path}: {reason}"));
        writer.start_file(path.as_str(), fixed).map_err(|error| failed(error.to_string()))?;
        writer.write_all(bytes).map_err(|error| failed(error.to_string()))?;
    }
    bar.finish_and_clear();
    let done = writer.finish().map_err(|error| Failure::cannot(format!("zip: {error}")))?;
    Ok(done.into_inner())
}
