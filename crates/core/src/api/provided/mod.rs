//! What only the host can answer: pictures, places, dialogs, the clipboard, who the user is. `catalogue` lists the APIs;
//! parameters are checked here (`shape`), what needs the user's word asks for it (`scopes`), a provider of the host
//! answers (`providers`, or `fixed` ones of the configuration), and what it said is checked too (`answer`). Files go
//! through the sandbox both ways: neither side sees the other's paths. Runs on the applet's thread until something has to
//! be waited for, then on that of the store or on one that may wait for the disk.

mod answer;
mod catalogue;
mod fixed;
mod own;
mod paths;
mod picture;
mod providers;
mod scopes;
mod shape;

use super::files::{Sandbox, Sandboxes};
use super::storage::Stores;
use super::system::HostInfo;
use crate::bridge::members::{Members, type_name, value};
use crate::bridge::{ApiOptions, CallInfo, Handler, HostCall, HostHandler, Outcome, Pages, Payload, Reply};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::limits::Limits;
use crate::lock::read;
use catalogue::{APIS, AUTHORIZE, Alone, Answer, Api};
pub(crate) use fixed::{FixedProviders, validate};
use providers::{Provider, Providers};
use scopes::Asking;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, RwLock};

/// The names on `ft` and `wx`.
pub(super) const BUILT_INS: &[BuiltIn] = &{
    let mut list = [BuiltIn { name: "", sync: false }; APIS.len()];
    let mut at = 0;
    while at < APIS.len() {
        list[at].name = APIS[at].name;
        at += 1;
    }
    list
};

/// Runs work on a thread that may wait for the disk.
pub(crate) type Elsewhere = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// What this family is told of the client around it.
pub(crate) struct Around {
    pub(crate) limits: Arc<Limits>,
    pub(crate) elsewhere: Elsewhere,
    /// What the host told of the device.
    pub(crate) host: Arc<RwLock<HostInfo>>,
}

/// The providers of one client, and all that is between them and the mini-programs.
pub(crate) struct Provided {
    around: Around,
    stores: Arc<Stores>,
    sandboxes: Arc<Sandboxes>,
    providers: Providers,
    asking: Asking,
}

impl Provided {
    /// The family, with the providers of the configuration, which has been checked.
    pub(crate) fn new(
        around: Around,
        stores: Arc<Stores>,
        sandboxes: Arc<Sandboxes>,
        fixed: &FixedProviders,
    ) -> Arc<Self> {
        Arc::new(Self { around, stores, sandboxes, providers: Providers::new(fixed), asking: Asking::default() })
    }

    /// Takes a provider, for one mini-program or for all.
    ///
    /// # Errors
    /// `E_PARAM` when the name is none of this family.
    pub(crate) fn set(&self, applet: Option<AppletId>, name: &str, provider: Arc<dyn HostHandler>) -> Result<()> {
        self.providers.set(applet, name, provider)
    }

    /// Lets go of one. False when there was none.
    ///
    /// # Errors
    /// As [`Provided::set`].
    pub(crate) fn remove(&self, applet: Option<AppletId>, name: &str) -> Result<bool> {
        self.providers.remove(applet, name)
    }

    /// Lets go of all that the host gave.
    pub(crate) fn clear(&self) {
        self.providers.clear();
    }

    /// A call whose parameters are right.
    fn take(self: &Arc<Self>, api: &'static Api, info: CallInfo, params: &Members<'_>, reply: Reply) {
        // Before anybody is asked for a file that the caller could not have.
        if api.has_files()
            && let Err(error) = self.sandboxes.of(&info.caller)
        {
            return failure(&reply, error);
        }
        match api.name {
            AUTHORIZE => return self.authorize(info, params, reply),
            "getSetting" => return self.setting(&info, reply),
            "openSetting" => return self.open_setting(info, reply),
            _ if api.alone == Alone::Own => return self.answer_own(api, &info, params.text(), reply),
            _ => {}
        }
        let Some(provider) = self.providers.find(info.caller.applet(), api.name) else {
            if api.name == "getNetworkType"
                && let Some(network) = read(&self.around.host).network.network_type
            {
                let told =
                    json!({ "networkType": network, "hasSystemProxy": false, "signalStrength": 0, "weakNet": false });
                reply.success_text(told.to_string());
                return;
            }
            if api.alone == Alone::Passes {
                return nothing(&reply);
            }
            return failure(&reply, ErrorCode::Unsupported.into());
        };
        let (own, text) = (self.clone(), params.text());
        let most = params.get("count").and_then(value).unwrap_or(usize::MAX);
        let asked = Asked { api, info: info.clone(), most };
        let go = move |reply| own.provide(asked, provider, text, reply);
        match api.scope {
            Some(scope) => self.allowed(scope, info, reply, Box::new(go)),
            None => go(reply),
        }
    }

    fn answer_own(self: &Arc<Self>, api: &'static Api, info: &CallInfo, params: String, reply: Reply) {
        let sandbox = self.sandboxes.of(&info.caller);
        let limits = self.around.limits.clone();
        (self.around.elsewhere)(Box::new(move || {
            match sandbox.and_then(|sandbox| own::answer(api.name, &params, &sandbox, &limits)) {
                Ok(text) => {
                    reply.success_text(text);
                }
                Err(error) => failure(&reply, error),
            }
        }));
    }

