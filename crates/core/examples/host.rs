//! A small Rust host: answers the custom APIs that `examples/hello` declares, runs it, sends it events, and prints one
//! line a step with the time it took. Ends with 0 when every step went well, with 1 otherwise.
//!
//! `cargo run -p finapp-core --example host [folder or zip]`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to whoever runs it")]

use finapp_core::bridge::{Binary, HostCall, PathSegment, Payload};
use finapp_core::host::{Clock, MonotonicClock};
use finapp_core::{AppletRequest, Config, FinAppClient, HostInfo, Platform};
use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hello");

/// The steps before the events, in the order in which they must come.
const BEFORE_EVENTS: [&str; 9] =
    ["asynchronous", "synchronous", "progress", "failing", "binary", "nativePlugin", "unknown", "builtIn", "listening"];

/// How long the host waits for the next step before it calls the run a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the mini-program tells of one step.
#[derive(Deserialize)]
struct Step {
    step: String,
    ok: bool,
    problem: String,
    #[serde(default)]
    detail: String,
}

fn main() -> ExitCode {
    let package = std::env::args_os().nth(1).map_or_else(|| PathBuf::from(PACKAGE), PathBuf::from);
    match run(&package) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} steps went wrong");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the package to its end; gives how many steps went wrong.
fn run(package: &Path) -> Result<usize, Box<dyn Error>> {
    let clock = MonotonicClock::new();
    let host = HostInfo { app_id: "com.example.host".to_owned(), ..HostInfo::default() };
    let client = FinAppClient::init(Config { host, debug: true, ..Config::default() }, Platform::default())?;
    register(&client)?;
    let steps = reported_steps(&client)?;
    let mut transcript = Transcript { clock, since: clock.now(), failed: 0 };

    let applet = client.start_applet_and_wait(AppletRequest::local("hello", package))?;
    transcript.line("started", true, applet.app_id());
    for name in BEFORE_EVENTS {
        transcript.expect(&steps, name)?;
    }

    applet.send_custom_event(payload(&client, &json!({"from": "host", "greeting": "good morning"}))?)?;
    transcript.expect(&steps, "event")?;
    // The body of a named event carries the name; listeners of all events hear it after its own.
    applet.send_custom_event(payload(&client, &json!({"from": "host", "name": "orderPaid", "data": {"order": 7}}))?)?;
    transcript.expect(&steps, "namedEvent")?;
    transcript.expect(&steps, "event")?;

    let counters = applet.counters();
    client.shutdown();
    client.wait_until_closed(PATIENCE)?;
    let summary = format!("{} calls answered, {} refused", counters.calls, counters.refused);
    transcript.line("closed", true, &summary);
    Ok(transcript.failed)
}

/// The custom APIs of this app.
fn register(client: &FinAppClient) -> finapp_core::Result<()> {
    // Asynchronous: answered through the reply, at once here, from any thread at any time in general.
    client.register_custom_api("greet", |call: HostCall| {
        let name = params(&call)["name"].as_str().unwrap_or("nobody").to_owned();
        call.reply.success_text(json!({"greeting": format!("hello {name}")}).to_string());
    })?;
    // Synchronous: the mini-program gets the value as the return value.
    client.register_sync_api("deviceId", |_info, (): ()| Ok(json!({"id": "d-9"})))?;
    // Progress: any number of states, then exactly one end.
    client.register_custom_api("download", |call: HostCall| {
        for percent in [25, 50, 100] {
            if let Ok(state) = call.reply.checked(json!({"percent": percent}).to_string(), Vec::new()) {
                call.reply.progress(state);
            }
        }
        let url = params(&call)["url"].as_str().unwrap_or_default().to_owned();
        let file = url.rsplit('/').next().unwrap_or_default();
        call.reply.success_text(json!({"path": format!("/{file}")}).to_string());
    })?;
    // Failing: what the host says reaches `fail` with every member.
    client.register_custom_api("pay", |call: HostCall| {
        let body = call.reply.checked(json!({"code": 402, "errMsg": "no funds"}).to_string(), Vec::new());
        call.reply.fail(body.unwrap_or_default());
    })?;
    // Binary: bytes travel beside the text, without base64.
    client.register_custom_api("invert", |call: HostCall| {
        let HostCall { params, reply, .. } = call;
        let (_, binaries) = params.into_parts();
        let Some(Binary { kind, mut bytes, .. }) = binaries.into_iter().next() else {
            reply.threw("expected bytes");
            return;
        };
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
        let pixels = Binary { path: vec![PathSegment::Key("pixels".to_owned())], kind, bytes };
        match reply.checked(r#"{"pixels":null}"#.to_owned(), vec![pixels]) {
            Ok(body) => reply.success(body),
            Err(error) => reply.fail_with(Payload::none(), error),
        };
    })
}

/// Registers `report`, by which the mini-program tells how its steps went.
fn reported_steps(client: &FinAppClient) -> finapp_core::Result<Receiver<Step>> {
    let (sender, steps) = channel();
    let sender = Mutex::new(sender);
    client.register_custom_api("report", move |call: HostCall| {
        match serde_json::from_str::<Step>(call.params.text()) {
            Ok(step) => {
                if let Ok(sender) = sender.lock() {
                    drop(sender.send(step));
                }
                call.reply.success(Payload::none())
            }
            Err(error) => call.reply.threw(&error.to_string()),
        };
    })?;
    Ok(steps)
}

fn params(call: &HostCall) -> Value {
    serde_json::from_str(call.params.text()).unwrap_or_default()
}

fn payload(client: &FinAppClient, body: &Value) -> finapp_core::Result<Payload> {
    Payload::parse(body.to_string(), Vec::new(), client.limits())
}

/// The lines printed so far.
struct Transcript {
    clock: MonotonicClock,
    since: Duration,
    failed: usize,
}

impl Transcript {
    /// Prints the next step the mini-program reports, which must be the one named.
    fn expect(&mut self, steps: &Receiver<Step>, name: &str) -> Result<(), Box<dyn Error>> {
        let step = steps.recv_timeout(PATIENCE).map_err(|_| format!("no step {name} in time"))?;
        self.line(&step.step, step.ok, if step.ok { &step.detail } else { &step.problem });
        if step.step == name { Ok(()) } else { Err(format!("expected the step {name}, got {}", step.step).into()) }
    }

    fn line(&mut self, step: &str, ok: bool, detail: &str) {
        let now = self.clock.now();
        let took = now.saturating_sub(self.since).as_secs_f64() * 1e3;
        let verdict = if ok { "ok" } else { "WRONG" };
        println!("{verdict:5} {step:<14} {took:>9.3} ms  {detail}");
        self.failed += usize::from(!ok);
        self.since = self.clock.now();
    }
}
