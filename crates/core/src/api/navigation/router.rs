//! The page stack, and what a navigation does to it. Nothing here runs a page: a navigation becomes a plan, a list of
//! steps in the order in which WeChat runs the hooks, and the stack as it is afterwards.

use super::url::{Address, PRIVATE};
use crate::engine::PageStep;
use crate::error::{Error, ErrorCode};
use crate::ids::{AppletId, PageId};

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Navigation {
    /// A new page on top.
    To(String),
    /// A new page in the place of the top one.
    Redirect(String),
    /// A tab page; all others close.
    SwitchTab(String),
    /// A page alone; all others close.
    ReLaunch(String),
    /// Back by so many pages.
    Back(u32),
}

impl Navigation {
    /// The API of that navigation.
    fn api(&self) -> &'static str {
        match self {
            Self::To(_) => "navigateTo",
            Self::Redirect(_) => "redirectTo",
            Self::SwitchTab(_) => "switchTab",
            Self::ReLaunch(_) => "reLaunch",
            Self::Back(_) => "navigateBack",
        }
    }
}

/// A navigation, and who wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Journey {
    pub(crate) navigation: Navigation,
    /// None: the mini-program itself, or its host.
    pub(crate) plugin: Option<AppletId>,
    /// The page whose web page wants it.
    pub(crate) web_page: Option<PageId>,
}

impl From<Navigation> for Journey {
    fn from(navigation: Navigation) -> Self {
        Self { navigation, plugin: None, web_page: None }
    }
}

/// The pages of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PluginPages {
    pub(crate) id: AppletId,
    /// What the mini-program calls the plugin.
    pub(crate) aliases: Vec<String>,
    /// Name and path of each.
    pub(crate) pages: Vec<(String, String)>,
}

impl PluginPages {
    /// The path of a page as the stack has it.
    fn whole(&self, path: &str) -> String {
        format!("{PRIVATE}{}/{path}", self.id)
    }
}

/// A page that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) id: PageId,
    pub(crate) path: String,
    /// As JSON text.
    pub(crate) query: String,
}

/// What a navigation does.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Hooks and openings, in order.
    pub(crate) steps: Vec<PageStep>,
    stack: Vec<Page>,
    kept: Vec<Page>,
}

/// The pages of one applet.
#[derive(Debug, Default)]
pub(crate) struct Router {
    declared: Vec<String>,
    tabs: Vec<String>,
    plugins: Vec<PluginPages>,
    most: usize,
    /// The first page first.
    stack: Vec<Page>,
    /// Tab pages that live hidden, off the stack.
    kept: Vec<Page>,
}

impl Router {
    /// A router without a page. `declared` are the paths of all pages, `tabs` those in the tab bar; at most `most` pages
    /// stand on the stack.
    pub(crate) fn new(declared: Vec<String>, tabs: Vec<String>, most: usize) -> Self {
        Self { declared, tabs, most, ..Self::default() }
    }

    /// The same with pages of plugins.
    pub(crate) fn with(self, plugins: Vec<PluginPages>) -> Self {
        Self { plugins, ..self }
    }

    /// The pages on the stack, the first one first.
    pub(crate) fn stack(&self) -> &[Page] {
        &self.stack
    }

    /// The page that is seen.
    pub(crate) fn top(&self) -> Option<&Page> {
        self.stack.last()
    }

