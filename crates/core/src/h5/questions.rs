//! Calls of the app into a page, until the page answers, its time is over or the document is gone.

use super::incoming::Said;
use super::stamp;
use crate::bridge::{Binary, Deadline, PathSegment, Payload};
use crate::error::{Error, ErrorCode, Result, cut};
use crate::limits::Limits;
use std::collections::HashMap;

/// Takes what a page answered. Called once, from any thread.
pub type PageAnswer = Box<dyn FnOnce(Result<Payload>) + Send>;

/// The calls of one document that wait for their answers.
#[derive(Default)]
pub(super) struct Questions(HashMap<String, Question>);

struct Question {
    answer: PageAnswer,
    deadline: Option<Deadline>,
}

impl Questions {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Keeps one; gives the name under which its answer comes, which nobody can guess.
    ///
    /// # Errors
    /// `E_INTERNAL` when the system gives no random bytes; the answer comes back with it.
    pub(super) fn ask(&mut self, answer: PageAnswer) -> std::result::Result<String, (PageAnswer, Error)> {
        match stamp::random() {
            Ok(call) => {
                self.0.insert(call.clone(), Question { answer, deadline: None });
                Ok(call)
            }
            Err(error) => Err((answer, error)),
        }
    }

    /// What ends the call `call` when nobody answers it.
    pub(super) fn limit(&mut self, call: &str, deadline: Deadline) {
        if let Some(question) = self.0.get_mut(call) {
            question.deadline = Some(deadline);
        }
    }

    /// Takes one out, to be answered. None when it is unknown or has been answered.
    pub(super) fn take(&mut self, call: &str) -> Option<PageAnswer> {
        self.0.remove(call).map(|question| question.answer)
    }

    /// Takes all of them out.
    pub(super) fn drain(&mut self) -> Vec<PageAnswer> {
        self.0.drain().map(|(_, question)| question.answer).collect()
    }
}

/// What `finapp.reply` says, checked.
pub(super) fn outcome(said: Said, mut binaries: Vec<Binary>, limits: &Limits) -> Result<Payload> {
    if said.ok {
        // Their paths begin at the message.
        let in_data = |binary: &Binary| matches!(binary.path.first(), Some(PathSegment::Key(key)) if key == "data");
        if !binaries.iter().all(in_data) {
            return Err(ErrorCode::HandlerResult.into());
        }
        for binary in &mut binaries {
            binary.path.remove(0);
        }
        let Some(data) = said.data else { return Ok(Payload::none()) };
        return Payload::parse(Box::<str>::from(data).into(), binaries, limits);
    }
    let known = ErrorCode::ALL.iter().find(|code| Some(code.number()) == said.code);
    let code = known.copied().filter(|code| PAGE_CODES.contains(code)).unwrap_or(ErrorCode::Handler);
    let text = said.message.unwrap_or_default();
    let text = cut(&text, limits.error_text_host_bytes);
    Err(if text.is_empty() { code.into() } else { Error::new(code, text.to_owned()) })
}

/// What a page may say of a call that failed there.
const PAGE_CODES: [ErrorCode; 3] = [ErrorCode::NotFound, ErrorCode::Handler, ErrorCode::HandlerResult];

/// What a script of a page gave: JSON text, or nothing.
///
/// # Errors
/// As [`Payload::parse`].
pub(super) fn value(text: Option<String>, limits: &Limits) -> Result<Payload> {
    text.map_or_else(|| Ok(Payload::none()), |text| Payload::parse(text, Vec::new(), limits))
}
