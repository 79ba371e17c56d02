//! The client as its applets see it: who they tell when they close, fail or move.

use super::applet::AppletClient;
use super::client::FinAppClient;
use super::inner::Inner;
use super::web_views::WebViewOpening;
use crate::applet::web_views::Wanted;
use crate::applet::{Applet, CloseReason, Keeper, LifeCycleEvent};
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogLevel;
use crate::lock::{lock, read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::AbortHandle;

/// Holds the client weakly: an applet does not keep its client alive.
pub(super) struct ClientKeeper(pub(super) Weak<Inner>);

impl Keeper for ClientKeeper {
    fn closed(&self, applet: &Applet, reason: &CloseReason) {
        let Some(client) = self.0.upgrade() else { return };
        client.stores.end(applet.generation);
        client.network.end(applet.generation);
        client.sandboxes.end(applet.generation);
        lock(&client.slots).leave(applet);
        let event = LifeCycleEvent::Closed { app_id: applet.id.to_string(), reason: reason.clone() };
        if let CloseReason::Failed(error) = reason {
            client.log(LogLevel::Error, &format!("{} closed: {error}", applet.id));
        }
        client.tell(&event);
    }

    fn gone(&self, applet: &Applet) {
        let Some(client) = self.0.upgrade() else { return };
        let left = lock(&client.slots).left(applet);
        drop(left);
        client.one_closed();
    }

    fn happened(&self, event: LifeCycleEvent) {
        let Some(client) = self.0.upgrade() else { return };
        match &event {
            LifeCycleEvent::Background { app_id } => lock(&client.slots).moved(app_id, true),
            LifeCycleEvent::Foreground { app_id } => lock(&client.slots).moved(app_id, false),
            _ => {}
        }
        client.tell(&event);
    }

    fn open_web_view(&self, applet: &Arc<Applet>, wanted: Wanted) -> Result<()> {
        let client = self.0.upgrade().ok_or(ErrorCode::Closed)?;
        let web_views = read(&client.web_views).clone();
        let web_views = web_views.ok_or_else(|| Error::new(ErrorCode::Unsupported, "the host shows no web-views"))?;
        let applet = AppletClient::new(FinAppClient { inner: client.clone() }, applet.clone());
        let opening = WebViewOpening::new(applet, wanted);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| web_views.open(opening))) {
            // What the panic carried may panic again when it is dropped.
            std::mem::forget(panic);
            return Err(ErrorCode::Internal.into());
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "one of the doors for tasks: the patience of one web-view")]
    fn after(&self, wait: Duration, then: Box<dyn FnOnce() + Send>) -> Option<AbortHandle> {
        let client = self.0.upgrade()?;
        let task = client.timer.handle().spawn(async move {
            tokio::time::sleep(wait).await;
            then();
        });
        Some(task.abort_handle())
    }

    fn quarantined(&self, stuck: bool) {
        let Some(client) = self.0.upgrade() else { return };
        if stuck {
            client.zombies.fetch_add(1, Ordering::AcqRel);
        } else {
            client.zombies.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Inner {
    /// Tells the host's listener. Its panics stay its own.
    pub(super) fn tell(&self, event: &LifeCycleEvent) {
        let listener = read(&self.listener).clone();
        if let Some(listener) = listener
            && catch_unwind(AssertUnwindSafe(|| listener(event))).is_err()
        {
            self.log(LogLevel::Error, "the life-cycle listener panicked");
        }
    }

    pub(super) fn log(&self, level: LogLevel, text: &str) {
        let line = crate::host::log::escape(text);
        // A failing sink costs the line, nothing else.
        drop(catch_unwind(AssertUnwindSafe(|| self.platform.log.write(level, "finapp", &line))));
    }
}
