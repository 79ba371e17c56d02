//! `finapp run`: commands by script and from a pipe, the host from a file, and how a run ends.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use support::{Folder, finapp, play, ran};

const SAYS_HELLO: &str = "App({ onLaunch() { console.log('hello') }, onShow() { console.warn('shown') } })";

#[test]
fn f_p09_a_package_that_cannot_start_is_named_with_file_and_line_and_code_3() {
    for (files, part) in [
        (&[("app.js", "App({\n  a: ]\n})")][..], "app.js"),
        (&[("app.js", "\nthrow new Error('no')")][..], "app.js:2"),
        (&[("page.js", "")][..], "app.js"),
        (&[("app.js", "App({})"), ("app.json", "{")][..], "app.json"),
    ] {
        let package = Folder::with(files);
        let ran = finapp(&["run", package.text()]);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(finapp(&["run", "/nowhere"]).code, 3);
    assert_eq!(finapp(&["walk"]).code, 2);
}

#[test]
fn f_p09_a_script_prints_each_command_and_what_came_of_it() {
    let package = Folder::with(&[("app.js", SAYS_HELLO)]);
    let ran = play(&package, "# nothing to see\nexpect log hello\n\nquit\n", &[]);
    assert_eq!(ran.out, "info   hello\nwarn   shown\n> expect log hello\n> quit\nclosed shutdown\n");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn f_p09_a_script_with_a_slip_does_not_begin() {
    let package = Folder::with(&[("app.js", SAYS_HELLO)]);
    let ran = play(&package, "calls\ntpa .x\n", &[]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("line 2: tpa: no such command"), "{ran:?}");
    assert!(!ran.out.contains("> calls"), "{ran:?}");
}

#[test]
fn f_p09_an_expectation_that_fails_ends_the_script_with_code_1() {
    let package = Folder::with(&[("app.js", SAYS_HELLO)]);
    let ran = play(&package, "expect log goodbye\nexpect log hello\n", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("! expected a log line with \"goodbye\"\n"), "{ran:?}");
    assert!(!ran.out.contains("> expect log hello"), "{ran:?}");
}

#[test]
fn f_p09_commands_come_from_a_pipe_as_well() {
    let package =
        Folder::with(&[("app.js", "App({ onLaunch() { wx.onCustomEvent((e) => console.log(`got ${e.n}`)) } })")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_finapp"))
        .args(["run", package.text()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"send {\"n\": 7}\nnonsense\nquit\n").unwrap();
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!(ran.out, "info   got 7\n! nonsense: no such command; `help` lists them\nclosed shutdown\n");
    assert_eq!(ran.code, 0);
}

#[test]
fn f_p09_what_is_stored_is_seen_and_kept() {
    let package = Folder::with(&[(
        "app.js",
        "App({ onLaunch() { wx.setStorageSync('count', (wx.getStorageSync('count') || 0) + 1); \
         wx.setStorageSync('list', ['a']) } })",
    )]);
    let kept = Folder::new();
    let script = "expect storage list [\"a\"]\nstorage\n";
    let first = play(&package, script, &["--storage", kept.text()]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.contains("\"count\": 1"), "{first:?}");
    let second = play(&package, script, &["--storage", kept.text()]);
    assert!(second.out.contains("\"count\": 2"), "{second:?}");
    let elsewhere = play(&package, script, &[]);
    assert!(elsewhere.out.contains("\"count\": 1"), "{elsewhere:?}");
}

#[test]
fn f_p09_a_mini_program_that_ends_by_itself_ends_the_script_with_code_1() {
    let package = Folder::with(&[("app.js", "App({ onLaunch() { wx.onCustomEvent(() => { for (;;) ; }) } })")]);
    let ran = play(&package, "send {}\nexpect log anything\n", &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("closed E_TIMEOUT: killed: a turn took longer than its budget"), "{ran:?}");
    assert!(!ran.out.contains("> expect"), "{ran:?}");
}

#[test]
fn f_p09_the_host_file_is_checked_and_answers_in_its_order() {
    let package = Folder::with(&[
        ("FinClipConf.js", "module.exports = { extApi: [{ name: 'next' }, { name: 'now', sync: true }] }"),
        (
            "app.js",
            "App({ async onLaunch() { console.log(ft.now().at)\nfor (const at of [1, 2, 3]) \
             console.log(at, (await ft.next({ at })).step) } })",
        ),
    ]);
    let host = Folder::with(&[
        (
            "good",
            r#"{"apis": {"now": {"answer": {"at": "noon"}}, "next": [{"delay": 5, "answer": {"step": "a"}}, {"answer": {"step": "b"}}]}}"#,
        ),
        ("bad", r#"{"apis": {"now": {"reply": 1}}}"#),
    ]);
    let refused = play(&package, "quit", &["--providers", &host.at("bad")]);
    assert_eq!(refused.code, 3, "{refused:?}");
    let ran = play(&package, "quit", &["--providers", &host.at("good")]);
    assert_eq!(
        ran.out,
        "call   now {}\ninfo   noon\ncall   next {\"at\":1}\ninfo   1 a\ncall   next {\"at\":2}\n\
         info   2 b\ncall   next {\"at\":3}\ninfo   3 b\n> quit\nclosed shutdown\n",
    );
}
