//! Calls of the page: from a name to an authorised handler, and the end of the call as a script.

use super::super::buffers;
use super::super::frames;
use super::super::incoming::{Asks, Channel, Incoming};
use super::super::inline;
use super::super::result;
use super::super::script::{self, Bridge};
use super::super::stamp::Stamp;
use super::{Outgoing, PageSession};
use crate::bridge::{Authorized, CallInfo, CallScope, CallSink, Caller, Counters, Outcome, Payload, Spoken};
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
            self.answer(epoch, &message.asks, &Outcome::failed(error));
        }
    }

    fn start(&self, epoch: u64, caller: Arc<Caller>, scope: &Arc<CallScope>, message: &mut Incoming) -> Result<()> {
        let parts = &self.parts;
        // A name that cannot be one is unknown, as every name is that this page may not call.
        let api = ApiName::parse(&message.asks.name).map_err(|_| ErrorCode::NotFound)?;
        let authorized = parts.dispatcher.authorise_page(&caller, api.as_str())?;
        let params = read_params(&authorized, message, &parts.limits)?;
        let sync = message.asks.returned.is_some();
        let info = CallInfo { caller, api, spoken: Spoken::Direct, sync, page: parts.page };
        if authorized.is_inline() {
            let text = inline::run(&authorized, &info, &params, &parts.limits)?;
            self.answer(epoch, &message.asks, &Outcome::Success(text));
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
            self.answer(epoch, &message.asks, &outcome);
        }
        Ok(())
    }

    /// Answers a call of the page, if its document is still there.
    pub(super) fn answer(&self, epoch: u64, asks: &Asks, outcome: &Outcome) {
        if let Some(returned) = &asks.returned {
            return returned.put(result::of_outcome(&asks.name, outcome, false).0);
        }
        {
            let mut state = lock(&self.state);
            let Some(document) = state.document.as_mut().filter(|document| document.epoch == epoch) else { return };
            let port = document.port.clone().filter(|_| asks.channel == Channel::Web);
            let (result, binaries) = result::of_outcome(&asks.name, outcome, port.is_some());
            let id = asks.id.to_string();
            let stamp = match asks.channel {
                Channel::Web => document.stamp.as_mut().map_or_else(|| "null".to_owned(), Stamp::message),
                Channel::Base => String::new(),
            };
            let head = || format!("\"type\":\"answer\",\"id\":{id},\"result\":{result},\"stamp\":{stamp}");
            let frame = port.filter(|_| !binaries.is_empty());
            let frame = frame.and_then(|port| Some(Outgoing::Frame(port, frames::written(&head(), &binaries)?)));
            let message = frame.unwrap_or_else(|| match asks.channel {
                Channel::Web => Outgoing::Script(script::call(Bridge::Callback, &[&id, &result, &stamp]), None),
                Channel::Base => Outgoing::Script(script::call(Bridge::BaseCallback, &[&id, &result]), None),
            });
            self.outbox.push((epoch, message));
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
            self.answer(epoch, &asks, &outcome);
        }
    }
}

/// The parameters of a call, within the limits of its API, and never longer than a message of a page may be.
fn read_params(authorized: &Authorized, message: &mut Incoming, limits: &Limits) -> Result<Payload> {
    let own = authorized.registration().options().arguments.as_ref();
    let (own, too_large) = own.map_or((limits, ErrorCode::TooLarge), |own| (&*own.limits, own.too_large));
    let binaries = std::mem::take(&mut message.binaries);
    let read = message.params.take().ok_or_else(|| ErrorCode::TooLarge.into()).and_then(|params| {
        if binaries.is_empty() { buffers::read(params, own) } else { Payload::parse(params, binaries, own) }
    });
    read.map_err(|error| if error.code() == ErrorCode::TooLarge { too_large.into() } else { error })
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

    /// FinClip's transport has no place for it, but for tasks of its base library.
    fn progress(&self, id: CallId, state: Payload) -> bool {
        self.session.upgrade().is_some_and(|session| session.task_went_on(self.epoch, id, &state))
    }
}
