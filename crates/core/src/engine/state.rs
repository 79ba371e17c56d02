//! What the native functions of one engine share. Lives on the applet's thread only. No borrow is ever held while
//! JavaScript or a handler runs.

use super::bytecode::Glue;
use super::callbacks::{Callbacks, HeldFunction};
use super::heap::Heap;
use super::kept::Kept;
use super::surroundings::Surroundings;
use super::turn::{Ended, TurnClock};
use super::{app, calls, console, convert, error_text, events, pages, plugins, rejections, timers};
use crate::bridge::{CallScope, Caller, Counters, Dispatcher, Outcome, Payload, PendingCall};
use crate::error::{Error, ErrorCode, cut};
use crate::host::{LogLevel, LogSink};
use crate::limits::Limits;
use rquickjs::function::IntoArgs;
use rquickjs::{Ctx, Function, Persistent, Value};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How a params template is enforced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateMode {
    /// Not at all.
    Off,
    /// A line in the log.
    #[default]
    Warn,
    /// The call fails.
    Strict,
}

/// A custom API that the host declares for its mini-programs, from TCMPP's configuration file.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// The entries, as JSON text of a list.
    pub(crate) entries: String,
    /// How `params` is enforced.
    pub(crate) mode: TemplateMode,
    /// Every name the host has registered becomes a member of `wx`, listed or not.
    pub(crate) expose_registered: bool,
}

/// A member of `ft` and `wx` that the library answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltIn {
    pub(crate) name: &'static str,
    pub(crate) sync: bool,
}

/// Built-ins that belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) members: &'static [BuiltIn],
    /// Where they are more than a call of their slot.
    pub(crate) glue: Option<Glue>,
}

/// What an engine is made of.
pub(crate) struct Setup {
    pub(crate) limits: Arc<Limits>,
    pub(crate) scope: Arc<CallScope>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) caller: Arc<Caller>,
    /// The plugins that the mini-program includes, each once.
    pub(crate) plugins: Vec<plugins::Included>,
    pub(crate) turn: Arc<TurnClock>,
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) debug: bool,
    pub(crate) built_ins: &'static [BuiltIn],
    /// The same, one after the other.
    pub(crate) families: &'static [Family],
    /// Whether a member of `ft` and `wx` has what a path of `canIUse` names.
    pub(crate) documented: fn(name: &str, path: &str) -> bool,
    /// JSON text: what `onLaunch` and `onShow` get.
    pub(crate) launch_options: String,
    pub(crate) declared: Option<Declared>,
    /// What earlier runs have compiled, where such is kept.
    pub(crate) kept: Option<Kept>,
}

/// A call whose caller waits for callbacks.
pub(super) struct Waiting {
    pub(super) callbacks: Callbacks,
    pub(super) prefix: Rc<str>,
    pub(super) call: Arc<PendingCall>,
}

/// A call that has ended on this very thread and will be delivered in a turn of its own.
pub(super) struct Ready {
    pub(super) callbacks: Callbacks,
    pub(super) prefix: Rc<str>,
    pub(super) end: ReadyEnd,
}

pub(super) enum ReadyEnd {
    Answer(Persistent<Value<'static>>),
    /// With names like the one asked for, when nobody answers that one.
    Refused(Error, Vec<String>),
}

pub(super) struct State {
    pub(super) setup: Setup,
    pub(super) surroundings: Box<dyn Surroundings>,
    pub(super) names: convert::Names,
    pub(super) heap: Rc<Heap>,
    pub(super) apis: calls::Apis,
    pub(super) waiting: RefCell<Vec<Option<Waiting>>>,
    pub(super) ready: RefCell<VecDeque<Ready>>,
    pub(super) serialising: Cell<bool>,
    pub(super) parked: Cell<Duration>,
    pub(super) events: events::Listeners,
    pub(super) timers: timers::Timers,
    pub(super) console: console::Console,
    pub(super) app: app::App,
    /// JSON text: what the last `onShow` got, once the applet was entered anew.
    pub(super) entered: RefCell<Option<Rc<str>>>,
    pub(super) rejections: rejections::Rejections,
    pub(super) modules: super::modules::Modules,
    pub(super) pages: pages::Pages,
    pub(super) plugins: plugins::Environments,
    /// Keeps alive what the engine needs to make the error "out of memory" without more memory than that.
    pub(super) error_shape: RefCell<Option<Persistent<Value<'static>>>>,
    /// The engine's own constructor of DataViews, taken before the mini-program could put another in its place.
    pub(super) data_view: RefCell<Option<convert::parse::HeldConstructor>>,
    near: RefCell<Vec<String>>,
    ended: Cell<Option<Ended>>,
    reporting: Cell<bool>,
}

impl State {
    pub(super) fn new(
        setup: Setup,
        surroundings: Box<dyn Surroundings>,
        names: convert::Names,
        heap: Rc<Heap>,
    ) -> Self {
        Self {
            console: console::Console::new(setup.turn.now()),
            setup,
            surroundings,
            names,
            heap,
            apis: calls::Apis::default(),
            waiting: RefCell::default(),
            ready: RefCell::default(),
            serialising: Cell::new(false),
            parked: Cell::new(Duration::ZERO),
            events: events::Listeners::default(),
            timers: timers::Timers::default(),
            app: app::App::default(),
            entered: RefCell::default(),
            rejections: rejections::Rejections::default(),
            modules: super::modules::Modules::default(),
            pages: pages::Pages::default(),
            plugins: plugins::Environments::default(),
            error_shape: RefCell::default(),
            data_view: RefCell::default(),
            near: RefCell::default(),
            ended: Cell::new(None),
            reporting: Cell::new(false),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.setup.limits
    }

    pub(super) fn counters(&self) -> &Counters {
        self.setup.scope.counters()
    }

    /// Remembers the first reason for the end.
    pub(super) fn end(&self, ended: Ended) {
        if self.ended.get().is_none() {
            self.ended.set(Some(ended));
        }
    }

    /// Why the engine is over, if it is.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.ended.get().or_else(|| self.setup.turn.interrupted())
    }

