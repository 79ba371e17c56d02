//! Promise rejections that nobody handles. Decided after the job queue has drained, so a handler that is attached in
//! the same turn counts.

use super::convert;
use super::error_text;
use super::state::State;
use super::turn::Ended;
use crate::bridge::Counters;
use crate::host::LogLevel;
use rquickjs::{Ctx, Persistent, Runtime, Value};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// How many unhandled rejections of one turn are reported; the rest is counted.
const MOST: usize = 100;

type Held = Persistent<Value<'static>>;

/// Rejected promises that had no handler when they were rejected.
#[derive(Default)]
pub(super) struct Rejections {
    open: RefCell<Vec<(usize, Held, Held)>>,
}

impl Rejections {
    pub(super) fn clear(&self) {
        self.open.borrow_mut().clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.borrow().is_empty()
    }
}

/// Has the engine tell us of rejections.
pub(super) fn install(state: &Rc<State>, runtime: &Runtime) {
    let state: Weak<State> = Rc::downgrade(state);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
        let Some(state) = state.upgrade() else { return };
        let identity = convert::identity(&promise);
        let mut open = state.rejections.open.borrow_mut();
        if handled {
            let settled = open.iter().position(|(own, ..)| *own == identity).map(|at| open.remove(at));
            drop(open);
            drop(settled);
        } else if open.len() >= MOST {
            Counters::count(&state.counters().unhandled_rejections_dropped);
        } else {
            open.push((identity, Persistent::save(&ctx, promise), Persistent::save(&ctx, reason)));
        }
    })));
}

/// Ends the applet when memory was the reason of a rejection that nobody handles. Asked between the slices of a chain
/// of jobs too: one that fills the heap for ever would never be done.
pub(super) fn end_if_out_of_memory(state: &State, ctx: &Ctx<'_>) {
    let reasons: Vec<Held> = state.rejections.open.borrow().iter().map(|(_, _, reason)| reason.clone()).collect();
    let is_memory = |held: Held| held.restore(ctx).is_ok_and(|r| error_text::is_out_of_memory(ctx, &r, &state.heap));
    if reasons.into_iter().any(is_memory) {
        state.end(Ended::Memory);
    }
}

/// Reports what is still unhandled.
pub(super) fn report(state: &State, ctx: &Ctx<'_>) {
    for (_, promise, reason) in state.rejections.open.take() {
        let (Ok(promise), Ok(reason)) = (promise.restore(ctx), reason.restore(ctx)) else { continue };
        Counters::count(&state.counters().unhandled_rejections);
        if error_text::is_out_of_memory(ctx, &reason, &state.heap) {
            state.end(Ended::Memory);
            return;
        }
        let text = error_text::describe(ctx, &reason, state.limits().error_text_host_bytes);
        state.log(LogLevel::Warn, &format!("unhandled promise rejection: {text}"));
        state.app.raise_rejection(state, ctx, promise, reason);
    }
}
