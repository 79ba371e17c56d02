//! What can go wrong with a browser, for whoever drives it.

/// The result of driving the browser.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the browser did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No browser could be started.
    #[error("chromium cannot be started: {0}; install it, or name one in FINAPP_CHROMIUM")]
    Start(String),
    /// The browser has ended, or the page is closed.
    #[error("the browser or the page is gone")]
    Gone,
    /// It refused a command.
    #[error("{method}: {text}")]
    Refused {
        /// The command.
        method: &'static str,
        /// What the browser says.
        text: String,
    },
    /// It did not answer.
    #[error("{0} is not answered")]
    Unanswered(&'static str),
    /// A script threw.
    #[error("the script threw: {0}")]
    Script(String),
    /// There is no such element in the page.
    #[error("no element {0}")]
    Element(String),
    /// A permission list that cannot be read.
    #[error("permission list: {0}")]
    Permission(String),
    /// The library refused.
    #[error(transparent)]
    Core(#[from] finapp_core::Error),
}
