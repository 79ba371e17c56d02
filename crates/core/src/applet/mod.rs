//! An applet: a running mini-program. Its package, its mailbox, its one thread, and the watchdog that gives it up
//! when it does not come back.

pub(crate) mod enter;
pub(crate) mod handle;
pub(crate) mod kept_code;
pub(crate) mod life_cycle;
mod look;
pub(crate) mod mailbox;
mod mini_app_info;
pub mod package;
mod pages;
pub(crate) mod sources;
pub(crate) mod thread;
pub(crate) mod watchdog;
pub(crate) mod web_views;

pub(crate) use handle::{Applet, Keeper};
pub use life_cycle::{AppletState, CloseReason, LifeCycleEvent};
pub use mini_app_info::{AppletDescription, MiniAppInfo, VersionType};
