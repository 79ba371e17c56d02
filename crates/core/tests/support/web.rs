//! A web server for tests, on loopback: one thread a connection, and what it answers is up to the test.

#![expect(dead_code, reason = "each suite uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test server has threads of its own"
)]

use crate::support::PATIENCE;
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Both directions of a connection.
pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A server. It lives as long as the test's process.
pub struct Web {
    pub port: u16,
    scheme: &'static str,
    seen: Mutex<Receiver<Seen>>,
}

impl Web {
    /// Answers each request with what `answer` writes; the connection ends then.
    pub fn serve(answer: impl Fn(&Seen, &mut dyn Stream) + Send + Sync + 'static) -> Self {
        Self::start("http", answer, |stream| Some(Box::new(stream)))
    }

    /// The same over TLS. Gives the certificate that vouches for it as well.
    pub fn serve_tls(answer: impl Fn(&Seen, &mut dyn Stream) + Send + Sync + 'static) -> (Self, String) {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root_certificate = root.self_signed(&root_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let own = CertificateParams::new(names).unwrap();
        let own = own.signed_by(&key, &Issuer::from_params(&root, &root_key)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![own.der().clone()], key).unwrap();
        let config = Arc::new(config);
        let web = Self::start("https", answer, move |stream| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            Some(Box::new(StreamOwned::new(connection, stream)))
        });
        (web, root_certificate.pem())
    }

    /// Sockets, each of which is handed to `talk` with the request that opened it.
    pub fn sockets(talk: impl Fn(Seen, WebSocket<TcpStream>) + Send + Sync + 'static) -> Self {
        let talk = Arc::new(talk);
        Self::start(
            "ws",
            |_, _| {},
            move |stream| {
                let mut seen = Seen::default();
                #[expect(clippy::result_large_err, reason = "the signature is the library's")]
                let accepted = tungstenite::accept_hdr(
                    stream,
                    |request: &tungstenite::handshake::server::Request,
                     mut response: tungstenite::handshake::server::Response| {
                        seen.path = request.uri().to_string();
                        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                        seen.headers = request
                            .headers()
                            .iter()
                            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                            .collect();
                        if let Some(protocols) = seen.header("sec-websocket-protocol") {
                            let first = protocols.split(", ").next().unwrap().parse().unwrap();
                            response.headers_mut().insert("sec-websocket-protocol", first);
                        }
                        Ok(response)
                    },
                );
                if let Ok(socket) = accepted {
                    talk(seen, socket);
                }
                None
            },
        )
    }

    fn start(
        scheme: &'static str,
        answer: impl Fn(&Seen, &mut dyn Stream) + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = channel();
        let (answer, wrap) = (Arc::new(answer), Arc::new(wrap));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, wrap, sender) = (answer.clone(), wrap.clone(), sender.clone());
                std::thread::spawn(move || {
                    let Some(mut stream) = wrap(stream) else { return };
                    let Some(request) = read(&mut *stream) else { return };
                    drop(sender.send(request.clone()));
                    answer(&request, &mut *stream);
                    drop(stream.flush());
                });
            }
        });
        Self { port, scheme, seen: Mutex::new(seen) }
    }

    /// `scheme://127.0.0.1:port`
    pub fn origin(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// The same server by another name.
    pub fn other_origin(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.port)
    }

    /// The next request.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().recv_timeout(PATIENCE).expect("a request comes in time")
    }

    /// Whether no request has come.
    pub fn nothing_seen(&self) -> bool {
        self.seen.lock().unwrap().try_recv().is_err()
    }
}

fn read(stream: &mut dyn Stream) -> Option<Seen> {
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut seen = Seen { method: words.next()?.to_owned(), path: words.next()?.to_owned(), ..Seen::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        seen.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
    seen.body = vec![0; length];
    reader.read_exact(&mut seen.body).ok()?;
    Some(seen)
}

/// Writes a whole answer.
pub fn respond(stream: &mut dyn Stream, status: &str, headers: &[(&str, &str)], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    // A client that has gone is part of some tests.
    drop(stream.write_all(format!("{head}\r\n").as_bytes()));
    drop(stream.write_all(body));
}

/// Sends back whatever comes.
pub fn echo(mut socket: WebSocket<TcpStream>) {
    while let Ok(message) = socket.read() {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).is_err() {
            return;
        }
    }
}
