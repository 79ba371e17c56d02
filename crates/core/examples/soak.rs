//! `cargo xtask soak`: opens and closes applets ten thousand times, makes calls and sends events for long, and mixes
//! everything from many threads. Prints what grew, and ends with 1 when something did that must not.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

#[path = "../tests/support/busy.rs"]
mod busy;
#[path = "../tests/support/model.rs"]
mod model;

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::host::{Clock, MonotonicClock};
use finapp_core::{AppletClient, AppletRequest, Config, Error, FinAppClient, Limits, Platform};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Opens before anything is measured, and while it is.
const WARM_UP: u32 = 100;
const CYCLES: u32 = 10_000;
/// What 10,000 cycles may add.
const MOST_GROWTH_KIB: f64 = 2_048.0;
/// What 1,000 calls may add.
const MOST_SLOPE_KIB: f64 = 1.0;
/// The long run: a million calls in rounds, each with this many of each.
const WARM_UP_ROUNDS: u32 = 5;
const ROUNDS: u32 = 100;
const CALLS: u32 = 10_000;
const EVENTS: u32 = 1_000;
const OPENS: u32 = 10;

const PATIENCE: Duration = Duration::from_secs(60);

/// Makes calls until it has made as many as the event says, 200 at a time, and counts events.
const CALLER: &str = "
    ft.loadExtApi([{name: 'echo'}, {name: 'done'}]);
    let left = 0, open = 0, events = 0;
    const more = () => {
        while (open < 200 && left > 0) {
            left--; open++;
            ft.echo({left, text: 'some text', success() {}, complete() { open--; more() }});
        }
        if (left === 0 && open === 0 && events === 1000) { events = 0; ft.done({}) }
    };
    ft.onCustomEvent(e => { if (e.calls) left += e.calls; else events++; more() });";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    let folder = Folder::new()?;
    let cycles = open_and_close(&folder)?;
    let calls = calls_and_events(&folder)?;
    let model = mixture(&folder)?;
    println!("\n{}", if cycles && calls && model { "nothing grew" } else { "SOMETHING GREW" });
    Ok(cycles && calls && model)
}

/// Case D1: applets with calls, timers and listeners.
fn open_and_close(folder: &Folder) -> Result<bool, String> {
    let package = folder.package("busy", |path| busy::write(path, ""))?;
    let client = client()?;
    busy::serve(&client).map_err(text)?;
    let clock = MonotonicClock::new();
    println!("open and close: {CYCLES} times, after {WARM_UP} to warm up");
    for cycle in 0..WARM_UP {
        open_once(&client, &package, cycle)?;
    }
    let (threads, open) = (settled_threads(usize::MAX)?, descriptors()?);
    let began = clock.now();
    let mut memory = Series::new()?;
    for cycle in 1..=CYCLES {
        open_once(&client, &package, cycle)?;
        if cycle % 500 == 0 {
            memory.add(f64::from(cycle))?;
        }
    }
    let took = clock.now() - began;
    let (threads_after, open_after) = (settled_threads(threads)?, descriptors()?);
    println!("  {:?} each", took / CYCLES);
    println!("  resident: {}", memory.describe("1,000 cycles"));
    println!("  threads: {threads} before, {threads_after} after; descriptors: {open} before, {open_after} after");
    close(&client)?;
    Ok(within("growth of resident memory", memory.growth(), MOST_GROWTH_KIB)
        & (threads == threads_after && open == open_after))
}

