//! What the app says to a web page, as the page's engine reads it: the data arrives as it is, and is never code.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::bridge::Payload;
use finapp_core::h5::PageSession;
use finapp_core::{AppletRequest, Limits};
use rquickjs::{Context, Runtime};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use support::page_view::page_view;
use support::{Folder, Host};

/// A page, and an engine to run its scripts.
struct Page {
    _host: Host,
    session: Arc<PageSession>,
    scripts: Receiver<String>,
    context: Context,
}

impl Page {
    fn open() -> Self {
        let host = Host::new();
        let folder = Folder::new();
        folder.file("app.js", "App({})");
        let mut request = AppletRequest::local("demo", folder.path());
        request.web_view_domain = Some(vec!["https://own.example".to_owned()]);
        let applet = host.client.start_applet_and_wait(request).unwrap();
        let (view, scripts) = page_view();
        let session = applet.open_web_page(view).unwrap();
        session.committed("https://own.example/");
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        let library = "globalThis.window = globalThis; globalThis.ran = 0;
            window.FinChatJSBridge = { webSubscribeCallBackHandler: (...given) => { window.given = given } }";
        context.with(|ctx| ctx.eval::<(), _>(library)).unwrap();
        Self { _host: host, session, scripts, context }
    }

    /// What the page has when the app tells it of an event with this data: name and data, as JSON text of the page.
    fn told(&self, name: &str, data: &str) -> String {
        let data = Payload::parse(data.to_owned(), Vec::new(), &Limits::default()).unwrap();
        assert!(self.session.event(name, &data));
        let script = self.scripts.recv().unwrap();
        assert!(!script.contains(['\u{2028}', '\u{2029}', '<']), "{script}");
        self.context.with(|ctx| {
            ctx.eval::<(), _>(script.as_bytes()).unwrap();
            assert_eq!(ctx.eval::<i32, _>("ran").unwrap(), 0, "{script}");
            // Own members alone, prototypes as they are for every literal.
            let plain = "(function plain(v) {
                if (v === null || typeof v !== 'object') return true
                const is = Object.getPrototypeOf(v) === (Array.isArray(v) ? Array : Object).prototype
                return is && Object.keys(v).every(k => plain(Object.getOwnPropertyDescriptor(v, k).value))
            })(given[1])";
            assert!(ctx.eval::<bool, _>(plain).unwrap(), "{script}");
            ctx.eval::<String, _>("JSON.stringify(given.slice(0, 2))").unwrap()
        })
    }
}

const NASTY: &[&str] = &[
    "",
    "__proto__",
    "constructor",
    "</script><script>ran=1</script>",
    "<!--",
    "]]>",
    "\u{2028}",
    "\u{2029}ran=1",
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "${ran=1}",
    "*/ran=1/*",
    "//",
    "\0",
    "\n);ran=1;(",
    "\u{feff}",
    "\u{1f600}",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\t",
];

#[test]
fn h_b11_what_the_app_sends_arrives_as_it_is_and_runs_nothing() {
    let page = Page::open();
    for text in NASTY {
        let data = json!({ *text: text, "list": [text, { "__proto__": { *text: [text] } }] });
        let arrived: Value = serde_json::from_str(&page.told(text, &data.to_string())).unwrap();
        assert_eq!(arrived, json!([text, data]));
    }
    // Text that no writer of ours makes, but that a host may hand over.
    for data in [
        r#"{"\u005f_proto__":1,"a":{"_\u005Fproto__" : {"x":[]}}}"#,
        "{ \"__proto__\" \n : {\"__proto__\":null} }",
        r#"["\ud800","\udc00\ud800"]"#,
        r#"{"__proto__":1,"__proto__":2}"#,
        "-0.0e-1",
        "1e400",
        "1E+2",
        "true",
        "null",
        "\"\\u2028\"",
    ] {
        let wanted: String = page.context.with(|ctx| {
            ctx.globals().set("text", data).unwrap();
            ctx.eval("JSON.stringify(['x', JSON.parse(text)])").unwrap()
        });
        assert_eq!(page.told("x", data), wanted, "{data}");
    }
}

#[test]
fn h_b11_random_values_arrive_as_they_are() {
    let page = Page::open();
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15 ^ u64::from(std::process::id());
    println!("seed {random}");
    for _ in 0..2_000 {
        let data = value(&mut random, 4);
        let arrived: Value = serde_json::from_str(&page.told("x", &data.to_string())).unwrap();
        assert_eq!(arrived, json!(["x", data]));
    }
}

fn value(random: &mut u64, depth: u32) -> Value {
    let mut next = |below: u64| {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        *random % below
    };
    let kind = next(if depth == 0 { 4 } else { 6 });
    let mut text =
        || (0..next(4)).map(|_| NASTY[usize::try_from(next(NASTY.len() as u64)).unwrap()]).collect::<String>();
    match kind {
        0 => Value::Null,
        1 => json!(text().len() % 2 == 0),
        2 => json!(next(1_000_000)),
        3 => json!(text()),
        4 => (0..next(4)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let names: Vec<String> =
                (0..next(4)).map(|_| NASTY[usize::try_from(next(NASTY.len() as u64)).unwrap()].to_owned()).collect();
            names.into_iter().map(|name| (name, value(random, depth - 1))).collect::<Map<_, _>>().into()
        }
    }
}
