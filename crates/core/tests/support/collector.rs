//! A collector of OpenTelemetry as far as tests need one: an HTTP server on this machine that keeps what it is sent and
//! answers as it is told.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// What to answer.
pub enum Answer {
    /// A status, further header lines, and a body.
    Http(u16, &'static str, &'static str),
    /// Nothing: the connection ends.
    HangUp,
    /// Nothing, and the connection stays.
    Silence,
}

/// All is well.
pub const TAKEN: Answer = Answer::Http(200, "", "{}");

/// Decides what to answer. `0` is the first request.
pub trait Decide: Fn(usize, &Request) -> Answer + Send + Sync + 'static {}
impl<F: Fn(usize, &Request) -> Answer + Send + Sync + 'static> Decide for F {}

/// The server. Its threads end with the process.
pub struct Collector {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Collector {
    pub fn start(decide: impl Decide) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (kept, decide) = (requests.clone(), Arc::new(decide));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, decide) = (kept.clone(), decide.clone());
                std::thread::spawn(move || drop(serve(stream.unwrap(), &kept, &*decide)));
            }
        });
        Self { address, requests }
    }

    /// `http://127.0.0.1:port`.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// What has come so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Request>>, decide: &dyn Decide) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    while let Some(request) = read(&mut reader)? {
        let answer = {
            let mut kept = kept.lock().unwrap();
            let answer = decide(kept.len(), &request);
            kept.push(request);
            answer
        };
        match answer {
            Answer::Http(status, headers, body) => {
                let length = body.len();
                write!(stream, "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}")?;
                stream.flush()?;
            }
            Answer::HangUp => return Ok(()),
            Answer::Silence => loop {
                std::thread::park();
            },
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { line: line.trim_end().to_owned(), headers, body }))
}
