//! An engine value as JSON text with its binaries beside it: the rules of `JSON.stringify`, bounded while writing.

use super::{Names, raw};
use crate::bridge::{Binary, PathSegment, Payload};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use rquickjs::{Ctx, Value, qjs};

/// Why a value was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Over a limit, cyclic, or of a type JSON does not have.
    Refused(Error),
    /// A getter, `toJSON` or Proxy trap threw; the exception is pending in the engine.
    Threw,
}

impl From<rquickjs::Error> for WriteError {
    fn from(_: rquickjs::Error) -> Self {
        Self::Threw
    }
}

impl From<ErrorCode> for WriteError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

/// Which members of the top object are the caller's own business and do not travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omit {
    /// None.
    Nothing,
    /// `success`, `fail`, `complete`, `progress`, `cancel`: functions among them vanish by the rules of JSON anyway.
    Callbacks,
}

/// What JSON does not have.
pub(super) const BIG_INT: &str = "a BigInt cannot be serialized";
pub(super) const CIRCULAR: &str = "circular structure cannot be serialized";

const CALLBACKS: [&[u8]; 5] = [b"success", b"fail", b"complete", b"progress", b"cancel"];

/// Writes `value`. `undefined` gives no payload.
pub(crate) fn payload(value: &Value<'_>, omit: Omit, names: &Names, limits: &Limits) -> Result<Payload, WriteError> {
    let mut writer = Writer {
        ctx: value.ctx(),
        limits,
        to_json: names.to_json,
        text: Vec::with_capacity(128),
        binaries: Vec::new(),
        binary_bytes: 0,
        path_bytes: 0,
        path: Vec::new(),
        open: Vec::new(),
        omit,
    };
    if !writer.value(value, None)? {
        return Ok(Payload::none());
    }
    let Writer { text, binaries, .. } = writer;
    let text = String::from_utf8(text).map_err(|_| ErrorCode::Internal)?;
    Payload::from_writer(text, binaries, limits).map_err(WriteError::Refused)
}

#[derive(Clone, Copy)]
enum Step {
    Name(qjs::JSAtom),
    Index(u32),
}

struct Writer<'a, 'js> {
    ctx: &'a Ctx<'js>,
    limits: &'a Limits,
    to_json: qjs::JSAtom,
    text: Vec<u8>,
    binaries: Vec<Binary>,
    binary_bytes: usize,
    path_bytes: usize,
    path: Vec<Step>,
    open: Vec<usize>,
    omit: Omit,
}

