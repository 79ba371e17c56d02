//! How a mini-program declares custom APIs: `FinClipConf.js` and `ft.loadExtApi`.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::ErrorCode;
use serde_json::{Value, json};
use support::{Folder, Host};

/// Starts a package of these files beside an `app.js`, in which `report` is declared.
fn package(files: &[(&str, &str)], app: &str) -> Folder {
    let folder = Folder::new();
    for (name, text) in files {
        folder.file(name, text);
    }
    folder.file("app.js", &format!("ft.loadExtApi([{{name: 'report'}}]); {app}"));
    folder
}

/// What the package reports first, on a host that answers `scan` and, synchronously, `scanSync`.
fn reported(files: &[(&str, &str)], app: &str) -> (Host, Value) {
    let host = Host::new();
    host.echoes("scan");
    host.client.register_sync_api("scanSync", |_, (): ()| Ok(json!({"at": "once"}))).unwrap();
    host.open_folder("demo", package(files, app)).unwrap();
    let seen = host.reported();
    (host, seen)
}

#[test]
fn f_m02_a_file_that_does_not_run_is_named_with_its_line_and_nothing_stays_behind() {
    let host = Host::new();
    for (text, place) in [
        ("module.exports = {\n  extApi: [\n    {name: 'scan'\n  ]\n}", "FinClipConf.js:4"),
        ("\nthrow new Error('not today')", "FinClipConf.js:2"),
        ("module.exports = {extApi: [{name: nothing}]}", "FinClipConf.js:1"),
        ("module.exports = {get extApi() { throw new Error('no list') }}", "no list"),
        ("require('./elsewhere')", "module 'elsewhere.js' is not defined"),
    ] {
        let folder = package(&[("FinClipConf.js", text)], "");
        let refused = host.open_folder("demo", folder).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::BadPackage, "{text}");
        assert!(refused.message().starts_with("FinClipConf.js: "), "{refused}");
        assert!(refused.message().contains(place), "{place} in {refused}");
        assert!(host.client.running_applets().is_empty());
    }
    assert_eq!(host.run("ft.report({fine: true})"), json!({"fine": true}), "the same id starts again");
}

#[test]
fn f_m02_what_the_file_declares_is_there_before_the_first_line_of_the_program() {
    let conf = "module.exports = {extApi: [{name: 'scan'}, {name: 'scanSync', sync: true}]}";
    let (_host, seen) = reported(
        &[("FinClipConf.js", conf)],
        "const now = ft.scanSync(); ft.scan({a: 1}).then(later => ft.report({now, later, wx: wx.scan === ft.scan}))",
    );
    let (now, later) = (json!({"at": "once", "errMsg": "scanSync:ok"}), json!({"a": 1, "errMsg": "scan:ok"}));
    assert_eq!(seen, json!({"now": now, "later": later, "wx": true}));
}

#[test]
fn f_m02_the_older_file_name_is_read_when_the_new_one_is_missing() {
    let old = ("FinChatConf.js", "module.exports = {extApi: [{name: 'scan'}]}");
    let new = ("FinClipConf.js", "module.exports = {extApi: [{name: 'other'}]}");
    let app = "ft.report({scan: 'scan' in ft, other: 'other' in ft})";
    assert_eq!(reported(&[old], app).1, json!({"scan": true, "other": false}));
    assert_eq!(reported(&[old, new], app).1, json!({"scan": false, "other": true}));
}

#[test]
fn f_m02_the_file_may_use_other_files_of_the_package() {
    let conf =
        ("FinClipConf.js", "const names = require('./apis/names');\nexports.extApi = names.map(name => ({name}))");
    let (_host, seen) = reported(
        &[conf, ("apis/names.js", "module.exports = ['scan', 'pay']")],
        "ft.report({there: [!!ft.scan, !!ft.pay]})",
    );
    assert_eq!(seen["there"], json!([true, true]));
}

#[test]
fn f_m02_a_package_without_the_file_and_a_file_without_a_list_are_fine() {
    for text in ["", "module.exports = {}", "module.exports = null", "module.exports = {extApi: 'scan'}"] {
        let (_host, seen) = reported(&[("FinClipConf.js", text)], "ft.report({scan: 'scan' in ft})");
        assert_eq!(seen, json!({"scan": false}), "{text}");
    }
    assert_eq!(reported(&[], "ft.report({scan: 'scan' in ft})").1, json!({"scan": false}));
}

#[test]
fn f_m03_entries_without_a_good_name_are_skipped_and_the_others_are_loaded() {
    let (host, seen) = reported(
        &[],
        "ft.loadExtApi([{}, {name: ''}, {name: 5}, {name: 'no-name'}, null, 'scan', {name: 'scan'}]);
         ft.report({there: [typeof ft['no-name'], typeof ft.scan]})",
    );
    assert_eq!(seen["there"], json!(["undefined", "function"]));
    let lines = host.log.lines();
    assert!(lines.iter().any(|line| line == "extApi: a name is not allowed"), "{lines:?}");
    assert!(lines.iter().any(|line| line == "extApi: an entry is not an object"), "{lines:?}");
}

