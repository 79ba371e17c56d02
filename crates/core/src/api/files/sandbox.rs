//! The files of one applet and user: where each area lies on the disk, how much may be in it, and the way from a path
//! of the mini-program to a real one. Its functions wait for the disk; they are for threads that may.

use super::PackageFiles;
use super::fault::Fault;
use super::folder::{Folder, Kind};
use super::place::{Area, Place, SCHEME, check_name};
use crate::api::storage::Place as Turn;
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use crate::lock::lock;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

type Result<T> = std::result::Result<T, Fault>;

/// The folders of the areas, and the one where a file is made before it gets its name.
const USER: &str = "usr";
const SAVED: &str = "store";
const TEMPORARY: &str = "tmp";
const UNFINISHED: &str = "new";

/// What an area holds. What lasts is counted in one sum, what does not in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) bytes: u64,
    pub(super) entries: usize,
}

/// The files of one applet and user, while it runs.
pub(crate) struct Sandbox {
    root: PathBuf,
    /// Whether all of it ends with the run.
    passing: bool,
    limits: Arc<Limits>,
    /// Who came before must have let go of the files.
    turn: Mutex<Option<Turn>>,
    /// None: to be counted. It begins so, and is so again when somebody wrote who does not count.
    held: Mutex<Sums>,
    /// Whether the folders are there and the last run's rest is gone.
    ready: Mutex<bool>,
    /// The files of the package, once it is open.
    package: OnceLock<Arc<dyn PackageFiles>>,
}

#[derive(Default)]
struct Sums {
    lasting: Option<Held>,
    temporary: Option<Held>,
}

impl Sandbox {
    /// The files in `root`, of which nothing is touched yet.
    pub(super) fn kept(root: PathBuf, turn: Turn, limits: Arc<Limits>) -> Self {
        let turn = Mutex::new(Some(turn));
        Self {
            root,
            passing: false,
            limits,
            turn,
            held: Mutex::default(),
            ready: Mutex::new(false),
            package: OnceLock::new(),
        }
    }

    /// Files that all end with the run, in the system's folder for such.
    pub(super) fn passing(limits: Arc<Limits>) -> Self {
        let root = std::env::temp_dir().join(format!("finapp-{}", random()));
        Self {
            root,
            passing: true,
            limits,
            turn: Mutex::default(),
            held: Mutex::default(),
            ready: Mutex::new(false),
            package: OnceLock::new(),
        }
    }

    /// Makes an empty file for what lasts until the applet closes. Gives its real path, to be written to, and the path
    /// that the mini-program gets. `ext` is its ending, without a dot; one that is no ending is left out.
    ///
    /// # Errors
    /// `E_STORAGE_FULL` when there are too many, or what the disk says.
    pub(crate) fn temp_file(&self, ext: Option<&str>) -> std::result::Result<(PathBuf, String), Error> {
        let folder = self.area(Area::Temporary)?;
        self.check_room(Area::Temporary, 0, 1)?;
        let (name, _) = self.fresh(&folder, "tmp_", ext)?;
        self.changed(Area::Temporary);
        Ok((self.root.join(TEMPORARY).join(&name), format!("{SCHEME}{name}")))
    }

    /// The real path of a file that is there, for reading. No symbolic link is on it.
    ///
    /// # Errors
    /// `E_NOT_FOUND`; `E_PARAM` when the path leads elsewhere; `E_UNSUPPORTED` for a file of the package, which may
    /// lie in an archive.
    pub(crate) fn real(&self, applet_path: &str) -> std::result::Result<PathBuf, Error> {
        let place = Place::parse(applet_path)?;
        let (folder, name) = self.parent(&place)?;
        match Kind::of(&folder.look(name)?) {
            Kind::File => Ok(self.path_of(&place)?),
            Kind::Folder => Err(Fault::IsAFolder.into()),
            Kind::Other => Err(Fault::Forbidden.into()),
        }
    }

    /// The real path of what a path means, there or not. It touches no disk, for the host, which waits for nothing.
    ///
    /// # Errors
    /// `E_PARAM` when the path leads elsewhere, `E_NOT_FOUND` for a temporary file before there is any, `E_UNSUPPORTED`
    /// for a file of the package.
    pub(crate) fn absolute(&self, applet_path: &str) -> std::result::Result<PathBuf, Error> {
        let place = Place::parse(applet_path)?;
        if place.area == Area::Temporary && !*lock(&self.ready) {
            return Err(Fault::NoSuch.into());
        }
        Ok(self.path_of(&place)?)
    }