impl<'js> Writer<'_, 'js> {
    /// Writes one value; false, and nothing written, for what JSON leaves out. `before` is what must precede the
    /// value if there is one: a comma and a name.
    fn value(&mut self, value: &Value<'js>, before: Option<Before>) -> Result<bool, WriteError> {
        let tag = raw::tag(value);
        match tag {
            qjs::JS_TAG_OBJECT => return self.object(value, before),
            qjs::JS_TAG_UNDEFINED | qjs::JS_TAG_SYMBOL => return Ok(false),
            qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT => {
                return Err(refused(BIG_INT));
            }
            _ => {}
        }
        self.before(before)?;
        match tag {
            qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE => self.string(value)?,
            qjs::JS_TAG_BOOL => {
                self.text.extend_from_slice(if value.as_bool() == Some(true) { b"true" } else { b"false" })
            }
            qjs::JS_TAG_INT => self.number(f64::from(value.as_int().unwrap_or(0))),
            qjs::JS_TAG_FLOAT64 => self.number(value.as_float().unwrap_or(f64::NAN)),
            _ => self.text.extend_from_slice(b"null"),
        }
        self.check_size()?;
        Ok(true)
    }

    fn object(&mut self, value: &Value<'js>, before: Option<Before>) -> Result<bool, WriteError> {
        if raw::is_function(value) {
            return Ok(false);
        }
        let most = self.limits.message_binary_bytes.saturating_sub(self.binary_bytes);
        if let Some((kind, bytes)) = raw::binary(value, most)? {
            let bytes = bytes.ok_or(ErrorCode::TooLarge)?;
            self.before(before)?;
            self.binary_bytes += bytes.len();
            let path = self.owned_path()?;
            self.count_path(&path)?;
            self.binaries.push(Binary { path, kind, bytes });
            self.text.extend_from_slice(b"null");
            return Ok(true);
        }
        let to_json = raw::get(value, self.to_json)?;
        if let Some(function) = to_json.as_function() {
            let key = self.key_text()?;
            let replaced: Value<'js> = function.call((rquickjs::function::This(value.clone()), key))?;
            // What toJSON gives is written as it is: its own toJSON is not asked again.
            return if replaced.is_object() {
                self.container(&replaced, before)
            } else {
                self.value(&replaced, before)
            };
        }
        self.container(value, before)
    }

    fn container(&mut self, value: &Value<'js>, before: Option<Before>) -> Result<bool, WriteError> {
        if raw::is_function(value) {
            return Ok(false);
        }
        if let Some(primitive) = self.unboxed(value)? {
            return self.value(&primitive, before);
        }
        if self.open.len() >= self.limits.message_depth {
            return Err(ErrorCode::TooDeep.into());
        }
        let identity = raw::identity(value);
        if self.open.contains(&identity) {
            return Err(refused(CIRCULAR));
        }
        self.before(before)?;
        self.open.push(identity);
        if raw::is_array(value)? {
            self.items(value)?
        } else {
            self.members(value)?
        }
        self.open.pop();
        self.check_size()?;
        Ok(true)
    }

    fn items(&mut self, array: &Value<'js>) -> Result<(), WriteError> {
        let length = raw::length(array)?;
        // Each item takes at least two bytes of text, so a longer array cannot fit.
        if length > self.limits.message_bytes as u64 {
            return Err(ErrorCode::TooLarge.into());
        }
        self.text.push(b'[');
        for index in 0..u32::try_from(length).map_err(|_| ErrorCode::TooLarge)? {
            if index > 0 {
                self.text.push(b',');
            }
            let item = raw::get_index(array, index)?;
            self.path.push(Step::Index(index));
            if !self.value(&item, None)? {
                self.text.extend_from_slice(b"null");
                self.check_size()?;
            }
            self.path.pop();
        }
        self.text.push(b']');
        Ok(())
    }

    fn members(&mut self, object: &Value<'js>) -> Result<(), WriteError> {
        let names = raw::OwnNames::of(object)?;
        if names.len() > self.limits.message_keys {
            return Err(ErrorCode::TooLarge.into());
        }
        let top = self.open.len() == 1 && self.omit == Omit::Callbacks;
        self.text.push(b'{');
        let mut first = true;
        for index in 0..names.len() {
            let atom = names.atom(index);
            if top && raw::with_name(self.ctx, atom, |name| CALLBACKS.contains(&name))? {
                continue;
            }
            let member = raw::get(object, atom)?;
            self.path.push(Step::Name(atom));
            if self.value(&member, Some(Before { first, atom }))? {
                first = false;
            }
            self.path.pop();
        }
        self.text.push(b'}');
        Ok(())
    }

    fn before(&mut self, before: Option<Before>) -> Result<(), WriteError> {
        let Some(Before { first, atom }) = before else { return Ok(()) };
        if !first {
            self.text.push(b',');
        }
        let text = &mut self.text;
        raw::with_name(self.ctx, atom, |name| quote(text, name))?;
        self.text.push(b':');
        self.check_size()
    }

    fn string(&mut self, value: &Value<'js>) -> Result<(), WriteError> {
        // The length is asked first, so that a text that cannot fit is never copied out of the engine.
        if raw::length(value)? > self.limits.message_bytes as u64 {
            return Err(ErrorCode::TooLarge.into());
        }
        let text = &mut self.text;
        raw::with_text(value, |bytes| quote(text, bytes))?;
        Ok(())
    }

    fn number(&mut self, number: f64) {
        use std::io::Write;
        let text = &mut self.text;
        // Writing to a Vec cannot fail.
        drop(if !number.is_finite() {
            text.write_all(b"null")
        } else if number == number.trunc() && number.abs() <= 9_007_199_254_740_992.0 {
            // The cast is exact in this range, and turns -0 into the 0 that JSON.stringify gives.
            write!(text, "{}", number as i64)
        } else {
            serde_json::to_writer(text, &number).map_err(std::io::Error::from)
        });
    }

    /// `Number`, `String`, `Boolean` objects count as what they hold; a boxed BigInt is refused like a bare one.
    fn unboxed(&self, value: &Value<'js>) -> Result<Option<Value<'js>>, WriteError> {
        let wanted = match raw::class(value) {
            BOXED_NUMBER => "Number",
            BOXED_STRING => "String",
            BOXED_BOOLEAN => "Boolean",
            BOXED_BIG_INT => return Err(refused(BIG_INT)),
            _ => return Ok(None),
        };
        // The object was made by a constructor of that name, so its own valueOf answers; a replaced one may throw.
        let convert: rquickjs::Function<'js> = value.get::<rquickjs::Object<'js>>()?.get("valueOf")?;
        let primitive: Value<'js> = convert.call((rquickjs::function::This(value.clone()),))?;
        if primitive.is_object() {
            return Err(refused(&format!("a {wanted} object has no plain value")));
        }
        Ok(Some(primitive))
    }

    fn check_size(&self) -> Result<(), WriteError> {
        if self.text.len() > self.limits.message_bytes { Err(ErrorCode::TooLarge.into()) } else { Ok(()) }
    }

    fn key_text(&self) -> Result<String, WriteError> {
        Ok(match self.path.last() {
            None => String::new(),
            Some(Step::Index(index)) => index.to_string(),
            Some(Step::Name(atom)) => {
                raw::with_name(self.ctx, *atom, |name| String::from_utf8_lossy(name).into_owned())?
            }
        })
    }

    /// Each binary carries its own path. Many small ones below one long name would take far more memory than the
    /// message they come in, so paths have the same bound as binaries.
    fn count_path(&mut self, path: &[PathSegment]) -> Result<(), WriteError> {
        let names = path.iter().map(|step| match step {
            PathSegment::Key(key) => key.len(),
            PathSegment::Index(_) => 0,
        });
        self.path_bytes += names.sum::<usize>() + size_of::<Binary>() + size_of_val(path);
        if self.path_bytes > self.limits.message_binary_bytes { Err(ErrorCode::TooLarge.into()) } else { Ok(()) }
    }

    fn owned_path(&self) -> Result<Vec<PathSegment>, WriteError> {
        self.path
            .iter()
            .map(|step| match step {
                Step::Index(index) => Ok(PathSegment::Index(*index)),
                Step::Name(atom) => {
                    // A path is looked up again where it arrives, so its names must not have been changed.
                    let name = raw::with_name(self.ctx, *atom, |name| String::from_utf8(name.to_vec()))?;
                    name.map(PathSegment::Key).map_err(|_| refused("a binary stands under a name that is not text"))
                }
            })
            .collect()
    }
}

