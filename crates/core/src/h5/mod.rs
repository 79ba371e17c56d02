//! H5 pages: one session for each page in a web-view. A session takes what the page sends, knows who sent it, keeps its
//! calls in the same table as all others, and tells the page what happened. docs/h5-wire.md has the messages.

mod buffers;
mod document;
mod frames;
mod incoming;
mod inline;
mod order;
pub(crate) mod origin;
pub(crate) mod proxy;
mod questions;
mod result;
mod returned;
mod script;
mod serial;
mod session;
mod stamp;
mod values;
mod view;

pub use proxy::{PROXY_METHODS, PROXY_NAME, START_SCRIPT};
pub use questions::PageAnswer;
pub(crate) use session::Parts;
pub use session::{Frame, PageSession};
pub use values::ScriptValues;
pub(crate) use view::PageWatcher;
pub use view::{PagePort, PageView, PortMessages, ScriptValue};
