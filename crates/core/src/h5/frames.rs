//! Messages with bytes beside their text, as a page's port carries them: four bytes with the length of the head, the head
//! as JSON, then the bytes of each binary in the order of the head. What comes in is judged by its lengths before any of
//! it is read.

use crate::bridge::{Binary, BinaryKind, PathSegment, envelope};
use crate::limits::Limits;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// A message of a page, in its form.
#[derive(Debug)]
pub(super) struct Framed {
    pub(super) name: String,
    pub(super) id: f64,
    pub(super) data: String,
    pub(super) binaries: Vec<Binary>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    name: String,
    id: f64,
    #[serde(borrow)]
    data: &'a RawValue,
    binaries: Vec<Place>,
}

/// A page sends calls, and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Call,
}

#[derive(Deserialize)]
struct Place {
    path: Vec<PathSegment>,
    kind: BinaryKind,
    length: usize,
}

/// Around the data of a head: names, places, numbers.
const AROUND_BYTES: usize = 64 * 1024;

/// Reads a message; none when it has not the form, or is over a limit.
pub(super) fn read(frame: &[u8], limits: &Limits) -> Option<Framed> {
    let (length, rest) = frame.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let most = limits.message_bytes.saturating_add(AROUND_BYTES);
    if length > most || length > rest.len() || rest.len() - length > limits.message_binary_bytes {
        return None;
    }
    let (head, mut bytes) = rest.split_at(length);
    let text = std::str::from_utf8(head).ok()?;
    // The data is a level deeper in its head than alone.
    let bounds =
        Limits { message_bytes: most, message_depth: limits.message_depth.saturating_add(1), ..limits.clone() };
    envelope::check_bounds(text, &bounds).ok()?;
    let Head { kind: Kind::Call, name, id, data, binaries: places } = serde_json::from_str(text).ok()?;
    if places.len() > limits.message_keys {
        return None;
    }
    let places_of = if places.is_empty() { Value::Null } else { serde_json::from_str(data.get()).ok()? };
    let mut binaries = Vec::with_capacity(places.len());
    let mut taken = HashSet::new();
    for Place { path, kind, length } in places {
        let (own, after) = bytes.split_at_checked(length)?;
        bytes = after;
        if !at(&places_of, &path)?.is_null() || !taken.insert(key_of(&path)) {
            return None;
        }
        binaries.push(Binary { path, kind, bytes: own.to_vec() });
    }
    bytes.is_empty().then(|| Framed { name, id, data: data.get().to_owned(), binaries })
}

/// What stands at the end of a path.
fn at<'a>(root: &'a Value, path: &[PathSegment]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, step| match step {
        PathSegment::Key(key) => value.as_object()?.get(key),
        PathSegment::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
    })
}

fn key_of(path: &[PathSegment]) -> String {
    serde_json::to_string(path).unwrap_or_default()
}

