//! Bytes between pages and the app through message ports of a real browser: with the library that ships, and against
//! pages that make messages up.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_chromium::Page;
use finapp_core::Limits;
use finapp_core::bridge::{Binary, BinaryKind, HostCall, PathSegment, Payload};
use finapp_core::h5::PageAnswer;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use support::{OWN, PATIENCE, Stage, next};

const MIB: usize = 1 << 20;

/// In a page: whether bytes that stand deep can go, which they do through a port alone.
const UNTIL_PORT: &str = "new Promise((done) => { const look = () =>
  ft.callNativeAPI('echo', { deep: [new ArrayBuffer(1)] }).then(() => done(true), () => setTimeout(look, 5)); look() })";

/// A page that has its port.
fn with_port(stage: &Stage, script: &str) -> Arc<Page> {
    stage.echoes("echo");
    let page = stage.open_own(script);
    page.evaluate(UNTIL_PORT).unwrap();
    page
}

fn key(name: &str) -> PathSegment {
    PathSegment::Key(name.to_owned())
}

fn binary(path: &[PathSegment], kind: BinaryKind, bytes: &[u8]) -> Binary {
    Binary { path: path.to_vec(), kind, bytes: bytes.to_vec() }
}

fn with_bytes(text: &Value, binaries: Vec<Binary>) -> Payload {
    Payload::parse(text.to_string(), binaries, &Limits::default()).unwrap()
}

/// Calls a function of the page with bytes.
fn call(stage: &Stage, name: &str, params: &Payload) -> Receiver<finapp_core::Result<Payload>> {
    let (sender, answers) = channel();
    let answer: PageAnswer = Box::new(move |answer| drop(sender.send(answer)));
    stage.applet.call_js(name, params, None, PATIENCE, answer);
    answers
}

/// Bytes of which none is like its neighbours.
fn pattern(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).enumerate().map(|(at, byte)| byte ^ (at >> 8).to_le_bytes()[0]).collect()
}

#[test]
fn f_h17_a_page_sends_bytes_deep_in_its_parameters_and_gets_bytes_in_the_answer() {
    let stage = Stage::new();
    let calls = stage.hands_over("up");
    let page = with_port(&stage, "globalThis.seen = []; addEventListener('message', ({ data }) => seen.push(data))");
    page.evaluate(
        "const buffer = Uint8Array.from([0, 1, 2, 3, 255, 254]).buffer
         globalThis.answer = ft.callNativeAPI('up', { name: 'é', whole: buffer,
           deep: [null, { part: new Uint8Array(buffer, 4, 2) }], view: new DataView(buffer, 1, 2),
           wide: Float64Array.of(1.5), empty: new ArrayBuffer(0) })
           .then((res) => [res.thumb.constructor.name, [...res.thumb], [...new Uint8Array(res.list[1])], res.errMsg])
         0",
    )
    .unwrap();
    let up = next(&calls);
    let text: Value = serde_json::from_str(up.params.text()).unwrap();
    let nulls = json!({
        "name": "é", "whole": null, "deep": [null, {"part": null}], "view": null, "wide": null, "empty": null,
    });
    assert_eq!(text, nulls);
    let deep = [key("deep"), PathSegment::Index(1), key("part")];
    assert_eq!(
        up.params.binaries(),
        [
            binary(&[key("whole")], BinaryKind::ArrayBuffer, &[0, 1, 2, 3, 255, 254]),
            binary(&deep, BinaryKind::Uint8Array, &[255, 254]),
            binary(&[key("view")], BinaryKind::DataView, &[1, 2]),
            binary(&[key("wide")], BinaryKind::Float64Array, &1.5_f64.to_le_bytes()),
            binary(&[key("empty")], BinaryKind::ArrayBuffer, &[]),
        ]
    );
    let thumb = binary(&[key("thumb")], BinaryKind::Uint16Array, &[1, 2, 3, 4]);
    let second = binary(&[key("list"), PathSegment::Index(1)], BinaryKind::ArrayBuffer, &[9]);
    up.reply.success(with_bytes(&json!({"thumb": null, "list": [0, null]}), vec![thumb, second]));
    let answer = page.evaluate("answer").unwrap();
    assert_eq!(answer, json!(["Uint16Array", [513, 1027], [9], "up:ok"]));
    // The token went by with the port: no other listener of the page has seen it, nor anything of the way it came.
    assert_eq!(page.evaluate("seen").unwrap(), json!([]));
    let traces = page.evaluate("Object.getOwnPropertyNames(globalThis).filter((name) => /^finapp/.test(name))");
    assert_eq!(traces.unwrap(), json!([]));
}

#[test]
fn f_h17_calls_of_the_app_events_and_answers_of_handlers_carry_bytes() {
    let stage = Stage::new();
    let page = with_port(
        &stage,
        "globalThis.events = []
         ft.onNativeAPIHandler('sum', ({ list }) => ({ sum: Uint8Array.of(list[0].reduce((a, b) => a + b)), n: 1 }))
         ft.miniProgram.onWebviewEvent(({ b }) => events.push([...new Uint8Array(b)]))",
    );
    let list = binary(&[key("list"), PathSegment::Index(0)], BinaryKind::Uint8Array, &[1, 2, 3]);
    let answer = next(&call(&stage, "sum", &with_bytes(&json!({"list": [null]}), vec![list]))).unwrap();
    assert_eq!(serde_json::from_str::<Value>(answer.text()).unwrap(), json!({"sum": null, "n": 1}));
    assert_eq!(answer.binaries(), [binary(&[key("sum")], BinaryKind::Uint8Array, &[6])]);
    let event = with_bytes(&json!({"b": null}), vec![binary(&[key("b")], BinaryKind::ArrayBuffer, &[4, 5])]);
    assert!(page.owner().unwrap().event("onWebviewEvent", &event));
    page.wait_for("events.length > 0").unwrap();
    assert_eq!(page.evaluate("events").unwrap(), json!([[4, 5]]));
}

