//! The client as its mini-programs reach it: to move between their own pages, and from one to another.

use super::inner::Inner;
use super::request::AppletRequest;
use crate::api::between::{Neighbours, Opened, Target};
use crate::api::navigation::{Address, Arrived, Change, Journey, Navigator};
use crate::api::web_view::{FindPages, WebPages};
use crate::applet::enter::Entrance;
use crate::applet::mailbox::Ask;
use crate::applet::{Applet, AppletState, CloseReason};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{AppletId, Generation};
use crate::lock::lock;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

/// Holds the client weakly: it is the client that holds the APIs.
pub(super) struct Paths(pub(super) Weak<Inner>);

/// What is remembered to find the way from one applet to another.
#[derive(Default)]
pub(super) struct Known {
    /// How each applet was last started, or how the host said it is to be.
    requests: Mutex<HashMap<AppletId, AppletRequest>>,
    /// Who opened whom.
    openers: Mutex<HashMap<AppletId, AppletId>>,
}

impl Known {
    /// Remembers how an applet is started.
    pub(super) fn remember(&self, id: &AppletId, request: &AppletRequest) {
        lock(&self.requests).insert(id.clone(), request.clone());
    }

    /// Whether it was started, or the host said how it is to be.
    pub(super) fn knows(&self, id: &AppletId) -> bool {
        lock(&self.requests).contains_key(id)
    }

    fn request(&self, id: &AppletId) -> Option<AppletRequest> {
        lock(&self.requests).get(id).cloned()
    }
}

impl Paths {
    fn running(&self, applet: &AppletId, generation: Generation) -> Option<Arc<Applet>> {
        let running = self.0.upgrade().and_then(|client| client.find(applet.as_str()).ok());
        running.filter(|running| running.generation == generation)
    }
}

impl Navigator for Paths {
    fn go(&self, applet: &AppletId, generation: Generation, journey: Journey, arrived: Arrived) {
        match self.running(applet, generation) {
            Some(running) => running.ask(Ask::Navigate(journey, arrived)),
            None => arrived(Err(ErrorCode::Closed.into())),
        }
    }

    fn change(&self, applet: &AppletId, generation: Generation, change: Change, changed: Arrived) {
        match self.running(applet, generation) {
            Some(running) => running.ask(Ask::ChangeTabBar(change, changed)),
            None => changed(Err(ErrorCode::Closed.into())),
        }
    }
}

impl Neighbours for Paths {
    fn open(&self, from: &AppletId, target: Target, opened: Opened) {
        let Some(client) = self.0.upgrade() else { return opened(Err(ErrorCode::Closed.into())) };
        if let Err((opened, error)) = open(&client, from, target, opened) {
            opened(Err(error));
        }
    }

    fn back(&self, from: &AppletId, extra_data: Option<Box<RawValue>>) -> Result<()> {
        let client = self.0.upgrade().ok_or(ErrorCode::Closed)?;
        let opener = lock(&client.known.openers)
            .get(from)
            .cloned()
            .ok_or_else(|| Error::new(ErrorCode::AppletNotFound, "no mini-program opened this one"))?;
        let opener = client.find(opener.as_str())?;
        lock(&client.known.openers).remove(from);
        opener.ask(Ask::Enter(Entrance::back_from(Address::default(), from.as_str(), extra_data)));
        if let Ok(own) = client.find(from.as_str()) {
            own.show(false);
        }
        Ok(())
    }

    fn exit(&self, from: &AppletId) {
        if let Some(applet) = self.0.upgrade().and_then(|client| client.find(from.as_str()).ok()) {
            applet.close(CloseReason::Host);
        }
    }

    fn is_in_front(&self, from: &AppletId) -> bool {
        let applet = self.0.upgrade().and_then(|client| client.find(from.as_str()).ok());
        applet.is_some_and(|applet| applet.state() == AppletState::Foreground)
    }
}

/// Finds the web pages of a run.
pub(super) fn web_pages(client: &Weak<Inner>) -> FindPages {
    let paths = Paths(client.clone());
    Arc::new(move |applet, generation| Some(paths.running(applet, generation)? as Arc<dyn WebPages>))
}

fn open(
    client: &Arc<Inner>,
    from: &AppletId,
    target: Target,
    opened: Opened,
) -> std::result::Result<(), (Opened, Error)> {
    let id = match AppletId::parse(&target.app_id) {
        Ok(id) if id != *from => id,
        Ok(_) => return Err((opened, Error::new(ErrorCode::Parameter, "a mini-program does not open itself"))),
        Err(error) => return Err((opened, error)),
    };
    let address = Address::parse(target.path.as_deref().unwrap_or_default(), "");
    let entrance = Entrance::by_applet(address, from.as_str(), target.extra_data);
    let entered = match client.find(id.as_str()) {
        Ok(running) if !running.is_closing() => {
            running.ask(Ask::Enter(entrance));
            running
        }
        _ => {
            let Some(request) = client.known.request(&id).or_else(|| from_the_server_of(client, from, &id)) else {
                return Err((opened, ErrorCode::AppletNotFound.into()));
            };
            match client.start(&request, Some(entrance)) {
                Ok(started) => started,
                Err(error) => return Err((opened, error)),
            }
        }
    };
    let (client, from) = (client.clone(), from.clone());
    entered.when_started(Box::new(move |outcome| {
        if outcome.is_ok() {
            lock(&client.known.openers).insert(id, from.clone());
            if let Ok(own) = client.find(from.as_str()) {
                own.show(false);
            }
        }
        opened(outcome);
    }));
    Ok(())
}

/// An applet that nobody has named yet lies, as a rule, on the server of the one that opens it.
fn from_the_server_of(client: &Inner, from: &AppletId, id: &AppletId) -> Option<AppletRequest> {
    let api_server = client.known.request(from).and_then(|request| request.api_server);
    let request = AppletRequest { app_id: id.to_string(), api_server, ..AppletRequest::default() };
    request.server(&client.config).is_ok().then_some(request)
}
