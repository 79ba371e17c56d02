//! The mini-program of these tests: pages that each hold a `<web-view>`, with pages of its own package in them.

use crate::support::{LIBRARY, Stage, library, next, payload};
use finapp_chromium::{ChromiumViews, Page};
use finapp_core::bridge::HostCall;
use finapp_core::{AppletClient, CloseReason, LifeCycleEvent};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

/// Reports what its pages hear, and sends what the host says.
const APP: &str = "ft.loadExtApi([{ name: 'report' }])
App({ onShow({ referrerInfo }) { this.from = referrerInfo } })
ft.onCustomEvent(({ send }) => send ? ft.sendWebviewEvent(send) : ft.report({ from: getApp().from }))";

const PAGE: &str = "Page({
  data: { src: '', timeout: 60000 },
  onLoad({ src, timeout }) {
    this.setData({ src: src ? decodeURIComponent(src) : '/web/index.html', timeout: Number(timeout ?? 60000) })
  },
  heard({ type, detail }) { ft.report({ type, detail, route: this.route }) }
})";

const WXML: &str = "<web-view src=\"{{src}}\" timeout=\"{{timeout}}\" bindload=\"heard\" binderror=\"heard\"
  bindmessage=\"heard\" bindevent=\"heard\" bindtimeout=\"heard\" />";

/// Keeps the events of the platform. `told` calls a function with all three callbacks and gives what they were given.
const HTML: &str = "<!doctype html><title>mine</title><script src=/web/jssdk.js></script><script>
globalThis.events = []
for (const name of ['onShow', 'onHide', 'onUnload', 'onWebviewEvent']) {
  ft.miniProgram[name]((event) => events.push([name, event]))
}
globalThis.told = (call, options) => new Promise((done) => {
  const heard = []
  const hear = (name) => (result) => { heard.push([name, result]); if (name === 'complete') done(heard) }
  call({ ...options, success: hear('success'), fail: hear('fail'), complete: hear('complete') })
})
</script>";

const MODULE: &str = "<!doctype html><script type=module>
import imported from './jssdk.mjs'
globalThis.imported = imported
imported.getAppletInfo({ complete: ({ errMsg }) => { globalThis.answer = errMsg } })
</script>";

/// Speaks as the library does, without it: keeps the secrets of calls into the page, and answers none.
const RAW: &str = "<!doctype html><script>
globalThis.asked = []
let last = 0
globalThis.say = (name, params) => FinChatJSCore.webInvokeHandler(name, JSON.stringify(params), last += 1)
globalThis.FinChatJSBridge = {
  webInvokeCallbackHandler(id, result, stamp) {
    if (id !== 1) return
    say('finapp.accept', { version: 1, token: stamp.token, features: ['reply'] })
    globalThis.accepted = true
  },
  webSubscribeCallBackHandler: (name, data, page, report, stamp) => {
    if (name === 'f') asked.push(stamp.call)
  },
}
say('initPage', {})
</script>";

/// A mini-program, and what is shown of it.
pub struct Program {
    pub stage: Stage,
    pub applet: AppletClient,
    pub pages: Receiver<Arc<Page>>,
    pub reports: Receiver<Value>,
    closed: Receiver<(String, CloseReason)>,
}

impl Program {
    pub fn new() -> Self {
        let stage = Stage::new();
        let (shown, pages) = channel();
        let shown = Mutex::new(shown);
        let opened = move |page: finapp_chromium::Result<_>| drop(shown.lock().unwrap().send(page.unwrap()));
        stage.client.set_web_views(Some(ChromiumViews::new(stage.browser.clone(), opened)));
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let report = move |call: HostCall| {
            let told = serde_json::from_str(call.params.text()).unwrap();
            sender.lock().unwrap().send(told).unwrap_or_default();
            call.reply.success_text("{}".to_owned());
        };
        stage.client.register_custom_api("report", report).unwrap();
        let (sender, closed) = channel();
        let sender = Mutex::new(sender);
        stage.client.on_life_cycle(Some(Arc::new(move |event: &LifeCycleEvent| {
            if let LifeCycleEvent::Closed { app_id, reason } = event {
                sender.lock().unwrap().send((app_id.clone(), reason.clone())).unwrap_or_default();
            }
        })));
        let applet = start(&stage, "program");
        Self { stage, applet, pages, reports, closed }
    }

    /// Another mini-program with the same pages.
    pub fn start(&self, app_id: &str) -> AppletClient {
        start(&self.stage, app_id)
    }

