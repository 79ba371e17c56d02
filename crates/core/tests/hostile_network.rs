//! Row B21: a mini-program that wants to reach what it was not given.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

mod support;
#[path = "support/web.rs"]
mod web;

use finapp_core::{AppletRequest, Config, ErrorCode, NetworkConfig};
use serde_json::{Value, json};
use support::Host;
use web::{Web, respond};

fn private_allowed() -> Config {
    let network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
    Config { network, ..Config::default() }
}

fn lists(list: Vec<String>) -> AppletRequest {
    let list = Some(list);
    AppletRequest {
        app_id: "demo".to_owned(),
        request_domain: list.clone(),
        download_domain: list.clone(),
        upload_domain: list,
        ..AppletRequest::default()
    }
}

/// What each of the calls `[api, url]` ends with.
fn ends(host: &Host, request: AppletRequest, calls: &Value) -> Vec<Value> {
    let script = format!(
        "(async () => {{
            const said = [];
            for (const [api, url] of {calls}) {{
                said.push(await new Promise((done) => {{
                    const task = wx[api]({{url, filePath: 'wxfile://usr/a', name: 'a',
                        success: (r) => {{ if (api !== 'connectSocket') done('success') }}, fail: done}});
                    if (api === 'connectSocket') task.onError(done);
                }}));
            }}
            ft.report({{said}});
        }})()"
    );
    host.open_with(request, &script).unwrap();
    host.reported()["said"].as_array().unwrap().clone()
}

fn assert_denied(said: &Value, api: &str, what: &str) {
    let expected = json!({"errMsg": format!("{api}:fail url not in domain list"), "errCode": ErrorCode::Denied.number(), "errno": 600_002});
    assert_eq!(said, &expected, "{what}");
}

fn assert_all_denied(host: &Host, request: AppletRequest, calls: &Value) {
    let said = ends(host, request, calls);
    for (call, said) in calls.as_array().unwrap().iter().zip(&said) {
        assert_denied(said, call[0].as_str().unwrap(), &call.to_string());
    }
    assert_eq!(said.len(), calls.as_array().unwrap().len());
}

#[test]
fn h_b21_what_no_list_names_is_denied_for_every_kind() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"secret"));
    let host = Host::with(private_allowed());
    let (listed, other) = (web.origin(), web.other_origin());
    let mut request = lists(vec![listed.clone()]);
    request.socket_domain = Some(vec![listed.replace("http", "ws")]);
    let mut calls = Vec::new();
    for api in ["request", "downloadFile", "uploadFile"] {
        for url in
            [&*other, "https://evil.example/", "file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,a", "blob:x"]
        {
            calls.push(json!([api, url]));
        }
    }
    for url in [&*other.replace("http", "ws"), "wss://evil.example/", "file:///etc/passwd", &*listed] {
        calls.push(json!(["connectSocket", url]));
    }
    assert_all_denied(&host, request, &json!(calls));
    assert!(web.nothing_seen());
}

#[test]
fn h_b21_private_addresses_are_denied_although_a_list_names_them() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"secret"));
    let port = web.port;
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
        "localhost",
        "LOCALHOST",
    ];
    let origins: Vec<String> = hosts.iter().map(|host| format!("http://{host}:{port}")).collect();
    let mut request = lists(origins.clone());
    request.socket_domain = Some(origins.iter().map(|origin| origin.replace("http", "ws")).collect());
    let calls: Vec<Value> = origins.iter().map(|origin| json!(["request", origin])).collect();
    assert_all_denied(&Host::new(), request.clone(), &json!(calls));
    let calls = json!([
        ["downloadFile", origins[0]],
        ["uploadFile", origins[0]],
        ["connectSocket", origins[0].replace("http", "ws")]
    ]);
    assert_all_denied(&Host::new(), request.clone(), &calls);
    // A name that leads to this device is found out only when it is looked up: the socket has begun by then.
    let local = format!("ws://localhost:{port}");
    let said = ends(&Host::new(), request, &json!([["connectSocket", local]]));
    assert_eq!(said, [json!({"errMsg": "connectSocket:fail url not in domain list"})]);
    assert!(web.nothing_seen());
}

