//! `console`: lines for the host's log. What is logged is text of an attacker: it is cut, escaped, rate-limited, and
//! never a format. A sink that fails or panics costs the line and nothing else.

use super::convert::{self, write};
use super::error_text;
use super::guard::guarded;
use super::state::State;
use crate::bridge::Counters;
use crate::error::cut;
use crate::host::LogLevel;
use crate::host::log::escape;
use crate::limits::Limits;
use rquickjs::function::Rest;
use rquickjs::{Ctx, Function, Object, Result, Value};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

const METHODS: [(&str, LogLevel); 7] = [
    ("log", LogLevel::Info),
    ("info", LogLevel::Info),
    ("warn", LogLevel::Warn),
    ("error", LogLevel::Error),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Debug),
    ("group", LogLevel::Info),
];

/// Whether `console` has that method.
pub(super) fn has(method: &str) -> bool {
    method == "groupEnd" || METHODS.iter().any(|(name, _)| *name == method)
}

/// The rate limit and the indentation of one applet's console.
pub(super) struct Console {
    second_began: Cell<Duration>,
    lines_left: Cell<Option<u32>>,
    groups: Cell<usize>,
}

impl Console {
    pub(super) fn new(now: Duration) -> Self {
        Self { second_began: Cell::new(now), lines_left: Cell::new(None), groups: Cell::new(0) }
    }

    /// Writes one line, if the rate allows.
    pub(super) fn line(&self, state: &State, level: LogLevel, text: &str) {
        let limits = state.limits();
        if !self.takes(state, limits) {
            Counters::count(&state.counters().log_lines_dropped);
            return;
        }
        let indented = format!("{:1$}{text}", "", 2 * self.groups.get());
        let line = escape(cut(&indented, limits.log_line_bytes));
        let line = cut(&line, limits.log_line_bytes);
        let sink = &state.setup.log;
        let tag = state.setup.caller.applet().as_str();
        if catch_unwind(AssertUnwindSafe(|| sink.write(level, tag, line))).is_err() {
            Counters::count(&state.counters().log_lines_dropped);
        }
    }

    fn takes(&self, state: &State, limits: &Limits) -> bool {
        let now = state.setup.turn.now();
        let left = match self.lines_left.get() {
            Some(left) if now.saturating_sub(self.second_began.get()) < Duration::from_secs(1) => left,
            _ => {
                self.second_began.set(now);
                limits.log_lines_per_second
            }
        };
        self.lines_left.set(Some(left.saturating_sub(1)));
        left > 0
    }
}

/// Makes `console` a global.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, globals: &Object<'js>) -> Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, level) in METHODS {
        let shared = state.clone();
        let method = Function::new(ctx.clone(), move |ctx: Ctx<'js>, values: Rest<Value<'js>>| {
            guarded(&shared, &ctx, || {
                let line = render(&shared, &ctx, &values.0);
                shared.log(level, &line);
                if name == "group" {
                    shared.console.groups.set((shared.console.groups.get() + 1).min(20));
                }
                Ok(())
            })
        })?;
        convert::put_value(ctx, console.as_value(), name, method.into_value())?;
    }
    let shared = state.clone();
    let end = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
        guarded(&shared, &ctx, || {
            shared.console.groups.set(shared.console.groups.get().saturating_sub(1));
            Ok(())
        })
    })?;
    convert::put_value(ctx, console.as_value(), "groupEnd", end.into_value())?;
    convert::put_value(ctx, globals.as_value(), "console", console.into_value())
}

/// The values as one text, within the budget of one line: what does not fit is never read.
fn render<'js>(state: &State, ctx: &Ctx<'js>, values: &[Value<'js>]) -> String {
    let most = state.limits().log_line_bytes;
    let mut line = String::new();
    for value in values {
        if !line.is_empty() {
            line.push(' ');
        }
        let left = most.saturating_sub(line.len());
        if left == 0 {
            break;
        }
        line.push_str(&render_one(state, ctx, value, left));
        if state.ended().is_some() {
            break;
        }
    }
    line
}

fn render_one<'js>(state: &State, ctx: &Ctx<'js>, value: &Value<'js>, most: usize) -> String {
    if value.is_error() {
        return error_text::describe(ctx, value, most);
    }
    if value.is_function() {
        return "[Function]".to_owned();
    }
    if value.is_symbol() {
        return "[Symbol]".to_owned();
    }
    if !value.is_object() {
        return convert::with_text(value, most).unwrap_or_default();
    }
    let limits = Limits { message_bytes: most.max(16), message_binary_bytes: usize::MAX, ..state.limits().clone() };
    match write::payload(value, write::Omit::Nothing, &state.names, &limits) {
        Ok(payload) => payload.text().to_owned(),
        Err(write::WriteError::Refused(error)) => format!("[object: {}]", error.message()),
        Err(write::WriteError::Threw) => {
            drop(ctx.catch());
            "[object that throws when it is read]".to_owned()
        }
    }
}
