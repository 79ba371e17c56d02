//! `setTimeout` and its family. Callbacks are kept here, so nothing the mini-program does to its globals touches
//! them; the applet's thread sleeps until the earliest one is due.

use super::guard::guarded;
use super::state::State;
use crate::error::ErrorCode;
use crate::host::LogLevel;
use rquickjs::function::{Opt, Rest};
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Value};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;
use std::time::Duration;

/// The longest delay: what browsers use too. Longer ones, and what is not a number, count as the shortest.
const LONGEST_MS: f64 = 2_147_483_647.0;

/// How many entries of cleared timers are let stand.
const STALE: usize = 64;

struct Timer {
    callback: Persistent<Function<'static>>,
    arguments: Vec<Persistent<Value<'static>>>,
    due: Duration,
    every: Option<Duration>,
}

/// The timers of one applet.
#[derive(Default)]
pub(super) struct Timers {
    live: RefCell<HashMap<i32, Timer>>,
    /// Earliest first. An entry whose timer is gone or has another due time is skipped.
    order: RefCell<BinaryHeap<Reverse<(Duration, i32)>>>,
    last: Cell<i32>,
}

impl Timers {
    pub(super) fn clear(&self) {
        self.live.borrow_mut().clear();
        self.order.borrow_mut().clear();
    }

    /// When the earliest timer is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let live = self.live.borrow();
        let mut order = self.order.borrow_mut();
        while let Some(Reverse((due, id))) = order.peek() {
            if live.get(id).is_some_and(|timer| timer.due == *due) {
                return Some(*due);
            }
            order.pop();
        }
        None
    }

    fn free_id(&self) -> i32 {
        let live = self.live.borrow();
        loop {
            let id = self.last.get().checked_add(1).unwrap_or(1);
            self.last.set(id);
            if !live.contains_key(&id) {
                return id;
            }
        }
    }

    fn insert(&self, id: i32, timer: Timer) {
        let mut live = self.live.borrow_mut();
        let mut order = self.order.borrow_mut();
        order.push(Reverse((timer.due, id)));
        live.insert(id, timer);
        // Entries of cleared timers go when they come to the front; a program that clears faster than that must not
        // make the queue grow.
        if order.len() > 2 * live.len() + STALE {
            order.retain(|Reverse((due, id))| live.get(id).is_some_and(|timer| timer.due == *due));
        }
    }
}

/// Makes the four timer functions globals.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, globals: &Object<'js>) -> Result<()> {
    for (name, repeats) in [("setTimeout", false), ("setInterval", true)] {
        let shared = state.clone();
        let function = Function::new(
            ctx.clone(),
            move |ctx: Ctx<'js>, callback: Opt<Value<'js>>, delay: Opt<Value<'js>>, rest: Rest<Value<'js>>| {
                guarded(&shared, &ctx, || start(&shared, &ctx, name, callback.0, delay.0, rest.0, repeats))
            },
        )?
        .with_name(name)?;
        super::convert::put_value(ctx, globals.as_value(), name, function.into_value())?;
    }
    for name in ["clearTimeout", "clearInterval"] {
        let shared = state.clone();
        let function = Function::new(ctx.clone(), move |ctx: Ctx<'js>, id: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                let stopped =
                    id.0.and_then(|id| id.as_int()).and_then(|id| shared.timers.live.borrow_mut().remove(&id));
                drop(stopped);
                Ok(())
            })
        })?
        .with_name(name)?;
        super::convert::put_value(ctx, globals.as_value(), name, function.into_value())?;
    }
    Ok(())
}

fn start<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    name: &str,
    callback: Option<Value<'js>>,
    delay: Option<Value<'js>>,
    rest: Vec<Value<'js>>,
    repeats: bool,
) -> Result<i32> {
    let Some(callback) = callback.and_then(Value::into_function) else {
        return Err(Exception::throw_type(ctx, &format!("{name} expects a function")));
    };
    if state.timers.live.borrow().len() >= state.limits().timers {
        state.log(LogLevel::Error, &format!("{name}: {}", ErrorCode::Limit.text()));
        return Err(Exception::throw_range(ctx, &format!("{name}: too many timers")));
    }
    let floor = Duration::from_millis(state.limits().timer_floor_ms);
    let asked = delay.and_then(|delay| milliseconds(&delay)).filter(|ms| *ms > 0.0 && *ms <= LONGEST_MS);
    let delay = asked.map_or(floor, |ms| Duration::from_secs_f64(ms / 1_000.0)).max(floor);
    let id = state.timers.free_id();
    state.timers.insert(
        id,
        Timer {
            callback: Persistent::save(ctx, callback),
            arguments: rest.into_iter().map(|value| Persistent::save(ctx, value)).collect(),
            due: state.setup.turn.now() + delay,
            every: repeats.then_some(delay),
        },
    );
    Ok(id)
}

/// A delay as a number. Text that looks like one counts, as it does everywhere in JavaScript; objects, which could run
/// code here, do not.
fn milliseconds(delay: &Value<'_>) -> Option<f64> {
    if delay.is_string() {
        return super::convert::with_text(delay, 32)?.trim().parse().ok();
    }
    delay.as_number()
}

/// Runs the earliest timer if it is due. False when none is.
pub(super) fn fire_one(state: &State, ctx: &Ctx<'_>) -> bool {
    let now = state.setup.turn.now();
    let Some(due) = state.timers.next_due().filter(|due| *due <= now) else { return false };
    let Some(Reverse((_, id))) = state.timers.order.borrow_mut().pop() else { return false };
    debug_assert!(due <= now, "only a timer that is due runs");
    let Some(timer) = state.timers.live.borrow_mut().remove(&id) else { return true };
    let (callback, arguments) = (timer.callback.clone(), timer.arguments.clone());
    if let Some(every) = timer.every {
        // From now, not from when it was due: a late interval does not catch up with a burst.
        state.timers.insert(id, Timer { due: now + every, ..timer });
    }
    let arguments = arguments.into_iter().filter_map(|held| held.restore(ctx).ok()).collect();
    state.call_held(ctx, &callback, (Rest::<Value<'_>>(arguments),));
    true
}
