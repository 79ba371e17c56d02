//! What shows an H5 page, as an object of the host: `{run, load, goBack, close}`. What the page's session wants of it, on
//! whatever thread, goes through the queue to the host's.

use super::ffi::{Env, Kind, Try, Value};
use super::table::Token;
use super::{Item, Port};
use crate::arguments::Given;
use crate::session::Session;
use finapp_core::h5::{PageView, ScriptValue, ScriptValues};
use finapp_core::{Error, ErrorCode};
use std::sync::Arc;

/// What a view is asked to do.
pub enum Act {
    /// Run a script in the top frame.
    Run(String),
    /// Show what is at this address.
    Load(String),
    /// Go back by one document.
    GoBack,
    /// Go: the page is gone.
    Close,
}

/// The view of one page. The host's object stays on the host's thread; what travels is its token.
pub struct JsView {
    port: Arc<Port>,
    token: Token,
    values: Arc<ScriptValues>,
}

impl JsView {
    /// The view whose object the session keeps under `token`. Values of scripts come back to `values`.
    pub fn new(port: Arc<Port>, token: Token, values: Arc<ScriptValues>) -> Self {
        Self { port, token, values }
    }

    fn ask(&self, act: Act) {
        self.port.post(Item::View { view: self.token, act });
    }
}

impl PageView for JsView {
    fn run(&self, script: String, value: Option<ScriptValue>) {
        self.ask(Act::Run(match value {
            Some(value) => self.values.ask(&script, value),
            None => script,
        }));
    }

    fn load(&self, url: &str) {
        self.ask(Act::Load(url.to_owned()));
    }

    fn go_back(&self) {
        self.ask(Act::GoBack);
    }

    fn close(&self) {
        self.ask(Act::Close);
    }
}

impl Drop for JsView {
    /// Nobody can ask anything of it any more.
    fn drop(&mut self) {
        self.port.post(Item::ForgetView { view: self.token });
    }
}

/// The object of a view, looked at before a page depends on it.
///
/// # Errors
/// `E_PARAM` when it lacks one of its functions.
pub fn checked<'s>(env: Env<'s>, view: Value<'s>) -> Given<'s, Value<'s>> {
    let missing = |name: &str| Error::new(ErrorCode::Parameter, format!("view.{name}: expected a function"));
    if env.kind(view) != Kind::Object {
        return Err(Error::new(ErrorCode::Parameter, "view: expected an object").into());
    }
    for (member, name) in [(c"run", "run"), (c"load", "load"), (c"goBack", "goBack"), (c"close", "close")] {
        if env.kind(env.member(view, member)?) != Kind::Function {
            return Err(missing(name).into());
        }
    }
    Ok(view)
}

/// Does what a view was asked to, on the host's thread. What the host throws is logged.
pub fn perform(env: Env<'_>, session: &Session, view: Token, act: Act) {
    let Some(object) = session.views.get(env, view) else { return };
    let (name, argument, ends) = match act {
        Act::Run(script) => (c"run", Some(script), false),
        Act::Load(url) => (c"load", Some(url), false),
        Act::GoBack => (c"goBack", None, false),
        Act::Close => (c"close", None, true),
    };
    let called: Try<'_> = env.member(object, name).and_then(|function| match argument {
        Some(text) => env.call(function, object, [env.text(&text)?]),
        None => env.call(function, object, []),
    });
    session.caught(env, "the view of a page", called);
    if ends {
        session.views.forget(env, view);
    }
}
