//! A cache that somebody has changed: nothing of it gets to the engine.

use super::modules::MODULES;
use super::*;

/// Starts with a cache that somebody has changed, and looks that all is compiled, works, and is made good again.
fn forged(data: &Folder, what: &str, compiled: Counts) {
    let host = host(data);
    assert_eq!(start(&host, "demo", &[APP, PART]), compiled, "{what}");
    assert_eq!(
        host.reported(),
        json!({ "sum": 3, "text": "function sum (a, b) { /* adds */ return a + b }" }),
        "{what}"
    );
    until("the cache is made good", || start(&host, "demo", &[APP, PART]) == (0, 2));
}

#[test]
fn h_a26_a_forged_cache_is_compiled_from_source_and_made_good() {
    let data = Folder::new();
    let good = warm(&data, "demo", &[APP, PART]);
    let file = file_of(&data, "demo");
    let turned = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    let first = 4 + u32::from_le_bytes(*good.first_chunk().unwrap()) as usize + 32;
    for (what, bytes, compiled) in [
        ("a turned bit in the last file's code", turned(good.len() - 9), (1, 1)),
        ("a turned bit in a seal", turned(first + 5), (1, 1)),
        ("a turned bit in the first length", turned(0), (2, 0)),
        ("a huge length", [&[255; 4], &good[4..]].concat(), (2, 0)),
        ("cut short", good[..good.len() - 1].to_vec(), (1, 1)),
        ("empty", Vec::new(), (2, 0)),
        ("no records", b"\x7fELF\x02\x01\x01 and more".repeat(50), (2, 0)),
        ("the records' places exchanged", [&good[first..], &good[..first]].concat(), (0, 2)),
    ] {
        fs::write(&file, bytes).unwrap();
        forged(&data, what, compiled);
    }
}

#[test]
fn h_a26_code_that_was_kept_for_another_applet_or_file_is_nothing() {
    let data = Folder::new();
    let other = warm(&data, "other", &[APP, PART]);
    fs::write(file_of(&data, "demo"), &other).unwrap();
    forged(&data, "another applet's", (2, 0));
    // The same two names, each with the code of the other.
    let good = kept(&data, "demo");
    let renamed: Vec<u8> = good.clone();
    let name = |bytes: &[u8], name: &str| bytes.windows(name.len()).position(|found| found == name.as_bytes()).unwrap();
    let (app, part) = (name(&good, "app.js"), name(&good, "part.js"));
    let mut renamed = renamed;
    renamed[app..app + 3].copy_from_slice(b"xpp");
    renamed[part..part + 4].copy_from_slice(b"xart");
    fs::write(file_of(&data, "demo"), renamed).unwrap();
    forged(&data, "renamed", (2, 0));
}

#[test]
fn h_a26_without_its_key_or_with_another_all_is_compiled_and_sealed_anew() {
    let data = Folder::new();
    warm(&data, "demo", &[APP, PART]);
    let key = data.path().join("_code/key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let first = fs::read(&key).unwrap();
    assert_eq!(first.len(), 32);
    fs::write(&key, [0; 32]).unwrap();
    forged(&data, "another key", (2, 0));
    assert_eq!(fs::read(&key).unwrap(), [0; 32]);
    for broken in [&b""[..], &[1; 31], &[1; 33]] {
        fs::write(&key, broken).unwrap();
        forged(&data, "a broken key", (2, 0));
        assert_eq!(fs::read(&key).unwrap().len(), 32);
    }
    fs::remove_file(&key).unwrap();
    forged(&data, "no key", (2, 0));
    assert_ne!(fs::read(&key).unwrap(), first);
}

#[test]
fn h_a26_a_package_that_brings_a_cache_along_brings_text() {
    let data = Folder::new();
    warm(&data, "demo", &[APP, PART]);
    let brought = package(&[("app.js", "require('./part.code')"), APP, PART]);
    fs::create_dir(brought.path().join("_code")).unwrap();
    for file in ["key", "demo.code"] {
        fs::copy(data.path().join("_code").join(file), brought.path().join("_code").join(file)).unwrap();
    }
    let fresh = Folder::new();
    let host = host(&fresh);
    host.open_folder("demo", brought).unwrap();
    let counts = host.client.counters("demo").unwrap();
    assert_eq!((counts.sources_compiled, counts.sources_kept), (2, 0));
}

#[test]
fn h_a26_a_forged_module_is_compiled_with_all_that_reach_it() {
    let data = Folder::new();
    let good = warm(&data, "demo", MODULES);
    let at = |text: &str| good.windows(text.len()).rposition(|found| found == text.as_bytes()).unwrap();
    for at in [at("odd(n - 1)"), at("exports.two"), at("from a module"), good.len() - 1] {
        let mut forged = good.clone();
        forged[at] ^= 1;
        fs::write(file_of(&data, "demo"), &forged).unwrap();
        let host = host(&data);
        let (compiled, found) = start(&host, "demo", MODULES);
        assert!(compiled > 0 && compiled + found == 9, "{at}: {compiled} {found}");
        assert_eq!(host.reported()["total"].as_array().unwrap()[..4], [json!(true), json!(false), json!(2), json!(2)]);
        // What is mended late would mend the next forgery.
        until("the file is mended", || fs::read(file_of(&data, "demo")).unwrap() != forged);
    }
}
