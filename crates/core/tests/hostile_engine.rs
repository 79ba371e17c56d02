//! Mini-programs that attack the engine itself: time, promise jobs, native code that never comes back.

mod support;

use finapp_core::{CloseReason, ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use support::attack::{Witness, armed, failure, killed_by, script_error};
use support::{Host, PATIENCE};

/// A host whose applets may take 300 ms a turn.
fn brisk() -> Host {
    Host::with_limits(|limits| limits.turn_foreground_ms = 300)
}

#[test]
fn h_a1_an_endless_loop_ends_the_applet_wherever_it_runs() {
    let host = brisk();
    host.client.register_sync_api("eat", |_, _: Value| Ok(())).unwrap();
    let witness = Witness::new(&host);
    for script in [
        "for (;;) ;",
        "ft.report({success() { for (;;) ; }})",
        "ft.report({fail() {}, complete() { for (;;) ; }})",
        "ft.loadExtApi({name: 'eat', sync: true}); ft.eat({get a() { for (;;) ; }})",
        "ft.report({get a() { for (;;) ; }})",
        "setTimeout(() => { for (;;) ; })",
        "Promise.resolve().then(() => { for (;;) ; })",
        "queueMicrotask(() => { for (;;) ; })",
        "console.log({toJSON() { for (;;) ; }})",
        "const error = new Error(); Object.defineProperty(error, 'stack', {get() { for (;;) ; }}); throw error",
        "const error = new Error(); Object.defineProperty(error, 'message', {get() { for (;;) ; }}); Promise.reject(error)",
        "App({get onError() { for (;;) ; }}); throw 1",
        "ft.onUnhandledRejection(() => { for (;;) ; }); Promise.reject(1)",
        "eval('for (;;) ;')",
    ] {
        eprintln!("{script}");
        assert_eq!(killed_by(&host, script), ErrorCode::Timeout, "{script}");
        witness.is_served();
    }
    assert_eq!(host.client.quarantined_threads(), 0);
}
