//! The engine from outside: open it, run turns in it, let go of it. Everything here runs on the applet's own thread.

use super::app::AppEvent;
use super::convert::Names;
use super::heap::Heap;
use super::kept::{Compiled, Kept};
use super::state::{Setup, State};
use super::surroundings::Surroundings;
use super::turn::Ended;
use super::{calls, error_text, events, modules, prelude, rejections, timers};
use crate::bridge::{Counters, Outcome, Payload};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::CallId;
use rquickjs::context::{Context, intrinsic};
use rquickjs::{CatchResultExt, Ctx, Function, Persistent, Runtime, Value};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

/// What a mini-program gets of the language. Left out: WeakRef and FinalizationRegistry (they make collection
/// observable), Performance and DOMException (no such APIs here). `eval` stays: it grants nothing that package source
/// does not have, and source cannot run without it.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// What the promise jobs did in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pump {
    /// None is left.
    Idle,
    /// Some are left; messages come first.
    More,
}

/// One QuickJS runtime with its context.
pub(crate) struct Engine {
    pub(super) state: Rc<State>,
    load_ext_api: RefCell<Option<Persistent<Function<'static>>>>,
    budget: Cell<Duration>,
    /// How long promise jobs have been running since none was left: a chain of jobs has one budget.
    chain: Cell<Duration>,
    context: Context,
    runtime: Runtime,
}

impl Engine {
    /// Makes the runtime and runs the prelude.
    ///
    /// # Errors
    /// `E_MEMORY` when the memory cap is too small for the prelude, `E_INTERNAL` when the engine refuses otherwise.
    pub(crate) fn open(setup: Setup, surroundings: Box<dyn Surroundings>) -> Result<Self> {
        let refused = |_| Error::from(ErrorCode::Memory);
        let runtime = Runtime::new().map_err(refused)?;
        runtime.set_memory_limit(setup.limits.memory);
        runtime.set_max_stack_size(setup.limits.js_stack);
        let context = Context::custom::<Intrinsics>(&runtime).map_err(refused)?;
        let heap = Rc::new(context.with(|ctx| Heap::new(&ctx, setup.limits.memory)));
        let (turn, own) = (setup.turn.clone(), heap.clone());
        let handler = context.with(|ctx| own.interrupt_handler(&ctx, move || turn.must_interrupt()));
        runtime.set_interrupt_handler(Some(handler));
        let budget = setup.limits.turn_budget(false);
        let names = context.with(|ctx| Names::new(&ctx)).map_err(refused)?;
        let state = Rc::new(State::new(setup, surroundings, names, heap));
        rejections::install(&state, &runtime);
        let engine = Self {
            state,
            load_ext_api: RefCell::new(None),
            budget: Cell::new(budget),
            chain: Cell::new(Duration::ZERO),
            context,
            runtime,
        };
        let installed = engine.context.with(|ctx| {
            prelude::install(&engine.state, &ctx)
                .catch(&ctx)
                .map_err(|error| Error::new(ErrorCode::Internal, format!("the prelude failed: {error}")))
        });
        let hooks = installed?;
        *engine.load_ext_api.borrow_mut() = Some(hooks.load_ext_api);
        engine.state.pages.furnish(hooks.tools);
        Ok(engine)
    }

    /// Sets the budget of the turns to come.
    pub(crate) fn set_budget(&self, budget: Duration) {
        self.budget.set(budget);
    }

