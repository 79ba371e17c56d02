//! Memory of idle applets: Private_Dirty of a child process, which is this program again, so that stacks, arenas and
//! everything else that an applet touches is in it.

use crate::bare::{engine, on_thread};
use crate::measure::{Figures, by_turns};
use crate::packages;
use crate::stage::Stage;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

/// The argument that makes this program a child; what follows says which side.
pub const CHILD: &str = "--child";

const OPEN: u32 = 200;
const REPETITIONS: usize = 5;
const OURS: &str = "ours";
const PAGE: &str = "page";
const BARE: &str = "bare";

/// Bytes for each idle open applet, against a bare engine on a thread of its own.
pub fn memory_idle() -> Figures {
    by_turns("bytes", REPETITIONS, || in_child(OURS), || in_child(BARE))
}

/// The same with a page of three components.
pub fn memory_idle_page() -> Figures {
    by_turns("bytes", REPETITIONS, || in_child(PAGE), || in_child(BARE))
}

fn in_child(kind: &str) -> f64 {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).args([CHILD, kind]).output().expect("the child runs");
    assert!(output.status.success(), "the child fails: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("the child prints one number")
}

/// Opens one side's engines and prints how many bytes each has cost.
pub fn child(kind: &str) {
    let bytes = match kind {
        OURS => ours(),
        PAGE => with_page(),
        _ => bare(),
    };
    println!("{bytes}");
}

fn ours() -> f64 {
    let stage = Stage::new("memory");
    stage.package("", "App({});");
    each(|at| drop(stage.open(&format!("idle-{at}"))))
}

fn with_page() -> f64 {
    let stage = Stage::new("memory-page");
    packages::page(&stage, "ft.mark()");
    each(|at| {
        stage.open(&format!("idle-{at}"));
        stage.mark();
    })
}

fn bare() -> f64 {
    let (ready, is_ready) = channel();
    let mut open = Vec::new();
    each(|_| {
        let ready = ready.clone();
        let (end, waits) = channel::<()>();
        open.push(end);
        // The threads end when their channels do.
        drop(on_thread(move || {
            let _engine = engine();
            ready.send(()).ok();
            waits.recv().ok();
        }));
        is_ready.recv().expect("the engine starts");
    })
}

// The first one is not counted: it brings up what all of them share.
fn each(mut open: impl FnMut(u32)) -> f64 {
    open(OPEN);
    let before = settled();
    for at in 0..OPEN {
        open(at);
    }
    (settled() - before) / f64::from(OPEN)
}

/// Private_Dirty once it has stopped changing: a thread that has just started goes to sleep in a moment.
fn settled() -> f64 {
    let mut last = private_dirty();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let now = private_dirty();
        if now == last {
            return now;
        }
        last = now;
    }
}

fn private_dirty() -> f64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux tells what a process uses");
    let line = text.lines().find_map(|line| line.strip_prefix("Private_Dirty:")).expect("there is a sum");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("the sum is in kB");
    kib * 1024.0
}
