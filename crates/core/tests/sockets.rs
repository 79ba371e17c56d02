//! `wx.connectSocket` against a real WebSocket server.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "what a test needs and does not get fails the test")]

mod support;
#[path = "support/web.rs"]
mod web;

use finapp_core::{Config, ErrorCode, NetworkConfig};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use support::{Host, next};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use web::{Web, echo, respond};

fn config() -> Config {
    let network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
    Config { network, debug: true, ..Config::default() }
}

fn host() -> Host {
    Host::with(config())
}

fn run(host: &Host, web: &Web, script: &str) -> Value {
    host.run(&format!("const url = '{}'; {script}", web.origin()))
}

#[test]
fn f_m14_text_and_bytes_go_both_ways_in_order() {
    let (sender, opened) = channel();
    let sender = Mutex::new(sender);
    let web = Web::sockets(move |seen, socket| {
        drop(sender.lock().unwrap().send(seen));
        echo(socket);
    });
    let script = "
        const said = [];
        const states = [];
        const task = wx.connectSocket({url: url + '/chat', protocols: ['one', 'two'], header: {'X-Own': 'yes', 'Sec-WebSocket-Key': 'mine'},
            success: (r) => said.push(r.errMsg)});
        states.push(task.readyState);
        task.onOpen((r) => {
            states.push(task.readyState);
            said.push(['open', typeof r.header]);
            task.send({data: 'text', success: (r) => said.push(r.errMsg)});
            task.send({data: new Uint8Array([0, 200]).buffer});
            task.send({data: 7, fail: (r) => said.push(r.errMsg)});
        });
        task.onMessage(({data}) => {
            if (typeof data === 'string') return said.push(data);
            said.push([...new Uint8Array(data)]);
            task.close({code: 3001, reason: 'done', success: (r) => said.push(r.errMsg)});
        });
        task.onClose((r) => { states.push(task.readyState); ft.report({said, states, end: r}) })";
    let report = run(&host(), &web, script);
    let seen = next(&opened);
    assert_eq!((seen.path.as_str(), seen.header("x-own"), seen.header("referer")), ("/chat", Some("yes"), None));
    assert_ne!(seen.header("sec-websocket-key"), Some("mine"));
    assert_eq!(report["states"], json!([0, 1, 3]));
    assert_eq!(report["end"], json!({"code": 3001, "reason": "done"}));
    let said = report["said"].as_array().unwrap();
    let wanted = [
        json!("connectSocket:ok"),
        json!(["open", "object"]),
        json!("sendSocketMessage:ok"),
        json!(
            "sendSocketMessage:fail parameter error: parameter.data should be String or ArrayBuffer instead of Number;"
        ),
        json!("text"),
        json!([0, 200]),
        json!("closeSocket:ok"),
    ];
    for one in &wanted {
        assert!(said.contains(one), "{one} is not among {said:?}");
    }
    assert_eq!(said.len(), wanted.len(), "{said:?}");
}

#[test]
fn f_m14_the_functions_of_wx_itself_mean_the_oldest_socket() {
    let web = Web::sockets(|_, socket| echo(socket));
    let script = "
        const said = [];
        wx.onSocketOpen(() => wx.sendSocketMessage({data: 'hello', success: (r) => said.push(r.errMsg)}));
        wx.onSocketMessage(({data}) => { said.push(data); wx.closeSocket() });
        wx.onSocketClose(({code}) => {
            said.push(code);
            wx.sendSocketMessage({data: 'late'}).catch((r) => ft.report({said: said.sort(), late: r.errMsg}));
        });
        wx.connectSocket({url})";
    let expected = json!({
        "said": [1000, "hello", "sendSocketMessage:ok"], "late": "sendSocketMessage:fail WebSocket is not connected",
    });
    assert_eq!(run(&host(), &web, script), expected);
}

