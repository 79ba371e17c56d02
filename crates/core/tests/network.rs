//! `wx.request` against a real server: what is sent, what comes back, tasks, limits, redirects, TLS, a proxy.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

mod support;
#[path = "support/web.rs"]
mod web;

use finapp_core::{AppletRequest, Config, ErrorCode, Limits, NetworkConfig};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use support::{Folder, Host, next};
use web::{Web, respond};

fn config() -> Config {
    let network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
    Config { network, debug: true, ..Config::default() }
}

fn host() -> Host {
    Host::with(config())
}

fn with_limits(change: impl FnOnce(&mut Limits)) -> Host {
    let mut config = config();
    change(&mut config.limits);
    Host::with(config)
}

/// A server that tells in JSON what it was sent.
fn mirror() -> Web {
    Web::serve(|seen, stream| {
        let said = json!({
            "method": seen.method, "path": seen.path, "type": seen.header("content-type"), "referer": seen.header("referer"),
            "x": seen.header("x-own"), "body": seen.text(),
        });
        respond(stream, "200 OK", &[("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")], said.to_string().as_bytes());
    })
}

/// Runs `script` as `(async (url) => ...)` and gives what it reports.
fn run(host: &Host, web: &Web, script: &str) -> Value {
    let url = web.origin();
    host.run(&format!(
        "const url = '{url}';
         const call = (api, options) => new Promise((done) => wx[api]({{...options, success: (r) => done(['success', r]), fail: (r) => done(['fail', r])}}));
         (async () => {{ {script} }})()"
    ))
}

