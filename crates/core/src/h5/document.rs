//! What is known of the document that a page shows: one epoch, from its commit to the next.

use super::incoming::{Incoming, Rate};
use super::order::Order;
use super::questions::Questions;
use super::stamp::Stamp;
use crate::bridge::{CallScope, Caller, Outcome, PendingCall};
use crate::ids::CallId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

/// One document of a page.
pub(super) struct Document {
    pub(super) epoch: u64,
    /// Who calls when the document calls; none when it has no origin, and so may not call.
    pub(super) caller: Option<Arc<Caller>>,
    /// Whether it is of the package or of a listed domain: the app speaks to no other.
    pub(super) is_own: bool,
    /// Its calls in flight.
    pub(super) scope: Arc<CallScope>,
    pub(super) asked: Asked,
    pub(super) order: Order<Incoming>,
    /// Whether somebody waits for messages that are missing.
    pub(super) waited_for: bool,
    pub(super) rate: Rate,
    /// None until the page has said `initPage`.
    pub(super) stamp: Option<Stamp>,
    /// What the page has accepted of the offer.
    pub(super) features: HashSet<String>,
    pub(super) questions: Questions,
}

impl Document {
    pub(super) fn origin(&self) -> Option<&str> {
        match self.caller.as_deref()? {
            Caller::Page { origin, .. } => Some(origin),
            Caller::Applet { .. } | Caller::Plugin { .. } => None,
        }
    }
}

/// The page's calls, by the ids of both sides.
#[derive(Default)]
pub(super) struct Asked {
    by_call: HashMap<CallId, (u32, String)>,
    by_id: HashMap<u32, Weak<PendingCall>>,
    /// Calls that ended before it was known under which id they run.
    ended: HashMap<CallId, Outcome>,
}

impl Asked {
    /// A call has ended: the page's id and the name it called. None when it has only just begun; then
    /// [`Asked::began`] gives the outcome back.
    pub(super) fn ended(&mut self, call: CallId, outcome: Outcome) -> Option<(u32, String, Outcome)> {
        match self.by_call.remove(&call) {
            Some((id, name)) => {
                self.by_id.remove(&id);
                Some((id, name, outcome))
            }
            None => {
                self.ended.insert(call, outcome);
                None
            }
        }
    }

    /// The page's call `id` of `name` runs as `call`; gives its outcome when it has ended already.
    pub(super) fn began(&mut self, call: &Arc<PendingCall>, id: u32, name: &str) -> Option<Outcome> {
        let ended = self.ended.remove(&call.id());
        if ended.is_none() {
            self.by_call.insert(call.id(), (id, name.to_owned()));
            self.by_id.insert(id, Arc::downgrade(call));
        }
        ended
    }

    pub(super) fn find(&self, id: u32) -> Option<Arc<PendingCall>> {
        self.by_id.get(&id)?.upgrade()
    }
}
