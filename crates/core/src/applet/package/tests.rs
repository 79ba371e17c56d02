//! Packages on a real disk: hostile folders, what is served from folder and zip alike, and what stays when files change
//! under an open package.

pub(crate) mod scratch;
mod zips;

use super::disk::{Folder, open_found};
use super::*;
use crate::error::{Error, ErrorCode};
use scratch::{Scratch, zip_of};

const APP: (&str, &str) = ("app.js", "App({})");

fn path(text: &str) -> PackagePath {
    PackagePath::parse(None, text).unwrap()
}

fn open(path: &Path) -> Result<Package, PackageError> {
    Package::open(path, &Limits::default())
}

fn small(package_entries: usize, package_bytes: usize) -> Limits {
    Limits { package_entries, package_bytes, ..Limits::default() }
}

fn no_such_file(file: &str) -> PackageError {
    PackageError::NoSuchFile { file: file.to_owned() }
}

#[test]
fn what_is_no_package_is_refused_without_its_host_path() {
    let scratch = Scratch::new();
    let text = scratch.write("some.txt", b"text");
    let short = scratch.write("short", b"PK");
    for (place, expected) in [
        (scratch.at("nowhere"), PackageError::NotFound),
        (text.join("below-a-file"), PackageError::NotFound),
        (text, PackageError::NotAPackage),
        (short, PackageError::NotAPackage),
        (scratch.socket("socket"), PackageError::NotAPackage),
    ] {
        let error = open(&place).unwrap_err();
        assert_eq!(error, expected);
        let error = Error::from(error);
        assert_eq!(error.code(), ErrorCode::BadPackage);
        assert!(!error.message().contains(&*scratch.root().to_string_lossy()), "{error}");
    }
}

#[test]
fn h_d8_a_package_without_its_entry_is_refused_by_the_name_of_the_file() {
    let scratch = Scratch::new();
    scratch.write("empty/app.json", b"{}");
    scratch.write("folder/app.js/index.js", b"");
    scratch.write("outside.js", b"");
    scratch.link("outside.js", "linked/app.js");
    let zip = scratch.write("empty.zip", &zip_of(&[("app.json", "{}")]));
    for place in [scratch.at("empty"), scratch.at("folder"), scratch.at("linked"), zip] {
        assert_eq!(open(&place).unwrap_err(), PackageError::MissingFile { file: "app.js".into() });
    }
}

#[test]
fn h_d8_a_bad_app_json_is_refused_by_line_column_or_field() {
    let scratch = Scratch::new();
    let zip = scratch.write("bad.zip", &zip_of(&[APP, ("app.json", "{\n  \"pages\": [1]}")]));
    assert_eq!(open(&zip).unwrap_err().to_string(), "app.json: pages[0]: expected a string, got a number");
    let folder = scratch.folder("bad", &[APP, ("app.json", "{\n  ]\n}")]);
    assert!(open(&folder).unwrap_err().to_string().starts_with("app.json: line 2 column 3: "));
    let limits = Limits { message_bytes: 8, ..Limits::default() };
    let large = scratch.folder("large", &[APP, ("app.json", "{\"a\": \"long enough\"}")]);
    let error = Package::open(&large, &limits).unwrap_err();
    assert_eq!(error, PackageError::TooLarge { what: "app.json bytes", most: 8 });
    scratch.link("bad/app.js", "linked/app.json");
    scratch.write("linked/app.js", b"");
    assert_eq!(open(&scratch.at("linked")).unwrap_err(), PackageError::MissingFile { file: "app.json".into() });
}

#[test]
fn h_a27_no_symbolic_link_is_followed_at_any_level() {
    let scratch = Scratch::new();
    let root = scratch.folder("root", &[APP, ("lib/a.js", "1")]);
    scratch.write("outside/secret.js", b"secret");
    scratch.link("outside/secret.js", "root/file.js");
    scratch.link("outside", "root/folder");
    scratch.link("root/lib", "root/inner");
    scratch.link("nowhere", "root/broken.js");
    scratch.link("root/loop.js", "root/loop.js");
    let package = open(&root).unwrap();
    for file in ["file.js", "folder/secret.js", "inner/a.js", "broken.js", "loop.js"] {
        assert_eq!(package.source(&path(file)), Err(PackageError::SymbolicLink { file: file.into() }));
        assert!(!package.has(&path(file)), "{file}");
    }
    assert_eq!(&*package.source(&path("lib/a.js")).unwrap(), "1");
    scratch.link("root", "door");
    let by_the_hosts_own_link = open(&scratch.at("door"));
    by_the_hosts_own_link.unwrap();
}

#[test]
fn h_a27_a_file_swapped_for_a_link_between_check_and_open_is_not_read() {
    let scratch = Scratch::new();
    let root = scratch.folder("root", &[APP, ("a.js", "1")]);
    scratch.write("secret.js", b"secret");
    let folder = Folder::open(&root).unwrap();
    let found = folder.find(&path("a.js")).unwrap();
    open_found(&found).unwrap();
    scratch.remove("root/a.js");
    scratch.link("secret.js", "root/a.js");
    assert!(open_found(&found).is_err());
}

