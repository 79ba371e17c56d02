//! `finapp-core`: hosts mini-programs. Everything of the finapp library that needs no N-API.
//!
//! Start at [`FinAppClient`]. ARCHITECTURE.md in the repository has the map of the rooms.

#![deny(unsafe_code)]

pub mod bridge;
mod engine;
pub mod error;
pub mod host;
pub mod ids;
pub mod limits;
mod lock;

pub use error::{Error, ErrorCode, Result};
pub use limits::Limits;
