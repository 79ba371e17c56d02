//! A page's message as ArkWeb hands it over: bytes, of which nothing is known. Looked at before they are copied.

/// The arguments of a method: a name, parameters, and what the third one says.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) params: String,
    pub(super) third: String,
}

/// Longer than any name of an API.
const SHORT: usize = 256;

impl Message {
    /// Reads them. None when they are no texts. What is longer than `most_bytes` is cut just beyond it: the session tells
    /// the page that it is too long.
    pub(super) fn read(arguments: &[&[u8]], most_bytes: usize) -> Option<Self> {
        let [name, params, third, ..] = arguments else { return None };
        let text = |bytes, most| unquoted(cut(bytes, most)?);
        Some(Self { name: text(name, SHORT)?, params: text(params, most_bytes)?, third: text(third, most_bytes)? })
    }

    /// The third as the number of a message. What is no number is none that a message may have.
    pub(super) fn id(&self) -> f64 {
        self.third.parse().unwrap_or(f64::NAN)
    }
}

fn cut(bytes: &[u8], most_bytes: usize) -> Option<String> {
    match bytes.get(..=most_bytes) {
        // Not shorter than it was: what is no character becomes three bytes.
        Some(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        None => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }
}

/// Whether ArkWeb hands texts over with their quotes is not documented. None of ours begins with one: names have none, and
/// parameters are objects.
fn unquoted(text: String) -> Option<String> {
    if text.starts_with('"') { serde_json::from_str(&text).ok() } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &[u8], params: &[u8], third: &[u8]) -> Option<Message> {
        Message::read(&[name, params, third], 16)
    }

    #[test]
    fn h_b10_what_is_no_text_is_none() {
        for arguments in [&[][..], &[&b"a"[..]][..], &[&b"a"[..], &b"{}"[..]][..]] {
            assert_eq!(Message::read(arguments, 16), None);
        }
        assert_eq!(read(b"\xff", b"{}", b"1"), None);
        assert_eq!(read(b"a", b"{\"a\":\"\xff\"}", b"1"), None);
        assert_eq!(read(b"\"a", b"{}", b"1"), None);
        for no_number in [&b""[..], b"one", b"[]", b"null"] {
            assert!(read(b"a", b"{}", no_number).unwrap().id().is_nan());
        }
    }

    #[test]
    fn texts_are_the_same_with_quotes_and_without() {
        let plain = read(b"a", b"{\"b\":1}", b"7").unwrap();
        assert_eq!((&*plain.name, &*plain.params, plain.id()), ("a", "{\"b\":1}", 7.0));
        assert_eq!(read(b"\"a\"", b"\"{\\\"b\\\":1}\"", b"\"7\"").unwrap(), plain);
        assert_eq!(read(b"a", b"{}", b"7.0").unwrap().id(), 7.0);
    }

    #[test]
    fn what_is_too_long_is_not_copied_and_is_still_too_long() {
        for text in [&[b'x'; 1_000][..], &[0xff; 1_000]] {
            let read = read(text, text, text).unwrap();
            assert!((SHORT + 1..1_000).contains(&read.name.len()));
            assert!((17..100).contains(&read.params.len()) && (17..100).contains(&read.third.len()));
        }
        assert_eq!(read(b"a", &[b'x'; 16], b"1").unwrap().params.len(), 16);
    }
}
