//! `finapp-core`: hosts mini-programs. Everything of the finapp library that needs no N-API.
//!
//! Start at [`FinAppClient`]. ARCHITECTURE.md in the repository has the map of the rooms.

#![deny(unsafe_code)]

mod api;
pub mod applet;
pub mod arkweb;
pub mod bridge;
pub mod client;
mod code_cache;
#[cfg(feature = "components")]
mod components;
mod engine;
pub mod error;
pub mod h5;
pub mod host;
pub mod ids;
pub mod limits;
mod lock;
mod net;
pub mod package_index;
mod packages;
mod zip_directory;

pub use api::report::{ReportConfig, ReportCounters};
pub use api::{
    Authorization, AuthorizeSetting, DeviceInfo, HostInfo, NetworkInfo, NetworkType, ScreenEdges, SystemSetting, Theme,
    WindowInfo,
};
pub use applet::{AppletDescription, AppletState, CloseReason, LifeCycleEvent, MiniAppInfo, VersionType};
pub use bridge::counters::CounterSnapshot;
pub use client::{
    AppletClient, AppletInfo, AppletRequest, Config, CustomApiConfig, FinAppClient, MemoryLevel, Platform, Route,
    StartParams, StoreConfig, WebFile, WebViewOpening, WebViews, page_params,
};
pub use engine::TemplateMode;
pub use error::{Error, ErrorCode, Result};
pub use limits::Limits;
pub use net::NetworkConfig;
pub use packages::{CachedPackage, PackageNews, UpdateStrategy};
