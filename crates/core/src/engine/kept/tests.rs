//! The form of records: what is not exactly what was sealed is nothing.

use super::super::modules::prologue as commonjs_prologue;
use super::*;

const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];
const TEXT: &str = "module.exports = 1";

fn file(path: &str) -> Compiled {
    Compiled { kind: Kind::Function, path: path.to_owned(), in_front: "in front".to_owned(), source: TEXT.into() }
}

fn code() -> Written {
    Written { code: b"code".to_vec(), imports: vec!["./b".to_owned()] }
}

fn sealed(seal: &Seal) -> Vec<u8> {
    seal.close(&file("a.js"), &code()).unwrap()
}

fn found(seal: Seal, bytes: &[u8], path: &str, in_front: &str, source: &str) -> bool {
    let kept = Kept::new(seal, bytes);
    let found = kept.find(Kind::Function, path, in_front, source);
    assert!(found.as_ref().is_none_or(|found| found.code() == b"code" && found.imports() == ["./b"]));
    // As anything else it is nothing.
    assert!(kept.find(Kind::Module, path, in_front, source).is_none());
    found.is_some()
}

#[test]
fn h_a26_code_is_found_under_its_own_name_and_text_only() {
    let bytes = sealed(&Seal::new(&KEY, "demo"));
    let asked = |path, in_front, source| found(Seal::new(&KEY, "demo"), &bytes, path, in_front, source);
    assert!(asked("a.js", "in front", TEXT));
    assert!(!asked("b.js", "in front", TEXT));
    assert!(!asked("a.js", "in fr", TEXT));
    assert!(!asked("a.js", "in front", "module.exports = 2"));
    // What stands in front ends where it ends.
    assert!(!asked("a.js", "in frontm", &TEXT[1..]));
}

#[test]
fn h_a26_the_seal_of_another_key_engine_or_applet_does_not_hold() {
    let engine = &bytecode::ENGINE;
    let bytes = sealed(&Seal::new(&KEY, "demo"));
    for (seal, holds) in [
        (Seal::of_engine(&KEY, engine, "demo"), true),
        (Seal::of_engine(&[8; KEY_BYTES], engine, "demo"), false),
        (Seal::of_engine(&KEY, b"another engine", "demo"), false),
        (Seal::of_engine(&KEY, engine, "other"), false),
        // Two parts are not one.
        (Seal::of_engine(&KEY, &engine[..engine.len() - 1], "demo"), false),
    ] {
        assert_eq!(found(seal, &bytes, "a.js", "in front", TEXT), holds);
    }
}

#[test]
fn h_a26_a_record_with_any_bit_turned_or_byte_missing_is_nothing() {
    let whole = sealed(&Seal::new(&KEY, "demo"));
    for at in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        assert!(!found(Seal::new(&KEY, "demo"), &bytes, "a.js", "in front", TEXT), "bit {at}");
    }
    for length in 0..whole.len() {
        assert!(!found(Seal::new(&KEY, "demo"), &whole[..length], "a.js", "in front", TEXT), "length {length}");
    }
}

#[test]
fn h_a26_a_renamed_record_is_nothing_even_to_a_file_of_the_same_text() {
    let mut bytes = sealed(&Seal::new(&KEY, "demo"));
    bytes[FRAME + FIXED] = b'b';
    assert_eq!(frames(&bytes).map(|(path, _)| path).collect::<Vec<_>>(), ["b.js"]);
    assert!(!found(Seal::new(&KEY, "demo"), &bytes, "b.js", "in front", TEXT));
}

#[test]
fn a_renewed_cache_holds_what_is_new_and_what_still_holds_of_files_that_are_there() {
    let (seal, limits) = (Seal::new(&KEY, "demo"), Limits::default());
    let mut before: Vec<u8> = ["a.js", "b.js", "gone.js", "forged.js"]
        .map(file)
        .iter()
        .fold(Vec::new(), |all, file| [all, seal.close(file, &code()).unwrap()].concat());
    *before.last_mut().unwrap() ^= 1;
    let compiled = [
        Compiled { kind: Kind::Function, path: "b.js".into(), in_front: commonjs_prologue("b.js"), source: "1".into() },
        Compiled {
            kind: Kind::Function,
            path: "broken.js".into(),
            in_front: commonjs_prologue("broken.js"),
            source: "}".into(),
        },
    ];
    let renewed = |most| {
        let bytes = super::renewed(&seal, &before, &compiled, |path| path != "gone.js", &limits, most);
        frames(&bytes).map(|(path, _)| path.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(renewed(usize::MAX), ["b.js", "a.js"]);
    assert_eq!(renewed(FRAME + FIXED + 19), ["a.js"]);
    assert!(renewed(0).is_empty());
}
