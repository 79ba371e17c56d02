//! Empties the queue on the host's thread, a time slice at a time, so that the host's own work gets its turn.
//! Calls in a row are parsed together: one run of the JSON parser for many instead of one for each.

use super::built_ins::Tools;
use super::environment::Environment;
use super::ffi::Env;
use super::incoming;
use super::invoke::invoke;
use super::{Item, signal, view};
use crate::session::Session;
use finapp_core::bridge::{Caller, Payload};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long one drain may take; what is left then waits for the next turn of the host's loop.
const SLICE: Duration = Duration::from_millis(8);
/// How long answers may be held back while there are more calls to run: about as long as it takes to wake a thread.
const MOST_HELD: Duration = Duration::from_micros(100);
/// The same while the calls come from many mini-programs: each wake-up of another thread costs more than it gains.
const MOST_HELD_OF_MANY: Duration = Duration::from_micros(1_000);
/// How many calls are parsed together, at most.
const BATCH: usize = 64;
/// Texts longer than this are parsed alone: nothing is gained by putting them together, and a copy is lost.
const BATCHED_BYTES: usize = 2 * 1024;

/// Deals with everything that waits, for at most a time slice.
pub fn drain(env: Env<'_>, session: &Rc<Session>) {
    let Some(environment) = Environment::find(env) else { return };
    let mut slice = Slice::new(session, &environment);
    let mut items = session.in_hand.take();
    // A client that is done has taken the bell down; what is left of its queue has nobody to go to.
    while !session.is_done() {
        if items.is_empty() && !session.port.take(&mut items) {
            environment.calls.stop_holding();
            if session.port.sleep() {
                return;
            }
            continue;
        }
        if items.len() > 1 {
            environment.calls.hold();
        }
        env.scoped(|env, _| match environment.built_ins.tools(env) {
            Ok(tools) => slice.some(env, &tools, &mut items),
            // No memory for a few strings: fail what waits, rather than spin.
            Err(_) => items.clear(),
        });
        session.port.hold(items.len());
        if slice.over {
            break;
        }
    }
    environment.calls.stop_holding();
    session.in_hand.replace(items);
    session.port.ring_again();
}

/// One time slice.
struct Slice<'d> {
    session: &'d Rc<Session>,
    environment: &'d Rc<Environment>,
    until: Duration,
    over: bool,
    held_since: Duration,
    /// Who made the last call, and how many of the calls since answers are held back came from somebody else than the
    /// one before.
    caller: Option<Arc<Caller>>,
    changes: u32,
    calls: u32,
}

impl<'d> Slice<'d> {
    fn new(session: &'d Rc<Session>, environment: &'d Rc<Environment>) -> Self {
        let now = session.clock.now();
        Self {
            session,
            environment,
            until: now + SLICE,
            over: false,
            held_since: now,
            caller: None,
            changes: 0,
            calls: 0,
        }
    }

    /// Deals with a batch of calls, or with one other item.
    fn some<'s>(&mut self, env: Env<'s>, tools: &Tools<'s>, items: &mut VecDeque<Item>) {
        let count = items.iter().take(BATCH).take_while(|item| batched(item).is_some()).count();
        if count < 2 {
            if let Some(item) = items.pop_front() {
                self.single(env, tools, item);
            }
            self.after(false);
            return;
        }
        let batch = incoming::batch(env, tools, items.iter().take(count).filter_map(batched).map(Payload::text));
        for index in (0..).take(count) {
            let Some(Item::Call { handler, call }) = items.pop_front() else { return };
            let sync = call.info.sync;
            self.note_caller(&call.info.caller);
            env.scoped(|env, _| {
                let params = batch.and_then(|batch| env.item(batch, index));
                invoke(env, tools, self.environment, self.session, handler, (call.info, call.reply), params);
            });
            self.after(sync);
            // Parsing the rest again is cheaper than overdrawing the slice.
            if self.over {
                return;
            }
        }
    }

    fn note_caller(&mut self, caller: &Arc<Caller>) {
        self.calls += 1;
        if !self.caller.as_ref().is_some_and(|last| Arc::ptr_eq(last, caller)) {
            self.caller = Some(caller.clone());
            self.changes += 1;
        }
    }

    /// Looks at the clock after an item.
    fn after(&mut self, sync: bool) {
        let now = self.session.clock.now();
        self.over = now >= self.until;
        let most = if self.changes * 2 > self.calls { MOST_HELD_OF_MANY } else { MOST_HELD };
        // Whoever is parked in a synchronous call is woken at once.
        if sync || now.saturating_sub(self.held_since) > most {
            self.environment.calls.let_go();
            (self.held_since, self.changes, self.calls) = (now, 0, 0);
        }
    }

    fn single<'s>(&self, env: Env<'s>, tools: &Tools<'s>, item: Item) {
        let session = self.session;
        match item {
            Item::Call { handler, call } => {
                let params = incoming::value(env, &self.environment.built_ins, call.params);
                invoke(env, tools, self.environment, session, handler, (call.info, call.reply), params);
            }
            Item::Forget { handler } => session.forget_handler(env, handler),
            Item::Cancelled { call, reason } => {
                if let Some(signal) = self.environment.calls.cancelled(env, call) {
                    session.caught(env, "a cancelled call", signal::abort(env, signal, &reason, session));
                }
            }
            Item::Started { promise, result } => session.started(env, promise, result),
            Item::Seen { promise, result } => session.seen(env, promise, result),
            Item::Answered { promise, result } => session.answered(env, promise, result),
            Item::File { promise, file } => session.file(env, promise, file),
            Item::WebView(opening) => session.open_web_view(env, opening),
            Item::View { view, act } => view::perform(env, session, view, act),
            Item::ForgetView { view } => session.views.forget(env, view),
            // A panic in it must not take the rest of the batch along (C27).
            Item::Work(work) => drop(catch_unwind(AssertUnwindSafe(work))),
            Item::LifeCycle(event) => session.tell(env, &event),
            Item::Line { level, tag, text } => session.print(env, level, &tag, &text),
            Item::ShutDown(result) => session.finish(env, self.environment, result),
        }
    }
}

/// The parameters of a call that may be parsed together with others.
fn batched(item: &Item) -> Option<&Payload> {
    match item {
        Item::Call { call, .. } => {
            Some(&call.params).filter(|params| params.binaries().is_empty() && params.text().len() <= BATCHED_BYTES)
        }
        _ => None,
    }
}
