//! Mini-programs and files that mean harm to the storage family, or to others through it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test has files of its own, which it damages")]

mod support;

use finapp_core::{Config, ErrorCode, LifeCycleEvent};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use support::{Folder, Host, PATIENCE};

fn kept(folder: &Folder) -> Host {
    Host::with(Config { data_dir: Some(folder.path().to_owned()), ..Config::default() })
}

fn store(folder: &Folder) -> PathBuf {
    folder.path().join("_shared/demo/storage.sqlite")
}

#[test]
fn h_a27_keys_that_look_like_paths_are_keys() {
    let data = Folder::new();
    data.file("secret", "x");
    let script = "
        const keys = ['../b', '/etc/passwd', '..', '../../secret', 'a\\0b', '%2e%2e', '__proto__', 'constructor', 'toString'];
        const before = keys.map(key => wx.getStorageSync(key));
        keys.forEach((key, at) => wx.setStorageSync(key, at));
        const after = wx.batchGetStorageSync(keys);
        wx.getStorage({key: '../c', fail: r => ft.report({before, after, keys: wx.getStorageInfoSync().keys.length, r})})";
    let host = kept(&data);
    let said = host.run(script);
    assert_eq!(said["before"], json!(vec![""; 9]));
    assert_eq!(said["after"], json!((0..9).collect::<Vec<_>>()));
    assert_eq!(said["keys"], json!(9));
    assert_eq!(said["r"], json!({"errMsg": "getStorage:fail data not found", "errCode": 20006}));
    let mut names: Vec<_> = fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    // The library keeps compiled code beside the stores, once it has come round to it.
    names.retain(|name| name != "_code");
    assert_eq!(names, ["_shared", "secret"]);
}

#[test]
fn h_a35_filling_the_storage_ends_at_the_quota_and_hurts_nobody_else() {
    let host = Host::with_limits(|limits| limits.storage_bytes = 200 * 1024);
    host.open("other", "wx.setStorageSync('own', 'kept'); ft.onCustomEvent(() => ft.report(wx.getStorageInfoSync()))");
    let script = "
        wx.setStorageSync('old', 'intact');
        let set = 0, error;
        const many = [];
        for (let at = 0; at < 20000; at++) many.push({key: `key ${at}`, value: 0});
        try { wx.batchSetStorageSync(many) } catch (e) { error = e.errMsg }
        const whole = wx.getStorageInfoSync().keys;
        const next = () => wx.setStorage({key: `key ${set}`, data: 'x'.repeat(1000), success() { set++; next() }, fail: (r) =>
            ft.report({error, whole, set, single: r.errMsg, old: wx.getStorageSync('old'), others: wx.getStorageSync('own')})});
        next()";
    let said = host.run(script);
    assert_eq!(said["error"], "batchSetStorageSync:fail exceed max size");
    assert_eq!(said["whole"], json!(["old"]));
    assert_eq!(said["single"], "setStorage:fail exceed max size");
    assert_eq!((&said["old"], &said["others"]), (&json!("intact"), &json!("")));
    let set = said["set"].as_u64().unwrap();
    assert!((190..200).contains(&set), "{set} entries of about 1 KiB in 200 KiB");
    host.send("other", json!({}));
    assert_eq!(host.reported()["keys"], json!(["own"]));
}

#[test]
fn h_a35_what_waits_to_be_stored_is_bounded_in_bytes() {
    let host = Host::with_limits(|limits| {
        limits.storage_bytes = 1024 * 1024;
        // A hundred megabytes are written in one turn, and by unoptimised code.
        limits.turn_foreground_ms = 60_000;
    });
    let script = "
        const text = 'x'.repeat(1000 * 1000);
        const ends = {};
        let left = 100;
        for (let at = 0; at < 100; at++) {
            wx.setStorage({key: 'key', data: text, complete: r => { ends[r.errMsg] = 1; if (--left === 0) ft.report(ends) }});
        }";
    let said = host.run(script);
    assert!(said.get("setStorage:ok").is_some(), "{said}");
    let others: Vec<_> = said.as_object().unwrap().keys().filter(|text| *text != "setStorage:ok").collect();
    assert!(others.iter().all(|text| *text == "setStorage:fail too much waits to be stored"), "{said}");
}