#[test]
fn h_a27_a_root_that_became_a_link_is_not_followed() {
    let scratch = Scratch::new();
    let package = open(&scratch.folder("root", &[APP, ("a.js", "1")])).unwrap();
    scratch.rename("root", "moved");
    scratch.link("moved", "root");
    assert_eq!(package.source(&path("a.js")), Err(no_such_file("a.js")));
    assert!(!package.has(&path("a.js")));
}

#[test]
fn h_a27_names_are_exact_in_folders_and_zips() {
    let scratch = Scratch::new();
    let files = [APP, ("lib/a.js", "1"), ("Lib.js", "upper"), ("lib.js", "lower")];
    for place in [scratch.folder("root", &files), scratch.write("root.zip", &zip_of(&files))] {
        let package = open(&place).unwrap();
        for file in ["App.js", "LIB/a.js", "lib/A.js", "%2e%2e/app.js", "lib%2fa.js", "a.js", "app.js/a.js"] {
            assert!(!package.has(&path(file)), "{file}");
            assert_eq!(package.source(&path(file)), Err(no_such_file(file)));
        }
        assert!(!package.has(&path("lib")), "a folder is no file");
        assert_eq!(&*package.source(&path("Lib.js")).unwrap(), "upper");
        assert_eq!(&*package.source(&path("lib.js")).unwrap(), "lower");
        let unnameable = format!("{}.js", "x".repeat(300));
        assert_eq!(package.source(&path(&unnameable)), Err(no_such_file(&unnameable)));
    }
}

#[test]
fn h_a26_only_source_text_is_served() {
    let scratch = Scratch::new();
    let files = [APP, ("addon.node", "\u{7f}ELF"), ("lib.so", "\u{7f}ELF"), ("code.abc", "PANDA"), ("code.bin", "")];
    for place in [scratch.folder("root", &files), scratch.write("root.zip", &zip_of(&files))] {
        let package = open(&place).unwrap();
        for (file, _) in &files[1..] {
            let error = package.source(&path(file)).unwrap_err();
            assert_eq!(error, PackageError::NotASource { file: (*file).to_owned() });
            assert_eq!(Error::from(error).code(), ErrorCode::Denied);
            assert!(package.has(&path(file)));
        }
    }
}

#[test]
fn text_loses_its_byte_order_mark_and_must_be_utf8() {
    let scratch = Scratch::new();
    let files: [(&str, &[u8]); 4] = [
        ("app.js", b"\xef\xbb\xbfApp({})"),
        ("app.json", b"\xef\xbb\xbf{\"pages\": [\"a\"]}"),
        ("latin.js", b"'caf\xe9'"),
        ("utf16.js", b"\xff\xfeA\0"),
    ];
    for (name, bytes) in files {
        scratch.write(&format!("root/{name}"), bytes);
    }
    for place in [scratch.at("root"), scratch.write("root.zip", &zip_of(&files))] {
        let package = open(&place).unwrap();
        assert_eq!(&*package.source(&path("app.js")).unwrap(), "App({})");
        assert_eq!(package.manifest().pages(), ["a"]);
        for file in ["latin.js", "utf16.js"] {
            assert_eq!(package.source(&path(file)), Err(PackageError::NotUtf8 { file: file.into() }));
        }
    }
}

#[test]
fn h_d13_what_was_loaded_stays_when_the_folder_changes() {
    let scratch = Scratch::new();
    let root = scratch.folder("root", &[APP, ("app.json", "{}"), ("a.js", "old"), ("b.js", "old")]);
    let package = open(&root).unwrap();
    let before = package.source(&path("a.js")).unwrap();
    scratch.folder("root", &[("app.json", "broken"), ("a.js", "new"), ("b.js", "new")]);
    assert!(Arc::ptr_eq(&before, &package.source(&path("a.js")).unwrap()));
    assert_eq!(&*package.source(&path("b.js")).unwrap(), "new", "it was not read before");
    assert_eq!(&*package.source(&path("app.json")).unwrap(), "{}", "the manifest is a loaded source");
    scratch.remove("root/a.js");
    assert!(package.has(&path("a.js")));
    assert_eq!(&*package.source(&path("a.js")).unwrap(), "old");
    assert!(matches!(open(&root).unwrap_err(), PackageError::BadManifest { .. }), "the next open sees the new files");
}

#[test]
fn a_folder_serves_no_more_than_its_limits() {
    let scratch = Scratch::new();
    let root = scratch.folder("root", &[("app.js", "12345"), ("a.js", "12345"), ("b.js", "1")]);
    let package = Package::open(&root, &small(10, 8)).unwrap();
    package.source(&path("app.js")).unwrap();
    let too_large = PackageError::TooLarge { what: "package bytes", most: 8 };
    assert_eq!(package.source(&path("a.js")), Err(too_large));
    package.source(&path("b.js")).unwrap();
    let package = Package::open(&root, &small(1, 100)).unwrap();
    package.source(&path("app.js")).unwrap();
    let too_many = PackageError::TooLarge { what: "package entries", most: 1 };
    assert_eq!(package.source(&path("b.js")), Err(too_many));
    package.source(&path("app.js")).unwrap();
}
