//! What the user has allowed a mini-program: asked once, through the provider of `authorize`, and kept in the notes of its
//! store, where the mini-program neither sees nor clears it. Nobody to ask means that nothing is allowed.

use super::answer;
use super::catalogue::{ALBUM, AUTHORIZE, LOCATION, USER};
use super::{Provided, failure, nothing};
use crate::api::storage::Notes;
use crate::bridge::members::{Members, quoted, value};
use crate::bridge::{CallInfo, Outcome, Reply};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ApiName, Generation};
use crate::lock::lock;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex};

/// The scopes of WeChat, and FinClip's for its album.
const SCOPES: &[&str] = &[
    LOCATION,
    "scope.userFuzzyLocation",
    "scope.userLocationBackground",
    USER,
    ALBUM,
    "scope.album",
    "scope.camera",
    "scope.record",
    "scope.bluetooth",
    "scope.werun",
    "scope.addPhoneContact",
    "scope.addPhoneCalendar",
];

/// The scopes that WeChat no longer asks for.
const ALWAYS: &[&str] = &["scope.address", "scope.invoice", "scope.invoiceTitle"];

const ALLOWED: &str = "true";
const DENIED: &str = "false";

/// What a call does once it is allowed.
pub(super) type Then = Box<dyn FnOnce(Reply) + Send>;

