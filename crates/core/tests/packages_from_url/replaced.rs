//! A package that is replaced while it runs: the run keeps what it began with, the next one takes the new version.

use super::server::{Answer, Server, zip_of};
use super::support::{Folder, Host};
use super::{from, keeping, news};
use finapp_core::package_index::{IndexEntry, PackageFile};
use finapp_core::{AppletRequest, PackageNews, UpdateStrategy};
use serde_json::json;
use std::fs;

/// Reads one file at once and one when it is told to, and reports both.
fn files(version: &str) -> [(&'static str, String); 4] {
    let app = "ft.loadExtApi([{name: 'report'}]);
        const early = require('./early');
        ft.onCustomEvent(() => ft.report({files: [early, require('./early'), require('./late')]}))";
    let module = format!("module.exports = '{version}'");
    [("app.json", "{}".to_owned()), ("app.js", app.to_owned()), ("early.js", module.clone()), ("late.js", module)]
}

fn zipped(version: &str) -> Vec<u8> {
    let files = files(version);
    zip_of(&files.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
}

fn said(host: &Host) -> serde_json::Value {
    host.send("demo", json!({}));
    host.reported()["files"].clone()
}

#[test]
fn h_d13_a_package_from_a_server_that_is_updated_while_it_runs_stays_the_old_one_to_its_last_file() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    let offer = |version: &str| {
        let zip = zipped(version);
        let file = format!("{version}.zip");
        server.offers_entry(&IndexEntry::new("demo", version.parse().unwrap(), PackageFile::of(file.clone(), &zip)));
        server.answers(&format!("demo/{file}"), Answer::File(zip));
    };
    offer("1");
    host.client.start_applet_and_wait(from(&server)).unwrap().close();
    host.closed("demo");
    offer("2");
    let request = AppletRequest { update_strategy: UpdateStrategy::After, ..from(&server) };
    let applet = host.client.start_applet_and_wait(request.clone()).unwrap();
    assert_eq!(news(&host), PackageNews::Updated { version: "2".to_owned() });
    assert_eq!(said(&host), json!(["1", "1", "1"]));
    applet.close();
    host.closed("demo");
    host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(said(&host), json!(["2", "2", "2"]));
}

#[test]
fn h_d13_a_zip_that_is_replaced_while_it_runs_stays_the_old_one_to_its_last_file() {
    let host = Host::new();
    let folder = Folder::new();
    let path = folder.path().join("demo.zip");
    fs::write(&path, zipped("1")).unwrap();
    let applet = host.client.start_applet_and_wait(AppletRequest::local("demo", &path)).unwrap();
    let newer = folder.path().join("newer.zip");
    fs::write(&newer, zipped("2")).unwrap();
    fs::rename(&newer, &path).unwrap();
    assert_eq!(said(&host), json!(["1", "1", "1"]));
    applet.close();
    host.closed("demo");
    host.client.start_applet_and_wait(AppletRequest::local("demo", &path)).unwrap();
    assert_eq!(said(&host), json!(["2", "2", "2"]));
}

#[test]
fn h_d13_a_folder_that_is_replaced_while_it_runs_keeps_what_was_loaded() {
    let host = Host::new();
    let folder = Folder::new();
    let write = |version: &str| {
        for (name, text) in files(version) {
            folder.file(name, &text);
        }
    };
    write("1");
    let applet = host.client.start_applet_and_wait(AppletRequest::local("demo", folder.path())).unwrap();
    write("2");
    // A folder is what a developer works in: a file that nobody has asked for yet is read as it is.
    assert_eq!(said(&host), json!(["1", "1", "2"]));
    applet.close();
    host.closed("demo");
    host.client.start_applet_and_wait(AppletRequest::local("demo", folder.path())).unwrap();
    assert_eq!(said(&host), json!(["2", "2", "2"]));
}
