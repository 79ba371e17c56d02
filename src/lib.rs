//! `libfinapp.so`: what ArkTS (and Node, which stands in for it in tests) sees of finapp.
//! Exports convert and hand over; everything that decides is in `finapp-core`. Only `port` touches raw Node-API.

#![deny(unsafe_code)]

mod api_manager;
mod applet;
mod arguments;
mod arkweb;
mod client;
mod config_declarations;
mod declarations;
mod error_codes;
mod guard;
mod host_declarations;
mod life_cycle;
mod load;
mod mini_app_declarations;
#[cfg(target_env = "gnu")]
mod node;
mod page_calls;
mod page_declarations;
mod port;
mod registration;
mod session;
mod sink;
#[cfg(feature = "test-hooks")]
mod test_hooks;
mod views;
mod web_page;
mod web_views;
