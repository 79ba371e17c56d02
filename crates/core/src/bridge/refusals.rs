//! Calls that were refused, for the host to look at: who asked for what, and how often. A bounded list, the last at the
//! end; what it counts is counted in the counters as well. Taken note of on whatever thread a call comes.

use super::caller::Caller;
use crate::error::cut;
use crate::lock::lock;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Mutex;

/// How many are kept: the one that came longest ago makes room.
const MOST: usize = 64;

/// The longest name and origin that are kept whole: who calls makes them up.
const NAME_BYTES: usize = 64;
const ORIGIN_BYTES: usize = 256;

/// Calls of one API by one caller that were refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The mini-program.
    pub app_id: String,
    /// The plugin that asked, if one did.
    pub plugin: Option<String>,
    /// For a page: the origin of the frame that asked, empty when it has none. None for a mini-program or a plugin.
    pub origin: Option<String>,
    /// The API, perhaps cut.
    pub api: String,
    /// Whether somebody answers that name at all, for others.
    pub exists: bool,
    /// How often.
    pub times: u64,
}

/// The refusals of one run of a mini-program.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refusal>>);

impl Refusal {
    /// Whether it is of the same API and the same caller. Nothing is copied for that: a hostile page is refused as often as
    /// it likes.
    fn is_like(&self, other: &Self) -> bool {
        self.api == other.api
            && self.origin == other.origin
            && self.plugin == other.plugin
            && self.app_id == other.app_id
            && self.exists == other.exists
    }
}

impl Refusals {
    /// A call of `api` by `caller` was refused.
    pub(crate) fn note(&self, caller: &Caller, api: &str, exists: bool) {
        let origin = match caller {
            Caller::Page { origin, .. } => Some(origin.as_str()),
            Caller::Applet { .. } | Caller::Plugin { .. } => None,
        };
        let plugin = caller.plugin().map(|plugin| plugin.as_str().to_owned());
        self.add(caller.applet().as_str(), plugin, origin, api, exists);
    }

    /// A call of `api` by a frame of `origin` that may not call was refused.
    pub(crate) fn note_frame(&self, app_id: &str, origin: &str, api: &str) {
        self.add(app_id, None, Some(origin), api, false);
    }

    fn add(&self, app_id: &str, plugin: Option<String>, origin: Option<&str>, api: &str, exists: bool) {
        let origin = origin.map(|origin| cut(origin, ORIGIN_BYTES).to_owned());
        let api = cut(api, NAME_BYTES).to_owned();
        let mut refusal = Refusal { app_id: app_id.to_owned(), plugin, origin, api, exists, times: 0 };
        let mut list = lock(&self.0);
        let same = list.iter().rposition(|known| known.is_like(&refusal));
        if let Some(known) = same.and_then(|at| list.remove(at)) {
            refusal = known;
        } else if list.len() >= MOST {
            list.pop_front();
        }
        refusal.times = refusal.times.saturating_add(1);
        list.push_back(refusal);
    }

    /// All that are kept.
    #[must_use]
    pub fn list(&self) -> Vec<Refusal> {
        lock(&self.0).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_h18_refusals_are_told_apart_counted_and_bounded() {
        let refusals = Refusals::default();
        for api in ["pay", "scan", "pay"] {
            refusals.note_frame("demo", "https://evil.example", api);
        }
        let seen: Vec<_> = refusals.list().into_iter().map(|refusal| (refusal.api, refusal.times)).collect();
        assert_eq!(seen, [("scan".to_owned(), 1), ("pay".to_owned(), 2)]);
        for number in 0..10_000 {
            refusals.note_frame("demo", &"o".repeat(10_000), &format!("{number}{}", "ü".repeat(1_000)));
        }
        let list = refusals.list();
        assert_eq!(list.len(), MOST);
        assert!(list.iter().all(|refusal| refusal.api.len() <= NAME_BYTES));
        assert!(list.iter().all(|refusal| refusal.origin.as_ref().is_some_and(|origin| origin.len() <= ORIGIN_BYTES)));
    }
}
