//! `App`, `getApp` and the hooks of the whole mini-program: launch, show, hide, errors, unhandled rejections. The
//! options object becomes the instance; an App hook runs before the listeners of the same event.

use super::callbacks::HeldFunction;
use super::convert::{self, plain_object};
use super::events;
use super::guard::guarded;
use super::state::State;
use crate::host::LogLevel;
use rquickjs::function::{Opt, This};
use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// The events that both `App` hooks and `wx.on…` listeners hear: hook, name after `on` and `off`.
const CHANNELS: [(&str, &str); 9] = [
    ("onShow", "AppShow"),
    ("onHide", "AppHide"),
    ("onError", "Error"),
    ("onUnhandledRejection", "UnhandledRejection"),
    ("onPageNotFound", "PageNotFound"),
    ("onThemeChange", "ThemeChange"),
    ("onWindowResize", "WindowResize"),
    ("onMemoryWarning", "MemoryWarning"),
    ("onNetworkStatusChange", "NetworkStatusChange"),
];

/// An event of the whole app that comes from outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppEvent {
    /// The mini-program was entered at a page that it does not have.
    PageNotFound,
    /// The system turned dark or light.
    ThemeChange,
    /// The window has another size.
    WindowResize,
    /// Memory is short.
    MemoryWarning,
    /// The device has another network, or none.
    NetworkStatusChange,
}

impl AppEvent {
    fn hook(self) -> &'static str {
        match self {
            Self::PageNotFound => "onPageNotFound",
            Self::ThemeChange => "onThemeChange",
            Self::WindowResize => "onWindowResize",
            Self::MemoryWarning => "onMemoryWarning",
            Self::NetworkStatusChange => "onNetworkStatusChange",
        }
    }
}

/// The one App of an applet and its listeners.
#[derive(Default)]
pub(super) struct App {
    instance: RefCell<Option<Persistent<Object<'static>>>>,
    /// What `getApp({allowDefault: true})` gives before there is an App; its members become the App's.
    stand_in: RefCell<Option<Persistent<Object<'static>>>>,
    listeners: [RefCell<Vec<HeldFunction>>; CHANNELS.len()],
}

impl App {
    pub(super) fn clear(&self) {
        self.instance.borrow_mut().take();
        self.stand_in.borrow_mut().take();
        for list in &self.listeners {
            list.borrow_mut().clear();
        }
    }

    /// How many listeners there are, over all events.
    pub(super) fn listeners(&self) -> usize {
        self.listeners.iter().map(|list| list.borrow().len()).sum()
    }

    fn instance<'js>(&self, ctx: &Ctx<'js>) -> Option<Object<'js>> {
        self.instance.borrow().clone().and_then(|held| held.restore(ctx).ok())
    }

    fn hook<'js>(&self, state: &State, ctx: &Ctx<'js>, hook: &str, argument: &Value<'js>) {
        let Some(app) = self.instance(ctx) else { return };
        match app.get::<_, Value<'js>>(hook) {
            Ok(value) => {
                if let Some(function) = value.into_function() {
                    state.call_script(ctx, &function, (This(app), argument.clone()));
                }
            }
            Err(error) => state.absorb(ctx, &error),
        }
    }

    fn raise<'js>(&self, state: &State, ctx: &Ctx<'js>, hook: &str, argument: &Value<'js>) {
        self.hook(state, ctx, hook, argument);
        self.tell_listeners(state, ctx, hook, argument);
    }

    fn tell_listeners<'js>(&self, state: &State, ctx: &Ctx<'js>, hook: &str, argument: &Value<'js>) {
        let Some(at) = CHANNELS.iter().position(|(own, _)| *own == hook) else { return };
        let listeners = self.listeners[at].borrow().clone();
        for listener in listeners {
            state.call_held(ctx, &listener, (argument.clone(),));
        }
    }

    /// Runs `onLaunch`, then `onShow`.
    pub(super) fn launch<'js>(&self, state: &State, ctx: &Ctx<'js>, options: &Value<'js>) {
        self.hook(state, ctx, "onLaunch", options);
        self.raise(state, ctx, "onShow", options);
    }

    /// Runs `onShow` or `onHide`.
    pub(super) fn shown<'js>(&self, state: &State, ctx: &Ctx<'js>, visible: bool, options: &Value<'js>) {
        self.raise(state, ctx, if visible { "onShow" } else { "onHide" }, options);
    }

    /// Tells hook and listeners of an event from outside.
    pub(super) fn raise_event<'js>(&self, state: &State, ctx: &Ctx<'js>, event: AppEvent, argument: &Value<'js>) {
        if event == AppEvent::NetworkStatusChange {
            // No platform has a hook for it: a member of that name is the App's own.
            self.tell_listeners(state, ctx, event.hook(), argument);
        } else {
            self.raise(state, ctx, event.hook(), argument);
        }
    }

    /// Tells the error hooks: one text, with the stack.
    pub(super) fn raise_error(&self, state: &State, ctx: &Ctx<'_>, text: &str) {
        if let Ok(text) = rquickjs::String::from_str(ctx.clone(), text) {
            self.raise(state, ctx, "onError", &text.into_value());
        }
    }

    /// Tells the rejection hooks: `{reason, promise}`.
    pub(super) fn raise_rejection<'js>(&self, state: &State, ctx: &Ctx<'js>, promise: Value<'js>, reason: Value<'js>) {
        let built = plain_object(ctx).and_then(|object| {
            convert::put_value(ctx, &object, "reason", reason)?;
            convert::put_value(ctx, &object, "promise", promise)?;
            Ok(object)
        });
        match built {
            Ok(object) => self.raise(state, ctx, "onUnhandledRejection", &object),
            Err(error) => state.absorb(ctx, &error),
        }
    }
}