    /// The other way: the path of the mini-program for a real one.
    ///
    /// # Errors
    /// `E_PARAM` when it is none of its files.
    pub(crate) fn applet_path(&self, real: &Path) -> std::result::Result<String, Error> {
        let below = real.strip_prefix(&self.root).map_err(|_| Fault::Forbidden)?;
        let mut names = below.iter().map(|name| name.to_str().map(str::to_owned));
        let area = match names.next().flatten().as_deref() {
            Some(USER) => Area::User,
            Some(SAVED) => Area::Saved,
            Some(TEMPORARY) => Area::Temporary,
            _ => return Err(Fault::Forbidden.into()),
        };
        let place = Place { area, names: names.collect::<Option<_>>().ok_or(Fault::Forbidden)? };
        let path = place.to_path();
        // What would not come back the same is nothing that the mini-program could name.
        if Place::parse(&path).as_ref() == Ok(&place) { Ok(path) } else { Err(Fault::Forbidden.into()) }
    }

    /// The real path of a file that may be made or replaced: in the user's area, in a folder that is there. Whoever
    /// wrote calls [`Sandbox::wrote`].
    ///
    /// # Errors
    /// `E_DENIED` for a place that is only read, `E_NOT_FOUND` when the folder is missing, `E_PARAM` for a folder.
    pub(crate) fn writable(&self, applet_path: &str) -> std::result::Result<PathBuf, Error> {
        let place = Place::parse(applet_path)?;
        check_writable(&place)?;
        let (folder, name) = self.parent(&place)?;
        match folder.look(name).map(|stat| Kind::of(&stat)) {
            Ok(Kind::File) | Err(Fault::NoSuch) => Ok(self.path_of(&place)?),
            Ok(Kind::Folder) => Err(Fault::NotForFolders.into()),
            Ok(Kind::Other) => Err(Fault::Forbidden.into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// How many more bytes the area of that path may take, for whoever writes to a real path.
    ///
    /// # Errors
    /// When the path is none, or the disk cannot be read.
    pub(crate) fn room(&self, applet_path: &str) -> std::result::Result<u64, Error> {
        let area = Place::parse(applet_path)?.area;
        let held = self.held(area)?;
        Ok(self.most_bytes(area).saturating_sub(held.bytes))
    }

    /// Somebody wrote to a real path, and it is to be counted again.
    pub(crate) fn wrote(&self, applet_path: &str) {
        if let Ok(place) = Place::parse(applet_path) {
            self.changed(place.area);
        }
    }

    /// The package is open.
    pub(super) fn set_package(&self, package: Arc<dyn PackageFiles>) {
        // A run opens one package.
        drop(self.package.set(package));
    }

    pub(super) fn package(&self) -> Result<&Arc<dyn PackageFiles>> {
        self.package.get().ok_or(Fault::NoSuch)
    }

    /// Removes what does not outlast the run, if anything was ever made.
    pub(super) fn end(&self) -> Result<()> {
        if !*lock(&self.ready) {
            return Ok(());
        }
        let root = Folder::at(&self.root)?;
        if !self.passing {
            return remove_passing(&root);
        }
        for name in root.names()? {
            root.remove_all(&name)?;
        }
        remove_root(&self.root)
    }

    /// The folder of an area. It is made when it is missing, so that a folder that went comes back.
    pub(super) fn area(&self, area: Area) -> Result<Folder> {
        self.opened()?.ensured(folder_of(area)?)
    }

    /// Where files are made before they get their names.
    pub(super) fn unfinished(&self) -> Result<Folder> {
        self.opened()?.ensured(UNFINISHED)
    }

    /// The folder of what a place names, and its name there.
    pub(super) fn parent<'a>(&self, place: &'a Place) -> Result<(Folder, &'a str)> {
        let Some((name, above)) = place.names.split_last() else { return Err(Fault::NotForFolders) };
        Ok((self.area(place.area)?.below(above)?, name))
    }

    /// A new file under a name that nobody has.
    pub(super) fn fresh(&self, folder: &Folder, start: &str, ext: Option<&str>) -> Result<(String, std::fs::File)> {
        let ext = ext.filter(|ext| is_ending(ext)).map(|ext| format!(".{ext}")).unwrap_or_default();
        loop {
            let name = format!("{start}{}{ext}", random());
            match folder.create(&name) {
                Err(Fault::Exists) => {}
                created => return Ok((name, created?)),
            }
        }
    }

    /// Refuses what would be more than the area may hold.
    pub(super) fn check_room(&self, area: Area, more_bytes: u64, more_entries: usize) -> Result<()> {
        let held = self.held(area)?;
        let fits = held.bytes.saturating_add(more_bytes) <= self.most_bytes(area)
            && held.entries.saturating_add(more_entries) <= self.limits.files_entries;
        if fits || (more_bytes == 0 && more_entries == 0) { Ok(()) } else { Err(Fault::Full) }
    }

    /// Something in the area is not what was counted.
    pub(super) fn changed(&self, area: Area) {
        *slot(&mut lock(&self.held), area) = None;
    }

    /// What was counted is so much more, or less, now.
    pub(super) fn count(&self, area: Area, bytes: i64, entries: isize) {
        if let Some(held) = slot(&mut lock(&self.held), area) {
            held.bytes = held.bytes.saturating_add_signed(bytes);
            held.entries = held.entries.saturating_add_signed(entries);
        }
    }

    /// What the area, and what counts with it, holds.
    pub(super) fn held(&self, area: Area) -> Result<Held> {
        if let Some(held) = *slot(&mut lock(&self.held), area) {
            return Ok(held);
        }
        let areas: &[Area] = if area == Area::Temporary { &[Area::Temporary] } else { &[Area::User, Area::Saved] };
        let mut held = Held::default();
        for area in areas {
            self.area(*area)?.walk(&mut Vec::new(), &mut |_, stat| {
                held.entries += 1;
                if Kind::of(stat) == Kind::File {
                    held.bytes = held.bytes.saturating_add(u64::try_from(stat.st_size).unwrap_or(0));
                }
                Ok(())
            })?;
        }
        *slot(&mut lock(&self.held), area) = Some(held);
        Ok(held)
    }

    fn most_bytes(&self, area: Area) -> u64 {
        let most = if area == Area::Temporary { self.limits.files_temp_bytes } else { self.limits.files_bytes };
        u64::try_from(most).unwrap_or(u64::MAX)
    }

    fn path_of(&self, place: &Place) -> Result<PathBuf> {
        let mut path = self.root.join(folder_of(place.area)?);
        path.extend(&place.names);
        Ok(path)
    }

    /// The root, when all who came before have let go of it and their rest is gone.
    fn opened(&self) -> Result<Folder> {
        if let Some(turn) = lock(&self.turn).as_mut() {
            turn.wait();
        }
        let mut ready = lock(&self.ready);
        if !*ready {
            make_root(&self.root)?;
            let root = Folder::at(&self.root)?;
            remove_passing(&root)?;
            *ready = true;
            return Ok(root);
        }
        match Folder::at(&self.root) {
            Err(Fault::NoSuch) => {
                make_root(&self.root)?;
                Folder::at(&self.root)
            }
            opened => opened,
        }
    }
}

fn remove_passing(root: &Folder) -> Result<()> {
    for name in [TEMPORARY, UNFINISHED] {
        match root.remove_all(name) {
            Err(Fault::NoSuch) => {}
            removed => removed?,
        }
    }
    Ok(())
}

/// Sixteen digits that nobody else has.
fn random() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// Only the user's own area is written to by path.
pub(super) fn check_writable(place: &Place) -> Result<()> {
    match place.area {
        Area::User => Ok(()),
        Area::Saved | Area::Temporary => Err(Fault::ReadOnly),
        Area::Package => Err(Fault::NotInPackage),
    }
}

fn folder_of(area: Area) -> Result<&'static str> {
    match area {
        Area::User => Ok(USER),
        Area::Saved => Ok(SAVED),
        Area::Temporary => Ok(TEMPORARY),
        Area::Package => Err(Fault::Own(ErrorCode::Unsupported)),
    }
}

fn slot(sums: &mut Sums, area: Area) -> &mut Option<Held> {
    if area == Area::Temporary { &mut sums.temporary } else { &mut sums.lasting }
}

/// Short and plain: it comes from a server or another mini-program's file.
fn is_ending(ext: &str) -> bool {
    (1..=16).contains(&ext.len()) && ext.bytes().all(|byte| byte.is_ascii_alphanumeric()) && check_name(ext).is_ok()
}

fn make_root(root: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    Ok(std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root)?)
}

fn remove_root(root: &Path) -> Result<()> {
    Ok(std::fs::remove_dir(root)?)
}

#[cfg(test)]
mod tests;
