//! What the engine needs from the applet around it.

use super::plugins::PluginFiles;
use crate::bridge::Outcome;
use crate::error::{Error, Result};
use crate::ids::{AppletId, CallId};
use std::sync::Arc;
use std::time::Duration;

/// The applet, as its engine sees it. All on the applet's own thread.
pub(crate) trait Surroundings {
    /// Parks the thread until the synchronous call has ended; none when the time passed first.
    fn wait(&self, call: CallId, at_most: Duration) -> Option<Outcome>;

    /// Tells the host of an error in the mini-program's script.
    fn script_error(&self, error: Error);

    /// Resolves what a module asked for, relative to the module that asks. Gives the path inside the package.
    ///
    /// # Errors
    /// `E_NOT_FOUND` when there is no such file, `E_PARAM` when the path leaves the package. The message of both is the
    /// path that was looked for.
    fn resolve(&self, from: &str, request: &str) -> Result<String>;

    /// The text of a file in the package.
    ///
    /// # Errors
    /// `E_NOT_FOUND` and what reading may bring.
    fn source(&self, path: &str) -> Result<Arc<str>>;

    /// What the web page in the `<web-view>` of a page has posted, as JSON text of a list; none when there is nothing. It
    /// is forgotten then, unless it is to be kept.
    #[cfg(feature = "components")]
    fn web_messages(&self, page: crate::ids::PageId, keep: bool) -> Option<String>;

    /// The files of a plugin that others may use, as its `plugin.json` says.
    ///
    /// # Errors
    /// `E_NOT_FOUND` when there is no such file, `E_BAD_PACKAGE` naming it and the place in it that is wrong.
    fn plugin(&self, id: &AppletId) -> Result<PluginFiles>;
}
