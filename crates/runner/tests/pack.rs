//! `finapp pack`: the same bytes each time, nothing that does not belong there, nothing that the library would refuse.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test"
)]

mod support;

use finapp_core::package_index::IndexEntry;
use std::fs;
use support::{Folder, finapp};

fn app(more: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(&[("app.js", "App({ onLaunch() { console.log('packed') } })"), ("app.json", "{}")]);
    for (path, text) in more {
        folder.file(path, text);
    }
    folder
}

fn names(zip: &str) -> Vec<String> {
    let archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let mut names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn f_p09_what_the_library_would_refuse_is_not_packed() {
    let out = Folder::new();
    let pack = |folder: &Folder| finapp(&["pack", folder.text(), "--out", &out.at("a.zip")]);
    for (more, part) in [
        (("lib/addon.node", ""), "lib/addon.node: a package holds no native code"),
        (("libx.so.1", ""), "libx.so.1: a package holds no native code"),
        (("a\\b.js", ""), "backslash"),
        (("app.json", "["), "app.json: line 1"),
        (("app.json", r#"{"plugins": {"a": {"provider": "p"}}}"#), "__plugin__/p/plugin.json not found"),
    ] {
        let ran = pack(&app(&[more]));
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    let linked = app(&[]);
    std::os::unix::fs::symlink("/etc/passwd", linked.path().join("data.js")).unwrap();
    assert!(pack(&linked).err.contains("data.js: symbolic links are not followed"));
    let many = app(&[]);
    for number in 0..10_001 {
        many.file(&format!("d/{number}.js"), "");
    }
    assert!(pack(&many).err.contains("package entries: expected at most"));
    assert!(!out.path().join("a.zip").exists());
}

#[test]
fn f_p09_equal_folders_give_equal_bytes_and_an_index_entry_that_fits() {
    let files = [("pages/b.js", "1"), ("pages/a.js", "2"), ("image.png", "\u{1}")];
    let (first, second, out) = (app(&files), app(&files), Folder::new());
    let run = |folder: &Folder, name: &str| {
        finapp(&["pack", folder.text(), "--out", &out.at(name), "--app-id", "shop", "--app-version", "1.2.3"])
    };
    let (one, two) = (run(&first, "one.zip"), run(&second, "two.zip"));
    assert_eq!((one.code, one.err.as_str()), (0, ""));
    let bytes = fs::read(out.at("one.zip")).unwrap();
    assert_eq!(bytes, fs::read(out.at("two.zip")).unwrap());
    let entry = IndexEntry::parse(&one.out).unwrap();
    assert_eq!((entry.app_id.as_str(), entry.version.as_str()), ("shop", "1.2.3"));
    assert_eq!(entry.package, finapp_core::package_index::PackageFile::of("one.zip", &bytes));
    assert_eq!(two.out, one.out.replace("one.zip", "two.zip"));
}

#[test]
fn f_p09_what_tools_keep_beside_the_sources_stays_out_and_the_rest_runs() {
    let folder = app(&[
        ("node_modules/x/index.js", ""),
        (".git/config", ""),
        ("package.json", "{}"),
        ("project.config.json", "{}"),
        ("types.d.ts", ""),
        ("pages/a.wxml", "<view/>"),
    ]);
    let zip = folder.at("own.zip");
    assert_eq!(finapp(&["pack", folder.text(), "--out", &zip]).code, 0);
    assert_eq!(finapp(&["pack", folder.text(), "--out", &zip]).code, 0, "over the package of the first time");
    assert_eq!(names(&zip), ["app.js", "app.json", "pages/a.wxml"]);
    let script = Folder::with(&[("script", "expect log packed")]);
    assert_eq!(finapp(&["run", &zip, "--script", &script.at("script")]).code, 0);
}

#[test]
fn f_p09_npm_packages_are_built_by_their_kind() {
    let folder = Folder::with(&[
        ("app.js", "App({ onLaunch() { console.log(require('plain'), require('made/a')) } })"),
        ("package.json", r#"{"dependencies": {"plain": "1.0.0", "made": "1.0.0"}}"#),
        ("node_modules/plain/package.json", r#"{"main": "lib/main", "dependencies": {"below": "1"}}"#),
        ("node_modules/plain/lib/main.js", "module.exports = `plain over ${require('below')}`"),
        ("node_modules/plain/README.md", ""),
        ("node_modules/below/package.json", "{}"),
        ("node_modules/below/index.js", "module.exports = 'below'"),
        ("node_modules/made/package.json", r#"{"miniprogram": "dist", "main": "none.js"}"#),
        ("node_modules/made/dist/a.js", "module.exports = 'made'"),
        ("node_modules/made/dist/a.wxml", ""),
    ]);
    let missing = Folder::with(&[("app.js", ""), ("package.json", r#"{"dependencies": {"gone": "1"}}"#)]);
    let zip = folder.at("a.zip");
    let refused = finapp(&["pack", missing.text(), "--npm", "--out", &zip]);
    assert!(refused.code == 3 && refused.err.contains("gone is not installed"), "{refused:?}");
    assert_eq!(finapp(&["pack", folder.text(), "--npm", "--out", &zip]).code, 0);
    assert_eq!(
        names(&zip),
        [
            "app.js",
            "miniprogram_npm/below/index.js",
            "miniprogram_npm/made/a.js",
            "miniprogram_npm/made/a.wxml",
            "miniprogram_npm/plain/index.js",
            "miniprogram_npm/plain/lib/main.js",
        ]
    );
    let script = Folder::with(&[("script", "expect log plain over below made")]);
    let ran = finapp(&["run", &zip, "--script", &script.at("script")]);
    assert_eq!(ran.code, 0, "{ran:?}");
}
