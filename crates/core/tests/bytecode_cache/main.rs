//! Compiled code that is kept from one start to the next: the second start compiles nothing and nobody can tell, and
//! whatever is not exactly what was kept is compiled from its source.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]
#![expect(clippy::disallowed_methods, reason = "the test plays with the files of the cache")]

mod forged;
mod modules;
#[path = "../support/mod.rs"]
mod support;

use finapp_core::{Config, ErrorCode, Limits};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::alone::until;
use support::attack::script_error;
use support::{Folder, Host, PATIENCE, payload};

/// What a start has compiled, and what it has found.
type Counts = (u64, u64);

fn host(data: &Folder) -> Host {
    limited(data, |_| ())
}

fn limited(data: &Folder, change: impl FnOnce(&mut Limits)) -> Host {
    let mut config = Config { data_dir: Some(data.path().to_owned()), ..Config::default() };
    change(&mut config.limits);
    Host::with(config)
}

fn package(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        folder.file(name, text);
    }
    folder
}

const APP: (&str, &str) = (
    "app.js",
    "ft.loadExtApi([{name: 'report'}])
    const part = require('./part')
    ft.report({ sum: part.sum(1, 2), text: String(part.sum) })
    ft.onCustomEvent(() => part.fail())",
);
const PART: (&str, &str) = (
    "part.js",
    "/* a part */ exports.sum = function sum (a, b) { /* adds */ return a + b }

    exports.fail = function () {
      const inner = () => { throw new Error(`not ${exports.sum(3, 4)}`) }
      inner()
    }",
);

/// Starts a package as `app_id` and gives what it counted.
fn start(host: &Host, app_id: &str, files: &[(&str, &str)]) -> Counts {
    let applet = host.open_folder(app_id, package(files)).unwrap();
    let counts = host.client.counters(app_id).unwrap();
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    (counts.sources_compiled, counts.sources_kept)
}

fn file_of(data: &Folder, app_id: &str) -> PathBuf {
    data.path().join(format!("_code/{app_id}.code"))
}

/// Waits until the code of an applet is on the disk. The name is the last thing that its file is given.
fn kept(data: &Folder, app_id: &str) -> Vec<u8> {
    let file = file_of(data, app_id);
    until("the code is kept", || file.exists());
    fs::read(file).unwrap()
}

/// Starts twice, so that everything is kept. Gives what lies on the disk.
fn warm(data: &Folder, app_id: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let host = host(data);
    start(&host, app_id, files);
    kept(data, app_id)
}

#[test]
fn a_second_start_compiles_nothing() {
    let data = Folder::new();
    assert_eq!(start(&host(&data), "demo", &[APP, PART]), (2, 0));
    kept(&data, "demo");
    // Another client, as after a restart of the app.
    let host = host(&data);
    assert_eq!(start(&host, "demo", &[APP, PART]), (0, 2));
    assert_eq!(start(&host, "demo", &[APP, PART]), (0, 2));
}

#[test]
fn a_mini_program_cannot_tell_whether_it_was_compiled() {
    let seen = |host: &Host| {
        host.open_folder("demo", package(&[APP, PART])).unwrap();
        let told = host.reported();
        host.client.send_custom_event("demo", payload(json!({}))).unwrap();
        (told, script_error(host))
    };
    let data = Folder::new();
    let first = seen(&host(&data));
    kept(&data, "demo");
    let second = host(&data);
    assert_eq!(seen(&second), first);
    assert_eq!(second.client.counters("demo").unwrap().sources_kept, 2);
    // With its comments, its lines and its columns.
    assert_eq!(first.0, json!({ "sum": 3, "text": "function sum (a, b) { /* adds */ return a + b }" }));
    assert!(first.1.contains("Error: not 7") && first.1.contains("part.js:4:"), "{}", first.1);
}

#[test]
fn only_what_has_changed_is_compiled_and_what_is_gone_is_forgotten() {
    let data = Folder::new();
    let before = warm(&data, "demo", &[APP, PART]);
    let changed = ("app.js", "require('./other')");
    let host = host(&data);
    assert_eq!(start(&host, "demo", &[changed, ("other.js", ""), PART]), (2, 0));
    until("the new code is kept", || kept(&data, "demo") != before);
    assert_eq!(start(&host, "demo", &[changed, ("other.js", "")]), (0, 2));
    // The file that was not asked for stayed as long as it was there.
    let holds = |name: &str| kept(&data, "demo").windows(name.len()).any(|bytes| bytes == name.as_bytes());
    assert!(holds("part.js"));
    assert_eq!(start(&host, "demo", &[changed, ("other.js", "1")]), (1, 1));
    until("the old code is forgotten", || !holds("part.js"));
}

