//! Bytes through a port that keeps what goes through it.

use super::*;
use crate::bridge::{Binary, BinaryKind, PathSegment};

/// What a view is asked to do with ports.
pub(super) enum Through {
    Made(String, PortMessages),
    Sent(Vec<u8>),
    Closed,
}

struct Port(Mutex<Sender<Through>>);

impl PagePort for Port {
    fn send(&self, message: Vec<u8>) {
        lock(&self.0).send(Through::Sent(message)).unwrap_or_default();
    }

    fn close(&self) {
        lock(&self.0).send(Through::Closed).unwrap_or_default();
    }
}

pub(super) fn made(to: &Sender<Through>, name: String, receive: PortMessages) -> Option<Arc<dyn PagePort>> {
    to.send(Through::Made(name, receive)).unwrap_or_default();
    Some(Arc::new(Port(Mutex::new(to.clone()))))
}

struct WithPort {
    stage: Stage,
    token: String,
    through: Receiver<Through>,
    receive: PortMessages,
}

impl WithPort {
    fn new() -> Self {
        let (ports, through) = channel();
        let stage = Stage::shown(|limits| limits.message_binary_bytes = 64, Some(ports));
        stage.say("initPage", "{}");
        let hello = stage.heard();
        assert_eq!(hello[2]["features"], json!(["reply", "cancel", "binary"]));
        let token = hello[2]["token"].as_str().unwrap().to_owned();
        stage.say("finapp.accept", &json!({"version": 1, "token": token, "features": ["reply", "binary"]}).to_string());
        let Ok(Through::Made(name, receive)) = through.try_recv() else { panic!("a port is made") };
        assert_eq!(name, format!("finapp.port.{token}"));
        Self { stage, token, through, receive }
    }

    /// Sends a call with bytes, as the page would.
    fn send(&self, name: &str, data: &Value, path: &[PathSegment], bytes: &[u8]) -> u32 {
        let id = self.stage.next_id.get();
        self.stage.next_id.set(id + 1);
        let head = format!("\"type\":\"call\",\"name\":\"{name}\",\"id\":{id},\"data\":{data}");
        let binary = Binary { path: path.to_vec(), kind: BinaryKind::Uint8Array, bytes: bytes.to_vec() };
        (self.receive)(super::super::super::frames::written(&head, &[binary]).unwrap());
        id
    }

    /// The next message to the page: its head, and the bytes behind it.
    fn sent(&self) -> (Value, Vec<u8>) {
        let Ok(Through::Sent(frame)) = self.through.recv_timeout(LONG) else { panic!("a message is sent") };
        let length = usize::try_from(u32::from_be_bytes(frame[..4].try_into().unwrap())).unwrap();
        (serde_json::from_slice(&frame[4..4 + length]).unwrap(), frame[4 + length..].to_vec())
    }
}

fn key(name: &str) -> PathSegment {
    PathSegment::Key(name.to_owned())
}

#[test]
fn f_h17_bytes_go_through_the_port_both_ways_in_the_order_of_all_messages() {
    let page = WithPort::new();
    let path = [key("file"), PathSegment::Index(1)];
    let id = page.send("echo", &json!({"file": [0, null]}), &path, &[1, 255]);
    let (head, bytes) = page.sent();
    let result = json!({"file": [0, null], "errMsg": "echo:ok"});
    let binaries = json!([{"path": ["file", 1], "kind": "Uint8Array", "length": 2}]);
    let stamp = json!({"token": page.token, "seq": 1});
    assert_eq!(head, json!({"type": "answer", "id": id, "result": result, "stamp": stamp, "binaries": binaries}));
    assert_eq!(bytes, [1, 255]);
    // Numbers and stamps are one row, on whatever channel a message goes.
    let id = page.stage.say("echo", "{}");
    assert_eq!(page.stage.heard(), [json!(id), json!({"errMsg": "echo:ok"}), json!({"token": page.token, "seq": 2})]);
    let frame_after = page.stage.next_id.get() + 1;
    page.stage.session.web_invoke(Frame { url: OWN, is_top: true }, "echo", "{}".to_owned(), f64::from(frame_after));
    page.stage.silent();
    let id = page.send("echo", &json!({"a": null}), &[key("a")], &[7]);
    assert_eq!(page.sent().0["id"], id);
    assert_eq!(page.stage.heard()[0], frame_after);
}

