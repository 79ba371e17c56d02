//! The pages of an applet: carries out what the router plans, step by step, on the applet's thread.

use super::package::Package;
use super::web_views::WebViews;
use crate::api::navigation::{Address, Change, Journey, Navigation, PluginPages, Router, TabBar};
use crate::engine::{Ended, Engine, PageStep};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::PageId;
use crate::limits::Limits;
use std::sync::Arc;

/// The pages of one applet.
pub(super) struct Pages {
    router: Router,
    tab_bar: TabBar,
    first: String,
    web_views: Arc<WebViews>,
}

impl Pages {
    /// None when the package declares no page.
    pub(super) fn of(package: &Package, limits: &Limits, web_views: Arc<WebViews>) -> Option<Self> {
        let manifest = package.manifest();
        let first = manifest.entry_page()?.to_owned();
        let router = Router::new(manifest.all_pages(), manifest.tabs(), limits.pages_open);
        let tab_bar = TabBar::of(manifest.fields().get("tabBar"));
        Some(Self { router: router.with(of_plugins(package)), tab_bar, first, web_views })
    }

    /// The page that a mini-program begins with when nobody says another.
    pub(super) fn first(&self) -> &str {
        &self.first
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.router.has(path)
    }

    /// How many stand on the stack.
    pub(super) fn depth(&self) -> usize {
        self.router.stack().len()
    }

    /// The page that is seen; none before the first one opened.
    pub(super) fn top(&self) -> Option<PageId> {
        self.router.top().map(|top| top.id)
    }

    /// The pages on the stack, the first one first: number and path.
    pub(super) fn stack(&self) -> Vec<(PageId, String)> {
        self.router.stack().iter().map(|page| (page.id, page.path.clone())).collect()
    }

    /// How the tab bar stands, as JSON text.
    pub(super) fn tab_bar(&self) -> String {
        self.tab_bar.text(self.router.top().map_or("", |top| top.path.as_str()))
    }

    /// Changes the tab bar.
    pub(super) fn change_tab_bar(&mut self, change: Change) -> Result<()> {
        let on_tab_page = self.router.top().is_some_and(|top| self.router.is_tab(&top.path));
        self.tab_bar.change(change, on_tab_page)
    }

    /// Opens the page at `address` alone.
    pub(super) fn enter(&mut self, engine: &Engine, address: &Address) -> std::result::Result<Result<()>, Ended> {
        let query: Vec<String> = address
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
            .collect();
        self.go(engine, &Navigation::ReLaunch(format!("/{}?{}", address.path, query.join("&"))).into())
    }

    /// Goes where `journey` says. The outer error is the end of the applet.
    pub(super) fn go(&mut self, engine: &Engine, journey: &Journey) -> std::result::Result<Result<()>, Ended> {
        let mut plan = match self.router.plan(journey) {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error)),
        };
        let steps = std::mem::take(&mut plan.steps);
        self.router.take(plan);
        for step in steps {
            let outcome = self.step(engine, &step)?;
            if let (Err(error), PageStep::Open { id, .. }) = (outcome, &step) {
                self.give_up(engine, *id)?;
                return Ok(Err(Error::new(ErrorCode::BadPackage, error.message().to_owned())));
            }
        }
        Ok(Ok(()))
    }

    /// The page `id` did not open: the one below is seen again.
    fn give_up(&mut self, engine: &Engine, id: PageId) -> std::result::Result<(), Ended> {
        let below = self.router.without(id);
        let stack = self.router.stack().iter().map(|page| page.id).collect();
        drop(engine.page_step(&PageStep::Stack(stack))?);
        if let Some(below) = below {
            drop(self.step(engine, &PageStep::Show(below))?);
        }
        Ok(())
    }

    /// The path of a page that lives.
    pub(super) fn path(&self, id: PageId) -> Option<&str> {
        self.router.find(id).map(|page| page.path.as_str())
    }

    /// Takes a step, of which the web page in the page hears as well.
    fn step(&self, engine: &Engine, step: &PageStep) -> std::result::Result<Result<()>, Ended> {
        let taken = engine.page_step(step)?;
        match step {
            PageStep::Show(id) => {
                let query = self.router.find(*id).map_or("{}", |page| page.query.as_str());
                self.web_views.tell(*id, "onShow", format!("{{\"data\":{query}}}"));
            }
            PageStep::Hide(id) => self.web_views.tell(*id, "onHide", "{}".to_owned()),
            PageStep::Unload(id) => self.web_views.end(*id),
            _ => {}
        }
        Ok(taken)
    }

    /// Tells the page that is seen that it is, or is no longer.
    pub(super) fn shown(&self, engine: &Engine, visible: bool) -> std::result::Result<(), Ended> {
        if let Some(top) = self.top() {
            drop(self.step(engine, &if visible { PageStep::Show(top) } else { PageStep::Hide(top) })?);
        }
        Ok(())
    }
}

/// The pages of all plugins. One whose `plugin.json` cannot be read has none; whoever requires it hears why.
fn of_plugins(package: &Package) -> Vec<PluginPages> {
    let plugins = package.manifest().plugins().iter();
    let pages = plugins.map(|plugin| PluginPages {
        id: plugin.provider.clone(),
        aliases: vec![plugin.alias.clone()],
        pages: package.plugin(&plugin.provider).unwrap_or_default().pages,
    });
    pages.collect()
}

/// What a page that is not there is called when the mini-program or the host is told.
pub(super) fn missing(path: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("page \"{path}\" is not found"))
}