#[test]
fn f_h17_a_mebibyte_goes_both_ways_unchanged() {
    let stage = Stage::new();
    let bytes = pattern(MIB);
    let expected = bytes.clone();
    let turn = move |call: HostCall| {
        let [came] = call.params.binaries() else { return };
        let same = json!({"same": came.bytes == expected, "back": null});
        let back: Vec<u8> = came.bytes.iter().rev().copied().collect();
        call.reply.success(with_bytes(&same, vec![binary(&[key("back")], BinaryKind::Uint8Array, &back)]));
    };
    stage.client.register_custom_api("turn", turn).unwrap();
    let page = with_port(&stage, "");
    let answer = page.evaluate(&format!(
        "const big = Uint8Array.from({{ length: {MIB} }}, (_, at) => (at & 255) ^ ((at >> 8) & 255))
         ft.callNativeAPI('turn', {{ big }}).then(({{ same, back }}) =>
           ({{ same, length: back.length, unchanged: back.reverse().every((byte, at) => byte === big[at]) }}))"
    ));
    assert_eq!(answer.unwrap(), json!({"same": true, "length": MIB, "unchanged": true}));
    assert_eq!(stage.applet.counters().page_messages_malformed, 0);
}

#[test]
fn f_h17_bytes_keep_their_place_among_all_messages_of_a_page() {
    let stage = Stage::with(|_, options| options.shuffle = Some(7));
    let calls = stage.hands_over("note");
    let page = with_port(&stage, "");
    page.evaluate(
        "for (let n = 0; n < 40; n++) ft.callNativeAPI('note', n % 3 ? { n } : { n, b: [new ArrayBuffer(n)] }, () => {})",
    )
    .unwrap();
    for n in 0..40_usize {
        let call = next(&calls);
        assert_eq!(serde_json::from_str::<Value>(call.params.text()).unwrap()["n"], n);
        let sizes: Vec<_> = call.params.binaries().iter().map(|binary| binary.bytes.len()).collect();
        assert_eq!(sizes, if n % 3 == 0 { vec![n] } else { vec![] });
    }
    assert_eq!(stage.applet.counters().page_messages_missing, 0);
}

#[test]
fn f_j43_a_new_document_has_a_port_of_its_own_and_that_of_the_old_is_gone() {
    let stage = Stage::new();
    let calls = stage.hands_over("hold");
    let page = with_port(&stage, "");
    page.evaluate("void ft.callNativeAPI('hold', { a: [Uint8Array.of(1)] })").unwrap();
    let old = next(&calls);
    for way in ["reload", "forth", "back"] {
        match way {
            "reload" => page.reload().unwrap(),
            "forth" => {
                stage.web.page(&format!("{OWN}/next"), "");
                page.go(&format!("{OWN}/next")).unwrap();
            }
            _ => page.back().unwrap(),
        }
        page.evaluate(UNTIL_PORT).unwrap();
        page.evaluate("void ft.callNativeAPI('hold', { a: [Uint8Array.of(2)] })").unwrap();
        assert_eq!(next(&calls).params.binaries()[0].bytes, [2], "{way}");
    }
    let late = with_bytes(&json!({"b": null}), vec![binary(&[key("b")], BinaryKind::ArrayBuffer, &[3])]);
    assert!(!old.reply.success(late));
}

#[test]
fn h_b10_frames_that_a_page_makes_up_are_counted_and_harm_nobody() {
    let stage = Stage::new();
    stage.echoes("echo");
    // A script that is there before the library, and takes the port for itself.
    let steals = "addEventListener('message', ({ data, ports: [port] }) => {
        if (port) { globalThis.port = port; globalThis.heardName = data } }, true)";
    let body = format!("<script>{steals}</script><script src=/jssdk.js></script>");
    stage.web.html(&format!("{OWN}/"), &body);
    let page = stage.open(&format!("{OWN}/"));
    page.wait_for("globalThis.port").unwrap();
    let honest = stage.profile.open(&stage.applet, &format!("{OWN}/")).unwrap();
    honest.wait_for_load(1).unwrap();
    let before = stage.applet.counters().page_messages_malformed;
    page.evaluate(
        "const frame = (...bytes) => port.postMessage(Uint8Array.from(bytes).buffer)
         frame(); frame(0, 0, 0); frame(0, 0, 0, 1); frame(255, 255, 255, 255, 1); frame(0, 0, 0, 2, 123, 125)
         port.postMessage(new ArrayBuffer(1 << 20))
         const text = new TextEncoder().encode('{\"type\":\"answer\",\"name\":\"echo\",\"id\":1,\"data\":1,\"binaries\":[]}')
         frame(0, 0, 0, text.length, ...text)
         // What is no ArrayBuffer is no message of the port at all.
         for (const other of ['text', 7, null, {}, [], new Blob(['a']), Uint8Array.of(1)]) port.postMessage(other)
         frame(1)",
    )
    .unwrap();
    // They come when they come: other calls do not wait for them.
    let counted = || stage.applet.counters().page_messages_malformed - before;
    while counted() < 8 {
        page.evaluate("ft.callNativeAPI('echo', { a: 1 })").unwrap();
    }
    assert_eq!(counted(), 8);
    for page in [&page, &honest] {
        assert_eq!(page.evaluate("ft.callNativeAPI('echo', { a: 1 })").unwrap()["a"], 1);
    }
}
