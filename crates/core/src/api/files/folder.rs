//! The door to the disk: a folder that is walked down name by name from an open folder above, so that no path is ever
//! resolved by the system. A symbolic link is followed nowhere (A27), whoever made it and whenever.

use super::fault::Fault;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;

type Result<T> = std::result::Result<T, Fault>;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);
/// Nobody else of the device reads them.
const FOLDER_MODE: Mode = Mode::RWXU;
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

/// What stands under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link, a pipe, a device: nothing of ours.
    Other,
}

impl Kind {
    pub(super) fn of(stat: &Stat) -> Self {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Folder,
            _ => Self::Other,
        }
    }
}

impl Folder {
    /// Opens a folder of the host by its path.
    pub(super) fn at(path: &Path) -> Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, FOLDER, Mode::empty())?))
    }

    /// The folder of that name.
    pub(super) fn folder(&self, name: &str) -> Result<Self> {
        match rustix::fs::openat(&self.0, name, FOLDER, Mode::empty()) {
            Ok(folder) => Ok(Self(folder)),
            // A link is told apart from a file, which is an honest mistake.
            Err(Errno::NOTDIR) if self.look(name).is_ok_and(|stat| Kind::of(&stat) == Kind::Other) => {
                Err(Fault::Forbidden)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The folder that so many names lead to.
    pub(super) fn below(&self, names: &[String]) -> Result<Self> {
        let Some((first, rest)) = names.split_first() else { return Ok(Self(self.0.try_clone()?)) };
        rest.iter().try_fold(self.folder(first)?, |folder, name| folder.folder(name))
    }

    /// The folder of that name, made if it is missing.
    pub(super) fn ensured(&self, name: &str) -> Result<Self> {
        match self.make(name) {
            Ok(()) | Err(Fault::Exists) => self.folder(name),
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn make(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, FOLDER_MODE)?)
    }

    /// Opens a regular file. A pipe or a device would hang whoever opens it; it is opened without waiting, and refused.
    pub(super) fn open(&self, name: &str, how: OFlags) -> Result<File> {
        let flags = how | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = rustix::fs::openat(&self.0, name, flags, FILE_MODE)?;
        match Kind::of(&rustix::fs::fstat(&file)?) {
            Kind::File => Ok(file.into()),
            Kind::Folder => Err(Fault::IsAFolder),
            Kind::Other => Err(Fault::Forbidden),
        }
    }

    /// A new file: there must be none of that name.
    pub(super) fn create(&self, name: &str) -> Result<File> {
        self.open(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    pub(super) fn look(&self, name: &str) -> Result<Stat> {
        Ok(rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    pub(super) fn own(&self) -> Result<Stat> {
        Ok(rustix::fs::fstat(&self.0)?)
    }

    /// The names in it, in the order of the alphabet. Those that no text can hold are left out, as none of ours.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            if let Ok(name) = entry?.file_name().to_str()
                && name != "."
                && name != ".."
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    pub(super) fn remove_file(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(super) fn remove_folder(&self, name: &str) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Removes what has that name, with all that is in it. A link is removed, not followed.
    pub(super) fn remove_all(&self, name: &str) -> Result<()> {
        if Kind::of(&self.look(name)?) != Kind::Folder {
            return self.remove_file(name);
        }
        let folder = self.folder(name)?;
        for inner in folder.names()? {
            folder.remove_all(&inner)?;
        }
        self.remove_folder(name)
    }

    pub(super) fn rename(&self, name: &str, to: &Self, new_name: &str) -> Result<()> {
        Ok(rustix::fs::renameat(&self.0, name, &to.0, new_name)?)
    }

    /// Names, too, must outlast a power loss.
    pub(super) fn sync(&self) -> Result<()> {
        Ok(rustix::fs::fsync(self.0.as_fd())?)
    }

    /// Goes through all that is in it. `seen` gets the names that lead there, and stops the walk by failing.
    pub(super) fn walk(
        &self,
        names: &mut Vec<String>,
        seen: &mut impl FnMut(&[String], &Stat) -> Result<()>,
    ) -> Result<()> {
        for name in self.names()? {
            let stat = match self.look(&name) {
                // It went meanwhile.
                Err(Fault::NoSuch) => continue,
                looked => looked?,
            };
            names.push(name);
            seen(names, &stat)?;
            if let (Kind::Folder, Some(name)) = (Kind::of(&stat), names.last()) {
                self.folder(name)?.walk(names, seen)?;
            }
            names.pop();
        }
        Ok(())
    }
}
