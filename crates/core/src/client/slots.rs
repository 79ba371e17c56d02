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
    /// Runs that have given their place back and whose end is being told.
    leaving: Vec<Arc<Applet>>,
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

    /// Gives the place of this very run back. Until [`Slots::left`] the next run of the same applet waits for it.
    pub(super) fn leave(&mut self, applet: &Applet) {
        if self.applets.get(&applet.id).is_none_or(|own| own.generation != applet.generation) {
            return;
        }
        self.backgrounded.retain(|id| *id != applet.id);
        self.leaving.extend(self.applets.remove(&applet.id));
    }

    /// The run is gone for good. Gives back what shall be dropped outside of the lock.
    pub(super) fn left(&mut self, applet: &Applet) -> Option<Arc<Applet>> {
        let at = self.leaving.iter().position(|own| own.generation == applet.generation)?;
        Some(self.leaving.swap_remove(at))
    }

    /// The last run of an applet, while its end is being told.
    pub(super) fn leaving(&self, id: &AppletId) -> Option<&Arc<Applet>> {
        self.leaving.iter().find(|own| own.id == *id)
    }

    /// Whether the calling thread belongs to an applet, which must never wait for applets.
    pub(super) fn own_this_thread(&self) -> bool {
        self.applets.values().chain(&self.leaving).any(|applet| applet.is_own_thread())
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
