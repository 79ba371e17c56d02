//! The web-views of mini-programs on a desktop: a page of the browser for each, a profile for each applet.

use crate::browser::{Browser, Profile};
use crate::error::Result;
use crate::page::Page;
use finapp_core::{AppletClient, WebViewOpening, WebViews};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Hears of each page that was opened, or why it was not.
pub type Opened = Box<dyn Fn(Result<Arc<Page>>) + Send + Sync>;

/// By app id.
type Profiles = Mutex<HashMap<String, Profile>>;

/// Shows web-views of mini-programs in a browser.
pub struct ChromiumViews {
    browser: Browser,
    profiles: Arc<Profiles>,
    opened: Arc<Opened>,
}

impl ChromiumViews {
    /// In `browser`; `opened` hears of each page, on a thread of the browser's.
    #[must_use]
    pub fn new(browser: Browser, opened: impl Fn(Result<Arc<Page>>) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { browser, profiles: Arc::default(), opened: Arc::new(Box::new(opened)) })
    }
}

impl ChromiumViews {
    /// Opens a page of `applet` at `url`, for hosts that show pages beside those of `<web-view>`s.
    ///
    /// # Errors
    /// When the browser does not answer, or this run of the applet is over.
    pub fn show(&self, applet: &AppletClient, url: &str) -> Result<Arc<Page>> {
        profile_of(&self.browser, &self.profiles, applet)?.open(applet, url)
    }
}

impl WebViews for ChromiumViews {
    fn open(&self, opening: WebViewOpening) {
        let (browser, profiles, opened) = (self.browser.clone(), self.profiles.clone(), self.opened.clone());
        self.browser.0.errands.later(move || opened(show(&browser, &profiles, &opening)));
    }
}

fn show(browser: &Browser, profiles: &Profiles, opening: &WebViewOpening) -> Result<Arc<Page>> {
    let applet = opening.applet();
    let page = profile_of(browser, profiles, applet)?.page_for(applet)?;
    page.expect_owner();
    page.belongs_to(opening.attach(page.clone())?);
    Ok(page)
}

fn profile_of(browser: &Browser, profiles: &Profiles, applet: &AppletClient) -> Result<Profile> {
    let known = || profiles.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(profile) = known().get(applet.app_id()) {
        return Ok(profile.clone());
    }
    // Nobody else waits while the browser makes one.
    let made = browser.profile()?;
    Ok(known().entry(applet.app_id().to_owned()).or_insert(made).clone())
}
