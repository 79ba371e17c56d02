//! Our side of the rows: a client with raised caps, packages of one `app.js`, and `ft.mark()`, by which a mini-program
//! tells the bench the time. It is answered in Rust on the applet's own thread.

use finapp_core::bridge::Payload;
use finapp_core::{AppletClient, AppletRequest, Config, FinAppClient, Limits, Platform};
use serde::de::IgnoredAny;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long the bench waits for anything that must happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The limits of both sides. Counts are raised so that a row measures the path and not the cap, and one turn may take
/// as long as a whole repetition.
pub fn limits() -> Limits {
    Limits {
        live_applets: 1_000,
        calls_in_flight: 1_000,
        calls_in_flight_total: 100_000,
        turn_foreground_ms: 60_000,
        pump_ms: 1_000,
        ..Limits::default()
    }
}

/// A client and what its applets have marked.
pub struct Stage {
    pub client: FinAppClient,
    marks: Receiver<Instant>,
    folder: PathBuf,
    data: Option<PathBuf>,
}

fn folder_of(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("finapp-bench-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

impl Stage {
    pub fn new(name: &str) -> Self {
        Self::with(name, Config::default())
    }

    /// One that keeps what applets and their packages leave on the disk.
    pub fn keeping(name: &str) -> Self {
        let folder = folder_of(&format!("{name}-data"));
        Self::with(name, Config { data_dir: Some(folder), ..Config::default() })
    }

    fn with(name: &str, config: Config) -> Self {
        let data = config.data_dir.clone();
        let config = Config { limits: limits(), ..config };
        let client = FinAppClient::init(config, Platform::default()).expect("the client starts");
        let (sender, marks) = channel();
        client
            .register_sync_api("mark", move |_, _: IgnoredAny| {
                sender.send(Instant::now()).ok();
                Ok(())
            })
            .expect("mark is a good name");
        Self { client, marks, folder: folder_of(name), data }
    }

    /// Writes the package that the next applets run. `apis` is what it declares, in JavaScript.
    pub fn package(&self, apis: &str, script: &str) {
        let text = format!("ft.loadExtApi([{{name: 'mark', sync: true}}, {apis}]);\n{script}");
        self.file("app.js", &text);
    }

    /// Writes one more file of it.
    pub fn file(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).expect("the package can be written");
    }

    /// Waits until the compiled code of an applet is on the disk.
    pub fn wait_until_code_is_kept(&self, app_id: &str) {
        let folder = self.data.as_ref().expect("the stage keeps things");
        let file = folder.join(format!("_code/{app_id}.code"));
        while !file.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Opens an applet and waits until it has launched.
    pub fn open(&self, app_id: &str) -> AppletClient {
        let request = AppletRequest::local(app_id, &self.folder);
        self.client.start_applet_and_wait(request).expect("the applet starts")
    }

    /// When the next mark was made.
    pub fn mark(&self) -> Instant {
        self.marks.recv_timeout(PATIENCE).expect("the mini-program makes its mark")
    }

    /// When the last of the next `count` marks was made.
    pub fn last_mark(&self, count: usize) -> Instant {
        (0..count).map(|_| self.mark()).max().expect("there is at least one mark")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.client.shutdown();
        drop(self.client.wait_until_closed(PATIENCE));
        drop(fs::remove_dir_all(&self.folder));
        self.data.iter().for_each(|data| drop(fs::remove_dir_all(data)));
    }
}

/// The event that tells a mini-program how many calls to make.
pub fn go(calls: u32) -> Payload {
    Payload::parse(format!("{{\"calls\": {calls}}}"), Vec::new(), &limits()).expect("this is JSON")
}
