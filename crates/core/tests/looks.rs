//! What tools see of an applet: when it has nothing to do, and what it has stored.

mod support;

use finapp_core::ErrorCode;
use serde_json::json;
use std::time::Duration;
use support::{Host, PATIENCE, payload};

#[test]
fn f_p09_an_applet_is_idle_when_its_jobs_are_done() {
    let host = Host::new();
    let applet = host.open(
        "a",
        "ft.onCustomEvent(() => {
           let count = 0
           let jobs = Promise.resolve()
           for (let i = 0; i < 5000; i++) jobs = jobs.then(() => count++)
           jobs.then(() => ft.report({ count }))
         })",
    );
    applet.send_custom_event(payload(json!({}))).unwrap();
    applet.wait_until_idle(PATIENCE).unwrap();
    assert_eq!(host.try_reported(), Some(json!({"count": 5000})));
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    assert_eq!(applet.wait_until_idle(Duration::ZERO).unwrap_err().code(), ErrorCode::Closed);
}

#[test]
fn f_p09_a_host_sees_what_an_applet_has_stored() {
    let host = Host::new();
    let applet = host.open(
        "a",
        "wx.setStorageSync('list', [1, { a: 'b' }])
         wx.setStorageSync('__proto__', 'text')
         wx.setStorageSync('gone', 1)
         wx.removeStorageSync('gone')",
    );
    let stored = applet.stored().unwrap();
    assert_eq!(
        serde_json::Value::from(stored),
        serde_json::from_str::<serde_json::Value>(r#"{"list": [1, {"a": "b"}], "__proto__": "text"}"#,).unwrap()
    );
    applet.close();
    applet.wait_until_closed(PATIENCE).unwrap();
    assert_eq!(applet.stored().unwrap_err().code(), ErrorCode::Closed);
}
