//! Calls that the host has been given: who waits for the answer, until it is there, and a little longer, so that late
//! answers are counted. On the host's thread only; no JavaScript runs while the table is borrowed.

use super::Item;
use super::ffi::{Env, Reference, Value};
use super::style::Ends;
use super::table::{Table, Token};
use crate::session::Session;
use finapp_core::bridge::{Payload, Reply};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// How many calls that have ended are remembered: a late answer to one of them is ignored and counted, one to an older
/// call only ignored.
const REMEMBERED: usize = 1_024;

/// The calls of one environment.
#[derive(Default)]
pub struct Calls {
    entries: RefCell<Table<Entry>>,
    ended: RefCell<VecDeque<Token>>,
    /// How many calls were open after the last sweep.
    swept_to: Cell<usize>,
    /// Answers that are held back, in the order in which they were given.
    held: RefCell<Vec<Held>>,
    holding: Cell<bool>,
}

/// How an answer is given to the bridge.
pub type Settle = fn(&Reply, Payload) -> bool;

struct Held {
    call: Token,
    settle: Settle,
    body: Payload,
}

struct Entry {
    reply: Reply,
    session: Rc<Session>,
    /// The host's cancel signal, once it has asked for it.
    signal: Option<Reference>,
    /// What it does when the handler's promise is fulfilled.
    by_fulfilling: Ends,
    ended: bool,
}

impl Calls {
    /// Takes a call in. A full table gives it back.
    pub fn begin(&self, env: Env<'_>, reply: Reply, session: Rc<Session>, by_fulfilling: Ends) -> Result<Token, Reply> {
        if self.open() > 2 * self.swept_to.get() + REMEMBERED {
            self.sweep(env);
        }
        let entry = Entry { reply, session, signal: None, by_fulfilling, ended: false };
        self.entries.borrow_mut().insert(entry).map_err(|entry| entry.reply)
    }

    /// The client of this call, if an answer would be the first.
    pub fn session_of_open(&self, token: Token) -> Option<Rc<Session>> {
        let entries = self.entries.borrow();
        entries.get(token).filter(|entry| !entry.ended && entry.reply.is_open()).map(|entry| entry.session.clone())
    }

    /// The client of this call, and what it does when the handler's promise is fulfilled.
    pub fn promised(&self, token: Token) -> Option<(Rc<Session>, Ends)> {
        self.entries.borrow().get(token).map(|entry| (entry.session.clone(), entry.by_fulfilling))
    }

    /// Answers a call with a body. The first answer ends it; the bridge ignores and counts the others.
    pub fn settle(&self, env: Env<'_>, call: Token, settle: Settle, body: Payload) {
        if self.holding.get() {
            self.held.borrow_mut().push(Held { call, settle, body });
            self.mark_ended(env, call);
        } else {
            self.answer(env, call, |reply| settle(reply, body));
        }
    }

    /// Answers a call in any other way, at once.
    pub fn answer(&self, env: Env<'_>, token: Token, answer: impl FnOnce(&Reply) -> bool) {
        self.let_go();
        if let Some(entry) = self.entries.borrow().get(token) {
            answer(&entry.reply);
        }
        self.mark_ended(env, token);
    }

    /// Sends an intermediate state. False when nobody takes it any more.
    pub fn progress(&self, token: Token, state: Payload) -> bool {
        self.let_go();
        self.entries.borrow().get(token).is_some_and(|entry| entry.reply.progress(state))
    }

    /// Holds answers back from now on: a mini-program that sleeps is woken for many of them at once, instead of for
    /// each.
    pub fn hold(&self) {
        self.holding.set(true);
    }

    /// Gives the answers that are held back to the bridge.
    pub fn let_go(&self) {
        let mut held = self.held.borrow_mut();
        let entries = self.entries.borrow();
        for Held { call, settle, body } in held.drain(..) {
            if let Some(entry) = entries.get(call) {
                settle(&entry.reply, body);
            }
        }
    }

    /// The same, and holds nothing back any more.
    pub fn stop_holding(&self) {
        self.holding.set(false);
        self.let_go();
    }

    /// The cancel signal of a call, if the host has asked for it before.
    pub fn signal<'s>(&self, env: Env<'s>, token: Token) -> Option<Value<'s>> {
        self.entries.borrow().get(token).and_then(|entry| env.kept(entry.signal.as_ref()?).ok())
    }

    /// Keeps the cancel signal of a call. From now on the host is told when the call ends without its answer, also when
    /// it has already.
    pub fn watch(&self, env: Env<'_>, token: Token, signal: Reference) {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(token) else { return env.release(signal) };
        entry.signal = Some(signal);
        let port = entry.session.port.clone();
        entry.reply.on_cancel(move |reason| port.post(Item::Cancelled { call: token, reason: reason.clone() }));
    }

    /// The call has ended without the host's answer, and the host is being told: gives its signal.
    pub fn cancelled<'s>(&self, env: Env<'s>, token: Token) -> Option<Value<'s>> {
        let signal = self.signal(env, token);
        self.mark_ended(env, token);
        signal
    }

    /// Forgets all calls of a client that has shut down.
    pub fn forget(&self, env: Env<'_>, session: &Rc<Session>) {
        let entries = self.entries.borrow_mut().remove_if(|entry| Rc::ptr_eq(&entry.session, session));
        for entry in entries {
            release(env, entry);
        }
    }

    fn open(&self) -> usize {
        self.entries.borrow().len().saturating_sub(self.ended.borrow().len())
    }

    /// Calls that ended without the host's answer stay in the table, since the host may still answer; those are found
    /// here. One with a signal is found when its item comes.
    fn sweep(&self, env: Env<'_>) {
        let gone = self.entries.borrow().find(|entry| !entry.ended && entry.signal.is_none() && !entry.reply.is_open());
        for token in gone {
            self.mark_ended(env, token);
        }
        self.swept_to.set(self.open());
    }

    fn mark_ended(&self, env: Env<'_>, token: Token) {
        match self.entries.borrow_mut().get_mut(token) {
            Some(entry) if !entry.ended => entry.ended = true,
            _ => return,
        }
        let oldest = {
            let mut ended = self.ended.borrow_mut();
            ended.push_back(token);
            if ended.len() > REMEMBERED { ended.pop_front() } else { None }
        };
        let forgotten = oldest.and_then(|oldest| self.entries.borrow_mut().remove(oldest));
        if let Some(entry) = forgotten {
            release(env, entry);
        }
    }
}

fn release(env: Env<'_>, entry: Entry) {
    if let Some(signal) = entry.signal {
        env.release(signal);
    }
}
