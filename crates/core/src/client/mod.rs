//! The client: what a host holds. It owns the applets, the registries and the one small runtime for deadlines.

mod applet;
#[expect(clippy::module_inception, reason = "the client of the client room is the client")]
mod client;
mod config;
mod data;
mod inner;
mod keeper;
mod kept;
mod looks;
mod neighbours;
mod own_origins;
mod pages;
mod request;
mod slots;
mod starting;
mod timer;
mod web_files;
mod web_pages;
mod web_views;

pub use applet::AppletClient;
pub use client::{AppletInfo, FinAppClient, MemoryLevel, Platform};
pub use config::{Config, CustomApiConfig, StoreConfig};
pub use pages::Route;
pub use request::{AppletRequest, StartParams};
pub use web_files::WebFile;
pub use web_pages::page_params;
pub use web_views::{WebViewOpening, WebViews};
