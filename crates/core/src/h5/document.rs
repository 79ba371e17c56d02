//! What is known of the document that a page shows: one epoch, from its commit to the next.

use super::incoming::{Asks, Channel, Incoming, Rate};
use super::order::Order;
use super::questions::Questions;
use super::returned::Returned;
use super::stamp::{self, Stamp};
use super::view::PagePort;
use crate::bridge::{CallScope, Caller, Deadline, Outcome, PendingCall};
use crate::ids::CallId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

/// The messages of one channel.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) order: Order<Incoming>,
    /// While messages are missing: until when they are waited for.
    pub(super) gap: Option<Deadline>,
    /// How much those that wait hold, and perhaps some that waited before.
    pub(super) waiting_bytes: usize,
}

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
    pub(super) web: Lane,
    pub(super) base: Lane,
    pub(super) rate: Rate,
    /// None until the page has said `initPage`.
    pub(super) stamp: Option<Stamp>,
    /// What the page has accepted of the offer.
    pub(super) features: HashSet<String>,
    pub(super) questions: Questions,
    /// Where bytes go, once the page has agreed to that.
    pub(super) port: Option<Arc<dyn PagePort>>,
}

impl Document {
    pub(super) fn lane(&mut self, channel: Channel) -> &mut Lane {
        match channel {
            Channel::Web => &mut self.web,
            Channel::Base => &mut self.base,
        }
    }

    /// Whether the app's calls of its functions may hold bytes.
    pub(super) fn takes_bytes(&self) -> bool {
        self.port.is_some() && self.features.contains(stamp::REPLY)
    }

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
    by_call: HashMap<CallId, (Asks, Weak<PendingCall>)>,
    /// By the numbers of `webInvokeHandler`: only there a page takes calls back.
    by_id: HashMap<u32, CallId>,
    /// Calls that ended before it was known under which id they run.
    ended: HashMap<CallId, Outcome>,
}

impl Asked {
    /// A call has ended: what the page asked for. None when it has only just begun; then [`Asked::began`] gives the
    /// outcome back.
    pub(super) fn ended(&mut self, call: CallId, outcome: Outcome) -> Option<(Asks, Outcome)> {
        match self.by_call.remove(&call) {
            Some((asks, _)) => {
                if asks.channel == Channel::Web {
                    self.by_id.remove(&asks.id);
                }
                Some((asks, outcome))
            }
            None => {
                self.ended.insert(call, outcome);
                None
            }
        }
    }

    /// What the page asked for runs as `call`; gives its outcome when it has ended already.
    pub(super) fn began(&mut self, call: &Arc<PendingCall>, asks: &Asks) -> Option<Outcome> {
        let ended = self.ended.remove(&call.id());
        if ended.is_none() {
            self.by_call.insert(call.id(), (asks.clone(), Arc::downgrade(call)));
            if asks.channel == Channel::Web {
                self.by_id.insert(asks.id, call.id());
            }
        }
        ended
    }

    /// Nobody will answer the calls that wait for a returned value.
    pub(super) fn give_up(&self) {
        self.by_call.values().filter_map(|(asks, _)| asks.returned.as_ref()).for_each(|returned| returned.give_up());
    }

    pub(super) fn find(&self, id: u32) -> Option<Arc<PendingCall>> {
        self.by_call.get(self.by_id.get(&id)?)?.1.upgrade()
    }

    /// The task that runs as `call`.
    pub(super) fn task_of(&self, call: CallId) -> Option<&str> {
        self.by_call.get(&call)?.0.task.as_deref()
    }

    /// The call that runs as the task `task`.
    pub(super) fn of_task(&self, task: &str) -> Option<Arc<PendingCall>> {
        self.by_call.values().find(|(asks, _)| asks.task.as_deref() == Some(task))?.1.upgrade()
    }

    /// The call whose answer goes to `returned`.
    pub(super) fn returning_to(&self, returned: &Arc<Returned>) -> Option<Arc<PendingCall>> {
        let own = |asks: &Asks| asks.returned.as_ref().is_some_and(|own| Arc::ptr_eq(own, returned));
        self.by_call.values().find(|(asks, _)| own(asks))?.1.upgrade()
    }
}
