//! The store alone: what comes back and in which order, what gives way, and that damage is found.
#![expect(clippy::disallowed_methods, reason = "tests damage the files of their own stores")]

use super::*;
use crate::bridge::Caller;
use crate::error::ErrorCode;
use crate::ids::Generation;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("finapp-reports-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn files(&self) -> Files {
        Files::new(self.0.clone(), "reports.sqlite")
    }

    fn open(&self) -> Store {
        Store::open(Some(&self.files()), &Limits::default()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn event(applet: &str, name: &str) -> Event {
    let caller = Caller::Applet { applet: AppletId::parse(applet).unwrap(), generation: Generation(1) };
    let data = json!({"name": name}).as_object().unwrap().clone();
    Event { caller: Arc::new(caller), version: String::new(), name: name.to_owned(), data, time: Duration::ZERO }
}

/// Name and id of each event that waits.
fn waiting(store: &Store) -> Vec<(String, String)> {
    let Some(batch) = store.batch(usize::MAX >> 1, usize::MAX).unwrap() else { return Vec::new() };
    let read = |record: &RawValue| {
        let record: Value = serde_json::from_str(record.get()).unwrap();
        assert_eq!(record["attributes"][0]["key"], "finapp.event.id");
        let id = record["attributes"][0]["value"]["stringValue"].as_str().unwrap();
        (record["eventName"].as_str().unwrap().to_owned(), id.to_owned())
    };
    batch.records.iter().map(|record| read(record)).collect()
}

fn names(store: &Store) -> Vec<String> {
    waiting(store).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn f_m08_ids_are_never_given_twice_also_when_all_was_sent_and_the_store_opened_again() {
    let folder = Folder::new();
    let mut ids = Vec::new();
    for round in 0..3 {
        let mut store = folder.open();
        assert_eq!(store.waiting(), 0);
        store.add(&[event("a", "one"), event("b", "two")]).unwrap();
        ids.extend(waiting(&store).into_iter().map(|(_, id)| id));
        let last = store.batch(10, usize::MAX).unwrap().unwrap().last;
        store.done(last).unwrap();
        // One that ends in order, and one that does not.
        if round == 1 { store.close() } else { drop(store) }
    }
    let (origin, _) = ids[0].split_once('-').unwrap();
    assert_eq!(origin.len(), 32);
    assert_eq!(ids, (1..=6).map(|number| format!("{origin}-{number}")).collect::<Vec<_>>());
}

#[test]
fn f_m08_the_oldest_events_give_way_first_of_their_own_applet_then_of_all() {
    let limits = Limits { reports_kept: 3, ..Limits::default() };
    let mut store = Store::open(None, &limits).unwrap();
    store.add(&[event("other", "0")]).unwrap();
    let many: Vec<Event> = (1..=5).map(|number| event("flood", &number.to_string())).collect();
    assert_eq!(store.add(&many).unwrap(), 2);
    assert_eq!(names(&store), ["0", "3", "4", "5"]);
    let one = store.all.bytes / 4;
    let limits = Limits { reports_kept_bytes: 2 * one + 50, ..Limits::default() };
    let mut store = Store::open(None, &limits).unwrap();
    assert_eq!(store.add(&many).unwrap(), 3);
    assert_eq!(names(&store), ["4", "5"]);
    let limits = Limits { reports_kept_bytes_total: 2 * one + 50, ..Limits::default() };
    let mut store = Store::open(None, &limits).unwrap();
    assert_eq!(store.add(&[event("a", "1"), event("b", "2"), event("c", "3")]).unwrap(), 1);
    assert_eq!(names(&store), ["2", "3"]);
    assert_eq!((store.all.events, store.applets["a"].events, store.applets["a"].bytes), (2, 0, 0));
}

#[test]
fn f_m08_a_batch_is_bounded_and_forgetting_it_leaves_what_came_meanwhile() {
    let mut store = Store::open(None, &Limits::default()).unwrap();
    store.add(&[event("a", "1"), event("a", "2"), event("a", "3")]).unwrap();
    assert_eq!(store.batch(2, usize::MAX).unwrap().unwrap().records.len(), 2);
    assert_eq!(store.batch(2, 1).unwrap().unwrap().records.len(), 1, "one that is too large travels alone");
    let last = store.batch(2, usize::MAX).unwrap().unwrap().last;
    store.add(&[event("a", "4")]).unwrap();
    store.done(last).unwrap();
    assert_eq!(names(&store), ["3", "4"]);
    assert_eq!(store.waiting(), 2);
}

#[test]
fn h_c17_nobody_else_opens_a_store_that_is_open() {
    let folder = Folder::new();
    let mut store = folder.open();
    store.add(&[event("a", "1")]).unwrap();
    match Store::open(Some(&folder.files()), &Limits::default()) {
        Err(Fault::Refused(error)) => assert_eq!(error.code(), ErrorCode::Busy),
        Err(Fault::Damaged | Fault::Unwritten) => panic!("an open store is not a damaged one"),
        Ok(_) => panic!("two senders of one store"),
    }
    drop(store);
    assert_eq!(names(&folder.open()), ["1"]);
}

#[test]
fn h_c15_a_damaged_row_is_found_before_it_is_sent() {
    let folder = Folder::new();
    let mut store = folder.open();
    store.add(&[event("a", "marked")]).unwrap();
    store.close();
    let path = folder.0.join("reports.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(6).rposition(|window| window == b"marked").unwrap();
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = Store::open(Some(&folder.files()), &Limits::default()).and_then(|store| store.batch(1, usize::MAX));
    assert!(matches!(found, Err(Fault::Damaged)));
}
