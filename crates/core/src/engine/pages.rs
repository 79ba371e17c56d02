//! Pages of a mini-program: loads the component layer (`components/layer/`), gives it its natives, and takes the steps of
//! a page's life. The layer decides what a page is; here is the border. What its functions throw is an error of the call,
//! and what the mini-program's own code throws never gets this far.

#[cfg(feature = "components")]
mod natives;

use super::runtime::Engine;
use super::state::State;
use super::turn::Ended;
use super::{convert, error_text};
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogLevel;
use crate::ids::PageId;
use rquickjs::function::Args;
use rquickjs::{Ctx, Function, Object, Persistent, Value};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// How many batches of changes wait for a view. One that is further behind is given the whole tree again.
#[cfg(feature = "components")]
const MOST_BATCHES: usize = 256;

/// Something that happens to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageStep {
    /// The page is made and hears `onLoad`. `query` is JSON text of an object of texts.
    Open {
        id: PageId,
        path: String,
        query: String,
        opener: Option<PageId>,
    },
    Show(PageId),
    /// It has been drawn for the first time.
    Ready(PageId),
    Hide(PageId),
    Unload(PageId),
    RouteDone(PageId),
    /// What `getCurrentPages` shows from now on.
    Stack(Vec<PageId>),
    /// A hook that a page need not have. `argument` is JSON text.
    Call {
        id: PageId,
        hook: String,
        argument: String,
    },
    /// A view is attached to the page, or is no longer.
    Watch(PageId, bool),
    /// Something happens in its `<web-view>`. `detail` is JSON text.
    Web {
        id: PageId,
        kind: &'static str,
        detail: String,
    },
}

/// What the `<web-view>` of a page is to show from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebViewChange {
    pub(crate) page: PageId,
    /// The address as the mini-program wrote it; empty when there is nothing to show any more.
    pub(crate) src: String,
    /// How long the web page may take to say that it is complete.
    pub(crate) timeout: Option<Duration>,
}

/// Something that is asked of a page. Answers are JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageLook {
    Tree(PageId),
    Data(PageId),
    /// Somebody uses the first element that fits the selector; the answer says whether there is one. `detail` is JSON text.
    Event {
        id: PageId,
        selector: String,
        kind: String,
        detail: String,
    },
}

/// The layer, once it is loaded.
#[derive(Default)]
pub(super) struct Pages {
    tools: RefCell<Option<Persistent<Object<'static>>>>,
    layer: RefCell<Option<Persistent<Object<'static>>>>,
    changes: RefCell<VecDeque<(PageId, String)>>,
    behind: Cell<bool>,
    web_views: RefCell<Vec<WebViewChange>>,
    /// The page that is seen.
    top: Cell<PageId>,
}

impl Pages {
    /// Keeps what the prelude gives for the layer.
    pub(super) fn furnish(&self, tools: Persistent<Object<'static>>) {
        *self.tools.borrow_mut() = Some(tools);
    }

    pub(super) fn clear(&self) {
        self.tools.borrow_mut().take();
        self.layer.borrow_mut().take();
    }

    /// Whether there can be pages.
    pub(super) fn are_installed(&self) -> bool {
        self.layer.borrow().is_some()
    }

    /// The page that is seen; 0 when there is none.
    pub(super) fn top(&self) -> PageId {
        self.top.get()
    }

    fn layer<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
        let held = self.layer.borrow().clone();
        held.ok_or(rquickjs::Error::Unknown)?.restore(ctx)
    }

    #[cfg(feature = "components")]
    fn web_view(&self, change: WebViewChange) {
        self.web_views.borrow_mut().push(change);
    }

    #[cfg(feature = "components")]
    fn changed(&self, page: PageId, changes: String) {
        let mut waiting = self.changes.borrow_mut();
        if waiting.len() >= MOST_BATCHES {
            self.behind.set(true);
            return;
        }
        waiting.push_back((page, changes));
    }
}

impl Engine {
    /// Loads the layer, before the code of the package runs. `app_json` is the text of `app.json`.
    ///
    /// # Errors
    /// `E_BAD_PACKAGE` when the text is not JSON, `E_INTERNAL` when the layer does not start.
    pub(crate) fn install_pages(&self, app_json: &str) -> Result<()> {
        self.page_turn(|ctx| install(&self.state, ctx, app_json)).and_then(|done| done)
    }

    /// Loads the files of all pages and components, unless `app.json` says otherwise, after `app.js` has run.
    ///
    /// # Errors
    /// When the layer is not there or the engine is over. Errors of the files go to the error hooks.
    pub(crate) fn start_pages(&self) -> Result<()> {
        self.page_turn(|ctx| call(&self.state, ctx, "start", |_| Ok(())).map(drop)).and_then(|done| done)
    }

    /// Takes a step, as one turn.
    ///
    /// # Errors
    /// The outer one when the engine is over, the inner one when there is no such page.
    pub(crate) fn page_step(&self, step: &PageStep) -> std::result::Result<Result<()>, Ended> {
        self.turn(|ctx| take(&self.state, ctx, step).map(drop))
    }

    /// Looks at a page, as one turn.
    ///
    /// # Errors
    /// As for a step, and when what is there cannot be written as JSON.
    pub(crate) fn page_look(&self, look: &PageLook) -> std::result::Result<Result<String>, Ended> {
        self.turn(|ctx| {
            let found = look_at(&self.state, ctx, look)?;
            // A text is JSON that the layer wrote itself.
            convert::with_text(&found, usize::MAX)
                .ok_or_else(|| Error::new(ErrorCode::Serialize, "the page cannot be written as text"))
        })
    }

