//! Events from the host. Timed from the moment the host has the text of the body: checking it, finding the applet,
//! the hop to its thread, parsing, until the listener is entered.

use crate::bare::{engine, on_thread};
use crate::measure::{Figures, by_turns, linger, median};
use crate::stage::{PATIENCE, Stage, limits};
use finapp_core::bridge::Payload;
use rquickjs::Function;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const REPETITIONS: usize = 15;
const EVENTS: usize = 150;
const FANOUTS: usize = 10;
const APPLETS: usize = 100;

/// Long enough for the listening threads to have gone to sleep again: "one after another" means each event wakes them.
const ONE: Duration = Duration::from_micros(60);
const ALL: Duration = Duration::from_millis(1);

const LISTENER: &str = "ft.onCustomEvent(() => { ft.mark(); });";

/// The text of a body of 1 KB.
fn body() -> String {
    let item =
        |at: usize| format!(r#"{{"id":{at},"title":"message {at}","read":false,"from":{{"id":"u{at}","vip":true}}}}"#);
    let items: Vec<String> = (0..11).map(item).collect();
    let head = format!(r#"{{"name":"inbox","count":11,"items":[{}],"filler":""#, items.join(","));
    let filler = "x".repeat(1_024 - head.len() - 2);
    format!(r#"{head}{filler}"}}"#)
}

fn payload(text: &str) -> Payload {
    Payload::parse(text.to_owned(), Vec::new(), &limits()).expect("the body is JSON")
}

/// One event after another to one applet, against a channel, the engine's parser and a call.
pub fn event_1k() -> Figures {
    let stage = Stage::new("event");
    stage.package("", LISTENER);
    stage.open("event");
    let bare = BareListener::open();
    let body = body();
    by_turns("us", REPETITIONS, || one_event(&stage, &body), || bare.one_event(&body))
}

/// One event to many applets until the last listener is entered, against as many times one event to one applet.
pub fn event_fanout() -> Figures {
    let many = Stage::new("fanout");
    many.package("", LISTENER);
    for at in 0..APPLETS {
        many.open(&format!("fanout-{at}"));
    }
    let single = Stage::new("event");
    single.package("", LISTENER);
    single.open("event");
    let body = body();
    let fanout = || {
        let one = || {
            linger(ALL);
            let began = Instant::now();
            let reached = many.client.send_custom_event_to_all(payload(&body)).expect("the body is an object");
            assert_eq!(reached, APPLETS, "every applet takes the event");
            (many.last_mark(APPLETS) - began).as_secs_f64() * 1e6
        };
        median((0..FANOUTS).map(|_| one()).collect())
    };
    by_turns("us", REPETITIONS, fanout, || one_event(&single, &body) * APPLETS as f64)
}

fn one_event(stage: &Stage, body: &str) -> f64 {
    let one = || {
        linger(ONE);
        let began = Instant::now();
        stage.client.send_custom_event("event", payload(body)).expect("the applet takes events");
        (stage.mark() - began).as_secs_f64() * 1e6
    };
    median((0..EVENTS).map(|_| one()).collect())
}

/// A bare engine whose thread takes texts from a channel, parses each and calls a function with it.
struct BareListener {
    texts: Sender<String>,
    marks: Receiver<Instant>,
}

impl BareListener {
    fn open() -> Self {
        let (texts, waiting) = channel::<String>();
        let (sender, marks) = channel();
        // The thread ends when the channel does.
        drop(on_thread(move || {
            let (context, _runtime) = engine();
            context.with(|ctx| {
                let mark = Function::new(ctx.clone(), move || sender.send(Instant::now()).is_ok());
                ctx.globals().set("mark", mark.expect("mark is made")).expect("mark is set");
                let listener: Function<'_> = ctx.eval("() => { mark(); }").expect("the listener is made");
                for text in waiting {
                    let detail = ctx.json_parse(text).expect("the body is JSON");
                    listener.call::<_, ()>((detail,)).expect("the listener returns");
                }
            });
        }));
        Self { texts, marks }
    }

    fn one_event(&self, body: &str) -> f64 {
        let one = || {
            linger(ONE);
            let began = Instant::now();
            self.texts.send(body.to_owned()).expect("the thread takes texts");
            (self.marks.recv_timeout(PATIENCE).expect("the listener makes its mark") - began).as_secs_f64() * 1e6
        };
        median((0..EVENTS).map(|_| one()).collect())
    }
}
