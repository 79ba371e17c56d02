//! From one mini-program to another and back. Who opened it is written by the client, never by the mini-program.

use crate::bridge::{ApiOptions, Caller, Handler, HostCall, HostHandler, Pages, Payload, Reply};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The names of this family.
pub(super) const BUILT_INS: &[BuiltIn] = &[
    BuiltIn { name: "navigateToMiniProgram", sync: false },
    BuiltIn { name: "navigateBackMiniProgram", sync: false },
    BuiltIn { name: "exitMiniProgram", sync: false },
];

/// What a web page calls the last of them; a mini-program has no such name.
const CLOSE: &str = "close";

/// Which mini-program is to be opened, and what it is told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    /// Its id.
    #[serde(default)]
    pub(crate) app_id: String,
    /// A page and its query; its first page when empty.
    #[serde(default)]
    pub(crate) path: Option<String>,
    /// An object, as JSON text.
    #[serde(default)]
    pub(crate) extra_data: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Back {
    #[serde(default)]
    extra_data: Option<Box<RawValue>>,
}

/// Hears how it ended.
pub(crate) type Opened = Box<dyn FnOnce(Result<()>) + Send>;

/// Moves between mini-programs.
pub(crate) trait Neighbours: Send + Sync {
    /// Brings `target` to the front, started if need be, and tells it that `from` opened it.
    fn open(&self, from: &AppletId, target: Target, opened: Opened);

    /// Brings the mini-program to the front that opened `from`, with `extra_data`, JSON text.
    ///
    /// # Errors
    /// `E_NOT_FOUND` when none did, or it runs no more.
    fn back(&self, from: &AppletId, extra_data: Option<Box<RawValue>>) -> Result<()>;

    /// Closes `from`.
    fn exit(&self, from: &AppletId);

    /// Whether `from` is in front.
    fn is_in_front(&self, from: &AppletId) -> bool;
}

/// Who answers each of the names.
pub(super) fn handlers(neighbours: &Arc<dyn Neighbours>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    BUILT_INS.iter().map(|built_in| built_in.name).chain([CLOSE]).map(|name| {
        let api = Api { name, neighbours: neighbours.clone() };
        let pages = if name == "exitMiniProgram" { Pages::None } else { Pages::Own };
        let options = ApiOptions { pages, pages_alone: name == CLOSE, ..ApiOptions::default() };
        (name, Handler::Host(Arc::new(api)), options)
    })
}

struct Api {
    name: &'static str,
    neighbours: Arc<dyn Neighbours>,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let from = info.caller.applet();
        // A web page that nobody sees brings nothing to the front.
        if matches!(*info.caller, Caller::Page { .. }) && self.name != CLOSE && !self.neighbours.is_in_front(from) {
            return answer(&reply, Err(ErrorCode::Closed.into()));
        }
        match self.name {
            "navigateToMiniProgram" => match target(params.text()) {
                Ok(target) => self.neighbours.open(from, target, Box::new(move |outcome| answer(&reply, outcome))),
                Err(error) => answer(&reply, Err(error)),
            },
            "navigateBackMiniProgram" => {
                answer(&reply, back(params.text()).and_then(|data| self.neighbours.back(from, data)))
            }
            _ => {
                answer(&reply, Ok(()));
                self.neighbours.exit(from);
            }
        }
    }
}

fn answer(reply: &Reply, outcome: Result<()>) {
    match outcome {
        Ok(()) => reply.success(Payload::none()),
        Err(error) => reply.fail_with(Payload::none(), error),
    };
}

fn target(params: &str) -> Result<Target> {
    let target: Target = serde_json::from_str(params).map_err(wrong)?;
    if target.app_id.is_empty() {
        return Err(Error::new(
            ErrorCode::Parameter,
            "parameter error: parameter.appId should be String instead of Undefined;",
        ));
    }
    object(target.extra_data.as_deref())?;
    Ok(target)
}

fn back(params: &str) -> Result<Option<Box<RawValue>>> {
    let Back { extra_data } = serde_json::from_str(params).map_err(wrong)?;
    object(extra_data.as_deref())?;
    Ok(extra_data)
}

fn wrong(error: serde_json::Error) -> Error {
    Error::new(ErrorCode::Parameter, format!("parameter error: {error}"))
}

fn object(extra_data: Option<&RawValue>) -> Result<()> {
    match extra_data {
        Some(data) if !data.get().starts_with('{') => {
            Err(Error::new(ErrorCode::Parameter, "parameter error: parameter.extraData should be Object;"))
        }
        _ => Ok(()),
    }
}
