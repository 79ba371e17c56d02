//! What an applet takes from the cache of compiled code when it opens, and what it gives back once it has started.
//! Reading is on the applet's own thread; compiling for later, and writing, on a thread that may take its time.

use super::package::{Package, PackagePath};
use crate::api::provided::Elsewhere;
use crate::code_cache::{CodeCache, Era};
use crate::engine::{Compiled, Kept, Seal, renewed};
use crate::ids::AppletId;
use crate::limits::Limits;
use std::sync::Arc;

/// The way to the cache for one run of an applet.
pub(crate) struct KeptCode {
    applet: AppletId,
    cache: Arc<CodeCache>,
    elsewhere: Elsewhere,
    era: Era,
}

impl KeptCode {
    pub(crate) fn new(applet: AppletId, cache: Arc<CodeCache>, elsewhere: Elsewhere) -> Self {
        Self { applet, era: cache.era(), cache, elsewhere }
    }

    /// What earlier runs have left. Without a key that is nothing, but what is compiled is noted all the same.
    pub(super) fn read(&self) -> Kept {
        let (key, bytes) = self.cache.read(&self.applet).unwrap_or_default();
        Kept::new(Seal::new(&key, self.applet.as_str()), &bytes)
    }

    /// Has kept what had to be compiled; files that the package no longer holds are forgotten.
    pub(super) fn renew(&self, compiled: Vec<Compiled>, package: &Arc<Package>, limits: &Arc<Limits>) {
        let (applet, cache, era) = (self.applet.clone(), self.cache.clone(), self.era);
        let (package, limits) = (package.clone(), limits.clone());
        (self.elsewhere)(Box::new(move || {
            if compiled.is_empty() {
                return cache.used(&applet);
            }
            let is_there = |path: &str| PackagePath::parse(None, path).is_ok_and(|path| package.has(&path));
            cache.renew(&applet, era, |key, before| {
                let seal = Seal::new(key, applet.as_str());
                renewed(&seal, before, &compiled, is_there, &limits, cache.share())
            });
        }));
    }
}
