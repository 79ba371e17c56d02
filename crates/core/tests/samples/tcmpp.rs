//! Samples of TCMPP's pages on custom APIs for Android and Flutter hosts.

use super::printed;
use super::support::{Host, next, payload, sync};
use finapp_core::bridge::{Handler, HostCall, Payload};
use finapp_core::{Config, CustomApiConfig};
use serde_json::json;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

/// The plugin of the Android page: `BaseJsPlugin` with its `@JsEvent`s. Gives the `jsonParams` of `customAsyncEvent`.
fn custom_plugin(host: &Host) -> Receiver<String> {
    let (sender, json_params) = channel();
    let sender = Mutex::new(sender);
    let async_event = move |req: HostCall| {
        sender.lock().unwrap().send(req.params.text().to_owned()).unwrap();
        req.reply.success(payload(json!({"key": "test"})));
    };
    let sync_event = |req: HostCall| {
        req.reply.success(payload(json!({"key": "value"})));
    };
    let base_info = |req: HostCall| {
        req.reply.success(payload(json!({"key": "test"})));
    };
    let test_state = |req: HostCall| {
        for percent in [1, 30, 60, 100] {
            req.reply.progress(payload(json!({"progress": percent})));
        }
        req.reply.success(payload(json!({"key": "test"})));
    };
    host.client.register_custom_api("customAsyncEvent", async_event).unwrap();
    host.client.register("customSyncEvent", Handler::Host(Arc::new(sync_event)), sync()).unwrap();
    host.client.register_custom_api("getAppBaseInfo", base_info).unwrap();
    host.client.register_custom_api("testState", test_state).unwrap();
    json_params
}

