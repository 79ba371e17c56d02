//! Web pages in ArkWeb, reached through its C interface: scripts go in and messages come out without a step through
//! ArkTS. What decides is here and knows no pointer; `host/arkweb.rs` calls the functions themselves.
//! ArkWeb calls back on threads of its own choosing, with a number and never with an address.

mod members;
mod message;
mod page;
mod registry;

pub use members::Members;
pub use page::ServedView;
pub use registry::{Key, called, destroyed};

use std::ffi::CStr;

/// A function of the object through which pages call. ArkWeb hands its arguments over as texts, and returns nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A message: name, parameters, number.
    WebInvoke,
    /// A message of FinClip's base library: name, parameters, number.
    Invoke,
    /// What FinClip's base library publishes: event, parameters, numbers of pages.
    Publish,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::WebInvoke, Self::Invoke, Self::Publish];

    /// Its name in the page.
    #[must_use]
    pub fn name(self) -> &'static CStr {
        match self {
            Self::WebInvoke => c"webInvokeHandler",
            Self::Invoke => c"invokeHandler",
            Self::Publish => c"publishHandler",
        }
    }
}

/// The name of the object in the page.
pub const OBJECT: &CStr = c"FinChatJSCore";

/// What ArkWeb's C interface does for the web component with a tag. All but [`ArkWeb::calling_frame`] is called on the
/// host's thread alone, and without a lock held: ArkWeb may call back before it returns.
pub trait ArkWeb: Send + Sync {
    /// Gives pages of the component [`OBJECT`] with all of [`Method::ALL`], from their next load on, and only pages that
    /// `permission` allows. Each method calls [`called`] with `page`.
    fn register(&self, tag: &CStr, permission: &CStr, page: Key);

    /// Takes the object away.
    fn unregister(&self, tag: &CStr);

    /// Calls [`destroyed`] with `page` when the component goes.
    fn on_destroy(&self, tag: &CStr, page: Key);

    /// Runs a script in the document that is shown.
    fn run(&self, tag: &CStr, script: &str);

    /// The address of the frame whose call runs on this thread right now.
    fn calling_frame(&self) -> Option<String>;
}

/// Brings work to the host's thread, one after the other. Nothing runs before `post` returns.
pub trait HostThread: Send + Sync {
    /// Queues it. What comes too late, or is too much, is dropped.
    fn post(&self, work: Box<dyn FnOnce() + Send>);
}
