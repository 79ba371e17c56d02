//! Opening and closing applets, and many of them at once.

use crate::bare::{engine, on_thread};
use crate::calls::{GREETING, register_greet};
use crate::measure::{Figures, by_turns, linger, micros_each};
use crate::packages;
use crate::stage::{PATIENCE, Stage, go};
use std::time::{Duration, Instant};

const REPETITIONS: usize = 15;
const CYCLES: u32 = 30;
const APPLETS: u32 = 100;
const CALLS: u32 = 20_000;

/// An applet of `app.js` alone from `startApplet` past its first line to its end, against a bare engine on a thread.
pub fn open_close() -> Figures {
    let stage = Stage::new("open");
    stage.package("", "globalThis.started = true;");
    let ours = || {
        let began = Instant::now();
        for _ in 0..CYCLES {
            let applet = stage.open("open");
            applet.close();
            applet.wait_until_closed(PATIENCE).expect("the applet closes");
        }
        micros_each(began.elapsed(), CYCLES)
    };
    by_turns("us", REPETITIONS, ours, bare_open_close)
}

fn bare_open_close() -> f64 {
    let began = Instant::now();
    for _ in 0..CYCLES {
        on_thread(|| drop(engine())).join().expect("a bare engine opens and closes");
    }
    micros_each(began.elapsed(), CYCLES)
}

/// The same with a page of three components, as far as the page's `onReady`.
pub fn open_close_page() -> Figures {
    let stage = Stage::new("open-page");
    packages::page(&stage, "ft.mark()");
    let ours = || {
        let began = Instant::now();
        for _ in 0..CYCLES {
            let applet = stage.open("open");
            stage.mark();
            applet.close();
            applet.wait_until_closed(PATIENCE).expect("the applet closes");
        }
        micros_each(began.elapsed(), CYCLES)
    };
    by_turns("us", REPETITIONS, ours, bare_open_close)
}

/// Opening an applet of 512 KB of source whose code is kept, against its first start. What a first start does in the
/// background is over before anything else is timed.
pub fn open_bytecode() -> Figures {
    let stage = Stage::keeping("code");
    packages::large(&stage);
    let open = |app_id: &str| {
        let began = Instant::now();
        let applet = stage.open(app_id);
        let took = micros_each(began.elapsed(), 1);
        applet.close();
        applet.wait_until_closed(PATIENCE).expect("the applet closes");
        stage.wait_until_code_is_kept(app_id);
        took
    };
    open("kept");
    let mut fresh = 0;
    let first = || {
        fresh += 1;
        open(&format!("first-{fresh}"))
    };
    let second = || open("kept");
    by_turns("us", REPETITIONS, second, first)
}

/// The calls of `sync_rust` spread over many applets, against all of them in one. Both sides are timed from sending
/// the event that starts them to the last mark, with all applets alive.
pub fn scale() -> Figures {
    let stage = Stage::new("scale");
    register_greet(&stage);
    stage.package("{name: 'greet', sync: true}", GREETING);
    for at in 0..APPLETS {
        stage.open(&format!("scale-{at}"));
    }
    let marks = |applets: u32| stage.last_mark(2 * applets as usize);
    let spread = || {
        linger(Duration::from_millis(1));
        let began = Instant::now();
        stage.client.send_custom_event_to_all(go(CALLS / APPLETS)).expect("the applets take events");
        micros_each(marks(APPLETS) - began, CALLS)
    };
    let in_one = || {
        linger(Duration::from_millis(1));
        let began = Instant::now();
        stage.client.send_custom_event("scale-0", go(CALLS)).expect("the applet takes events");
        micros_each(marks(1) - began, CALLS)
    };
    by_turns("us", REPETITIONS, spread, in_one)
}