/// Writes a message. `head` is the members of the head but `binaries`, as JSON without its braces. None when the head is
/// longer than four bytes can say.
pub(super) fn written(head: &str, binaries: &[Binary]) -> Option<Vec<u8>> {
    let place = |binary: &Binary| {
        let kind = serde_json::to_string(&binary.kind).unwrap_or_default();
        format!("{{\"path\":{},\"kind\":{kind},\"length\":{}}}", key_of(&binary.path), binary.bytes.len())
    };
    let places: Vec<String> = binaries.iter().map(place).collect();
    let head = format!("{{{head},\"binaries\":[{}]}}", places.join(","));
    let length = u32::try_from(head.len()).ok()?;
    let total: usize = binaries.iter().map(|binary| binary.bytes.len()).sum();
    let mut frame = Vec::with_capacity(4 + head.len() + total);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(head.as_bytes());
    binaries.iter().for_each(|binary| frame.extend_from_slice(&binary.bytes));
    Some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(head: &str, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(head.len()).unwrap().to_be_bytes();
        [&length, head.as_bytes(), bytes].concat()
    }

    fn call(data: &str, binaries: &str) -> String {
        format!(r#"{{"type":"call","name":"up","id":5,"data":{data},"binaries":{binaries}}}"#)
    }

    fn small() -> Limits {
        Limits { message_bytes: 1_000, message_binary_bytes: 8, message_depth: 3, ..Limits::default() }
    }

    #[test]
    fn f_h17_a_message_with_bytes_is_read_as_it_was_written() {
        let binaries =
            r#"[{"path":["a",1],"kind":"Uint8Array","length":2},{"path":["b"],"kind":"ArrayBuffer","length":0}]"#;
        let read = read(&frame(&call(r#"{"a":[0,null],"b":null}"#, binaries), &[7, 8]), &small()).unwrap();
        assert_eq!((&*read.name, read.id, &*read.data), ("up", 5.0, r#"{"a":[0,null],"b":null}"#));
        assert_eq!(read.binaries[0].bytes, [7, 8]);
        let head = r#""type":"call","name":"up","id":5,"data":{"a":[0,null],"b":null}"#;
        let again = super::read(&written(head, &read.binaries).unwrap(), &small()).unwrap();
        assert_eq!(again.binaries, read.binaries);
        let whole = super::read(&frame(&call("null", r#"[{"path":[],"kind":"DataView","length":1}]"#), &[1]), &small());
        assert!(whole.unwrap().binaries[0].path.is_empty());
    }

    #[test]
    fn h_b10_frames_without_form_are_none() {
        let one = |length: i64| format!(r#"[{{"path":["a"],"kind":"ArrayBuffer","length":{length}}}]"#);
        let place = |path: &str, kind: &str| format!(r#"[{{"path":{path},"kind":"{kind}","length":0}}]"#);
        let data = r#"{"a":null,"b":1}"#;
        let good = frame(&call(data, &one(2)), &[1, 2]);
        assert!(read(&good, &small()).is_some());
        // Cut off anywhere, or with more behind it.
        for end in 0..good.len() {
            assert!(read(&good[..end], &small()).is_none(), "{end}");
        }
        assert!(read(&[&good[..], &[0]].concat(), &small()).is_none());
        let twice =
            r#"[{"path":["a"],"kind":"ArrayBuffer","length":1},{"path":["a"],"kind":"ArrayBuffer","length":1}]"#;
        let deep = format!("{}{}", "[".repeat(4), "]".repeat(4));
        for (head, bytes) in [
            (call(data, &one(3)), &[1, 2][..]),
            (call(data, &one(1)), &[1, 2]),
            (call(data, &one(-1)), &[]),
            (call(data, &one(i64::MAX)), &[]),
            (call(data, &one(9)), &[0; 9]),
            (call(data, twice), &[1, 2]),
            (call(data, &place(r#"["b"]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"["c"]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"["a","x"]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"[0]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"["__proto__"]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"[-1]"#, "ArrayBuffer")), &[]),
            (call(data, &place(r#""a""#, "ArrayBuffer")), &[]),
            (call(data, &place(r#"["a"]"#, "SharedArrayBuffer")), &[]),
            (call(data, "null"), &[]),
            (call(&deep, "[]"), &[]),
            (call(&format!("\"{}\"", "x".repeat(2_000_000)), "[]"), &[]),
            (call(data, "[]").replace("\"call\"", "\"answer\""), &[]),
            (call(data, "[]").replace("\"id\":5", "\"id\":\"5\""), &[]),
            (call(data, "[]").replace("\"name\":\"up\",", ""), &[]),
            ("[]".to_owned(), &[]),
            (String::new(), &[]),
            ("{\"type\":\"call\"".to_owned(), &[]),
        ] {
            assert!(read(&frame(&head, bytes), &small()).is_none(), "{head}");
        }
        let not_text = [&2_u32.to_be_bytes()[..], &[0xff, 0xfe]].concat();
        assert!(read(&not_text, &small()).is_none());
        assert!(read(&[0xff; 64], &small()).is_none());
    }

    #[test]
    fn h_b10_random_bytes_are_none_and_cost_no_panic() {
        // A small generator with a fixed seed: the same inputs in each run.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let good = frame(&call(r#"{"a":null}"#, r#"[{"path":["a"],"kind":"ArrayBuffer","length":2}]"#), &[1, 2]);
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..=next() % 4 {
                let place = usize::try_from(next()).unwrap_or(0) % bytes.len();
                bytes[place] = next().to_le_bytes()[0];
            }
            if let Some(read) = read(&bytes, &small()) {
                let total: usize = read.binaries.iter().map(|binary| binary.bytes.len()).sum();
                assert!(total <= small().message_binary_bytes);
            }
        }
    }
}
