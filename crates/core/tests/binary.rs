//! ArrayBuffers and typed arrays in params, answers, states and events: as bytes beside the text, never as base64.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::handler::inline;
use finapp_core::bridge::{ApiOptions, Binary, BinaryKind, Handler, HostCall, PathSegment, Payload};
use finapp_core::{ErrorCode, Limits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use support::{Host, next, sync};

const KINDS: [(BinaryKind, &str); 13] = [
    (BinaryKind::ArrayBuffer, "new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer"),
    (BinaryKind::Int8Array, "new Int8Array([-1, 2])"),
    (BinaryKind::Uint8Array, "new Uint8Array([1, 255])"),
    (BinaryKind::Uint8ClampedArray, "new Uint8ClampedArray([1, 300])"),
    (BinaryKind::Int16Array, "new Int16Array([-2, 3])"),
    (BinaryKind::Uint16Array, "new Uint16Array([65535])"),
    (BinaryKind::Int32Array, "new Int32Array([-100000])"),
    (BinaryKind::Uint32Array, "new Uint32Array([4000000000])"),
    (BinaryKind::Float32Array, "new Float32Array([0.5])"),
    (BinaryKind::Float64Array, "new Float64Array([0.1, NaN])"),
    (BinaryKind::BigInt64Array, "new BigInt64Array([-1n])"),
    (BinaryKind::BigUint64Array, "new BigUint64Array([1n])"),
    (BinaryKind::DataView, "new DataView(new Uint8Array([9, 8, 7]).buffer, 1)"),
];

/// Answers with the very params of the call.
fn give_back(call: HostCall) {
    call.reply.success(call.params);
}

fn bytes(path: &[PathSegment], bytes: &[u8]) -> Binary {
    Binary { path: path.to_vec(), kind: BinaryKind::Uint8Array, bytes: bytes.to_vec() }
}

fn key(name: &str) -> PathSegment {
    PathSegment::Key(name.to_owned())
}

fn with_binary(text: &str, binaries: Vec<Binary>) -> Payload {
    Payload::parse(text.to_owned(), binaries, &Limits::default()).unwrap()
}

#[test]
fn f_h17_bytes_over_the_limit_fail_the_call_before_any_handler_sees_it() {
    let host = Host::with_limits(|limits| limits.message_binary_bytes = 10_000);
    host.client.register_custom_api("send", give_back).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'send'}]);
         const size = n => new Uint8Array(n);
         Promise.allSettled([ft.send({a: size(10_001)}), ft.send({a: size(5_000), b: size(5_001)}), ft.send({a: size(5_000), b: size(5_000)})])
           .then(ends => ft.report({codes: ends.map(end => end.reason?.errCode ?? end.value.errMsg)}))",
    );
    let code = ErrorCode::TooLarge.number();
    assert_eq!(seen["codes"], json!([code, code, "send:ok"]));
    let refused = Payload::parse("{}".to_owned(), vec![bytes(&[], &[0; 10_001])], host.client.limits()).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::TooLarge);
}

#[test]
fn f_h17_an_answer_whose_bytes_have_no_place_in_its_text_fails_the_call() {
    let host = Host::new();
    host.client
        .register_custom_api("broken", |call: HostCall| {
            call.reply.success(with_binary("{}", vec![bytes(&[key("a"), key("b")], &[1])]));
        })
        .unwrap();
    host.client
        .register(
            "brokenSync",
            Handler::Host(Arc::new(|call: HostCall| {
                call.reply.success(with_binary("5", vec![bytes(&[PathSegment::Index(1)], &[1])]));
            })),
            sync(),
        )
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'broken'}, {name: 'brokenSync', sync: true}]);
         const now = ft.brokenSync().errCode;
         ft.broken({fail: ({errCode, errMsg}) => ft.report({now, errCode, errMsg})})",
    );
    let code = ErrorCode::HandlerResult.number();
    let text = "broken:fail handler answered something that cannot be sent";
    assert_eq!(seen, json!({"now": code, "errCode": code, "errMsg": text}));
}

#[test]
fn f_h17_the_host_gets_the_bytes_with_their_places_beside_the_text() {
    let host = Host::new();
    let calls = host.hands_over("send");
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'send'}]);
         const whole = new Uint8Array([0, 1, 2, 3, 4]);
         ft.send({name: 'x', part: whole.subarray(1, 3), list: [null, {deep: whole.buffer}], last: 1})",
    );
    let call = next(&calls);
    assert_eq!(call.params.text(), r#"{"name":"x","part":null,"list":[null,{"deep":null}],"last":1}"#);
    let deep = vec![key("list"), PathSegment::Index(1), key("deep")];
    assert_eq!(
        call.params.binaries(),
        [
            Binary { path: vec![key("part")], kind: BinaryKind::Uint8Array, bytes: vec![1, 2] },
            Binary { path: deep, kind: BinaryKind::ArrayBuffer, bytes: vec![0, 1, 2, 3, 4] },
        ]
    );
}

