//! What a person or a test does with a page: look at it, run a script in it, tap it, wait for it.

use super::{Page, State};
use crate::error::{Error, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use finapp_core::h5::PageView as _;
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;

/// How long anybody waits for a page.
const PATIENCE: Duration = Duration::from_secs(60);

impl Page {
    /// What the page shows, after all redirects; none before the first commit.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.state().committed.clone()
    }

    /// Whether the page is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// What the page wrote to its console, and errors that it did not catch; the last thousand.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        self.state().console.iter().cloned().collect()
    }

    /// Waits until the page has been loaded `times` times in all, be it an error that is shown, or one load was refused.
    ///
    /// # Errors
    /// When that takes too long, or the page is gone.
    pub fn wait_for_load(&self, times: u64) -> Result<()> {
        self.wait(|state| state.loads >= times || state.refused > 0)
    }

    /// Waits until the console has a line that contains `text`.
    ///
    /// # Errors
    /// When that takes too long, or the page is gone.
    pub fn wait_for_console(&self, text: &str) -> Result<()> {
        self.wait(|state| state.console.iter().any(|line| line.contains(text)))
    }

    /// Waits until so many documents in all could not be loaded.
    ///
    /// # Errors
    /// When that takes too long, or the page is gone.
    pub fn wait_for_failures(&self, times: u64) -> Result<()> {
        self.wait(|state| state.failures >= times)
    }

    /// Waits until an expression is true in the page; it is looked at again and again.
    ///
    /// # Errors
    /// When the expression throws, that takes too long, or the document goes away.
    pub fn wait_for(&self, expression: &str) -> Result<()> {
        let look = format!(
            "new Promise((done, failed) => {{ const look = () => {{ try {{ if ({expression}) done(true)
             else setTimeout(look, 5) }} catch (error) {{ failed(error) }} }}; look() }})"
        );
        self.evaluate(&look).map(drop)
    }

    /// Waits until the page is gone.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_until_closed(&self) -> Result<()> {
        self.wait(|state| state.closed)
    }

    fn wait(&self, until: impl Fn(&State) -> bool) -> Result<()> {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| !state.closed && !until(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (until(&state), state.closed) {
            (true, _) => Ok(()),
            (false, true) => Err(Error::Gone),
            (false, false) => Err(Error::Unanswered("the page")),
        }
    }

    /// Shows what is at `url`, and waits until it is loaded or has failed.
    ///
    /// # Errors
    /// When that takes too long, or the page is gone.
    pub fn go(&self, url: &str) -> Result<()> {
        let (loads, refused) = self.ends();
        self.load(url);
        self.wait(|state| state.loads > loads || state.refused > refused)
    }

    /// Loads the document again, and waits for that.
    ///
    /// # Errors
    /// As [`Page::go`].
    pub fn reload(&self) -> Result<()> {
        let (loads, refused) = self.ends();
        self.send("Page.reload", &json!({}));
        self.wait(|state| state.loads > loads || state.refused > refused)
    }

    /// Goes back by one document, and waits for that.
    ///
    /// # Errors
    /// As [`Page::go`].
    pub fn back(&self) -> Result<()> {
        let commits = self.state().commits;
        self.go_back();
        self.wait(|state| state.commits > commits)
    }

    /// Lets the process of the page crash, as a device does that runs out of memory.
    pub fn crash(&self) {
        self.send("Page.crash", &json!({}));
    }

    fn ends(&self) -> (u64, u64) {
        let state = self.state();
        (state.loads, state.refused)
    }

    /// Runs a script in the document and gives its value; a promise is waited for.
    ///
    /// # Errors
    /// When the script throws, or its document goes away.
    pub fn evaluate(&self, script: &str) -> Result<Value> {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let mut answer = self.command("Runtime.evaluate", &params)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let text = thrown.pointer("/exception/description").or_else(|| thrown.get("text"));
            return Err(Error::Script(text.and_then(Value::as_str).unwrap_or_default().to_owned()));
        }
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// What the page looks like, as a PNG.
    ///
    /// # Errors
    /// When the browser makes none.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let method = "Page.captureScreenshot";
        let answer = self.command(method, &json!({"format": "png"}))?;
        let data = answer.get("data").and_then(Value::as_str).unwrap_or_default();
        BASE64_STANDARD.decode(data).map_err(|_| Error::Unanswered(method))
    }

    /// Taps the middle of the first element that a selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub fn tap(&self, selector: &str) -> Result<()> {
        let quoted = Value::from(selector);
        let place = self.evaluate(&format!(
            "(() => {{ const found = document.querySelector({quoted}); if (!found) return null;
               found.scrollIntoView({{ block: 'center' }}); const box = found.getBoundingClientRect();
               return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }} }})()"
        ))?;
        let (Some(x), Some(y)) = (place.get("x"), place.get("y")) else {
            return Err(Error::Element(selector.to_owned()));
        };
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.command("Input.dispatchMouseEvent", &params)?;
        }
        Ok(())
    }

    /// Sends a command of the DevTools protocol to the page and waits for its answer: for what this crate has no function
    /// for.
    ///
    /// # Errors
    /// When the browser refuses it or does not answer.
    pub fn command(&self, method: &'static str, params: &Value) -> Result<Value> {
        self.connection().call(&self.session, method, params)
    }
}
