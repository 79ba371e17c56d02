//! Calls between pages and the app with the library that ships, in Chromium: there and back, in both directions.

mod support;

use serde_json::json;
use support::{Stage, next};

#[test]
fn f_j33_a_page_calls_the_app_and_gets_its_answer_by_callback_and_by_promise() {
    let stage = Stage::new();
    stage.echoes("js2AppFunction");
    let calls = stage.hands_over("slow");
    let page = stage.open_own("");
    let heard = page.evaluate("new Promise((done) => ft.callNativeAPI('js2AppFunction', { name: 'getColor' }, done))");
    assert_eq!(heard.unwrap(), json!({"name": "getColor", "errMsg": "js2AppFunction:ok"}));
    let nothing = page.evaluate("ft.callNativeAPI('js2AppFunction', {}, () => {}) === undefined").unwrap();
    assert_eq!(nothing, json!(true));
    let heard = page.evaluate("ft.callNativeAPI('js2AppFunction', { deep: [1, { ä: '漢😀' }] })").unwrap();
    assert_eq!(heard, json!({"deep": [1, {"ä": "漢😀"}], "errMsg": "js2AppFunction:ok"}));

    // Failures: of the handler, of the name, of the transport's own names.
    page.evaluate("void (globalThis.failed = ft.callNativeAPI('slow', {}).then(() => 'no', (e) => e))").unwrap();
    let call = next(&calls);
    assert_eq!(call.info.page, page.owner().unwrap().page());
    call.reply.fail(support::payload(&json!({"errMsg": "not logged in", "code": 401})));
    assert_eq!(page.evaluate("failed").unwrap()["errMsg"], "slow:fail not logged in");
    for name in ["unknown", "initPage", "finapp.reply"] {
        let failed = page.evaluate(&format!("ft.callNativeAPI('{name}', {{}}).then(() => 'no', (e) => e.errMsg)"));
        let failed = failed.unwrap();
        let reserved = "callNativeAPI:fail parameter error";
        assert!(
            failed.as_str().unwrap().starts_with(if name == "unknown" { "unknown:fail" } else { reserved }),
            "{failed}"
        );
    }
}
