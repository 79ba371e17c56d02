//! What a page sends, before anything is known of it: three values of any kind from a hostile place.

use super::frames::Framed;
use super::returned::Returned;
use crate::bridge::Binary;
use crate::host::Clock;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Which function of the app a page called. Each numbers its messages by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// `webInvokeHandler`, of the JSSDK.
    Web,
    /// `invokeHandler`, of FinClip's base library.
    Base,
}

/// What a page wants, and where the answer goes.
#[derive(Clone, Debug)]
pub(super) struct Asks {
    pub(super) channel: Channel,
    pub(super) id: u32,
    pub(super) name: String,
    /// For a call that returns its answer.
    pub(super) returned: Option<Arc<Returned>>,
    /// The number that FinClip's base library gives a task, as JSON text: it is told how that goes on, and may end it.
    pub(super) task: Option<String>,
}

/// One message, in its form. Nothing in it says who sent it.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) asks: Asks,
    /// None when they are longer than a message may be: a message that waits for others must not hold them.
    pub(super) params: Option<String>,
    /// What came beside them, through a port.
    pub(super) binaries: Vec<Binary>,
}

/// The longest name that is looked at.
const NAME_BYTES: usize = 128;

impl Incoming {
    /// Checks the form; none when it is none. The parameters are checked when it is known that somebody wants them.
    pub(super) fn read(channel: Channel, name: &str, params: String, id: f64, most_bytes: usize) -> Option<Self> {
        let whole = id.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&id);
        if !whole || name.is_empty() || name.len() > NAME_BYTES {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range, just checked")]
        let id = id as u32;
        let asks = Asks { channel, id, name: name.to_owned(), returned: None, task: None };
        Some(Self { asks, params: Some(params).filter(|params| params.len() <= most_bytes), binaries: Vec::new() })
    }

    /// The same of a message that came through a port.
    pub(super) fn framed(framed: Framed, most_bytes: usize) -> Option<Self> {
        let Framed { name, id, data, binaries } = framed;
        Self::read(Channel::Web, &name, data, id, most_bytes).map(|message| Self { binaries, ..message })
    }

    /// How much of the app's memory it takes while it waits.
    pub(super) fn bytes(&self) -> usize {
        let text = self.params.as_ref().map_or(0, String::len);
        text + self.binaries.iter().map(|binary| binary.bytes.len()).sum::<usize>()
    }

    /// The same message, as one whose answer is returned.
    pub(super) fn returning(mut self, returned: Option<Arc<Returned>>) -> Self {
        self.asks.returned = returned;
        self
    }
}

/// `finapp.accept`: the page has read the offer.
#[derive(Deserialize)]
pub(super) struct Accept {
    pub(super) token: String,
    #[serde(default)]
    pub(super) features: HashSet<String>,
}

/// `finapp.cancel`: the page no longer wants an answer.
#[derive(Deserialize)]
pub(super) struct Cancel {
    pub(super) id: u32,
}

/// `finapp.reply`: what a handler of the page gave.
#[derive(Deserialize)]
pub(super) struct Said {
    pub(super) call: String,
    pub(super) ok: bool,
    pub(super) data: Option<Box<serde_json::value::RawValue>>,
    pub(super) code: Option<i32>,
    pub(super) message: Option<String>,
}

/// How many messages a page may send: so many in each second.
pub(super) struct Rate {
    most: u32,
    left: u32,
    since: Duration,
}

impl Rate {
    pub(super) fn new(most: u32) -> Self {
        Self { most, left: most, since: Duration::ZERO }
    }

    /// Whether one more may come.
    pub(super) fn take(&mut self, clock: &dyn Clock) -> bool {
        let now = clock.now();
        if now.saturating_sub(self.since) >= Duration::from_secs(1) {
            (self.since, self.left) = (now, self.most);
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}
