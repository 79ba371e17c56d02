//! Modules of a package: what `require` and `import` find, in which order files run, and what is said when one fails.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletClient, Error, ErrorCode};
use serde_json::{Value, json};
use support::attack::script_error;
use support::{Folder, Host};

const REPORT: &str = "ft.loadExtApi([{name: 'report'}]);";

/// Starts a package of these files; `report` is declared in front of `app.js`.
fn open(host: &Host, files: &[(&str, &str)]) -> Result<AppletClient, Error> {
    let folder = Folder::new();
    for (name, text) in files {
        let text = if *name == "app.js" { format!("{REPORT} {text}") } else { (*text).to_owned() };
        folder.file(name, &text);
    }
    host.open_folder("demo", folder)
}

/// The first thing that a package of these files reports.
fn run(files: &[(&str, &str)]) -> Value {
    let host = Host::new();
    open(&host, files).unwrap();
    host.reported()
}

/// What the start of a package of these files fails with.
fn failure(files: &[(&str, &str)]) -> String {
    let host = Host::new();
    let error = open(&host, files).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadPackage, "{error}");
    error.message().to_owned()
}

#[test]
fn f_m12_requests_are_resolved_like_wechat_does() {
    let reported = run(&[
        ("app.json", r#"{"resolveAlias": {"~/*": "/lib/*"}}"#),
        (
            "app.js",
            "const missing = path => { try { require(path) } catch (error) { return error.message } };
             ft.report({
               found: [require('./lib/a'), require('lib/a.js'), require('/lib/a'), require('~/a'), require('pkg'),
                 require('pkg/sub')],
               missing: [missing('./lib'), missing('./lib/data.json'), missing('none')],
             })",
        ),
        ("lib/a.js", "module.exports = require('./b') + require('pkg')"),
        ("lib/b.js", "module.exports = 'b'"),
        ("lib/index.js", ""),
        ("lib/data.json", "{}"),
        ("miniprogram_npm/pkg/index.js", "module.exports = 'npm'"),
        ("miniprogram_npm/pkg/sub.js", "module.exports = require('inner')"),
        ("miniprogram_npm/pkg/miniprogram_npm/inner/index.js", "module.exports = 'nested'"),
    ]);
    assert_eq!(reported["found"], json!(["bnpm", "bnpm", "bnpm", "bnpm", "npm", "nested"]));
    assert_eq!(
        reported["missing"],
        json!([
            "module 'lib.js' is not defined, require args is './lib'",
            "module 'lib/data.json.js' is not defined, require args is './lib/data.json'",
            "module 'none.js' is not defined, require args is 'none'",
        ])
    );
}

#[test]
fn f_m12_a_path_from_the_root_is_warned_of_once() {
    let host = Host::new();
    open(&host, &[("app.js", "require('/a'); require('/b'); ft.report({})"), ("a.js", ""), ("b.js", "")]).unwrap();
    host.reported();
    let warned = host.log.lines().into_iter().filter(|line| line.contains("from the root")).count();
    assert_eq!(warned, 1);
}

#[test]
fn f_m12_a_file_runs_once_a_cycle_sees_what_is_there_and_one_that_throws_is_forgotten() {
    let reported = run(&[
        (
            "app.js",
            "globalThis.ran = [];
             const a = require('./a'); require('./a.js');
             const attempt = () => { try { return require('./flaky') } catch (error) { return error.message } };
             ft.report({ran, a, attempts: [attempt(), attempt(), attempt()]})",
        ),
        ("a.js", "ran.push('a'); exports.early = 1; exports.b = require('./b'); exports.late = 2"),
        ("b.js", "ran.push('b'); exports.seen = Object.keys(require('./a'))"),
        (
            "flaky.js",
            "globalThis.times = (globalThis.times || 0) + 1; exports.half = true;
             if (times < 2) throw new Error('not yet'); module.exports = times",
        ),
    ]);
    assert_eq!(
        reported,
        json!({"ran": ["a", "b"], "a": {"early": 1, "b": {"seen": ["early"]}, "late": 2}, "attempts": ["not yet", 2, 2]})
    );
}

#[test]
fn f_m12_require_answers_later_when_asked_to() {
    let reported = run(&[
        (
            "app.js",
            "const order = [];
             require('./a', a => order.push(['loaded', a]), () => order.push('failed'));
             require('./none', () => order.push('loaded'), error => order.push(error));
             require.async('./a').then(a => order.push(['promised', a]));
             require.async('./bad').catch(error => { order.push(error); ft.report({order}) });
             order.push('first')",
        ),
        ("a.js", "module.exports = 'a'"),
        ("bad.js", "throw new Error('broken')"),
    ]);
    let gone = "module 'none.js' is not defined, require args is './none'";
    assert_eq!(
        reported["order"],
        json!([
            "first", ["loaded", "a"], {"mod": "./none", "errMsg": gone}, ["promised", "a"],
            {"mod": "./bad", "errMsg": "broken"}
        ])
    );
}

#[test]
fn f_m12_es_modules_work_as_the_language_says() {
    let reported = run(&[
        (
            "app.js",
            "import main, { all, counter, add } from './main'; add(); add(); ft.report({main, all: all(), counter})",
        ),
        (
            "main.js",
            "import * as names from './names'; import { two as second } from './names'; export * from './counter';
             export { one as 'not a name' } from './names';
             export default class {}; export const all = () => ({names: Object.keys(names), second, early: early()});
             function early() { return typeof names }",
        ),
        ("names.js", "export const one = 1; export let two = 2; export default 'three'"),
        ("counter.js", "export let counter = 0; export const add = () => { counter++ }"),
    ]);
    assert_eq!(
        reported,
        json!({"all": {"names": ["default", "one", "two"], "second": 2, "early": "object"}, "counter": 2})
    );
}

#[test]
fn f_m12_both_kinds_of_module_reach_each_other() {
    let reported = run(&[
        (
            "app.js",
            "const es = require('./es');
             const before = es.count;
             es.bump();
             ft.report({
               before, after: es.count, marked: es.__esModule, keys: Object.keys(es), fromCommon: es.fromCommon,
               same: require('./es') === es, plain: Object.getPrototypeOf(es) === Object.prototype,
             })",
        ),
        (
            "es.js",
            "import common, { named } from './common'; import * as all from './common'; import compiled from './compiled';
             import { 'odd name' as odd } from './common'; import list from './list'; import fn, { member } from './fn';
             export let count = 0; export const bump = () => { count++ };
             export const fromCommon = {common, named, all: Object.keys(all), compiled, odd, list, fn: fn(), member};",
        ),
        ("common.js", "exports.named = 'n'; exports['odd name'] = 'o'; exports.app = typeof require"),
        ("compiled.js", "Object.defineProperty(exports, '__esModule', {value: true}); exports.default = 'compiled'"),
        ("list.js", "module.exports = [1, 2]"),
        ("fn.js", "module.exports = () => 'called'; module.exports.member = 'm'"),
    ]);
    assert_eq!(
        reported,
        json!({
            "before": 0, "after": 1, "marked": true, "keys": ["bump", "count", "fromCommon"], "same": true, "plain": true,
            "fromCommon": {
                "common": {"named": "n", "odd name": "o", "app": "function"}, "named": "n",
                "all": ["app", "default", "named", "odd name"], "compiled": "compiled", "odd": "o", "list": [1, 2],
                "fn": "called", "member": "m",
            },
        })
    );
}

#[test]
fn f_m12_a_file_may_be_of_both_kinds() {
    let reported = run(&[
        (
            "app.js",
            "import mixed, { named } from './mixed'; import own from './own';
             ft.report({mixed, named, own, required: require('./mixed'), both: require('./both')})",
        ),
        ("mixed.js", "import { one } from './one'; module.exports = {named: one, two: require('./two')}"),
        ("both.js", "import { one } from './one'; export const es = one; exports.common = typeof window"),
        (
            "own.js",
            "import { one } from './one'; const self = this, location = 'here', window = 1; export default [one, location]",
        ),
        ("one.js", "export const one = 1"),
        ("two.js", "module.exports = 2"),
    ]);
    let mixed = json!({"named": 1, "two": 2});
    assert_eq!(
        reported,
        json!({
            "mixed": mixed, "named": 1, "own": [1, "here"], "required": mixed, "both": {"common": "undefined", "es": 1}
        })
    );
}

#[test]
fn f_m12_what_is_imported_runs_before_who_imports_it_whatever_it_is() {
    let reported = run(&[
        ("app.js", "globalThis.ran = []; require('./start'); ft.report({ran})"),
        ("start.js", "import './a'; import './b'; import './c'; ran.push('start')"),
        ("a.js", "import './shared'; export {}; ran.push('a')"),
        ("b.js", "ran.push('b'); require('./c')"),
        ("c.js", "import './shared'; import './a'; import './d'; export {}; ran.push('c')"),
        ("d.js", "ran.push('d')"),
        ("shared.js", "export {}; ran.push('shared')"),
    ]);
    assert_eq!(reported["ran"], json!(["shared", "a", "b", "d", "c", "start"]));
}

#[test]
fn f_m12_circles_of_imports_come_to_an_end() {
    let reported = run(&[
        (
            "app.js",
            "globalThis.ran = [];
             const {even} = require('./even'); const mixed = require('./es'); const alone = require('./alone');
             ft.report({ran, even: even(10), mixed: mixed.seen(), alone: alone.me()})",
        ),
        (
            "even.js",
            "import { odd } from './odd'; import './helper'; export const even = n => n === 0 || odd(n - 1); ran.push('even')",
        ),
        ("odd.js", "import { even } from './even'; export const odd = n => n !== 0 && even(n - 1); ran.push('odd')"),
        ("helper.js", "ran.push('helper')"),
        ("es.js", "import common from './common'; export const seen = () => [common.early, typeof common.es().seen]"),
        ("common.js", "const es = require('./es'); exports.early = Object.keys(es); exports.es = () => es"),
        ("alone.js", "import * as self from './alone'; export const me = () => self.me === me"),
    ]);
    assert_eq!(
        reported,
        json!({"ran": ["helper", "odd", "even"], "even": true, "mixed": [[], "function"], "alone": true})
    );
}

#[test]
fn f_m12_import_as_a_call_stays_in_the_package() {
    let reported = run(&[
        (
            "app.js",
            "const failed = specifier => import(specifier).then(() => 'loaded', error => error.message);
             (async () => ft.report({
               es: Object.keys(await import('./lib/es')), again: (await import('./lib/es')) === (await import('lib/es.js')),
               common: (await import('./lib/common')).default.x, from: (await import('./lib/common')).x,
               failed: [await failed('./none'), await failed('node:fs'), await failed('../x'), await failed('./lib/bad'),
                 await failed('./lib/throws'), await failed('./lib/throws')],
               attributes: await import('./lib/es', {with: {type: 'json'}}).catch(error => error.name),
             }))()",
        ),
        ("lib/es.js", "export const a = 1; export default 2"),
        ("lib/common.js", "exports.x = 'x'"),
        ("lib/bad.js", "export const = 1"),
        ("lib/throws.js", "export const x = 1; throw new Error('thrown ' + x)"),
    ]);
    assert_eq!(reported["es"], json!(["a", "default"]));
    assert_eq!(reported["again"], true);
    assert_eq!(reported["common"], "x");
    assert_eq!(reported["from"], "x");
    assert_eq!(reported["attributes"], "TypeError");
    let failed: Vec<&str> = reported["failed"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(failed[0], "module 'none.js' is not defined, require args is './none', in app.js");
    assert_eq!(failed[1], "module 'node:fs.js' is not defined, require args is 'node:fs'");
    assert_eq!(failed[2], "module '../x.js' is not defined, require args is '../x'");
    assert!(!failed[3].is_empty());
    assert_eq!(failed[4..], ["thrown 1", "thrown 1"]);
}

#[test]
fn f_m12_a_chain_of_imports_too_long_for_the_stack_is_an_error() {
    let chain = |length: usize| {
        let host = Host::new();
        let folder = Folder::new();
        let script =
            "let said; try { said = require('./m0').end } catch (error) { said = error.name } ft.report({said})";
        folder.file("app.js", &format!("{REPORT} {script}"));
        for at in 0..length {
            folder.file(&format!("m{at}.js"), &format!("export {{ end }} from './m{}'", at + 1));
        }
        folder.file(&format!("m{length}.js"), "export const end = 'reached'");
        host.open_folder("demo", folder).unwrap();
        host.reported()
    };
    // Unoptimised code takes many times the stack for each import.
    assert_eq!(chain(20), json!({"said": "reached"}));
    assert_eq!(chain(1_500), json!({"said": "RangeError"}));
}

#[test]
fn h_a5_modules_that_fill_the_heap_end_in_an_error() {
    let host = Host::with_limits(|limits| limits.memory = 4 << 20);
    let many = format!("export const many = [{}];", "() => 1,".repeat(60_000));
    let script =
        "ft.onCustomEvent(() => ft.report({after: 1})); for (const n of ['./a', './b']) try { require(n) } catch {}";
    let files =
        [("app.js", script), ("a.js", &*many), ("b.js", "import { many } from './c'; export {}"), ("c.js", &*many)];
    let opened = open(&host, &files);
    // Whether the error is caught or ends the applet, the process goes on and the host hears of it.
    assert!(opened.is_ok() || opened.is_err_and(|error| error.code() == ErrorCode::Memory));
    drop(host);
    assert_eq!(
        run(&[("app.js", "import { a } from './a'; ft.report({a})"), ("a.js", "export const a = 1")]),
        json!({"a": 1})
    );
}

#[test]
fn f_m12_waiting_at_the_top_of_a_module_is_refused() {
    let message = failure(&[
        ("app.js", "require('./outer')"),
        ("outer.js", "import './waits'"),
        ("waits.js", "await 1; export {}"),
    ]);
    assert!(message.contains("module 'waits.js' did not finish: await at the top"), "{message}");
}

#[test]
fn h_d8_what_is_wrong_in_a_package_is_named_with_file_and_line() {
    for (files, wanted) in [
        (&[("app.js", "\n\nlet a = ;")][..], "app.js:3"),
        (&[("app.js", "\nrequire('./a')"), ("a.js", "\n\n\nlet a = ;")], "a.js:4"),
        (&[("app.js", "require('./a')"), ("a.js", "\nnull.x")], "a.js:2"),
        (&[("app.js", "\nrequire('./none')")], "app.js:2"),
        (&[("app.js", "import './a'"), ("a.js", "export const a = 1;\n\nnull.x")], "a.js:3"),
        (&[("app.js", "import './a'"), ("a.js", "export const a = 1;\n\nlet b = ;")], "a.js:3"),
        (&[("app.js", "import './a'"), ("a.js", "let c = ;\nexport const a = 1")], "a.js:1"),
        (&[("app.js", "\nimport './none'")], "in app.js"),
        (&[("app.js", "import { b } from './a'"), ("a.js", "export const a = 1")], "app.js: "),
        (
            &[("app.js", "require('./a')"), ("a.js", "\nrequire('./b')"), ("b.js", "const {f} = require('./a');\nf()")],
            "b.js:2",
        ),
    ] {
        let message = failure(files);
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn f_m12_what_a_module_throws_later_is_heard_by_the_error_hooks_and_the_host() {
    let host = Host::new();
    let script = "App({onError(text) { ft.report({hook: text}) }}); ft.onCustomEvent(({file}) => require(file))";
    let files = [("app.js", script), ("bad.js", "\nlet a = ;"), ("throws.js", "export {};\nnull.x")];
    open(&host, &files).unwrap();
    for (file, wanted) in [("./bad", "bad.js:2"), ("./throws", "throws.js:2"), ("./none", "none.js")] {
        host.send("demo", json!({"file": file}));
        let text = script_error(&host);
        assert!(text.contains(wanted), "{wanted}: {text}");
        assert_eq!(host.reported(), json!({"hook": text}));
    }
}

/// A script that requires and imports each of `requests` and reports what came of it.
fn attempting(requests: &[&str]) -> String {
    format!(
        "{REPORT} const requests = {};
         const thrown = request => {{ try {{ require(request); return 'loaded' }} catch (error) {{ return error.message }} }};
         (async () => ft.report({{
           required: requests.map(thrown),
           imported: await Promise.all(requests.map(r => import(r).then(() => 'loaded', error => error.message))),
         }}))()",
        json!(requests)
    )
}

/// Checks that each was refused as a file that is not there.
fn all_refused(requests: &[&str], reported: &Value) {
    for (at, request) in requests.iter().enumerate() {
        for kind in ["required", "imported"] {
            let text = reported[kind][at].as_str().unwrap();
            // An `import` of the engine ends its text at a zero, which then names a file of the package.
            let refused = text.contains(" is not defined, require args is '");
            assert!(refused || (request.contains('\0') && kind == "imported"), "{request:?} {kind}: {text}");
        }
    }
}

#[test]
fn h_a26_native_code_bytecode_and_urls_are_no_modules() {
    let host = Host::new();
    let requests = [
        "./addon.node",
        "./lib.so",
        "./code.abc",
        "./code.bin",
        "./code.bytecode",
        "file:///etc/passwd",
        "https://host/x.js",
        "data:text/javascript,1",
        "node:fs",
        "finapp:prelude",
        "finapp:interop",
    ];
    let package = Folder::new();
    package.file("app.js", &attempting(&requests));
    for name in ["addon.node", "lib.so", "code.abc", "code.bin", "code.bytecode"] {
        package.file(name, "\u{7f}ELF");
    }
    host.open_folder("demo", package).unwrap();
    all_refused(&requests, &host.reported());
}

#[test]
fn h_a26_bytecode_under_the_name_of_a_source_is_a_syntax_error() {
    for bytes in ["\u{1c}\u{1}\u{0}\u{2}app", "\u{0}asm\u{1}", "\u{7f}ELF\u{2}"] {
        let message = failure(&[("app.js", "require('./code')"), ("code.js", bytes)]);
        assert!(message.contains("SyntaxError"), "{message}");
    }
}

#[test]
fn h_a27_no_module_leaves_the_package() {
    let outside = Folder::new();
    outside.file("secret.js", "module.exports = 'secret'");
    let absolute = outside.path().join("secret.js").display().to_string();
    let up = format!("../{}/secret", outside.path().file_name().unwrap().to_str().unwrap());
    let requests = [
        "../secret",
        &up,
        "lib/../../secret",
        &absolute,
        "/../../etc/passwd",
        "fs",
        "%2e%2e/secret",
        "..%2fsecret",
        "./a\0.js",
        "./A",
        "./a.JS",
        "..\\secret",
        "C:/a.js",
        "",
        "./lib/link",
        "./linked/secret",
    ];
    let package = Folder::new();
    package.file("lib/a.js", "").file("a.js", "");
    std::os::unix::fs::symlink(outside.path(), package.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.js"), package.path().join("lib/link.js")).unwrap();
    package.file("app.js", &attempting(&requests));
    let host = Host::new();
    host.open_folder("demo", package).unwrap();
    all_refused(&requests, &host.reported());
    #[cfg(feature = "test-hooks")]
    {
        let opened = finapp_core::applet::package::opened_files();
        assert!(opened.iter().any(|path| path.ends_with("app.js")), "opening is recorded");
        let outside = |path: &&std::path::PathBuf| path.starts_with(outside.path()) || path.starts_with("/etc");
        assert_eq!(opened.iter().find(outside), None);
    }
}
