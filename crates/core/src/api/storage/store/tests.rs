//! The store alone: what comes back, what is refused, and that damage anywhere in its files is found.
#![expect(clippy::disallowed_methods, reason = "tests damage the files of their own stores")]

use super::*;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("finapp-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn files(&self) -> Files {
        Files::new(self.0.clone(), "storage.sqlite")
    }

    fn open(&self) -> Result<Store> {
        Store::open(&self.files(), &Limits::default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn text(text: &str) -> Stored {
    Stored { text: serde_json::to_string(text).unwrap(), ..Stored::missing() }
}

fn refused<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    match result.unwrap_err() {
        Fault::Refused(error) => error.code(),
        fault => panic!("the store is whole and can be written: {fault:?}"),
    }
}

#[test]
fn what_was_set_comes_back_after_opening_again_and_owners_do_not_see_each_other() {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    store.set("", &[("key".to_owned(), text("applet"))]).unwrap();
    store.set("plugin", &[("key".to_owned(), text("plugin"))]).unwrap();
    drop(store);
    let mut store = folder.open().unwrap();
    assert_eq!(store.get("", "key").unwrap(), Some(text("applet")));
    store.clear("").unwrap();
    assert_eq!(store.get("", "key").unwrap(), None);
    assert_eq!(store.get("plugin", "key").unwrap(), Some(text("plugin")));
}

#[test]
fn f_m13_a_batch_is_kept_whole_or_not_at_all_and_the_quota_counts_what_is_replaced() {
    let limits = Limits { storage_bytes: 1_000, storage_value_bytes: 600, ..Limits::default() };
    let mut store = Store::in_memory(&limits).unwrap();
    let entry = |key: &str, bytes: usize| (key.to_owned(), text(&"x".repeat(bytes)));
    store.set("", &[entry("a", 600)]).unwrap();
    assert_eq!(refused(store.set("", &[entry("b", 601)])), ErrorCode::StorageFull);
    assert_eq!(refused(store.set("", &[entry("b", 100), entry("c", 300)])), ErrorCode::StorageFull);
    assert_eq!(store.info("").unwrap(), Info { keys: vec!["a".to_owned()], bytes: 600 + 1 + ENTRY_BYTES });
    store.set("", &[entry("b", 300), entry("a", 400), entry("b", 500)]).unwrap();
    assert_eq!(store.info("").unwrap().bytes, 900 + 2 * (1 + ENTRY_BYTES));
    store.remove("", "a").unwrap();
    store.remove("", "a").unwrap();
    assert_eq!(store.info("").unwrap(), Info { keys: vec!["b".to_owned()], bytes: 500 + 1 + ENTRY_BYTES });
}

#[test]
fn h_c14_a_full_disk_leaves_the_old_value_and_room_makes_it_work_again() {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    store.set("", &[("key".to_owned(), text("old"))]).unwrap();
    let pages: u32 = store.database.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let big = || [("key".to_owned(), text(&"new".repeat(100_000)))];
    // SQLite says that the disk is full at each page that it may not add.
    for most in pages..pages + 60 {
        store.database.connection.pragma_update(None, "max_page_count", most).unwrap();
        assert_eq!(refused(store.set("", &big())), ErrorCode::StorageFull, "at page {most}");
        assert_eq!(store.get("", "key").unwrap(), Some(text("old")));
    }
    store.database.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    store.set("", &big()).unwrap();
    drop(store);
    assert_eq!(folder.open().unwrap().get("", "key").unwrap(), Some(big()[0].1.clone()));
}

#[test]
fn h_c15_damage_anywhere_is_found_or_changes_nothing() {
    let folder = Folder::new();
    let mut store = folder.open().unwrap();
    let entries: Vec<_> = (0..40).map(|at| (format!("key {at}"), text(&format!("value {at} ").repeat(20)))).collect();
    store.set("", &entries).unwrap();
    store.close();
    let path = folder.files().store();
    let whole = fs::read(&path).unwrap();
    let unchanged = |case: &str| match folder.open() {
        Err(Fault::Damaged) => false,
        Err(fault) => panic!("{case}: {fault:?}"),
        Ok(store) => {
            for (key, value) in &entries {
                assert_eq!(store.get("", key).unwrap().as_ref(), Some(value), "{case}");
            }
            true
        }
    };
    const STEP: usize = 13;
    let mut found = 0;
    for at in (0..whole.len()).step_by(STEP) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        fs::write(&path, &flipped).unwrap();
        found += usize::from(!unchanged(&format!("byte {at}")));
        for end in ["-wal", "-shm"] {
            drop(fs::remove_file(format!("{}{end}", path.display())));
        }
    }
    let held: usize = entries.iter().map(|(_, value)| value.text.len()).sum();
    assert!(found > held / STEP, "only {found} flips were found");
    for length in [0, 1, 100, 4_095, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(!unchanged(&format!("{length} bytes")), "{length} bytes");
    }
    for wrong in [b"not a database".repeat(600), vec![0; 8_192]] {
        fs::write(&path, wrong).unwrap();
        assert!(!unchanged("a random file"));
    }
    fs::write(&path, &whole).unwrap();
    assert!(unchanged("whole again"));
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", LAYOUT.version + 1).unwrap();
    connection.close().unwrap();
    assert!(!unchanged("another layout"));
}

