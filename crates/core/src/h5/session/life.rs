//! What becomes of a page as a whole: which document it shows, whether that is there, how it goes back, and how it ends.

use super::super::document::Document;
use super::super::origin;
use super::{Outgoing, PageSession};
use crate::bridge::Payload;
use crate::error::{Error, ErrorCode, Result};
use crate::lock::lock;

impl PageSession {
    /// A document was committed in the top frame, be it one from the browser's memory: whatever the one before has open
    /// ends. `url` is its address after all redirects.
    pub fn committed(&self, url: &str) {
        let gone = {
            let mut state = lock(&self.state);
            if state.closed {
                return;
            }
            state.epoch += 1;
            let document = self.document(state.epoch, url);
            state.document.replace(document)
        };
        end(gone, &ErrorCode::PageGone.into());
    }

    /// Whether the view may show what is at `url`, before it is asked for and after each redirect: documents of the package
    /// and of the business domains, and in development whatever comes over http or https.
    ///
    /// # Errors
    /// `E_DENIED` for all else: the view shows an error in its place.
    pub fn check_navigation(&self, url: &str) -> Result<()> {
        let parts = &self.parts;
        let origin = origin::of(url, parts.development).ok_or(ErrorCode::Denied)?;
        if parts.development || parts.dispatcher.rules.own_origins.contains(&origin) {
            return Ok(());
        }
        Err(ErrorCode::Denied.into())
    }

    /// The document that was committed last, at `url`, is there with all that belongs to it.
    pub fn loaded(&self, url: &str) {
        if let Some(watcher) = self.watcher() {
            watcher.loaded(url);
        }
    }

    /// The document at `url` could not be loaded into the top frame; `text` says why, for people.
    pub fn failed(&self, url: &str, text: &str) {
        if let Some(watcher) = self.watcher() {
            watcher.failed(url, text);
        }
    }

    /// Whether the history of the browser has an entry before this one. To be told whenever that changes.
    pub fn can_go_back(&self, can: bool) {
        lock(&self.state).can_go_back = can;
    }

    /// What the browser told of it last.
    pub(crate) fn has_earlier_entry(&self) -> bool {
        let state = lock(&self.state);
        state.can_go_back && !state.closed
    }

    /// One document back in the history of the browser. False when there is none, as far as is known.
    pub(crate) fn go_back(&self) -> bool {
        let goes = self.has_earlier_entry();
        if goes {
            self.parts.view.go_back();
        }
        goes
    }

    /// Whether it stands in the `<web-view>` of a mini-program's page.
    pub(crate) fn is_watched(&self) -> bool {
        self.parts.watcher.is_some()
    }

    /// Shows what is at `url`.
    pub(crate) fn load(&self, url: &str) {
        if !self.is_closed() {
            self.parts.view.load(url);
        }
    }

    /// The browser has no view for the page any more: its calls end, and nothing it says is heard any more.
    pub fn close(&self) {
        self.close_now();
    }

    /// The library is done with the page: it hears of that, its calls end, and its view goes.
    pub(crate) fn end(&self) {
        self.event("onUnload", &Payload::none());
        if let Some(epoch) = self.close_now() {
            // Somebody may still be at handing over what was said before.
            self.outbox.push((epoch, Outgoing::Close));
            self.send();
        }
    }

    /// Gives the epoch that was the last; none when it was closed already.
    fn close_now(&self) -> Option<u64> {
        let (gone, last) = {
            let mut state = lock(&self.state);
            let was_open = !std::mem::replace(&mut state.closed, true);
            (state.document.take(), was_open.then_some(state.epoch))
        };
        end(gone, &ErrorCode::PageGone.into());
        last
    }

    fn watcher(&self) -> Option<&dyn super::PageWatcher> {
        if self.is_closed() { None } else { self.parts.watcher.as_deref() }
    }
}

/// Ends all that a document had open.
fn end(document: Option<Document>, reason: &Error) {
    let Some(mut document) = document else { return };
    document.scope.close(reason);
    document.asked.give_up();
    if let Some(port) = document.port.take() {
        port.close();
    }
    for answer in document.questions.drain() {
        answer(Err(reason.clone()));
    }
}
