//! Archives that a mini-program reads or unpacks. Somebody else made them: names may climb, sizes may lie, a few bytes
//! may unpack to gigabytes.

use super::content::Encoding;
use super::fault::Fault;
use super::folder::Kind;
use super::place::{Area, Place, check_name};
use super::reading::Source;
use super::request::{EntryItem, body, part};
use super::sandbox::{Sandbox, check_writable};
use super::writing;
use crate::bridge::{Binary, BinaryKind, PathSegment, Payload};
use crate::error::ErrorCode;
use crate::limits::Limits;
use crate::zip_directory;
use std::io::{BufReader, Read};
use std::sync::Arc;
use zip::ZipReadOptions;
use zip::read::{ZipArchiveMetadata, ZipFileEntry};

type Result<T> = std::result::Result<T, Fault>;

/// An open archive.
pub(super) struct Archive {
    source: Source,
    directory: Arc<ZipArchiveMetadata>,
}

impl Archive {
    pub(super) fn open(sandbox: &Sandbox, place: &Place, limits: &Limits) -> Result<Self> {
        let mut source = Source::open(sandbox, place, limits)?;
        let room = zip_directory::room(limits.files_entries);
        let directory = zip_directory::read(BufReader::new(&mut source), room).map_err(|_| Fault::ZipUnreadable)?;
        if directory.len() > limits.files_entries {
            return Err(Fault::Own(ErrorCode::TooLarge));
        }
        Ok(Self { source, directory })
    }

    /// Unpacks everything below a folder, which is made if it is missing. All names are checked before the first file
    /// is written.
    pub(super) fn unpack(mut self, sandbox: &Sandbox, target: &Place) -> Result<()> {
        check_writable(target)?;
        let directory = self.directory.clone();
        let mut planned = Vec::with_capacity(directory.len());
        let mut bytes: u64 = 0;
        for position in 0..directory.len() {
            let entry = directory.entry(position).map_err(|_| Fault::Zip)?;
            bytes = bytes.saturating_add(entry.size());
            planned.push((position, place_of(&entry, target)?));
        }
        sandbox.check_room(target.area, bytes, planned.len())?;
        ensure(sandbox, target)?;
        for (position, (place, is_folder)) in planned {
            if is_folder {
                ensure(sandbox, &place)?;
                continue;
            }
            if let Some((_, above)) = place.names.split_last() {
                ensure(sandbox, &Place { area: place.area, names: above.to_vec() })?;
            }
            let entry = directory.entry(position).map_err(|_| Fault::Zip)?;
            let size = entry.size();
            let inflated = entry.with_reader(&mut self.source, ZipReadOptions::new()).map_err(|_| Fault::ZipEntry)?;
            let mut exact = Exact { from: inflated, left: size, lied: false };
            // Nothing is written of an empty file, so nothing would be asked for.
            let put = if size == 0 { exact.end().map_err(Fault::from) } else { Ok(()) };
            let put = put.and_then(|()| writing::put(sandbox, &place, &mut exact, size));
            if exact.lied {
                return Err(Fault::ZipEntry);
            }
            put?;
        }
        Ok(())
    }