#[test]
fn f_h17_a_whole_value_of_bytes_is_the_member_data_of_an_answer() {
    let page = WithPort::new();
    let whole = |call: HostCall| {
        let binary = Binary { path: Vec::new(), kind: BinaryKind::ArrayBuffer, bytes: vec![9] };
        call.reply.success(Payload::parse("null".to_owned(), vec![binary], &Limits::default()).unwrap());
    };
    page.stage.register("whole", whole, ApiOptions::default());
    page.stage.say("whole", "{}");
    let (head, bytes) = page.sent();
    assert_eq!(
        (&head["result"], &head["binaries"][0]["path"]),
        (&json!({"data": null, "errMsg": "whole:ok"}), &json!(["data"]))
    );
    assert_eq!(bytes, [9]);
}

#[test]
fn f_h17_events_calls_and_values_of_handlers_carry_bytes() {
    let page = WithPort::new();
    let binary = Binary { path: vec![key("b")], kind: BinaryKind::DataView, bytes: vec![3] };
    let data = Payload::parse("{\"b\":null}".to_owned(), vec![binary], &Limits::default()).unwrap();
    assert!(page.stage.session.event("onWebviewEvent", &data));
    let (head, bytes) = page.sent();
    assert_eq!(
        (&head["type"], &head["name"], &head["data"]),
        (&json!("event"), &json!("onWebviewEvent"), &json!({"b": null}))
    );
    assert_eq!(bytes, [3]);
    let (sender, answers) = channel();
    page.stage.session.call("f", &data, LONG, Box::new(move |answer| sender.send(answer).unwrap_or_default()));
    let call = page.sent().0["stamp"]["call"].clone();
    let reply = json!({"call": call, "ok": true, "data": {"v": null}});
    page.send("finapp.reply", &reply, &[key("data"), key("v")], &[4, 5]);
    let value = answers.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(
        (value.text(), &value.binaries()[0].path[..], &value.binaries()[0].bytes[..]),
        ("{\"v\":null}", &[key("v")][..], &[4, 5][..])
    );
}

#[test]
fn f_h17_without_a_port_bytes_have_no_way_into_a_page() {
    let stage = Stage::new();
    stage.accepted();
    let binary = Binary { path: vec![key("b")], kind: BinaryKind::DataView, bytes: vec![3] };
    let data = Payload::parse("{\"b\":null}".to_owned(), vec![binary], &Limits::default()).unwrap();
    assert!(!stage.session.event("onWebviewEvent", &data));
    let (sender, answers) = channel();
    stage.session.call("f", &data, LONG, Box::new(move |answer| sender.send(answer).unwrap_or_default()));
    assert_eq!(code(answers.recv_timeout(LONG).unwrap()), ErrorCode::Unsupported);
    stage.silent();
}

#[test]
fn h_b10_malformed_frames_are_counted_and_change_nothing() {
    let page = WithPort::new();
    let before = page.stage.counted().page_messages_malformed;
    for frame in [&[][..], &[0, 0, 0], &[0, 0, 0, 1], &[0xff; 16], b"\0\0\0\x02{}", b"\0\0\0\x02{}more"] {
        (page.receive)(frame.to_vec());
    }
    page.send("hold", &json!({"a": 1}), &[key("a")], &[1]);
    page.send("hold", &json!({"a": null}), &[key("a")], &[1; 65]);
    assert_eq!(page.stage.counted().page_messages_malformed - before, 8);
    assert!(lock(&page.stage.held).is_empty());
}

#[test]
fn h_b4_a_port_is_that_of_one_document() {
    let page = WithPort::new();
    page.stage.session.committed("https://own.example/next");
    assert!(matches!(page.through.try_recv(), Ok(Through::Closed)));
    page.send("hold", &json!({"a": null}), &[key("a")], &[1]);
    assert!(lock(&page.stage.held).is_empty());
    // Accepting once more makes no second port.
    let page = WithPort::new();
    let accept = json!({"version": 1, "token": page.token, "features": ["binary"]});
    page.stage.say("finapp.accept", &accept.to_string());
    assert!(page.through.try_recv().is_err());
}

#[test]
fn h_b9_large_messages_that_are_early_are_not_kept() {
    let (ports, _through) = channel();
    let stage = Stage::shown(
        |limits| {
            limits.message_bytes = 100;
            limits.message_binary_bytes = 100;
        },
        Some(ports),
    );
    stage.say("initPage", "{}");
    stage.heard();
    let own = Frame { url: OWN, is_top: true };
    // Each could wait alone; together they are more than one message may hold, so nobody waits for what is missing.
    for id in [710.0, 712.0, 714.0] {
        stage.session.web_invoke(own, "hold", format!("{{\"a\":\"{}\"}}", "x".repeat(80)), id);
    }
    assert_eq!(lock(&stage.held).len(), 3);
}
