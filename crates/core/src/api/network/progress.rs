//! How far a transfer is: told when it has moved on by a percent, and at its end.

use super::answer;
use crate::bridge::Reply;
use crate::limits::Limits;
use serde_json::json;
use std::sync::Arc;

/// Bytes that are worth an event when the whole is not known.
const STEP: u64 = 64 * 1024;

/// Tells of one transfer.
pub(super) struct Progress {
    reply: Arc<Reply>,
    limits: Arc<Limits>,
    /// Names of what has been moved and of what is expected.
    names: [&'static str; 2],
    expected: Option<u64>,
    moved: u64,
    told: Option<u64>,
}

impl Progress {
    pub(super) fn new(reply: Arc<Reply>, limits: Arc<Limits>, names: [&'static str; 2], expected: Option<u64>) -> Self {
        Self { reply, limits, names, expected, moved: 0, told: None }
    }

    /// More has been moved.
    pub(super) fn moved(&mut self, bytes: u64) {
        self.moved += bytes;
        let step = self.expected.map_or(STEP, |expected| (expected / 100).max(1));
        let due = self.told.is_none_or(|told| self.moved >= told + step);
        if due || self.expected == Some(self.moved) {
            self.tell();
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self) {
        self.expected = Some(self.moved);
        if self.told != Some(self.moved) {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.told = Some(self.moved);
        let expected = self.expected.unwrap_or(0);
        let percent = (self.moved * 100).checked_div(expected).unwrap_or(0).min(100);
        let [moved, whole] = self.names;
        let detail = json!({ "progress": percent, moved: self.moved, whole: expected });
        // One that finds no room is made up for by the next.
        if let Ok(event) = answer::event("ProgressUpdate", &detail, &self.limits) {
            self.reply.progress(event);
        }
    }
}
