//! FinClip's own base library for web pages, unmodified, against the app's real side. Node's suites fetch it from npm below
//! the target folder; it is never part of the repository.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what a test needs and does not get fails the test; one that cannot be run says so"
)]

mod support;

use finapp_chromium::{Page, Response};
use finapp_core::bridge::CallInfo;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use support::{OWN, Stage, next, payload};

/// The library; none where npm cannot have it.
fn library() -> Option<Vec<u8>> {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/jssdk/finclip.mjs");
    let script = format!("import {{ finclip }} from '{}'; process.stdout.write(finclip() ?? '')", suite.display());
    let output = Command::new("node").args(["--input-type=module", "--eval", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout).filter(|text| !text.is_empty())
}

/// A page with scripts in this order.
fn open(stage: &Stage, scripts: &str) -> Option<Arc<Page>> {
    let Some(library) = library() else {
        eprintln!("skipped: npm cannot have FinClip's library");
        return None;
    };
    stage.web.at(&format!("{OWN}/web.js"), Response::file("text/javascript; charset=utf-8", library));
    stage.web.html(&format!("{OWN}/"), scripts);
    Some(stage.open(&format!("{OWN}/")))
}

const THEIRS: &str = "<script src=\"/web.js\"></script>";
const OURS: &str = "<script src=\"/jssdk.js\"></script>";

#[test]
fn f_j41_their_library_calls_the_app_by_promise_and_by_callback() {
    let stage = Stage::new();
    stage.echoes("scan");
    let Some(page) = open(&stage, THEIRS) else { return };
    page.evaluate("ft.loadExtApi([{ name: 'scan' }, { name: 'unknown' }])").unwrap();
    let promised = page.evaluate("ft.scan({ a: [1, 'ä 漢 😀'] })").unwrap();
    assert_eq!((&promised["a"], &promised["errMsg"]), (&json!([1, "ä 漢 😀"]), &json!("scan:ok")));
    let heard = |name: &str| {
        let call = format!(
            "new Promise((done) => {{ const heard = []; const note = (what) => (res) => heard.push([what, res.errMsg])
             ft.{name}({{ success: note('success'), fail: note('fail'),
               complete: (res) => {{ note('complete')(res); done(heard) }} }}) }})"
        );
        page.evaluate(&call).unwrap()
    };
    assert_eq!(heard("scan"), json!([["success", "scan:ok"], ["complete", "scan:ok"]]));
    let failed = json!("unknown:fail 该api未实现");
    assert_eq!(heard("unknown"), json!([["fail", failed], ["complete", failed]]));
}

#[test]
fn f_j41_their_calls_are_numbered_apart_and_end_in_any_order() {
    let stage = Stage::new();
    let calls = stage.hands_over("slow");
    let Some(page) = open(&stage, THEIRS) else { return };
    page.evaluate(
        "ft.loadExtApi([{ name: 'slow' }]); globalThis.seen = []
         for (const n of [0, 1, 2]) ft.slow({ n, complete: (res) => seen.push([n, res.n ?? res.errMsg]) })",
    )
    .unwrap();
    let mut open: Vec<_> = (0..3).map(|_| next(&calls)).collect();
    let asked: Vec<Value> = open.iter().map(|call| serde_json::from_str(call.params.text()).unwrap()).collect();
    assert_eq!(asked, [json!({"n": 0}), json!({"n": 1}), json!({"n": 2})]);
    open.remove(1).reply.fail(payload(&json!({"errMsg": "no"})));
    open.remove(1).reply.success_text("{\"n\":22}".to_owned());
    open.remove(0).reply.success_text("{\"n\":20}".to_owned());
    page.wait_for("seen.length === 3").unwrap();
    assert_eq!(page.evaluate("seen").unwrap(), json!([[1, "slow:fail no"], [2, 22], [0, 20]]));
}

#[test]
fn f_j41_their_listeners_hear_the_events_of_the_app() {
    let stage = Stage::new();
    let Some(page) = open(&stage, THEIRS) else { return };
    page.evaluate(
        "globalThis.seen = []; ft.onCustomEvent((res) => seen.push(['all', res]))
         ft.addCustomEventListener('named', (res) => seen.push(['named', res]))",
    )
    .unwrap();
    let body = json!({"name": "named", "data": "</script>\u{2028}"});
    assert!(page.owner().unwrap().base_event("onCustomEvent", &payload(&body)));
    assert_eq!(page.evaluate("seen").unwrap(), json!([["named", body], ["all", body]]));
}

#[test]
fn f_j41_both_libraries_live_in_one_page_in_either_order() {
    let stage = Stage::new();
    stage.echoes("scan");
    for (scripts, own) in
        [(format!("{THEIRS}{OURS}"), "ft"), (format!("{OURS}<script>kept = ft</script>{THEIRS}"), "kept")]
    {
        let Some(page) = open(&stage, &scripts) else { return };
        let both = page.evaluate(&format!(
            "(async () => {{ ft.loadExtApi([{{ name: 'scan' }}])
               return [(await ft.scan({{}})).errMsg, (await {own}.callNativeAPI('scan', {{}})).errMsg] }})()"
        ));
        assert_eq!(both.unwrap(), json!(["scan:ok", "scan:ok"]), "{own}");
    }
}

#[test]
fn f_j41_their_synchronous_calls_return_the_answer_and_no_frame_gets_one() {
    let stage = Stage::new();
    let give = |_: &CallInfo, params: Value| Ok(json!({"id": "4711", "got": params}));
    stage.client.register_sync_api("deviceId", give).unwrap();
    let Some(page) = open(&stage, THEIRS) else { return };
    page.evaluate("ft.loadExtApi([{ name: 'deviceId', sync: true }])").unwrap();
    let given = page.evaluate("ft.deviceId({ a: 1 })").unwrap();
    assert_eq!((&given["id"], &given["got"]), (&json!("4711"), &json!({"a": 1})), "{given}");
    let framed = page.evaluate(
        "(() => { const frame = document.body.appendChild(document.createElement('iframe'))
           return frame.contentWindow.FinChatJSCore.invokeHandler('deviceId', '{\"_sync\":true}', 9) ?? null })()",
    );
    assert_eq!(framed.unwrap(), Value::Null);
}
