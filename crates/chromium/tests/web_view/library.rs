//! The library itself in pages of a package: twice, as a module, and before the app is there.

use crate::program::Program;
use crate::support::{library, next};
use serde_json::json;

#[test]
fn f_j40_a_second_copy_warns_once_and_changes_nothing() {
    let program = Program::new();
    let page = program.first();
    page.evaluate("globalThis.before = [ft, FinChatJSBridge, ft.callNativeAPI]").unwrap();
    let again = "new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: '/web/jssdk.js', onload: done, onerror: failed })
      document.documentElement.append(script)
    }).then(() => 0)";
    page.evaluate(again).unwrap();
    page.wait_for_console("included twice").unwrap();
    assert_eq!(page.console().iter().filter(|line| line.contains("included twice")).count(), 1);
    let same = "before[0] === ft && before[1] === FinChatJSBridge && before[2] === ft.callNativeAPI";
    assert_eq!(page.evaluate(same).unwrap(), json!(true));
    // The module, too, is a second copy, and gives the first.
    let module = "import('/web/jssdk.mjs').then((module) => module.default === ft && module.ft === ft)";
    assert_eq!(page.evaluate(module).unwrap(), json!(true));
    page.evaluate("ft.miniProgram.sendWebviewEvent({ once: 1 })").unwrap();
    assert_eq!(next(&program.reports)["detail"], json!({"data": {"once": 1}}));
    program.send(&json!({"n": 1}));
    page.wait_for("events.length > 0").unwrap();
    assert_eq!(page.evaluate("events").unwrap(), json!([["onWebviewEvent", {"n": 1}]]));
}

#[test]
fn f_j40_the_module_works_as_the_script_does() {
    let program = Program::new();
    let first = program.first();
    first.evaluate("void ft.miniProgram.navigateTo({ url: '/pages/b/b?src=%2Fweb%2Fmodule.html' })").unwrap();
    let page = program.shown("/web/module.html", "pages/b/b");
    page.wait_for("globalThis.answer !== undefined").unwrap();
    assert_eq!(page.evaluate("answer").unwrap(), json!("getAppletInfo:ok"));
    assert_eq!(page.evaluate("ft === imported").unwrap(), json!(true));
    page.evaluate("imported.miniProgram.sendWebviewEvent({ module: 1 })").unwrap();
    assert_eq!(next(&program.reports)["detail"], json!({"data": {"module": 1}}));
}

#[test]
fn f_j40_a_library_that_was_loaded_before_the_app_was_there_says_what_waited() {
    let program = Program::new();
    let first = program.first();
    first.evaluate("void ft.miniProgram.navigateTo({ url: '/pages/b/b?src=%2Fweb%2Fbare.html' })").unwrap();
    let page = program.shown("/web/bare.html", "pages/b/b");
    // In this browser the app's object is there from the beginning and stays: the library sees a window without it.
    let text = json!(library("jssdk.js"));
    page.evaluate(&format!(
        "const own = {{
           FinChatJSCore: undefined,
           setTimeout: setTimeout.bind(window),
           clearTimeout: clearTimeout.bind(window),
           addEventListener: addEventListener.bind(window),
         }}
         const get = (_, name) => (name in own ? own[name] : window[name])
         const scope = own.top = new Proxy(own, {{ get }})
         new Function('globalThis', {text})(scope)
         window.FinChatJSBridge = scope.FinChatJSBridge
         globalThis.answers = []
         for (const n of [1, 2]) scope.ft.callNativeAPI('report', {{ n }}, ({{ errMsg }}) => answers.push([n, errMsg]))
         own.FinChatJSCore = window.FinChatJSCore",
    ))
    .unwrap();
    assert_eq!((next(&program.reports), next(&program.reports)), (json!({"n": 1}), json!({"n": 2})));
    page.wait_for("answers.length === 2").unwrap();
    assert_eq!(page.evaluate("answers").unwrap(), json!([[1, "report:ok"], [2, "report:ok"]]));
}
