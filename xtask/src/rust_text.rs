//! Rust source with comments and the insides of strings blanked out, so that a check finds code and not talk about it.

/// The same text, line by line of the same length, with spaces where comments and string contents stood. The quotes
/// stay.
pub fn code_only(text: &str) -> String {
    let mut from = Cursor { bytes: text.as_bytes(), at: 0 };
    let mut code = Vec::with_capacity(text.len());
    while let Some(byte) = from.peek(0) {
        match byte {
            b'/' if from.peek(1) == Some(b'/') => from.blank_while(&mut code, |rest| rest.first() != Some(&b'\n')),
            b'/' if from.peek(1) == Some(b'*') => from.blank_block_comment(&mut code),
            b'"' => from.blank_string(&mut code),
            b'r' if from.starts_raw_string() => from.blank_raw_string(&mut code),
            b'\'' => from.blank_character(&mut code),
            _ => from.keep(&mut code),
        }
    }
    String::from_utf8_lossy(&code).into_owned()
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn keep(&mut self, code: &mut Vec<u8>) {
        code.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self, code: &mut Vec<u8>) {
        code.extend(self.peek(0).map(|byte| if byte == b'\n' { b'\n' } else { b' ' }));
        self.at += 1;
    }

    fn blank_while(&mut self, code: &mut Vec<u8>, goes_on: impl Fn(&[u8]) -> bool) {
        while self.at < self.bytes.len() && goes_on(&self.bytes[self.at..]) {
            self.blank(code);
        }
    }

    fn blank_block_comment(&mut self, code: &mut Vec<u8>) {
        let mut depth = 0_u32;
        while self.at < self.bytes.len() {
            let (opens, closes) = (self.bytes[self.at..].starts_with(b"/*"), self.bytes[self.at..].starts_with(b"*/"));
            if opens || closes {
                self.blank(code);
                depth = if opens { depth + 1 } else { depth - 1 };
            }
            self.blank(code);
            if depth == 0 {
                return;
            }
        }
    }

    fn blank_string(&mut self, code: &mut Vec<u8>) {
        self.keep(code);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => return self.keep(code),
                b'\\' => {
                    self.blank(code);
                    self.blank(code);
                }
                _ => self.blank(code),
            }
        }
    }

    fn starts_raw_string(&self) -> bool {
        let after_word =
            self.at > 0 && (self.bytes[self.at - 1].is_ascii_alphanumeric() || self.bytes[self.at - 1] == b'_');
        let byte_string = self.at > 0 && self.bytes[self.at - 1] == b'b';
        let hashes = self.bytes[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
        (!after_word || byte_string) && self.peek(1 + hashes) == Some(b'"')
    }

    fn blank_raw_string(&mut self, code: &mut Vec<u8>) {
        let hashes = self.bytes[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
        let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        for _ in 0..hashes + 2 {
            self.keep(code);
        }
        self.blank_while(code, |rest| !rest.starts_with(&end));
        for _ in 0..=hashes {
            self.keep(code);
        }
    }

    // A quote opens a character only if one closes it right after; otherwise it is a lifetime.
    fn blank_character(&mut self, code: &mut Vec<u8>) {
        let escaped = self.peek(1) == Some(b'\\');
        let closes =
            |cursor: &Self| (2..=12).find(|ahead| cursor.peek(*ahead) == Some(b'\'') && (escaped || *ahead <= 5));
        let is_character = if escaped {
            true
        } else {
            closes(self).is_some_and(|ahead| {
                std::str::from_utf8(&self.bytes[self.at + 1..self.at + ahead])
                    .is_ok_and(|text| text.chars().count() == 1)
            })
        };
        self.keep(code);
        if !is_character {
            return;
        }
        if escaped {
            self.blank(code);
            self.blank(code);
        }
        self.blank_while(code, |rest| rest.first() != Some(&b'\''));
        self.keep(code);
    }
}

/// The identifiers of `code`, each with its byte position.
pub fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    code.split(move |character| !is_word(character))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

/// The line of a byte position, counted from 1.
pub fn line_at(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_and_code_stays() {
        for (text, kept) in [
            ("a // unsafe", "a"),
            ("a /* unsafe /* nested */ unsafe */ b", "a b"),
            ("f(\"unsafe \\\" unsafe\") + g", "f + g"),
            ("r#\"unsafe \" unsafe\"# x", "r x"),
            ("'\"' unsafe '\\'' x", "unsafe x"),
            ("&'a str /* x */ 'b'", "a str"),
        ] {
            let code = code_only(text);
            assert_eq!(code.len(), text.len(), "{text}");
            assert_eq!(
                words(&code).map(|(_, word)| word).collect::<Vec<_>>().join(" "),
                kept.replace(" +", ""),
                "{text}"
            );
        }
    }

    #[test]
    fn positions_are_those_of_the_source() {
        let code = code_only("one\n\"x\ny\" two");
        let (position, _) = words(&code).find(|(_, word)| *word == "two").unwrap();
        assert_eq!(line_at(&code, position), 3);
    }
}
