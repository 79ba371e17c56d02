//! Who asks: resolved once, at the door the message came through, and never read from a message body.

use crate::ids::{AppletId, Generation, PageId};

/// The asker of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A mini-program's own logic.
    Applet {
        /// Which mini-program.
        applet: AppletId,
        /// Which run of it.
        generation: Generation,
    },
    /// A plugin that the mini-program includes.
    Plugin {
        /// The mini-program that includes it.
        applet: AppletId,
        /// Which run of the mini-program.
        generation: Generation,
        /// The plugin.
        plugin: AppletId,
    },
    /// An H5 page in a web-view of the mini-program.
    Page {
        /// The mini-program that shows it.
        applet: AppletId,
        /// Which run of it.
        generation: Generation,
        /// The page.
        page: PageId,
        /// Scheme, host and port of the frame that called, as the URL parser prints them.
        origin: String,
        /// Which document of the page: a navigation begins a new one.
        epoch: u64,
    },
}

impl Caller {
    /// The mini-program on whose behalf the call is made.
    #[must_use]
    pub fn applet(&self) -> &AppletId {
        match self {
            Self::Applet { applet, .. } | Self::Plugin { applet, .. } | Self::Page { applet, .. } => applet,
        }
    }

    /// The run of that mini-program.
    #[must_use]
    pub fn generation(&self) -> Generation {
        match self {
            Self::Applet { generation, .. } | Self::Plugin { generation, .. } | Self::Page { generation, .. } => {
                *generation
            }
        }
    }

    /// The plugin that asks, if one does.
    #[must_use]
    pub fn plugin(&self) -> Option<&AppletId> {
        match self {
            Self::Plugin { plugin, .. } => Some(plugin),
            Self::Applet { .. } | Self::Page { .. } => None,
        }
    }

    /// The page that asks; page 0 when none does.
    #[must_use]
    pub fn page(&self) -> PageId {
        match self {
            Self::Page { page, .. } => *page,
            Self::Applet { .. } | Self::Plugin { .. } => PageId::default(),
        }
    }

    /// FinClip's word for the asker: `miniprogram` or `h5`.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::Page { .. } => "h5",
            Self::Applet { .. } | Self::Plugin { .. } => "miniprogram",
        }
    }
}