#[test]
fn h_a15_arguments_with_traps_and_a_polluted_prototype_fail_the_one_call() {
    let script = "
        const tried = (run) => { try { return run() } catch (e) { return e.errMsg ?? String(e) } };
        const revoked = Proxy.revocable([], {}); revoked.revoke();
        const said = [
            tried(() => wx.setStorageSync('k', {get a() { throw new Error('mine') }})),
            tried(() => wx.setStorageSync('k', {get a() { return wx.getStorageSync('k') }})),
            tried(() => wx.batchSetStorageSync(revoked.proxy)),
            tried(() => wx.batchSetStorageSync([{get key() { throw 1 }}])),
        ];
        const cycle = {}; cycle.self = cycle;
        said.push(tried(() => wx.setStorageSync('k', cycle)));
        let deep = 0; for (let at = 0; at < 100; at++) deep = [deep];
        said.push(tried(() => wx.setStorageSync('k', deep)));
        for (const name of ['type', 'data', 'key', 'encrypt', 'errCode', 'list']) {
            Object.defineProperty(Object.prototype, name, {set() { said.push('a setter ran') }, get() { return 'date' }, configurable: true});
        }
        Date.prototype.getTime = () => 'mine'; globalThis.Date = class {}; Error = class {};
        tried(() => wx.setStorageSync('plain', 'text'));
        said.push(tried(() => wx.getStorageSync('plain')), wx.getStorageSync('missing'));
        wx.getStorage({get key() { throw new Error('mine') }, fail: r => { said.push(r.errMsg); ft.report({said}) }})";
    assert_eq!(
        Host::new().run(script)["said"],
        json!([
            "setStorageSync:fail reading the arguments failed: Error: mine",
            "setStorageSync:fail reading the arguments failed: Error: getStorageSync:fail called while the arguments of \
             another call are being read",
            "batchSetStorageSync:fail parameter error: parameter cannot be read;",
            "batchSetStorageSync:fail parameter error: parameter cannot be read;",
            "setStorageSync:fail circular structure cannot be serialized",
            "setStorageSync:fail message too deep",
            "text",
            "",
            "getStorage:fail parameter error: parameter cannot be read;",
        ])
    );
}

#[test]
fn h_c15_a_damaged_store_is_set_aside_and_only_that_applet_starts_empty() {
    for damage in ["zero length", "a random file", "half", "a flipped byte"] {
        let data = Folder::new();
        let host = kept(&data);
        let write = "wx.setStorageSync('key', 'value '.repeat(2000)); ft.report({})";
        for app_id in ["demo", "other"] {
            let applet = host.open(app_id, write);
            host.reported();
            applet.close();
            applet.wait_until_closed(PATIENCE).unwrap();
        }
        // The last run has let go of its files when the next one could have them.
        host.run("ft.report({has: wx.getStorageSync('key').length})");
        host.client.close_applet("demo").unwrap();
        host.closed("demo");
        drop(host);
        let whole = fs::read(store(&data)).unwrap();
        let damaged = match damage {
            "zero length" => Vec::new(),
            "a random file" => b"random ".repeat(3_000),
            "half" => whole[..whole.len() / 2].to_vec(),
            _ => {
                let at = whole.windows(6).rposition(|window| window == b"value ").unwrap();
                let mut flipped = whole.clone();
                flipped[at] ^= 1;
                flipped
            }
        };
        fs::write(store(&data), &damaged).unwrap();
        let host = kept(&data);
        let said =
            host.run("wx.getStorageInfo({success: r => { wx.setStorageSync('new', 1); ft.report({keys: r.keys}) }})");
        assert_eq!(said, json!({"keys": []}), "{damage}");
        let told = host.event(|event| match event {
            LifeCycleEvent::Error { app_id, error } if app_id == "demo" => Some(error.clone()),
            _ => None,
        });
        assert_eq!(told.code(), ErrorCode::Internal);
        assert!(told.message().contains("storage.sqlite.corrupt-1"), "{damage}: {told}");
        assert_eq!(fs::read(store(&data).with_file_name("storage.sqlite.corrupt-1")).unwrap(), damaged, "{damage}");
        host.open("other", "ft.report({has: wx.getStorageSync('key').length})");
        assert_eq!(host.reported(), json!({"has": 12_000}), "{damage}");
    }
}

#[test]
fn h_c16_a_folder_that_cannot_be_written_fails_the_calls_and_nothing_else() {
    let data = Folder::new();
    data.file("_shared", "a file where a folder should be");
    let script = "
        let thrown;
        try { wx.setStorageSync('key', 1) } catch (e) { thrown = e.errMsg }
        wx.getStorage({key: 'key', fail: r => ft.report({said: [thrown, r.errMsg]})})";
    let text = "fail the store cannot be opened for writing";
    let host = kept(&data);
    assert_eq!(host.run(script)["said"], json!([format!("setStorageSync:{text}"), format!("getStorage:{text}")]));
    fs::remove_file(data.path().join("_shared")).unwrap();
    host.open("later", "wx.setStorageSync('key', 1); ft.report({has: wx.getStorageSync('key')})");
    assert_eq!(host.reported(), json!({"has": 1}));
}

#[test]
fn h_d6_closing_while_values_are_being_written_ends_at_once_and_keeps_what_was_acknowledged() {
    let data = Folder::new();
    let host = kept(&data);
    let script = "
        let next = 0;
        const more = () => { const at = next++; wx.setStorage({key: 'last', data: at, success() { if (at === 50) ft.report({}); more() }}) };
        for (let at = 0; at < 20; at++) more()";
    let applet = host.open("demo", script);
    host.reported();
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    let last = host.run("ft.report({last: wx.getStorageSync('last')})");
    assert!(last["last"].as_u64().unwrap() >= 50, "{last}");
}
