//! `finapp-chromium`: shows the web pages of mini-programs in Chromium, as a host with ArkWeb does on a device. For
//! tests, the demo and the desktop tool; the library itself knows nothing of it.
//!
//! [`Browser`] starts one, a [`Profile`] keeps what pages of one applet store, a [`Page`] is what one web-view shows, and
//! [`ChromiumViews`] opens pages for the `<web-view>`s of mini-programs.
//!
//! Rules of ArkWeb that Chromium does not have are kept here, so that tests see them: `proxy.rs` and `permission.rs`.

#![deny(unsafe_code)]

mod answers;
mod browser;
mod connection;
mod errands;
mod error;
mod page;
mod permission;
mod process;
mod proxy;
mod views;

pub use answers::{Answers, Request, Response};
pub use browser::{Browser, ConsoleListener, Options, Profile, Viewport};
pub use error::{Error, Result};
pub use page::Page;
pub use views::ChromiumViews;