#[test]
fn f_h17_every_kind_arrives_as_what_it_was_in_both_directions() {
    let host = Host::new();
    let calls = host.hands_over("send");
    let list = KINDS.map(|(_, source)| source).join(",");
    host.open(
        "demo",
        &format!(
            "ft.loadExtApi([{{name: 'send'}}]);
             const bytesOf = view => [...new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength)];
             const sent = [{list}];
             ft.send({{sent}}).then(({{sent: back}}) => ft.report({{
               kinds: back.map(one => one.constructor.name),
               same: back.every((one, at) => one.constructor === sent[at].constructor && String(bytesOf(one)) === String(bytesOf(sent[at]))),
               own: back.every((one, at) => one !== sent[at] && (one.buffer ?? one) !== (sent[at].buffer ?? sent[at])) }}))"
        ),
    );
    let call = next(&calls);
    let kinds: Vec<BinaryKind> = call.params.binaries().iter().map(|binary| binary.kind).collect();
    assert_eq!(kinds, KINDS.map(|(kind, _)| kind));
    give_back(call);
    let seen = host.reported();
    assert_eq!((&seen["same"], &seen["own"]), (&json!(true), &json!(true)), "{seen}");
    assert_eq!(seen["kinds"].as_array().unwrap().len(), KINDS.len());
}

#[test]
fn f_h17_a_synchronous_call_carries_bytes_too() {
    let host = Host::new();
    host.client.register("send", Handler::Host(Arc::new(give_back)), sync()).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'send', sync: true}]);
         const back = ft.send({a: new Uint16Array([1, 2])}).a;
         ft.report({kind: back.constructor.name, items: [...back]})",
    );
    assert_eq!(seen, json!({"kind": "Uint16Array", "items": [1, 2]}));
}

#[test]
fn f_h17_handlers_written_in_rust_read_and_give_bytes() {
    /// Bytes as serde names them, so that no list of numbers is made of them.
    struct Bytes(Vec<u8>);
    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Reader;
            impl serde::de::Visitor<'_> for Reader {
                type Value = Bytes;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("bytes")
                }
                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
                fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                    Ok(Bytes(bytes))
                }
            }
            deserializer.deserialize_bytes(Reader)
        }
    }
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }
    #[derive(Deserialize, Serialize)]
    struct Message {
        bytes: Bytes,
    }
    let host = Host::new();
    let reverse = inline(|_, mut message: Message| {
        message.bytes.0.reverse();
        Ok(message)
    });
    host.client.register("reverse", reverse, ApiOptions { sync: true, ..ApiOptions::default() }).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'reverse', sync: true}]);
         const now = ft.reverse({bytes: new Uint8Array([1, 2, 3]).buffer}).bytes;
         ft.report({kind: now.constructor.name, items: [...new Uint8Array(now)], view: [...new Uint8Array(ft.reverse({bytes: new Uint8Array([7, 8])}).bytes)]})",
    );
    assert_eq!(seen, json!({"kind": "ArrayBuffer", "items": [3, 2, 1], "view": [8, 7]}));
}

#[test]
fn f_h17_answers_that_are_nothing_but_bytes_stand_under_data() {
    let host = Host::new();
    host.client
        .register_custom_api("read", |call: HostCall| {
            call.reply.success(with_binary("null", vec![bytes(&[], &[5, 6])]));
        })
        .unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'read'}]); ft.read().then(({data, errMsg}) => ft.report({data: [...data], errMsg}))",
    );
    assert_eq!(seen, json!({"data": [5, 6], "errMsg": "read:ok"}));
}

#[test]
fn f_h17_states_and_events_carry_bytes_and_each_listener_gets_its_own() {
    let host = Host::new();
    host.client
        .register_custom_api("load", |call: HostCall| {
            call.reply.progress(with_binary(r#"{"chunk":null}"#, vec![bytes(&[key("chunk")], &[1, 2])]));
            call.reply.success(Payload::none());
        })
        .unwrap();
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'load'}]);
         ft.load({progress: ({chunk}) => ft.report({chunk: [...chunk]})});
         ft.onCustomEvent(({list: [, chunk]}) => { chunk[0] = 99 });
         ft.onCustomEvent(({list: [name, chunk]}) => ft.report({name, kind: chunk.constructor.name, chunk: [...chunk]}))",
    );
    assert_eq!(host.reported(), json!({"chunk": [1, 2]}));
    let detail = with_binary(r#"{"list":["x",null]}"#, vec![bytes(&[key("list"), PathSegment::Index(1)], &[3, 4])]);
    host.client.send_custom_event("demo", detail).unwrap();
    assert_eq!(host.reported(), json!({"name": "x", "kind": "Uint8Array", "chunk": [3, 4]}));
}

#[test]
fn f_h17_bytes_are_copied_when_the_call_is_made() {
    let host = Host::new();
    let calls = host.hands_over("send");
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'send'}]);
         const bytes = new Uint8Array([1, 2, 3]);
         ft.send({bytes}); bytes[0] = 99; bytes.buffer.transfer?.()",
    );
    assert_eq!(next(&calls).params.binaries()[0].bytes, [1, 2, 3]);
}

#[test]
fn f_h17_empty_buffers_and_odd_names_arrive_too() {
    let host = Host::new();
    host.client.register_custom_api("send", give_back).unwrap();
    let seen = host.run(
        "ft.loadExtApi([{name: 'send'}]);
         ft.send({empty: new ArrayBuffer(0), ['__proto__']: new Uint8Array([1]), '': new Uint8Array([2]), 'a.b': new Uint8Array([3])})
           .then(back => ft.report({empty: back.empty.byteLength, proto: Object.getOwnPropertyDescriptor(back, '__proto__').value[0],
             none: back[''][0], dotted: back['a.b'][0], plain: Object.getPrototypeOf(back) === Object.prototype}))",
    );
    assert_eq!(seen, json!({"empty": 0, "proto": 1, "none": 2, "dotted": 3, "plain": true}));
}
