//! A Rust host that shows the web page of `examples/card` in Chromium: page, app and mini-program speak with each other,
//! one line a step with the time it took. Then it takes pictures of the page. Ends with 0 when every step went well.
//!
//! `cargo run -p finapp-chromium --example page -- <picture> [thumbnail]`; the library for pages must have been built into
//! `examples/card/web/jssdk`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to whoever runs it")]

#[path = "page/picture.rs"]
mod picture;

use finapp_chromium::{Browser, ChromiumViews, ConsoleListener, Options, Page, Viewport};
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::host::{Clock, LogLevel, LogSink, MonotonicClock};
use finapp_core::{AppletClient, AppletRequest, Config, FinAppClient, Platform};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Done<T = ()> = Result<T, Box<dyn Error>>;

const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/card");
/// What the app answers, and how the page writes it.
const COLOR: (u8, u8, u8) = (31, 111, 178);
const WRITTEN: &str = "#1f6fb2";
/// A telephone with a fine screen.
const TELEPHONE: Viewport = Viewport { width: 390, height: 700, scale: 2.0 };
/// How long the host waits for the next step before it calls the run a failure.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let mut pictures = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(picture) = pictures.next() else {
        eprintln!("expected the file that the picture goes to");
        return ExitCode::from(2);
    };
    match run(&picture, pictures.next().as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("WRONG {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(picture: &Path, thumbnail: Option<&Path>) -> Done {
    let mut transcript = Transcript::new();
    let platform = Platform { log: Arc::new(Lines), clock: Arc::new(MonotonicClock::new()) };
    let client = FinAppClient::init(Config::default(), platform)?;
    // The page calls this by name, as mini-programs do.
    client.register_custom_api("js2AppFunction", |call: HostCall| {
        let (r, g, b) = COLOR;
        println!("      the page called js2AppFunction with {}", call.params.text());
        call.reply.success_text(json!({"r": r, "g": g, "b": b}).to_string());
    })?;

    let console: ConsoleListener = Arc::new(|line| println!("      page: {line}"));
    let browser = Browser::start(Options { viewport: Some(TELEPHONE), console: Some(console), ..Options::default() })?;
    let (sender, pages) = channel();
    let sender = Mutex::new(sender);
    let opened = move |page| drop(sender.lock().map(|sender| sender.send(page)));
    client.set_web_views(Some(ChromiumViews::new(browser.clone(), opened)));

    let applet = client.start_applet_and_wait(AppletRequest::local("card", PACKAGE))?;
    let page = pages.recv_timeout(PATIENCE).map_err(|_| "the mini-program opened no web page")??;
    page.wait_for_load(1)?;
    transcript.line("opened", "the mini-program's <web-view> shows web/index.html of its package");

    shows(&page, "#color", WRITTEN)?;
    transcript.line("js2AppFunction", &format!("the page has the app's answer and shows {WRITTEN}"));

    let answer = call(&client, &applet, &page, "app2jsFunction", &json!({"title": "Deep water"}))?;
    if answer != json!({"success": true, "color": WRITTEN}) {
        return Err(format!("app2jsFunction: the page answered {answer}").into());
    }
    shows(&page, "#title", "Deep water")?;
    transcript.line("app2jsFunction", &format!("the page answered {answer}"));

    page.tap("#order")?;
    // The mini-program sends it when it has got the event of the page.
    page.wait_for_console("order 1 is taken")?;
    shows(&page, "#said", &format!("order 1 is taken: {WRITTEN}"))?;
    transcript.line("events", "page to mini-program and back: order 1 is taken");

    let taken = picture::take(&page, picture, 1.0)?;
    transcript.line("picture", &taken);
    if let Some(thumbnail) = thumbnail {
        let taken = picture::take(&page, thumbnail, 0.5)?;
        transcript.line("thumbnail", &taken);
    }

    client.shutdown();
    client.wait_until_closed(PATIENCE)?;
    if !page.is_closed() {
        return Err("the page is still there".into());
    }
    browser.close();
    transcript.line("closed", "the page went with its mini-program");
    Ok(())
}

/// Calls a function of the page, as FinClip's `callJS` does.
fn call(client: &FinAppClient, applet: &AppletClient, page: &Page, name: &str, params: &Value) -> Done<Value> {
    let params = Payload::parse(params.to_string(), Vec::new(), client.limits())?;
    let (sender, answers) = channel();
    let number = page.owner().map(|owner| owner.page());
    applet.call_js(name, &params, number, PATIENCE, Box::new(move |answer| drop(sender.send(answer))));
    Ok(serde_json::from_str(answers.recv()??.text())?)
}

/// Waits until an element has a text.
fn shows(page: &Page, selector: &str, text: &str) -> Done {
    let (selector, text, patience) = (json!(selector), json!(text), PATIENCE.as_millis());
    let shown = page.evaluate(&format!(
        "new Promise((done) => {{
           const look = () => {{ if (document.querySelector({selector}).textContent.includes({text})) done(true) }}
           new MutationObserver(look).observe(document, {{ subtree: true, childList: true, characterData: true }})
           setTimeout(done, {patience}, false)
           look()
         }})"
    ))?;
    if shown == true { Ok(()) } else { Err(format!("{selector}: expected {text}").into()) }
}

/// What the mini-program says.
struct Lines;

impl LogSink for Lines {
    fn write(&self, level: LogLevel, _tag: &str, line: &str) {
        println!("      {level} mini-program: {line}");
    }
}

/// The lines printed so far.
struct Transcript {
    clock: MonotonicClock,
    since: Duration,
}

impl Transcript {
    fn new() -> Self {
        let clock = MonotonicClock::new();
        Self { since: clock.now(), clock }
    }

    fn line(&mut self, step: &str, detail: &str) {
        let took = self.clock.now().saturating_sub(self.since).as_secs_f64() * 1e3;
        println!("{:5} {step:<14} {took:>9.3} ms  {detail}", "ok");
        self.since = self.clock.now();
    }
}
