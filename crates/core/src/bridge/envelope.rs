//! Size, depth and key count of a message, judged on the raw text before anything parses it.

use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use serde::de::IgnoredAny;

/// Checks bytes, nesting and members per object in one pass over the bytes, without recursion and without building
/// anything. Text that is not JSON may pass: the parser that comes next refuses it.
///
/// # Errors
/// `E_TOO_LARGE` or `E_TOO_DEEP`.
pub fn check_bounds(text: &str, limits: &Limits) -> Result<(), Error> {
    if text.len() > limits.message_bytes {
        return Err(ErrorCode::TooLarge.into());
    }
    // One counter of members for each open container; arrays count commas too, which does not matter below the cap
    // on bytes but must not refuse a long array, so they carry a mark.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'{' | b'[' => {
                if open.len() >= limits.message_depth {
                    return Err(ErrorCode::TooDeep.into());
                }
                open.push((byte == b'{').then_some(0));
            }
            b'}' | b']' => {
                open.pop();
            }
            b':' => {
                if let Some(Some(members)) = open.last_mut() {
                    *members += 1;
                    if *members > limits.message_keys {
                        return Err(ErrorCode::TooLarge.into());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

/// Checks that `text` is one JSON value. Call it after [`check_bounds`]: the grammar check recurses once a level.
///
/// # Errors
/// `E_SERIALIZE`, with line and column.
pub fn check_grammar(text: &str) -> Result<(), Error> {
    serde_json::from_str::<IgnoredAny>(text)
        .map(|_| ())
        .map_err(|error| Error::new(ErrorCode::Serialize, format!("not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Limits {
        Limits { message_bytes: 1_000, message_depth: 3, message_keys: 2, ..Limits::default() }
    }

    #[test]
    fn what_is_over_a_limit_is_refused_before_it_is_parsed() {
        let cases = [
            ("[[[[]]]]".to_owned(), ErrorCode::TooDeep),
            (r#"{"a":1,"b":2,"c":3}"#.to_owned(), ErrorCode::TooLarge),
            (format!("\"{}\"", "x".repeat(1_000)), ErrorCode::TooLarge),
            ("[".repeat(999), ErrorCode::TooDeep),
        ];
        for (text, code) in cases {
            assert_eq!(check_bounds(&text, &small()).unwrap_err().code(), code, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_structure_inside_a_string_does_not_count() {
        for text in [r#"["[[[[[[", "{{{{:::::", "\"[[[["]"#, r#"{"a":[1,2,3,4,5,6],"b":"::::"}"#, "[[[]],[[]]]"] {
            check_bounds(text, &small()).unwrap();
        }
    }

    #[test]
    fn broken_text_is_refused_with_its_position() {
        let error = check_grammar("{\"a\":}").unwrap_err();
        assert_eq!(error.code(), ErrorCode::Serialize);
        assert!(error.message().contains("line 1 column 6"), "{error}");
    }
}
