//! `connectSocket`: the sockets of one run. The glue makes two calls for each: one that listens, whose progress are the
//! events of the socket and which ends with it, and one that connects, which is the program's own.

use super::answer::{self, Head};
use super::domains::Kind;
use super::failure::Failure;
use super::handshake::{self, Stream};
use super::request::{self, binary_of};
use super::{Network, Run};
use crate::bridge::{HostCall, Payload, Reply};
use crate::error::{Error, ErrorCode};
use crate::limits::Limits;
use crate::lock::lock;
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// How long the other end may take to agree to a close.
const FAREWELL: Duration = Duration::from_secs(5);

/// Codes of ends that were never sent.
const NO_CODE: u16 = 1005;
const BROKEN: u16 = 1006;

/// The sockets of one run, by the number that the glue gave them.
#[derive(Default)]
pub(super) struct Sockets(Mutex<HashMap<u32, Socket>>);

enum Socket {
    /// Somebody listens, and nothing is connected yet.
    Listening(Arc<Reply>),
    Connected(Line),
}

/// The way to a socket's task.
#[derive(Clone)]
struct Line {
    commands: UnboundedSender<Command>,
    open: Arc<AtomicBool>,
    queued: Arc<AtomicUsize>,
}

enum Command {
    Send(Message, usize, Reply),
    Close(CloseFrame, Reply),
}

#[derive(Deserialize)]
struct About {
    socket: u32,
    #[serde(default)]
    listen: bool,
    code: Option<f64>,
    reason: Option<String>,
    data: Option<String>,
}

#[derive(Serialize)]
struct Opened {
    header: std::collections::BTreeMap<String, String>,
}

/// How a socket came to its end.
struct End {
    code: u16,
    reason: String,
    failure: Option<Failure>,
}

/// Takes a call of `connectSocket`.
pub(super) fn connect(network: &Arc<Network>, call: HostCall) {
    answer_with(network, call, |run, about, params, reply| {
        let sockets = &run.sockets;
        if about.listen {
            return sockets.listen(&about, reply, &network.limits);
        }
        let Some(listener) = sockets.take_listener(about.socket) else {
            let error = Error::new(ErrorCode::Limit, "too many sockets");
            return Failure::from(error).tell(&reply);
        };
        if let Err(failure) = start(network, &run, about.socket, &params, &listener) {
            sockets.remove(about.socket);
            listener.success(Payload::none());
            return failure.tell(&reply);
        }
        reply.success(Payload::none());
    });
}

/// Takes a call of `sendSocketMessage`.
pub(super) fn send(network: &Arc<Network>, call: HostCall) {
    answer_with(network, call, |run, about, params, reply| {
        let message = match (binary_of(&params, "data"), about.data) {
            (Some(binary), _) => Message::binary(binary.bytes.clone()),
            (None, Some(text)) => Message::text(text),
            (None, None) => {
                let text = "parameter error: parameter.data should be String or ArrayBuffer;";
                return Failure::from(Error::new(ErrorCode::Parameter, text)).tell(&reply);
            }
        };
        let Some(line) = run.sockets.line(about.socket).filter(|line| line.open.load(Ordering::Acquire)) else {
            return not_connected().tell(&reply);
        };
        let bytes = message.len();
        let before = line.queued.fetch_add(bytes, Ordering::AcqRel);
        if before > 0 && before + bytes > network.limits.message_binary_bytes {
            line.queued.fetch_sub(bytes, Ordering::AcqRel);
            return Failure::from(Error::new(ErrorCode::Busy, "too much waits to be sent")).tell(&reply);
        }
        line.tell(Command::Send(message, bytes, reply));
    });
}

/// Takes a call of `closeSocket`.
pub(super) fn close(network: &Arc<Network>, call: HostCall) {
    answer_with(network, call, |run, about, _, reply| {
        let code = about.code.unwrap_or(1000.0);
        let reason = about.reason.unwrap_or_default();
        // What browsers allow a program to say.
        let known = (code == 1000.0 || (3000.0..5000.0).contains(&code)) && code.fract() == 0.0;
        if !known || reason.len() > 123 {
            let text = "parameter error: code should be 1000 or 3000 to 4999, reason at most 123 bytes;";
            return Failure::from(Error::new(ErrorCode::Parameter, text)).tell(&reply);
        }
        let Some(line) = run.sockets.line(about.socket) else { return not_connected().tell(&reply) };
        // In range, as checked.
        let frame = CloseFrame { code: (code as u16).into(), reason: reason.into() };
        line.tell(Command::Close(frame, reply));
    });
}

