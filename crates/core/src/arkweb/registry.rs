//! Who is meant by the numbers that ArkWeb gives back. A number is never used again, so one that comes late means nobody.

use super::Method;
use super::message::Message;
use super::page::NativePage;
use crate::h5::{Frame, PageSession, ScriptValues};
use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

/// The number of a page that is served: it stands where C has an address, and may outlive the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(usize);

impl Key {
    /// The number, for ArkWeb. Never 0.
    #[must_use]
    pub fn number(self) -> usize {
        self.0
    }

    /// Of a number that came back.
    #[must_use]
    pub fn of_number(number: usize) -> Self {
        Self(number)
    }
}

static PAGES: Mutex<Pages> = Mutex::new(Pages { last: 0, served: BTreeMap::new() });

struct Pages {
    last: usize,
    served: BTreeMap<Key, Served>,
}

#[derive(Clone)]
struct Served {
    page: Weak<NativePage>,
    session: Weak<PageSession>,
    values: Arc<ScriptValues>,
}

/// Makes a page under a number of its own.
pub(super) fn add(
    session: &Arc<PageSession>,
    values: &Arc<ScriptValues>,
    make: impl FnOnce(Key) -> NativePage,
) -> Arc<NativePage> {
    let mut pages = lock(&PAGES);
    pages.last += 1;
    let key = Key(pages.last);
    let page = Arc::new(make(key));
    let (values, session) = (values.clone(), Arc::downgrade(session));
    pages.served.insert(key, Served { page: Arc::downgrade(&page), session, values });
    page
}

/// Forgets a page.
pub(super) fn remove(page: Key) {
    let forgotten = lock(&PAGES).served.remove(&page);
    // What it held is dropped without the lock.
    drop(forgotten);
}

fn find(page: Key) -> Option<(Arc<NativePage>, Arc<PageSession>, Arc<ScriptValues>)> {
    let served = lock(&PAGES).served.get(&page)?.clone();
    Some((served.page.upgrade()?, served.session.upgrade()?, served.values))
}

/// A page calls `method`. On the thread on which ArkWeb says so, while it does; the arguments are not kept.
pub fn called(page: Key, method: Method, arguments: &[&[u8]]) {
    let Some((page, session, values)) = find(page) else { return };
    // Before anything else: the next call on this thread changes it.
    let url = page.calling_frame();
    // ArkWeb tells frames apart by their addresses alone. Frames of one origin reach each other's objects anyway; those of
    // another are refused by the session.
    let frame = Frame { url: &url, is_top: true };
    let Some(message) = Message::read(arguments, session.message_bytes()) else { return session.malformed() };
    let id = message.id();
    match method {
        Method::WebInvoke if values.take(&message.name, &message.params) => {}
        Method::WebInvoke => session.web_invoke(frame, &message.name, message.params, id),
        // Its caller gets no value here: a page cannot be made to wait for this thread.
        Method::Invoke => drop(session.invoke(frame, &message.name, message.params, id)),
        Method::Publish => session.publish(frame, &message.name, &message.params, &message.third),
    }
}

/// The web component is gone. From any thread.
pub fn destroyed(page: Key) {
    let Some((page, session, values)) = find(page) else { return };
    page.go();
    values.clear();
    session.close();
}
