//! Empties the queue on the host's thread, a time slice at a time, so that the host's own work gets its turn.
//! Calls in a row are parsed together: one run of the JSON parser for many instead of one for each.

use super::built_ins::Tools;
use super::environment::Environment;
use super::ffi::Env;
use super::incoming;
use super::invoke::invoke;
use super::{Item, signal};
use crate::session::Session;
use finapp_core::bridge::Payload;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// How long one drain may take; what is left then waits for the next turn of the host's loop.
const SLICE: Duration = Duration::from_millis(8);
/// How long answers may be held back while a batch runs.
const MOST_HELD: Duration = Duration::from_micros(100);
/// How many calls are parsed together, at most.
const BATCH: usize = 64;
/// Texts longer than this are parsed alone: nothing is gained by putting them together, and a copy is lost.
const BATCHED_BYTES: usize = 2 * 1024;

/// Deals with everything that waits, for at most a time slice.
pub fn drain(env: Env<'_>, session: &Rc<Session>) {
    let Some(environment) = Environment::find(env) else { return };
    let until = session.clock.now() + SLICE;
    let mut items = session.in_hand.take();
    loop {
        // A client that is done has taken the bell down; what is left of its queue has nobody to go to.
        if session.is_done() {
            return;
        }
        if items.is_empty() && !session.port.take(&mut items) {
            if session.port.sleep() {
                return;
            }
            continue;
        }
        env.scoped(|env, _| match environment.built_ins.tools(env) {
            Ok(tools) => some(env, &tools, &environment, session, &mut items, until),
            // No memory for a few strings: fail what waits, rather than spin.
            Err(_) => items.clear(),
        });
        session.port.hold(items.len());
        if session.clock.now() >= until {
            if items.is_empty() && session.port.sleep() {
                return;
            }
            session.in_hand.replace(items);
            session.port.ring_again();
            return;
        }
    }
}

/// Deals with a batch of calls, or with one other item.
fn some<'s>(
    env: Env<'s>,
    tools: &Tools<'s>,
    environment: &Rc<Environment>,
    session: &Rc<Session>,
    items: &mut VecDeque<Item>,
    until: Duration,
) {
    let count = items.iter().take(BATCH).take_while(|item| batched(item).is_some()).count();
    if count < 2 {
        if let Some(item) = items.pop_front() {
            single(env, tools, environment, session, item);
        }
        return;
    }
    let batch = incoming::batch(env, tools, items.iter().take(count).filter_map(batched).map(Payload::text));
    environment.calls.holding(|| {
        let mut held_since = session.clock.now();
        for index in (0..).take(count) {
            let Some(Item::Call { handler, call }) = items.pop_front() else { return };
            let sync = call.info.sync;
            env.scoped(|env, _| {
                let params = batch.and_then(|batch| env.item(batch, index));
                invoke(env, tools, environment, session, handler, (call.info, call.reply), params);
            });
            let now = session.clock.now();
            // Nobody waits longer because of the batch than it takes to wake a thread, or so.
            if sync || now.saturating_sub(held_since) > MOST_HELD {
                environment.calls.let_go();
                held_since = now;
            }
            // Parsing the rest again is cheaper than overdrawing the slice.
            if now >= until {
                return;
            }
        }
    });
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

fn single<'s>(env: Env<'s>, tools: &Tools<'s>, environment: &Rc<Environment>, session: &Rc<Session>, item: Item) {
    match item {
        Item::Call { handler, call } => {
            let params = incoming::value(env, &environment.built_ins, call.params);
            invoke(env, tools, environment, session, handler, (call.info, call.reply), params);
        }
        Item::Forget { handler } => session.forget_handler(env, handler),
        Item::Cancelled { call, reason } => {
            if let Some(signal) = environment.calls.cancelled(env, call) {
                session.caught(env, "a cancelled call", signal::abort(env, signal, &reason, session));
            }
        }
        Item::Started { promise, result } => session.started(env, promise, result),
        Item::LifeCycle(event) => session.tell(env, &event),
        Item::Line { level, tag, text } => session.print(env, level, &tag, &text),
        Item::ShutDown(result) => session.finish(env, environment, result),
    }
}
