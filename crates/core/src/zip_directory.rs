//! Reading the directory of a zip that somebody else made: of a package, or of an archive that a mini-program unpacks.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config, ZipArchiveMetadata, ZipFileEntry};
use zip::result::ZipError;

/// What an entry may take in the directory, on average: header, name, extra fields.
const DIRECTORY_BYTES_PER_ENTRY: usize = 512;

/// What finding the directory may cost: an archive may end with a comment of 64 KiB, which is searched.
const SEARCH_BYTES: usize = 256 * 1024;

/// Where the Unix mode of an entry keeps the type of the file, and the types a package may hold: not said, regular
/// file, folder. Everything else is a link, a device or a pipe.
const TYPE_BITS: u32 = 0o170_000;
const PLAIN_TYPES: [u32; 3] = [0, 0o100_000, 0o040_000];

/// What reading the directory of so many entries may take.
pub(crate) fn room(entries: usize) -> usize {
    entries.saturating_mul(DIRECTORY_BYTES_PER_ENTRY).saturating_add(SEARCH_BYTES)
}

/// Whether the entry is a file or a folder, and nothing else.
pub(crate) fn is_plain(entry: &ZipFileEntry<'_>) -> bool {
    PLAIN_TYPES.contains(&(entry.external_attributes() >> 16 & TYPE_BITS))
}

/// Reads the directory of a zip that begins at the first byte of `file`. It stops with `FileTooLarge` once `room` bytes
/// were read: a directory of millions of tiny entries would take gigabytes before anybody could count them.
pub(crate) fn read(file: impl Read + Seek, room: usize) -> Result<Arc<ZipArchiveMetadata>, ZipError> {
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    Ok(ZipArchive::with_config(config, Metered { file, room })?.metadata())
}

/// A reader that refuses to go on after `room` bytes.
struct Metered<R> {
    file: R,
    room: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(self.room);
        let read = self.file.read(&mut buffer[..most])?;
        self.room -= read;
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applet::package::tests::scratch::zip_of;
    use std::io::Cursor;

    #[test]
    fn a_directory_too_long_to_count_is_given_up_before_it_is_in_memory() {
        let names: Vec<String> = (0..2_000).map(|number| format!("{number}.js")).collect();
        let entries: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
        let zip = zip_of(&entries);
        let error = read(Cursor::new(&zip), 90_000).unwrap_err();
        assert!(matches!(&error, ZipError::Io(error) if error.kind() == ErrorKind::FileTooLarge), "{error}");
        assert_eq!(read(Cursor::new(&zip), SEARCH_BYTES).unwrap().len(), 2_000);
    }
}
