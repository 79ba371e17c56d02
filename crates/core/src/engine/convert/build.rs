//! A serde serializer that builds engine values, for answers of handlers written in Rust. Members are defined, never
//! assigned: `__proto__` arrives as data, and no setter of the mini-program runs.

use super::raw;
use crate::limits::Limits;
use rquickjs::{Ctx, Value};
use serde::Serialize;
use serde::ser::{self, Serializer};
use std::cell::Cell;
use std::fmt;

/// Why an answer was not built.
#[derive(Debug)]
pub(crate) struct BuildError {
    text: String,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for BuildError {}

impl ser::Error for BuildError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self { text: text.to_string() }
    }
}

impl From<rquickjs::Error> for BuildError {
    fn from(_: rquickjs::Error) -> Self {
        Self { text: "the engine refused a value".to_owned() }
    }
}

fn too(what: &str) -> BuildError {
    BuildError { text: format!("the answer is too {what}") }
}

/// Builds one value.
#[derive(Clone, Copy)]
pub(crate) struct Builder<'a, 'js> {
    ctx: &'a Ctx<'js>,
    limits: &'a Limits,
    bytes: &'a Cell<usize>,
    depth: usize,
}

impl<'a, 'js> Builder<'a, 'js> {
    /// `bytes` counts down from what the answer may take.
    pub(crate) fn new(ctx: &'a Ctx<'js>, limits: &'a Limits, bytes: &'a Cell<usize>) -> Self {
        Self { ctx, limits, bytes, depth: 0 }
    }

    fn spend(&self, bytes: usize) -> Result<(), BuildError> {
        self.bytes.set(self.bytes.get().checked_sub(bytes).ok_or_else(|| too("large"))?);
        Ok(())
    }

    fn inside(self) -> Result<Self, BuildError> {
        if self.depth >= self.limits.message_depth {
            return Err(too("deep"));
        }
        self.spend(2)?;
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn variant(self, variant: &str, content: Value<'js>) -> Result<Value<'js>, BuildError> {
        let holder = raw::new_object(self.ctx)?;
        raw::define(&holder, raw::Name::new(self.ctx, variant)?.atom(), content)?;
        Ok(holder)
    }

    fn object(self) -> Result<Members<'a, 'js>, BuildError> {
        Ok(Members { object: raw::new_object(self.ctx)?, inside: self.inside()?, name: None, count: 0, variant: None })
    }

    fn array(self) -> Result<Items<'a, 'js>, BuildError> {
        Ok(Items { array: raw::new_array(self.ctx)?, inside: self.inside()?, next: 0, variant: None })
    }
}

impl<'a, 'js> Serializer for Builder<'a, 'js> {
    type Ok = Value<'js>;
    type Error = BuildError;
    type SerializeSeq = Items<'a, 'js>;
    type SerializeTuple = Items<'a, 'js>;
    type SerializeTupleStruct = Items<'a, 'js>;
    type SerializeTupleVariant = Items<'a, 'js>;
    type SerializeMap = Members<'a, 'js>;
    type SerializeStruct = Members<'a, 'js>;
    type SerializeStructVariant = Members<'a, 'js>;

    fn serialize_bool(self, value: bool) -> Result<Value<'js>, BuildError> {
        Ok(Value::new_bool(self.ctx.clone(), value))
    }
    fn serialize_i8(self, value: i8) -> Result<Value<'js>, BuildError> {
        self.serialize_i32(i32::from(value))
    }
    fn serialize_i16(self, value: i16) -> Result<Value<'js>, BuildError> {
        self.serialize_i32(i32::from(value))
    }
    fn serialize_i32(self, value: i32) -> Result<Value<'js>, BuildError> {
        self.spend(8)?;
        Ok(Value::new_int(self.ctx.clone(), value))
    }
    fn serialize_i64(self, value: i64) -> Result<Value<'js>, BuildError> {
        match i32::try_from(value) {
            Ok(small) => self.serialize_i32(small),
            Err(_) => self.serialize_f64(value as f64),
        }
    }
    fn serialize_u8(self, value: u8) -> Result<Value<'js>, BuildError> {
        self.serialize_i32(i32::from(value))
    }
    fn serialize_u16(self, value: u16) -> Result<Value<'js>, BuildError> {
        self.serialize_i32(i32::from(value))
    }
    fn serialize_u32(self, value: u32) -> Result<Value<'js>, BuildError> {
        self.serialize_i64(i64::from(value))
    }
    fn serialize_u64(self, value: u64) -> Result<Value<'js>, BuildError> {
        match i32::try_from(value) {
            Ok(small) => self.serialize_i32(small),
            Err(_) => self.serialize_f64(value as f64),
        }
    }
    fn serialize_f32(self, value: f32) -> Result<Value<'js>, BuildError> {
        self.serialize_f64(f64::from(value))
    }
    fn serialize_f64(self, value: f64) -> Result<Value<'js>, BuildError> {
        self.spend(8)?;
        if value.is_finite() {
            Ok(Value::new_number(self.ctx.clone(), value))
        } else {
            // What JSON text would say, so that inline and host handlers answer alike.
            self.serialize_unit()
        }
    }
    fn serialize_char(self, value: char) -> Result<Value<'js>, BuildError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<Value<'js>, BuildError> {
        self.spend(value.len() + 2)?;
        Ok(raw::new_string(self.ctx, value)?)
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<Value<'js>, BuildError> {
        if value.len() > self.limits.message_binary_bytes {
            return Err(too("large"));
        }
        Ok(raw::new_binary(self.ctx, crate::bridge::BinaryKind::ArrayBuffer, value)?)
    }
    fn serialize_none(self) -> Result<Value<'js>, BuildError> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value<'js>, BuildError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value<'js>, BuildError> {
        Ok(Value::new_null(self.ctx.clone()))
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value<'js>, BuildError> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value<'js>, BuildError> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value<'js>, BuildError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value<'js>, BuildError> {
        let content = value.serialize(self.inside()?)?;
        self.variant(variant, content)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a, 'js>, BuildError> {
        self.array()
    }
    fn serialize_tuple(self, _: usize) -> Result<Items<'a, 'js>, BuildError> {
        self.array()
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a, 'js>, BuildError> {
        self.array()
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a, 'js>, BuildError> {
        Ok(Items { variant: Some(variant), ..self.array()? })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a, 'js>, BuildError> {
        self.object()
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a, 'js>, BuildError> {
        self.object()
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a, 'js>, BuildError> {
        Ok(Members { variant: Some(variant), ..self.object()? })
    }
}

