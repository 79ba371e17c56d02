//! A static file server on loopback, and what it can do wrong.

use finapp_core::package_index::{IndexEntry, PackageFile};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use zip::write::SimpleFileOptions;

/// How a path is answered.
#[derive(Clone)]
pub enum Answer {
    File(Vec<u8>),
    Status(u16),
    /// The connection stays open and nothing comes.
    Silence,
    /// A redirect.
    Elsewhere(String),
    /// The head promises the whole file, and the connection ends after a half.
    Half(Vec<u8>),
    /// A half of the file comes, and the rest when the gate opens.
    Gated(Vec<u8>, Gate),
}

/// Holds an answer back.
#[derive(Clone)]
pub struct Gate(Arc<Mutex<Receiver<()>>>);

impl Gate {
    /// A gate, and what opens it by being dropped.
    pub fn new() -> (Self, Sender<()>) {
        let (sender, receiver) = channel();
        (Self(Arc::new(Mutex::new(receiver))), sender)
    }
}

/// The server; it takes no new connection once it is dropped.
pub struct Server {
    address: String,
    files: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
    stopped: Arc<Mutex<bool>>,
}

impl Server {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self { address, files: Arc::default(), asked: Arc::default(), stopped: Arc::default() };
        let (files, asked, stopped) = (server.files.clone(), server.asked.clone(), server.stopped.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if *stopped.lock().unwrap() {
                    return;
                }
                let (files, asked) = (files.clone(), asked.clone());
                std::thread::spawn(move || drop(serve(stream.unwrap(), &files, &asked)));
            }
        });
        server
    }

    /// Its address, as a host names it.
    pub fn url(&self) -> String {
        format!("http://{}/apps", self.address)
    }

    /// Answers a path below [`Server::url`].
    pub fn answers(&self, path: &str, answer: Answer) {
        self.files.lock().unwrap().insert(format!("/apps/{path}"), answer);
    }

    /// Offers a version of `demo` that reports the version.
    pub fn offers(&self, version: &str) -> IndexEntry {
        self.offers_script("demo", version, &format!("ft.report({{v: '{version}'}})"))
    }

    /// Offers a package of one script.
    pub fn offers_script(&self, app_id: &str, version: &str, script: &str) -> IndexEntry {
        let zip = package(script);
        let file = format!("{app_id}-{version}.zip");
        let entry = IndexEntry::new(app_id, version.parse().unwrap(), PackageFile::of(file.clone(), &zip));
        self.answers(&format!("{app_id}/{file}"), Answer::File(zip));
        self.offers_entry(&entry);
        entry
    }

    /// Writes an index.
    pub fn offers_entry(&self, entry: &IndexEntry) {
        let text = serde_json::to_vec(entry).unwrap();
        self.answers(&format!("{}/index.json", entry.app_id), Answer::File(text));
    }

    /// The paths that were asked for since the last time.
    pub fn asked(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.iter().map(|path| path.trim_start_matches("/apps/").to_owned()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.stopped.lock().unwrap() = true;
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(&self.address));
    }
}

/// A zip of one script, with `report` declared in front of it.
pub fn package(script: &str) -> Vec<u8> {
    zip_of(&[("app.js", &format!("ft.loadExtApi([{{name: 'report'}}]); {script}"))])
}

pub fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn serve(
    mut stream: TcpStream,
    files: &Mutex<HashMap<String, Answer>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let path = lines.next().unwrap_or(Ok(String::new()))?.split(' ').nth(1).unwrap_or_default().to_owned();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    asked.lock().unwrap().push(path.clone());
    let answer = files.lock().unwrap().get(&path).cloned();
    let mut head = |status: u16, more: &str, bytes: usize| {
        write!(stream, "HTTP/1.1 {status} x\r\nconnection: close\r\n{more}content-length: {bytes}\r\n\r\n")
    };
    match answer.unwrap_or(Answer::Status(404)) {
        Answer::File(bytes) => {
            head(200, "", bytes.len())?;
            stream.write_all(&bytes)?;
        }
        Answer::Status(status) => head(status, "", 0)?,
        Answer::Elsewhere(to) => head(302, &format!("location: {to}\r\n"), 0)?,
        Answer::Silence => while lines.next().transpose()?.is_some() {},
        Answer::Half(bytes) => {
            head(200, "", bytes.len())?;
            stream.write_all(&bytes[..bytes.len() / 2])?;
        }
        Answer::Gated(bytes, gate) => {
            head(200, "", bytes.len())?;
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            stream.write_all(first)?;
            // It opens by being gone.
            gate.0.lock().unwrap().recv().unwrap_err();
            stream.write_all(rest)?;
        }
    }
    stream.shutdown(Shutdown::Write)
}