#[test]
fn h_b21_a_redirect_is_checked_like_the_first_address() {
    let other = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"secret"));
    let targets = [
        format!("{}/", other.origin()),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "data:text/plain,a".to_owned(),
        format!("//localhost:{}/", other.port),
    ];
    let served = targets.clone();
    let web = Web::serve(move |seen, stream| {
        let at: usize = seen.path.trim_start_matches("/to/").parse().unwrap_or(0);
        // The second hop leads away: the first is to a place that is allowed.
        let location =
            if seen.path.starts_with("/via/") { seen.path.replace("/via/", "/to/") } else { served[at].clone() };
        respond(stream, "302 Found", &[("Location", &location)], b"");
    });
    let mut calls = Vec::new();
    for api in ["request", "downloadFile"] {
        for at in 0..targets.len() {
            calls.push(json!([api, format!("{}/to/{at}", web.origin())]));
            calls.push(json!([api, format!("{}/via/{at}", web.origin())]));
        }
    }
    assert_all_denied(&Host::with(private_allowed()), lists(vec![web.origin()]), &json!(calls));
    assert!(other.nothing_seen());
}

#[test]
fn h_b21_a_redirect_to_a_private_address_is_denied() {
    // The proxy stands for the internet: it answers for a public name, with a redirect into the private network.
    let secret = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"secret"));
    let location = format!("{}/", secret.origin());
    let proxy = Web::serve(move |_, stream| respond(stream, "307 Temporary Redirect", &[("Location", &location)], b""));
    let network = NetworkConfig { proxy: Some(proxy.origin()), ..NetworkConfig::default() };
    let host = Host::with(Config { network, ..Config::default() });
    let list = vec!["http://public.example".to_owned(), secret.origin()];
    assert_all_denied(
        &host,
        lists(list),
        &json!([["request", "http://public.example/"], ["downloadFile", "http://public.example/"]]),
    );
    assert_eq!(proxy.seen().path, "http://public.example/");
    assert!(secret.nothing_seen());
}

#[test]
fn h_b21_without_a_list_released_programs_need_a_safe_connection() {
    let calls = json!([
        ["request", "http://public.example/"],
        ["downloadFile", "http://public.example/"],
        ["connectSocket", "ws://public.example/"]
    ]);
    let request = AppletRequest { app_id: "demo".to_owned(), ..AppletRequest::default() };
    let host = Host::with(private_allowed());
    assert_all_denied(&host, request, &calls);
}

#[test]
fn h_b21_skipping_the_check_counts_in_development_alone() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"1"));
    let calls = json!([["request", web.origin()]]);
    let mut request = lists(Vec::new());
    request.skip_domain_check = true;
    assert_all_denied(&Host::with(private_allowed()), request.clone(), &calls);
    let debug = Host::with(Config { debug: true, ..private_allowed() });
    assert_eq!(ends(&debug, request.clone(), &calls), [json!("success")]);
    request.app_info.version_type = Some(finapp_core::VersionType::Develop);
    assert_eq!(ends(&Host::with(private_allowed()), request, &calls), [json!("success")]);
}

#[test]
fn h_b21_app_json_widens_nothing() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"1"));
    let folder = support::Folder::new();
    let url = web.origin();
    folder.file("app.json", &json!({"requestDomain": [url], "skipDomainCheck": true}).to_string()).file(
        "app.js",
        &format!("ft.loadExtApi([{{name: 'report'}}]); wx.request({{url: '{url}', complete: (r) => ft.report(r)}})"),
    );
    let host = Host::with(private_allowed());
    let mut request = lists(vec!["https://other.example".to_owned()]);
    request.offline_library_path = Some(folder.path().to_owned());
    host.client.start_applet_and_wait(request).unwrap();
    assert_denied(&host.reported(), "request", "app.json");
    assert!(web.nothing_seen());
}

#[test]
fn h_b21_a_list_with_an_entry_that_is_no_origin_is_refused_at_the_start() {
    let host = Host::new();
    let error = host.open_with(lists(vec!["https://a.example/path".to_owned()]), "").err().unwrap();
    assert_eq!(error.code(), ErrorCode::Parameter);
    assert!(error.message().starts_with("requestDomain[0]: "), "{error}");
}
