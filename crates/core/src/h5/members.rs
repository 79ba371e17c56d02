//! The members of a JSON object as texts, in their order: what the session looks into without reading all of it.

use crate::bridge::{Binary, PathSegment, Payload};
use crate::error::ErrorCode;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object, in order, as texts.
#[derive(Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// Of what a handler answered, and the binaries in it. What is no object is the member `data`, and nothing is no
    /// member.
    pub(super) fn of(payload: &Payload) -> (Self, Vec<Binary>) {
        let (text, mut binaries) = (payload.text(), payload.binaries().to_vec());
        if binaries.is_empty() && (text.is_empty() || text == "null") {
            return (Self::default(), binaries);
        }
        if let Some(members) = Self::read(text) {
            return (members, binaries);
        }
        for binary in &mut binaries {
            binary.path.insert(0, PathSegment::Key("data".to_owned()));
        }
        let data = RawValue::from_string(text.to_owned());
        (Self(data.map(|data| ("data".to_owned(), data)).into_iter().collect()), binaries)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        serde_json::from_str(value.get()).ok()
    }

    /// The members of `text`, when it is an object.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A member as it is written.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.get())
    }

    /// Makes a member `null`, or adds it.
    pub(super) fn put_null(&mut self, name: &str) {
        if self.text_of(name).is_none() {
            self.0.push((name.to_owned(), RawValue::NULL.to_owned()));
        }
    }

    /// Takes a member out, however often it is there: the first.
    pub(super) fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let mut taken = None;
        let mut kept = Vec::with_capacity(self.0.len());
        for (own, value) in self.0.drain(..) {
            if own == name {
                taken = taken.or(Some(value));
            } else {
                kept.push((own, value));
            }
        }
        self.0 = kept;
        taken
    }

    /// JSON text of the members.
    pub(super) fn written(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let parts: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{}:{}", quoted(name), value.get())).collect();
        format!("{{{}}}", parts.join(","))
    }

    /// JSON text of the members, with `errMsg` and, unless the host gave one, `errCode`; `more` is
    /// a member that is written already.
    pub(super) fn with(self, message: &str, code: Option<ErrorCode>, more: Option<String>) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let code = code.filter(|_| !self.0.iter().any(|(name, _)| name == "errCode"));
        let own = self.0.iter().filter(|(name, _)| name != "errMsg");
        let mut parts: Vec<String> = own.map(|(name, value)| format!("{}:{}", quoted(name), value.get())).collect();
        parts.extend(more);
        parts.push(format!("\"errMsg\":{}", quoted(message)));
        parts.extend(code.map(|code| format!("\"errCode\":{}", code.number())));
        format!("{{{}}}", parts.join(","))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Each)
    }
}
