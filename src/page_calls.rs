//! `callJS`: the host calls a function of an H5 page. Whatever comes of it, a wrong argument included, comes later and
//! once: to the callback, or to the promise when there is none (D3).

use crate::arguments::{self, Given};
use crate::port::Item;
use crate::port::ffi::{Env, Value};
use crate::port::raise::Raise;
use crate::session::{self, Session};
use finapp_core::bridge::Payload;
use finapp_core::h5::PageAnswer;
use finapp_core::ids::PageId;
use finapp_core::{AppletClient, page_params};
use std::time::Duration;

/// Whose page it is.
pub enum Target {
    /// That of a mini-program that is named.
    Named(String),
    /// That of this run of one.
    Run(AppletClient),
}

/// The arguments of `callJS` behind the mini-program, as the host gave them.
pub struct Asked<'s> {
    /// The name of the function.
    pub function: Value<'s>,
    /// Text of JSON, any other text, or a value.
    pub params: Value<'s>,
    /// The number of the page; 0 or nothing is the one on top.
    pub page: Value<'s>,
    /// Who hears what came of it.
    pub callback: Value<'s>,
}

struct Question {
    target: Target,
    function: String,
    params: Payload,
    page: Option<PageId>,
}

impl Session {
    /// Calls a function of a page. Gives a promise of its answer, or nothing when there is a callback.
    ///
    /// # Errors
    /// `E_PARAM` when the callback is none.
    pub fn call_page<'s>(
        &self,
        env: Env<'s>,
        target: Given<'s, Target>,
        asked: Asked<'s>,
    ) -> Result<Value<'s>, Raise<'s>> {
        let callback = arguments::optional_object(env, "callback", asked.callback)?;
        let (deferred, promise) = env.promise()?;
        let question = target.and_then(|target| self.not_done().map(|()| target));
        match question.and_then(|target| self.question(env, target, &asked)) {
            Err(raise) => session::reject(env, deferred, raise),
            Ok(question) => {
                if let Some(promise) = self.promise(env, deferred) {
                    let port = self.port.clone();
                    self.put(question, Box::new(move |result| port.post(Item::Answered { promise, result })));
                }
            }
        }
        let Some(callback) = callback else { return Ok(promise) };
        let environment = self.environment.upgrade().ok_or(finapp_core::ErrorCode::Closed)?;
        environment.built_ins.tell(env, promise, callback)?;
        Ok(env.undefined()?)
    }

    fn question<'s>(&self, env: Env<'s>, target: Target, asked: &Asked<'s>) -> Given<'s, Question> {
        let limits = self.client.limits();
        let params = match env.text_of(asked.params) {
            Some(text) => page_params(&text, limits)?,
            None => arguments::payload(env, asked.params, limits)?,
        };
        let function = arguments::text(env, "func", asked.function)?;
        Ok(Question { target, function, params, page: arguments::page(env, "webViewId", asked.page)? })
    }

    fn put(&self, question: Question, answer: PageAnswer) {
        let within = Duration::from_millis(self.client.limits().page_call_ms);
        let Question { target, function, params, page } = question;
        match target {
            Target::Named(app_id) => self.client.call_js(&app_id, &function, &params, page, within, answer),
            Target::Run(applet) => applet.call_js(&function, &params, page, within, answer),
        }
    }
}
