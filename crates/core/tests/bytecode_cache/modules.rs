//! ES modules: read together with all that they reach, or compiled.

use super::*;

/// Modules of both kinds that import each other, also in a circle, and one that is not there.
pub(super) const MODULES: &[(&str, &str)] = &[
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
