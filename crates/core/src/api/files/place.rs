//! Paths as mini-programs write them, and what they mean: an area of the mini-program's own files, and names below it.
//! Nothing here touches the disk. What this gives has no `..`, no empty name, no NUL, and nothing above its area.

use super::fault::Fault;

/// What every path that is handed out begins with.
pub(super) const SCHEME: &str = "wxfile://";
/// What it may begin with as well: FinClip's own, and that of WeChat's developer tools.
const SCHEMES: [&str; 3] = [SCHEME, "finfile://", "http://"];
/// `wx.env.USER_DATA_PATH`.
pub(super) const USER_DATA_PATH: &str = "wxfile://usr";

const MOST_PATH_BYTES: usize = 2048;
/// The longest name of the file systems in use.
const MOST_NAME_BYTES: usize = 255;
const MOST_NAMES: usize = 64;

/// A part of the mini-program's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Area {
    /// `wxfile://usr/…`: the mini-program's own folder. It may do with it what it likes.
    User,
    /// `wxfile://store_…`: what `saveFile` keeps under names of its own.
    Saved,
    /// `wxfile://tmp_…`: what other APIs made; gone when the applet has closed.
    Temporary,
    /// `images/a.png`: the package, for reading.
    Package,
}

/// A checked path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(super) area: Area,
    /// None of them: the area itself.
    pub(super) names: Vec<String>,
}

impl Place {
    /// Reads a path.
    ///
    /// # Errors
    /// `Path permission denied` for one that climbs or names another place of the device, `no such file or directory`
    /// for one that names nothing that could exist.
    pub(super) fn parse(path: &str) -> Result<Self, Fault> {
        if path.len() > MOST_PATH_BYTES {
            return Err(Fault::NameTooLong);
        }
        if path.chars().any(char::is_control) {
            return Err(Fault::Forbidden);
        }
        let Some(rest) = SCHEMES.iter().find_map(|scheme| path.strip_prefix(scheme)) else {
            return Self::in_package(path);
        };
        let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
        let area = match first {
            "usr" => Area::User,
            // What WeChat's developer tools write.
            "tmp" => Area::Temporary,
            "store" => Area::Saved,
            _ if first.starts_with("tmp_") && below.is_empty() => return Self::named(Area::Temporary, first),
            _ if first.starts_with("store_") && below.is_empty() => return Self::named(Area::Saved, first),
            _ => return Err(Fault::Forbidden),
        };
        Ok(Self { area, names: names(below)? })
    }

    fn named(area: Area, name: &str) -> Result<Self, Fault> {
        Ok(Self { area, names: names(name)? })
    }

    /// A path in the package is written from its root, with or without a `/` in front.
    fn in_package(path: &str) -> Result<Self, Fault> {
        if path.contains(':') || path.contains('\\') {
            return Err(Fault::Forbidden);
        }
        Ok(Self { area: Area::Package, names: names(path)? })
    }

    /// The path that is handed out for it.
    pub(super) fn to_path(&self) -> String {
        let below = self.names.join("/");
        match (self.area, below.is_empty()) {
            (Area::User, true) => USER_DATA_PATH.to_owned(),
            (Area::User, false) => format!("{USER_DATA_PATH}/{below}"),
            (Area::Temporary | Area::Saved, _) => format!("{SCHEME}{below}"),
            (Area::Package, _) => below,
        }
    }

    /// The same place with one more name.
    pub(super) fn child(&self, name: &str) -> Self {
        let names = self.names.iter().map(String::as_str).chain([name]).map(str::to_owned).collect();
        Self { area: self.area, names }
    }
}

/// Whether one name may stand in a folder.
pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    if name == ".." || name.chars().any(|character| character.is_control() || character == '/') {
        return Err(Fault::Forbidden);
    }
    if name.len() > MOST_NAME_BYTES { Err(Fault::NameTooLong) } else { Ok(()) }
}

fn names(path: &str) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    // Percent signs are never decoded: `%2e%2e` is a name like others.
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        check_name(name)?;
        names.push(name.to_owned());
    }
    if names.len() > MOST_NAMES { Err(Fault::NameTooLong) } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_a27_a_path_that_climbs_or_names_another_place_is_refused() {
        for path in [
            "wxfile://usr/../x",
            "wxfile://usr/a/../../x",
            "wxfile://usr/..",
            "wxfile://..",
            "wxfile://../usr/x",
            "wxfile://etc/passwd",
            "wxfile:///etc/passwd",
            "wxfile://",
            "wxfile://USR/x",
            "wxfile://usr%2f../x",
            "wxfile://tmp_a/../b",
            "wxfile://tmp_a/b",
            "wxfile://store_a/b",
            "http://host/x",
            "https://usr/x",
            "file:///etc/passwd",
            "WXFILE://usr/x",
            "C:/x",
            "..\\x",
            "../x",
            "a/../b",
            "wxfile://usr/a\0b",
            "a\nb",
            "wxfile://new/x",
            "wxfile://tmp/../usr/x",
            "/../x",
        ] {
            assert_eq!(Place::parse(path), Err(Fault::Forbidden), "{path:?}");
        }
        for path in ["x".repeat(256), format!("wxfile://usr/{}", "x/".repeat(65)), "x/".repeat(2000)] {
            assert_eq!(Place::parse(&path), Err(Fault::NameTooLong), "{path}");
        }
    }

    #[test]
    fn each_dialect_means_the_same_and_one_is_handed_out() {
        for (path, area, names, out) in [
            ("wxfile://usr", Area::User, vec![], "wxfile://usr"),
            ("wxfile://usr/", Area::User, vec![], "wxfile://usr"),
            ("finfile://usr/a//./b", Area::User, vec!["a", "b"], "wxfile://usr/a/b"),
            ("http://usr/a", Area::User, vec!["a"], "wxfile://usr/a"),
            ("wxfile://usr/%2e%2e/x", Area::User, vec!["%2e%2e", "x"], "wxfile://usr/%2e%2e/x"),
            ("wxfile://usr/a\\b:c", Area::User, vec!["a\\b:c"], "wxfile://usr/a\\b:c"),
            ("wxfile://tmp_1.png", Area::Temporary, vec!["tmp_1.png"], "wxfile://tmp_1.png"),
            ("http://tmp/tmp_1.png", Area::Temporary, vec!["tmp_1.png"], "wxfile://tmp_1.png"),
            ("finfile://store_1", Area::Saved, vec!["store_1"], "wxfile://store_1"),
            ("http://store/store_1", Area::Saved, vec!["store_1"], "wxfile://store_1"),
            ("/images/a.png", Area::Package, vec!["images", "a.png"], "images/a.png"),
            ("./a.json", Area::Package, vec!["a.json"], "a.json"),
            ("...", Area::Package, vec!["..."], "..."),
        ] {
            let place = Place::parse(path).unwrap();
            assert_eq!((place.area, place.to_path().as_str()), (area, out), "{path}");
            assert_eq!(place.names, names, "{path}");
        }
    }
}
