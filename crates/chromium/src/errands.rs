//! One thread for what may wait: files of packages, and pages that are opened for somebody who must not wait.

use crate::connection::spawn;
use crate::error::Result;
use std::sync::mpsc::{Sender, channel};

type Errand = Box<dyn FnOnce() + Send>;

/// Ends when nobody has errands any more.
pub(crate) struct Errands(Sender<Errand>);

impl Errands {
    pub(crate) fn start() -> Result<Self> {
        let (sender, errands) = channel::<Errand>();
        spawn("chromium-errands", move || errands.into_iter().for_each(|errand| errand()))?;
        Ok(Self(sender))
    }

    /// Does it later, after all that was asked for before.
    pub(crate) fn later(&self, errand: impl FnOnce() + Send + 'static) {
        // Without its thread the browser is gone.
        drop(self.0.send(Box::new(errand)));
    }
}
