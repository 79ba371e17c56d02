//! From a name to a running handler: resolve for this caller, authorise, record in flight, hand over.

use super::call::{CallScope, PendingCall};
use super::caller::Caller;
use super::counters::Counters;
use super::handler::{Answer, CallInfo, Handler, HostCall};
use super::payload::Payload;
use super::policy::{self, AppletRules, Authorized};
use super::refusals::Refusals;
use super::registry::{Registration, Registry, RegistryVersion};
use crate::error::{Error, ErrorCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Which of a custom API and a built-in of the same name answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// Only what the host registered.
    Custom,
    /// Only the library's own.
    BuiltIn,
    /// What the host registered, and the library's own while the host has none: an entry with `overwrite`.
    Overwrite,
}

/// Resolves and authorises names for one applet.
pub struct Dispatcher {
    /// What the host registered for this applet.
    pub own: Arc<Registry>,
    /// What the host registered for all.
    pub global: Arc<Registry>,
    /// What the library answers.
    pub built_ins: Arc<Registry>,
    /// What this applet may call.
    pub rules: AppletRules,
    /// Changes whenever one of the registries changes.
    pub version: RegistryVersion,
    /// What was refused.
    pub refusals: Refusals,
}

impl Dispatcher {
    /// Finds who answers `name` and checks that `caller` may ask.
    ///
    /// # Errors
    /// `E_NOT_FOUND` when nobody answers the name, `E_DENIED` when this caller may not ask.
    pub fn authorise(&self, caller: &Caller, name: &str, precedence: Precedence) -> Result<Authorized, Error> {
        let registration = self.find(name, precedence).ok_or(ErrorCode::NotFound)?;
        policy::check(caller, registration, &self.rules)
    }

    /// The same for a page: what the library answers for pages goes before what the host registered. A page is not told
    /// why it may not, but the host is.
    ///
    /// # Errors
    /// `E_NOT_FOUND`.
    pub fn authorise_page(&self, caller: &Caller, name: &str) -> Result<Authorized, Error> {
        let found = self.authorise(caller, name, Precedence::BuiltIn);
        found.or_else(|_| self.authorise(caller, name, Precedence::Custom)).map_err(|_| {
            self.refusals.note(caller, name, self.find(name, Precedence::Overwrite).is_some());
            ErrorCode::NotFound.into()
        })
    }

    /// Whether the host answers `name` for this applet.
    #[must_use]
    pub fn has_custom(&self, name: &str) -> bool {
        self.find(name, Precedence::Custom).is_some()
    }

    /// Up to three registered names that `name` may have been meant to be.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<String> {
        let mut near: Vec<(usize, String)> = [&self.own, &self.global]
            .into_iter()
            .flat_map(|registry| registry.names())
            .map(|known| (strsim::damerau_levenshtein(name, known.as_str()), known.as_str().to_owned()))
            .filter(|(distance, known)| *distance <= 2 || known.eq_ignore_ascii_case(name))
            .collect();
        near.sort();
        near.dedup();
        near.into_iter().take(3).map(|(_, known)| known).collect()
    }

    fn find(&self, name: &str, precedence: Precedence) -> Option<Arc<Registration>> {
        let custom = || self.own.get(name).or_else(|| self.global.get(name));
        match precedence {
            Precedence::Custom => custom(),
            Precedence::BuiltIn => self.built_ins.get(name),
            Precedence::Overwrite => custom().or_else(|| self.built_ins.get(name)),
        }
    }
}

impl Authorized {
    /// Whether the handler is one of ours that answers at once from engine values.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        matches!(self.registration().handler(), Handler::Inline(_))
    }

    /// The deadline of one call, if it has one.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.registration().options().timeout
    }

    /// Runs an inline handler.
    ///
    /// # Errors
    /// What the handler answered; `E_INTERNAL` for a host handler, which the caller must [`Authorized::start`].
    pub fn run(
        &self,
        info: &CallInfo,
        params: &mut dyn erased_serde::Deserializer<'_>,
        answer: &mut dyn Answer,
    ) -> Result<(), Error> {
        match self.registration().handler() {
            Handler::Inline(handler) => handler.call(info, params, answer),
            Handler::Host(_) => Err(ErrorCode::Internal.into()),
        }
    }

    /// Records a call in flight and hands it to its host handler. A handler that panics has failed this one call with
    /// `E_INTERNAL`; the applet goes on.
    ///
    /// # Errors
    /// `E_BUSY` when too many calls are in flight, `E_CLOSED` when the applet is closing.
    pub fn start(
        &self,
        scope: &Arc<CallScope>,
        info: CallInfo,
        params: Payload,
        deadline: Option<Duration>,
    ) -> Result<Arc<PendingCall>, Error> {
        let Handler::Host(handler) = self.registration().handler() else {
            return Err(ErrorCode::Internal.into());
        };
        let handler = handler.clone();
        let (call, reply) = scope.begin(info.sync, deadline)?;
        Counters::count(&scope.counters().calls);
        if let Some(trace) = scope.trace() {
            trace.began(call.id(), &info.api);
        }
        let ran = catch_unwind(AssertUnwindSafe(|| handler.call(HostCall { info, params, reply })));
        if let Err(panic) = ran {
            // What the panic carried may panic again when it is dropped.
            std::mem::forget(panic);
            Counters::count(&scope.counters().panics);
            call.abort(&ErrorCode::Internal.into());
        }
        Ok(call)
    }
}
