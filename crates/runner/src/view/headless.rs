//! The pages as the library keeps them: every element there, nothing drawn.

use super::{Node, PageInfo, Step, View};
use finapp_core::{AppletClient, Error, ErrorCode, Result, Route};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pages of one applet.
pub struct Headless {
    applet: AppletClient,
}

impl Headless {
    pub fn new(applet: AppletClient) -> Self {
        Self { applet }
    }

    fn seen<T: DeserializeOwned>(&self, look: impl FnOnce(&AppletClient, Answer<String>)) -> Result<T> {
        let text = self.wait(look)?;
        serde_json::from_str(&text).map_err(|error| Error::new(ErrorCode::Internal, error.to_string()))
    }

    /// Asks, and waits for the answer. One that is dropped means that the mini-program has closed.
    fn wait<T: Send + 'static>(&self, ask: impl FnOnce(&AppletClient, Answer<T>)) -> Result<T> {
        let (sender, answers) = channel();
        ask(&self.applet, Box::new(move |answer| sender.send(answer).unwrap_or_default()));
        answers.recv_timeout(PATIENCE).unwrap_or_else(|failed| {
            Err(match failed {
                RecvTimeoutError::Timeout => ErrorCode::Timeout.into(),
                RecvTimeoutError::Disconnected => ErrorCode::Closed.into(),
            })
        })
    }
}

/// Hears the answer, on the applet's thread.
type Answer<T> = Box<dyn FnOnce(Result<T>) + Send>;

impl View for Headless {
    fn pages(&self) -> Result<Vec<PageInfo>> {
        self.seen(|applet, seen| applet.pages(seen))
    }

    fn tree(&self) -> Result<Node> {
        self.seen(|applet, seen| applet.page_tree(None, seen))
    }

    fn data(&self) -> Result<Value> {
        self.seen(|applet, seen| applet.page_data(None, seen))
    }

    fn event(&self, selector: &str, kind: &str, detail: &Value) -> Result<bool> {
        self.seen(|applet, seen| applet.page_event(selector, kind, &detail.to_string(), seen))
    }

    fn go(&self, step: &Step) -> Result<()> {
        let route = match step.clone() {
            Step::To(url) => Route::To(url),
            Step::Redirect(url) => Route::Redirect(url),
            Step::Relaunch(url) => Route::ReLaunch(url),
            Step::Tab(url) => Route::Tab(url),
        };
        self.wait(|applet, arrived| applet.navigate(route, arrived))
    }

    fn back(&self) -> Result<bool> {
        self.applet.go_back()
    }
}
