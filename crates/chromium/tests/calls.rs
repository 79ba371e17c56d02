//! Calls between pages and the app with the library that ships, in Chromium: there and back, in both directions.

mod support;

use finapp_chromium::Page;
use finapp_core::ErrorCode;
use serde_json::{Value, json};
use std::time::Duration;
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
        let begins = if name == "unknown" { "unknown:fail" } else { "callNativeAPI:fail parameter error" };
        assert!(failed.as_str().unwrap().starts_with(begins), "{failed}");
    }
}

#[test]
fn f_h12_the_app_calls_the_page_that_was_opened_last_or_one_by_its_number() {
    let stage = Stage::new();
    let handler = |which: &str| format!("ft.onNativeAPIHandler('app2jsFunction', (got) => ({{ {which}: got }}))");
    let first = stage.open_own(&handler("first"));
    let second = stage.open_own(&handler("second"));
    let number = |page: &Page| Some(page.owner().unwrap().page());
    let params = json!({"a": [1, null], "漢": "😀"});
    let answer = |page| next(&stage.call("app2jsFunction", &params, page)).unwrap();
    assert_eq!(answer(None), json!({"second": params}));
    assert_eq!(answer(number(&first)), json!({"first": params}));
    assert_eq!(answer(number(&second)), json!({"second": params}));
    let unknown = next(&stage.call("nobody", &params, None)).unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
}

#[test]
fn f_j34_the_app_calls_the_one_handler_that_was_registered_last_and_that_stays() {
    let stage = Stage::new();
    let page = stage.open_own(
        "ft.registNativeAPIHandler('f', () => 'first'); ft.registNativeAPIHandler('f', (got) => ({ last: got.n }))",
    );
    assert_eq!(next(&stage.call("f", &json!({"n": 5}), None)).unwrap(), json!({"last": 5}));
    page.evaluate("ft.offNativeAPIHandler('f')").unwrap();
    assert_eq!(next(&stage.call("f", &json!({"n": 6}), None)).unwrap(), json!({"last": 6}));
}

#[test]
fn f_j36_what_a_handler_gives_goes_to_the_app_and_what_it_throws_is_an_error() {
    let stage = Stage::new();
    stage.open_own(
        "const gives = { object: { a: 1 }, list: [1], text: 't', zero: 0, no: false, none: null, nothing: undefined }
         for (const [name, value] of Object.entries(gives)) ft.onNativeAPIHandler(name, () => value)
         ft.onNativeAPIHandler('throws', () => { throw new Error('no way') })
         ft.onNativeAPIHandler('circle', () => { const a = {}; a.a = a; return a })",
    );
    for (name, value) in [
        ("object", json!({"a": 1})),
        ("list", json!([1])),
        ("text", json!("t")),
        ("zero", json!(0)),
        ("no", json!(false)),
        ("none", Value::Null),
        ("nothing", Value::Null),
    ] {
        assert_eq!(next(&stage.call(name, &json!({}), None)).unwrap(), value, "{name}");
    }
    let threw = next(&stage.call("throws", &json!({}), None)).unwrap_err();
    assert_eq!((threw.code(), threw.message().contains("no way")), (ErrorCode::Handler, true), "{threw}");
    let circle = next(&stage.call("circle", &json!({}), None)).unwrap_err();
    assert_eq!(circle.code(), ErrorCode::HandlerResult);
}

#[test]
fn f_j37_a_handler_that_was_taken_away_is_not_called() {
    let stage = Stage::new();
    let page = stage.open_own(
        "globalThis.one = () => 1; globalThis.two = () => 2
         ft.onNativeAPIHandler('f', one); ft.onNativeAPIHandler('f', two)",
    );
    let answer = || next(&stage.call("f", &json!({}), None)).map_err(|error| error.code());
    assert_eq!(answer(), Ok(json!(1)));
    page.evaluate("ft.offNativeAPIHandler('f', one)").unwrap();
    assert_eq!(answer(), Ok(json!(2)));
    page.evaluate("ft.onNativeAPIHandler('f', one); ft.offNativeAPIHandler('f')").unwrap();
    assert_eq!(answer(), Err(ErrorCode::NotFound));
}

