//! The watchdog: looks from outside whether an applet's JavaScript comes back. The engine interrupts loops by itself;
//! native code of the engine that never asks is what this is for.

use super::handle::Applet;
use crate::engine::{Alarm, LOOKS_EVERY};
use crate::host::Clock;
use crate::limits::Limits;
use crate::lock::lock;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// After how many looks that found nothing running it goes to sleep.
const IDLE_LOOKS: u32 = 10;

/// The applets it looks after. Runs as a task on the client's tokio runtime and ends with it.
pub(crate) struct Watchdog {
    applets: Mutex<Vec<Weak<Applet>>>,
    grace: Duration,
    clock: Arc<dyn Clock>,
    alarm: Arc<Alarm>,
}

impl Watchdog {
    /// Starts the task.
    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: the one watchdog of a client")]
    pub(crate) fn start(runtime: &tokio::runtime::Handle, limits: &Limits, clock: Arc<dyn Clock>) -> Arc<Self> {
        // So that the verdict comes in time.
        let grace = Duration::from_millis(limits.watchdog_grace_ms).saturating_sub(LOOKS_EVERY);
        let alarm = Arc::<Alarm>::default();
        let watchdog = Arc::new(Self { applets: Mutex::default(), grace, clock, alarm: alarm.clone() });
        let task = Arc::downgrade(&watchdog);
        runtime.spawn(async move {
            let mut idle = 0;
            while let Some(running) = task.upgrade().map(|watchdog| watchdog.look()) {
                idle = if running { 0 } else { idle + 1 };
                if idle < IDLE_LOOKS {
                    tokio::time::sleep(LOOKS_EVERY).await;
                    continue;
                }
                alarm.set();
                // A turn that began just before the alarm was set did not ring it.
                if task.upgrade().is_some_and(|watchdog| watchdog.look()) {
                    alarm.unset();
                } else {
                    alarm.rung().await;
                }
                idle = 0;
            }
        });
        watchdog
    }

    /// What turns ring when they begin.
    pub(crate) fn alarm(&self) -> Arc<Alarm> {
        self.alarm.clone()
    }

    /// Looks after one more applet.
    pub(crate) fn watch(&self, applet: &Arc<Applet>) {
        lock(&self.applets).push(Arc::downgrade(applet));
    }

    /// Looks once; gives up who is overdue. True when JavaScript runs anywhere.
    fn look(&self) -> bool {
        let applets: Vec<Arc<Applet>> = {
            let mut applets = lock(&self.applets);
            applets.retain(|applet| applet.upgrade().is_some_and(|applet| !applet.was_given_up()));
            applets.iter().filter_map(Weak::upgrade).collect()
        };
        let now = self.clock.now();
        let stood_still = self.alarm.stood_still(now);
        for applet in &applets {
            applet.turn.excuse(stood_still);
        }
        self.alarm.looked(now);
        for applet in &applets {
            if applet.turn.is_overdue(self.grace) {
                applet.give_up();
            }
        }
        applets.iter().any(|applet| applet.turn.is_running())
    }
}