fn open_once(client: &FinAppClient, package: &Path, cycle: u32) -> Result<(), String> {
    // Two ids in turn, and now and then one that comes only once.
    let id = if cycle.is_multiple_of(10) { format!("new{cycle}") } else { format!("id{}", cycle % 2) };
    let applet = client.start_applet_and_wait(AppletRequest::local(id, package)).map_err(text)?;
    applet.send_custom_event(body(r#"{"name":"named"}"#)?).map_err(text)?;
    applet.close();
    applet.wait_until_closed(PATIENCE).map_err(text)
}

/// Case D14: the calls, events and opens of a day.
fn calls_and_events(folder: &Folder) -> Result<bool, String> {
    let package = folder.package("caller", |path| write(path, CALLER))?;
    let busy = folder.package("busy", |path| busy::write(path, ""))?;
    let client = client()?;
    busy::serve(&client).map_err(text)?;
    client
        .register_custom_api("echo", |call: HostCall| {
            call.reply.success(call.params);
        })
        .map_err(text)?;
    let rounds = Arc::<AtomicU64>::default();
    let done = rounds.clone();
    let main = std::thread::current();
    client
        .register_custom_api("done", move |call: HostCall| {
            call.reply.success(Payload::none());
            done.fetch_add(1, Ordering::AcqRel);
            main.unpark();
        })
        .map_err(text)?;
    let applet = client.start_applet_and_wait(AppletRequest::local("caller", &package)).map_err(text)?;
    println!("\ncalls and events: {} calls, {} events, {} opens", ROUNDS * CALLS, ROUNDS * EVENTS, ROUNDS * OPENS);
    let mut memory = None;
    for round in 0..ROUNDS + WARM_UP_ROUNDS {
        one_round(&applet, &rounds, u64::from(round) + 1)?;
        for cycle in 0..OPENS {
            open_once(&client, &busy, cycle)?;
        }
        match &mut memory {
            None if round + 1 == WARM_UP_ROUNDS => memory = Some(Series::new()?),
            None => {}
            Some(memory) => memory.add(f64::from((round + 1 - WARM_UP_ROUNDS) * CALLS))?,
        }
    }
    let memory = memory.ok_or("no rounds")?;
    println!("  resident: {}", memory.describe("1,000 calls"));
    close(&client)?;
    Ok(within("growth for 1,000 calls", memory.slope(), MOST_SLOPE_KIB))
}

fn one_round(applet: &AppletClient, rounds: &AtomicU64, round: u64) -> Result<(), String> {
    for event in 0..EVENTS {
        // Few enough to wait at a time that none is dropped.
        while event % 500 == 0
            && applet.counters().events + 100 < (round - 1) * u64::from(EVENTS + 1) + u64::from(event)
        {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        applet.send_custom_event(body(&format!("{{\"event\":{event}}}"))?).map_err(text)?;
    }
    applet.send_custom_event(body(&format!("{{\"calls\":{CALLS}}}"))?).map_err(text)?;
    let mut patience = PATIENCE.as_millis();
    while rounds.load(Ordering::Acquire) < round {
        patience = patience.checked_sub(1).ok_or("the calls do not end")?;
        std::thread::park_timeout(Duration::from_millis(1));
    }
    Ok(())
}

/// Case D10, longer than the suite has time for.
fn mixture(folder: &Folder) -> Result<bool, String> {
    let package = folder.package("model", |path| write(path, model::SCRIPT))?;
    let clock = MonotonicClock::new();
    println!("\neverything at once: 8 threads");
    for seed in 1..=10 {
        let figures = model::run(model::Plan { seed, threads: 8, steps: 10_000 }, &package)?;
        println!("  seed {seed}: {} calls, {} runs, after {:?}", figures.calls, figures.runs, clock.now());
    }
    Ok(true)
}

fn client() -> Result<FinAppClient, String> {
    let platform = Platform { log: Arc::new(model::Silent), ..Platform::default() };
    FinAppClient::init(Config::default(), platform).map_err(text)
}

fn close(client: &FinAppClient) -> Result<(), String> {
    client.shutdown();
    client.wait_until_closed(PATIENCE).map_err(text)
}

fn body(json: &str) -> Result<Payload, String> {
    Payload::parse(json.to_owned(), Vec::new(), &Limits::default()).map_err(text)
}

fn text(error: Error) -> String {
    error.to_string()
}

fn within(what: &str, got: f64, most: f64) -> bool {
    println!("  {what}: {got:.1} KiB, {} {most:.0} KiB", if got <= most { "at most" } else { "MORE THAN" });
    got <= most
}

/// Resident memory over some quantity of work.
struct Series(Vec<(f64, f64)>);

impl Series {
    fn new() -> Result<Self, String> {
        Ok(Self(vec![(0.0, resident_kib()?)]))
    }

    fn add(&mut self, done: f64) -> Result<(), String> {
        self.0.push((done, resident_kib()?));
        Ok(())
    }

    fn first_and_last(&self) -> (f64, f64) {
        let of = |point: Option<&(f64, f64)>| point.map_or(0.0, |(_, kib)| *kib);
        (of(self.0.first()), of(self.0.last()))
    }

    fn growth(&self) -> f64 {
        let (first, last) = self.first_and_last();
        last - first
    }

    /// KiB for 1,000 of what was done, by least squares.
    fn slope(&self) -> f64 {
        let count = self.0.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| self.0.iter().map(of).sum::<f64>() / count;
        let (mean_done, mean_kib) = (mean(|point| point.0), mean(|point| point.1));
        let above: f64 = self.0.iter().map(|(done, kib)| (done - mean_done) * (kib - mean_kib)).sum();
        let below: f64 = self.0.iter().map(|(done, _)| (done - mean_done).powi(2)).sum();
        1_000.0 * above / below
    }

    fn describe(&self, unit: &str) -> String {
        let (first, last) = self.first_and_last();
        format!("{first:.0} KiB before, {last:.0} KiB after; slope {:.2} KiB for {unit}", self.slope())
    }
}

/// A folder that goes away at the end.
struct Folder(PathBuf);

impl Folder {
    #[expect(clippy::disallowed_methods, reason = "the packages have to lie somewhere")]
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("finapp-soak-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        Ok(Self(path))
    }

    #[expect(clippy::disallowed_methods, reason = "the packages have to lie somewhere")]
    fn package(&self, name: &str, fill: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<PathBuf, String> {
        let path = self.0.join(name);
        std::fs::create_dir_all(&path).and_then(|()| fill(&path)).map_err(|error| error.to_string())?;
        Ok(path)
    }
}

impl Drop for Folder {
    #[expect(clippy::disallowed_methods, reason = "what was made here is removed here")]
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[expect(clippy::disallowed_methods, reason = "the packages have to lie somewhere")]
fn write(folder: &Path, script: &str) -> std::io::Result<()> {
    std::fs::write(folder.join("app.js"), script)
}

/// Resident memory, exactly: the count of pages that the kernel keeps for each process may be some pages off.
#[expect(clippy::disallowed_methods, reason = "what the system says of this process stands in files")]
fn resident_kib() -> Result<f64, String> {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").map_err(|error| error.to_string())?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).ok_or("no resident memory")?;
    line.trim().trim_end_matches(" kB").parse().map_err(|_| format!("resident memory: {line}"))
}

#[expect(clippy::disallowed_methods, reason = "what the system says of this process stands in files")]
fn entries(folder: &str) -> Result<usize, String> {
    Ok(std::fs::read_dir(folder).map_err(|error| error.to_string())?.count())
}

fn descriptors() -> Result<usize, String> {
    entries("/proc/self/fd")
}

/// How many threads there are once the last applet's has ended, which nobody tells: waits for `expected`, or for a
/// count that stays the same for a while.
fn settled_threads(expected: usize) -> Result<usize, String> {
    let mut last = entries("/proc/self/task")?;
    let mut same = 0;
    while last != expected && same < 100 {
        std::thread::park_timeout(Duration::from_millis(1));
        let now = entries("/proc/self/task")?;
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}
