//! A serde deserializer over engine values, for handlers written in Rust. It takes own properties only and counts
//! depth, members and bytes while it reads, so a hostile argument costs no more than an honest one.

use super::raw;
use super::write::{BIG_INT, CIRCULAR};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use rquickjs::{Value, qjs};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::cell::{Cell, RefCell};
use std::fmt;

/// Why an argument was not read.
#[derive(Debug)]
pub(crate) struct ReadError {
    text: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self { text: text.to_string() }
    }
}

impl From<rquickjs::Error> for ReadError {
    fn from(_: rquickjs::Error) -> Self {
        Self { text: "a getter threw".to_owned() }
    }
}

/// What may still be read, and which objects are being read.
pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    bytes: Cell<usize>,
    binary_bytes: Cell<usize>,
    open: RefCell<Vec<usize>>,
    refused: RefCell<Option<Error>>,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            bytes: Cell::new(limits.message_bytes),
            binary_bytes: Cell::new(limits.message_binary_bytes),
            open: RefCell::default(),
            refused: RefCell::default(),
        }
    }

    /// The reason if an argument was refused for itself, and not for having another form than the handler expects.
    pub(crate) fn refused(&self) -> Option<Error> {
        self.refused.take()
    }

    fn spend(&self, bytes: usize) -> Result<(), ReadError> {
        let left = self.bytes.get().checked_sub(bytes).ok_or_else(|| self.refuse(ErrorCode::TooLarge))?;
        self.bytes.set(left);
        Ok(())
    }

    fn refuse(&self, error: impl Into<Error>) -> ReadError {
        let error = error.into();
        let text = error.message().to_owned();
        self.refused.replace(Some(error));
        ReadError { text }
    }

    fn binary(&self, value: &Value<'_>) -> Result<Option<Vec<u8>>, ReadError> {
        let left = self.binary_bytes.get();
        let Some((_, bytes)) = raw::binary(value, left)? else { return Ok(None) };
        let bytes = bytes.ok_or_else(|| self.refuse(ErrorCode::TooLarge))?;
        self.binary_bytes.set(left.saturating_sub(bytes.len()));
        Ok(Some(bytes))
    }
}

/// An object that is being read, until this is dropped.
struct Open<'a> {
    budget: &'a Budget<'a>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.budget.open.borrow_mut().pop();
    }
}

/// Reads one value.
pub(crate) struct Reader<'a, 'js> {
    value: Value<'js>,
    budget: &'a Budget<'a>,
    depth: usize,
}

impl<'a, 'js> Reader<'a, 'js> {
    pub(crate) fn new(value: Value<'js>, budget: &'a Budget<'a>) -> Self {
        Self { value, budget, depth: 0 }
    }

    fn inside(&self, value: Value<'js>) -> Self {
        Self { value, budget: self.budget, depth: self.depth + 1 }
    }

    fn enter(&self) -> Result<Open<'a>, ReadError> {
        let identity = raw::identity(&self.value);
        let mut open = self.budget.open.borrow_mut();
        if open.contains(&identity) {
            return Err(self.budget.refuse(Error::new(ErrorCode::Serialize, CIRCULAR)));
        }
        if self.depth >= self.budget.limits.message_depth {
            return Err(self.budget.refuse(ErrorCode::TooDeep));
        }
        self.budget.spend(2)?;
        open.push(identity);
        Ok(Open { budget: self.budget })
    }

    fn text(&self) -> Result<String, ReadError> {
        let length = raw::length(&self.value)?;
        if length > self.budget.limits.message_bytes as u64 {
            return Err(self.budget.refuse(ErrorCode::TooLarge));
        }
        let text = raw::with_text(&self.value, lossy)?;
        self.budget.spend(text.len())?;
        Ok(text)
    }

    fn number<V: Visitor<'a>>(&self, visitor: V) -> Result<V::Value, ReadError> {
        self.budget.spend(8)?;
        if let Some(int) = self.value.as_int() {
            return visitor.visit_i64(i64::from(int));
        }
        let float = self.value.as_float().unwrap_or(f64::NAN);
        // Whole numbers up to 2^53 are exact, and a handler that asks for an integer gets one.
        if float == float.trunc() && float.abs() <= 9_007_199_254_740_992.0 {
            visitor.visit_i64(float as i64)
        } else {
            visitor.visit_f64(float)
        }
    }

    fn names(&self) -> Result<raw::OwnNames<'js>, ReadError> {
        let names = raw::OwnNames::of(&self.value)?;
        if names.len() > self.budget.limits.message_keys {
            return Err(self.budget.refuse(ErrorCode::TooLarge));
        }
        Ok(names)
    }
}

