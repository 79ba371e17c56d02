//! One client from `init` to the end of `shutdown`, on the host's thread: the host's functions, promises and listeners
//! that belong to it. What other threads touch of it is the port.

use crate::client::json;
use crate::port::ffi::{Deferred, Env, Fault, Reference, Try, Value};
use crate::port::hook::{self, Ending};
use crate::port::raise::Raise;
use crate::port::style::Manner;
use crate::port::table::{Table, Token};
use crate::port::{self, Bell, Environment, Item, JsHandler, Port};
use crate::sink::HostSink;
use crate::views::Views;
use crate::{arguments, life_cycle};
use finapp_core::bridge::{Handler, Payload};
use finapp_core::host::{Clock, LogLevel, LogSink};
use finapp_core::{
    AppletClient, AppletRequest, CachedPackage, Config, Error, ErrorCode, FinAppClient, LifeCycleEvent, Platform,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

/// How long the end of an environment, or of a client, may wait for applet threads.
const MOST_WAIT: Duration = Duration::from_secs(2);

/// Hears what an applet's thread answered.
pub type Seen = Box<dyn FnOnce(Result<String, Error>) + Send>;

/// One client of one environment.
pub struct Session {
    /// The client itself.
    pub client: FinAppClient,
    /// The way from other threads to this one.
    pub port: Arc<Port>,
    /// Where our own lines go.
    pub log: Arc<dyn LogSink>,
    /// The clock of time slices.
    pub clock: Arc<dyn Clock>,
    /// The environment it belongs to, which its exports may have been called from another load of the module.
    pub environment: Weak<Environment>,
    /// What the last time slice left over.
    pub in_hand: RefCell<VecDeque<Item>>,
    handlers: RefCell<Table<HostFunction>>,
    /// What shows H5 pages.
    pub views: Views,
    /// Promises that an applet's thread will settle.
    promised: RefCell<Table<Deferred>>,
    object: RefCell<Option<Reference>>,
    listener: RefCell<Option<Reference>>,
    printer: RefCell<Option<Reference>>,
    phase: Cell<Phase>,
    waiting_for_end: RefCell<Vec<Deferred>>,
}

struct HostFunction {
    function: Reference,
    manner: Manner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Closing,
    Done,
}

impl Session {
    /// Makes a client. `printer` is the host's log function, if it gave one.
    ///
    /// # Errors
    /// `E_PARAM`, naming the field of the configuration.
    pub fn open<'s>(
        env: Env<'s>,
        environment: &Rc<Environment>,
        config: Config,
        printer: Option<Value<'s>>,
    ) -> Result<Rc<Self>, Raise<'s>> {
        let port = Arc::new(Port::new());
        let mut platform = Platform::default();
        if printer.is_some() {
            platform.log = Arc::new(HostSink::new(port.clone()));
        }
        let printer = printer.map(|printer| env.keep(printer)).transpose()?;
        let (log, clock) = (platform.log.clone(), platform.clock.clone());
        let session = Rc::new(Self {
            client: FinAppClient::init(config, platform)?,
            port,
            log,
            clock,
            environment: Rc::downgrade(environment),
            in_hand: RefCell::default(),
            handlers: RefCell::default(),
            views: Views::default(),
            promised: RefCell::default(),
            object: RefCell::default(),
            listener: RefCell::default(),
            printer: RefCell::new(printer),
            phase: Cell::new(Phase::Open),
            waiting_for_end: RefCell::default(),
        });
        // The hook comes after the bell: hooks run in reverse, and the bell must be taken down before Node frees it.
        let hung = Bell::hang(env, &session).and_then(|()| hook::add(env, &session));
        if let Err(fault) = hung {
            session.end();
            return Err(fault.into());
        }
        Ok(session)
    }

    /// The JavaScript object of this client, once it has been made.
    pub fn object<'s>(&self, env: Env<'s>) -> Option<Value<'s>> {
        self.object.borrow().as_ref().and_then(|object| env.kept(object).ok())
    }

    /// Remembers the JavaScript object of this client: `init` gives the same one again.
    pub fn set_object<'s>(&self, env: Env<'s>, object: Value<'s>) -> Try<'s, ()> {
        *self.object.borrow_mut() = Some(env.keep(object)?);
        Ok(())
    }

    /// A handler that runs a function of the host. The function is let go of when the handler is dropped.
    ///
    /// # Errors
    /// `E_CLOSED` after shutdown, `E_LIMIT` when there is no room for one more.
    pub fn handler<'s>(&self, env: Env<'s>, function: Value<'s>, manner: Manner) -> Result<Handler, Raise<'s>> {
        self.not_done()?;
        let entry = HostFunction { function: env.keep(function)?, manner };
        let token = match self.handlers.borrow_mut().insert(entry) {
            Ok(token) => token,
            Err(entry) => {
                env.release(entry.function);
                return Err(ErrorCode::Limit.into());
            }
        };
        Ok(Handler::Host(Arc::new(JsHandler::new(self.port.clone(), token))))
    }

    /// A handler's function, and how it was registered.
    pub fn function<'s>(&self, env: Env<'s>, handler: Token) -> Try<'s, (Value<'s>, Manner)> {
        let handlers = self.handlers.borrow();
        // It is there: it is let go of only after the last call that could name it.
        let missing = Fault::Status(napi_ohos::sys::Status::napi_invalid_arg);
        let entry = handlers.get(handler).ok_or(missing)?;
        Ok((env.kept(&entry.function)?, entry.manner))
    }

    /// Nobody can call this handler any more.
    pub fn forget_handler(&self, env: Env<'_>, handler: Token) {
        let entry = self.handlers.borrow_mut().remove(handler);
        if let Some(entry) = entry {
            env.release(entry.function);
        }
    }

    /// Starts an applet; the promise is settled when it is known. A request that is refused settles it as well.
    pub fn start<'s>(&self, env: Env<'s>, request: Result<AppletRequest, Raise<'s>>) -> Try<'s> {
        let (deferred, promise) = env.promise()?;
        let request = match request.and_then(|request| self.not_done().map(|()| request)) {
            Ok(request) => request,
            Err(raise) => {
                reject(env, deferred, raise);
                return Ok(promise);
            }
        };
        if let Some(token) = self.promise(env, deferred) {
            let port = self.port.clone();
            self.client.start_applet(request, move |result| port.post(Item::Started { promise: token, result }));
        }
        Ok(promise)
    }

    /// Asks for something that an applet's thread answers with JSON text; the promise is settled with what it says.
    pub fn ask<'s>(&self, env: Env<'s>, ask: impl FnOnce(Seen)) -> Result<Value<'s>, Raise<'s>> {
        self.not_done()?;
        let (deferred, promise) = env.promise()?;
        if let Some(token) = self.promise(env, deferred) {
            let port = self.port.clone();
            ask(Box::new(move |result| port.post(Item::Seen { promise: token, result })));
        }
        Ok(promise)
    }

    /// Lists the cached packages; the promise is settled when the disk has been read.
    pub fn cached_packages<'s>(&self, env: Env<'s>) -> Result<Value<'s>, Raise<'s>> {
        self.not_done()?;
        let (deferred, promise) = env.promise()?;
        let Some(token) = self.promise(env, deferred) else { return Ok(promise) };
        let port = self.port.clone();
        let told = move |list: Vec<CachedPackage>| {
            // A list of texts and numbers always becomes one.
            let text = serde_json::to_string(&list).unwrap_or_default();
            port.post(Item::Seen { promise: token, result: Ok(text) });
        };
        if let Err(error) = self.client.cached_packages(told) {
            self.seen(env, token, Err(error));
        }
        Ok(promise)
    }

    /// Keeps a promise that another thread will settle. None when there are too many, and this one is rejected.
    pub fn promise(&self, env: Env<'_>, deferred: Deferred) -> Option<Token> {
        let kept = self.promised.borrow_mut().insert(deferred);
        kept.map_err(|deferred| reject(env, deferred, ErrorCode::Busy.into())).ok()
    }

    /// An applet's thread has answered what it was asked: settles the promise.
    pub fn seen(&self, env: Env<'_>, promise: Token, result: Result<String, Error>) {
        self.settle(env, promise, || json(env, Ok(result?)));
    }

    /// A page has answered, or has not: settles the promise.
    pub fn answered(&self, env: Env<'_>, promise: Token, result: Result<Payload, Error>) {
        self.settle(env, promise, || {
            let answer = result?;
            if answer.is_none() {
                return Ok(env.null()?);
            }
            let environment = self.environment.upgrade().ok_or(ErrorCode::Closed)?;
            Ok(port::value(env, &environment.built_ins, answer)?)
        });
    }

    /// Settles a promise that has waited for another thread; what `value` raises rejects it.
    pub fn settle<'s>(&self, env: Env<'s>, promise: Token, value: impl FnOnce() -> Result<Value<'s>, Raise<'s>>) {
        let Some(deferred) = self.promised.borrow_mut().remove(promise) else { return };
        match value() {
            Ok(value) => deferred.settle(env, Ok(value)),
            Err(raise) => reject(env, deferred, raise),
        }
    }

    /// Sends an event to one applet.
    ///
    /// # Errors
    /// `E_PARAM`, `E_APPLET_NOT_FOUND`, `E_CLOSED`, and what a detail cannot be sent for.
    pub fn send_event<'s>(&self, env: Env<'s>, app_id: Value<'s>, detail: Value<'s>) -> Result<(), Raise<'s>> {
        let app_id = arguments::text(env, "appId", app_id)?;
        let detail = arguments::detail(env, detail, self.client.limits())?;
        Ok(self.client.send_custom_event(&app_id, detail)?)
    }

    /// Sends an event to all applets; gives how many took it.
    ///
    /// # Errors
    /// `E_PARAM`, and what a detail cannot be sent for.
    pub fn send_event_to_all<'s>(&self, env: Env<'s>, detail: Value<'s>) -> Result<f64, Raise<'s>> {
        let detail = arguments::detail(env, detail, self.client.limits())?;
        // Exact: there are far fewer applets than 2^32.
        Ok(u32::try_from(self.client.send_custom_event_to_all(detail)?).unwrap_or(u32::MAX).into())
    }

    /// An applet has started, or has not: settles its promise.
    pub fn started(self: &Rc<Self>, env: Env<'_>, promise: Token, result: Result<AppletClient, Error>) {
        self.settle(env, promise, || {
            let applet = crate::applet::AppletClient::new(self.clone(), result?);
            let environment = self.environment.upgrade().ok_or(ErrorCode::Closed)?;
            Ok(environment.classes.instance(env, applet)?)
        });
    }

    /// Sets the listener for life-cycle events, or takes it away.
    ///
    /// # Errors
    /// `E_CLOSED` after shutdown.
    pub fn listen<'s>(&self, env: Env<'s>, listener: Option<Value<'s>>) -> Result<(), Raise<'s>> {
        self.not_done()?;
        let kept = listener.map(|listener| env.keep(listener)).transpose()?;
        let port = self.port.clone();
        self.client.on_life_cycle(kept.is_some().then(|| -> Arc<dyn Fn(&LifeCycleEvent) + Send + Sync> {
            Arc::new(move |event| port.post(Item::LifeCycle(event.clone())))
        }));
        if let Some(replaced) = self.listener.replace(kept) {
            env.release(replaced);
        }
        Ok(())
    }

    /// Tells the host's listener of an event.
    pub fn tell(&self, env: Env<'_>, event: &LifeCycleEvent) {
        let listener = self.listener.borrow().as_ref().and_then(|listener| env.kept(listener).ok());
        let Some(listener) = listener else { return };
        let called =
            life_cycle::description(env, event).and_then(|event| env.call(listener, env.undefined()?, [event]));
        self.caught(env, "the life-cycle listener", called);
    }

    /// Gives the host's log function a line.
    pub fn print(&self, env: Env<'_>, level: LogLevel, tag: &str, line: &str) {
        let printer = self.printer.borrow().as_ref().and_then(|printer| env.kept(printer).ok());
        let Some(printer) = printer else { return };
        let printed = env
            .text(&level.to_string())
            .and_then(|level| env.call(printer, env.undefined()?, [level, env.text(tag)?, env.text(line)?]));
        // The log function cannot be told of its own exception.
        if let Err(fault) = printed {
            let message = crate::port::thrown_message(env, fault);
            let line = format!("the log function failed: {message}");
            Platform::default().log.write(LogLevel::Error, "finapp", &line);
        }
    }

    /// Logs what a function of the host threw: an exception of its own must not end the app (C23).
    pub fn caught<'s, T>(&self, env: Env<'s>, who: &str, called: Try<'s, T>) {
        if let Err(fault) = called {
            let message = crate::port::thrown_message(env, fault);
            self.log.write(LogLevel::Error, "finapp", &format!("{who} failed: {message}"));
        }
    }

    /// Takes no more work, ends all calls and closes all applets; the promise is settled when that is done.
    pub fn shut_down<'s>(self: &Rc<Self>, env: Env<'s>) -> Try<'s> {
        let (deferred, promise) = env.promise()?;
        match self.phase.get() {
            Phase::Done => deferred.settle(env, Ok(env.undefined()?)),
            Phase::Closing => self.waiting_for_end.borrow_mut().push(deferred),
            Phase::Open => {
                self.phase.set(Phase::Closing);
                self.waiting_for_end.borrow_mut().push(deferred);
                self.environment.upgrade().inspect(|environment| environment.close(self));
                self.client.shutdown();
                self.wait_elsewhere();
            }
        }
        Ok(promise)
    }

    /// The host's thread never waits for an applet's, so another one does, for as long as the shutdown takes.
    #[expect(clippy::disallowed_methods, reason = "one thread, for at most two seconds, once for a client")]
    fn wait_elsewhere(&self) {
        let (client, port) = (self.client.clone(), self.port.clone());
        let wait = move || port.post(Item::ShutDown(client.wait_until_closed(MOST_WAIT)));
        let thread = std::thread::Builder::new().name("finapp-shutdown".to_owned()).stack_size(128 * 1024);
        if thread.spawn(wait).is_err() {
            self.port.post(Item::ShutDown(self.client.wait_until_closed(Duration::ZERO)));
        }
    }

    /// Everything is closed, or has been given up: lets go of the host.
    pub fn finish(self: &Rc<Self>, env: Env<'_>, environment: &Environment, result: Result<(), Error>) {
        if self.phase.replace(Phase::Done) == Phase::Done {
            return;
        }
        let left = self.port.close();
        self.port.bell().take_down();
        hook::remove(env, self);
        drop(left);
        environment.calls.forget(env, self);
        environment.sites.clear(env);
        let functions = self.handlers.borrow_mut().remove_if(|_| true);
        functions.into_iter().for_each(|entry| env.release(entry.function));
        self.views.clear(env);
        let kept = [&self.object, &self.listener, &self.printer];
        kept.into_iter().filter_map(RefCell::take).for_each(|kept| env.release(kept));
        let promised = self.promised.borrow_mut().remove_if(|_| true);
        for deferred in promised {
            reject(env, deferred, ErrorCode::Closed.into());
        }
        for deferred in self.waiting_for_end.take() {
            match (&result, env.undefined()) {
                (Ok(()), Ok(undefined)) => deferred.settle(env, Ok(undefined)),
                (Err(error), _) => reject(env, deferred, error.clone().into()),
                (Ok(()), Err(fault)) => reject(env, deferred, fault.into()),
            }
        }
    }

    /// What is kept or queued once everything has been let go of would stay for ever.
    ///
    /// # Errors
    /// `E_CLOSED` then.
    pub fn not_done<'s>(&self) -> Result<(), Raise<'s>> {
        if self.is_done() { Err(ErrorCode::Closed.into()) } else { Ok(()) }
    }

    /// Whether this client is done for good.
    pub fn is_done(&self) -> bool {
        self.phase.get() == Phase::Done
    }
}

impl Ending for Session {
    /// The environment ends while the client is open: no new work, calls ended, applets closed, threads waited for, and
    /// only then the bell taken down (C24).
    fn end(&self) {
        self.phase.set(Phase::Done);
        let left = self.port.close();
        self.client.shutdown();
        drop(left);
        if let Err(error) = self.client.wait_until_closed(MOST_WAIT) {
            self.log.write(LogLevel::Warn, "finapp", &format!("the environment ended before its applets: {error}"));
        }
        self.port.bell().take_down();
    }
}

/// Rejects a promise.
pub fn reject<'s>(env: Env<'s>, deferred: Deferred, raise: Raise<'s>) {
    if let Ok(error) = raise.value(env) {
        deferred.settle(env, Err(error));
    }
}
