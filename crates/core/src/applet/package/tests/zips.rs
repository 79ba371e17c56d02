//! Zips that are torn, too large, or built to deceive.

use super::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CENTRAL_HEADER: &[u8] = b"PK\x01\x02";
/// Where a central header keeps the CRC, the unpacked size and the name.
const CRC: usize = 16;
const SIZE: usize = 24;
const NAME: usize = 46;

/// Opens a zip that must be refused, and tells why.
fn refused(zip: &[u8]) -> String {
    let scratch = Scratch::new();
    let error = open(&scratch.write("bad.zip", zip)).unwrap_err();
    error.to_string().strip_prefix("bad zip: ").unwrap().to_owned()
}

/// What reading `a.js` from a zip that opens well gives.
fn read_a(zip: &[u8]) -> Result<Arc<str>, PackageError> {
    let scratch = Scratch::new();
    open(&scratch.write("forged.zip", zip)).unwrap().source(&path("a.js"))
}

/// Where the central header of the entry `name` begins.
fn header_of(zip: &[u8], name: &str) -> usize {
    let is_header =
        |at: &usize| zip[*at..].starts_with(CENTRAL_HEADER) && zip[at + NAME..].starts_with(name.as_bytes());
    (0..zip.len() - NAME).find(is_header).unwrap()
}