#[test]
fn h_c15_a_store_whose_log_is_missing_is_damaged_unless_nothing_stood_in_the_log_alone() {
    let folder = Folder::new();
    let log = format!("{}-wal", folder.files().store().display());
    let mut store = folder.open().unwrap();
    store.set("", &[("key".to_owned(), text("value"))]).unwrap();
    // As a killed process leaves it.
    drop(store);
    let kept = fs::read(&log).unwrap();
    fs::remove_file(&log).unwrap();
    assert!(matches!(folder.open(), Err(Fault::Damaged)));
    fs::write(&log, kept).unwrap();
    let store = folder.open().unwrap();
    assert_eq!(store.get("", "key").unwrap(), Some(text("value")));
    drop(store);
    let mut store = folder.open().unwrap();
    store.remove("", "other").unwrap();
    store.close();
    fs::remove_file(&log).unwrap();
    assert_eq!(folder.open().unwrap().get("", "key").unwrap(), Some(text("value")));
}

#[test]
fn h_c15_a_log_without_its_store_is_not_taken_for_a_new_one() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.0.join("storage.sqlite-wal"), "a log").unwrap();
    assert!(matches!(folder.open(), Err(Fault::Damaged)));
    assert_eq!(folder.files().set_aside().unwrap(), "storage.sqlite.corrupt-1");
    assert!(folder.0.join("storage.sqlite.corrupt-1-wal").exists());
    folder.open().unwrap();
}

#[test]
fn h_c16_a_folder_that_cannot_be_made_is_a_typed_error() {
    let folder = Folder::new();
    fs::write(&folder.0, "a file in the place of the folder").unwrap();
    assert_eq!(refused(folder.open().map(drop)), ErrorCode::Denied);
    fs::remove_file(&folder.0).unwrap();
    fs::create_dir_all(folder.files().store()).unwrap();
    assert_eq!(refused(folder.open().map(drop)), ErrorCode::Denied);
}

#[test]
fn h_c17_a_second_writer_waits_and_then_fails_busy() {
    let folder = Folder::new();
    let mut first = folder.open().unwrap();
    let mut second = folder.open().unwrap();
    first.set("", &[("key".to_owned(), text("first"))]).unwrap();
    let held = first.database.change().unwrap();
    assert_eq!(refused(second.set("", &[("key".to_owned(), text("second"))])), ErrorCode::Busy);
    drop(held);
    second.set("", &[("key".to_owned(), text("second"))]).unwrap();
    assert_eq!(first.get("", "key").unwrap(), Some(text("second")));
}
