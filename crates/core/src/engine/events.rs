//! Events from the host: `onCustomEvent` and the named listeners. Each listener gets a value of its own, so none can
//! change what the next one sees.

use super::convert::{self, plain_object};
use super::guard::guarded;
use super::state::State;
use crate::bridge::{Counters, Payload};
use crate::error::ErrorCode;
use crate::host::LogLevel;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Type, Value};
use std::cell::RefCell;
use std::rc::Rc;

type Held = Persistent<Function<'static>>;

/// The listeners of one applet, in order of registration. A function that is added twice is called twice; taking it
/// off takes both away.
#[derive(Default)]
pub(super) struct Listeners {
    plain: RefCell<Vec<Held>>,
    named: RefCell<Vec<(String, Held)>>,
}

impl Listeners {
    pub(super) fn clear(&self) {
        self.plain.borrow_mut().clear();
        self.named.borrow_mut().clear();
    }

    fn count(&self) -> usize {
        self.plain.borrow().len() + self.named.borrow().len()
    }
}

/// Puts the four functions on `native`.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let own = |name: &str, function: Result<Function<'js>>| -> Result<()> {
        convert::put_value(ctx, native.as_value(), name, function?.into_value())
    };
    let shared = state.clone();
    own(
        "onCustomEvent",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                if let Some(listener) = callable(&shared, &ctx, "onCustomEvent", listener.0)? {
                    shared.events.plain.borrow_mut().push(Persistent::save(&ctx, listener));
                }
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "offCustomEvent",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                if removable(&shared, "offCustomEvent", listener.0.as_ref()) {
                    remove(&ctx, &shared.events.plain, listener.0.as_ref(), |held| Some(held));
                }
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "addCustomEventListener",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: Opt<Value<'js>>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                let name = event_name(&ctx, name.0.as_ref())?;
                if let Some(listener) = callable(&shared, &ctx, "addCustomEventListener", listener.0)? {
                    shared.events.named.borrow_mut().push((name, Persistent::save(&ctx, listener)));
                }
                Ok(())
            })
        }),
    )?;
    let shared = state.clone();
    own(
        "removeCustomEventListener",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, name: Opt<Value<'js>>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                let name = event_name(&ctx, name.0.as_ref())?;
                if removable(&shared, "removeCustomEventListener", listener.0.as_ref()) {
                    remove(&ctx, &shared.events.named, listener.0.as_ref(), |(held_name, held)| {
                        (*held_name == name).then_some(held)
                    });
                }
                Ok(())
            })
        }),
    )
}

fn event_name(ctx: &Ctx<'_>, name: Option<&Value<'_>>) -> Result<String> {
    let text = name.filter(|name| name.is_string()).and_then(|name| convert::with_text(name, 257));
    match text.filter(|text| (1..=256).contains(&text.len())) {
        Some(text) => Ok(text),
        None => Err(Exception::throw_type(ctx, "the name of a custom event is text of 1 to 256 bytes")),
    }
}

/// The listener, if it is one and there is room. What is not a function is a line in the log, as in the dialects
/// served.
pub(super) fn callable<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    api: &str,
    listener: Option<Value<'js>>,
) -> Result<Option<Function<'js>>> {
    let listener = listener.unwrap_or_else(|| Value::new_undefined(ctx.clone()));
    if !listener.is_function() {
        not_a_function(state, api, &listener);
        return Ok(None);
    }
    let Some(function) = listener.into_function() else { return Ok(None) };
    if state.events.count() + state.app.listeners() >= state.limits().listeners {
        let error = plain_object(ctx)?;
        convert::put(ctx, &error, "errMsg", &format!("{api}:fail {}", ErrorCode::Limit.text()))?;
        convert::put_value(ctx, &error, "errCode", Value::new_int(ctx.clone(), ErrorCode::Limit.number()))?;
        return Err(ctx.throw(error));
    }
    Ok(Some(function))
}

/// Whether something can be taken off: nothing given means all; what is not a function is a line in the log.
pub(super) fn removable(state: &State, api: &str, listener: Option<&Value<'_>>) -> bool {
    match listener {
        Some(given) if !given.is_undefined() && !given.is_null() && !given.is_function() => {
            not_a_function(state, api, given);
            false
        }
        _ => true,
    }
}

fn not_a_function(state: &State, api: &str, given: &Value<'_>) {
    state.log(LogLevel::Error, &format!("{api} should accept a function instead of {}", type_of(given)));
}

/// JavaScript's own word for the type of a value; null is told apart from objects.
fn type_of(value: &Value<'_>) -> &'static str {
    match value.type_of() {
        Type::Undefined | Type::Uninitialized => "undefined",
        Type::Null => "null",
        Type::Bool => "boolean",
        Type::Int | Type::Float => "number",
        Type::String => "string",
        Type::Symbol => "symbol",
        Type::BigInt => "bigint",
        Type::Function | Type::Constructor => "function",
        _ => "object",
    }
}

/// Takes one listener off the list, or all of them when none is given. `of` picks the listeners that are meant.
pub(super) fn remove<'js, T>(
    ctx: &Ctx<'js>,
    list: &RefCell<Vec<T>>,
    listener: Option<&Value<'js>>,
    of: impl Fn(&T) -> Option<&Held>,
) {
    let wanted = listener.filter(|listener| !listener.is_undefined() && !listener.is_null()).map(convert::identity);
    let mut kept = Vec::new();
    let mut removed = Vec::new();
    for entry in list.take() {
        let meant = of(&entry).is_some_and(|held| match wanted {
            None => true,
            Some(wanted) => {
                held.clone().restore(ctx).is_ok_and(|function| convert::identity(function.as_value()) == wanted)
            }
        });
        if meant { removed.push(entry) } else { kept.push(entry) }
    }
    *list.borrow_mut() = kept;
    // Dropped last: freeing a function may free a great deal more.
    drop(removed);
}

/// Delivers one event: named listeners first, then plain ones, from a snapshot of both lists.
pub(super) fn dispatch(state: &State, ctx: &Ctx<'_>, payload: &Payload) {
    Counters::count(&state.counters().events);
    let first = match state.received(ctx, payload) {
        Ok(value) => value,
        Err(error) => return state.absorb(ctx, &error),
    };
    let mut listeners: Vec<Held> = Vec::new();
    if !state.events.named.borrow().is_empty()
        && let Ok(Some(name)) = convert::own_text(ctx, &first, "name")
    {
        let named = state.events.named.borrow();
        listeners.extend(named.iter().filter(|(own, _)| *own == name).map(|(_, held)| held.clone()));
    }
    listeners.extend(state.events.plain.borrow().iter().cloned());
    let mut next = Some(first);
    for listener in listeners {
        // Values for a thousand listeners can take long, and the engine does not ask for the time while it makes them.
        if state.is_out_of_time() {
            return;
        }
        let value = match next.take().map_or_else(|| state.received(ctx, payload), Ok) {
            Ok(value) => value,
            Err(error) => return state.absorb(ctx, &error),
        };
        state.call_held(ctx, &listener, (value,));
    }
}
