//! Calls of the page: from a name to an authorised handler, and the end of the call as a script.

use super::super::incoming::{Asks, Channel, Incoming};
use super::super::result;
use super::super::script::{self, Bridge};
use super::super::stamp::Stamp;
use super::PageSession;
use crate::bridge::{
    Answer, Authorized, CallInfo, CallScope, CallSink, Caller, Counters, Outcome, Payload, Precedence, Spoken,
};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ApiName, CallId};
use crate::limits::Limits;
use crate::lock::lock;
use std::sync::{Arc, Weak};

impl PageSession {
    pub(super) fn dispatch(&self, epoch: u64, mut message: Incoming) {
        if message.asks.returned.as_ref().is_some_and(|returned| returned.is_over()) {
            return;
        }
        let (caller, scope) = {
            let state = lock(&self.state);
            let Some(document) = state.document.as_ref().filter(|document| document.epoch == epoch) else { return };
            let Some(caller) = document.caller.clone() else { return };
            (caller, document.scope.clone())
        };
        if let Err(error) = self.start(epoch, caller, &scope, &mut message) {
            Counters::count(&self.parts.counters.refused);
            self.answer(epoch, &message.asks, result::of_error(&message.asks.name, &error));
        }
    }

    fn start(&self, epoch: u64, caller: Arc<Caller>, scope: &Arc<CallScope>, message: &mut Incoming) -> Result<()> {
        let parts = &self.parts;
        // A name that cannot be one is unknown, as every name is that this page may not call.
        let api = ApiName::parse(&message.asks.name).map_err(|_| ErrorCode::NotFound)?;
        let find = |precedence| parts.dispatcher.authorise(&caller, api.as_str(), precedence);
        let authorized = find(Precedence::BuiltIn)
            .or_else(|_| find(Precedence::Custom))
            .map_err(|error| if error.code() == ErrorCode::Denied { ErrorCode::NotFound.into() } else { error })?;
        let params = Payload::parse(message.params.take().ok_or(ErrorCode::TooLarge)?, Vec::new(), &parts.limits)?;
        let sync = message.asks.returned.is_some();
        let info = CallInfo { caller, api, spoken: Spoken::Direct, sync, page: parts.page };
        if authorized.is_inline() {
            let text = inline(&authorized, &info, &params, &parts.limits)?;
            self.answer(epoch, &message.asks, result::of_outcome(&message.asks.name, &Outcome::Success(text)));
            return Ok(());
        }
        if sync && !authorized.registration().options().sync {
            return Err(Error::new(ErrorCode::Unsupported, "the api is asynchronous, but was called with sync: true"));
        }
        let deadline = authorized.timeout();
        let call = authorized.start(scope, info, params, deadline)?;
        let ended = {
            let mut state = lock(&self.state);
            let document = state.document.as_mut().filter(|document| document.epoch == epoch);
            document.and_then(|document| document.asked.began(&call, &message.asks))
        };
        if let Some(outcome) = ended {
            scope.release(call.id());
            self.answer(epoch, &message.asks, result::of_outcome(&message.asks.name, &outcome));
        }
        Ok(())
    }

    /// Answers a call of the page, if its document is still there.
    pub(super) fn answer(&self, epoch: u64, asks: &Asks, result: String) {
        if let Some(returned) = &asks.returned {
            return returned.put(result);
        }
        {
            let mut state = lock(&self.state);
            let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
            let id = asks.id.to_string();
            let script = match asks.channel {
                Channel::Web => {
                    let stamp = document.stamp.as_mut().map_or_else(|| "null".to_owned(), Stamp::message);
                    script::call(Bridge::Callback, &[&id, &result, &stamp])
                }
                Channel::Base => script::call(Bridge::BaseCallback, &[&id, &result]),
            };
            self.outbox.push((script, None));
        }
        self.send();
    }

    fn settled(&self, epoch: u64, call: CallId, outcome: Outcome) {
        let ended = {
            let mut state = lock(&self.state);
            let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
            let ended = document.asked.ended(call, outcome);
            if ended.is_some() {
                document.scope.release(call);
            }
            ended
        };
        if let Some((asks, outcome)) = ended {
            self.answer(epoch, &asks, result::of_outcome(&asks.name, &outcome));
        }
    }
}

/// Where the calls of one document end.
pub(super) struct Ends {
    pub(super) session: Weak<PageSession>,
    pub(super) epoch: u64,
}

impl CallSink for Ends {
    fn settled(&self, id: CallId, _sync: bool, outcome: Outcome) {
        if let Some(session) = self.session.upgrade() {
            session.settled(self.epoch, id, outcome);
        }
    }

    /// FinClip's transport has no place for it.
    fn progress(&self, _id: CallId, _state: Payload) -> bool {
        false
    }
}

/// Runs an inline handler on text instead of an engine's values.
fn inline(authorized: &Authorized, info: &CallInfo, params: &Payload, limits: &Limits) -> Result<Payload> {
    struct Text(Option<String>);
    impl Answer for Text {
        fn put(&mut self, value: &dyn erased_serde::Serialize) -> Result<()> {
            let text = serde_json::to_string(value);
            self.0 = Some(text.map_err(|error| Error::new(ErrorCode::HandlerResult, error.to_string()))?);
            Ok(())
        }
    }
    let mut text = Text(None);
    let mut deserializer = serde_json::Deserializer::from_str(params.text());
    authorized.run(info, &mut <dyn erased_serde::Deserializer<'_>>::erase(&mut deserializer), &mut text)?;
    match text.0 {
        Some(text) => Payload::parse(text, Vec::new(), limits)
            .map_err(|error| Error::new(ErrorCode::HandlerResult, error.message().to_owned())),
        None => Ok(Payload::none()),
    }
}