/// The zip with every `from` replaced by `to`, which is as long: it forges names that the writer would refuse.
fn renamed(mut zip: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    for at in 0..zip.len() - from.len() {
        if zip[at..].starts_with(from.as_bytes()) {
            zip[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    zip
}

#[test]
fn a_name_that_climbs_or_is_absolute_is_refused() {
    let zip = zip_of(&[APP, ("12345678.js", "")]);
    for name in [
        "../45678.js",
        "a/../678.js",
        "ab/c/d/e/..",
        "../../../..",
        "/2345678.js",
        "..\\45678.js",
        "C:/45678.js",
        "1234567\0.js",
    ] {
        let reason = refused(&renamed(zip.clone(), "12345678.js", name));
        assert!(reason.starts_with("entry \"") && reason.contains(": path: "), "{name:?}: {reason}");
    }
    let folder = renamed(zip_of(&[APP, ("12/", "")]), "12/", "../");
    assert_eq!(refused(&folder), "entry \"../\": path: leaves the package");
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let same = "two entries have the same name";
    assert_eq!(refused(&renamed(zip_of(&[APP, ("1.js", "a"), ("2.js", "b")]), "2.js", "1.js")), same);
    assert_eq!(refused(&zip_of(&[APP, ("./app.js", "b")])), same);
    assert_eq!(refused(&zip_of(&[APP, ("a//b.js", "a"), ("a/b.js", "b")])), same);
}

#[test]
fn links_and_devices_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("app.js", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let link = writer.finish().unwrap().into_inner();
    assert_eq!(refused(&link), "entry \"app.js\": expected a file or a folder, got a link or a device");
    let mut device = zip_of(&[APP]);
    let mode = header_of(&device, "app.js") + 40;
    device[mode..mode + 2].copy_from_slice(&0o020_644_u16.to_le_bytes());
    assert_eq!(refused(&device), "entry \"app.js\": expected a file or a folder, got a link or a device");
}

#[test]
fn a_torn_zip_is_refused_wherever_it_is_torn() {
    let zip = zip_of(&[APP, ("app.json", "{}"), ("a.js", "1")]);
    for length in 4..zip.len() {
        refused(&zip[..length]);
    }
    let moved = [b"PK\x03\x04 and something before it", &*zip].concat();
    refused(&moved);
}

#[test]
fn a_flipped_bit_never_changes_what_is_served() {
    let scratch = Scratch::new();
    let text = "export default 'a text that is long enough to be packed, packed, packed, packed';";
    let zip = zip_of(&[APP, ("a.js", text)]);
    for at in 0..zip.len() * 8 {
        let mut flipped = zip.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        let Ok(package) = open(&scratch.write("flipped.zip", &flipped)) else { continue };
        if let Ok(served) = package.source(&path("a.js")) {
            assert_eq!(&*served, text, "bit {at}");
        }
    }
}

#[test]
fn a_size_that_lies_is_caught_while_inflating() {
    let honest = zip_of(&[APP, ("a.js", &"0".repeat(100_000))]);
    read_a(&honest).unwrap();
    for lie in [0_u32, 1, 99_999, 100_001, 1_000_000] {
        let mut zip = honest.clone();
        let size = header_of(&zip, "a.js") + SIZE;
        zip[size..size + 4].copy_from_slice(&lie.to_le_bytes());
        let answer = read_a(&zip);
        assert!(matches!(answer, Err(PackageError::BadZip { .. })), "{lie}: {answer:?}");
    }
}

#[test]
fn a_wrong_checksum_is_an_error_that_names_the_file() {
    let mut zip = zip_of(&[APP, ("a.js", "text")]);
    let crc = header_of(&zip, "a.js") + CRC;
    zip[crc] ^= 1;
    assert_eq!(read_a(&zip).unwrap_err().to_string(), "bad zip: a.js: Invalid checksum");
}

#[test]
fn a_name_that_is_not_utf8_is_refused() {
    let mut zip = zip_of(&[APP, ("a.js", "")]);
    let name = header_of(&zip, "a.js") + NAME;
    zip[name] = 0xff;
    assert_eq!(refused(&zip), "an entry's name is not UTF-8");
}

#[test]
fn a_zip_over_its_limits_is_refused_before_anything_is_inflated() {
    let scratch = Scratch::new();
    let bomb = "0".repeat(1_000_000);
    let bomb = scratch.write("bomb.zip", &zip_of(&[APP, ("a.js", &bomb), ("b.js", &bomb)]));
    let unpacked = 2_000_000 + APP.1.len();
    Package::open(&bomb, &small(3, unpacked)).unwrap();
    let error = Package::open(&bomb, &small(3, unpacked - 1)).unwrap_err();
    assert_eq!(error, PackageError::TooLarge { what: "package bytes", most: unpacked - 1 });
    let error = Package::open(&bomb, &small(2, unpacked)).unwrap_err();
    assert_eq!(error, PackageError::TooLarge { what: "package entries", most: 2 });
}

#[test]
fn a_zip_longer_than_it_may_unpack_to_is_not_even_looked_into() {
    let scratch = Scratch::new();
    let padded = [b"PK\x03\x04", &*vec![0; 2_000_000]].concat();
    let error = Package::open(&scratch.write("padded.zip", &padded), &small(10, 1_000)).unwrap_err();
    assert_eq!(error, PackageError::TooLarge { what: "package bytes", most: 1_000 });
}

#[test]
fn stored_and_packed_files_and_folders_are_read() {
    let scratch = Scratch::new();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    writer.add_directory("pages", SimpleFileOptions::default()).unwrap();
    for (name, options) in [("app.js", stored), ("./pages/a.js", SimpleFileOptions::default())] {
        writer.start_file(name, options).unwrap();
        writer.write_all(name.as_bytes()).unwrap();
    }
    let zip = writer.finish().unwrap().into_inner();
    let package = open(&scratch.write("good.zip", &zip)).unwrap();
    assert_eq!(&*package.source(&path("app.js")).unwrap(), "app.js");
    assert_eq!(&*package.source(&path("pages/a.js")).unwrap(), "./pages/a.js");
    assert_eq!(package.source(&path("pages/b.js")), Err(no_such_file("pages/b.js")));
    assert!(!package.has(&path("pages")));
}

#[test]
fn h_d13_a_zip_replaced_by_another_keeps_its_content() {
    let scratch = Scratch::new();
    let place = scratch.write("root.zip", &zip_of(&[APP, ("a.js", "old")]));
    let package = open(&place).unwrap();
    scratch.remove("root.zip");
    scratch.write("root.zip", &zip_of(&[APP, ("a.js", "new")]));
    assert_eq!(&*package.source(&path("a.js")).unwrap(), "old");
    assert_eq!(&*open(&place).unwrap().source(&path("a.js")).unwrap(), "new");
}
