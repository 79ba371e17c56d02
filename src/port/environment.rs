//! What belongs to one ArkTS (or Node) environment: captured built-ins, calls in flight, the open client.
//! Kept by the environment's own thread and found there by the environment's address. Instance data would be the usual
//! place, but OpenHarmony has one slot of it for all native modules of a thread: ours would destroy another's.

use super::built_ins::BuiltIns;
use super::calls::Calls;
use super::class::Classes;
use super::ext_info::Sites;
use super::ffi::{Env, Fault, Try};
use super::hook::{self, Ending};
use crate::session::Session;
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static ENVIRONMENTS: RefCell<Vec<Rc<Environment>>> = const { RefCell::new(Vec::new()) };
}

/// The state of one environment. Never leaves its thread.
pub struct Environment {
    address: usize,
    /// The classes that this load of the module exports.
    pub classes: Classes,
    /// Built-in functions as they were when the module was loaded, and our prototypes.
    pub built_ins: BuiltIns,
    /// Calls that the host has not answered yet, and the last that it has.
    pub calls: Calls,
    /// What calls of one kind have in common.
    pub sites: Sites,
    current: RefCell<Option<Rc<Session>>>,
}

impl Environment {
    /// Makes the state of an environment that has just loaded the module.
    pub fn load<'s>(env: Env<'s>, classes: Classes) -> Try<'s, ()> {
        let environment = Rc::new(Self {
            address: env.raw().addr(),
            classes,
            built_ins: BuiltIns::capture(env)?,
            calls: Calls::default(),
            sites: Sites::default(),
            current: RefCell::default(),
        });
        // First the hook: an entry that outlives its environment could be found by the next one at the same address.
        hook::add(env, &environment)?;
        ENVIRONMENTS.with_borrow_mut(|environments| environments.push(environment));
        Ok(())
    }

    /// The state of this environment.
    pub fn of<'s>(env: Env<'s>) -> Try<'s, Rc<Self>> {
        Self::find(env).ok_or(Fault::Status(napi_ohos::sys::Status::napi_generic_failure))
    }

    /// The state of this environment, if it has any: it has none after its end.
    pub fn find(env: Env<'_>) -> Option<Rc<Self>> {
        let address = env.raw().addr();
        ENVIRONMENTS
            .try_with(|environments| {
                environments.borrow().iter().find(|environment| environment.address == address).cloned()
            })
            .ok()
            .flatten()
    }

    /// The open client.
    pub fn current(&self) -> Option<Rc<Session>> {
        self.current.borrow().clone()
    }

    /// Makes `session` the open client.
    pub fn open(&self, session: Rc<Session>) {
        *self.current.borrow_mut() = Some(session);
    }

    /// `session` is no longer the open client.
    pub fn close(&self, session: &Session) {
        self.current.borrow_mut().take_if(|current| std::ptr::eq(&**current, session));
    }
}

impl Ending for Environment {
    fn end(&self) {
        let gone = ENVIRONMENTS.try_with(|environments| {
            let mut environments = environments.borrow_mut();
            let place = environments.iter().position(|environment| std::ptr::eq(&**environment, self))?;
            Some(environments.swap_remove(place))
        });
        drop(gone);
    }
}