    /// A call that may be made: its files get real paths on the way.
    fn provide(self: Arc<Self>, asked: Asked, provider: Provider, params: String, reply: Reply) {
        if !asked.api.takes_files() {
            return self.send(asked, &provider, params, reply);
        }
        let sandbox = self.sandboxes.of(&asked.info.caller);
        let own = self.clone();
        (self.around.elsewhere)(Box::new(move || {
            let translated = sandbox.and_then(|sandbox| {
                let mut members = Members::parse(&params)?;
                paths::translate(asked.api.params, &mut members, &sandbox)?;
                Ok(members.text())
            });
            match translated {
                Ok(params) => own.send(asked, &provider, params, reply),
                Err(error) => failure(&reply, error),
            }
        }));
    }

    fn send(self: Arc<Self>, asked: Asked, provider: &Provider, params: String, reply: Reply) {
        let (own, info) = (self.clone(), asked.info.clone());
        let reply = reply.through(move |reply, outcome| own.answered(asked, reply, outcome));
        self.hand_over(provider, info, params, reply);
    }

    /// What was said comes to the mini-program; files are copied on the way.
    fn answered(self: Arc<Self>, asked: Asked, reply: Reply, outcome: Outcome) {
        let Outcome::Success(said) = outcome else {
            reply.end(answer::of_failure(&outcome));
            return;
        };
        let (shape, most, limits) = (asked.api.answer, asked.most, self.around.limits.clone());
        let finish = move |sandbox: Result<Option<Arc<Sandbox>>>| {
            let made = sandbox.and_then(|sandbox| answer::of_success(shape, said, sandbox.as_deref(), most, &limits));
            match made {
                Ok(body) => {
                    reply.success(body);
                }
                Err(error) => failure(&reply, error),
            }
        };
        if shape.has_files() {
            let sandbox = self.sandboxes.of(&asked.info.caller).map(Some);
            (self.around.elsewhere)(Box::new(move || finish(sandbox)));
        } else {
            finish(Ok(None));
        }
    }

    /// Gives a call to a provider, which is foreign code. Nobody is asked for one that has ended meanwhile.
    fn hand_over(&self, provider: &Provider, info: CallInfo, params: String, reply: Reply) {
        if !reply.is_open() {
            return;
        }
        let params = match Payload::parse(params, Vec::new(), &self.around.limits) {
            Ok(params) => params,
            Err(error) => return failure(&reply, error),
        };
        let info = CallInfo { sync: false, ..info };
        let called = catch_unwind(AssertUnwindSafe(|| provider.call(HostCall { info, params, reply })));
        if let Err(panic) = called {
            // The call went with it, and has failed.
            std::mem::forget(panic);
        }
    }
}

/// A call on its way to a provider and back.
struct Asked {
    api: &'static Api,
    info: CallInfo,
    /// How many files it asked for.
    most: usize,
}

/// The call is done, and there is nothing to say.
fn nothing(reply: &Reply) {
    reply.success(Payload::none());
}

fn failure(reply: &Reply, error: Error) {
    reply.fail_with(Payload::none(), error);
}

/// One name of the family.
struct Door {
    api: &'static Api,
    provided: Arc<Provided>,
}

impl HostHandler for Door {
    fn call(&self, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let text = params.text();
        let mut members = match Members::parse(text) {
            Ok(members) => members,
            Err(_) => {
                let got = type_name(text);
                let text = format!("parameter error: parameter should be Object instead of {got};");
                return failure(&reply, Error::new(ErrorCode::Parameter, text));
            }
        };
        match shape::check("parameter", self.api.params, &mut members).of_parameters() {
            Some(error) => failure(&reply, error),
            None => self.provided.take(self.api, info, &members, reply),
        }
    }
}

/// Handler and options of each name.
pub(super) fn handlers(provided: &Arc<Provided>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    APIS.iter().map(|api| {
        let handler = Handler::Host(Arc::new(Door { api, provided: provided.clone() }));
        let pages = if api.pages { Pages::Own } else { Pages::None };
        (api.name, handler, ApiOptions { pages, ..ApiOptions::default() })
    })
}

/// Whether `canIUse` knows an option of an API of this family, and a member of its answer.
pub(super) fn has_option(name: &str, option: &str) -> bool {
    APIS.iter().any(|api| api.name == name && api.params.iter().any(|member| member.name == option))
}

/// See [`has_option`].
pub(super) fn answers(name: &str, member: &str) -> bool {
    let Some(api) = APIS.iter().find(|api| api.name == name) else { return false };
    match api.answer {
        Answer::Nothing => false,
        Answer::Members(own) => own.iter().any(|own| own.name == member),
        Answer::Choice => matches!(member, "confirm" | "cancel" | "content"),
        Answer::Images => matches!(member, "tempFilePaths" | "tempFiles"),
        Answer::Media => matches!(member, "tempFiles" | "type"),
    }
}
