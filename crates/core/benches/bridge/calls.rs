//! Calls that Rust answers on the applet's own thread.

use crate::bare::BareThread;
use crate::measure::{Figures, by_turns, micros_each};
use crate::stage::{Stage, go};
use finapp_core::bridge::HostCall;
use rquickjs::{Ctx, Function, Object};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

const REPETITIONS: usize = 21;
const SYNC_CALLS: u32 = 20_000;
const JSON_CALLS: u32 = 30;

/// What both sides of `sync_rust` take and give.
#[derive(Deserialize, Serialize)]
pub struct Person {
    name: String,
    age: i32,
}

/// The API that `sync_rust` calls, and its declaration.
pub fn register_greet(stage: &Stage) {
    stage.client.register_sync_api("greet", |_, person: Person| Ok(person)).expect("greet is a good name");
}

/// A mini-program that makes as many synchronous calls as an event says, between two marks.
pub const GREETING: &str = "
    ft.onCustomEvent(({calls}) => {
      ft.mark();
      for (let at = 0; at < calls; at++) ft.greet({name: 'Ada', age: 36});
      ft.mark();
    });";

/// `ft.x()` answered in Rust, against a bare function that reads the two fields and builds the object.
pub fn sync_rust() -> Figures {
    let stage = Stage::new("sync");
    register_greet(&stage);
    stage.package("{name: 'greet', sync: true}", GREETING);
    let applet = stage.open("sync");
    let bare = BareThread::open(|ctx| prepare_greet(ctx).expect("the bare side is made"));
    by_turns(
        "us",
        REPETITIONS,
        || {
            applet.send_custom_event(go(SYNC_CALLS)).expect("the applet takes events");
            let began = stage.mark();
            micros_each(stage.mark() - began, SYNC_CALLS)
        },
        || micros_each(bare.run(|ctx| time(ctx, SYNC_CALLS)), SYNC_CALLS),
    )
}

fn prepare_greet(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    fn greet<'js>(ctx: Ctx<'js>, person: Object<'js>) -> rquickjs::Result<Object<'js>> {
        let name: String = person.get("name")?;
        let age: i32 = person.get("age")?;
        let answer = Object::new(ctx)?;
        answer.set("name", name)?;
        answer.set("age", age)?;
        Ok(answer)
    }
    let host = Object::new(ctx.clone())?;
    host.set("greet", Function::new(ctx.clone(), greet)?)?;
    ctx.globals().set("host", host)?;
    ctx.eval::<(), _>(
        "globalThis.run = (calls) => {
           for (let at = 0; at < calls; at++) host.greet({name: 'Ada', age: 36});
         };",
    )
}

/// Calls the global `run` and times it.
fn time(ctx: &Ctx<'_>, calls: u32) -> Duration {
    let run: Function<'_> = ctx.globals().get("run").expect("run was made");
    let began = Instant::now();
    run.call::<_, ()>((calls,)).expect("the loop comes to its end");
    began.elapsed()
}

/// 64 KB of nested values, made in JavaScript.
const NESTED: &str = "
    const nested = () => {
      const orders = [];
      for (let length = 0, at = 0; length < 65000; at++) {
        const order = {
          id: at, sku: 'A-' + at, price: at * 1.25, paid: at % 2 === 0, note: null,
          owner: {name: 'Ada Lovelace', address: {city: 'London', street: 'St James’s Square', geo: {lat: 51.5 + at, lon: -0.125}}},
          items: [{name: 'tea', tags: ['hot', 'green']}, {name: 'milk', tags: []}, [at, at + 1, at + 2]],
        };
        orders.push(order);
        length += JSON.stringify(order).length + 1;
      }
      return {orders};
    };";

/// Nested parameters through an echo that Rust answers with the text as it came, against stringify and parse.
pub fn json_64k() -> Figures {
    let stage = Stage::new("json");
    stage
        .client
        .register_custom_api("echo", |call: HostCall| {
            call.reply.success(call.params);
        })
        .expect("echo is a good name");
    let script = "
        const params = nested();
        let left = 0;
        params.success = () => { if (left-- > 0) ft.echo(params); else ft.mark(); };
        ft.onCustomEvent(({calls}) => { left = calls; ft.mark(); params.success(); });";
    stage.package("{name: 'echo'}", &format!("{NESTED}{script}"));
    let applet = stage.open("json");
    let bare = BareThread::open(|ctx| {
        let script = "const params = nested();
            globalThis.run = (calls) => { for (; calls > 0; calls--) JSON.parse(JSON.stringify(params)); };";
        ctx.eval::<(), _>(format!("{NESTED}{script}")).expect("the bare side is made");
    });
    by_turns(
        "us",
        REPETITIONS,
        || {
            applet.send_custom_event(go(JSON_CALLS)).expect("the applet takes events");
            let began = stage.mark();
            micros_each(stage.mark() - began, JSON_CALLS)
        },
        || micros_each(bare.run(|ctx| time(ctx, JSON_CALLS)), JSON_CALLS),
    )
}
