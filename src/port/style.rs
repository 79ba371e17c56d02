//! The styles in which a host registers a handler. A style fixes what the handler is given, and which of the things it
//! returns end the call.

/// Who a registration is modelled on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `registerCustomApi` and `registerSyncApi`: FinClip's.
    Custom,
    /// `registerMiniAppApi`: TCMPP's on Flutter.
    MiniApp,
    /// `registerPluginEvent`: TCMPP's on Android.
    Plugin,
}

/// What the handler is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `{params, callback, extInfo}`, with the parameters as they were sent.
    Flat,
    /// A `MiniApiCall`, with the envelope as its `params`.
    Envelope,
}

/// What a handler does to its call by returning, or by fulfilling its promise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// A value is the answer; `undefined` is none, and the call stays open.
    ByValue,
    /// A value is the answer; `undefined` and `null` end the call well, unless it has been answered.
    InAnyCase,
    /// Values do not count: the call ends well, unless it has been answered.
    WithoutValue,
    /// Nothing ends the call but the callback.
    ByCallback,
}

/// How a handler was registered.
#[derive(Clone, Copy)]
pub struct Manner {
    /// The style.
    pub style: Style,
    /// As synchronous.
    pub sync: bool,
}

impl Manner {
    /// What the handler is given.
    pub fn shape(self) -> Shape {
        match self.style {
            Style::Custom => Shape::Flat,
            Style::MiniApp | Style::Plugin => Shape::Envelope,
        }
    }

    /// What returning does.
    pub fn by_returning(self) -> Ends {
        match (self.style, self.sync) {
            (Style::Custom, true) | (Style::MiniApp, _) => Ends::InAnyCase,
            (Style::Custom, false) => Ends::ByValue,
            (Style::Plugin, true) => Ends::WithoutValue,
            (Style::Plugin, false) => Ends::ByCallback,
        }
    }

    /// What fulfilling a promise does. FinClip's handlers may still call back after that.
    pub fn by_fulfilling(self) -> Ends {
        match self.style {
            Style::Custom => Ends::ByValue,
            Style::MiniApp | Style::Plugin => self.by_returning(),
        }
    }
}
