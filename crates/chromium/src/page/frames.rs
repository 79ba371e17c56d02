//! Who speaks: which frame a script context belongs to, as the browser says, and what that frame shows.

use super::ports::World;
use std::collections::HashMap;

/// The frames of a page, those in processes of their own included.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// By session of the protocol and number of the context: the frame.
    contexts: HashMap<(String, i64), String>,
    urls: HashMap<String, String>,
    /// The context of the top frame's own scripts, by a name that is never given twice.
    top: Option<String>,
    /// The world beside these.
    world: Option<World>,
}

impl Frames {
    /// A frame has a context of its own scripts now.
    pub(super) fn created(&mut self, session: &str, context: i64, frame: String) {
        self.contexts.insert((session.to_owned(), context), frame);
    }

    /// The same for the top frame.
    pub(super) fn created_top(&mut self, session: &str, context: i64, frame: String, unique: String) {
        self.top = Some(unique);
        self.created(session, context, frame);
    }

    /// The world beside the scripts of the top frame is there.
    pub(super) fn created_world(&mut self, world: World) {
        self.world = Some(world);
    }

    pub(super) fn destroyed(&mut self, session: &str, context: i64) {
        self.contexts.remove(&(session.to_owned(), context));
    }

    /// All contexts of a session are gone.
    pub(super) fn cleared(&mut self, session: &str, is_page: bool) {
        self.contexts.retain(|(of, _), _| of != session);
        if is_page {
            self.top = None;
            self.world = None;
        }
    }

    /// A frame shows another address.
    pub(super) fn shows(&mut self, frame: String, url: String) {
        self.urls.insert(frame, url);
    }

    pub(super) fn detached(&mut self, frame: &str) {
        self.urls.remove(frame);
    }

    pub(super) fn world(&self) -> Option<&World> {
        self.world.as_ref()
    }

    pub(super) fn top(&self) -> Option<&str> {
        self.top.as_deref()
    }

    /// The frame in which a context is, and what it shows; none when the context is gone. What is not known is the empty
    /// address, which nobody is.
    pub(super) fn of(&self, session: &str, context: i64) -> Option<(&str, &str)> {
        let frame = self.contexts.get(&(session.to_owned(), context))?;
        Some((frame, self.urls.get(frame).map_or("", String::as_str)))
    }
}
