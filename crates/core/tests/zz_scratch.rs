//! scratch
mod support;
use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use support::Host;

#[test]
fn scratch() {
    let Ok(path) = std::env::var("SCRATCH") else { return };
    let script = std::fs::read_to_string(path).unwrap();
    let secs: u64 = std::env::var("SECS").ok().and_then(|s| s.parse().ok()).unwrap_or(3);
    let host = Host::with_limits(|l| {
        l.turn_foreground_ms = 300;
        if let Ok(text) = std::env::var("LIMITS") {
            *l = serde_json::from_str(&text).unwrap();
        }
    });
    host.client.register_sync_api("eat", |_, v: Value| Ok(v.to_string().len())).unwrap();
    host.client
        .register_custom_api("echo", |c: HostCall| {
            let p = c.params.clone();
            c.reply.success(p);
        })
        .unwrap();
    let kept = std::sync::Mutex::new(Vec::new());
    host.client
        .register_custom_api("keep", move |c: HostCall| {
            kept.lock().unwrap().push(c);
        })
        .unwrap();
    host.client.register_custom_api("held", move |c: HostCall| drop(c)).unwrap();
    let handler = |c: HostCall| {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(1500));
            c.reply.success(Payload::none());
        });
    };
    host.client
        .register("slow", Handler::Host(Arc::new(handler)), ApiOptions { sync: true, ..ApiOptions::default() })
        .unwrap();
    host.client.on_life_cycle(Some(Arc::new(|e: &finapp_core::LifeCycleEvent| println!("EVENT {e:?}"))));
    let applet = host.try_open("a", &format!("ft.loadExtApi([{{name:'eat',sync:true}},{{name:'echo'}},{{name:'keep'}},{{name:'held'}},{{name:'slow',sync:true}}]);ft.onCustomEvent(event => {{ {script} }})"));
    println!("OPEN {:?}", applet.as_ref().map(|_| ()));
    if applet.is_ok() {
        host.send("a", json!({"n": 1}));
    }
    let until = std::time::Instant::now() + Duration::from_secs(secs);
    while std::time::Instant::now() < until {
        if let Some(r) = host.try_reported() {
            println!("REPORT {}", r.to_string().chars().take(3000).collect::<String>());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    for l in host.log.lines() {
        println!("LOG {}", l.chars().take(600).collect::<String>());
    }
    if let Ok(a) = &applet {
        println!("{:?} {:?} zombies {}", a.state(), a.counters(), host.client.quarantined_threads());
    }
    drop(host);
    println!("DROPPED");
    std::process::exit(0);
}
