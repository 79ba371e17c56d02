//! Looking at files and reading them, wherever they lie: among the mini-program's own, or in its package.

use super::PackageFiles;
use super::fault::Fault;
use super::folder::Kind;
use super::place::{Area, Place};
use super::request::{FileItem, FileStats, Stats, part};
use super::sandbox::Sandbox;
use super::writing::for_folders;
use crate::error::ErrorCode;
use crate::limits::Limits;
use digest::Digest;
use rustix::fs::{OFlags, Stat};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};

type Result<T> = std::result::Result<T, Fault>;

/// A file that is being read.
pub(super) enum Source {
    Disk(File),
    Package(Cursor<Vec<u8>>),
}

impl Source {
    pub(super) fn open(sandbox: &Sandbox, place: &Place, limits: &Limits) -> Result<Self> {
        if place.area == Area::Package {
            let bytes = sandbox.package()?.read(&place.to_path(), limits.message_binary_bytes)?;
            return Ok(Self::Package(Cursor::new(bytes)));
        }
        let (folder, name) = sandbox.parent(place)?;
        Ok(Self::Disk(folder.open(name, OFlags::RDONLY).map_err(for_folders)?))
    }

    pub(super) fn size(&self) -> Result<u64> {
        match self {
            Self::Disk(file) => Ok(file.metadata()?.len()),
            Self::Package(bytes) => Ok(bytes.get_ref().len() as u64),
        }
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        match self {
            Self::Disk(file) => Ok(stats(&rustix::fs::fstat(file)?)),
            Self::Package(_) => Ok(packaged(self.size()?)),
        }
    }

    /// The part that `position` and `length` name, unless it is too large for a message.
    pub(super) fn part(&mut self, position: Option<f64>, length: Option<f64>, limits: &Limits) -> Result<Vec<u8>> {
        let (start, length) = part(self.size()?, position, length)?;
        let most = usize::try_from(length).unwrap_or(usize::MAX);
        if most > limits.message_binary_bytes {
            return Err(Fault::Own(ErrorCode::TooLarge));
        }
        let mut bytes = Vec::with_capacity(most);
        self.seek(SeekFrom::Start(start))?;
        self.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Its digest, as hexadecimal digits.
    pub(super) fn digest(&mut self, algorithm: &str) -> Result<String> {
        match algorithm {
            "md5" => self.digested(md5::Md5::new()),
            "sha1" => self.digested(sha1::Sha1::new()),
            "sha256" => self.digested(sha2::Sha256::new()),
            _ => Err(Fault::Argument(
                "parameter error: parameter.digestAlgorithm should be md5, sha1 or sha256;".to_owned(),
            )),
        }
    }

    fn digested(&mut self, mut hasher: impl Digest) -> Result<String> {
        let mut block = vec![0; 64 * 1024];
        loop {
            match self.read(&mut block)? {
                0 => return Ok(super::content::hex(&hasher.finalize())),
                read => hasher.update(block.get(..read).unwrap_or_default()),
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Disk(file) => file.read(buffer),
            Self::Package(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::Disk(file) => file.seek(to),
            Self::Package(bytes) => bytes.seek(to),
        }
    }
}

/// What stands at a place.
pub(super) fn look(sandbox: &Sandbox, place: &Place) -> Result<Stats> {
    if place.area == Area::Package {
        return package_stats(&**sandbox.package()?, place);
    }
    let stat = match sandbox.parent(place) {
        Ok((folder, name)) => folder.look(name)?,
        Err(Fault::NotForFolders) if place.area == Area::User => sandbox.area(place.area)?.own()?,
        Err(Fault::NotForFolders) => return Err(Fault::Forbidden),
        Err(fault) => return Err(fault),
    };
    match Kind::of(&stat) {
        Kind::Other => Err(Fault::Forbidden),
        Kind::File | Kind::Folder => Ok(stats(&stat)),
    }
}

fn package_stats(package: &dyn PackageFiles, place: &Place) -> Result<Stats> {
    Ok(packaged(package.size(&place.to_path())?))
}

/// A file of the package is read only, and has no times worth telling.
fn packaged(size: u64) -> Stats {
    Stats { mode: 0o100_444, size, last_accessed_time: 0, last_modified_time: 0 }
}

fn stats(stat: &Stat) -> Stats {
    Stats {
        mode: stat.st_mode,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        last_accessed_time: stat.st_atime,
        last_modified_time: stat.st_mtime,
    }
}

/// What stands at a place and below it, the place itself as `/`.
pub(super) fn look_below(sandbox: &Sandbox, place: &Place) -> Result<Vec<FileStats>> {
    let mut list = vec![FileStats { path: "/".to_owned(), stats: look(sandbox, place)? }];
    sandbox.area(place.area)?.below(&place.names)?.walk(&mut Vec::new(), &mut |names, stat| {
        if Kind::of(stat) != Kind::Other {
            list.push(FileStats { path: format!("/{}", names.join("/")), stats: stats(stat) });
        }
        Ok(())
    })?;
    Ok(list)
}

/// The names in a folder.
pub(super) fn names(sandbox: &Sandbox, place: &Place) -> Result<Vec<String>> {
    match (place.area, place.names.is_empty()) {
        (Area::Package, _) => Err(Fault::NotInPackage),
        (Area::Saved | Area::Temporary, true) => Err(Fault::Forbidden),
        _ => sandbox.area(place.area)?.below(&place.names)?.names(),
    }
}

/// The saved files, in the order of their times.
pub(super) fn saved(sandbox: &Sandbox) -> Result<Vec<FileItem>> {
    let folder = sandbox.area(Area::Saved)?;
    let area = Place { area: Area::Saved, names: Vec::new() };
    let mut list = Vec::new();
    for name in folder.names()? {
        let stat = folder.look(&name)?;
        if Kind::of(&stat) == Kind::File {
            list.push(item(&area.child(&name), &stats(&stat)));
        }
    }
    list.sort_by_key(|item| item.create_time);
    Ok(list)
}

pub(super) fn item(place: &Place, stats: &Stats) -> FileItem {
    FileItem { file_path: place.to_path(), size: stats.size, create_time: stats.last_modified_time }
}