/// Who else waits for the user's word on a scope: it is asked for once, however many calls of a run need it.
pub(super) type Asking = Mutex<HashMap<(Generation, &'static str), Vec<Waiting>>>;

/// A call that waits.
pub(super) struct Waiting {
    info: CallInfo,
    reply: Reply,
    then: Then,
}

impl Provided {
    /// `authorize`.
    pub(super) fn authorize(self: &Arc<Self>, info: CallInfo, members: &Members<'_>, reply: Reply) {
        let scope = members.get("scope").and_then(value::<String>).unwrap_or_default();
        if ALWAYS.contains(&&*scope) {
            return nothing(&reply);
        }
        match SCOPES.iter().find(|known| **known == scope) {
            Some(scope) => {
                self.allowed(scope, info, reply, Box::new(|reply| nothing(&reply)));
            }
            None => failure(&reply, Error::new(ErrorCode::Parameter, "invalid scope")),
        }
    }

    /// `getSetting`: what the user was asked for, and what the answer was.
    pub(super) fn setting(self: &Arc<Self>, info: &CallInfo, reply: Reply) {
        self.stores.notes(info.caller.generation(), move |notes| match notes {
            Ok(notes) => {
                reply.success_text(format!(r#"{{"authSetting":{}}}"#, text_of(&notes)));
            }
            Err(error) => failure(&reply, error),
        });
    }

    /// `openSetting`: what the host's page for it is given, and what was changed there, which counts from then on.
    pub(super) fn open_setting(self: &Arc<Self>, info: CallInfo, reply: Reply) {
        let run = info.caller.generation();
        let Some(provider) = self.providers.find(info.caller.applet(), "openSetting") else {
            return failure(&reply, ErrorCode::Unsupported.into());
        };
        let own = self.clone();
        self.stores.notes(run, move |notes| {
            let notes = match notes {
                Ok(notes) => notes,
                Err(error) => return failure(&reply, error),
            };
            let params = format!(r#"{{"authSetting":{}}}"#, text_of(&notes));
            let (asker, after) = (info.clone(), own.clone());
            let reply = reply.through(move |reply, outcome| after.changed(run, asker, reply, &outcome));
            own.hand_over(&provider, info, params, reply);
        });
    }

    fn changed(self: &Arc<Self>, run: Generation, info: CallInfo, reply: Reply, outcome: &Outcome) {
        let Outcome::Success(answer) = outcome else {
            reply.end(answer::of_failure(outcome));
            return;
        };
        let changes = match changes(answer.text()) {
            Ok(changes) => changes,
            Err(error) => return failure(&reply, error),
        };
        let own = self.clone();
        self.stores.note(run, changes, move |noted| match noted {
            Ok(()) => own.setting(&info, reply),
            Err(error) => failure(&reply, error),
        });
    }

    /// Goes on with a call once the user has allowed what it needs. Without that it fails.
    pub(super) fn allowed(self: &Arc<Self>, scope: &'static str, info: CallInfo, reply: Reply, then: Then) {
        if !reply.is_open() {
            return;
        }
        let run = info.caller.generation();
        let key = (run, scope);
        match lock(&self.asking).entry(key) {
            Entry::Occupied(mut others) => return others.get_mut().push(Waiting { info, reply, then }),
            Entry::Vacant(place) => drop(place.insert(Vec::new())),
        }
        let own = self.clone();
        // Whoever asked may go away, as a page does; then the next one asks.
        reply.on_cancel(move |_| {
            for Waiting { info, reply, then } in own.waiting(key) {
                own.allowed(scope, info, reply, then);
            }
        });
        let own = self.clone();
        self.stores.notes(run, move |notes| match notes.map(|notes| notes.get(scope).cloned()) {
            Ok(Some(word)) => own.decided(key, (reply, then), verdict(word == ALLOWED)),
            Ok(None) => own.ask_user(key, info, reply, then),
            Err(error) => own.decided(key, (reply, then), Err(error)),
        });
    }

    fn ask_user(self: &Arc<Self>, key: (Generation, &'static str), info: CallInfo, reply: Reply, then: Then) {
        let Some(provider) = self.providers.find(info.caller.applet(), AUTHORIZE) else {
            let error = Error::new(ErrorCode::Unsupported, "not supported: nobody provides authorize");
            return self.decided(key, (reply, then), Err(error));
        };
        let (scope, own) = (key.1, self.clone());
        let params = format!(r#"{{"scope":{},"api":{}}}"#, quoted(scope), quoted(info.api.as_str()));
        let reply = reply.through(move |reply, outcome| {
            let allowed = match &outcome {
                Outcome::Success(answer) => flag(answer.text()),
                Outcome::Cancelled(_) => Ok(false),
                Outcome::Failure { .. } => Err(answer::error_of(&outcome)),
            };
            match allowed {
                Ok(allowed) => {
                    let word = if allowed { ALLOWED } else { DENIED };
                    let notes = Notes::from([(scope.to_owned(), word.to_owned())]);
                    let decider = own.clone();
                    own.stores.note(key.0, notes, move |noted| {
                        decider.decided(key, (reply, then), noted.and_then(|()| verdict(allowed)));
                    });
                }
                Err(error) => own.decided(key, (reply, then), Err(error)),
            }
        });
        let Ok(api) = ApiName::parse(AUTHORIZE) else { return };
        self.hand_over(&provider, CallInfo { api, ..info }, params, reply);
    }

    /// All who waited for this go on, or fail.
    fn decided(&self, key: (Generation, &'static str), first: (Reply, Then), verdict: Result<()>) {
        let others = self.waiting(key).into_iter().map(|waiting| (waiting.reply, waiting.then));
        for (reply, then) in std::iter::once(first).chain(others) {
            match &verdict {
                Ok(()) => then(reply),
                Err(error) => failure(&reply, error.clone()),
            }
        }
    }

    fn waiting(&self, key: (Generation, &'static str)) -> Vec<Waiting> {
        lock(&self.asking).remove(&key).unwrap_or_default()
    }
}

fn verdict(allowed: bool) -> Result<()> {
    if allowed { Ok(()) } else { Err(Error::new(ErrorCode::Denied, "auth deny")) }
}

/// What the provider of `authorize` said: without a word of its own, a success is a yes.
fn flag(text: &str) -> Result<bool> {
    let members = Members::parse(text).map_err(|error| answer::wrong(error.message()))?;
    match members.get("authorized") {
        None | Some(ALLOWED) => Ok(true),
        Some(DENIED) => Ok(false),
        Some(_) => Err(answer::wrong("authorized: expected a Boolean")),
    }
}

/// The notes as `authSetting`.
fn text_of(notes: &Notes) -> String {
    let mut setting = Members::default();
    for (scope, word) in notes {
        if SCOPES.contains(&&**scope) {
            setting.set(scope, word.clone());
        }
    }
    setting.text()
}

/// What a host says was changed.
fn changes(text: &str) -> Result<Notes> {
    let answer = Members::parse(text).map_err(|error| answer::wrong(error.message()))?;
    let setting = answer.get("authSetting").unwrap_or("{}");
    let setting = Members::parse(setting).map_err(|error| answer::wrong(error.message()))?;
    let mut notes = Notes::new();
    for scope in SCOPES {
        match setting.get(scope) {
            None => {}
            Some(word @ (ALLOWED | DENIED)) => drop(notes.insert((*scope).to_owned(), word.to_owned())),
            Some(_) => return Err(answer::wrong(&format!("authSetting.{scope}: expected a Boolean"))),
        }
    }
    Ok(notes)
}
