//! What the browser tells of a page, on the thread that reads: commits, messages and their frames, requests, the end.

use super::Page;
use super::ports::World;
use super::requests::Call;
use super::told::{
    Attached, Called, ConsoleCall, Context, Created, Destroyed, Detached, Dialog, LoadingFailed, Navigated,
    NavigatedFrame, Thrown, Within,
};
use crate::connection::{Done, Listener};
use crate::proxy::Said;
use finapp_core::h5::Frame;
use serde::Deserialize;
use serde_json::json;

/// How many lines of the console are kept.
const LINES: usize = 1_000;

/// A message, and who it came from.
pub(super) struct Heard {
    said: Said,
    url: String,
    is_top: bool,
}

impl Listener for Page {
    fn event(&self, session: &str, method: &str, params: &str) {
        let is_page = session == self.session;
        match method {
            "Runtime.bindingCalled" => read(params, |called| self.called(session, &called)),
            "Runtime.executionContextCreated" => read(params, |created| self.created(session, created)),
            "Runtime.executionContextDestroyed" => read(params, |destroyed: Destroyed| {
                self.state().frames.destroyed(session, destroyed.execution_context_id);
            }),
            "Runtime.executionContextsCleared" => self.cleared(session, is_page),
            "Page.frameNavigated" => read(params, |navigated: Navigated| self.navigated(is_page, navigated.frame)),
            "Page.navigatedWithinDocument" => read(params, |within: Within| self.within(is_page, within)),
            "Page.frameDetached" => read(params, |detached: Detached| {
                // A frame that moved to a process of its own is still there.
                if detached.reason != "swap" {
                    self.state().frames.detached(&detached.frame_id);
                }
            }),
            "Page.loadEventFired" if is_page => self.loaded(),
            "Network.loadingFailed" if is_page => read(params, |failed: LoadingFailed| {
                if failed.kind == "Document" {
                    self.state().failure = Some(failed.error_text);
                }
            }),
            "Fetch.requestPaused" => read(params, |paused| self.paused(session, paused)),
            "Target.attachedToTarget" => read(params, |attached| self.attached(&attached)),
            "Runtime.consoleAPICalled" => read(params, |line: ConsoleCall| self.console_line(line.text())),
            "Runtime.exceptionThrown" => read(params, |thrown: Thrown| self.console_line(thrown.text())),
            "Page.javascriptDialogOpening" => read(params, |dialog| self.dialog(session, &dialog)),
            "Inspector.targetCrashed" if is_page => self.over(),
            _ => {}
        }
    }

    fn over(&self, session: &str) {
        if session == self.session {
            Self::over(self);
        } else {
            self.state().frames.cleared(session, false);
        }
    }
}

impl Page {
    fn called(&self, session: &str, called: &Called) {
        if called.name != self.browser().binding {
            return;
        }
        let beside = self.state().frames.world().is_some_and(|world| world.id == called.execution_context_id);
        if beside && session == self.session {
            return self.heard_bytes(&called.payload);
        }
        let Some(said) = Said::read(&called.payload) else { return };
        let (heard, waits) = {
            let mut state = self.state();
            // A document that is gone has nothing to say.
            let Some((frame, url)) = state.frames.of(session, called.execution_context_id) else { return };
            let is_top = frame == self.target;
            let heard = Heard { said, url: url.to_owned(), is_top };
            if let Some(held) = &mut state.held {
                held.push(heard);
                return;
            }
            if state.shuffle.is_none() {
                (Some(heard), false)
            } else {
                state.together.push(heard);
                (None, state.together.len() == 1)
            }
        };
        if let Some(heard) = heard {
            self.hear(heard);
        }
        if waits {
            // Answered when the script that sent this message has ended: then all that it sent is here.
            let me = self.me.clone();
            let done: Done = Box::new(move |_| {
                if let Some(page) = me.upgrade() {
                    page.hear_shuffled();
                }
            });
            self.connection().send(&self.session, "Runtime.evaluate", &json!({"expression": "0"}), Some(done));
        }
    }

    fn hear_shuffled(&self) {
        let together = {
            let mut state = self.state();
            let mut together = std::mem::take(&mut state.together);
            if let Some(shuffle) = &mut state.shuffle {
                shuffle.shuffle(&mut together);
            }
            together
        };
        together.into_iter().for_each(|heard| self.hear(heard));
    }

    fn hear(&self, Heard { said, url, is_top }: Heard) {
        let Some(owner) = self.owner() else { return };
        if !self.permission.reaches(said.method(), &url) {
            return;
        }
        let frame = Frame { url: &url, is_top };
        match said {
            Said::WebInvoke { name, params, id } => owner.web_invoke(frame, &name, params, id),
            // The functions of the object return nothing.
            Said::Invoke { name, params, id } => drop(owner.invoke(frame, &name, params, id)),
            Said::Return { key, name, params, id } => self.return_to(key, Call { url, is_top, name, params, id }),
            Said::Publish { event, params, ids } => owner.publish(frame, &event, &params, &ids),
        }
    }

