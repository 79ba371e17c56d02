//! The messages of the transport itself: how a page begins, takes what the app offers, takes calls back, and answers.

use super::super::incoming::{Accept, Cancel, Channel, Incoming, Said};
use super::super::questions;
use super::super::script::{self, Bridge};
use super::super::stamp::{self, Stamp};
use super::{Outgoing, PageSession};
use crate::bridge::{Binary, Counters, Payload, envelope};
use crate::error::{ErrorCode, Result};
use crate::lock::lock;

impl PageSession {
    pub(super) fn handle(&self, epoch: u64, message: Incoming) {
        if message.asks.channel == Channel::Base {
            return self.handle_base(epoch, message);
        }
        let known = match &*message.asks.name {
            "initPage" => return self.begin(epoch, message.asks.id),
            "finapp.accept" => message.params.and_then(|params| self.accept(epoch, &params)),
            "finapp.cancel" => message.params.and_then(|params| self.cancel(epoch, &params)),
            "finapp.reply" => message.params.and_then(|params| self.replied(epoch, &params, message.binaries)),
            _ => return self.dispatch(epoch, message),
        };
        if known.is_none() {
            Counters::count(&self.parts.counters.page_messages_malformed);
        }
    }

    /// Gives the page its number, and the first time an offer with it.
    fn begin(&self, epoch: u64, id: u32) {
        let mut state = lock(&self.state);
        let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
        let (id, page) = (id.to_string(), self.parts.page.0.to_string());
        let stamp = match &mut document.stamp {
            Some(stamp) => stamp.message(),
            None => match Stamp::new() {
                Ok(stamp) => document.stamp.insert(stamp).offer(self.parts.view.has_ports()),
                // Without an offer the page is served as one of FinClip's.
                Err(_) => "null".to_owned(),
            },
        };
        let script = script::call(Bridge::Callback, &[&id, &page, &stamp]);
        self.outbox.push((epoch, Outgoing::Script(script, None)));
    }

    fn accept(&self, epoch: u64, params: &str) -> Option<()> {
        let accept: Accept = serde_json::from_str(params).ok()?;
        let mut state = lock(&self.state);
        let document = state.document.as_mut().filter(|document| document.epoch == epoch)?;
        document.stamp.as_ref().filter(|stamp| stamp.is(&accept.token))?;
        document.features = accept.features;
        let has_port = document.features.contains(stamp::BINARY) && document.port.is_none();
        drop(state);
        if has_port && self.parts.view.has_ports() {
            self.hand_port(epoch);
        }
        Some(())
    }

    fn cancel(&self, epoch: u64, params: &str) -> Option<()> {
        let cancel: Cancel = serde_json::from_str(params).ok()?;
        let call = {
            let state = lock(&self.state);
            let document = state.document.as_ref().filter(|document| document.epoch == epoch)?;
            document.features.contains(stamp::CANCEL).then_some(())?;
            document.asked.find(cancel.id)
        };
        if let Some(call) = call {
            call.abort(&ErrorCode::Cancelled.into());
        }
        Some(())
    }

    fn replied(&self, epoch: u64, params: &str, binaries: Vec<Binary>) -> Option<()> {
        let bounds = envelope::check_bounds(params, &self.parts.limits);
        let said: Said = bounds.ok().and_then(|()| serde_json::from_str(params).ok())?;
        let call = said.call.clone();
        self.answered(epoch, &call, questions::outcome(said, binaries, &self.parts.limits));
        Some(())
    }

    /// A call into the page has ended. A second end, and one that somebody made up, finds nobody.
    pub(super) fn answered(&self, epoch: u64, call: &str, outcome: Result<Payload>) {
        let answer = {
            let mut state = lock(&self.state);
            let document = state.document.as_mut().filter(|document| document.epoch == epoch);
            document.and_then(|document| document.questions.take(call))
        };
        match answer {
            Some(answer) => answer(outcome),
            None => Counters::count(&self.parts.counters.unknown_replies),
        }
    }
}
