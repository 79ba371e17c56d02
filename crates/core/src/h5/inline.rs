//! Handlers written in Rust that answer at once, called by a page: they read its text and write text, where a
//! mini-program's arguments and answers are values of its engine.

use crate::bridge::{Answer, Authorized, CallInfo, Payload};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;
use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};
use serde_json::de::StrRead;

/// Runs the handler.
///
/// # Errors
/// As the handler; `E_HANDLER_RESULT` when its answer cannot be sent.
pub(super) fn run(authorized: &Authorized, info: &CallInfo, params: &Payload, limits: &Limits) -> Result<Payload> {
    let mut written = Written(None);
    let mut reader = serde_json::Deserializer::from_str(params.text());
    let mut text = <dyn erased_serde::Deserializer<'_>>::erase(Text(&mut reader));
    authorized.run(info, &mut text, &mut written)?;
    match written.0 {
        Some(text) => Payload::parse(text, Vec::new(), limits)
            .map_err(|error| Error::new(ErrorCode::HandlerResult, error.message().to_owned())),
        None => Ok(Payload::none()),
    }
}

struct Written(Option<String>);

impl Answer for Written {
    fn put(&mut self, value: &dyn erased_serde::Serialize) -> Result<()> {
        let text = serde_json::to_string(value);
        self.0 = Some(text.map_err(|error| Error::new(ErrorCode::HandlerResult, error.to_string()))?);
        Ok(())
    }
}

/// JSON, but for one thing: a handler that takes nothing takes whatever is sent, as it does from an engine.
struct Text<'a, 'de>(&'a mut serde_json::Deserializer<StrRead<'de>>);

macro_rules! as_json {
    ($($kind:ident)*) => {
        $(fn $kind<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Self::Error> {
            self.0.$kind(visitor)
        })*
    };
}

type Named = &'static str;

impl<'de> Deserializer<'de> for Text<'_, 'de> {
    type Error = serde_json::Error;

    as_json! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option deserialize_seq deserialize_map
        deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Self::Error> {
        IgnoredAny::deserialize(self.0)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: Named,
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: Named,
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        self.0.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> std::result::Result<V::Value, Self::Error> {
        self.0.deserialize_tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: Named,
        len: usize,
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        self.0.deserialize_tuple_struct(name, len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: Named,
        fields: &'static [Named],
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        self.0.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: Named,
        variants: &'static [Named],
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }
}
