//! `wx.invokeNativePlugin`: any registered API by its name, declared or not.

mod support;

use finapp_core::ErrorCode;
use finapp_core::bridge::handler::inline;
use finapp_core::bridge::{ApiOptions, Handler, HostCall, Payload, Spoken};
use serde_json::json;
use std::sync::Arc;
use support::{Host, next, payload, sync};

#[test]
fn f_m09_a_name_that_is_missing_or_no_name_is_a_parameter_error() {
    let host = Host::new();
    let seen = host.run(
        "const options = [undefined, null, 'custom', {}, {api_name: ''}, {api_name: 5}, {api_name: null},
           {api_name: 'not a name'}, {api_name: 'x'.repeat(1_000)}, {api_name: ['custom']}];
         const now = wx.invokeNativePlugin({sync: true});
         Promise.allSettled(options.map(given => wx.invokeNativePlugin(given)))
           .then(ends => ft.report({now, codes: ends.map(end => end.reason.errCode), text: ends[3].reason.errMsg}))",
    );
    let code = ErrorCode::Parameter.number();
    assert_eq!(seen["codes"], json!(vec![code; 10]));
    assert_eq!(seen["text"], "invokeNativePlugin:fail parameter error: parameter.api_name is not the name of an api");
    assert_eq!(seen["now"], json!({"errMsg": seen["text"], "errCode": code}));
}

#[test]
fn f_m09_a_name_that_nobody_registered_fails_at_once_in_its_own_words() {
    let host = Host::new();
    let seen = host.run(
        "wx.invokeNativePlugin({api_name: 'ghost', fail: failed => ft.report(
           {failed, now: wx.invokeNativePlugin({api_name: 'ghost', sync: true})})})",
    );
    let failed = json!({"errMsg": "invokeNativePlugin:fail api \"ghost\" is not registered", "errCode": 20006});
    assert_eq!(seen, json!({"failed": failed, "now": failed}));
}

#[test]
fn f_m09_the_host_gets_the_data_as_it_stands_and_nothing_of_the_options() {
    let host = Host::new();
    let calls = host.hands_over("custom");
    host.open(
        "demo",
        "const f = () => {};
         const call = options => wx.invokeNativePlugin({api_name: 'custom', success: f, fail: f, complete: f, progress: f, ...options});
         call({data: {name: 'kka', age: 22, success: 'kept', nested: {f}}}); call({}); call({data: [1, 2]}); call({data: 'text'});
         call({data: '{\"a\":1}'}); call({data: null}); call({data: undefined})",
    );
    for expected in [
        r#"{"name":"kka","age":22,"success":"kept","nested":{}}"#,
        "{}",
        "[1,2]",
        r#""text""#,
        r#""{\"a\":1}""#,
        "null",
        "{}",
    ] {
        let call = next(&calls);
        assert_eq!(call.params.text(), expected);
        assert_eq!((call.info.api.as_str(), call.info.spoken), ("custom", Spoken::InvokeNativePlugin));
        call.reply.success(Payload::none());
    }
}

#[test]
fn f_m09_progress_then_success_then_complete() {
    let host = Host::new();
    host.client
        .register_custom_api("testState", |call: HostCall| {
            for percent in [1, 30, 60, 100] {
                call.reply.progress(payload(json!({"progress": percent})));
            }
            call.reply.success(payload(json!({"key": "test"})));
        })
        .unwrap();
    let seen = host.run(
        "const seen = []; const note = name => result => seen.push([name, result]);
         wx.invokeNativePlugin({api_name: 'testState', progress: note('progress'), success: note('success'), fail: note('fail'),
           complete: result => { seen.push(['complete', result]); ft.report({seen}) }})",
    );
    let end = json!({"key": "test", "errMsg": "invokeNativePlugin:ok"});
    let state = |percent: i32| json!(["progress", {"progress": percent}]);
    assert_eq!(seen["seen"], json!([state(1), state(30), state(60), state(100), ["success", end], ["complete", end]]));
}

#[test]
fn f_m09_without_success_fail_and_complete_it_gives_a_promise() {
    let host = Host::new();
    host.echoes("custom");
    host.client
        .register_custom_api("broken", |call: HostCall| {
            call.reply.fail(payload(json!({"errno": 5, "errMsg": "no"})));
        })
        .unwrap();
    let seen = host.run(
        "const plugin = (api_name, more) => wx.invokeNativePlugin({api_name, data: {a: 1}, ...more});
         const none = typeof plugin('custom', {success() {}});
         Promise.allSettled([plugin('custom'), plugin('custom', {progress() {}}), plugin('broken')])
           .then(ends => ft.report({none, ends: ends.map(end => end.value ?? end.reason)}))",
    );
    let fine = json!({"a": 1, "errMsg": "invokeNativePlugin:ok"});
    let broken = json!({"errno": 5, "errMsg": "invokeNativePlugin:fail no"});
    assert_eq!(seen, json!({"none": "undefined", "ends": [fine, fine, broken]}));
}

#[test]
fn f_m09_with_sync_the_result_is_returned_and_no_callback_runs() {
    let host = Host::new();
    host.client.register("ask", Handler::Host(Arc::new(answer_by_data)), sync()).unwrap();
    let seen = host.run(
        "const called = []; const note = name => () => called.push(name);
         const ask = data => wx.invokeNativePlugin({api_name: 'ask', sync: true, data,
           success: note('success'), fail: note('fail'), complete: note('complete')});
         const ends = [ask({ok: true}), ask({ok: false})];
         setTimeout(() => ft.report({ends, called}), 20)",
    );
    let fine = json!({"key": "value", "text": "{\"not\":\"parsed\"}", "errMsg": "invokeNativePlugin:ok"});
    let failed = json!({"errMsg": "invokeNativePlugin:fail not today", "why": 7});
    assert_eq!(seen, json!({"ends": [fine, failed], "called": []}));
}

/// `okSync` or `failSync`, as asked.
fn answer_by_data(call: HostCall) {
    if call.params.text().contains("true") {
        call.reply.success(payload(json!({"key": "value", "text": "{\"not\":\"parsed\"}"})));
    } else {
        call.reply.fail(payload(json!({"errMsg": "not today", "why": 7})));
    }
}

#[test]
fn f_m09_answers_written_in_rust_are_reached_as_well() {
    let host = Host::new();
    let double = inline(|info, n: f64| Ok(json!({"twice": 2.0 * n, "sync": info.sync})));
    host.client.register("double", double, ApiOptions { sync: true, ..ApiOptions::default() }).unwrap();
    let seen = host.run(
        "const now = wx.invokeNativePlugin({api_name: 'double', sync: true, data: 21}).twice;
         wx.invokeNativePlugin({api_name: 'double', data: 4}).then(({twice}) => ft.report({now, later: twice}))",
    );
    assert_eq!(seen, json!({"now": 42, "later": 8}));
}

#[test]
fn f_m09_built_ins_are_not_reached_by_it() {
    let host = Host::new();
    let seen = host.run("wx.invokeNativePlugin({api_name: 'getAppBaseInfo'}).catch(ft.report)");
    assert_eq!(seen["errCode"], ErrorCode::NotFound.number());
}

#[test]
fn f_m09_it_is_an_own_enumerable_function_of_wx() {
    let host = Host::new();
    let seen = host.run(
        "ft.report({kind: typeof wx.invokeNativePlugin, own: Object.keys(wx).includes('invokeNativePlugin'),
           same: ft.invokeNativePlugin === wx.invokeNativePlugin})",
    );
    assert_eq!(seen, json!({"kind": "function", "own": true, "same": true}));
}
