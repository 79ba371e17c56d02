//! The sandbox alone: what it refuses to lead to, what it counts, and what is gone at the end.
#![expect(clippy::disallowed_methods, reason = "tests put files and links where they do not belong")]

use super::*;
use crate::api::storage::Lanes;
use std::fs;
use std::os::unix::fs::symlink;

struct Disk(PathBuf);

impl Disk {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("finapp-sandbox-{}", random()));
        fs::create_dir_all(path.join("files/usr/folder")).unwrap();
        fs::write(path.join("secret"), "of the host").unwrap();
        fs::write(path.join("files/usr/file"), "own").unwrap();
        Self(path)
    }

    fn sandbox(&self, change: impl FnOnce(&mut Limits)) -> Sandbox {
        let mut limits = Limits::default();
        change(&mut limits);
        let root = self.0.join("files");
        Sandbox::kept(root.clone(), Lanes::default().queue(&root), Arc::new(limits))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn h_a27_no_link_is_followed_wherever_it_stands() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|_| ());
    let user = disk.0.join("files/usr");
    symlink(disk.0.join("secret"), user.join("link")).unwrap();
    symlink(&disk.0, user.join("folder/up")).unwrap();
    symlink(user.join("file"), user.join("inside")).unwrap();
    symlink("/dev/zero", user.join("folder/zero")).unwrap();
    for path in ["link", "inside", "folder/up/secret", "folder/zero", "folder/up/files/usr/file", "folder/up"] {
        let path = format!("wxfile://usr/{path}");
        assert_eq!(sandbox.real(&path).unwrap_err().code(), ErrorCode::Parameter, "{path}");
        assert_eq!(sandbox.writable(&path).unwrap_err().code(), ErrorCode::Parameter, "{path}");
    }
    let folder = sandbox.area(Area::User).unwrap();
    for name in ["link", "inside"] {
        assert!(folder.open(name, rustix::fs::OFlags::RDWR).is_err(), "{name}");
    }
    folder.remove_all("folder").unwrap();
    assert_eq!(fs::read_to_string(disk.0.join("secret")).unwrap(), "of the host");
    assert_eq!(sandbox.real("wxfile://usr/file").unwrap(), user.join("file"));
}

#[test]
fn h_a27_a_link_in_the_place_of_an_area_is_refused() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|_| ());
    fs::remove_dir_all(disk.0.join("files/usr")).unwrap();
    symlink(&disk.0, disk.0.join("files/usr")).unwrap();
    assert!(sandbox.real("wxfile://usr/secret").is_err());
    assert!(sandbox.writable("wxfile://usr/new").is_err());
}

#[test]
fn f_m21_only_the_users_area_is_written_to_by_path() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|_| ());
    assert_eq!(sandbox.writable("wxfile://usr/folder/new").unwrap(), disk.0.join("files/usr/folder/new"));
    for (path, code) in [
        ("wxfile://tmp_1", ErrorCode::Denied),
        ("wxfile://store_1", ErrorCode::Denied),
        ("images/a.png", ErrorCode::Denied),
        ("wxfile://usr", ErrorCode::Parameter),
        ("wxfile://usr/folder", ErrorCode::Parameter),
        ("wxfile://usr/missing/new", ErrorCode::NotFound),
        ("wxfile://usr/file/new", ErrorCode::Parameter),
    ] {
        assert_eq!(sandbox.writable(path).unwrap_err().code(), code, "{path}");
    }
}

#[test]
fn f_m21_temporary_files_have_both_paths_and_are_gone_at_the_end_and_the_next_start() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|_| ());
    let (real, path) = sandbox.temp_file(Some("png")).unwrap();
    assert!(path.starts_with("wxfile://tmp_") && path.ends_with(".png"), "{path}");
    assert_eq!(sandbox.real(&path).unwrap(), real);
    for wrong in ["../x", "a/b", "", "a.b", "x\0"] {
        let (_, path) = sandbox.temp_file(Some(wrong)).unwrap();
        assert!(!path.contains('.'), "{wrong:?}: {path}");
    }
    sandbox.end().unwrap();
    assert!(!real.exists() && disk.0.join("files/usr/file").exists());
    let (killed, _) = sandbox.temp_file(None).unwrap();
    drop(sandbox);
    assert!(killed.exists());
    disk.sandbox(|_| ()).area(Area::User).unwrap();
    assert!(!killed.exists());
}

#[test]
fn h_a35_bytes_and_files_are_counted_and_bounded_in_each_area() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|limits| (limits.files_bytes, limits.files_entries) = (100, 5));
    assert_eq!(sandbox.held(Area::User).unwrap(), Held { bytes: 3, entries: 2 });
    assert_eq!(sandbox.room("wxfile://usr/x").unwrap(), 97);
    assert_eq!(sandbox.check_room(Area::User, 98, 0), Err(Fault::Full));
    assert_eq!(sandbox.check_room(Area::Saved, 97, 4), Err(Fault::Full));
    sandbox.check_room(Area::Saved, 97, 3).unwrap();
    fs::write(sandbox.writable("wxfile://usr/more").unwrap(), "1234567").unwrap();
    sandbox.wrote("wxfile://usr/more");
    assert_eq!(sandbox.held(Area::Saved).unwrap(), Held { bytes: 10, entries: 3 });
    for _ in 0..5 {
        sandbox.temp_file(None).unwrap();
    }
    assert_eq!(sandbox.temp_file(None).unwrap_err().code(), ErrorCode::StorageFull);
}

#[test]
fn f_m21_without_a_data_folder_all_files_end_with_the_run() {
    let sandbox = Sandbox::passing(Arc::new(Limits::default()));
    let real = sandbox.writable("wxfile://usr/a").unwrap();
    fs::write(&real, "x").unwrap();
    sandbox.end().unwrap();
    assert!(!sandbox.root.exists());
}

#[test]
fn f_m21_paths_are_translated_both_ways_and_no_other_path_is() {
    let disk = Disk::new();
    let sandbox = disk.sandbox(|_| ());
    let root = disk.0.join("files");
    assert_eq!(sandbox.absolute("wxfile://tmp_1").unwrap_err().code(), ErrorCode::NotFound);
    let (real, path) = sandbox.temp_file(None).unwrap();
    assert_eq!((sandbox.absolute(&path).unwrap(), sandbox.applet_path(&real).unwrap()), (real, path));
    for (path, real) in
        [("wxfile://usr", "usr"), ("wxfile://usr/a/b", "usr/a/b"), ("wxfile://store_1", "store/store_1")]
    {
        assert_eq!(sandbox.absolute(path).unwrap(), root.join(real), "{path}");
        assert_eq!(sandbox.applet_path(&root.join(real)).unwrap(), path);
    }
    for path in ["wxfile://usr/../x", "/etc/passwd:", "wxfile://etc/passwd"] {
        assert_eq!(sandbox.absolute(path).unwrap_err().code(), ErrorCode::Parameter, "{path}");
    }
    assert_eq!(sandbox.absolute("images/a.png").unwrap_err().code(), ErrorCode::Unsupported);
    for real in ["usr/../../secret", "new/1", "tmp/photo.png", "", "../storage.sqlite", "usr/a/../b"] {
        assert_eq!(sandbox.applet_path(&root.join(real)).unwrap_err().code(), ErrorCode::Parameter, "{real}");
    }
    assert!(sandbox.applet_path(Path::new("/etc/passwd")).is_err());
}