    /// The first page, seen and ready.
    pub fn first(&self) -> Arc<Page> {
        self.shown("/web/index.html", "pages/a/a")
    }

    /// The page that is shown next, when its document is there and the mini-program has heard of that.
    pub fn shown(&self, path: &str, route: &str) -> Arc<Page> {
        self.shown_of(&self.applet, path, route)
    }

    pub fn shown_of(&self, applet: &AppletClient, path: &str, route: &str) -> Arc<Page> {
        let page = next(&self.pages);
        page.wait_for_load(1).unwrap();
        let src = format!("{}{path}", applet.web_origin());
        assert_eq!(next(&self.reports), json!({"type": "load", "detail": {"src": src}, "route": route}));
        page
    }

    pub fn send(&self, data: &Value) {
        self.custom("program", &json!({ "send": data }));
    }

    /// Who led to a mini-program, as its `onShow` heard.
    pub fn from(&self, app_id: &str) -> Value {
        self.custom(app_id, &json!({}));
        next(&self.reports)["from"].take()
    }

    fn custom(&self, app_id: &str, data: &Value) {
        self.stage.client.send_custom_event(app_id, payload(data)).unwrap();
    }

    /// The last letters of the pages on the stack.
    pub fn stack(&self) -> String {
        let (sender, seen) = channel();
        self.applet.pages(move |stack| drop(sender.send(stack)));
        let stack: Value = serde_json::from_str(&next(&seen).unwrap()).unwrap();
        let last = |page: &Value| page["path"].as_str().and_then(|path| path.chars().last());
        stack.as_array().unwrap().iter().filter_map(last).collect()
    }

    /// Which mini-program has closed, and why.
    pub fn closed(&self) -> (String, CloseReason) {
        next(&self.closed)
    }
}

fn start(stage: &Stage, app_id: &str) -> AppletClient {
    let names = ["a", "b", "c", "d"].map(|name| format!("pages/{name}/{name}"));
    let tabs: Vec<Value> = [&names[0], &names[3]].map(|path| json!({"pagePath": path, "text": path})).into();
    let mut files = vec![
        ("app.json".to_owned(), json!({"pages": names, "tabBar": {"list": tabs}}).to_string()),
        ("app.js".to_owned(), APP.to_owned()),
    ];
    for page in &names {
        for (extension, text) in [("js", PAGE), ("json", "{}"), ("wxml", WXML)] {
            files.push((format!("{page}.{extension}"), text.to_owned()));
        }
    }
    for page in ["index", "next", "quick", "last"] {
        files.push((format!("web/{page}.html"), HTML.to_owned()));
    }
    files.push(("web/module.html".to_owned(), MODULE.to_owned()));
    files.push(("web/raw.html".to_owned(), RAW.to_owned()));
    files.push(("web/bare.html".to_owned(), "<!doctype html><title>bare</title>".to_owned()));
    for file in LIBRARY {
        files.push((format!("web/{file}"), library(file).to_owned()));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    stage.start_with(app_id, &[], &files)
}

/// Calls a function of the page's `ft` and gives what its callbacks were told.
pub fn told(page: &Page, function: &str, options: &Value) -> Value {
    page.evaluate(&format!("told(ft.{function}, {options})")).unwrap()
}

/// The same for a call that fails, of which each callback hears the same: its `errMsg`.
pub fn failure(page: &Page, function: &str, options: &Value) -> String {
    let heard = told(page, function, options);
    let result = &heard[0][1];
    assert_eq!(heard, json!([["fail", result], ["complete", result]]));
    assert!(result["errCode"].is_number(), "{result}");
    result["errMsg"].as_str().unwrap().to_owned()
}

/// What callbacks hear of a call that went well.
pub fn success(result: &Value) -> Value {
    json!([["success", result], ["complete", result]])
}

/// The same for one that has nothing more to tell.
pub fn done(name: &str) -> Value {
    success(&json!({"errMsg": format!("{name}:ok")}))
}

/// Calls a function that takes the page away: there is no answer.
pub fn leave(page: &Page, call: &str) {
    page.evaluate(&format!("void setTimeout(() => ft.{call})")).unwrap();
    page.wait_until_closed().unwrap();
}

/// The events that a page has heard so far, from the first on, when there are so many.
pub fn events(page: &Page, count: usize) -> Value {
    page.wait_for(&format!("events.length >= {count}")).unwrap();
    page.evaluate("events").unwrap()
}