#[test]
fn what_is_required_late_is_kept_when_the_applet_closes() {
    let data = Folder::new();
    let late = [
        ("app.js", "ft.onCustomEvent(() => { require('./late') })"),
        ("late.js", "ft.loadExtApi([{name: 'report'}]); ft.report({})"),
    ];
    let run = |host: &Host| {
        let applet = host.open_folder("demo", package(&late)).unwrap();
        host.client.send_custom_event("demo", payload(json!({}))).unwrap();
        host.reported();
        let counts = host.client.counters("demo").unwrap();
        applet.close();
        applet.wait_until_closed(PATIENCE).unwrap();
        (counts.sources_compiled, counts.sources_kept)
    };
    let host = host(&data);
    assert_eq!(run(&host), (2, 0));
    until("both are kept", || kept(&data, "demo").windows(7).any(|bytes| bytes == b"late.js"));
    assert_eq!(run(&host), (0, 2));
}

#[test]
fn what_cannot_start_is_not_kept() {
    let data = Folder::new();
    let host = host(&data);
    let error = host.open_folder("demo", package(&[("app.js", "throw new Error('no')")])).map(drop).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadPackage);
    // The next one to be kept comes after it.
    start(&host, "other", &[APP, PART]);
    kept(&data, "other");
    assert!(!file_of(&data, "demo").exists());
}

#[test]
fn a_cache_that_cannot_be_written_fails_no_start() {
    let data = Folder::new();
    // A file where the folder would be.
    data.file("_code", "");
    let host = host(&data);
    for _ in 0..2 {
        assert_eq!(start(&host, "demo", &[APP, PART]), (2, 0));
    }
}

#[test]
fn the_memory_cap_holds_for_what_is_read_as_for_what_is_compiled() {
    let data = Folder::new();
    let large: String = (0..8_000).map(|at| format!("exports.f{at} = (a, b) => a.x{at} + b.y{at}\n")).collect();
    let files = [("app.js", "require('./large')"), ("large.js", large.as_str())];
    warm(&data, "demo", &files);
    let reasons = [(&data, "kept"), (&Folder::new(), "compiled")].map(|(data, what)| {
        let host = limited(data, |limits| limits.memory = 2 << 20);
        let error = host.open_folder("demo", package(&files)).map(drop).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Memory, "{what}: {error}");
    });
    assert_eq!(reasons.len(), 2);
}

#[test]
fn the_oldest_code_makes_room_for_new_and_none_is_kept_with_a_cap_of_zero() {
    let data = Folder::new();
    let size = warm(&data, "first", &[APP, PART]).len();
    let host = limited(&data, |limits| limits.code_cache_bytes = 4 * size + size / 2);
    for app_id in ["second", "third", "fourth"] {
        start(&host, app_id, &[APP, PART]);
        kept(&data, app_id);
    }
    assert!(file_of(&data, "first").exists());
    // It is used again, so the second is the oldest now.
    let before = modified(&file_of(&data, "first"));
    assert_eq!(start(&host, "first", &[APP, PART]), (0, 2));
    until("the use is noted", || modified(&file_of(&data, "first")) != before);
    start(&host, "fifth", &[APP, PART]);
    kept(&data, "fifth");
    until("the oldest is gone", || !file_of(&data, "second").exists());
    assert!(file_of(&data, "first").exists());

    let none = Folder::new();
    let host = limited(&none, |limits| limits.code_cache_bytes = 0);
    start(&host, "demo", &[APP, PART]);
    assert_eq!(start(&host, "demo", &[APP, PART]), (2, 0));
    assert!(!none.path().join("_code").exists());
}

fn modified(file: &Path) -> std::time::SystemTime {
    fs::metadata(file).unwrap().modified().unwrap()
}

#[test]
fn clearing_an_applets_data_or_packages_clears_its_code() {
    let data = Folder::new();
    let host = host(&data);
    let warm = |app_id: &str| {
        start(&host, app_id, &[APP, PART]);
        kept(&data, app_id)
    };
    warm("a");
    warm("b");
    host.client.clear_applet_data("a", None).unwrap();
    until("the code is gone", || !file_of(&data, "a").exists());
    assert!(file_of(&data, "b").exists());
    warm("a");
    host.client.clear_package_cache(Some("b")).unwrap();
    until("the code is gone", || !file_of(&data, "b").exists());
    assert!(file_of(&data, "a").exists());
    warm("b");
    host.client.clear_package_cache(None).unwrap();
    until("all code is gone", || !file_of(&data, "a").exists() && !file_of(&data, "b").exists());
    let told: Value = host.reported();
    assert_eq!(told["sum"], 3);
}