#[test]
fn f_m14_the_other_ends_farewell_and_a_broken_connection_are_told() {
    let web = Web::sockets(|seen, mut socket| {
        if seen.path == "/polite" {
            drop(socket.send(Message::text("last")));
            drop(socket.close(Some(CloseFrame { code: 4001.into(), reason: "bye".into() })));
            while socket.read().is_ok() {}
        }
    });
    let script = "
        const ends = {};
        for (const path of ['/polite', '/rude']) {
            const said = ends[path] = [];
            const task = wx.connectSocket({url: url + path});
            task.onMessage(({data}) => said.push(data));
            task.onError(({errMsg}) => said.push(errMsg));
            task.onClose(({code, reason}) => { said.push(code, reason); if (++count === 2) ft.report(ends) });
        }
        var count = 0";
    let expected = json!({
        "/polite": ["last", 4001, "bye"],
        "/rude": ["connectSocket:fail connection closed", 1006, ""],
    });
    assert_eq!(run(&host(), &web, script), expected);
}

#[test]
fn f_m14_a_server_without_sockets_is_an_error_of_the_socket() {
    let web = Web::serve(|_, stream| respond(stream, "200 OK", &[], b"no sockets"));
    let script = "
        const said = [];
        const task = wx.connectSocket({url: url.replace('http', 'ws'), success: () => said.push('success')});
        task.onOpen(() => said.push('open'));
        task.onError(({errMsg}) => said.push(errMsg));
        task.onClose(({code}) => { said.push(code, task.readyState); ft.report({said}) })";
    let said = json!(["success", "connectSocket:fail the server does not take sockets there", 1006, 3]);
    assert_eq!(run(&host(), &web, script)["said"], said);
}

#[test]
fn f_m14_a_socket_over_the_limit_is_refused_and_an_ended_one_makes_room() {
    let web = Web::sockets(|_, socket| echo(socket));
    let mut config = config();
    config.limits.sockets = 2;
    let script = "
        const first = wx.connectSocket({url});
        wx.connectSocket({url});
        wx.connectSocket({url, success: () => ft.report({third: 'success'}), fail: ({errMsg, errCode}) => {
            first.close();
            first.onClose(() => wx.connectSocket({url, complete: (r) => ft.report({errMsg, errCode, again: r.errMsg})}));
        }})";
    let expected = json!({
        "errMsg": "connectSocket:fail too many sockets", "errCode": ErrorCode::Limit.number(), "again": "connectSocket:ok",
    });
    assert_eq!(run(&Host::with(config), &web, script), expected);
}

#[test]
fn f_m14_no_message_is_lost_by_a_program_that_is_slow() {
    let web = Web::sockets(|_, mut socket| {
        for at in 0..2_000 {
            socket.send(Message::text(at.to_string())).unwrap();
        }
        drop(socket.close(None));
        while socket.read().is_ok() {}
    });
    let mut config = config();
    config.limits.progress_queued = 2;
    let script = "
        let next = 0, wrong = 0;
        const task = wx.connectSocket({url});
        task.onMessage(({data}) => { if (+data !== next++) wrong++ });
        task.onClose(() => ft.report({next, wrong}))";
    assert_eq!(run(&Host::with(config), &web, script), json!({"next": 2000, "wrong": 0}));
}

#[test]
fn f_m14_closing_an_applet_ends_its_sockets() {
    let (sender, ended) = channel();
    let sender = Mutex::new(sender);
    let web = Web::sockets(move |_, mut socket| {
        while socket.read().is_ok() {}
        sender.lock().unwrap().send(()).unwrap_or_default();
    });
    let host = host();
    let script = format!("wx.connectSocket({{url: '{}'}}).onOpen(() => ft.report({{}}))", web.origin());
    let applet = host.open("demo", &script);
    host.reported();
    applet.close();
    next(&ended);
}

#[test]
fn f_m14_a_socket_over_tls_opens_with_a_root_of_the_host() {
    // What the server says is no handshake; that it can be said at all shows that both ends agreed on the connection.
    let (web, root) = Web::serve_tls(|_, stream| respond(stream, "200 OK", &[], b""));
    let mut config = config();
    config.network.root_certificates.push(root);
    let script = "wx.connectSocket({url: url.replace('https', 'wss')}).onError(({errMsg}) => ft.report({errMsg}))";
    let expected = json!({"errMsg": "connectSocket:fail the server does not take sockets there"});
    assert_eq!(run(&Host::with(config), &web, script), expected);
    assert_eq!(web.seen().header("upgrade"), Some("websocket"));
}
