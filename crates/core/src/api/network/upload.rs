//! `uploadFile`: a file of the applet as a part of a form, read while it is sent.

use super::answer::{self, Head};
use super::exchange;
use super::failure::Failure;
use super::files::{self, Reader, Source};
use super::progress::Progress;
use super::request::{self, Message, Options};
use super::task::Task;
use crate::bridge::Payload;
use crate::error::{Error, ErrorCode};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

#[derive(Serialize)]
struct Uploaded<'a> {
    #[serde(flatten)]
    head: &'a Head,
    data: &'a str,
}

/// Does it.
///
/// # Errors
/// What the caller's `fail` shall see.
pub(super) async fn done(task: &Task) -> Result<Payload, Failure> {
    let limits = &task.network.limits;
    let (mut message, path, form) = {
        let options = request::read(task.params.text())?;
        let message = Message { method: Method::POST, url: options.url()?, headers: options.headers()?, body: None };
        let missing = || Error::new(ErrorCode::Parameter, "parameter error: parameter.filePath should be String;");
        (message, options.file_path.clone().ok_or_else(missing)?, Form::of(&options)?)
    };
    // Before the file is touched: a host that may not be reached tells nothing about files.
    task.run.domains().check(task.kind, &message.url)?;
    let source = Source::open(task.network.sandboxes.of(&task.caller)?, path).await?;
    let (head, tail) = form.around(source.name());
    let content = format!("multipart/form-data; boundary={}", form.boundary);
    message.headers.insert(CONTENT_TYPE, HeaderValue::try_from(content).map_err(|_| ErrorCode::Internal)?);
    let whole = head.len() as u64 + source.len() + tail.len() as u64;
    let make = || {
        let names = ["totalBytesSent", "totalBytesExpectedToSend"];
        let progress = Progress::new(task.reply.clone(), limits.clone(), names, Some(whole));
        let parts = VecDeque::from([head.clone().into(), Bytes::new(), tail.clone().into()]);
        Some(reqwest::Body::wrap(Parts { parts, file: source.streamed(), left: whole, progress }))
    };
    let client = task.network.http.guarded_client()?;
    let mut response = exchange::send(&client, &task.run, task.kind, message, &make, true).await?;
    let head = Head::of(&response);
    task.reply.progress(answer::event("HeadersReceived", &head, limits)?);
    let body = answer::read_all(&mut response, limits).await?;
    answer::plain(&Uploaded { head: &head, data: &String::from_utf8_lossy(&body) }, limits)
}

/// The form around the file.
struct Form {
    boundary: String,
    name: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn of(options: &Options<'_>) -> Result<Self, Failure> {
        let missing = || Error::new(ErrorCode::Parameter, "parameter error: parameter.name should be String;");
        Ok(Self {
            boundary: format!("finapp-{}", files::random()),
            name: options.name.clone().ok_or_else(missing)?,
            fields: options.form_data.0.clone(),
        })
    }

    /// What stands before the file, and what after it.
    fn around(&self, file: &str) -> (Vec<u8>, Vec<u8>) {
        let boundary = &self.boundary;
        let mut head = String::new();
        for (name, value) in &self.fields {
            let name = quoted(name);
            head += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        let (name, file, kind) = (quoted(&self.name), quoted(file), content_type(file));
        head += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n");
        head += &format!("Content-Type: {kind}\r\n\r\n");
        (head.into_bytes(), format!("\r\n--{boundary}--\r\n").into_bytes())
    }
}

/// As browsers write names in forms.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn content_type(file: &str) -> &'static str {
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match &*ending {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "aac" | "m4a" => "audio/aac",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

/// The body: what stands before the file, the file in place of the empty part, and what stands after it.
struct Parts {
    parts: VecDeque<Bytes>,
    file: Reader,
    left: u64,
    progress: Progress,
}

impl Body for Parts {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let part = match self.parts.front() {
            None => return Poll::Ready(None),
            Some(part) if !part.is_empty() => self.parts.pop_front().unwrap_or_default(),
            Some(_) => match ready!(self.file.poll_block(context)) {
                Some(Ok(read)) => read.into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    self.parts.pop_front();
                    self.parts.pop_front().unwrap_or_default()
                }
            },
        };
        let bytes = part.len() as u64;
        self.left = self.left.saturating_sub(bytes);
        self.progress.moved(bytes);
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