/// Text of an engine string; a lone surrogate becomes U+FFFD.
fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let mut bytes = bytes.to_vec();
            // The engine writes a lone surrogate in three bytes; U+FFFD takes as many.
            for at in 1..bytes.len() {
                if let [0xed, 0xa0..=0xbf, _] = bytes[at - 1..(at + 2).min(bytes.len())] {
                    bytes[at - 1..at + 2].copy_from_slice("\u{FFFD}".as_bytes());
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

impl<'a> Deserializer<'a> for Reader<'a, '_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match raw::tag(&self.value) {
            qjs::JS_TAG_BOOL => visitor.visit_bool(self.value.as_bool() == Some(true)),
            qjs::JS_TAG_INT | qjs::JS_TAG_FLOAT64 => self.number(visitor),
            qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE => visitor.visit_string(self.text()?),
            qjs::JS_TAG_OBJECT => self.deserialize_object(visitor),
            qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT => {
                Err(self.budget.refuse(Error::new(ErrorCode::Serialize, BIG_INT)))
            }
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.value.is_null() || self.value.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if !self.value.is_object() || raw::is_array(&self.value)? {
            return self.deserialize_any(visitor);
        }
        let _open = self.enter()?;
        visitor.visit_map(Fields { reader: self, fields: fields.iter(), value: None })
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.budget.binary(&self.value)? {
            Some(bytes) => visitor.visit_byte_buf(bytes),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if self.value.is_string() {
            return visitor.visit_enum(self.text()?.into_deserializer());
        }
        let _open = self.enter()?;
        let names = if self.value.is_object() { self.names()? } else { return self.deserialize_any(visitor) };
        if names.len() != 1 {
            return Err(ReadError { text: "expected one variant".to_owned() });
        }
        let variant = raw::with_name(self.value.ctx(), names.atom(0), lossy)?;
        let content =
            raw::get_own(&self.value, names.atom(0))?.unwrap_or_else(|| Value::new_undefined(self.value.ctx().clone()));
        visitor.visit_enum(Variant { variant, content: self.inside(content) })
    }

    /// A handler that asks for nothing takes anything.
    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string seq tuple tuple_struct map identifier
    }
}

impl<'a, 'js> Reader<'a, 'js> {
    fn deserialize_object<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if raw::is_function(&self.value) {
            return visitor.visit_unit();
        }
        if let Some(bytes) = self.budget.binary(&self.value)? {
            return visitor.visit_byte_buf(bytes);
        }
        let _open = self.enter()?;
        if raw::is_array(&self.value)? {
            let length = raw::length(&self.value)?;
            let length = u32::try_from(length).map_err(|_| self.budget.refuse(ErrorCode::TooLarge))?;
            visitor.visit_seq(Items { reader: self, next: 0, length })
        } else {
            let names = self.names()?;
            visitor.visit_map(Members { reader: self, names, next: 0, value: None })
        }
    }
}

struct Items<'a, 'js> {
    reader: Reader<'a, 'js>,
    next: u32,
    length: u32,
}

impl<'a> SeqAccess<'a> for Items<'a, '_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        if self.next >= self.length {
            return Ok(None);
        }
        self.reader.budget.spend(1)?;
        let item = raw::get_index(&self.reader.value, self.next)?;
        self.next += 1;
        seed.deserialize(self.reader.inside(item)).map(Some)
    }
}

struct Members<'a, 'js> {
    reader: Reader<'a, 'js>,
    names: raw::OwnNames<'js>,
    next: usize,
    value: Option<Value<'js>>,
}

impl<'a> MapAccess<'a> for Members<'a, '_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        while self.next < self.names.len() {
            let atom = self.names.atom(self.next);
            self.next += 1;
            let name = raw::with_name(self.reader.value.ctx(), atom, lossy)?;
            self.reader.budget.spend(name.len())?;
            let value = raw::get_own(&self.reader.value, atom)?;
            // What JSON text leaves out is left out here too: the callbacks among the options, above all.
            if let Some(value) = value.filter(has_json) {
                self.value = Some(value);
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let value = self.value.take().ok_or_else(|| ReadError { text: "no value".to_owned() })?;
        seed.deserialize(self.reader.inside(value))
    }
}

/// Whether JSON text has anything for the value when it is a member.
fn has_json(value: &Value<'_>) -> bool {
    !value.is_undefined() && !value.is_symbol() && !raw::is_function(value)
}

/// The fields a struct asks for, looked up by name: what else the object has is never enumerated.
struct Fields<'a, 'js> {
    reader: Reader<'a, 'js>,
    fields: std::slice::Iter<'static, &'static str>,
    value: Option<Value<'js>>,
}

impl<'a> MapAccess<'a> for Fields<'a, '_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        for field in self.fields.by_ref() {
            let name = raw::Name::new(self.reader.value.ctx(), field)?;
            let found = raw::get_own(&self.reader.value, name.atom())?;
            // An absent and an undefined member are the same, as they are in JSON text.
            if let Some(value) = found.filter(|value| !value.is_undefined()) {
                self.value = Some(value);
                return seed.deserialize(de::value::BorrowedStrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let value = self.value.take().ok_or_else(|| ReadError { text: "no value".to_owned() })?;
        seed.deserialize(self.reader.inside(value))
    }
}

struct Variant<'a, 'js> {
    variant: String,
    content: Reader<'a, 'js>,
}

impl<'a, 'js> EnumAccess<'a> for Variant<'a, 'js> {
    type Error = ReadError;
    type Variant = Reader<'a, 'js>;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self::Variant), ReadError> {
        let variant = seed.deserialize(IntoDeserializer::<ReadError>::into_deserializer(self.variant))?;
        Ok((variant, self.content))
    }
}

impl<'a> VariantAccess<'a> for Reader<'a, '_> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, ReadError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'a>>(self, _length: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_struct("", fields, visitor)
    }
}