    /// Asks the turn clock now, and not only when the engine happens to. True when the turn is over.
    pub(super) fn is_out_of_time(&self) -> bool {
        self.ended().is_some() || self.setup.turn.must_interrupt()
    }

    pub(super) fn suggest(&self, near: Vec<String>) {
        *self.near.borrow_mut() = near;
    }

    pub(super) fn take_near(&self) -> Vec<String> {
        std::mem::take(&mut self.near.borrow_mut())
    }

    /// Calls a function of the mini-program. What it throws goes to the error hooks; what it returns comes back.
    /// None when it threw or the engine is over.
    pub(super) fn call_script<'js, A: IntoArgs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        function: &Function<'js>,
        arguments: A,
    ) -> Option<Value<'js>> {
        if self.ended().is_some() {
            return None;
        }
        match function.call::<A, Value<'js>>(arguments) {
            Ok(value) => Some(value),
            Err(error) => {
                self.absorb(ctx, &error);
                None
            }
        }
    }

    /// The same for a function that is kept.
    pub(super) fn call_held<'js, A: IntoArgs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        function: &HeldFunction,
        arguments: A,
    ) -> Option<Value<'js>> {
        let function = function.clone().restore(ctx).ok()?;
        self.call_script(ctx, &function, arguments)
    }

    /// Takes the pending exception away: the end of the engine, or an error for the hooks.
    pub(super) fn absorb(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) {
        let thrown = ctx.catch();
        if self.ended().is_some() {
            return;
        }
        if error.is_exception() {
            self.report(ctx, &thrown);
        } else {
            self.report_text(ctx, cut(&error.to_string(), self.limits().error_text_host_bytes));
        }
    }

    /// Reports a thrown value to the error hooks, the host and the log.
    pub(super) fn report(&self, ctx: &Ctx<'_>, thrown: &Value<'_>) {
        self.report_at(ctx, thrown, "");
    }

    /// The same, saying first where it was thrown.
    pub(super) fn report_at(&self, ctx: &Ctx<'_>, thrown: &Value<'_>, place: &str) {
        if error_text::is_out_of_memory(ctx, thrown, &self.heap) {
            self.end(Ended::Memory);
            return;
        }
        let most = self.limits().error_text_host_bytes;
        let text = error_text::describe(ctx, thrown, most);
        let text = if place.is_empty() { text } else { format!("{place}: {text}") };
        self.report_text(ctx, cut(&text, most));
    }

    fn report_text(&self, ctx: &Ctx<'_>, text: &str) {
        if self.ended().is_some() {
            return;
        }
        self.log(LogLevel::Error, text);
        // An error inside an error hook is logged and goes no further.
        if self.reporting.replace(true) {
            return;
        }
        self.surroundings.script_error(Error::new(ErrorCode::Handler, text.to_owned()));
        self.app.raise_error(self, ctx, text);
        self.reporting.set(false);
    }

    /// What the host sent, as an engine value.
    pub(super) fn received<'js>(&self, ctx: &Ctx<'js>, payload: &Payload) -> rquickjs::Result<Value<'js>> {
        convert::parse::value(ctx, payload, &self.data_view)
    }

    /// Writes one line to the log, cut, escaped and rate-limited.
    pub(super) fn log(&self, level: LogLevel, text: &str) {
        self.console.line(self, level, text);
    }

    /// Gives a call in flight its callbacks.
    pub(super) fn await_call(&self, waiting: Waiting) {
        let slot = waiting.call.id().slot as usize;
        let mut table = self.waiting.borrow_mut();
        if table.len() <= slot {
            table.resize_with(slot + 1, || None);
        }
        table[slot] = Some(waiting);
    }

    /// Puts the end of a call on the queue of ends that were decided on this thread.
    pub(super) fn queue(&self, ready: Ready) {
        self.ready.borrow_mut().push_back(ready);
    }

    /// Delivers an end that came through the mailbox. The slot of the call is free again afterwards.
    pub(super) fn deliver<'js>(&self, ctx: &Ctx<'js>, id: crate::ids::CallId, outcome: &Outcome) {
        if !self.setup.scope.release(id) {
            return;
        }
        let waiting = self.waiting.borrow_mut().get_mut(id.slot as usize).and_then(Option::take);
        let Some(waiting) = waiting.filter(|waiting| waiting.call.id() == id) else { return };
        calls::finish(self, ctx, &waiting.callbacks, &waiting.prefix, |state| {
            super::results::of_outcome(state, ctx, &waiting.prefix, outcome)
        });
    }

    /// Lets go of every engine value, on the engine's thread, before the runtime is dropped.
    pub(super) fn clear(&self) {
        self.waiting.borrow_mut().clear();
        self.ready.borrow_mut().clear();
        self.apis.clear();
        self.events.clear();
        self.timers.clear();
        self.app.clear();
        self.rejections.clear();
        self.modules.clear();
        self.pages.clear();
        self.plugins.clear();
        self.error_shape.borrow_mut().take();
        self.data_view.borrow_mut().take();
    }
}
