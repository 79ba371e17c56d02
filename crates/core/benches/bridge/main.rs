//! The in-process bench rows: `cargo bench -p finapp-core --bench bridge -- --out <file.json> [row…]`.
//! Each row runs ours and its reference by turns in this one process (or in children like it, for memory), prints one
//! line and stands in the file. Names of rows that are measured elsewhere are passed over.
#![expect(clippy::expect_used, reason = "a bench that cannot go on has nothing to report")]
#![expect(clippy::print_stdout, reason = "a bench prints what it has measured")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock, keeps threads of its own and writes its file")]

mod applets;
mod bare;
mod calls;
mod events;
mod measure;
mod memory;
mod packages;
mod stage;

use measure::Figures;
use std::env;
use std::path::PathBuf;

type Row = (&'static str, fn() -> Figures);

const ROWS: [Row; 10] = [
    ("sync_rust", calls::sync_rust),
    ("json_64k", calls::json_64k),
    ("event_1k", events::event_1k),
    ("event_fanout", events::event_fanout),
    ("open_close", applets::open_close),
    ("open_close_page", applets::open_close_page),
    ("open_bytecode", applets::open_bytecode),
    ("memory_idle", memory::memory_idle),
    ("memory_idle_page", memory::memory_idle_page),
    ("scale", applets::scale),
];

fn main() {
    let arguments = Arguments::read(env::args().skip(1));
    if let Some(kind) = arguments.child {
        return memory::child(&kind);
    }
    let mut results = serde_json::Map::new();
    for (name, run) in ROWS {
        if arguments.rows.is_empty() || arguments.rows.iter().any(|asked| asked == name) {
            let figures = run();
            println!("{}", figures.line(name));
            results.insert(name.to_owned(), figures.json());
        }
    }
    if let Some(out) = arguments.out {
        let text = serde_json::to_string_pretty(&results).expect("figures are plain numbers and texts");
        std::fs::write(&out, text + "\n").expect("the file of results can be written");
    }
}

struct Arguments {
    out: Option<PathBuf>,
    child: Option<String>,
    rows: Vec<String>,
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Self {
        let mut arguments = Self { out: None, child: None, rows: Vec::new() };
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--out" => arguments.out = given.next().map(PathBuf::from),
                memory::CHILD => arguments.child = given.next(),
                // Cargo adds this one by itself.
                "--bench" => {}
                _ => arguments.rows.push(argument),
            }
        }
        arguments
    }
}