fn answer_with(network: &Arc<Network>, call: HostCall, answer: impl FnOnce(Arc<Run>, About, Payload, Reply)) {
    let HostCall { info, params, reply } = call;
    let about = serde_json::from_str::<About>(params.text())
        .map_err(|error| Error::new(ErrorCode::Parameter, format!("parameter error: {error}")));
    match about.and_then(|about| Ok((about, network.run(&info.caller)?))) {
        Ok((about, run)) => answer(run, about, params, reply),
        Err(error) => Failure::from(error).tell(&reply),
    }
}

fn not_connected() -> Failure {
    Error::new(ErrorCode::Closed, "WebSocket is not connected").into()
}

impl Sockets {
    fn listen(&self, about: &About, reply: Reply, limits: &Limits) {
        let mut table = lock(&self.0);
        if table.len() >= limits.sockets || table.contains_key(&about.socket) {
            drop(table);
            reply.fail_with(Payload::none(), ErrorCode::Limit.into());
            return;
        }
        table.insert(about.socket, Socket::Listening(Arc::new(reply)));
    }

    fn take_listener(&self, socket: u32) -> Option<Arc<Reply>> {
        match lock(&self.0).get(&socket)? {
            Socket::Listening(reply) => Some(reply.clone()),
            Socket::Connected(_) => None,
        }
    }

    fn line(&self, socket: u32) -> Option<Line> {
        match lock(&self.0).get(&socket)? {
            Socket::Connected(line) => Some(line.clone()),
            Socket::Listening(_) => None,
        }
    }

    fn remove(&self, socket: u32) {
        let removed = lock(&self.0).remove(&socket);
        drop(removed);
    }
}

impl Line {
    /// A command that comes back is dropped, which fails its call.
    fn tell(&self, command: Command) {
        if let Err(lost) = self.commands.send(command) {
            let (Command::Send(.., reply) | Command::Close(_, reply)) = lost.0;
            not_connected().tell(&reply);
        }
    }
}

fn start(
    network: &Arc<Network>,
    run: &Arc<Run>,
    socket: u32,
    params: &Payload,
    events: &Arc<Reply>,
) -> Result<(), Failure> {
    let options = request::read(params.text())?;
    let message = handshake::message(&options)?;
    run.domains().check(Kind::Socket, &message.url)?;
    let limit = run.time_limit(Kind::Socket, options.timeout, &network.limits);
    let (commands, receiver) = unbounded_channel();
    let line = Line { commands, open: Arc::default(), queued: Arc::default() };
    let task = Task {
        run: run.clone(),
        socket,
        limits: network.limits.clone(),
        events: events.clone(),
        open: line.open.clone(),
        queued: line.queued.clone(),
    };
    let connecting = handshake::connect(network.http.guarded_client()?, message, network.limits.message_binary_bytes);
    let connecting =
        async move { tokio::time::timeout(limit, connecting).await.unwrap_or_else(|_| Err(Failure::timeout())) };
    lock(&run.sockets.0).insert(socket, Socket::Connected(line));
    let work = network.http.spawn(task.work(connecting, receiver))?;
    events.on_cancel(move |_| work.abort());
    Ok(())
}

struct Task {
    run: Arc<Run>,
    socket: u32,
    limits: Arc<Limits>,
    events: Arc<Reply>,
    open: Arc<AtomicBool>,
    queued: Arc<AtomicUsize>,
}

impl Task {
    async fn work(
        self,
        connecting: impl Future<Output = Result<(Stream, Head), Failure>>,
        mut commands: UnboundedReceiver<Command>,
    ) {
        let end = self.life(connecting, &mut commands).await;
        self.open.store(false, Ordering::Release);
        // Before the events: whoever hears of the end may connect anew at once.
        self.run.sockets.remove(self.socket);
        commands.close();
        while let Ok(Command::Send(.., reply) | Command::Close(_, reply)) = commands.try_recv() {
            not_connected().tell(&reply);
        }
        if let Some(failure) = end.failure {
            self.tell("Error", &json!({ "errMsg": format!("connectSocket:fail {}", failure.error.message()) })).await;
        }
        self.tell("Close", &json!({ "code": end.code, "reason": end.reason })).await;
        self.events.success(Payload::none());
    }