#[test]
fn f_m14_any_status_is_a_success_with_its_data_headers_and_cookies() {
    let web = Web::serve(|_, stream| {
        let headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")];
        respond(stream, "404 Not Found", &headers, br#"{"error":["missing"],"__proto__":{"polluted":1}}"#);
    });
    let script = "
        const [end, result] = await call('request', {url});
        const own = Object.keys(result.data);
        ft.report({end, names: Object.keys(result).sort(), own, polluted: ({}).polluted, status: result.statusCode,
            type: result.header['Content-Type'], cookies: result.cookies, message: result.errMsg, error: result.data.error})";
    let expected = json!({
        "end": "success", "names": ["cookies", "data", "errMsg", "header", "statusCode"], "own": ["error", "__proto__"],
        "status": 404, "type": "application/json", "cookies": ["a=1", "b=2"], "message": "request:ok",
        "error": ["missing"],
    });
    assert_eq!(run(&host(), &web, script), expected);
}

#[test]
fn f_m14_data_and_headers_arrive_as_they_were_meant() {
    let script = "
        const said = [];
        const ask = async (options) => said.push((await call('request', {url: url + '/p?q=1', ...options}))[1].data);
        await ask({data: {b: 'x y', a: 1}});
        await ask({method: 'POST', data: {b: 'x y', a: [1]}, header: {'X-Own': 7, Referer: 'https://evil.example'}});
        await ask({method: 'POST', data: {b: 'x y', a: '='}, header: {'content-type': 'application/x-www-form-urlencoded'}});
        await ask({method: 'PUT', data: 'as is', header: {'content-type': 'text/plain'}});
        await ask({method: 'DELETE'});
        ft.report({said})";
    let expected = json!({"said": [
        {"method": "GET", "path": "/p?q=1&b=x%20y&a=1", "type": "application/json", "referer": null, "x": null, "body": ""},
        {"method": "POST", "path": "/p?q=1", "type": "application/json", "referer": null, "x": "7", "body": r#"{"b":"x y","a":[1]}"#},
        {"method": "POST", "path": "/p?q=1", "type": "application/x-www-form-urlencoded", "referer": null, "x": null, "body": "b=x%20y&a=%3D"},
        {"method": "PUT", "path": "/p?q=1", "type": "text/plain", "referer": null, "x": null, "body": "as is"},
        {"method": "DELETE", "path": "/p?q=1", "type": "application/json", "referer": null, "x": null, "body": ""},
    ]});
    assert_eq!(run(&host(), &mirror(), script), expected);
}

#[test]
fn f_m14_bytes_travel_as_bytes_both_ways() {
    let web = Web::serve(|seen, stream| {
        let reversed: Vec<u8> = seen.body.iter().rev().copied().collect();
        respond(stream, "200 OK", &[], &reversed);
    });
    let script = "
        const data = new Uint8Array([0, 255, 128, 10]).buffer;
        const [end, {data: back}] = await call('request', {url, method: 'POST', data, responseType: 'arraybuffer'});
        ft.report({end, isBuffer: back instanceof ArrayBuffer, bytes: [...new Uint8Array(back)]})";
    assert_eq!(run(&host(), &web, script), json!({"end": "success", "isBuffer": true, "bytes": [10, 128, 255, 0]}));
}

#[test]
fn f_m14_large_deep_and_broken_json_is_still_a_success() {
    let big = format!("[{}1]", "\"0123456789abcdef\",".repeat(200_000));
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let web = Web::serve(move |seen, stream| {
        let body = match seen.path.as_str() {
            "/big" => &big,
            "/deep" => &deep,
            _ => "{oops",
        };
        respond(stream, "200 OK", &[], body.as_bytes());
    });
    let script = "
        const big = (await call('request', {url: url + '/big'}))[1].data;
        let deep = (await call('request', {url: url + '/deep'}))[1].data;
        let depth = 0;
        while (Array.isArray(deep)) { deep = deep[0]; depth++ }
        const [end, broken] = await call('request', {url});
        const text = (await call('request', {url: url + '/deep', dataType: 'text'}))[1].data;
        ft.report({big: big.length, depth, end, broken: broken.data, names: Object.keys(broken).sort().join(), text: typeof text})";
    let expected = json!({
        "big": 200_001, "depth": 200, "end": "success", "broken": "{oops", "text": "string",
        "names": "cookies,data,errMsg,header,statusCode",
    });
    assert_eq!(run(&host(), &web, script), expected);
}

#[test]
fn f_m14_a_task_is_returned_with_and_without_callbacks_and_hears_of_the_headers_first() {
    let script = "
        const said = [];
        const off = () => said.push('off');
        const task = wx.request({url, success: () => said.push('success'), complete: () => {
            said.push('complete');
            const other = wx.request({url});
            ft.report({said, task: Object.keys(task), then: typeof other.then, other: typeof other.abort})
        }});
        task.onHeadersReceived(off);
        task.onHeadersReceived((r) => said.push(['headers', r.statusCode, r.cookies.length, 'event' in r]));
        task.offHeadersReceived(off)";
    let report = run(&host(), &mirror(), script);
    assert_eq!(report["said"], json!([["headers", 200, 2, false], "success", "complete"]));
    assert_eq!((&report["then"], &report["other"]), (&json!("undefined"), &json!("function")));
    let names = ["onHeadersReceived", "offHeadersReceived", "onChunkReceived", "offChunkReceived", "abort"];
    assert_eq!(report["task"], json!(names));
}

#[test]
fn f_m14_an_aborted_request_fails_once_and_its_connection_ends() {
    let (sender, ended) = channel();
    let sender = Mutex::new(sender);
    let web = Web::serve(move |_, stream| {
        // The other end closes: nothing more comes.
        sender.lock().unwrap().send(stream.read(&mut [0]).unwrap_or(0)).unwrap_or_default();
    });
    let host = host();
    let url = web.origin();
    host.open(
        "demo",
        &format!(
            "const said = [];
             const task = wx.request({{url: '{url}', fail: (r) => said.push(r), complete: () => {{ task.abort(); ft.report({{said}}) }}}});
             ft.onCustomEvent(() => {{ task.abort(); said.push('aborted') }})"
        ),
    );
    web.seen();
    host.send("demo", json!({}));
    let said = json!({"said": ["aborted", {"errMsg": "request:fail abort", "errCode": ErrorCode::Cancelled.number()}]});
    assert_eq!(host.reported(), said);
    assert_eq!(next(&ended), 0);
}

#[test]
fn f_m14_a_server_that_does_not_answer_is_a_timeout() {
    let web = Web::serve(|_, stream| drop(stream.read(&mut [0])));
    let expected =
        json!(["fail", {"errMsg": "request:fail timeout", "errCode": ErrorCode::Timeout.number(), "errno": 5}]);
    let said = run(&host(), &web, "ft.report({said: await call('request', {url, timeout: 50})})");
    assert_eq!(said["said"], expected);
    let capped = with_limits(|limits| limits.network_ms = 50);
    let said = run(&capped, &web, "ft.report({said: await call('request', {url, timeout: 1e9})})");
    assert_eq!(said["said"], expected);
}

#[test]
fn f_m14_app_json_may_shorten_the_time_limit() {
    let web = Web::serve(|_, stream| drop(stream.read(&mut [0])));
    let folder = Folder::new();
    folder.file("app.json", r#"{"networkTimeout": {"request": 50}}"#).file(
        "app.js",
        &format!(
            "ft.loadExtApi([{{name: 'report'}}]); wx.request({{url: '{}', fail: (r) => ft.report(r)}})",
            web.origin()
        ),
    );
    let host = host();
    host.open_folder("demo", folder).unwrap();
    assert_eq!(host.reported()["errMsg"], "request:fail timeout");
}

#[test]
fn f_m14_more_requests_than_may_run_wait_for_their_turn() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (own, own_most) = (running.clone(), most.clone());
    let web = Web::serve(move |seen, stream| {
        let now = own.fetch_add(1, Ordering::SeqCst) + 1;
        own_most.fetch_max(now, Ordering::SeqCst);
        // Long enough for all others to come, if they were let.
        for _ in 0..2_000 {
            std::thread::yield_now();
        }
        own.fetch_sub(1, Ordering::SeqCst);
        respond(stream, "200 OK", &[], seen.path.as_bytes());
    });
    let host = with_limits(|limits| limits.network_tasks = 2);
    let script = "
        const all = await Promise.all([...Array(20).keys()].map((at) => call('request', {url: `${url}/${at}`, dataType: 'text'})));
        ft.report({all: all.map(([end, r]) => end + r.data)})";
    let expected: Vec<String> = (0..20).map(|at| format!("success/{at}")).collect();
    assert_eq!(run(&host, &web, script)["all"], json!(expected));
    assert_eq!(running.load(Ordering::SeqCst), 0);
    assert!(most.load(Ordering::SeqCst) <= 2, "{most:?} at once");
}

#[test]
fn f_m14_chunks_come_in_order_and_all_of_them() {
    let web = Web::serve(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        for at in 0..500_u32 {
            let part = vec![u8::try_from(at % 256).unwrap(); 1000];
            stream.write_all(b"3e8\r\n").unwrap();
            stream.write_all(&part).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    // Far less room than there are chunks: none may be lost all the same.
    let host = with_limits(|limits| limits.progress_queued = 2);
    let script = "
        let bytes = 0, wrong = 0;
        const task = wx.request({url, enableChunked: true, success: (r) => ft.report({bytes, wrong, data: r.data})});
        task.onChunkReceived(({data}) => {
            for (const byte of new Uint8Array(data)) { if (byte !== Math.floor(bytes / 1000) % 256) wrong++; bytes++ }
        })";
    assert_eq!(run(&host, &web, script), json!({"bytes": 500_000, "wrong": 0, "data": ""}));
}

#[test]
fn f_m14_redirects_are_followed_unless_they_shall_not() {
    let web = Web::serve(|seen, stream| match seen.path.as_str() {
        "/loop" => respond(stream, "302 Found", &[("Location", "/loop")], b""),
        "/301" => respond(stream, "301 Moved Permanently", &[("Location", "/end")], b""),
        "/307" => respond(stream, "307 Temporary Redirect", &[("Location", "end")], b""),
        _ => respond(stream, "200 OK", &[], format!("{} {}", seen.method, seen.text()).as_bytes()),
    });
    let script = "
        const said = [];
        const post = {method: 'POST', data: 'body', dataType: 'text'};
        said.push((await call('request', {url: url + '/301', ...post}))[1].data);
        said.push((await call('request', {url: url + '/307', ...post}))[1].data);
        const manual = (await call('request', {url: url + '/301', redirect: 'manual'}))[1];
        said.push(manual.statusCode, manual.header.Location);
        said.push((await call('request', {url: url + '/loop'}))[1].errMsg);
        ft.report({said})";
    let expected = json!(["GET ", "POST body", 301, "/end", "request:fail too many redirects"]);
    assert_eq!(run(&host(), &web, script)["said"], expected);
}

#[test]
fn h_b21_secrets_stay_with_the_host_they_were_meant_for() {
    let target = mirror_of_secrets();
    let location = format!("{}/end", target.other_origin());
    let web = Web::serve(move |seen, stream| match seen.path.as_str() {
        "/away" => respond(stream, "302 Found", &[("Location", &location)], b""),
        "/near" => respond(stream, "302 Found", &[("Location", "/end")], b""),
        _ => respond(stream, "200 OK", &[], secrets_of(seen).as_bytes()),
    });
    let script = "
        const header = {Authorization: 'Bearer x', Cookie: 'a=1', 'X-Own': 'stays'};
        const near = (await call('request', {url: url + '/near', header}))[1].data;
        const away = (await call('request', {url: url + '/away', header}))[1].data;
        ft.report({near, away})";
    let expected = json!({"near": ["Bearer x", "a=1", "stays"], "away": [null, null, "stays"]});
    assert_eq!(run(&host(), &web, script), expected);
}

fn mirror_of_secrets() -> Web {
    Web::serve(|seen, stream| respond(stream, "200 OK", &[], secrets_of(seen).as_bytes()))
}

fn secrets_of(seen: &web::Seen) -> String {
    json!([seen.header("authorization"), seen.header("cookie"), seen.header("x-own")]).to_string()
}

#[test]
fn f_m14_a_root_of_the_host_is_trusted_and_an_unknown_one_is_not() {
    let (web, root) = Web::serve_tls(|_, stream| respond(stream, "200 OK", &[], b"\"safe\""));
    let script = "ft.report({said: await call('request', {url})})";
    let refused = run(&host(), &web, script);
    assert_eq!(refused["said"][1]["errMsg"], "request:fail the certificate is not trusted");
    assert_eq!(refused["said"][1]["errCode"], ErrorCode::Network.number());
    let mut config = config();
    config.network.root_certificates.push(root);
    config.debug = false;
    assert_eq!(run(&Host::with(config), &web, script)["said"][1]["data"], "safe");
}

#[test]
fn f_m14_a_proxy_of_the_host_is_asked_for_names_it_alone_knows() {
    let web = Web::serve(|seen, stream| respond(stream, "200 OK", &[], format!("\"{}\"", seen.path).as_bytes()));
    let network = NetworkConfig { proxy: Some(web.origin()), ..NetworkConfig::default() };
    let host = Host::with(Config { network, debug: true, ..Config::default() });
    let said = host
        .run("wx.request({url: 'http://inside.invalid/a', success: (r) => ft.report(r), fail: (r) => ft.report(r)})");
    assert_eq!(said["data"], "http://inside.invalid/a");
}

#[test]
fn f_m14_an_answer_over_the_limit_and_a_host_that_is_not_there_fail() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], &[b'1'; 5000]));
    let host = with_limits(|limits| limits.message_binary_bytes = 4096);
    let script = "
        const [, large] = await call('request', {url});
        const [, gone] = await call('request', {url: 'http://127.0.0.1:1/'});
        const [, bad] = await call('request', {url: 'no address'});
        const [, unnamed] = await call('request', {});
        const [, method] = await call('request', {url, method: 'CONNECT'});
        ft.report({said: [large, gone, bad, unnamed, method].map((r) => [r.errMsg, r.errCode, r.errno])})";
    let parameter = ErrorCode::Parameter.number();
    let expected = json!([
        ["request:fail the answer is too large", ErrorCode::TooLarge.number(), null],
        ["request:fail connection refused", ErrorCode::Network.number(), 600_001],
        ["request:fail invalid url", parameter, 600_009],
        ["request:fail parameter error: parameter.url should be String instead of Undefined;", parameter, null],
        ["request:fail parameter error: invalid request method;", parameter, null],
    ]);
    assert_eq!(run(&host, &web, script)["said"], expected);
}

