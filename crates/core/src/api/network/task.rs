//! Calls that are under way: not more than so many at once, each with its time limit, and ended when nobody wants the
//! result any more.

use super::answer::{self, Head};
use super::domains::Kind;
use super::failure::Failure;
use super::request::{self, Message};
use super::{Network, Run, download, exchange, upload};
use crate::bridge::{Caller, HostCall, Payload, Reply};
use std::sync::Arc;
use std::time::Duration;

/// One call of an applet.
pub(super) struct Task {
    pub(super) network: Arc<Network>,
    pub(super) run: Arc<Run>,
    pub(super) caller: Arc<Caller>,
    pub(super) kind: Kind,
    pub(super) params: Payload,
    pub(super) reply: Arc<Reply>,
}

/// Takes a call of `request`, `downloadFile` or `uploadFile`.
pub(super) fn begin(network: &Arc<Network>, kind: Kind, call: HostCall) {
    let HostCall { info, params, reply } = call;
    let reply = Arc::new(reply);
    let run = match network.run(&info.caller) {
        Ok(run) => run,
        Err(error) => return Failure::from(error).tell(&reply),
    };
    let task = Task { network: network.clone(), run, caller: info.caller, kind, params, reply: reply.clone() };
    match network.http.spawn(task.work()) {
        // An answered call has nothing to cancel; any other end of it ends the work.
        Ok(work) => reply.on_cancel(move |_| work.abort()),
        Err(error) => Failure::from(error).tell(&reply),
    }
}

impl Task {
    async fn work(self) {
        let permit = self.run.permits.acquire().await;
        // The clock begins when the call does: a long queue is no reason to fail.
        let done = match self.time_limit() {
            Ok(limit) => tokio::time::timeout(limit, self.done()).await.unwrap_or_else(|_| Err(Failure::timeout())),
            Err(failure) => Err(failure),
        };
        drop(permit);
        match done {
            Ok(result) => {
                self.reply.success(result);
            }
            Err(failure) => failure.tell(&self.reply),
        }
    }

    fn time_limit(&self) -> Result<Duration, Failure> {
        let asked = request::read(self.params.text())?.timeout;
        Ok(self.run.time_limit(self.kind, asked, &self.network.limits))
    }

    async fn done(&self) -> Result<Payload, Failure> {
        match self.kind {
            Kind::Download => download::done(self).await,
            Kind::Upload => upload::done(self).await,
            Kind::Request | Kind::Socket => self.requested().await,
        }
    }

    async fn requested(&self) -> Result<Payload, Failure> {
        let limits = &self.network.limits;
        let (message, form, chunked, follow) = {
            let options = request::read(self.params.text())?;
            (options.message(&self.params)?, answer::wanted(&options), options.chunked, !options.manual)
        };
        let mut response = self.send(message, follow).await?;
        let head = Head::of(&response);
        self.reply.progress(answer::event("HeadersReceived", &head, limits)?);
        if !chunked {
            let body = answer::read_all(&mut response, limits).await?;
            return answer::result(&head, body, form.0, form.1, limits);
        }
        while let Some(part) = response.chunk().await.map_err(|error| Failure::of_http(&error))? {
            for piece in part.chunks(64 * 1024) {
                if !answer::deliver(&self.reply, &answer::bytes_event("ChunkReceived", piece.to_vec(), limits)?).await {
                    return Ok(Payload::none());
                }
            }
        }
        answer::result(&head, Vec::new(), true, false, limits)
    }

    /// Sends a message whose body is in memory.
    ///
    /// # Errors
    /// See [`exchange::send`].
    pub(super) async fn send(&self, message: Message, follow: bool) -> Result<reqwest::Response, Failure> {
        let client = self.network.http.guarded_client()?;
        let body = message.body.clone();
        let make = move || body.clone().map(reqwest::Body::from);
        exchange::send(&client, &self.run, self.kind, message, &make, follow).await
    }
}
