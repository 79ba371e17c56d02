//! The web pages of a run, in a browser that is started when the mini-program has one to show. Without a browser they stay
//! empty, and the run goes on.

use super::console::{Console, Line};
use finapp_chromium::{Browser, ChromiumViews, Error, Options, Page, Result, Viewport};
use finapp_core::host::LogLevel;
use finapp_core::{AppletClient, WebViewOpening, WebViews};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// As large as a telephone shows them. In a window they are as large as the window.
const TELEPHONE: Viewport = Viewport { width: 390, height: 844, scale: 1.0 };
/// Ends when what the page had to do at once is done.
const TURN: &str = "new Promise((done) => setTimeout(done))";
/// The text that the page shows.
const TEXT: &str = "document.body ? document.body.innerText.trim() : ''";

/// The pages, and who shows them.
#[derive(Clone)]
pub struct WebPages(Arc<Inner>);

struct Inner {
    headed: bool,
    console: Arc<Console>,
    views: OnceLock<Option<(Browser, Arc<ChromiumViews>)>>,
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Default)]
struct State {
    /// How many are being opened.
    opening: usize,
    pages: Vec<Arc<Page>>,
}

impl WebPages {
    /// No browser is started yet.
    pub fn new(headed: bool, console: Arc<Console>) -> Self {
        let (views, state, opened) = (OnceLock::new(), Mutex::default(), Condvar::new());
        Self(Arc::new(Inner { headed, console, views, state, opened }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn views(&self) -> Option<&Arc<ChromiumViews>> {
        let started = self.0.views.get_or_init(|| match self.start() {
            Ok(browser) => {
                let pages = self.clone();
                let views = ChromiumViews::new(browser.clone(), move |page| pages.opened(page));
                Some((browser, views))
            }
            Err(error) => {
                self.stays_empty(&error);
                None
            }
        });
        started.as_ref().map(|(_, views)| views)
    }

    fn start(&self) -> Result<Browser> {
        let console = self.0.console.clone();
        Browser::start(Options {
            headed: self.0.headed,
            viewport: (!self.0.headed).then_some(TELEPHONE),
            console: Some(Arc::new(move |line| console.push(Line::Page(line.to_owned())))),
            ..Options::default()
        })
    }

    fn opened(&self, page: Result<Arc<Page>>) {
        match page {
            Ok(page) => self.state().pages.push(page),
            // The mini-program has gone on, or has closed.
            Err(Error::Core(_)) => {}
            Err(error) => self.stays_empty(&error),
        }
        self.has_ended();
    }

    fn has_ended(&self) {
        self.state().opening -= 1;
        self.0.opened.notify_all();
    }

    fn stays_empty(&self, error: &Error) {
        let text = format!("finapp: the web page stays empty: {error}");
        self.0.console.push(Line::Log(LogLevel::Warn, text));
    }

    /// Whether there is, or will be, a page.
    pub fn is_needed(&self) -> bool {
        let mut state = self.state();
        state.pages.retain(|page| !page.is_closed());
        state.opening > 0 || !state.pages.is_empty()
    }

    /// Waits until all pages are loaded, and have done what they had to do at once.
    pub fn rest(&self, at_most: Duration) {
        let until = Instant::now() + at_most;
        let pages = {
            let state = self.0.opened.wait_timeout_while(self.state(), at_most, |state| state.opening > 0);
            state.unwrap_or_else(PoisonError::into_inner).0.pages.clone()
        };
        for page in pages {
            // One that has failed, or goes away meanwhile, has nothing to do.
            if Instant::now() < until && page.wait_for_load(1).is_ok() {
                page.evaluate(TURN).map_or_else(drop, drop);
            }
        }
    }

    /// The web page of the page that is seen.
    ///
    /// # Errors
    /// When that has none.
    pub fn seen(&self, applet: &AppletClient) -> std::result::Result<Arc<Page>, String> {
        let top = applet.top_page();
        let is_seen = |page: &&Arc<Page>| page.owner().is_some_and(|owner| owner.page() == top);
        let state = self.state();
        state.pages.iter().find(is_seen).cloned().ok_or_else(|| "no web page is seen".to_owned())
    }

    /// Ends the browser, and waits for that.
    pub fn close(&self) {
        self.state().pages.clear();
        if let Some(Some((browser, _))) = self.0.views.get() {
            browser.close();
        }
    }
}

impl WebViews for WebPages {
    fn open(&self, opening: WebViewOpening) {
        self.state().opening += 1;
        let pages = self.clone();
        // A browser takes longer to start than the applet's thread may wait.
        std::thread::spawn(move || match pages.views() {
            Some(views) => views.open(opening),
            None => pages.has_ended(),
        });
    }
}

/// The text that a page shows.
///
/// # Errors
/// As [`Page::evaluate`].
pub fn text(page: &Page) -> Result<String> {
    Ok(page.evaluate(TEXT)?.as_str().unwrap_or_default().to_owned())
}

/// Waits until a page shows a text. False when it does not in time.
///
/// # Errors
/// When the page goes away.
pub fn wait_for_text(page: &Page, text: &str, at_most: Duration) -> Result<bool> {
    let until = Instant::now() + at_most;
    let wanted = serde_json::Value::from(text);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let script = format!(
            "new Promise((done) => {{
               const look = () => {{ if (({TEXT}).includes({wanted})) done(true) }}
               const changes = {{ subtree: true, childList: true, characterData: true, attributes: true }}
               new MutationObserver(look).observe(document, changes)
               setTimeout(done, {}, false)
               look()
             }})",
            left.as_millis()
        );
        match page.evaluate(&script) {
            Ok(found) => return Ok(found == true),
            // Its document went away: the next one may show it.
            Err(Error::Refused { .. }) if !left.is_zero() && !page.is_closed() => {}
            Err(error) => return Err(error),
        }
    }
}
