//! What a provider said, as the mini-program gets it: checked, completed, and with files of its own in the place of the
//! host's. May wait for the disk where there are files.

use super::catalogue::Answer;
use super::shape::{Kind, Member, check, may, or};
use crate::api::files::{Imported, Sandbox};
use crate::bridge::members::{Members, items, type_name, value};
use crate::bridge::{Outcome, Payload};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;
use serde_json::Value;
use std::path::Path;

const CHOICE: &[Member] = &[or("confirm", Kind::Flag, "false"), may("cancel", Kind::Flag), may("content", Kind::Text)];

/// The failure of a call that was answered so.
pub(super) fn wrong(text: &str) -> Error {
    Error::new(ErrorCode::HandlerResult, format!("the provider answered wrongly: {text}"))
}

/// The answer for the mini-program. `most` files were asked for.
///
/// # Errors
/// `E_HANDLER_RESULT`, and what files cannot be taken for.
pub(super) fn of_success(
    shape: Answer,
    said: Payload,
    sandbox: Option<&Sandbox>,
    most: usize,
    limits: &Limits,
) -> Result<Payload> {
    let (text, binaries) = said.into_parts();
    let mut members = match shape {
        Answer::Nothing => return Ok(Payload::none()),
        _ => Members::parse(&text).map_err(|error| wrong(error.message()))?,
    };
    match shape {
        Answer::Nothing => {}
        Answer::Members(own) => refuse_wrong(own, &mut members)?,
        Answer::Choice => {
            refuse_wrong(CHOICE, &mut members)?;
            let cancelled = members.get("confirm") != Some("true");
            members.set("cancel", cancelled.to_string());
        }
        Answer::Images | Answer::Media => {
            let sandbox = sandbox.ok_or(ErrorCode::Unsupported)?;
            let files = picked(&members, most)?;
            let answer = if matches!(shape, Answer::Images) { images(&files, sandbox) } else { media(&files, sandbox) };
            return Payload::parse(answer?.to_string(), Vec::new(), limits);
        }
    }
    Payload::from_writer(members.text(), binaries, limits)
}

fn refuse_wrong(shape: &[Member], members: &mut Members<'_>) -> Result<()> {
    check("answer", shape, members).of_answer().map_or(Ok(()), Err)
}

/// How the call fails when the provider failed or was cancelled. Of what it said, text and numbers pass.
pub(super) fn of_failure(outcome: &Outcome) -> Outcome {
    let keep = |payload: &Payload| {
        let mut members = Members::parse(payload.text()).unwrap_or_default();
        members.retain(|name| matches!(name, "errMsg" | "errCode" | "errno"));
        let plain = ["errMsg", "errCode", "errno"];
        let fits = |name: &&str| members.get(name).is_none_or(|raw| matches!(type_name(raw), "String" | "Number"));
        if !plain.iter().all(fits) {
            return Payload::none();
        }
        // It is a part of what was within the limits.
        Payload::from_writer(members.text(), Vec::new(), &Limits::default()).unwrap_or_default()
    };
    match outcome {
        Outcome::Success(_) => Outcome::failed(ErrorCode::Internal),
        Outcome::Failure { payload, error } => Outcome::Failure { payload: keep(payload), error: error.clone() },
        Outcome::Cancelled(payload) => Outcome::Cancelled(keep(payload)),
    }
}

/// The same as an error.
pub(super) fn error_of(outcome: &Outcome) -> Error {
    match outcome {
        Outcome::Failure { error: Some(error), .. } => error.clone(),
        Outcome::Failure { payload, error: None } => {
            let said = Members::parse(payload.text()).ok().and_then(|members| members.get("errMsg").and_then(value));
            Error::new(ErrorCode::Handler, said.unwrap_or_else(|| ErrorCode::Handler.text().to_owned()))
        }
        Outcome::Success(_) => ErrorCode::Internal.into(),
        Outcome::Cancelled(_) => ErrorCode::Cancelled.into(),
    }
}

/// One file that the provider names.
struct Picked {
    path: String,
    about: serde_json::Map<String, Value>,
}

impl Picked {
    /// The file at `path` as one of the mini-program. A host says `temporary` of what it made for this answer alone.
    fn import(&self, path: &str, sandbox: &Sandbox) -> Result<Imported> {
        let taken = self.about.get("temporary").and_then(Value::as_bool).unwrap_or(false);
        sandbox.import(Path::new(path), taken)
    }

    fn number(&self, name: &str) -> Value {
        self.about.get(name).filter(|value| value.is_number()).cloned().unwrap_or_else(|| 0.into())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.about.get(name).and_then(Value::as_str)
    }
}

/// `tempFiles`, a list of paths or of objects with one, or `tempFilePaths`.
fn picked(members: &Members<'_>, most: usize) -> Result<Vec<Picked>> {
    let list = members.get("tempFiles").or_else(|| members.get("tempFilePaths"));
    let list = list.ok_or_else(|| wrong("answer.tempFiles should be Array instead of Undefined;"))?;
    let got = type_name(list);
    let list = items(list).ok_or_else(|| wrong(&format!("answer.tempFiles should be Array instead of {got};")))?;
    if list.is_empty() || list.len() > most {
        return Err(wrong(&format!("answer.tempFiles has {} items where 1 to {most} were asked for;", list.len())));
    }
    let one = |(at, raw): (usize, &&serde_json::value::RawValue)| {
        let nothing = || wrong(&format!("answer.tempFiles[{at}] names no file;"));
        match value::<Value>(raw.get()) {
            Some(Value::String(path)) => Ok(Picked { path, about: serde_json::Map::new() }),
            Some(Value::Object(about)) => {
                let path = ["tempFilePath", "path"].iter().find_map(|name| about.get(*name).and_then(Value::as_str));
                Ok(Picked { path: path.ok_or_else(nothing)?.to_owned(), about })
            }
            _ => Err(nothing()),
        }
    };
    list.iter().enumerate().map(one).collect()
}

fn images(files: &[Picked], sandbox: &Sandbox) -> Result<Value> {
    let mut paths = Vec::new();
    let mut list = Vec::new();
    for file in files {
        let Imported { path, size } = file.import(&file.path, sandbox)?;
        list.push(serde_json::json!({"path": path, "size": size}));
        paths.push(path);
    }
    Ok(serde_json::json!({"tempFilePaths": paths, "tempFiles": list}))
}

fn media(files: &[Picked], sandbox: &Sandbox) -> Result<Value> {
    let mut list = Vec::new();
    let mut kinds = Vec::new();
    for file in files {
        let Imported { path, size } = file.import(&file.path, sandbox)?;
        let kind = match file.text("fileType") {
            Some("video") => "video",
            Some("image") => "image",
            _ if is_film(&path) => "video",
            _ => "image",
        };
        kinds.push(kind);
        let mut one = serde_json::json!({
            "tempFilePath": path, "size": size, "fileType": kind, "width": file.number("width"),
            "height": file.number("height"), "duration": file.number("duration"),
        });
        if let (Some(thumb), Some(one)) = (file.text("thumbTempFilePath"), one.as_object_mut()) {
            one.insert("thumbTempFilePath".to_owned(), file.import(thumb, sandbox)?.path.into());
        }
        list.push(one);
    }
    kinds.dedup();
    let kind = if let [one] = kinds[..] { one } else { "mix" };
    Ok(serde_json::json!({"tempFiles": list, "type": kind}))
}

fn is_film(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    ["mp4", "mov", "m4v", "mkv", "webm", "avi", "3gp"].contains(&&*ending)
}
