//! The bench rows of web pages: `cargo bench -p finapp-chromium --bench pages -- --out <file.json> [row…]`. Ours and the
//! bare protocol or the peer by turns, each in a browser of its own. Names of rows that are measured elsewhere are passed
//! over.
#![expect(clippy::expect_used, reason = "a bench that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "a bench prints what it has measured")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and writes its file")]

mod bare;
// The bare side has the pipe in common with the driver, and nothing else.
#[path = "../../src/connection.rs"]
#[expect(dead_code, reason = "the bare side uses a part of it")]
mod connection;
#[path = "../../src/error.rs"]
#[expect(dead_code, reason = "the bare side meets few of them")]
mod error;
#[path = "../../../core/benches/bridge/measure.rs"]
#[expect(dead_code, reason = "these rows have no waits")]
mod measure;
mod ours;
mod playwright;
#[path = "../../src/process.rs"]
mod process;

use bare::Bare;
use measure::{Figures, by_turns, micros_each};
use ours::Ours;
use playwright::Playwright;
use std::time::Instant;

const REPETITIONS: usize = 15;
/// Calls of one repetition, one after another.
const CALLS: u32 = 200;

/// Parameters of a call, and what comes back.
const PARAMS: &str = r#"{"name":"getColor","list":[1,2,3],"deep":{"text":"a few words"}}"#;

type Row = (&'static str, fn() -> Figures);
const ROWS: [Row; 3] = [("h5_call", h5_call), ("h5_call_vs_peer", h5_call_vs_peer), ("h5_call_js", h5_call_js)];

fn main() {
    let (mut out, mut rows) = (None, Vec::new());
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--out" => out = given.next(),
            "--bench" => {}
            _ => rows.push(word),
        }
    }
    let mut results = serde_json::Map::new();
    for (name, run) in ROWS {
        if rows.is_empty() || rows.iter().any(|asked| asked == name) {
            let figures = run();
            println!("{}", figures.line(name));
            results.insert(name.to_owned(), figures.json());
        }
    }
    if let Some(out) = out {
        let text = serde_json::to_string_pretty(&results).expect("figures are plain numbers and texts");
        std::fs::write(&out, text + "\n").expect("the file of results can be written");
    }
}

/// A page calls a handler in Rust, against a binding that is answered by a script.
fn h5_call() -> Figures {
    let (ours, bare) = (Ours::open(), Bare::open());
    by_turns("us", REPETITIONS, || timed(|| ours.called(CALLS)), || timed(|| bare.called(CALLS)))
}

/// The same, against a function that Playwright exposes to a page.
fn h5_call_vs_peer() -> Figures {
    let (ours, mut peer) = (Ours::open(), Playwright::open());
    by_turns("us", REPETITIONS, || timed(|| ours.called(CALLS)), || timed(|| peer.called(CALLS)))
}

/// A handler of a page is called, against a script whose value is a promise.
fn h5_call_js() -> Figures {
    let (ours, bare) = (Ours::open(), Bare::open());
    by_turns("us", REPETITIONS, || timed(|| ours.calls(CALLS)), || timed(|| bare.calls(CALLS)))
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    micros_each(began.elapsed(), CALLS)
}
