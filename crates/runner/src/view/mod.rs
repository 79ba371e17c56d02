//! What shows the pages of a mini-program, and takes there what its user does. Today `headless`: the library's own
//! elements, with nothing drawn. Web pages are in a browser beside it, see `run/web.rs`.

mod headless;
mod tree;

use finapp_core::Result;
pub use headless::Headless;
use serde::Deserialize;
use serde_json::Value;
pub use tree::{Node, all_text, draw};

/// A page on the stack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PageInfo {
    /// Its path in the package.
    pub path: String,
}

/// Where the user goes. Addresses are written as in `navigateTo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A page on top of the one that is seen.
    To(String),
    /// A page in its place.
    Redirect(String),
    /// A page alone.
    Relaunch(String),
    /// A page of the tab bar.
    Tab(String),
}

/// Pages as their user has them.
pub trait View {
    /// The page stack, the first page first.
    fn pages(&self) -> Result<Vec<PageInfo>>;
    /// The elements of the page that is seen.
    fn tree(&self) -> Result<Node>;
    /// The data of the page that is seen.
    fn data(&self) -> Result<Value>;
    /// Does something to the first element that the selector finds. False when there is none.
    fn event(&self, selector: &str, kind: &str, detail: &Value) -> Result<bool>;
    /// Goes to a page; returns when it is there.
    fn go(&self, step: &Step) -> Result<()>;
    /// Goes back one page. False when the mini-program closes instead.
    fn back(&self) -> Result<bool>;
}
