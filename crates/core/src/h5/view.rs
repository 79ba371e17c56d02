//! The page side of the platform: what shows a page and runs scripts in it. ArkWeb on a device, Chromium on a desktop, a
//! fake in tests.

use std::sync::Arc;

/// Takes the value of a script, as JSON text: none when there is none, and when the script threw.
pub type ScriptValue = Box<dyn FnOnce(Option<String>) + Send>;

/// Takes what a page sends through its port: the bytes of one `ArrayBuffer`, in the order in which they were sent.
pub type PortMessages = Box<dyn Fn(Vec<u8>) + Send + Sync>;

/// The app's end of a message port, whose other end one document of a page has.
pub trait PagePort: Send + Sync {
    /// Sends one `ArrayBuffer`. As with scripts: in order, from any thread, and without blocking.
    fn send(&self, message: Vec<u8>);

    /// Nobody will send or listen any more.
    fn close(&self);
}

/// Shows one page.
///
/// Identity comes from here alone: whoever implements it says which document was committed and which frame called, from
/// what the platform knows and never from what a page says.
pub trait PageView: Send + Sync {
    /// Runs a script in the document that is shown, in the top frame. Scripts run in the order in which they are given.
    /// `value` is for what the script gives; a promise is waited for. Called from any thread; must not block, and must
    /// not run the script before it returns.
    fn run(&self, script: String, value: Option<ScriptValue>);

    /// Shows what is at `url`. As with scripts: from any thread, and nothing happens before it returns.
    fn load(&self, url: &str);

    /// Goes back by one document in the view's own history, if there is an earlier one. As with scripts: from any thread,
    /// and nothing happens before it returns.
    fn go_back(&self);

    /// Whether the view can hand message ports to a page. Without them bytes travel as base64, and only as members of
    /// parameters and results.
    fn has_ports(&self) -> bool {
        false
    }

    /// Makes a pair of message ports and posts one of them to the window of the document that is shown, with the text
    /// `name`; the other is given back. `receive` gets what the page sends. None when that cannot be done.
    fn port(&self, name: String, receive: PortMessages) -> Option<Arc<dyn PagePort>> {
        drop((name, receive));
        None
    }

    /// The page is gone: the view goes too. What is asked of it from then on needs no answer.
    fn close(&self);
}

/// Who wants to hear what becomes of a page: the `<web-view>` that it stands in. Called on the browser's thread; must not
/// block.
pub(crate) trait PageWatcher: Send + Sync {
    /// A document is there.
    fn loaded(&self, url: &str);

    /// The document could not be loaded; `text` says why, for people.
    fn failed(&self, url: &str, text: &str);
}
