//! `wx.downloadFile` and `wx.uploadFile` against a real server: files of the applet as the ends of transfers.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

mod support;
#[path = "support/web.rs"]
mod web;

use finapp_core::{Config, ErrorCode, Limits, NetworkConfig};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use support::alone::until;
use support::{Folder, Host, next};
use web::{Web, respond};

fn kept(folder: &Folder, change: impl FnOnce(&mut Limits)) -> Host {
    let network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
    let mut config = Config { network, debug: true, data_dir: Some(folder.path().to_owned()), ..Config::default() };
    change(&mut config.limits);
    Host::with(config)
}

fn run(host: &Host, web: &Web, script: &str) -> Value {
    let url = web.origin();
    host.run(&format!(
        "const url = '{url}';
         const call = (api, options, hear) => new Promise((done) => {{
             const task = wx[api]({{...options, success: (r) => done(['success', r]), fail: (r) => done(['fail', r])}});
             if (hear) hear(task);
         }});
         (async () => {{ {script} }})()"
    ))
}

/// Every file below a folder that holds these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if std::fs::read(&path).unwrap() == bytes {
            found.push(path);
        }
    }
    found
}

#[test]
fn f_m14_a_download_becomes_a_file_that_can_be_uploaded_again() {
    let content: Vec<u8> = (0..700_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let served = content.clone();
    let web = Web::serve(move |seen, stream| match seen.method.as_str() {
        "GET" => respond(stream, "200 OK", &[("X-Own", "1")], &served),
        _ => respond(stream, "201 Created", &[], b"{\"kept\":true}"),
    });
    let folder = Folder::new();
    let host = kept(&folder, |_| {});
    let script = "
        const progress = {down: [], up: []};
        const headers = [];
        const [end, file] = await call('downloadFile', {url: url + '/a/picture.png?x=.exe'}, (task) => {
            task.onProgressUpdate((r) => progress.down.push(r));
            task.onHeadersReceived((r) => headers.push(r.header['X-Own']));
        });
        const formData = {'na\"me': 'va\\r\\nlue', number: 1};
        const [sent, answer] = await call('uploadFile', {url, filePath: file.tempFilePath, name: 'file', formData}, (task) => {
            task.onProgressUpdate((r) => progress.up.push(r));
        });
        const last = (list) => list[list.length - 1];
        const rising = (list, name) => list.every((r, at) => at === 0 || r[name] >= list[at - 1][name]);
        ft.report({end, headers, status: file.statusCode, path: file.tempFilePath, length: file.dataLength, sent,
            answer: [answer.statusCode, answer.data], down: last(progress.down), up: last(progress.up),
            rising: rising(progress.down, 'totalBytesWritten') && rising(progress.up, 'totalBytesSent')})";
    let report = run(&host, &web, script);
    assert_eq!(
        (&report["end"], &report["sent"], &report["rising"]),
        (&json!("success"), &json!("success"), &json!(true))
    );
    assert_eq!(
        (&report["status"], &report["length"], &report["headers"]),
        (&json!(200), &json!(700_000), &json!(["1"]))
    );
    let down = json!({"progress": 100, "totalBytesWritten": 700_000, "totalBytesExpectedToWrite": 700_000});
    assert_eq!(report["down"], down);
    assert_eq!(report["answer"], json!([201, "{\"kept\":true}"]));
    let path = report["path"].as_str().unwrap();
    assert!(path.starts_with("wxfile://") && path.ends_with(".png"), "{path}");
    assert_eq!(holding(folder.path(), &content).len(), 1);

    web.seen();
    let form = web.seen();
    let total = form.body.len();
    assert_eq!(report["up"], json!({"progress": 100, "totalBytesSent": total, "totalBytesExpectedToSend": total}));
    let kind = form.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let name = path.rsplit('/').next().unwrap();
    let mut expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"na%22me\"\r\n\r\nva\r\nlue\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"number\"\r\n\r\n1\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    expected.extend_from_slice(&content);
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(form.body == expected, "the form is not what was meant: {total} bytes, expected {}", expected.len());
}

#[test]
fn f_m14_a_download_goes_where_it_was_told_and_replaces_what_was_there() {
    let web = Web::serve(|seen, stream| respond(stream, "200 OK", &[], seen.path.as_bytes()));
    let folder = Folder::new();
    let host = kept(&folder, |_| {});
    let script = "
        const filePath = 'wxfile://usr/kept.txt';
        const [, first] = await call('downloadFile', {url: url + '/first', filePath});
        const [, second] = await call('downloadFile', {url: url + '/second', filePath});
        const [, denied] = await call('downloadFile', {url, filePath: 'wxfile://usr/../../../escape'});
        const [, elsewhere] = await call('downloadFile', {url, filePath: '/etc/passwd'});
        ft.report({first: [first.filePath, first.tempFilePath], second: second.filePath, failed: [denied.errMsg, elsewhere.errMsg]})";
    let report = run(&host, &web, script);
    assert_eq!(report["first"], json!(["wxfile://usr/kept.txt", null]));
    assert!(
        report["failed"].as_array().unwrap().iter().all(|text| text.as_str().unwrap().starts_with("downloadFile:fail"))
    );
    assert_eq!(holding(folder.path(), b"/first"), Vec::<PathBuf>::new());
    assert_eq!(holding(folder.path(), b"/second").len(), 1);
}

#[test]
fn f_m14_what_is_too_large_aborted_or_broken_leaves_no_file() {
    let (sender, going) = channel();
    let sender = Mutex::new(sender);
    let web = Web::serve(move |seen, stream| match seen.path.as_str() {
        "/long" => respond(stream, "200 OK", &[], &[7; 5000]),
        // More than was announced would be needed, and nothing more comes.
        "/broken" => drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n7777777")),
        "/endless" => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
            while stream.write_all(b"4\r\n7777\r\n").is_ok() {}
        }
        _ => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n7777777"));
            drop(stream.flush());
            sender.lock().unwrap().send(()).unwrap_or_default();
            drop(stream.read(&mut [0]));
        }
    });
    let folder = Folder::new();
    let host = kept(&folder, |limits| limits.download_bytes = 4096);
    let script = "
        const said = [];
        for (const path of ['/long', '/broken', '/endless']) said.push((await call('downloadFile', {url: url + path}))[1]);
        let end;
        ft.onCustomEvent(() => end.abort());
        said.push((await call('downloadFile', {url: url + '/abort'}, (task) => { end = task }))[1]);
        ft.report({said: said.map((r) => [r.errMsg, r.errCode])})";
    let url = web.origin();
    host.open(
        "demo",
        &format!(
            "const url = '{url}';
         const call = (api, options, hear) => new Promise((done) => {{
             const task = wx[api]({{...options, success: (r) => done(['success', r]), fail: (r) => done(['fail', r])}});
             if (hear) hear(task);
         }});
         (async () => {{ {script} }})()"
        ),
    );
    next(&going);
    host.send("demo", json!({}));
    let large = json!(["downloadFile:fail the file is too large", ErrorCode::TooLarge.number()]);
    let broken = json!(["downloadFile:fail connection closed", ErrorCode::Network.number()]);
    let aborted = json!(["downloadFile:fail abort", ErrorCode::Cancelled.number()]);
    assert_eq!(host.reported()["said"], json!([large, broken, large, aborted]));
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    drop(host);
    // The library keeps compiled code there, once it has come round to it.
    let is_code = |path: &PathBuf| path.starts_with(folder.path().join("_code"));
    // The file of the aborted one goes once the disk is through with it.
    until("no file is left", || files(folder.path()).iter().all(is_code));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn f_m14_an_upload_of_what_is_no_file_of_the_applet_fails_before_anything_is_sent() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b""));
    let folder = Folder::new();
    let host = kept(&folder, |_| {});
    let script = "
        const said = [];
        for (const filePath of ['/etc/passwd', 'wxfile://usr/../../../../etc/passwd', 'file:///etc/passwd', 'wxfile://missing', '', undefined]) {
            const [end, r] = await call('uploadFile', {url, filePath, name: 'file'});
            said.push([end, /passwd|No such file or directory/.test(r.errMsg) && r.errMsg]);
        }
        ft.report({said})";
    let report = run(&host, &web, script);
    for said in report["said"].as_array().unwrap() {
        assert_eq!(said, &json!(["fail", false]));
    }
    assert!(web.nothing_seen());
}
