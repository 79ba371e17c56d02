//! What a web page in a `<web-view>` and the mini-program around it say to each other, and what the page may ask about
//! where it stands. All but `sendWebviewEvent` is for pages alone: a mini-program has no such functions.

use super::navigation::Arrived;
use crate::bridge::{ApiOptions, Caller, Handler, HostCall, HostHandler, Pages, Payload, Reply};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{AppletId, Generation, PageId};
use crate::limits::Limits;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The name that mini-programs have.
pub(super) const BUILT_INS: &[BuiltIn] = &[BuiltIn { name: SEND, sync: false }];

const SEND: &str = "sendWebviewEvent";
const NAMES: [&str; 5] = [SEND, "postMessage", "complete", "canGoBack", "canNavigateBack"];

/// Where a web page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether there is an earlier page in the history of the browser.
    pub(crate) can_go_back: bool,
    /// Whether there is a page below that of the mini-program.
    pub(crate) can_navigate_back: bool,
}

/// The web pages of one run of a mini-program, by the numbers of its own pages.
pub(crate) trait WebPages: Send + Sync {
    /// Keeps a message of the page until the mini-program leaves it.
    ///
    /// # Errors
    /// `E_LIMIT` when too much is kept, `E_UNSUPPORTED` when the page is in no `<web-view>`.
    fn post(&self, page: PageId, message: &Payload) -> Result<()>;

    /// Hands an event of the page to the mini-program. `told` hears when that has been done.
    fn event(&self, page: PageId, event: &Payload, told: Arrived);

    /// The page says that it is there with all that it needs.
    ///
    /// # Errors
    /// `E_UNSUPPORTED` when it is in no `<web-view>`.
    fn complete(&self, page: PageId) -> Result<()>;

    /// Where it stands.
    fn standing(&self, page: PageId) -> Standing;

    /// Hands an event of the mini-program to the page.
    ///
    /// # Errors
    /// `E_PAGE_GONE` when nobody is there to hear it.
    fn send(&self, page: PageId, data: &Payload) -> Result<()>;
}

/// Finds the run of a mini-program, while it is on.
pub(crate) type FindPages = Arc<dyn Fn(&AppletId, Generation) -> Option<Arc<dyn WebPages>> + Send + Sync>;

/// Who answers each of the names.
pub(super) fn handlers(
    find: &FindPages,
    limits: &Arc<Limits>,
) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    NAMES.into_iter().map(|name| {
        let api = Api { name, find: find.clone(), limits: limits.clone() };
        let options = ApiOptions { pages: Pages::Own, pages_alone: name != SEND, ..ApiOptions::default() };
        (name, Handler::Host(Arc::new(api)), options)
    })
}

struct Api {
    name: &'static str,
    find: FindPages,
    limits: Arc<Limits>,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let Some(pages) = (self.find)(info.caller.applet(), info.caller.generation()) else {
            return answer(&reply, Err(ErrorCode::Closed.into()));
        };
        let Caller::Page { page, .. } = *info.caller else {
            return answer(&reply, self.send(&*pages, params.text()));
        };
        match self.name {
            SEND => pages.event(page, &params, Box::new(move |told| answer(&reply, told))),
            "postMessage" => answer(&reply, pages.post(page, &params)),
            "complete" => answer(&reply, pages.complete(page)),
            "canGoBack" => tell(&reply, self.name, pages.standing(page).can_go_back),
            _ => tell(&reply, self.name, pages.standing(page).can_navigate_back),
        }
    }
}

/// What the component layer makes of the call of a mini-program.
#[derive(Deserialize)]
struct Sent {
    page: u32,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Api {
    fn send(&self, pages: &dyn WebPages, params: &str) -> Result<()> {
        let Sent { page, data } =
            serde_json::from_str(params).map_err(|_| Error::new(ErrorCode::Unsupported, "there are no pages"))?;
        let data = data
            .filter(|data| data.get().starts_with('{'))
            .ok_or_else(|| Error::new(ErrorCode::Parameter, "parameter error: parameter should be Object;"))?;
        pages.send(PageId(page), &Payload::parse(data.get().to_owned(), Vec::new(), &self.limits)?)
    }
}

fn tell(reply: &Reply, member: &str, value: bool) {
    reply.success_text(json!({ member: value }).to_string());
}

fn answer(reply: &Reply, outcome: Result<()>) {
    match outcome {
        Ok(()) => reply.success(Payload::none()),
        Err(error) => reply.fail_with(Payload::none(), error),
    };
}
