//! Compiled code that is kept from one start to the next: the second start compiles nothing and nobody can tell, and
//! whatever is not exactly what was kept is compiled from its source.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]
#![expect(clippy::disallowed_methods, reason = "the test plays with the files of the cache")]

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

/// Modules of both kinds that import each other, also in a circle, and one that is not there.
const MODULES: &[(&str, &str)] = &[
    (
        "app.js",
        "ft.loadExtApi([{name: 'report'}])
        const { total, fail } = require('./entry')
        let missing
        try { require('./lost') } catch (error) { missing = error.message }
        ft.report({ total: total(), missing })
        ft.onCustomEvent(() => fail())",
    ),
    (
        "entry.js",
        "import { even } from './even'
        import plain, { two } from './plain'
        import * as deep from './deep/a'
        export const total = () => [even(10), even(7), plain.two, two, deep.name, typeof module]
        export function fail () { throw new Error('from a module') }",
    ),
    ("even.js", "import { odd } from './odd'\nexport const even = (n) => n === 0 || odd(n - 1)"),
    ("odd.js", "import { even } from './even'\nexport const odd = (n) => n !== 0 && even(n - 1)"),
    ("plain.js", "exports.two = 2"),
    ("deep/a.js", "import './b'\nexport { name } from '../odd-name'"),
    ("deep/b.js", "import '../even'"),
    ("odd-name.js", "export const name = import.meta.constructor === undefined"),
    ("lost.js", "import './nowhere'\nexport default 1"),
];

#[test]
fn modules_of_both_kinds_are_kept_and_work_as_they_did() {
    let seen = |host: &Host| {
        let applet = host.open_folder("demo", package(MODULES)).unwrap();
        let told = host.reported();
        host.client.send_custom_event("demo", payload(json!({}))).unwrap();
        let error = script_error(host);
        let counts = host.client.counters("demo").unwrap();
        applet.close();
        applet.wait_until_closed(PATIENCE).unwrap();
        (told, error, counts.sources_compiled, counts.sources_kept)
    };
    let data = Folder::new();
    let (told, error, compiled, found) = seen(&host(&data));
    assert_eq!(told["total"], json!([true, false, 2, 2, told["total"][4], "object"]));
    assert!(told["missing"].as_str().unwrap().contains("nowhere"), "{told}");
    assert!(error.contains("entry.js:5:"), "{error}");
    assert_eq!((compiled, found), (9, 0));
    kept(&data, "demo");
    for _ in 0..2 {
        assert_eq!(seen(&host(&data)), (told.clone(), error.clone(), 0, 9));
    }
}

#[test]
fn a_module_is_compiled_when_anything_that_it_reaches_has_changed() {
    for (changed, text, compiled) in [
        // All that reach it, and it; what they import besides is read.
        ("odd-name.js", "export const name = 'new'", 3),
        ("plain.js", "exports.two = 2; exports.three = 3", 2),
        // The circle, and the first that reaches it: to the others it is there.
        ("odd.js", "import { even } from './even'\nexport const odd = (n) => n !== 0 && even(n - 1) // new", 3),
        // A new circle, which nothing that was kept knows of.
        ("odd-name.js", "import { fail } from './entry'\nexport const name = typeof fail", 3),
        // Another kind than it was.
        ("plain.js", "export const two = 2\nexport default { two }", 2),
        // What was not there before.
        ("nowhere.js", "import './lost'\nexport const late = 1", 2),
    ] {
        let data = Folder::new();
        warm(&data, "demo", MODULES);
        let mut files: Vec<_> = MODULES.iter().copied().filter(|(name, _)| *name != changed).collect();
        files.push((changed, text));
        let host = host(&data);
        let all = files.len() as u64;
        assert_eq!(start(&host, "demo", &files), (compiled, all - compiled), "{changed}: {text}");
        let told = host.reported();
        assert_eq!(
            told["total"].as_array().unwrap()[..4],
            [json!(true), json!(false), json!(2), json!(2)],
            "{changed}: {text}"
        );
        until("the new code is kept", || start(&host, "demo", &files) == (0, all));
        assert_eq!(host.reported(), told, "{changed}: {text}");
    }
}

#[test]
fn h_a26_a_forged_module_is_compiled_with_all_that_reach_it() {
    let data = Folder::new();
    let good = warm(&data, "demo", MODULES);
    let at = |text: &str| good.windows(text.len()).rposition(|found| found == text.as_bytes()).unwrap();
    for at in [at("odd(n - 1)"), at("exports.two"), at("from a module"), good.len() - 1] {
        let mut forged = good.clone();
        forged[at] ^= 1;
        fs::write(file_of(&data, "demo"), forged).unwrap();
        let host = host(&data);
        let (compiled, found) = start(&host, "demo", MODULES);
        assert!(compiled > 0 && compiled + found == 9, "{at}: {compiled} {found}");
        assert_eq!(host.reported()["total"].as_array().unwrap()[..4], [json!(true), json!(false), json!(2), json!(2)]);
    }
}

#[test]
fn a_module_that_is_imported_with_attributes_is_refused_at_every_start() {
    let data = Folder::new();
    let files = [
        (
            "app.js",
            "ft.loadExtApi([{name: 'report'}]); try { require('./typed') } catch (error) { ft.report({ error: error.message }) }",
        ),
        ("typed.js", "import part from './part' with { type: 'json' }\nexport default part"),
        ("part.js", "exports.a = 1"),
    ];
    warm(&data, "demo", &files);
    for _ in 0..2 {
        let host = host(&data);
        start(&host, "demo", &files);
        assert!(host.reported()["error"].as_str().unwrap().contains("import attributes are not supported"));
    }
}

#[test]
fn chains_of_imports_are_kept_unless_they_are_very_long_and_work_in_any_case() {
    for (length, stack, compiled, found) in [(30_u64, 512 << 10, 0, 31), (40, 1 << 20, 40, 1)] {
        let names: Vec<String> = (0..length).map(|at| format!("m{at}.js")).collect();
        let texts: Vec<String> = (1..length)
            .map(|next| format!("export {{ default }} from './m{next}'"))
            .chain(["export default 'end'".to_owned()])
            .collect();
        let app = "ft.loadExtApi([{name: 'report'}]); ft.report({ end: require('./m0').default })";
        let chain = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str));
        let files: Vec<_> = [("app.js", app)].into_iter().chain(chain).collect();
        let data = Folder::new();
        let host = limited(&data, |limits| limits.js_stack = stack);
        assert_eq!(start(&host, "demo", &files), (length + 1, 0));
        kept(&data, "demo");
        assert_eq!(start(&host, "demo", &files), (compiled, found));
        for _ in 0..2 {
            assert_eq!(host.reported(), json!({ "end": "end" }));
        }
    }
}
