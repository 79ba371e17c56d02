//! Samples of FinClip's pages "Other" and "JSSDK interface".

use super::support::{Folder, Host, next, payload};
use super::{AFTERWARDS, HEARD, event, printed, run};
use finapp_core::bridge::HostCall;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::channel;

#[test]
fn f_h02_sample_register_custom_api_on_the_host() {
    let host = Host::new();
    let (sender, console) = channel();
    let sender = Mutex::new(sender);
    // client.registerCustomApi('js2AppFunction', (args: IApiManager.IInvokeArgs) => { ... })
    host.client
        .register_custom_api("js2AppFunction", move |args: HostCall| {
            let params = &args.params;
            let callback = &args.reply;
            sender.lock().unwrap().send(format!("customApi params {}", params.text())).unwrap();
            callback.success(payload(json!({"data": "customApi success"})));
        })
        .unwrap();
    let seen =
        host.run("ft.loadExtApi({name: 'js2AppFunction'}); ft.js2AppFunction({name: 'getLocation'}).then(ft.report)");
    assert_eq!(next(&console), r#"customApi params {"name":"getLocation"}"#);
    assert_eq!(seen, json!({"data": "customApi success", "errMsg": "js2AppFunction:ok"}));
}

#[test]
fn f_m02_sample_finclip_conf() {
    let host = Host::new();
    host.answers("finclipLogin", json!({"token": "t-1"}));
    let folder = Folder::new();
    folder.file(
        "FinClipConf.js",
        "// FinClipConf.js
module.exports = {
  extApi:[
    {
      name: 'finclipLogin',
      sync: false,
      params: {
        url: ''
      }
    }
  ]
}
",
    );
    folder.file("app.js", &format!("ft.finclipLogin({{ url: 'some url', success: console.log }}){AFTERWARDS}"));
    assert_eq!(run(&host, folder), [r#"{"token":"t-1","errMsg":"finclipLogin:ok"}"#]);
}

const LOAD_EXT_API: &str = "
// loadExtApi parameters are the same as FinClipConf.js
ft.loadExtApi([
    {
      name: 'finclipLogin',
      sync: false,
      params: {
        url: ''
      }
    },
    {
      name: 'finclipTestSync',
      sync: true,
      params: {
          name:'',
          title:''
      }
    }
  ])

// Asynchronous call example
ft.finclipLogin({
  url: 'some url',
  success: (res) => { console.log(res) },
  fail: (res) => { console.log(res) },
})

// Synchronous call example
const res = ft.finclipTestSync({ name: '', title: ''})
console.log(res)";

#[test]
fn f_m03_sample_load_ext_api_and_its_calls() {
    let host = Host::new();
    host.echoes("finclipLogin");
    host.client.register_sync_api("finclipTestSync", |_, asked: Value| Ok(json!({"got": asked}))).unwrap();
    assert_eq!(
        printed(&host, LOAD_EXT_API),
        [
            r#"{"got":{"name":"","title":""},"errMsg":"finclipTestSync:ok"}"#,
            r#"{"url":"some url","errMsg":"finclipLogin:ok"}"#
        ]
    );
}

#[test]
fn f_m01_sample_of_a_login_that_fails() {
    let host = Host::new();
    // callback.onFail({ errMsg: "finclipLogin fail !!" })
    host.client
        .register_custom_api("finclipLogin", |call: HostCall| {
            call.reply.fail(payload(json!({"errMsg": "finclipLogin fail !!"})));
        })
        .unwrap();
    host.client.register_sync_api("finclipTestSync", |_, _: Value| Ok(json!({}))).unwrap();
    assert_eq!(printed(&host, LOAD_EXT_API)[1], r#"{"errMsg":"finclipLogin:fail finclipLogin fail !!"}"#);
}

#[test]
fn f_m05_sample_on_custom_event() {
    let host = Host::new();
    let sample = "
const callback = (res) => {
    console.log(res) // Get the parameters passed from the native side
}
ft.onCustomEvent(callback)";
    assert_eq!(printed(&host, &format!("{sample}{HEARD}")), Vec::<String>::new());
    assert_eq!(event(&host, json!({"from": "native"}))[0], r#"{"from":"native"}"#);
}

#[test]
fn f_m05_sample_off_custom_event() {
    let host = Host::new();
    let sample = "
let calls = 0; ft.onCustomEvent(() => calls++)
const callback = (res) => {}
ft.onCustomEvent(callback)

// Clear the specified callback
ft.offCustomEvent(callback)
// Clear all callbacks
ft.offCustomEvent()";
    let before = "ft.addCustomEventListener('afterwards', () => console.log(calls));";
    printed(&host, &format!("{sample};{before}{HEARD}"));
    assert_eq!(event(&host, json!({"from": "native"})), ["0"]);
}

/// The body that a named event must have, from the document.
fn some_method() -> Value {
    json!({
        "name": "someMethod", // Required field
        "data": {
            "a": "data-1",
            "b": "data-2",
            "c": 1001
        },
        "errMsg": "some error msg"
    })
}

#[test]
fn f_m06_sample_add_custom_event_listener() {
    let host = Host::new();
    let sample = "
const callback = (res) => {
    console.log(res) // Get the parameters passed from the native side
}
ft.addCustomEventListener('someMethod', callback)";
    printed(&host, &format!("{sample}{HEARD}"));
    let heard = event(&host, some_method());
    assert_eq!(heard.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&heard[0]).unwrap(), some_method(), "the entire data is passed through");
}

#[test]
fn f_m06_sample_remove_custom_event_listener() {
    let host = Host::new();
    let sample = "
const callback = (res) => {
    console.log(res) // Get the parameters passed from the native side
}
ft.addCustomEventListener('someMethod', callback)
ft.removeCustomEventListener('someMethod', callback)";
    printed(&host, &format!("{sample}{HEARD}"));
    assert_eq!(event(&host, some_method()), Vec::<String>::new());
}
