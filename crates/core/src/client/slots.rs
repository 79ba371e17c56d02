//! The places of running applets: at most one live run for an id, each run with a generation of its own.

use crate::applet::{Applet, AppletState};
use crate::ids::AppletId;
use std::collections::HashMap;
use std::sync::Arc;

/// The running applets of one client, in the order in which they last went to the background.
#[derive(Default)]
pub(super) struct Slots {
    applets: HashMap<AppletId, Arc<Applet>>,
    /// Oldest in the background first.
    backgrounded: Vec<AppletId>,
    generations: u64,
}

impl Slots {
    pub(super) fn next_generation(&mut self) -> crate::ids::Generation {
        self.generations += 1;
        crate::ids::Generation(self.generations)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<Applet>> {
        self.applets.get(id)
    }

    pub(super) fn insert(&mut self, applet: Arc<Applet>) {
        self.backgrounded.retain(|id| *id != applet.id);
        self.applets.insert(applet.id.clone(), applet);
    }

    /// Takes an applet out, but only this very run of it.
    pub(super) fn remove(&mut self, applet: &Applet) -> Option<Arc<Applet>> {
        if self.applets.get(&applet.id).is_none_or(|own| own.generation != applet.generation) {
            return None;
        }
        self.backgrounded.retain(|id| *id != applet.id);
        self.applets.remove(&applet.id)
    }

    pub(super) fn moved(&mut self, id: &str, to_background: bool) {
        self.backgrounded.retain(|own| own.as_str() != id);
        if to_background && let Some((id, _)) = self.applets.get_key_value(id) {
            self.backgrounded.push(id.clone());
        }
    }

    pub(super) fn all(&self) -> Vec<Arc<Applet>> {
        self.applets.values().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.applets.len()
    }

    /// The applets in the background, the one that went there first at the front.
    pub(super) fn in_background(&self) -> Vec<Arc<Applet>> {
        self.backgrounded
            .iter()
            .filter_map(|id| self.applets.get(id))
            .filter(|applet| applet.state() == AppletState::Background)
            .cloned()
            .collect()
    }
}
