//! The members of one JSON object as they stand in its text: only what is judged is parsed, and what is passed on stays
//! the text that it was.

use crate::error::{Error, ErrorCode, Result};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// What a value is, in the words that FinClip's and WeChat's own texts use.
pub(crate) fn type_name(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "String",
        Some(b'{') => "Object",
        Some(b'[') => "Array",
        Some(b't' | b'f') => "Boolean",
        Some(b'n') => "Null",
        Some(_) => "Number",
        None => "Undefined",
    }
}

/// A value, if the text is one of that type.
pub(crate) fn value<T: DeserializeOwned>(raw: &str) -> Option<T> {
    serde_json::from_str(raw).ok()
}

/// The items of a list, as text.
pub(crate) fn items(raw: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw).ok()
}

/// As a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Names and values in their order.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(Vec<(String, Cow<'a, str>)>);

impl<'a> Members<'a> {
    /// Reads an object; nothing at all counts as an empty one.
    ///
    /// # Errors
    /// `E_PARAM` when the text is something else.
    pub(crate) fn parse(text: &'a str) -> Result<Self> {
        if text.is_empty() || text == "null" {
            return Ok(Self::default());
        }
        serde_json::from_str(text).map_err(|_| {
            let text = format!("expected an object, got {}", type_name(text.trim_start()));
            Error::new(ErrorCode::Parameter, text)
        })
    }

    /// The text of a member. `null` is a value like others.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(own, _)| own == name).map(|(_, raw)| &**raw)
    }

    /// Puts a member in the place of the one of that name, or at the end.
    pub(crate) fn set(&mut self, name: &str, raw: impl Into<Cow<'a, str>>) {
        let raw = raw.into();
        match self.0.iter_mut().rfind(|(own, _)| own == name) {
            Some((_, old)) => *old = raw,
            None => self.0.push((name.to_owned(), raw)),
        }
    }

    /// Takes a member out and gives its text.
    pub(crate) fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let taken = self.0.iter_mut().rfind(|(own, _)| own == name).map(|(_, raw)| std::mem::take(raw));
        self.retain(|own| own != name);
        taken
    }

    /// Lets go of the members that `keep` does not want.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// The object as JSON text.
    pub(crate) fn text(&self) -> String {
        let mut text = "{".to_owned();
        for (at, (name, raw)) in self.0.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            text.push_str(&quoted(name));
            text.push(':');
            text.push_str(raw);
        }
        text.push('}');
        text
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((name, Cow::Borrowed(raw.get())));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_on_stays_the_text_that_it_was() {
        let mut members = Members::parse(r#"{"a": 1.50, "__proto__": {"b": [ ]}, "c": "\ud800"}"#).unwrap();
        members.set("a", "2");
        members.set("d", "null");
        assert_eq!(members.text(), r#"{"a":2,"__proto__":{"b": [ ]},"c":"\ud800","d":null}"#);
        assert_eq!(members.take("c").as_deref(), Some(r#""\ud800""#));
        assert_eq!(members.take("c"), None);
        members.retain(|name| name == "d");
        assert_eq!(members.text(), r#"{"d":null}"#);
        assert_eq!(Members::parse("[1]").unwrap_err().message(), "expected an object, got Array");
    }
}
