//! Sends what has been reported to the collector, on the client's thread for the network: one request at a time, the
//! oldest events first. A batch is forgotten when the collector has answered it, and before the next one is asked for.

use super::config::ReportConfig;
use super::counters::Tally;
use super::journal::Journal;
use super::otlp;
use super::store::Batch;
use super::worker::Job;
use crate::error::{Error, ErrorCode};
use crate::lock::lock;
use crate::net::Http;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

/// How much of an answer is read.
const ANSWER_BYTES: usize = 64 * 1024;
/// How long a collector may ask us to stay away.
const MOST_AWAY: Duration = Duration::from_secs(3_600);

/// Where events go, and what the worker and the sending task share.
pub(super) struct Sending {
    pub(super) http: Arc<Http>,
    pub(super) config: ReportConfig,
    pub(super) address: Url,
    pub(super) headers: HeaderMap,
    pub(super) journal: Journal,
    pub(super) tally: Arc<Tally>,
    pub(super) some: Notify,
    pub(super) batch_is_full: Notify,
    pub(super) task: Mutex<Task>,
}

/// The task that sends. It holds what it works with, so somebody must end it.
#[derive(Default)]
pub(super) enum Task {
    #[default]
    Waiting,
    Running(AbortHandle),
    Over,
}

/// What became of one request.
enum Sent {
    /// The collector has the events.
    Taken,
    /// It will never take them.
    Refused,
    /// It wants fewer at once.
    TooMany,
    /// It may take them later: after this time, if it said so.
    Later(Option<Duration>),
}

impl Sending {
    /// Starts the task. `jobs` is the way to the worker.
    pub(super) fn start(self: &Arc<Self>, jobs: Sender<Job>) {
        let mut task = lock(&self.task);
        if !matches!(*task, Task::Waiting) {
            return;
        }
        let own = self.clone();
        match self.http.spawn(async move { own.run(&jobs).await }) {
            Ok(running) => *task = Task::Running(running),
            Err(error) if error.code() == ErrorCode::Closed => {}
            Err(error) => self.journal.error(&format!("reported events are not sent: {error}")),
        }
    }

    /// Ends the task. A request that is under way is given up: its events are sent again, with the ids they have.
    pub(super) fn stop(&self) {
        if let Task::Running(task) = std::mem::replace(&mut *lock(&self.task), Task::Over) {
            task.abort();
        }
    }

    /// So many events wait.
    pub(super) fn wake(&self, waiting: usize) {
        self.some.notify_one();
        if waiting >= self.config.batch {
            self.batch_is_full.notify_one();
        }
    }

    async fn run(&self, jobs: &Sender<Job>) {
        let mut failures = 0;
        loop {
            self.some.notified().await;
            // Until enough have gathered, or long enough.
            drop(tokio::time::timeout(self.config.interval(), self.batch_is_full.notified()).await);
            let mut most = self.config.batch;
            loop {
                let batch = match ask(jobs, |answer| Job::Batch(most, answer)).await {
                    Ok(Some(batch)) => batch,
                    Ok(None) => break,
                    Err(error) if error.code() == ErrorCode::Closed => return,
                    Err(error) => {
                        self.journal.warn(&format!("reported events cannot be read: {error}"));
                        self.stay_away(&mut failures, None).await;
                        continue;
                    }
                };
                let events = batch.records.len();
                match self.send(&batch).await {
                    Sent::Taken => {
                        Tally::count(&self.tally.sent, events as u64);
                        (failures, most) = (0, self.config.batch);
                        if !self.forget(jobs, batch.last).await {
                            return;
                        }
                    }
                    Sent::TooMany if events > 1 => most = events / 2,
                    Sent::Refused | Sent::TooMany => {
                        Tally::count(&self.tally.rejected, events as u64);
                        if !self.forget(jobs, batch.last).await {
                            return;
                        }
                    }
                    Sent::Later(after) => {
                        Tally::count(&self.tally.retries, 1);
                        self.stay_away(&mut failures, after).await;
                    }
                }
            }
        }
    }

    /// Nothing else is sent before the store has forgotten what was: it would be sent twice. False when the worker is gone.
    async fn forget(&self, jobs: &Sender<Job>, last: i64) -> bool {
        let mut failures = 0;
        loop {
            match ask(jobs, |answer| Job::Done(last, answer)).await {
                Ok(()) => return true,
                Err(error) if error.code() == ErrorCode::Closed => return false,
                Err(error) => {
                    self.journal.warn(&format!("reported events that were sent cannot be forgotten: {error}"));
                    self.stay_away(&mut failures, None).await;
                }
            }
        }
    }

    async fn stay_away(&self, failures: &mut u32, asked: Option<Duration>) {
        *failures = failures.saturating_add(1);
        let own = self.config.wait(*failures, RandomState::new().hash_one(*failures));
        tokio::time::sleep(asked.map_or(own, |asked| asked.clamp(own, MOST_AWAY.max(own)))).await;
    }

    async fn send(&self, batch: &Batch) -> Sent {
        let request = match self.request(batch) {
            Ok(request) => request,
            Err(error) => {
                self.journal.error(&format!("reported events cannot be written as a request: {error}"));
                return Sent::Refused;
            }
        };
        match request.send().await {
            Ok(answer) => self.read(answer).await,
            // The address may be right and the network away: nothing is worth a line, the counter tells.
            Err(_) => Sent::Later(None),
        }
    }

    fn request(&self, batch: &Batch) -> Result<reqwest::RequestBuilder, Error> {
        let body = otlp::request(&self.config.resource, &batch.records).map_err(|_| ErrorCode::Internal)?;
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = if self.config.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&body).and_then(|()| encoder.finish()).map_err(|_| ErrorCode::Internal)?
        } else {
            body
        };
        let request = self.http.client()?.post(self.address.clone());
        Ok(request.headers(headers).timeout(self.config.timeout()).body(body))
    }

    async fn read(&self, mut answer: Response) -> Sent {
        let status = answer.status();
        if status.is_success() {
            let mut body = Vec::new();
            // The collector has the events, whether or not the rest of its answer comes.
            while let Ok(Some(part)) = answer.chunk().await
                && body.len() < ANSWER_BYTES
            {
                body.extend_from_slice(&part);
            }
            if let Some((count, text)) = otlp::rejected(&body) {
                Tally::count(&self.tally.rejected, count);
                self.journal.warn(&format!("the collector refused {count} reported events of a request: {text}"));
            }
            return Sent::Taken;
        }
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Sent::TooMany,
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Sent::Later(retry_after(answer.headers())),
            // By the rules of OTLP no other answer is a reason to try again.
            _ => {
                self.journal.error(&format!("the collector refused reported events: HTTP status {}", status.as_u16()));
                Sent::Refused
            }
        }
    }
}

/// The seconds of `Retry-After`. A date would have to be compared with a wall clock that may be wrong; without one our
/// own wait counts.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

async fn ask<T>(jobs: &Sender<Job>, job: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Job) -> Result<T, Error> {
    let (sender, answer) = oneshot::channel();
    jobs.send(job(sender)).map_err(|_| ErrorCode::Closed)?;
    answer.await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
}