    /// Whether there is such a page.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.declared.iter().any(|declared| declared == path)
    }

    /// What `navigation` does. The stack stays as it is until the plan is taken with [`Router::take`].
    ///
    /// # Errors
    /// `E_PARAM`, `E_NOT_FOUND` or `E_LIMIT` with the texts that programs compare; `E_DENIED` for a plugin that would
    /// close what is not its own.
    pub(crate) fn plan(&self, journey: &Journey) -> Result<Plan, Error> {
        let journey = &self.of_its_page(journey);
        if let Some(plugin) = &journey.plugin {
            self.may_go(plugin, &journey.navigation)?;
        }
        match &journey.navigation {
            Navigation::To(url) => {
                let target = self.target(journey, url)?;
                if self.stack.len() >= self.most {
                    return Err(Error::new(ErrorCode::Limit, "webview count limit exceed"));
                }
                let mut plan = self.unchanged();
                plan.steps.extend(self.top().map(|top| PageStep::Hide(top.id)));
                let opener = self.top().map(|top| top.id);
                self.enter(&mut plan, &target, opener);
                Ok(plan)
            }
            Navigation::Redirect(url) => {
                let target = self.target(journey, url)?;
                let mut plan = self.unchanged();
                if let Some(top) = plan.stack.pop() {
                    plan.steps.push(PageStep::Unload(top.id));
                }
                self.enter(&mut plan, &target, None);
                Ok(plan)
            }
            Navigation::SwitchTab(url) => {
                let target = self.target(journey, url)?;
                Ok(self.switch_tab(&target))
            }
            Navigation::ReLaunch(url) => {
                let target = self.target(journey, url)?;
                let mut plan = Plan::default();
                plan.steps.extend(
                    self.stack.iter().rev().chain(self.kept.iter().rev()).map(|page| PageStep::Unload(page.id)),
                );
                self.enter(&mut plan, &target, None);
                Ok(plan)
            }
            Navigation::Back(delta) => self.back(*delta),
        }
    }

    /// The stack is as `plan` has it.
    pub(crate) fn take(&mut self, plan: Plan) {
        self.stack = plan.stack;
        self.kept = plan.kept;
    }

    /// A page of a plan could not be opened: what is left of the stack, and the page to show again.
    pub(crate) fn without(&mut self, failed: PageId) -> Option<PageId> {
        self.stack.retain(|page| page.id != failed);
        self.stack.last().map(|page| page.id)
    }

    /// A page that lives, by its number.
    pub(crate) fn find(&self, id: PageId) -> Option<&Page> {
        self.stack.iter().chain(&self.kept).find(|page| page.id == id)
    }

    /// A web page in a plugin's page has no more to say than the plugin.
    fn of_its_page(&self, journey: &Journey) -> Journey {
        let holds = journey.web_page.and_then(|id| self.find(id));
        let plugin = holds.and_then(|page| page.path.strip_prefix(PRIVATE)?.split_once('/'));
        let plugin = plugin.and_then(|(plugin, _)| AppletId::parse(plugin).ok());
        Journey { plugin: journey.plugin.clone().or(plugin), ..journey.clone() }
    }

    /// The path of the page that wants to go: the one with the web page that asks, else the one that is seen.
    fn asks(&self, journey: &Journey) -> &str {
        let holds = journey.web_page.and_then(|id| self.find(id));
        holds.or_else(|| self.top()).map_or("", |page| page.path.as_str())
    }

    /// A plugin opens pages on top, and closes none but its own.
    fn may_go(&self, plugin: &AppletId, navigation: &Navigation) -> Result<(), Error> {
        let root = format!("{PRIVATE}{plugin}/");
        let closes = match navigation {
            Navigation::To(_) => 0,
            Navigation::Redirect(_) => 1,
            Navigation::Back(delta) => (*delta as usize).min(self.stack.len().saturating_sub(1)),
            Navigation::SwitchTab(_) | Navigation::ReLaunch(_) => usize::MAX,
        };
        let own = self.stack.iter().rev().take_while(|page| page.path.starts_with(&root)).count();
        if closes > own { Err(ErrorCode::Denied.into()) } else { Ok(()) }
    }

    fn target(&self, journey: &Journey, url: &str) -> Result<Address, Error> {
        let navigation = &journey.navigation;
        let target = match &journey.plugin {
            None => self.target_of_app(url, self.asks(journey)),
            Some(plugin) => self.target_of_plugin(plugin, url, self.asks(journey)),
        }?;
        let tab = self.is_tab(&target.path);
        match navigation {
            Navigation::To(_) | Navigation::Redirect(_) if tab => {
                let api = navigation.api();
                Err(Error::new(ErrorCode::Parameter, format!("can not {api} a tabbar page")))
            }
            Navigation::SwitchTab(_) if !tab => {
                Err(Error::new(ErrorCode::Parameter, "can not switch to no-tabBar page"))
            }
            _ => Ok(target),
        }
    }

    /// Where the mini-program wants to go: to a page of its own, or to one that a plugin gives.
    fn target_of_app(&self, url: &str, current: &str) -> Result<Address, Error> {
        let mut target = Address::parse(url, if current.starts_with(PRIVATE) { "" } else { current });
        if self.has(&target.path) {
            return Ok(target);
        }
        let given = target.path.strip_prefix("plugin://").and_then(|rest| rest.split_once('/'));
        let page = given.and_then(|(alias, name)| {
            let plugin = self.plugins.iter().find(|plugin| plugin.aliases.iter().any(|own| own == alias))?;
            plugin.pages.iter().find(|(own, _)| own == name).map(|(_, path)| plugin.whole(path))
        });
        target.path = page.ok_or_else(|| missing(&target.path))?;
        Ok(target)
    }

    /// Where a plugin wants to go: to a page of its own.
    fn target_of_plugin(&self, plugin: &AppletId, url: &str, current: &str) -> Result<Address, Error> {
        let root = format!("{PRIVATE}{plugin}/");
        let target = Address::parse(url, if current.starts_with(&root) { current } else { &root });
        let own = self.plugins.iter().find(|own| own.id == *plugin);
        let pages = own.map_or_else(Vec::new, |own| own.pages.iter().map(|(_, path)| own.whole(path)).collect());
        if pages.contains(&target.path) { Ok(target) } else { Err(missing(&target.path)) }
    }

    /// Whether it is a page of the tab bar.
    pub(crate) fn is_tab(&self, path: &str) -> bool {
        self.tabs.iter().any(|tab| tab == path)
    }

    fn unchanged(&self) -> Plan {
        Plan { steps: Vec::new(), stack: self.stack.clone(), kept: self.kept.clone() }
    }

    /// Puts a new page on top of what `plan` leaves.
    fn enter(&self, plan: &mut Plan, target: &Address, opener: Option<PageId>) {
        let id = PageId::fresh();
        plan.stack.push(Page { id, path: target.path.clone(), query: target.query_text() });
        plan.steps.extend([
            stack_step(&plan.stack),
            PageStep::Open { id, path: target.path.clone(), query: target.query_text(), opener },
            PageStep::Show(id),
            PageStep::Ready(id),
            PageStep::RouteDone(id),
        ]);
    }

    /// The table of tab switches: pages above a tab page close, tab pages stay alive. A tab page stands at the bottom.
    fn switch_tab(&self, target: &Address) -> Plan {
        let mut plan = self.unchanged();
        if self.stack.len() == 1 && self.top().is_some_and(|top| top.path == target.path) {
            return plan;
        }
        while let Some(page) = plan.stack.pop() {
            if self.is_tab(&page.path) {
                // One that was covered was hidden when the page above it opened.
                if plan.steps.is_empty() {
                    plan.steps.push(PageStep::Hide(page.id));
                }
                plan.kept.push(page);
            } else {
                plan.steps.push(PageStep::Unload(page.id));
            }
        }
        match plan.kept.iter().position(|page| page.path == target.path) {
            Some(at) => {
                let page = plan.kept.remove(at);
                let id = page.id;
                plan.stack.push(page);
                plan.steps.extend([stack_step(&plan.stack), PageStep::Show(id), PageStep::RouteDone(id)]);
            }
            None => self.enter(&mut plan, target, None),
        }
        plan
    }

    fn back(&self, delta: u32) -> Result<Plan, Error> {
        if self.stack.len() < 2 {
            return Err(Error::new(ErrorCode::Parameter, "cannot navigate back at first page"));
        }
        let mut plan = self.unchanged();
        for _ in 0..delta.max(1) {
            if plan.stack.len() < 2 {
                break;
            }
            plan.steps.extend(plan.stack.pop().map(|page| PageStep::Unload(page.id)));
        }
        plan.steps.push(stack_step(&plan.stack));
        if let Some(top) = plan.stack.last() {
            plan.steps.extend([PageStep::Show(top.id), PageStep::RouteDone(top.id)]);
        }
        Ok(plan)
    }
}

fn missing(path: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("page \"{path}\" is not found"))
}

fn stack_step(stack: &[Page]) -> PageStep {
    PageStep::Stack(stack.iter().map(|page| page.id).collect())
}

#[cfg(test)]
mod tests;
