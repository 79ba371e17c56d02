//! Texts that try to be more than texts, through the real browser: they arrive as they are and run nothing.

mod support;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::{ErrorCode, Limits};
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use support::{PATIENCE, Stage, next};

const NASTY: &[&str] = &[
    "",
    "__proto__",
    "constructor",
    "</script><script>ran=1</script>",
    "<!--<script>",
    "]]>",
    "\u{2028}ran=1",
    "\u{2029}ran=1",
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "${ran=1}",
    "*/ran=1/*",
    "//",
    "\0",
    "\n);ran=1;(",
    "\r\n",
    "\u{feff}",
    "😀",
    "\u{fffe}\u{ffff}",
];

/// A value that has each text as a member's name, as a member and in a list.
fn value(text: &str) -> Value {
    json!({ text: text, "list": [text, { "__proto__": { text: [text] } }] })
}

#[test]
fn h_b11_what_the_app_says_to_a_page_arrives_as_it_is() {
    let stage = Stage::new();
    stage
        .client
        .register_custom_api("give", {
            let given = std::sync::Mutex::new(NASTY.iter());
            move |call: HostCall| {
                let text = given.lock().unwrap().next().unwrap();
                call.reply.success_text(json!({"data": value(text)}).to_string());
            }
        })
        .unwrap();
    let page = stage.open_own("globalThis.ran = 0; ft.onNativeAPIHandler('echo', (data) => data)");
    for text in NASTY {
        assert_eq!(next(&stage.call("echo", &value(text), None)).unwrap(), value(text), "{text:?}");
        let answered = page.evaluate("ft.callNativeAPI('give', {}).then((res) => JSON.stringify(res.data))").unwrap();
        assert_eq!(serde_json::from_str::<Value>(answered.as_str().unwrap()).unwrap(), value(text), "{text:?}");
        // As the name of an event, and of a function.
        let code = next(&stage.call(text, &value(text), None)).unwrap_err().code();
        assert_eq!(code, if text.is_empty() { ErrorCode::Parameter } else { ErrorCode::NotFound }, "{text:?}");
        assert_eq!(page.evaluate("ran").unwrap(), json!(0), "{text:?}");
    }
    assert_eq!(page.console(), Vec::<String>::new());
}

#[test]
fn h_b11_what_a_page_says_arrives_as_it_is() {
    let stage = Stage::new();
    let calls = stage.hands_over("take");
    let page = stage.open_own("");
    for text in NASTY {
        let script =
            format!("void ft.callNativeAPI('take', JSON.parse({}), () => {{}})", json!(value(text).to_string()));
        page.evaluate(&script).unwrap();
        let call = next(&calls);
        assert_eq!(serde_json::from_str::<Value>(call.params.text()).unwrap(), value(text), "{text:?}");
        call.reply.success(Payload::none());
    }
}

#[test]
fn h_b11_halves_of_letters_arrive_in_both_directions() {
    let stage = Stage::new();
    let calls = stage.hands_over("take");
    let page = stage.open_own("ft.onNativeAPIHandler('echo', (data) => data)");
    let halves = r#"{"a":"\ud800","b":["\udc00\ud800"]}"#;
    let params = Payload::parse(halves.to_owned(), Vec::new(), &Limits::default()).unwrap();
    let (sender, answers) = channel();
    stage.applet.call_js("echo", &params, None, PATIENCE, Box::new(move |answer| sender.send(answer).unwrap()));
    assert_eq!(next(&answers).unwrap().text(), halves);
    page.evaluate(&format!("void ft.callNativeAPI('take', {halves}, () => {{}})")).unwrap();
    assert_eq!(next(&calls).params.text(), halves);
}

#[test]
fn h_b10_messages_in_no_known_form_are_counted_and_no_more() {
    let stage = Stage::new();
    let calls = stage.hands_over("take");
    let page = stage.open_own("");
    page.evaluate("ft.ready()").unwrap();
    let before = stage.applet.counters().page_messages_malformed;
    for message in ["'', '{}', 5", "'take', '{}', -1", "'take', '{}', 1.5", "'take', '{}', 'x'", "'take', '{}'"] {
        page.evaluate(&format!("FinChatJSCore.webInvokeHandler({message})")).unwrap();
    }
    assert_eq!(stage.applet.counters().page_messages_malformed, before + 5);
    // What is no text does not even reach the app.
    for message in ["take, {}, 5", "'take', { a: 1 }, 5", "Symbol(), '{}', 5", ""] {
        let sent = page.evaluate(&format!("const take = {{}}; FinChatJSCore.webInvokeHandler({message})"));
        drop(sent);
    }
    assert!(calls.try_recv().is_err());
    assert_eq!(stage.applet.counters().page_messages_malformed, before + 5);
    page.evaluate("void ft.callNativeAPI('take', {}, () => {})").unwrap();
    next(&calls);
}