/// An array being built.
pub(crate) struct Items<'a, 'js> {
    array: Value<'js>,
    inside: Builder<'a, 'js>,
    next: u32,
    variant: Option<&'static str>,
}

impl<'js> Items<'_, 'js> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BuildError> {
        let item = value.serialize(self.inside)?;
        raw::define_index(&self.array, self.next, item)?;
        self.next = self.next.checked_add(1).ok_or_else(|| too("large"))?;
        self.inside.spend(1)
    }

    fn finish(self) -> Result<Value<'js>, BuildError> {
        match self.variant {
            Some(variant) => self.inside.variant(variant, self.array),
            None => Ok(self.array),
        }
    }
}

macro_rules! items {
    ($($trait:ident $method:ident,)*) => {$(
        impl<'js> ser::$trait for Items<'_, 'js> {
            type Ok = Value<'js>;
            type Error = BuildError;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BuildError> { self.push(value) }
            fn end(self) -> Result<Value<'js>, BuildError> { self.finish() }
        }
    )*};
}
items! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

/// An object being built.
pub(crate) struct Members<'a, 'js> {
    object: Value<'js>,
    inside: Builder<'a, 'js>,
    name: Option<String>,
    count: usize,
    variant: Option<&'static str>,
}

impl<'js> Members<'_, 'js> {
    fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), BuildError> {
        self.count += 1;
        if self.count > self.inside.limits.message_keys {
            return Err(too("large"));
        }
        self.inside.spend(name.len() + 3)?;
        let member = value.serialize(self.inside)?;
        raw::define(&self.object, raw::Name::new(self.inside.ctx, name)?.atom(), member)?;
        Ok(())
    }

    fn finish(self) -> Result<Value<'js>, BuildError> {
        match self.variant {
            Some(variant) => self.inside.variant(variant, self.object),
            None => Ok(self.object),
        }
    }
}

impl<'js> ser::SerializeMap for Members<'_, 'js> {
    type Ok = Value<'js>;
    type Error = BuildError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BuildError> {
        // Keys go through the builder too, so that numbers and enums make the same names as in JSON text.
        let key = key.serialize(self.inside)?;
        self.name = Some(raw::with_text(&key, |bytes| String::from_utf8_lossy(bytes).into_owned())?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BuildError> {
        let name = self.name.take().ok_or_else(|| BuildError { text: "a value without a key".to_owned() })?;
        self.put(&name, value)
    }

    fn end(self) -> Result<Value<'js>, BuildError> {
        self.finish()
    }
}

macro_rules! members {
    ($($trait:ident,)*) => {$(
        impl<'js> ser::$trait for Members<'_, 'js> {
            type Ok = Value<'js>;
            type Error = BuildError;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), BuildError> {
                self.put(name, value)
            }
            fn end(self) -> Result<Value<'js>, BuildError> { self.finish() }
        }
    )*};
}
members! { SerializeStruct, SerializeStructVariant, }
