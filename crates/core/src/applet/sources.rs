//! The package as the engine's module loader sees it, and the applet as the engine's surroundings.

use super::handle::Applet;
use super::life_cycle::LifeCycleEvent;
use super::package::{Package, PackageError, PackagePath};
use crate::bridge::Outcome;
use crate::engine::Surroundings;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::CallId;
use std::sync::Arc;
use std::time::Duration;

/// Everything around one engine.
pub(super) struct Around {
    pub(super) applet: Arc<Applet>,
    pub(super) package: Arc<Package>,
}

impl Surroundings for Around {
    fn wait(&self, call: CallId, at_most: Duration) -> Option<Outcome> {
        self.applet.mailbox.wait_for(call, at_most)
    }

    fn script_error(&self, error: Error) {
        self.applet.keeper.happened(LifeCycleEvent::Error { app_id: self.applet.id.to_string(), error });
    }

    /// A file beside the asking one, or from the root of the package when the request begins with a slash; `.js` may
    /// be left out.
    fn resolve(&self, from: &str, request: &str) -> Result<String> {
        let base = PackagePath::parse(None, from)?;
        let with_ending = if request.ends_with(".js") { request.to_owned() } else { format!("{request}.js") };
        let path = PackagePath::parse(Some(&base), &with_ending)?;
        if self.package.has(&path) { Ok(path.as_str().to_owned()) } else { Err(ErrorCode::NotFound.into()) }
    }

    fn source(&self, path: &str) -> Result<Arc<str>> {
        let path = PackagePath::parse(None, path)?;
        self.package.source(&path).map_err(|error: PackageError| error.into())
    }
}
