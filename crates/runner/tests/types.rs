//! `finapp types`: what it writes is what TypeScript takes, and what it refuses.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test"
)]

mod support;

use std::process::Command;
use support::{Folder, Ran, finapp, ran, root};

const CONFIGURATION: &str = "
const text = ''
module.exports = {
  extApi: [
    { name: 'scan', params: { kind: text, options: { loud: true }, codes: [0] }, description: 'Scans a code. */' },
    { name: 'deviceId', sync: true },
    { name: 'ping' },
  ],
}
";

/// Compiles a program against the declarations, strictly.
fn compile(declarations: &str, program: &str) -> Ran {
    let settings = r#"{"compilerOptions": {"strict": true, "noEmit": true, "target": "es2022", "module": "es2022",
        "lib": ["es2022"], "types": []}}"#;
    let folder = Folder::with(&[("apis.d.ts", declarations), ("use.ts", program), ("tsconfig.json", settings)]);
    let tsc = root().join("node_modules/typescript/bin/tsc");
    assert!(tsc.is_file(), "the JavaScript tools are missing: run `npm ci`");
    let mut command = Command::new("node");
    command.arg(tsc);
    ran(command.current_dir(folder.path()).output().unwrap())
}

fn declarations(more: &[&str]) -> String {
    let package = Folder::with(&[("app.js", "App({})"), ("FinClipConf.js", CONFIGURATION)]);
    let mut arguments = vec!["types", package.text()];
    arguments.extend(more);
    let ran = finapp(&arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    ran.out
}

#[test]
fn f_p09_declarations_refuse_what_the_library_would_refuse() {
    let text = declarations(&[]);
    for program in [
        "ft.scan({ kind: 1, options: { loud: true }, codes: [1] })",
        "ft.scan({ kind: '', options: {}, codes: [1] })",
        "ft.scan({ kind: '', options: { loud: true }, codes: [] })",
        "ft.scan()",
        "ft.fly()",
        "const later: Promise<unknown> = ft.deviceId()",
        "ft.ping({ success() {} }).then(() => {})",
    ] {
        let ran = compile(&text, program);
        assert_ne!(ran.code, 0, "{program}");
        assert!(ran.out.contains("use.ts(1,"), "{program}: {ran:?}");
    }
}

#[test]
fn f_p09_declarations_take_callbacks_promises_and_synchronous_calls() {
    let program = "
const scanned: { errMsg: string } = await wx.scan({ kind: 'qr', options: { loud: false, more: 1 }, codes: [1, 'a'] })
const heard: void = ft.scan({ kind: '', options: { loud: true }, codes: [0], success: (answer) => answer.code, progress(state) { state.percent } })
const id: string = ft.deviceId().id
const plain: Promise<{ errMsg: string }> = ft.ping()
const beside: Promise<{ errMsg: string }> = wx.ping({ anything: true })
ft.ping({ complete: (end) => console.log(end.errMsg) })
declare const console: { log(text: string): void }
export { scanned, heard, id, plain, beside }
";
    let ran = compile(&declarations(&[]), program);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn f_p09_declarations_add_to_the_typings_of_wx_and_come_from_tcmpp_files() {
    let file =
        Folder::with(&[("apis.json", r#"{"extApi": [{"name": "open-door"}, {"name": "card", "params": {"n": 0}}]}"#)]);
    let text = declarations(&["--with-typings", "--custom-apis", &file.at("apis.json")]);
    let typings = "declare namespace WechatMiniprogram { interface Wx { request(o: object): void } }\n\
                   declare const wx: WechatMiniprogram.Wx\n";
    let program = "wx.request({})\nwx.card({ n: 1 })\nft['open-door']()\n";
    let ran = compile(&format!("{text}{typings}"), program);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn f_p09_declarations_go_to_a_file_as_well() {
    let package = Folder::with(&[("app.js", "App({})"), ("FinClipConf.js", CONFIGURATION)]);
    let ran = finapp(&["types", package.text(), "--out", &package.at("apis.d.ts")]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(package.at("apis.d.ts")).unwrap(), declarations(&[]));
}