    async fn life(
        &self,
        connecting: impl Future<Output = Result<(Stream, Head), Failure>>,
        commands: &mut UnboundedReceiver<Command>,
    ) -> End {
        let connected = match select(pin!(connecting), pin!(commands.recv())).await {
            Either::Left((connected, _)) => connected,
            // Nothing but a close is taken before the socket is open.
            Either::Right((command, _)) => return End::given_up(command),
        };
        let (mut stream, head) = match connected {
            Ok(connected) => connected,
            Err(failure) => return End { failure: Some(failure), ..End::broken() },
        };
        self.open.store(true, Ordering::Release);
        self.tell("Open", &Opened { header: head.header }).await;
        loop {
            let next = match select(stream.next(), pin!(commands.recv())).await {
                Either::Left((message, _)) => Either::Left(message),
                Either::Right((command, _)) => Either::Right(command),
            };
            match next {
                Either::Left(message) => match self.received(message).await {
                    Some(end) => {
                        // Answers the other end's farewell, if it said one.
                        drop(tokio::time::timeout(FAREWELL, stream.close(None)).await);
                        return end;
                    }
                    None => continue,
                },
                Either::Right(Some(Command::Send(message, bytes, reply))) => {
                    let limit = Duration::from_millis(self.limits.network_ms);
                    let sent = tokio::time::timeout(limit, stream.send(message)).await;
                    self.queued.fetch_sub(bytes, Ordering::AcqRel);
                    if !matches!(sent, Ok(Ok(()))) {
                        Failure::transport("connection closed").tell(&reply);
                        return End { failure: Some(Failure::transport("connection closed")), ..End::broken() };
                    }
                    reply.success(Payload::none());
                }
                Either::Right(Some(Command::Close(frame, reply))) => {
                    self.open.store(false, Ordering::Release);
                    let end = End { code: frame.code.into(), reason: frame.reason.to_string(), failure: None };
                    let farewell = async {
                        stream.close(Some(frame)).await.ok()?;
                        // What still comes was sent before the other end knew.
                        while let Some(Ok(message)) = stream.next().await {
                            if matches!(message, Message::Close(_)) {
                                break;
                            }
                        }
                        Some(())
                    };
                    reply.success(Payload::none());
                    drop(tokio::time::timeout(FAREWELL, farewell).await);
                    return end;
                }
                Either::Right(None) => return End::broken(),
            }
        }
    }

    /// Hands a message on. Gives the end when there is none.
    async fn received(&self, message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Option<End> {
        let event = match message {
            Some(Ok(Message::Text(text))) => answer::event("Message", &json!({ "data": text.as_str() }), &self.limits),
            Some(Ok(Message::Binary(bytes))) => answer::bytes_event("Message", bytes.into(), &self.limits),
            Some(Ok(Message::Close(frame))) => return Some(End::said(frame)),
            Some(Ok(_)) => return None,
            Some(Err(_)) => {
                return Some(End { failure: Some(Failure::transport("connection closed")), ..End::broken() });
            }
            None => return Some(End::broken()),
        };
        match event {
            Ok(event) if answer::deliver(&self.events, &event).await => None,
            _ => Some(End::broken()),
        }
    }

    async fn tell(&self, name: &str, detail: &impl Serialize) {
        if let Ok(event) = answer::event(name, detail, &self.limits) {
            answer::deliver(&self.events, &event).await;
        }
    }
}

impl End {
    fn broken() -> Self {
        Self { code: BROKEN, reason: String::new(), failure: None }
    }

    fn said(frame: Option<CloseFrame>) -> Self {
        match frame {
            Some(frame) => Self { code: frame.code.into(), reason: frame.reason.to_string(), failure: None },
            None => Self { code: NO_CODE, ..Self::broken() },
        }
    }

    fn given_up(command: Option<Command>) -> Self {
        match command {
            Some(Command::Close(frame, reply)) => {
                reply.success(Payload::none());
                Self::said(Some(frame))
            }
            _ => Self::broken(),
        }
    }
}
