//! The peer: what one would take for pages in a browser that a program drives. It runs in Node, in playwright.mjs.

use crate::PARAMS;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Playwright {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Playwright {
    pub fn open() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pages/playwright.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(browser()).arg(PARAMS).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().expect("Node starts");
        let answers = BufReader::new(process.stdout.take().expect("it has a pipe"));
        let commands = process.stdin.take();
        let mut peer = Self { process, commands, answers };
        peer.expect("ready");
        peer
    }

    /// So many calls of the page, one after another.
    pub fn called(&mut self, calls: u32) {
        let commands = self.commands.as_mut().expect("it is there until the end");
        writeln!(commands, "{calls}").expect("Node listens");
        self.expect("done");
    }

    fn expect(&mut self, word: &str) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("Node answers");
        assert_eq!(line.trim_end(), word, "Playwright has said why");
    }
}

impl Drop for Playwright {
    fn drop(&mut self) {
        // It closes its browser once nothing more can be asked of it.
        drop(self.commands.take());
        drop(self.process.wait());
    }
}

// Playwright takes a path and looks for no program.
fn browser() -> PathBuf {
    let program = std::env::var_os("FINAPP_CHROMIUM").unwrap_or_else(|| "chromium".into());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(&program));
    places.find(|place| place.is_file()).expect("there is a browser")
}