    /// What has changed in pages that have a view, oldest first: page, JSON text. True when some was lost: watch the page
    /// again for the whole of it.
    pub(crate) fn take_page_changes(&self) -> (Vec<(PageId, String)>, bool) {
        let pages = &self.state.pages;
        (pages.changes.borrow_mut().drain(..).collect(), pages.behind.replace(false))
    }

    /// What the `<web-view>`s of pages are to show, oldest first, since this was asked last.
    pub(crate) fn take_web_view_changes(&self) -> Vec<WebViewChange> {
        self.state.pages.web_views.take()
    }

    /// Writes a warning into the mini-program's log, as one of its own lines.
    pub(crate) fn warn(&self, text: &str) {
        self.state.log(LogLevel::Warn, text);
    }

    fn page_turn<T>(&self, body: impl FnOnce(&Ctx<'_>) -> T) -> Result<T> {
        self.turn(body).map_err(|ended| {
            Error::new(ended.code().unwrap_or(ErrorCode::Closed), "the start of the mini-program was ended")
        })
    }
}

#[cfg(feature = "components")]
fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, app_json: &str) -> Result<()> {
    let app_json: Value<'js> = ctx.json_parse(app_json).map_err(|_| {
        drop(ctx.catch());
        Error::new(ErrorCode::BadPackage, "app.json is not JSON")
    })?;
    let tools = state.pages.tools.borrow_mut().take();
    let installed = || -> rquickjs::Result<Object<'js>> {
        let tools = tools.ok_or(rquickjs::Error::Unknown)?.restore(ctx)?;
        let install: Function<'js> = super::bytecode::module(ctx, &super::bytecode::COMPONENTS)?.get("install")?;
        install.call((tools, natives::natives(state, ctx)?, app_json))
    };
    let layer = installed().map_err(|_| failed(state, ctx, ErrorCode::Internal))?;
    *state.pages.layer.borrow_mut() = Some(Persistent::save(ctx, layer));
    Ok(())
}

#[cfg(not(feature = "components"))]
fn install(_: &Rc<State>, _: &Ctx<'_>, _: &str) -> Result<()> {
    Err(Error::new(ErrorCode::NotFound, "this build has no pages"))
}

/// What the layer threw, as an error.
fn failed(state: &State, ctx: &Ctx<'_>, code: ErrorCode) -> Error {
    let thrown = ctx.catch();
    if state.ended().is_none() && error_text::is_out_of_memory(ctx, &thrown, &state.heap) {
        state.end(Ended::Memory);
    }
    Error::new(code, error_text::describe(ctx, &thrown, state.limits().error_text_host_bytes))
}

/// Calls a function of the layer.
fn call<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    name: &str,
    push: impl FnOnce(&mut Args<'js>) -> rquickjs::Result<()>,
) -> Result<Value<'js>> {
    let called = || -> rquickjs::Result<Value<'js>> {
        let function: Function<'js> = state.pages.layer(ctx)?.get(name)?;
        let mut given = Args::new(ctx.clone(), 4);
        push(&mut given)?;
        function.call_arg(given)
    };
    called().map_err(|error| {
        if error.is_exception() {
            failed(state, ctx, ErrorCode::NotFound)
        } else {
            Error::new(ErrorCode::NotFound, "the mini-program has no pages")
        }
    })
}

fn take<'js>(state: &State, ctx: &Ctx<'js>, step: &PageStep) -> Result<Value<'js>> {
    let plain = |name: &str, id: &PageId| call(state, ctx, name, |given| given.push_arg(id.0));
    match step {
        PageStep::Open { id, path, query, opener } => call(state, ctx, "open", |given| {
            given.push_arg(id.0)?;
            given.push_arg(path.as_str())?;
            given.push_arg(ctx.json_parse(query.as_str())?)?;
            given.push_arg(opener.unwrap_or_default().0)
        }),
        PageStep::Show(id) => plain("show", id),
        PageStep::Ready(id) => plain("ready", id),
        PageStep::Hide(id) => plain("hide", id),
        PageStep::Unload(id) => plain("unload", id),
        PageStep::RouteDone(id) => plain("routeDone", id),
        PageStep::Stack(ids) => {
            state.pages.top.set(ids.last().copied().unwrap_or_default());
            call(state, ctx, "stack", |given| given.push_arg(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        }
        PageStep::Call { id, hook, argument } => call(state, ctx, "call", |given| {
            given.push_arg(id.0)?;
            given.push_arg(hook.as_str())?;
            given.push_arg(ctx.json_parse(argument.as_str())?)
        }),
        PageStep::Watch(id, on) => call(state, ctx, "watch", |given| {
            given.push_arg(id.0)?;
            given.push_arg(*on)
        }),
        PageStep::Web { id, kind, detail } => call(state, ctx, "webEvent", |given| {
            given.push_arg(id.0)?;
            given.push_arg(*kind)?;
            given.push_arg(ctx.json_parse(detail.as_str())?)
        }),
    }
}

fn look_at<'js>(state: &State, ctx: &Ctx<'js>, look: &PageLook) -> Result<Value<'js>> {
    match look {
        PageLook::Tree(id) => call(state, ctx, "tree", |given| given.push_arg(id.0)),
        PageLook::Data(id) => call(state, ctx, "data", |given| given.push_arg(id.0)),
        PageLook::Event { id, selector, kind, detail } => call(state, ctx, "event", |given| {
            given.push_arg(id.0)?;
            given.push_arg(selector.as_str())?;
            given.push_arg(kind.as_str())?;
            given.push_arg(ctx.json_parse(detail.as_str())?)
        }),
    }
}

#[cfg(test)]
mod tests;
