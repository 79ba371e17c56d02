//! The web-views of mini-programs on a desktop: a page of the browser for each, a profile for each applet.

use crate::browser::{Browser, Profile, files_of};
use crate::error::{Error, Result};
use crate::page::Page;
use finapp_core::{WebViewOpening, WebViews};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Hears of each page that was opened, or why it was not.
pub type Opened = Box<dyn Fn(Result<Arc<Page>>) + Send + Sync>;

/// Shows web-views of mini-programs in a browser.
pub struct ChromiumViews {
    browser: Browser,
    profiles: Arc<Mutex<HashMap<String, Profile>>>,
    opened: Arc<Opened>,
}

impl ChromiumViews {
    /// In `browser`; `opened` hears of each page, on a thread of the browser's.
    #[must_use]
    pub fn new(browser: Browser, opened: impl Fn(Result<Arc<Page>>) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { browser, profiles: Arc::default(), opened: Arc::new(Box::new(opened)) })
    }
}

impl WebViews for ChromiumViews {
    fn open(&self, opening: WebViewOpening) {
        let (browser, profiles, opened) = (self.browser.clone(), self.profiles.clone(), self.opened.clone());
        self.browser.0.errands.later(move || opened(show(&browser, &profiles, &opening)));
    }
}

fn show(browser: &Browser, profiles: &Mutex<HashMap<String, Profile>>, opening: &WebViewOpening) -> Result<Arc<Page>> {
    let app_id = opening.applet().app_id();
    let known = profiles.lock().unwrap_or_else(PoisonError::into_inner).get(app_id).cloned();
    let profile = match known {
        Some(profile) => profile,
        None => {
            let made = browser.profile()?;
            let mut profiles = profiles.lock().unwrap_or_else(PoisonError::into_inner);
            profiles.entry(app_id.to_owned()).or_insert(made).clone()
        }
    };
    let page = profile.blank(Some(files_of(opening.applet())))?;
    page.expect_owner();
    let session = opening.attach(page.clone()).map_err(Error::Core)?;
    page.belongs_to(session);
    Ok(page)
}