/// Makes `App` and `getApp` globals and puts the `on…`/`off…` functions on `native`.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let globals = ctx.globals();
    let shared = state.clone();
    let app = Function::new(ctx.clone(), move |ctx: Ctx<'js>, options: Opt<Value<'js>>| {
        guarded(&shared, &ctx, || register(&shared, &ctx, options.0))
    })?;
    convert::put_value(ctx, globals.as_value(), "App", app.with_name("App")?.into_value())?;
    let shared = state.clone();
    let get_app = Function::new(ctx.clone(), move |ctx: Ctx<'js>, options: Opt<Value<'js>>| {
        guarded(&shared, &ctx, || get_app(&shared, &ctx, options.0))
    })?;
    convert::put_value(ctx, globals.as_value(), "getApp", get_app.with_name("getApp")?.into_value())?;
    for (at, (_, event)) in CHANNELS.iter().enumerate() {
        let on = format!("on{event}");
        let shared = state.clone();
        let name = on.clone();
        let add = Function::new(ctx.clone(), move |ctx: Ctx<'js>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                if let Some(listener) = events::callable(&shared, &ctx, &name, listener.0)? {
                    shared.app.listeners[at].borrow_mut().push(Persistent::save(&ctx, listener));
                }
                Ok(())
            })
        })?;
        convert::put_value(ctx, native.as_value(), &on, add.into_value())?;
        let off = format!("off{event}");
        let shared = state.clone();
        let name = off.clone();
        let remove = Function::new(ctx.clone(), move |ctx: Ctx<'js>, listener: Opt<Value<'js>>| {
            guarded(&shared, &ctx, || {
                if events::removable(&shared, &name, listener.0.as_ref()) {
                    events::remove(&ctx, &shared.app.listeners[at], listener.0.as_ref(), |held| Some(held));
                }
                Ok(())
            })
        })?;
        convert::put_value(ctx, native.as_value(), &off, remove.into_value())?;
    }
    Ok(())
}

fn register<'js>(state: &State, ctx: &Ctx<'js>, options: Option<Value<'js>>) -> Result<()> {
    if state.app.instance.borrow().is_some() {
        state.log(LogLevel::Error, "App() is called once; the second call is ignored");
        return Ok(());
    }
    let instance = match options.and_then(Value::into_object) {
        Some(options) => options,
        None => Object::new(ctx.clone())?,
    };
    let stand_in = state.app.stand_in.borrow_mut().take();
    if let Some(stand_in) = stand_in {
        let members = stand_in.restore(ctx)?;
        for name in members.keys::<String>() {
            let name = name?;
            if !instance.contains_key(name.as_str())? {
                convert::put_value(ctx, instance.as_value(), &name, members.get(name.as_str())?)?;
            }
        }
    }
    *state.app.instance.borrow_mut() = Some(Persistent::save(ctx, instance));
    Ok(())
}

fn get_app<'js>(state: &State, ctx: &Ctx<'js>, options: Option<Value<'js>>) -> Result<Value<'js>> {
    if let Some(app) = state.app.instance(ctx) {
        return Ok(app.into_value());
    }
    let wanted = match options.as_ref().and_then(Value::as_object) {
        Some(options) => options.get::<_, Value<'js>>("allowDefault")?.as_bool() == Some(true),
        None => false,
    };
    if !wanted {
        return Ok(Value::new_undefined(ctx.clone()));
    }
    let known = state.app.stand_in.borrow().clone();
    if let Some(known) = known {
        return Ok(known.restore(ctx)?.into_value());
    }
    let fresh = Object::new(ctx.clone())?;
    *state.app.stand_in.borrow_mut() = Some(Persistent::save(ctx, fresh.clone()));
    Ok(fresh.into_value())
}
