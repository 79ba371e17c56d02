//! The watchdog: looks from outside whether an applet's JavaScript comes back. The engine interrupts loops by itself;
//! native code of the engine that never asks is what this is for.

use super::handle::Applet;
use crate::limits::Limits;
use crate::lock::lock;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// How often it looks. Taken off the grace, so that the verdict comes in time.
const EVERY: Duration = Duration::from_millis(100);

/// The applets it looks after. Runs as a task on the client's tokio runtime and ends with it.
pub(crate) struct Watchdog {
    applets: Mutex<Vec<Weak<Applet>>>,
    grace: Duration,
    more: tokio::sync::Notify,
}

impl Watchdog {
    /// Starts the task.
    pub(crate) fn start(runtime: &tokio::runtime::Handle, limits: &Limits) -> Arc<Self> {
        let grace = Duration::from_millis(limits.watchdog_grace_ms).saturating_sub(EVERY);
        let watchdog = Arc::new(Self { applets: Mutex::default(), grace, more: tokio::sync::Notify::new() });
        let task = Arc::downgrade(&watchdog);
        runtime.spawn(async move {
            loop {
                let Some(watchdog) = task.upgrade() else { return };
                if watchdog.look() {
                    drop(watchdog);
                    tokio::time::sleep(EVERY).await;
                } else {
                    // No applet lives: no reason to wake the device ten times a second.
                    watchdog.more.notified().await;
                }
            }
        });
        watchdog
    }

    /// Looks after one more applet.
    pub(crate) fn watch(&self, applet: &Arc<Applet>) {
        lock(&self.applets).push(Arc::downgrade(applet));
        self.more.notify_one();
    }

    /// Looks once; false when there is nobody left to look after.
    fn look(&self) -> bool {
        let applets: Vec<Arc<Applet>> = {
            let mut applets = lock(&self.applets);
            applets.retain(|applet| applet.upgrade().is_some_and(|applet| !applet.was_given_up()));
            applets.iter().filter_map(Weak::upgrade).collect()
        };
        for applet in &applets {
            if applet.turn.is_overdue(self.grace) {
                applet.give_up();
            }
        }
        !applets.is_empty()
    }
}
