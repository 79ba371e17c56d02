//! The view of one page that is served natively, and the choice between that and the host's own way.

use super::registry::{self, Key};
use super::{ArkWeb, HostThread};
use crate::h5::{PageSession, PageView, ScriptValue, ScriptValues};
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A view of the host whose scripts may take the native way. Addresses are still the host's to load: ArkWeb's C interface
/// loads none.
pub struct ServedView {
    host: Arc<dyn PageView>,
    values: Arc<ScriptValues>,
    native: OnceLock<Arc<NativePage>>,
}

impl ServedView {
    /// Of what the host has made, with the values that its page's scripts give.
    #[must_use]
    pub fn new(host: Arc<dyn PageView>, values: Arc<ScriptValues>) -> Self {
        Self { host, values, native: OnceLock::new() }
    }

    /// Serves the page natively from its next load on; `tag` is that of the web component, whose controller is attached.
    /// On the host's thread. False when this cannot be: there is no ArkWeb that can, `permission` is none (ArkWeb would
    /// allow everybody), or the page is served already. Then nothing has changed.
    #[must_use]
    pub fn serve(
        &self,
        session: &Arc<PageSession>,
        tag: &str,
        permission: &str,
        arkweb: Option<Arc<dyn ArkWeb>>,
        thread: Arc<dyn HostThread>,
    ) -> bool {
        let (Some(arkweb), Ok(tag), Ok(permission)) = (arkweb, CString::new(tag), CString::new(permission)) else {
            return false;
        };
        if tag.is_empty() || permission.is_empty() || session.is_closed() || self.native.get().is_some() {
            return false;
        }
        let make = |key| NativePage { key, tag, arkweb, thread, is_gone: AtomicBool::new(false) };
        let page = registry::add(session, &self.values, make);
        if self.native.set(page.clone()).is_err() {
            return false;
        }
        page.arkweb.register(&page.tag, &permission, page.key);
        page.arkweb.on_destroy(&page.tag, page.key);
        true
    }
}

impl PageView for ServedView {
    fn run(&self, script: String, value: Option<ScriptValue>) {
        match (self.native.get(), value) {
            (None, value) => self.host.run(script, value),
            (Some(page), None) => page.run(script),
            // ArkWeb waits for no promise.
            (Some(page), Some(value)) => page.run(self.values.ask(&script, value)),
        }
    }

    fn load(&self, url: &str) {
        self.host.load(url);
    }

    fn go_back(&self) {
        self.host.go_back();
    }

    fn close(&self) {
        if let Some(page) = self.native.get() {
            page.close();
        }
        self.host.close();
    }
}

/// A page whose scripts run without the host.
pub(super) struct NativePage {
    key: Key,
    tag: CString,
    arkweb: Arc<dyn ArkWeb>,
    thread: Arc<dyn HostThread>,
    is_gone: AtomicBool,
}

impl NativePage {
    fn run(self: &Arc<Self>, script: String) {
        self.on_thread(move |page| page.arkweb.run(&page.tag, &script));
    }

    fn close(self: &Arc<Self>) {
        self.on_thread(|page| {
            page.go();
            page.arkweb.unregister(&page.tag);
        });
    }

    /// Does something with the component on the host's thread, if it is still there then.
    fn on_thread(self: &Arc<Self>, work: impl FnOnce(&Self) + Send + 'static) {
        let page = self.clone();
        self.thread.post(Box::new(move || {
            if !page.is_gone.load(Ordering::Acquire) {
                work(&page);
            }
        }));
    }

    /// The address of the frame that calls on this thread; one that nobody allows when ArkWeb does not say.
    pub(super) fn calling_frame(&self) -> String {
        self.arkweb.calling_frame().unwrap_or_default()
    }

    /// Nothing of the component is used from now on, and nothing that it says is heard.
    pub(super) fn go(&self) {
        self.is_gone.store(true, Ordering::Release);
        registry::remove(self.key);
    }
}

impl Drop for NativePage {
    fn drop(&mut self) {
        registry::remove(self.key);
    }
}
