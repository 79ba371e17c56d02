//! `downloadFile`: an answer that goes to a file of the applet, part by part.

use super::answer::{self, Head};
use super::failure::Failure;
use super::files::Target;
use super::progress::Progress;
use super::request::{self, Message};
use super::task::Task;
use crate::bridge::Payload;
use crate::error::{Error, ErrorCode};
use reqwest::Method;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Downloaded<'a> {
    #[serde(flatten)]
    head: &'a Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    temp_file_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_path: Option<&'a str>,
    data_length: u64,
}

/// Does it.
///
/// # Errors
/// What the caller's `fail` shall see. What has been written is removed then.
pub(super) async fn done(task: &Task) -> Result<Payload, Failure> {
    let limits = &task.network.limits;
    let (message, wanted) = {
        let options = request::read(task.params.text())?;
        let message = Message { method: Method::GET, url: options.url()?, headers: options.headers()?, body: None };
        (message, options.file_path.clone())
    };
    let ending = ending(message.url.path());
    let sandbox = task.network.sandboxes.of(&task.caller)?;
    let mut response = task.send(message, true).await?;
    let head = Head::of(&response);
    task.reply.progress(answer::event("HeadersReceived", &head, limits)?);
    let expected = response.content_length();
    let most = limits.download_bytes as u64;
    let too_large = || Failure::from(Error::new(ErrorCode::TooLarge, "the file is too large"));
    if expected.is_some_and(|expected| expected > most) {
        return Err(too_large());
    }
    let mut target = Target::open(sandbox, wanted.clone(), ending).await?;
    let names = ["totalBytesWritten", "totalBytesExpectedToWrite"];
    let mut progress = Progress::new(task.reply.clone(), limits.clone(), names, expected);
    let mut written = 0;
    while let Some(part) = response.chunk().await.map_err(|error| Failure::of_http(&error))? {
        written += part.len() as u64;
        if written > most {
            return Err(too_large());
        }
        target.write(&part).await?;
        progress.moved(part.len() as u64);
    }
    let path = target.finish().await?;
    progress.end();
    let (temp_file_path, file_path) = match &wanted {
        Some(wanted) => (None, Some(wanted.as_str())),
        None => (Some(path.as_str()), None),
    };
    answer::plain(&Downloaded { head: &head, temp_file_path, file_path, data_length: written }, limits)
}

/// The ending of the last part of an address, if it has a plain one.
fn ending(path: &str) -> Option<String> {
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let plain = (1..=10).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| ending.to_ascii_lowercase())
}