#[test]
fn f_m09_sample_asynchronous_and_synchronous_call() {
    let host = Host::new();
    let json_params = custom_plugin(&host);
    let sample = "
// Asynchronous API call
var opts = {
api_name: 'customAsyncEvent',
progress: function(res) {
// Code to listen for sendState status updates
},
success: function(res) {console.log('success', res)},
fail: function(res) {console.log('fail', res)},
complete: function(res) {console.log('complete', res)},
data: { // Input parameters
name : 'kka',
age : 22
}
}
wx.invokeNativePlugin(opts);

// Synchronous API call
var opts = {
api_name: 'customSyncEvent',
sync:true
}
var rst = wx.invokeNativePlugin(opts);
console.log(rst)";
    assert_eq!(
        printed(&host, sample),
        [
            r#"{"key":"value","errMsg":"invokeNativePlugin:ok"}"#,
            r#"success {"key":"test","errMsg":"invokeNativePlugin:ok"}"#,
            r#"complete {"key":"test","errMsg":"invokeNativePlugin:ok"}"#,
        ]
    );
    assert_eq!(next(&json_params), r#"{"name":"kka","age":22}"#);
}

#[test]
fn f_m09_sample_of_a_flutter_handler() {
    let host = Host::new();
    let (sender, printed_by_host) = channel();
    let sender = Mutex::new(sender);
    host.client
        .register_custom_api("myApiName", move |call: HostCall| {
            let sender = sender.lock().unwrap();
            sender.send(format!("API : {}", call.info.api)).unwrap();
            sender.send(format!("AppInfo: {}", call.info.caller.applet())).unwrap();
            sender.send(format!("WebView ID: {}", call.info.page.0)).unwrap();
            sender.send(format!("params: {}", call.params.text())).unwrap();
            call.reply.success(payload(json!({"result": "success", "method": "myApiHandler"})));
        })
        .unwrap();
    let sample = "
const log = console.log
/// Mini Program Call
var opts = {
api_name: 'myApiName',
success: function(res) {
log(res);
},
fail: function(res) {
log(res);
},
complete: function(res) {
log(res);
},
data: {
name : 'kka',
age : 22
}
}
wx.invokeNativePlugin(opts);";
    let result = r#"{"method":"myApiHandler","result":"success","errMsg":"invokeNativePlugin:ok"}"#;
    assert_eq!(printed(&host, sample), [result, result]);
    let lines: Vec<String> = (0..4).map(|_| next(&printed_by_host)).collect();
    assert_eq!(lines, ["API : myApiName", "AppInfo: demo", "WebView ID: 0", r#"params: {"name":"kka","age":22}"#]);
}

fn with_file(text: &str) -> Host {
    let custom = CustomApiConfig { json: Some(text.to_owned()), expose_registered: true, ..CustomApiConfig::default() };
    Host::with(Config { custom_api_config: Some(custom), ..Config::default() })
}

#[test]
fn f_m10_sample_template_of_the_file() {
    let host = with_file(
        r#"{
"extApi": [
{
"name": "customSyncEvent",
"sync": true,
"params": {
"name": "",
"age": 0,
"object": {
"key": ""
}
}
},
{
"name": "customAsyncEvent2",
"sync": false,
"params": {
"name": "",
"age": ""
}
}
],
"overwriteWxApi": false
}"#,
    );
    let json_params = custom_plugin(&host);
    host.echoes("customAsyncEvent2");
    let app = "
console.log(wx.customSyncEvent({ name: 'kka', age: 22, object: { key: 'x' } }))
wx.customAsyncEvent2({ name: 'kka', age: '22' }).then(res => console.log(res))";
    assert_eq!(
        printed(&host, app),
        [
            r#"{"key":"value","errMsg":"customSyncEvent:ok"}"#,
            r#"{"name":"kka","age":"22","errMsg":"customAsyncEvent2:ok"}"#
        ]
    );
    drop(json_params);
}

#[test]
fn f_m10_sample_of_a_file_that_overwrites_and_the_calls_to_it() {
    let host = with_file(
        r#"{
"extApi": [
{
"name": "customSyncEvent",
"sync": true,
"params": {
"name": "",
"age": ""
}
},
{
"name": "customAsyncEvent",
"sync": false,
"params": {
"name": "",
"age": ""
}
},
{
"name": "getAppBaseInfo",
"sync": false,
"params": {
}
}
],
"overwriteWxApi": true
}"#,
    );
    let json_params = custom_plugin(&host);
    let sample = "
var opts = {
progress: function(res) {console.log('progress', res)},
success: function(res) {console.log('success', res)},
fail: function(res) {console.log('fail', res)},
complete: function(res) {console.log('complete', res)}
}
wx.testState(opts);

wx.customAsyncEvent({\"name\":\"123\",\"age\":\"18\"})
wx.getAppBaseInfo() // This will override the system API and call the custom API.
  .then(res => console.log('base info', res))";
    assert_eq!(
        printed(&host, sample),
        [
            r#"progress {"progress":1}"#,
            r#"progress {"progress":30}"#,
            r#"progress {"progress":60}"#,
            r#"progress {"progress":100}"#,
            r#"success {"key":"test","errMsg":"testState:ok"}"#,
            r#"complete {"key":"test","errMsg":"testState:ok"}"#,
            r#"base info {"key":"test","errMsg":"getAppBaseInfo:ok"}"#,
        ]
    );
    assert_eq!(next(&json_params), r#"{"name":"123","age":"18"}"#);
}

#[test]
fn f_h05_sample_intermediate_states_then_the_end() {
    let host = Host::new();
    let _json_params = custom_plugin(&host);
    let sample = "
wx.invokeNativePlugin({ api_name: 'testState', progress: res => console.log(res.progress), complete: res => console.log(res.key) })";
    assert_eq!(printed(&host, sample), ["1", "30", "60", "100", "test"]);
}

#[test]
fn f_h04_sample_ok_sync_and_fail_sync() {
    let host = Host::new();
    // req.okSync(jsonObject), req.failSync(jsonObject, "text")
    let either = |req: HostCall| {
        if req.params.text() == "{}" {
            req.reply.fail(payload(json!({"key": "value", "errMsg": "no name given"})))
        } else {
            req.reply.success(Payload::none())
        };
    };
    host.client.register("customSyncEvent", Handler::Host(Arc::new(either)), sync()).unwrap();
    let sample = "
const ask = data => wx.invokeNativePlugin({ api_name: 'customSyncEvent', sync: true, data })
console.log(ask({ name: 'kka' }), ask())";
    assert_eq!(
        printed(&host, sample),
        [r#"{"errMsg":"invokeNativePlugin:ok"} {"errMsg":"invokeNativePlugin:fail no name given","key":"value"}"#]
    );
}

#[test]
fn f_h07_sample_a_custom_get_app_base_info_replaces_the_built_in() {
    let entry = json!({"extApi": [{"name": "getAppBaseInfo", "sync": false, "params": {}}], "overwriteWxApi": true});
    let host = with_file(&entry.to_string());
    let _json_params = custom_plugin(&host);
    let app = "wx.getAppBaseInfo().then(res => console.log(res))";
    assert_eq!(printed(&host, app), [r#"{"key":"test","errMsg":"getAppBaseInfo:ok"}"#]);
}
