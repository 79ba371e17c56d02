//! What a server, a network or a disk can do wrong: a coded error, and nothing of it is kept.

use super::server::{Answer, Server, package, zip_of};
use super::support::alone::until;
use super::support::{Folder, Host};
use super::{cached, from, keeping, keeping_with, kept, run};
use finapp_core::package_index::{IndexEntry, PackageFile};
use finapp_core::{AppletRequest, Config, ErrorCode, UpdateStrategy};
use std::fs;

type Spoil = fn(&Server, IndexEntry);

/// Each way to go wrong, the code of it, and a part of its text.
const WAYS: [(&str, Spoil, ErrorCode, &str); 15] = [
    (
        "no index",
        |server, _| server.answers("demo/index.json", Answer::Status(404)),
        ErrorCode::AppletNotFound,
        "index",
    ),
    ("an error", |server, _| server.answers("demo/index.json", Answer::Status(503)), ErrorCode::Network, "503"),
    (
        "a page instead of the index",
        |server, _| server.answers("demo/index.json", Answer::File(b"<html>".to_vec())),
        ErrorCode::BadPackage,
        "index: expected value at line 1",
    ),
    (
        "an endless index",
        |server, _| server.answers("demo/index.json", Answer::File(vec![b' '; 1_000_000])),
        ErrorCode::TooLarge,
        "index",
    ),
    (
        "an index that breaks off",
        |server, _| server.answers("demo/index.json", Answer::Half(vec![b' '; 1_000])),
        ErrorCode::Network,
        "index: the connection broke off",
    ),
    (
        "another mini-program",
        |server, entry| {
            let text = serde_json::to_vec(&IndexEntry { app_id: "other".to_owned(), ..entry }).unwrap();
            server.answers("demo/index.json", Answer::File(text));
        },
        ErrorCode::BadPackage,
        "index: appId",
    ),
    (
        "another digest",
        |server, mut entry| {
            entry.package.sha256 = PackageFile::of("", b"other").sha256;
            server.offers_entry(&entry);
        },
        ErrorCode::BadPackage,
        "SHA-256",
    ),
    (
        "fewer bytes than said",
        |server, entry| {
            let zip = package("ft.report({v: '2'})");
            server.answers(&format!("demo/{}", entry.package.url), Answer::File(zip[..zip.len() - 1].to_vec()));
        },
        ErrorCode::BadPackage,
        "as the index says",
    ),
    (
        "more bytes than said",
        |server, entry| {
            server.answers(&format!("demo/{}", entry.package.url), Answer::File(vec![0; 3_000_000]));
        },
        ErrorCode::BadPackage,
        "as the index says, got more",
    ),
    (
        "a zip that breaks off",
        |server, entry| {
            server.answers(&format!("demo/{}", entry.package.url), Answer::Half(package("ft.report({v: '2'})")));
        },
        ErrorCode::Network,
        "package: the connection broke off",
    ),
    (
        "no zip",
        |server, entry| server.answers(&format!("demo/{}", entry.package.url), Answer::Status(404)),
        ErrorCode::Network,
        "package: the server answered 404",
    ),
    (
        "a zip of another origin",
        |server, mut entry| {
            entry.package.url = "http://127.0.0.2:9/demo.zip".to_owned();
            server.offers_entry(&entry);
        },
        ErrorCode::Denied,
        "package.url: expected the server of the index, or an https address",
    ),
    (
        "a redirect to another origin",
        |server, entry| {
            let to = "http://127.0.0.2:9/demo.zip".to_owned();
            server.answers(&format!("demo/{}", entry.package.url), Answer::Elsewhere(to));
        },
        ErrorCode::Denied,
        "package.url",
    ),
    (
        "a zip larger than a package may be",
        |server, mut entry| {
            entry.package.bytes = 1 << 40;
            server.offers_entry(&entry);
        },
        ErrorCode::TooLarge,
        "package bytes",
    ),
    (
        "a version for a newer library",
        |server, mut entry| {
            entry.min_sdk_version = Some("999".parse().unwrap());
            server.offers_entry(&entry);
        },
        ErrorCode::Unsupported,
        "needs finapp 999",
    ),
];

#[test]
fn h_a27_whatever_a_server_does_wrong_is_a_coded_error_and_nothing_is_kept() {
    for (what, spoil, code, part) in WAYS {
        let (server, data) = (Server::new(), Folder::new());
        spoil(&server, server.offers("2"));
        let host = keeping(&data);
        let refused = host.client.start_applet_and_wait(from(&server)).unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
        assert!(refused.message().contains(part), "{what}: {refused}");
        // Neither addresses nor paths of the host.
        assert!(!refused.message().contains("127.0.0") && !refused.message().contains("/tmp"), "{refused}");
        assert!(cached(&host).is_empty(), "{what}");
        assert_eq!(files(&data), 0, "{what}");
    }
}

#[test]
fn h_a27_whatever_a_server_does_wrong_leaves_the_cached_version() {
    for (what, spoil, code, _) in WAYS {
        let (server, data) = (Server::new(), Folder::new());
        server.offers("1");
        let host = keeping(&data);
        assert_eq!(run(&host, from(&server)), "1");
        let before = files(&data);
        spoil(&server, server.offers("2"));
        host.client.start_applet_and_wait(from(&server)).unwrap();
        assert_eq!(host.reported(), serde_json::json!({"v": "1"}), "{what}");
        assert_eq!(kept(&host), ("1".to_owned(), code), "{what}");
        assert_eq!(files(&data), before, "{what}");
    }
}

