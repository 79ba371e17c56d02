//! The states of an applet and what the host hears of them.

use crate::error::Error;
use crate::packages::PackageNews;
use serde::Serialize;

/// Where an applet is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AppletState {
    /// Its package is being brought or read, or its `app.js` runs.
    Starting,
    /// It runs and is seen.
    Foreground,
    /// It runs with a smaller budget and paused timers.
    Background,
    /// It has been told to stop.
    Closing,
}

/// Why an applet closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The host asked for it.
    Host,
    /// The client shut down.
    Shutdown,
    /// The device is short of memory, or another applet needed the place.
    Memory,
    /// It failed: the code says how.
    Failed(Error),
}

impl CloseReason {
    /// One word: `host`, `shutdown`, `memory` or `error`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Shutdown => "shutdown",
            Self::Memory => "memory",
            Self::Failed(_) => "error",
        }
    }

    /// What failed, if something did.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Host | Self::Shutdown | Self::Memory => None,
        }
    }
}

/// Something happened to an applet. Told once, from a thread of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeCycleEvent {
    /// It has started and launched.
    Opened {
        /// The applet.
        app_id: String,
    },
    /// It came to the foreground.
    Foreground {
        /// The applet.
        app_id: String,
    },
    /// It went to the background.
    Background {
        /// The applet.
        app_id: String,
    },
    /// It is gone; nothing of it runs any more, unless it was given up as unresponsive.
    Closed {
        /// The applet.
        app_id: String,
        /// Why.
        reason: CloseReason,
    },
    /// Its script threw and nobody caught it. It goes on.
    Error {
        /// The applet.
        app_id: String,
        /// Message and stack.
        error: Error,
    },
    /// There is news of its package, which comes from a server.
    Package {
        /// The applet.
        app_id: String,
        /// What.
        news: PackageNews,
    },
}

impl LifeCycleEvent {
    /// The applet it happened to.
    #[must_use]
    pub fn app_id(&self) -> &str {
        match self {
            Self::Opened { app_id }
            | Self::Foreground { app_id }
            | Self::Background { app_id }
            | Self::Closed { app_id, .. }
            | Self::Error { app_id, .. }
            | Self::Package { app_id, .. } => app_id,
        }
    }

    /// One word: `opened`, `foreground`, `background`, `closed`, `error`, `packageProgress`, `packageKept` or
    /// `packageUpdated`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Foreground { .. } => "foreground",
            Self::Background { .. } => "background",
            Self::Closed { .. } => "closed",
            Self::Error { .. } => "error",
            Self::Package { news: PackageNews::Progress { .. }, .. } => "packageProgress",
            Self::Package { news: PackageNews::Kept { .. }, .. } => "packageKept",
            Self::Package { news: PackageNews::Updated { .. }, .. } => "packageUpdated",
        }
    }
}