#[derive(Clone, Copy)]
struct Before {
    first: bool,
    atom: qjs::JSAtom,
}

// The engine's class numbers of the boxed primitives; `boxed_classes_are_what_the_engine_says` checks them.
const BOXED_NUMBER: u32 = 4;
const BOXED_STRING: u32 = 5;
const BOXED_BOOLEAN: u32 = 6;
const BOXED_BIG_INT: u32 = 35;

fn refused(text: &str) -> WriteError {
    WriteError::Refused(Error::new(ErrorCode::Serialize, text.to_owned()))
}

/// Writes a JSON string. A lone surrogate, which UTF-8 cannot hold, becomes its escape.
fn quote(text: &mut Vec<u8>, bytes: &[u8]) {
    text.push(b'"');
    if bytes.iter().all(|byte| !matches!(byte, 0..=0x1f | b'"' | b'\\' | 0xed)) {
        text.extend_from_slice(bytes);
    } else {
        quote_slowly(text, bytes);
    }
    text.push(b'"');
}

fn quote_slowly(text: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'"' => text.extend_from_slice(b"\\\""),
            b'\\' => text.extend_from_slice(b"\\\\"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            0..=0x1f => text.extend_from_slice(format!("\\u{first:04x}").as_bytes()),
            0xed => match tail {
                [second @ 0xa0..=0xbf, third, after @ ..] => {
                    let unit = 0xd000 | (u32::from(second & 0x3f) << 6) | u32::from(third & 0x3f);
                    text.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                    rest = after;
                }
                _ => text.push(0xed),
            },
            byte => text.push(*byte),
        }
    }
}