    fn created(&self, session: &str, created: Created) {
        let Created { context: Context { id, name, unique_id, aux_data } } = created;
        let is_top = aux_data.frame_id == self.target && session == self.session;
        let mut state = self.state();
        if !aux_data.is_default {
            // The driver alone knows the name of its world.
            if is_top && name == self.browser().binding {
                state.frames.created_world(World { id, unique: unique_id });
            }
        } else if is_top {
            state.frames.created_top(session, id, aux_data.frame_id, unique_id);
        } else {
            state.frames.created(session, id, aux_data.frame_id);
        }
    }

    /// The documents of a session are gone. Of the page's own session, the next that is told is the commit of another:
    /// a document from the browser's memory may speak before that.
    fn cleared(&self, session: &str, is_page: bool) {
        let mut state = self.state();
        state.frames.cleared(session, is_page);
        if is_page {
            // Its port goes with the document.
            state.port = None;
            state.held.get_or_insert_default();
        }
    }

    fn navigated(&self, is_page: bool, frame: NavigatedFrame) {
        if !(is_page && frame.id == self.target) {
            self.state().frames.shows(frame.id, frame.url);
            return;
        }
        let (owner, held, failure) = {
            let mut state = self.state();
            state.frames.shows(frame.id, frame.url.clone());
            state.committed = Some(frame.url.clone());
            state.together.clear();
            state.commits += 1;
            state.shows_error = frame.unreachable_url.is_some();
            state.returning.clear();
            (state.owner.clone(), state.held.take(), state.failure.take())
        };
        if let Some(owner) = owner {
            owner.committed(&frame.url);
        }
        if let Some(address) = frame.unreachable_url {
            self.failed(&address, failure.as_deref().unwrap_or("the page cannot be loaded"));
        }
        self.changed.notify_all();
        self.ask_history();
        for heard in held.into_iter().flatten() {
            self.hear(heard);
        }
    }

    fn within(&self, is_page: bool, within: Within) {
        let is_top = is_page && within.frame_id == self.target;
        {
            let mut state = self.state();
            if is_top {
                state.committed = Some(within.url.clone());
            }
            state.frames.shows(within.frame_id, within.url);
        }
        if is_top {
            self.ask_history();
        }
    }

    fn loaded(&self) {
        let (owner, url) = {
            let mut state = self.state();
            state.loads += 1;
            (state.owner.clone(), state.committed.clone().filter(|_| !state.shows_error))
        };
        // When a commit is told, the browser's list may still be that from before it.
        self.ask_history();
        if let (Some(owner), Some(url)) = (owner, url) {
            owner.loaded(&url);
        }
        self.changed.notify_all();
    }

    /// The page's document could not be loaded.
    pub(super) fn failed(&self, url: &str, text: &str) {
        self.state().failures += 1;
        if let Some(owner) = self.owner() {
            owner.failed(url, text);
        }
        self.changed.notify_all();
    }

    /// The browser tells nobody that its history has changed: it is asked after each change of the address.
    fn ask_history(&self) {
        let me = self.me.clone();
        self.ask_for_history(move |history| {
            if let Some(owner) = me.upgrade().and_then(|page| page.owner()) {
                owner.can_go_back(history.earlier().is_some());
            }
        });
    }

    /// A frame in a process of its own, or a worker, waits to be let go.
    fn attached(&self, attached: &Attached) {
        let connection = self.connection();
        if attached.target_info.kind == "iframe" {
            for (method, params) in self.set_up(&attached.session_id) {
                connection.send(&attached.session_id, method, &params, None);
            }
        }
        connection.send(&attached.session_id, "Runtime.runIfWaitingForDebugger", &json!({}), None);
    }

    /// Without windows nobody can answer: a message is read, a question is denied, and a page may be left.
    fn dialog(&self, session: &str, dialog: &Dialog) {
        if !self.browser().options.headed {
            let accepts = matches!(&*dialog.kind, "alert" | "beforeunload");
            self.connection().send(session, "Page.handleJavaScriptDialog", &json!({"accept": accepts}), None);
        }
        self.console_line(format!("{}: {}", dialog.kind, dialog.message));
    }

    fn console_line(&self, line: String) {
        if let Some(hears) = &self.browser().options.console {
            hears(&line);
        }
        let mut state = self.state();
        if state.console.len() == LINES {
            state.console.pop_front();
        }
        state.console.push_back(line);
        drop(state);
        self.changed.notify_all();
    }
}

/// What the browser tells in a form of its own version is passed over.
fn read<'a, T: Deserialize<'a>>(params: &'a str, then: impl FnOnce(T)) {
    if let Ok(event) = serde_json::from_str(params) {
        then(event);
    }
}
