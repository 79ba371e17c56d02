//! What the host shows H5 pages with, on its own thread: its objects, by the tokens under which other threads ask for
//! them, and its function that is told of web-views of mini-programs.

use crate::port::ffi::{Env, Reference, Value};
use crate::port::raise::Raise;
use crate::port::table::{Table, Token};
use finapp_core::ErrorCode;
use std::cell::RefCell;

/// The views of one client.
#[derive(Default)]
pub struct Views {
    objects: RefCell<Table<Reference>>,
    shows: RefCell<Option<Reference>>,
}

impl Views {
    /// Keeps what shows a page.
    ///
    /// # Errors
    /// `E_LIMIT` when there is no room for one more.
    pub fn keep<'s>(&self, env: Env<'s>, view: Value<'s>) -> Result<Token, Raise<'s>> {
        let kept = self.objects.borrow_mut().insert(env.keep(view)?);
        kept.map_err(|view| {
            env.release(view);
            ErrorCode::Limit.into()
        })
    }

    /// What shows a page, while it does.
    pub fn get<'s>(&self, env: Env<'s>, view: Token) -> Option<Value<'s>> {
        self.objects.borrow().get(view).and_then(|view| env.kept(view).ok())
    }

    /// A view is asked for nothing any more.
    pub fn forget(&self, env: Env<'_>, view: Token) {
        let gone = self.objects.borrow_mut().remove(view);
        if let Some(view) = gone {
            env.release(view);
        }
    }

    /// Sets the function that is told of web-views, or takes it away.
    ///
    /// # Errors
    /// When the engine cannot keep it.
    pub fn set_shows<'s>(&self, env: Env<'s>, shows: Option<Value<'s>>) -> Result<(), Raise<'s>> {
        let kept = shows.map(|shows| env.keep(shows)).transpose()?;
        if let Some(replaced) = self.shows.replace(kept) {
            env.release(replaced);
        }
        Ok(())
    }

    /// The function that is told of web-views.
    pub fn shows<'s>(&self, env: Env<'s>) -> Option<Value<'s>> {
        self.shows.borrow().as_ref().and_then(|shows| env.kept(shows).ok())
    }

    /// Lets go of all.
    pub fn clear(&self, env: Env<'_>) {
        let objects = self.objects.borrow_mut().remove_if(|_| true);
        objects.into_iter().chain(self.shows.take()).for_each(|kept| env.release(kept));
    }
}
