//! Web-views of mini-programs, as a host sees them: what a page of a mini-program asks the host to show, and how the host
//! says that it does.

use super::applet::AppletClient;
use super::client::FinAppClient;
use crate::applet::web_views::{Serial, Wanted, Watcher};
use crate::error::Result;
use crate::h5::{PageSession, PageView};
use crate::ids::PageId;
use crate::lock::write;
use std::sync::Arc;

/// Shows the web-views of mini-programs: ArkWeb on a device, Chromium on a desktop.
pub trait WebViews: Send + Sync {
    /// A page of a mini-program has a `<web-view>` now. The host makes a view for it and gives it to
    /// [`WebViewOpening::attach`], now or later. Called on the applet's thread: must not block.
    fn open(&self, opening: WebViewOpening);
}

/// A `<web-view>` that waits for somebody to show it. Dropped, it stays empty.
#[derive(Debug)]
pub struct WebViewOpening {
    applet: AppletClient,
    page: PageId,
    serial: Serial,
    path: String,
    url: String,
}

impl WebViewOpening {
    pub(super) fn new(applet: AppletClient, wanted: Wanted) -> Self {
        let Wanted { page, serial, path, url } = wanted;
        Self { applet, page, serial, path, url }
    }

    /// The mini-program.
    #[must_use]
    pub fn applet(&self) -> &AppletClient {
        &self.applet
    }

    /// The page of the mini-program, which is the number of the web page too: `webViewId`.
    #[must_use]
    pub fn page(&self) -> PageId {
        self.page
    }

    /// The path of the mini-program's page in its package.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address to begin with: checked, absolute.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens the session of the page, and lets the view load the address. The session ends with the page, with
    /// [`PageSession::close`], or with this run of the mini-program. Attached again, to a view in the place of one that
    /// was lost, it ends the session before.
    ///
    /// # Errors
    /// `E_CLOSED` once this run is over, `E_PAGE_GONE` once the page is.
    pub fn attach(&self, view: Arc<dyn PageView>) -> Result<Arc<PageSession>> {
        let (page, serial) = (self.page, self.serial);
        let watcher = Watcher { applet: Arc::downgrade(&self.applet.applet), page, serial };
        let session = self.applet.open_web_page_as(page, view.clone(), Some(Arc::new(watcher)))?;
        match self.applet.applet.web_views.attach(page, serial, &session) {
            // The one that is wanted now: the mini-program may have changed its mind since.
            Ok(url) => view.load(&url),
            Err(error) => {
                session.close();
                return Err(error);
            }
        }
        Ok(session)
    }
}

impl FinAppClient {
    /// Says who shows the web-views of mini-programs from now on; nobody with `None`, and then they stay empty.
    pub fn set_web_views(&self, web_views: Option<Arc<dyn WebViews>>) {
        // What was there before is the host's, and is dropped out of the lock.
        let before = std::mem::replace(&mut *write(&self.inner.web_views), web_views);
        drop(before);
    }
}
