//! Bytes beside the messages of a page, through a message port: one for each document, from when the page has agreed to
//! it until the document goes. What comes through it is numbered with all other messages.

use super::super::frames;
use super::super::incoming::Incoming;
use super::PageSession;
use crate::bridge::Counters;
use crate::lock::lock;
use std::sync::Arc;

impl PageSession {
    /// Hands the page its port. The view is foreign code, and may answer at once.
    pub(super) fn hand_port(&self, epoch: u64) {
        let name = {
            let state = lock(&self.state);
            let document = state.document.as_ref().filter(|document| document.epoch == epoch);
            document.and_then(|document| document.stamp.as_ref()).map(super::Stamp::port_name)
        };
        let Some(name) = name else { return };
        let me = self.me.clone();
        let receive = Box::new(move |frame: Vec<u8>| {
            if let Some(session) = me.upgrade() {
                session.take_frame(epoch, &frame);
            }
        });
        let Some(port) = self.parts.view.port(name, receive) else { return };
        let kept = {
            let mut state = lock(&self.state);
            let document =
                state.document.as_mut().filter(|document| document.epoch == epoch && document.port.is_none());
            document.map(|document| document.port = Some(Arc::clone(&port))).is_some()
        };
        if !kept {
            port.close();
        }
    }

    /// A page sends bytes. The port was handed to one document, and whoever holds its other end speaks for that.
    fn take_frame(&self, epoch: u64, frame: &[u8]) {
        let heard = {
            let mut state = lock(&self.state);
            let counters = &self.parts.counters;
            let document = state.document.as_mut().filter(|document| document.epoch == epoch).ok_or(&counters.refused);
            document.and_then(|document| {
                if !document.rate.take(&*self.parts.clock) {
                    return Err(&counters.page_messages_dropped);
                }
                let limits = &self.parts.limits;
                let message = frames::read(frame, limits);
                let message = message.and_then(|message| Incoming::framed(message, limits.message_bytes));
                self.order(document, message.ok_or(&counters.page_messages_malformed)?)
            })
        };
        if let Err(counter) = heard {
            Counters::count(counter);
        }
        self.work();
    }
}
