//! What is done to names: folders made and removed, files moved, copied, saved and removed.

use super::fault::Fault;
use super::folder::{Folder, Kind};
use super::place::{Area, Place};
use super::reading::Source;
use super::sandbox::{Sandbox, check_writable};
use super::writing;
use crate::limits::Limits;
use rustix::fs::OFlags;

type Result<T> = std::result::Result<T, Fault>;

pub(super) fn make_folder(sandbox: &Sandbox, place: &Place, recursive: bool) -> Result<()> {
    check_writable(place)?;
    let Some((name, above)) = place.names.split_last() else { return Err(Fault::Exists) };
    let mut folder = sandbox.area(place.area)?;
    sandbox.check_room(place.area, 0, if recursive { place.names.len() } else { 1 })?;
    sandbox.changed(place.area);
    for above in above {
        folder = if recursive { folder.ensured(above)? } else { folder.folder(above)? };
    }
    folder.make(name)?;
    folder.sync()
}

pub(super) fn remove_folder(sandbox: &Sandbox, place: &Place, recursive: bool) -> Result<()> {
    check_writable(place)?;
    if place.names.is_empty() {
        return Err(Fault::NotPermitted);
    }
    let (folder, name) = sandbox.parent(place)?;
    match Kind::of(&folder.look(name)?) {
        Kind::Folder => {}
        Kind::File => return Err(Fault::NotAFolder),
        Kind::Other => return Err(Fault::Forbidden),
    }
    sandbox.changed(place.area);
    if recursive { folder.remove_all(name) } else { folder.remove_folder(name) }
}

/// Removes a file of the user's area.
pub(super) fn remove_file(sandbox: &Sandbox, place: &Place) -> Result<()> {
    check_writable(place)?;
    if place.names.is_empty() {
        return Err(Fault::NotPermitted);
    }
    let (folder, name) = sandbox.parent(place)?;
    if Kind::of(&folder.look(name)?) == Kind::Folder {
        return Err(Fault::NotPermitted);
    }
    sandbox.changed(place.area);
    folder.remove_file(name)
}

/// Removes a file that `saveFile` kept.
pub(super) fn remove_saved(sandbox: &Sandbox, place: &Place) -> Result<()> {
    if place.area != Area::Saved || place.names.is_empty() {
        return Err(Fault::ReadOnly);
    }
    let (folder, name) = sandbox.parent(place)?;
    sandbox.changed(place.area);
    folder.remove_file(name)
}

/// Gives a file or folder another name; a temporary file can be moved into the user's area so.
pub(super) fn rename(sandbox: &Sandbox, from: &Place, to: &Place) -> Result<()> {
    check_writable(to)?;
    if from.area != Area::Temporary {
        check_writable(from)?;
    }
    if from.names.is_empty() || to.names.is_empty() {
        return Err(Fault::NotPermitted);
    }
    move_to(sandbox, from, to)
}

fn move_to(sandbox: &Sandbox, from: &Place, to: &Place) -> Result<()> {
    let (folder, name) = sandbox.parent(from)?;
    let (new_folder, new_name) = sandbox.parent(to)?;
    let stat = folder.look(name)?;
    let kind = Kind::of(&stat);
    if kind == Kind::Other {
        return Err(Fault::Forbidden);
    }
    if from.area != to.area {
        sandbox.check_room(to.area, u64::try_from(stat.st_size).unwrap_or(0), 1)?;
        // What did not have to last has to now.
        if kind == Kind::File {
            writing::sync(&folder.open(name, OFlags::RDONLY)?)?;
        }
    }
    sandbox.changed(from.area);
    sandbox.changed(to.area);
    folder.rename(name, &new_folder, new_name)?;
    new_folder.sync()
}

pub(super) fn copy(sandbox: &Sandbox, from: &Place, to: &Place, limits: &Limits) -> Result<()> {
    check_writable(to)?;
    let mut source = Source::open(sandbox, from, limits)?;
    let size = source.size()?;
    writing::put(sandbox, to, &mut source, size)
}

/// Keeps a temporary file: under the path that is wanted, or under one of the saved files.
pub(super) fn save(sandbox: &Sandbox, from: &Place, to: Option<Place>) -> Result<Place> {
    if from.area != Area::Temporary || from.names.is_empty() {
        return Err(Fault::NotPermitted);
    }
    let is_there = sandbox.parent(from).and_then(|(folder, name)| folder.look(name));
    match is_there.map(|stat| Kind::of(&stat)) {
        Ok(Kind::File) => {}
        Err(Fault::NoSuch | Fault::NotAFolder) => return Err(Fault::NoTemporary),
        Err(fault) => return Err(fault),
        Ok(Kind::Folder | Kind::Other) => return Err(Fault::Forbidden),
    }
    let to = match to {
        Some(place) => {
            check_writable(&place)?;
            replaceable(sandbox, &place)?;
            place
        }
        None => saved_place(&sandbox.area(Area::Saved)?, sandbox, from)?,
    };
    move_to(sandbox, from, &to)?;
    Ok(to)
}

fn replaceable(sandbox: &Sandbox, place: &Place) -> Result<()> {
    let (folder, name) = sandbox.parent(place)?;
    match folder.look(name).map(|stat| Kind::of(&stat)) {
        Ok(Kind::Folder) => Err(Fault::NotForFolders),
        Ok(Kind::File) | Err(Fault::NoSuch) => Ok(()),
        Ok(Kind::Other) => Err(Fault::Forbidden),
        Err(fault) => Err(fault),
    }
}

/// A name among the saved files, taken by an empty file that the move replaces.
fn saved_place(folder: &Folder, sandbox: &Sandbox, from: &Place) -> Result<Place> {
    let ending = from.names.last().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    sandbox.check_room(Area::Saved, 0, 1)?;
    let (name, _) = sandbox.fresh(folder, "store_", ending)?;
    Ok(Place { area: Area::Saved, names: vec![name] })
}