#[test]
fn f_m14_closing_an_applet_ends_what_it_has_under_way() {
    let (sender, ended) = channel();
    let sender = Mutex::new(sender);
    let web = Web::serve(move |_, stream| {
        sender.lock().unwrap().send(stream.read(&mut [0]).unwrap_or(0)).unwrap_or_default();
    });
    let host = host();
    let applet = host.open("demo", &format!("wx.request({{url: '{}'}})", web.origin()));
    web.seen();
    applet.close();
    assert_eq!(next(&ended), 0);
}

#[test]
fn f_m17_can_i_use_knows_options_results_and_tasks_of_the_network() {
    let script = "
        const known = ['request', 'request.object.method', 'request.success.statusCode', 'RequestTask.abort', 'DownloadTask.onProgressUpdate',
            'uploadFile.object.formData', 'downloadFile.success.tempFilePath', 'SocketTask.send', 'connectSocket.object.protocols',
            'onSocketMessage', 'onSocketMessage.callback.data', 'sendSocketMessage.object.data', 'RequestTask'];
        const unknown = ['request.object.oops', 'RequestTask.oops', 'SocketTask.abort', 'request.return.data', 'onSocketOpen.object'];
        ft.report({no: known.filter((one) => !wx.canIUse(one)), yes: unknown.filter((one) => wx.canIUse(one))})";
    assert_eq!(Host::new().run(script), json!({"no": [], "yes": []}));
}

#[test]
fn f_m14_a_request_of_a_list_reaches_what_the_list_names() {
    let web = mirror();
    let host = host();
    let request =
        AppletRequest { app_id: "demo".to_owned(), request_domain: Some(vec![web.origin()]), ..Default::default() };
    let script = format!("wx.request({{url: '{}/a', complete: (r) => ft.report(r)}})", web.origin());
    host.open_with(request, &script).unwrap();
    assert_eq!(host.reported()["data"]["path"], "/a");
}
