//! What the client keeps for applets, as the host sees it: their files by path, their data, and packages from servers.

use super::client::FinAppClient;
use super::data;
use crate::api::files;
use crate::applet::LifeCycleEvent;
use crate::error::{Error, ErrorCode, Result};
use crate::host::LogLevel;
use crate::ids::AppletId;
use crate::lock::lock;
use crate::packages::CachedPackage;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl FinAppClient {
    /// Where a path of a running applet lies on the disk, there or not: its own, saved and temporary files.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`; `E_PARAM` when the path is none of its files, `E_UNSUPPORTED` for a file of the package.
    pub fn translate_path(&self, app_id: &str, path: &str) -> Result<PathBuf> {
        self.inner.sandboxes.of_run(self.inner.find(app_id)?.generation)?.absolute(path)
    }

    /// The other way: the path under which a running applet knows a file of its own.
    ///
    /// # Errors
    /// `E_APPLET_NOT_FOUND`; `E_PARAM` when it is none of its files.
    pub fn applet_path(&self, app_id: &str, path: &Path) -> Result<String> {
        self.inner.sandboxes.of_run(self.inner.find(app_id)?.generation)?.applet_path(path)
    }

    /// Removes what an applet keeps for a user, and its compiled code. The files go away soon; a failure is an error event of the applet.
    ///
    /// # Errors
    /// `E_PARAM` when an id is malformed, `E_BUSY` while the applet runs.
    pub fn clear_applet_data(&self, app_id: &str, user: Option<&str>) -> Result<()> {
        let applet = AppletId::parse(app_id)?;
        let user = user.or(self.inner.config.current_user_id.as_deref());
        user.map(|user| data::check_user("user", user)).transpose()?;
        if lock(&self.inner.slots).get(app_id).is_some() {
            return Err(Error::new(ErrorCode::Busy, "the applet is running"));
        }
        let Some(root) = self.inner.config.data_dir.clone() else { return Ok(()) };
        self.clear_code(Some(applet.clone()));
        let (inner, folder) = (self.inner.clone(), data::folder(&root, user, &applet));
        // Before the lane is entered nobody has started; after it, whoever starts waits.
        let turns = [self.inner.lanes.queue(&folder), files::queue(&self.inner.lanes, &folder)];
        data::clear_soon(self.inner.timer.handle(), folder, turns, move |failed| {
            let error = Error::new(ErrorCode::Internal, format!("the data was not removed: {failed}"));
            inner.tell(&LifeCycleEvent::Error { app_id: applet.to_string(), error });
        });
        Ok(())
    }

    /// Lists the packages from servers that are kept on disk, sorted by id. `told` is called on a thread of the library.
    ///
    /// # Errors
    /// `E_CLOSED` after shutdown, `E_LIMIT` when the system gives no thread.
    pub fn cached_packages(&self, told: impl FnOnce(Vec<CachedPackage>) + Send + 'static) -> Result<()> {
        self.inner.alive()?;
        match &self.inner.packages {
            Some(packages) => packages.list(told),
            None => {
                told(Vec::new());
                Ok(())
            }
        }
    }

    /// Removes the cached packages of one applet, or of all that do not run, and what was compiled of them and of others.
    /// The files go away soon; a failure is logged.
    ///
    /// # Errors
    /// `E_PARAM` when the id is malformed, `E_BUSY` while that applet runs, `E_CLOSED` after shutdown.
    pub fn clear_package_cache(&self, app_id: Option<&str>) -> Result<()> {
        self.inner.alive()?;
        let applet = app_id.map(AppletId::parse).transpose()?;
        if app_id.is_some_and(|app_id| lock(&self.inner.slots).get(app_id).is_some()) {
            return Err(Error::new(ErrorCode::Busy, "the applet is running"));
        }
        let Some(packages) = &self.inner.packages else { return Ok(()) };
        self.clear_code(applet.clone());
        let inner = Arc::downgrade(&self.inner);
        packages.clear(applet, move |error| {
            if let Some(inner) = inner.upgrade() {
                inner.log(LogLevel::Error, &format!("cached packages were not removed: {error}"));
            }
        })
    }

    /// Compiled code goes away soon. It is a cache: nobody hears of a failure.
    fn clear_code(&self, applet: Option<AppletId>) {
        let Some(code) = self.inner.code.clone() else { return };
        code.outdate();
        data::elsewhere(self.inner.timer.handle())(Box::new(move || code.clear(applet.as_ref())));
    }
}
