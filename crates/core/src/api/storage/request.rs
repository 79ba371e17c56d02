//! What the glue sends for each API of the family, and what it gets back.

use super::database::{Fault, Result};
use super::store::Store;
use super::value::Stored;
use crate::bridge::{Binary, PathSegment, Payload};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What one API does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Set,
    Get,
    Remove,
    Clear,
    Info,
    SetAll,
    GetAll,
}

#[derive(Deserialize)]
struct One<'a> {
    key: String,
    #[serde(default, rename = "type")]
    kind: String,
    /// The text itself: `null` is a value like others.
    #[serde(default, borrow, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    #[serde(default)]
    encrypt: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct Many<'a> {
    #[serde(borrow)]
    list: Vec<One<'a>>,
}

#[derive(Serialize)]
struct ValueAnswer<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListAnswer<'a> {
    data_list: Vec<ValueAnswer<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InfoAnswer {
    keys: Vec<String>,
    current_size: usize,
    limit_size: usize,
}

impl Operation {
    /// Whether nothing is lost when nobody waits for it any more.
    pub(super) fn only_reads(self) -> bool {
        matches!(self, Self::Get | Self::GetAll | Self::Info)
    }

    /// Does it for `owner`. A missing key is the empty text in the synchronous form, and a failure in the other.
    pub(super) fn run(
        self,
        store: &mut Store,
        owner: &str,
        params: Payload,
        sync: bool,
        limits: &Limits,
    ) -> Result<Payload> {
        let (text, binaries) = params.into_parts();
        match self {
            Self::Set => {
                let one = read(&text, limits)?;
                let value = one.value(strip(binaries, 1));
                store.set(owner, &[(one.key, value)])?;
            }
            Self::SetAll => {
                let Many { list } = read_all(&text, limits)?;
                let mut split: Vec<Vec<Binary>> = Vec::new();
                split.resize_with(list.len(), Vec::new);
                for binary in binaries {
                    if let Some(PathSegment::Index(index)) = binary.path.get(1)
                        && let Some(own) = split.get_mut(*index as usize)
                    {
                        own.push(binary);
                    }
                }
                let entries: Vec<(String, Stored)> = list
                    .into_iter()
                    .zip(split)
                    .map(|(one, binaries)| {
                        let value = one.value(strip(binaries, 3));
                        (one.key, value)
                    })
                    .collect();
                store.set(owner, &entries)?;
            }
            Self::Remove => store.remove(owner, &read(&text, limits)?.key)?,
            Self::Clear => store.clear(owner)?,
            Self::Get => {
                let value = store.get(owner, &read(&text, limits)?.key)?;
                let missing = || Error::new(ErrorCode::NotFound, "data not found");
                let value = value.or_else(|| sync.then(Stored::missing)).ok_or_else(missing)?;
                let answer = write(&answer(&value)?)?;
                return body(answer, prefixed(value.binaries, &[PathSegment::Key("data".to_owned())]), limits);
            }
            Self::GetAll => {
                let Many { list } = read_all(&text, limits)?;
                let mut values = Vec::with_capacity(list.len());
                let mut size = 0;
                for one in list {
                    let value = store.get(owner, &one.key)?.unwrap_or_else(Stored::missing);
                    size += value.size();
                    // The same key may be asked for again and again.
                    if size > limits.storage_bytes {
                        return Err(ErrorCode::TooLarge.into());
                    }
                    values.push(value);
                }
                let data_list = values.iter().map(answer).collect::<Result<_>>()?;
                let answer = write(&ListAnswer { data_list })?;
                let mut binaries = Vec::new();
                for (index, value) in (0..).zip(values) {
                    let place = [PathSegment::Key("dataList".to_owned()), PathSegment::Index(index)];
                    binaries.extend(prefixed(value.binaries, &place));
                }
                return body(answer, binaries, limits);
            }
            Self::Info => {
                let info = store.info(owner)?;
                return body(
                    write(&InfoAnswer {
                        keys: info.keys,
                        current_size: info.bytes.div_ceil(1024),
                        limit_size: limits.storage_bytes / 1024,
                    })?,
                    Vec::new(),
                    limits,
                );
            }
        }
        Ok(Payload::none())
    }
}

impl One<'_> {
    fn check(&self, limits: &Limits) -> Result<()> {
        let refused = |code, text: String| Err(Fault::Refused(Error::new(code, text)));
        if self.key.is_empty() {
            return refused(ErrorCode::Parameter, "parameter error: parameter.key should not be empty;".to_owned());
        }
        if self.key.len() > limits.storage_key_bytes {
            let most = limits.storage_key_bytes;
            let text = format!("parameter error: parameter.key should not be longer than {most} bytes;");
            return refused(ErrorCode::Parameter, text);
        }
        if self.encrypt {
            return refused(ErrorCode::Unsupported, "encrypt is not supported".to_owned());
        }
        Ok(())
    }

    /// What JSON leaves out, as it leaves out what a `toJSON` may give, is `null`.
    fn value(&self, binaries: Vec<Binary>) -> Stored {
        let text = self.data.map_or("null", RawValue::get).to_owned();
        Stored { kind: self.kind.clone(), text, binaries }
    }
}

fn read<'a>(text: &'a str, limits: &Limits) -> Result<One<'a>> {
    let one: One<'a> = parse(text)?;
    one.check(limits)?;
    Ok(one)
}

fn read_all<'a>(text: &'a str, limits: &Limits) -> Result<Many<'a>> {
    let many: Many<'a> = parse(text)?;
    many.list.iter().try_for_each(|one| one.check(limits))?;
    Ok(many)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Refused(Error::new(ErrorCode::Parameter, format!("parameter error: {error}"))))
}

/// A text that the store kept must be JSON still.
fn answer(value: &Stored) -> Result<ValueAnswer<'_>> {
    let data = serde_json::from_str(&value.text).map_err(|_| Fault::Damaged)?;
    Ok(ValueAnswer { kind: &value.kind, data })
}

fn write(answer: &impl Serialize) -> Result<String> {
    serde_json::to_string(answer).map_err(|_| ErrorCode::Internal.into())
}

fn body(text: String, binaries: Vec<Binary>, limits: &Limits) -> Result<Payload> {
    Ok(Payload::from_writer(text, binaries, limits)?)
}

/// Takes the message's own part off the paths.
fn strip(mut binaries: Vec<Binary>, steps: usize) -> Vec<Binary> {
    for binary in &mut binaries {
        binary.path.drain(..steps.min(binary.path.len()));
    }
    binaries
}

/// Puts it back on.
fn prefixed(mut binaries: Vec<Binary>, place: &[PathSegment]) -> Vec<Binary> {
    for binary in &mut binaries {
        binary.path.splice(..0, place.iter().cloned());
    }
    binaries
}