    /// Why the engine is over, if it is. It may then only be dropped.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.state.ended()
    }

    /// Runs `body` as one turn.
    pub(super) fn turn<R>(&self, body: impl FnOnce(&Ctx<'_>) -> R) -> std::result::Result<R, Ended> {
        self.turn_within(self.budget.get(), body)
    }

    fn turn_within<R>(&self, budget: Duration, body: impl FnOnce(&Ctx<'_>) -> R) -> std::result::Result<R, Ended> {
        if let Some(ended) = self.ended() {
            return Err(ended);
        }
        self.state.parked.set(Duration::ZERO);
        self.state.setup.turn.begin(budget);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            self.context.with(|ctx| {
                self.state.heap.look(&ctx);
                body(&ctx)
            })
        }));
        self.state.setup.turn.end();
        match (ran, self.ended()) {
            (Ok(result), None) => Ok(result),
            (Ok(_), Some(ended)) => Err(ended),
            (Err(panic), _) => {
                std::mem::forget(panic);
                Counters::count(&self.state.counters().panics);
                self.state.end(Ended::Internal);
                Err(Ended::Internal)
            }
        }
    }

    /// Evaluates a file of the package. With `as_configuration` its `module.exports.extApi` is declared.
    ///
    /// # Errors
    /// `E_BAD_PACKAGE`, naming file and line, when it does not compile or throws at its top level.
    pub(crate) fn run_file(&self, path: &str, as_configuration: bool) -> Result<()> {
        let ran = self.turn(|ctx| {
            let exports = modules::load(&self.state, ctx, path)
                .and_then(|exports| if as_configuration { self.declare(ctx, &exports) } else { Ok(()) });
            exports.map_err(|_| {
                let thrown = ctx.catch();
                if self.ended().is_none() && error_text::is_out_of_memory(ctx, &thrown, &self.state.heap) {
                    self.state.end(Ended::Memory);
                }
                error_text::describe(ctx, &thrown, self.state.limits().error_text_host_bytes)
            })
        });
        match ran {
            Ok(Ok(())) => Ok(()),
            Ok(Err(text)) => Err(Error::new(ErrorCode::BadPackage, format!("{path}: {text}"))),
            Err(ended) => Err(Error::new(
                ended.code().unwrap_or(ErrorCode::Closed),
                format!("{path}: the start of the mini-program was ended"),
            )),
        }
    }

    fn declare<'js>(&self, ctx: &Ctx<'js>, exports: &Value<'js>) -> rquickjs::Result<()> {
        let Some(exports) = exports.as_object() else { return Ok(()) };
        let list: Value<'js> = exports.get("extApi")?;
        let held = self.load_ext_api.borrow().clone();
        match held {
            Some(load) => load.restore(ctx)?.call((list,)),
            None => Ok(()),
        }
    }

    /// Runs the App's `onLaunch` and `onShow`. `options` is JSON text of an object.
    pub(crate) fn launch(&self, options: &str) -> std::result::Result<(), Ended> {
        self.with_options(options, |ctx, options| self.state.app.launch(&self.state, ctx, options))
    }

    /// Runs the App's `onShow` or `onHide`.
    pub(crate) fn shown(&self, visible: bool, options: &str) -> std::result::Result<(), Ended> {
        if visible {
            *self.state.entered.borrow_mut() = Some(Rc::from(options));
        }
        self.with_options(options, |ctx, options| self.state.app.shown(&self.state, ctx, visible, options))
    }

    /// Tells the App's hook and the listeners of an event from outside. `argument` is JSON text.
    pub(crate) fn raise(&self, event: AppEvent, argument: &str) -> std::result::Result<(), Ended> {
        self.with_options(argument, |ctx, argument| self.state.app.raise_event(&self.state, ctx, event, argument))
    }

    fn with_options(
        &self,
        options: &str,
        body: impl for<'js> FnOnce(&Ctx<'js>, &Value<'js>),
    ) -> std::result::Result<(), Ended> {
        self.turn(|ctx| match ctx.json_parse(options) {
            Ok(options) => body(ctx, &options),
            Err(error) => self.state.absorb(ctx, &error),
        })
    }

    /// Delivers the end of a call.
    pub(crate) fn reply(&self, id: CallId, outcome: &Outcome) -> std::result::Result<(), Ended> {
        self.turn(|ctx| self.state.deliver(ctx, id, outcome))
    }

    /// Delivers an intermediate state of a call.
    pub(crate) fn progress(&self, id: CallId, state: &Payload) -> std::result::Result<(), Ended> {
        self.turn(|ctx| calls::deliver_progress(&self.state, ctx, id, state))
    }

    /// Delivers an event.
    pub(crate) fn event(&self, payload: &Payload) -> std::result::Result<(), Ended> {
        self.turn(|ctx| events::dispatch(&self.state, ctx, payload))
    }

    /// Delivers one end that was decided on this thread; false when none waits.
    pub(crate) fn ready_one(&self) -> std::result::Result<bool, Ended> {
        if self.state.ready.borrow().is_empty() {
            return Ok(false);
        }
        self.turn(|ctx| calls::deliver_ready(&self.state, ctx))
    }

    /// When the earliest timer is due, on the turn clock.
    pub(crate) fn next_timer(&self) -> Option<Duration> {
        self.state.timers.next_due()
    }

    /// Runs one timer that is due; false when none is.
    pub(crate) fn timer_one(&self) -> std::result::Result<bool, Ended> {
        match self.next_timer() {
            Some(due) if due <= self.state.setup.turn.now() => self.turn(|ctx| timers::fire_one(&self.state, ctx)),
            _ => Ok(false),
        }
    }

    /// Whether something waits that needs no message: promise jobs or ends decided on this thread.
    pub(crate) fn has_work(&self) -> bool {
        self.runtime.is_job_pending() || !self.state.ready.borrow().is_empty()
    }

    /// Runs promise jobs until none is left, or the bound on jobs or time of one go is reached. What rejections
    /// nobody handles is reported when none is left.
    pub(crate) fn pump(&self) -> std::result::Result<Pump, Ended> {
        if !self.runtime.is_job_pending() {
            return self.settle_down();
        }
        self.context.with(|ctx| self.state.heap.look(&ctx));
        let limits = self.state.limits();
        let turn = &self.state.setup.turn;
        let began = turn.now();
        let slice = Duration::from_millis(limits.pump_ms);
        let parked = self.state.parked.get();
        // Time in which a job was parked in a synchronous call is nobody's JavaScript.
        let running = || {
            let parked = self.state.parked.get().saturating_sub(parked);
            turn.now().saturating_sub(began).saturating_sub(parked)
        };
        for _ in 0..limits.jobs_per_pump {
            let spent = self.chain.get() + running();
            self.job(self.budget.get().saturating_sub(spent))?;
            if !self.runtime.is_job_pending() {
                return self.settle_down();
            }
            if turn.now().saturating_sub(began) >= slice {
                break;
            }
        }
        self.chain.set(self.chain.get() + running());
        self.end_if_a_job_was_lost()?;
        if !self.state.rejections.is_empty() {
            self.turn(|ctx| rejections::end_if_out_of_memory(&self.state, ctx))?;
        }
        Ok(Pump::More)
    }

    /// Ends the applet when the engine had no memory for a promise job. It drops the job and tells nobody, but its error
    /// stays behind: without a look at that, a full heap could go on losing jobs for ever.
    fn end_if_a_job_was_lost(&self) -> std::result::Result<(), Ended> {
        self.context.with(|ctx| {
            if ctx.has_exception() && error_text::is_out_of_memory(&ctx, &ctx.catch(), &self.state.heap) {
                self.state.end(Ended::Memory);
            }
        });
        self.ended().map_or(Ok(()), Err)
    }

    /// Runs one promise job with what is left of the chain's budget.
    fn job(&self, budget: Duration) -> std::result::Result<(), Ended> {
        if let Some(ended) = self.ended() {
            return Err(ended);
        }
        self.state.setup.turn.begin(budget);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let Err(failed) = self.runtime.execute_pending_job() else { return };
            // Reading what it threw, and telling the error hooks, runs the mini-program's code on the same budget.
            failed.0.with(|ctx| {
                let thrown = ctx.catch();
                if self.ended().is_none() {
                    self.state.report(&ctx, &thrown);
                }
            });
        }));
        self.state.setup.turn.end();
        if let Err(panic) = ran {
            std::mem::forget(panic);
            Counters::count(&self.state.counters().panics);
            self.state.end(Ended::Internal);
        }
        // A job that used up the budget exactly ends the applet as well: the interrupt handler is asked only now and
        // then, and an endless chain of short jobs might never be.
        if self.ended().is_none() && self.chain.get() >= self.budget.get() {
            self.state.end(Ended::TurnTime);
        }
        self.ended().map_or(Ok(()), Err)
    }

    fn settle_down(&self) -> std::result::Result<Pump, Ended> {
        self.end_if_a_job_was_lost()?;
        self.chain.set(Duration::ZERO);
        self.state.parked.set(Duration::ZERO);
        if self.state.rejections.is_empty() {
            return Ok(Pump::Idle);
        }
        self.turn(|ctx| rejections::report(&self.state, ctx))?;
        Ok(if self.runtime.is_job_pending() { Pump::More } else { Pump::Idle })
    }

    /// What had to be compiled since this was asked last, where such is kept.
    pub(crate) fn take_compiled(&self) -> Vec<Compiled> {
        self.state.setup.kept.as_ref().map(Kept::take_compiled).unwrap_or_default()
    }

    /// Frees what only the collector can free.
    pub(crate) fn collect_garbage(&self) {
        self.runtime.run_gc();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Handles die before the runtime: one that outlives it trips an assertion of the engine and aborts.
        self.load_ext_api.borrow_mut().take();
        self.state.clear();
        self.context.with(|ctx| self.state.names.release(&ctx));
    }
}