/// How many files the cache has.
fn files(data: &Folder) -> usize {
    fn below(folder: &std::path::Path) -> usize {
        let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { below(&path) } else { 1 }).sum()
    }
    below(&data.path().join("packages"))
}

#[test]
fn h_a27_an_older_version_is_not_taken_unless_the_host_asks_for_it() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    server.offers("1.2.0");
    assert_eq!(run(&host, from(&server)), "1.2.0");
    server.offers("1.1.9");
    for update_strategy in [UpdateStrategy::Before, UpdateStrategy::After] {
        let applet = host.client.start_applet_and_wait(AppletRequest { update_strategy, ..from(&server) }).unwrap();
        assert_eq!(host.reported(), serde_json::json!({"v": "1.2.0"}));
        assert_eq!(kept(&host), ("1.2.0".to_owned(), ErrorCode::Denied));
        applet.close();
        host.closed("demo");
    }
    assert!(host.log.lines().iter().any(|line| line.contains("the server offers 1.1.9, older than 1.2.0")));
    assert_eq!(run(&host, AppletRequest { allow_downgrade: true, ..from(&server) }), "1.1.9");
    assert_eq!(run(&host, from(&server)), "1.1.9");
}

#[test]
fn h_a27_a_redirect_within_the_server_is_followed_and_an_endless_one_is_not() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    let entry = server.offers("1");
    server.answers("store/1.zip", Answer::File(package("ft.report({v: '1'})")));
    server.answers(&format!("demo/{}", entry.package.url), Answer::Elsewhere("../store/1.zip".to_owned()));
    assert_eq!(run(&host, from(&server)), "1");
    server.answers("demo/index.json", Answer::Elsewhere("index.json".to_owned()));
    host.client.start_applet_and_wait(from(&server)).unwrap();
    assert_eq!(kept(&host), ("1".to_owned(), ErrorCode::Network));
}

#[test]
fn h_a27_a_zip_that_climbs_or_has_no_entry_is_refused_by_the_name_of_the_file() {
    for (files, part) in [(&[("../app.js", "")][..], "../app.js"), (&[("other.js", "")], "app.js")] {
        let (server, data) = (Server::new(), Folder::new());
        let zip = zip_of(files);
        server.offers_entry(&IndexEntry::new("demo", "1".parse().unwrap(), PackageFile::of("a.zip", &zip)));
        server.answers("demo/a.zip", Answer::File(zip));
        let refused = keeping(&data).client.start_applet_and_wait(from(&server)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadPackage);
        assert!(refused.message().contains(part), "{refused}");
    }
}

#[test]
fn h_d8_a_start_from_a_server_that_fails_half_way_names_the_file_and_leaves_nothing() {
    for (script, part) in [("\n\nthrow new Error('mine')", "app.js:3"), ("\nlet b = = 2", "app.js:2")] {
        let (server, data) = (Server::new(), Folder::new());
        server.offers_script("demo", "1", script);
        let host = keeping(&data);
        let refused = host.client.start_applet_and_wait(from(&server)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadPackage);
        assert!(refused.message().contains(part), "{refused}");
        host.closed("demo");
        assert!(host.client.running_applets().is_empty());
        // Not held by the run that failed.
        host.client.clear_package_cache(None).unwrap();
        until("it is cleared", || cached(&host).is_empty());
    }
}

#[test]
fn f_h13_a_start_from_a_server_needs_a_server_and_a_folder() {
    let (server, data) = (Server::new(), Folder::new());
    let refused = Host::new().client.start_applet_and_wait(from(&server)).unwrap_err();
    assert!(refused.code() == ErrorCode::Parameter && refused.message().starts_with("dataDir: "), "{refused}");
    for (server, part) in [("", "offlineLibraryPath: "), ("apps.example", "apiServer: "), ("file:///a", "apiServer: ")]
    {
        let refused = keeping(&data).client.start_applet_and_wait(AppletRequest::remote("demo", server)).unwrap_err();
        assert!(refused.code() == ErrorCode::Parameter && refused.message().starts_with(part), "{refused}");
    }
    assert!(Config::from_json(r#"{"apiServer": "file:///a"}"#).is_err());
    assert!(AppletRequest::from_json(r#"{"updateStrategy": "never"}"#).is_err());
}

#[test]
fn f_h13_a_cached_zip_that_was_damaged_is_brought_again() {
    let (server, data) = (Server::new(), Folder::new());
    let entry = server.offers("1");
    assert_eq!(run(&keeping(&data), from(&server)), "1");
    let server_folder = fs::read_dir(data.path().join("packages")).unwrap().next().unwrap().unwrap().path();
    let zip = server_folder.join("demo").join(format!("{}.zip", entry.package.sha256));
    let whole = fs::read(&zip).unwrap();
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    for damaged in [flipped, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(&zip, damaged).unwrap();
        assert_eq!(run(&keeping(&data), from(&server)), "1");
        assert_eq!(fs::read(&zip).unwrap(), whole);
    }
    let record = server_folder.join("demo/package.json");
    fs::write(&record, "{").unwrap();
    assert_eq!(run(&keeping(&data), from(&server)), "1");
    fs::write(&zip, "").unwrap();
    let request = from(&server);
    drop(server);
    let refused = keeping(&data).client.start_applet_and_wait(request).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Network);
}

#[test]
fn h_a35_a_package_larger_than_the_cache_is_refused() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers("1");
    let host = keeping_with(&data, |limits| limits.package_cache_bytes = 10);
    let refused = host.client.start_applet_and_wait(from(&server)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::TooLarge);
    assert!(refused.message().contains("the size of the cache"), "{refused}");
}