#[test]
fn f_j42_a_handler_may_promise_its_value() {
    let stage = Stage::new();
    let asked = stage.hands_over("ask");
    let page = stage.open_own(
        "ft.onNativeAPIHandler('later', async ({ n }) => ({ n, heard: (await ft.callNativeAPI('ask', { n })).word }))
         ft.onNativeAPIHandler('rejects', () => Promise.reject(new Error('sorry')))",
    );
    let answers: Vec<_> = (0..3).map(|n| stage.call("later", &json!({"n": n}), None)).collect();
    let calls: Vec<_> = (0..3).map(|_| next(&asked)).collect();
    for call in calls.into_iter().rev() {
        call.reply.success_text("{\"word\":\"yes\"}".to_owned());
    }
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(next(answer).unwrap(), json!({"n": n, "heard": "yes"}));
    }
    let rejected = next(&stage.call("rejects", &json!({}), None)).unwrap_err();
    assert_eq!((rejected.code(), rejected.message().contains("sorry")), (ErrorCode::Handler, true), "{rejected}");
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn f_j43_after_a_reload_old_calls_have_ended_and_no_late_answer_reaches_the_new_document() {
    let stage = Stage::new();
    let calls = stage.hands_over("slow");
    let page = stage.open_own(
        "globalThis.heard = []; ft.onNativeAPIHandler('never', () => new Promise(() => {}))
         globalThis.go = (n) => ft.callNativeAPI('slow', { n }, (res) => heard.push(res))",
    );
    page.evaluate("go(1)").unwrap();
    let old = next(&calls);
    let (sender, ended) = std::sync::mpsc::channel();
    old.reply.on_cancel(move |reason| sender.send(reason.code()).unwrap());
    let into_old = stage.call("never", &json!({}), None);
    // Its handler runs before the document goes.
    page.evaluate("0").unwrap();
    page.reload().unwrap();
    assert_eq!(next(&ended), ErrorCode::PageGone);
    assert_eq!(next(&into_old).unwrap_err().code(), ErrorCode::PageGone);
    assert!(!old.reply.success_text("{\"late\":true}".to_owned()));
    page.evaluate("go(2)").unwrap();
    let new = next(&calls);
    assert!(new.reply.success_text("{\"n\":2}".to_owned()));
    assert_eq!(page.evaluate("heard").unwrap(), json!([{"n": 2, "errMsg": "slow:ok"}]));
}

#[test]
fn h_b15_a_page_that_never_answers_ends_in_a_timeout_and_its_late_answer_is_ignored() {
    let stage = Stage::new();
    let page = stage.open_own(
        "ft.onNativeAPIHandler('slow', () => new Promise((done) => { globalThis.answer = done }))
         ft.onNativeAPIHandler('blocks', () => 1)",
    );
    let within = Duration::from_millis(50);
    let late = next(&stage.call_within("slow", &json!({}), None, within)).unwrap_err();
    assert_eq!(late.code(), ErrorCode::Timeout);
    page.evaluate("answer(7)").unwrap();
    assert_eq!(next(&stage.call("blocks", &json!({}), None)).unwrap(), json!(1));
    assert_eq!(stage.applet.counters().unknown_replies, 1);
}

#[test]
fn h_b17_all_handlers_of_a_name_run_in_order_and_the_first_value_counts() {
    let stage = Stage::new();
    let page = stage.open_own(
        "globalThis.ran = []
         const first = () => { ran.push('first'); ft.offNativeAPIHandler('f', first) }
         ft.onNativeAPIHandler('f', first)
         ft.onNativeAPIHandler('f', () => { ran.push('throws'); throw new Error('no') })
         ft.onNativeAPIHandler('f', () => { ran.push('third'); return 'third' })
         ft.onNativeAPIHandler('f', () => { ran.push('fourth'); return 'fourth' })",
    );
    for order in [json!(["first", "throws", "third", "fourth"]), json!(["throws", "third", "fourth"])] {
        assert_eq!(next(&stage.call("f", &json!({}), None)).unwrap(), json!("third"));
        assert_eq!(page.evaluate("ran.splice(0)").unwrap(), order);
    }
}

#[test]
fn h_b18_messages_that_the_browser_hands_on_in_any_order_arrive_in_that_of_the_page() {
    let stage = Stage::with(|_, options| options.shuffle = Some(7));
    let calls = stage.hands_over("note");
    let page = stage.open_own("");
    page.evaluate("for (let n = 0; n < 60; n++) ft.callNativeAPI('note', { n }, () => {})").unwrap();
    let seen: Vec<Value> = (0..60).map(|_| serde_json::from_str(next(&calls).params.text()).unwrap()).collect();
    assert_eq!(seen, (0..60).map(|n| json!({"n": n})).collect::<Vec<_>>());
    assert_eq!(stage.applet.counters().page_messages_missing, 0);
}