    /// The content of the entries that are wanted, each with its own verdict.
    pub(super) fn read(
        mut self,
        wanted: Option<&[EntryItem]>,
        encoding: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Payload> {
        let directory = self.directory.clone();
        let mut contents =
            Contents { text: "{\"entries\":{".to_owned(), binaries: Vec::new(), room: limits.message_binary_bytes };
        match wanted {
            None => {
                for position in 0..directory.len() {
                    let entry = directory.entry(position).map_err(|_| Fault::Zip)?;
                    let Ok(name) = String::from_utf8(entry.name_raw().to_vec()) else { continue };
                    if !name.ends_with('/') {
                        let content = self.content(entry, None, None, contents.room);
                        contents.add(&name, content, encoding)?;
                    }
                }
            }
            Some(items) => {
                for item in items {
                    let encoding = item.encoding.as_deref().map(Encoding::parse).transpose()?;
                    let found = (0..directory.len())
                        .filter_map(|position| directory.entry(position).ok())
                        .find(|entry| entry.name_raw() == item.path.as_bytes());
                    let content = match found {
                        Some(entry) => self.content(entry, item.position, item.length, contents.room),
                        None => Err(Fault::NoSuch),
                    };
                    contents.add(&item.path, content, encoding)?;
                }
            }
        }
        contents.text.push_str("}}");
        body(contents.text, contents.binaries, limits)
    }

    fn content(
        &mut self,
        entry: ZipFileEntry<'_>,
        position: Option<f64>,
        length: Option<f64>,
        room: usize,
    ) -> Result<Vec<u8>> {
        let size = entry.size();
        let (start, length) = part(size, position, length)?;
        if start.saturating_add(length) > room as u64 {
            return Err(Fault::Own(ErrorCode::TooLarge));
        }
        let inflated = entry.with_reader(&mut self.source, ZipReadOptions::new()).map_err(|_| Fault::ZipEntry)?;
        let mut bytes = Vec::new();
        inflated.take(start + length).read_to_end(&mut bytes).map_err(|_| Fault::ZipEntry)?;
        if bytes.len() as u64 != start + length {
            return Err(Fault::ZipEntry);
        }
        bytes.drain(..usize::try_from(start).unwrap_or(0));
        Ok(bytes)
    }
}

/// The answer of `readZipEntry` while it is being written.
struct Contents {
    text: String,
    binaries: Vec<Binary>,
    room: usize,
}

impl Contents {
    fn add(&mut self, name: &str, content: Result<Vec<u8>>, encoding: Option<Encoding>) -> Result<()> {
        let content = match content {
            // All of them together are too much, not this one.
            Err(Fault::Own(ErrorCode::TooLarge)) => return Err(Fault::Own(ErrorCode::TooLarge)),
            content => content,
        };
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        let key = serde_json::Value::from(name).to_string();
        match content {
            Err(fault) => {
                let said = serde_json::Value::from(format!("readZipEntry:fail {}", fault.text())).to_string();
                self.text.push_str(&format!("{key}:{{\"errMsg\":{said}}}"));
            }
            Ok(bytes) => {
                self.room = self.room.saturating_sub(bytes.len());
                let data = encoding.map_or_else(|| "null".to_owned(), |encoding| encoding.json_of(&bytes));
                self.text.push_str(&format!("{key}:{{\"data\":{data},\"errMsg\":\"readZipEntry:ok\"}}"));
                if encoding.is_none() {
                    let path = ["entries", name, "data"].map(|step| PathSegment::Key(step.to_owned())).to_vec();
                    self.binaries.push(Binary { path, kind: BinaryKind::ArrayBuffer, bytes });
                }
            }
        }
        Ok(())
    }
}

/// What an archive gives for an entry, which must be as many bytes as it declared, with the checksum that it declared.
struct Exact<R> {
    from: R,
    left: u64,
    lied: bool,
}

impl<R: Read> Exact<R> {
    /// The end is looked for together with the last bytes, before they count as written.
    fn end(&mut self) -> std::io::Result<()> {
        self.lied = !matches!(self.from.read(&mut [0]), Ok(0));
        if self.lied { Err(std::io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer).unwrap_or(0);
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            self.lied = true;
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 {
            self.end()?;
        }
        Ok(read)
    }
}

/// Where an entry goes, and whether it is a folder.
fn place_of(entry: &ZipFileEntry<'_>, target: &Place) -> Result<(Place, bool)> {
    let name = std::str::from_utf8(entry.name_raw()).map_err(|_| Fault::ZipEntry)?;
    if !zip_directory::is_plain(entry) || name.starts_with('/') || name.contains('\\') {
        return Err(Fault::Forbidden);
    }
    let mut place = target.clone();
    for step in name.split('/').filter(|step| !step.is_empty() && *step != ".") {
        check_name(step)?;
        place = place.child(step);
    }
    Ok((place, name.ends_with('/')))
}

/// Makes the folders that lead to a place, and the place itself.
fn ensure(sandbox: &Sandbox, place: &Place) -> Result<()> {
    let mut folder = sandbox.area(Area::User)?;
    for name in &place.names {
        folder = match folder.look(name).map(|stat| Kind::of(&stat)) {
            Ok(_) => folder.folder(name)?,
            Err(Fault::NoSuch) => {
                sandbox.count(place.area, 0, 1);
                folder.ensured(name)?
            }
            Err(fault) => return Err(fault),
        };
    }
    Ok(())
}
