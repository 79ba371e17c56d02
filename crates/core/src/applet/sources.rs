//! The package as the engine's module loader sees it, and the applet as the engine's surroundings.

use super::handle::Applet;
use super::life_cycle::LifeCycleEvent;
use super::package::{self, Package, PackageError, PackagePath, folder_of};
use crate::bridge::Outcome;
use crate::engine::{PluginFiles, Surroundings};
use crate::error::{Error, Result};
use crate::ids::{AppletId, CallId};
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

    fn resolve(&self, from: &str, request: &str) -> Result<String> {
        package::resolve(&self.package, from, request)
    }

    fn source(&self, path: &str) -> Result<Arc<str>> {
        let path = PackagePath::parse(None, path)?;
        self.package.source(&path).map_err(|error: PackageError| error.into())
    }

    #[cfg(feature = "components")]
    fn web_messages(&self, page: crate::ids::PageId, keep: bool) -> Option<String> {
        self.applet.web_views.messages(page, keep)
    }

    fn plugin(&self, id: &AppletId) -> Result<PluginFiles> {
        let config = self.package.plugin(id)?;
        let folder = folder_of(id);
        let whole = |file: &str| PackagePath::parse(None, &format!("{folder}/./{file}")).map(|path| path.to_string());
        let main = config.main.map(|file| {
            let asking = format!("{folder}/plugin.json");
            package::resolve(&self.package, &asking, &format!("/{file}"))
        });
        let components = config.components.iter();
        let components = components.map(|(name, file)| Ok((name.clone(), whole(file)?))).collect::<Result<_>>()?;
        Ok(PluginFiles { main: main.transpose()?, components })
    }
}