#[test]
fn f_m03_one_object_is_taken_for_a_list_of_one_and_anything_else_has_no_effect() {
    let (_host, seen) = reported(
        &[],
        "const before = Object.keys(ft).length;
         ft.loadExtApi(); ft.loadExtApi('scan'); ft.loadExtApi(5); ft.loadExtApi([]);
         const nothing = Object.keys(ft).length - before;
         ft.loadExtApi({name: 'scan'});
         ft.report({nothing, scan: typeof ft.scan})",
    );
    assert_eq!(seen, json!({"nothing": 0, "scan": "function"}));
}

#[test]
fn f_m03_a_name_that_exists_stays_as_it_is_without_overwrite_and_the_log_says_so() {
    let (host, seen) = reported(
        &[],
        "ft.loadExtApi([{name: 'scan'}]);
         const first = ft.scan;
         ft.loadExtApi([{name: 'scan', sync: true}, {name: 'getAppBaseInfo'}, {name: 'loadExtApi'}]);
         ft.report({same: ft.scan === first, builtIn: ft.getAppBaseInfo().errMsg})",
    );
    assert_eq!(seen, json!({"same": true, "builtIn": "getAppBaseInfo:ok"}));
    let lines = host.log.lines();
    assert_eq!(lines.iter().filter(|line| line.ends_with("exists already and overwrite is not set")).count(), 3);
}

#[test]
fn f_m03_overwrite_replaces_an_earlier_declaration() {
    let (_host, seen) = reported(
        &[],
        "ft.loadExtApi([{name: 'scanSync'}]);
         const asynchronous = ft.scanSync() instanceof Promise;
         ft.loadExtApi([{name: 'scanSync', sync: true, overwrite: true}]);
         ft.report({asynchronous, at: ft.scanSync().at})",
    );
    assert_eq!(seen, json!({"asynchronous": true, "at": "once"}));
}

#[test]
fn f_m03_plugin_id_and_scope_are_accepted() {
    let (_host, seen) = reported(
        &[],
        "ft.loadExtApi([{name: 'scan', pluginId: ['plugin-a', 'plugin-b']}, {name: 'pay', pluginId: 'plugin-a', scope: 'all'},
           {name: 'own', scope: 'self'}, {name: 'usual', scope: 'default', params: {}}]);
         ft.scan({n: 1}).then(end => ft.report({end, there: [typeof ft.pay, typeof ft.own, typeof ft.usual]}))",
    );
    assert_eq!(seen["end"], json!({"n": 1, "errMsg": "scan:ok"}));
    assert_eq!(seen["there"], json!(["function", "function", "function"]));
}

#[test]
fn f_m03_an_api_is_an_ordinary_member_of_both_objects_and_works_detached() {
    let (_host, seen) = reported(
        &[],
        "ft.loadExtApi([{name: 'scan'}]);
         const kind = object => {
           const {enumerable, writable, configurable, value} = Object.getOwnPropertyDescriptor(object, 'scan');
           return [enumerable, writable, configurable, typeof value, Object.isExtensible(object)];
         };
         const {scan} = wx;
         scan({detached: true}).then(({detached}) => ft.report({ft: kind(ft), wx: kind(wx), same: ft.scan === wx.scan, detached}))",
    );
    let kind = json!([true, true, true, "function", true]);
    assert_eq!(seen, json!({"ft": kind, "wx": kind, "same": true, "detached": true}));
}

#[test]
fn f_m03_a_framework_that_put_its_own_object_in_place_sees_later_declarations_too() {
    let (_host, seen) = reported(
        &[],
        "const original = wx;
         globalThis.wx = Object.assign({}, wx);
         ft.loadExtApi([{name: 'scan'}]);
         ft.report({copy: typeof wx.scan, original: typeof original.scan, unknown: typeof wx.nothing})",
    );
    assert_eq!(seen, json!({"copy": "function", "original": "function", "unknown": "undefined"}));
}

#[test]
fn f_m03_names_of_the_languages_own_objects_are_names_like_any_other() {
    let host = Host::new();
    for name in ["constructor", "toString", "__proto__", "hasOwnProperty"] {
        host.answers(name, json!({"answered": name}));
    }
    let seen = host.run(
        "const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
         ft.loadExtApi(names.map(name => ({name})));
         const own = name => Object.getOwnPropertyDescriptor(ft, name).value;
         Promise.all(names.map(name => own(name)())).then(ends => ft.report(
           {answered: ends.map(end => end.answered), prototype: Object.getPrototypeOf(ft) === Object.prototype}))",
    );
    assert_eq!(seen["answered"], json!(["constructor", "toString", "__proto__", "hasOwnProperty"]));
    assert_eq!(seen["prototype"], true);
}
