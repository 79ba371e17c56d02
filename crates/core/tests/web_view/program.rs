//! The mini-program of these tests: pages that each hold a `<web-view>`, and report all that they hear of it.

use crate::support::{Folder, Host};
use finapp_core::{AppletClient, AppletRequest};
use serde_json::{Value, json};

/// Does what an event says, on the page that is seen.
const APP: &str = "ft.loadExtApi([{name: 'report'}])
App({ onShow({referrerInfo}) { this.from = referrerInfo } })
ft.onCustomEvent(({set, api, options, send, to}) => {
  const pages = getCurrentPages()
  if (set) pages[pages.length - 1].setData(set)
  else if (send) ft.report({returned: typeof ft.sendWebviewEvent(send, to === undefined ? undefined : pages[to])})
  else if (api) ft[api]({...options, complete: (result) => ft.report(result)})
  else ft.report({stack: pages.map(({route}) => route), from: getApp().from})
})";

/// Reports what it hears of its web page, and that it goes.
const PAGE: &str = "Page({
  data: {on: true, two: false, src: '', timeout: 0},
  onLoad({src}) { if (src) this.setData({src: decodeURIComponent(src)}) },
  heard({type, detail}) { ft.report({type, detail, page: this.route.slice(-1)}) },
  onUnload() { ft.report({type: 'onUnload', page: this.route.slice(-1)}) }
})";

const WXML: &str = "<view wx:if=\"{{on}}\"><web-view src=\"{{src}}\" timeout=\"{{timeout}}\" bindmessage=\"heard\"
  bindevent=\"heard\" bindload=\"heard\" binderror=\"heard\" bindtimeout=\"heard\" /></view>
<web-view wx:if=\"{{two}}\" id=\"second\" src=\"/web/second.html\" bindevent=\"heard\" />";

/// Pages a, b and c, of which `tabs` are in the tab bar. The first opens nothing until it is told.
pub fn folder(tabs: &[&str]) -> Folder {
    let folder = Folder::new();
    let path = |name: &&str| format!("pages/{name}/{name}");
    let names = ["a", "b", "c"];
    let tabs: Vec<Value> = tabs.iter().map(|tab| json!({"pagePath": path(tab), "text": tab})).collect();
    let pages: Vec<String> = names.iter().map(path).collect();
    folder.file("app.json", &json!({"pages": pages, "tabBar": {"list": tabs}}).to_string()).file("app.js", APP);
    for page in &pages {
        folder
            .file(&format!("{page}.js"), PAGE)
            .file(&format!("{page}.json"), "{}")
            .file(&format!("{page}.wxml"), WXML);
    }
    folder.file("web/index.html", "<!doctype html><title>a page</title>");
    folder
}

/// Starts it; `https://own.example` is its business domain.
pub fn start(host: &Host, app_id: &str) -> AppletClient {
    start_folder(host, app_id, folder(&[]))
}

pub fn start_folder(host: &Host, app_id: &str, folder: Folder) -> AppletClient {
    let mut request = AppletRequest::local(app_id, folder.path());
    request.web_view_domain = Some(vec!["https://own.example".to_owned()]);
    host.keep(folder);
    host.client.start_applet_and_wait(request).unwrap()
}

pub fn set(host: &Host, data: Value) {
    host.send("demo", json!({ "set": data }));
}

/// Calls a function of the mini-program's `ft`, and gives its result.
pub fn call(host: &Host, api: &str, options: Value) -> Value {
    host.send("demo", json!({ "api": api, "options": options }));
    host.reported()
}

/// The last letters of the pages on its stack.
pub fn stack(host: &Host) -> String {
    host.send("demo", json!({}));
    let told = host.reported();
    let routes = told["stack"].as_array().unwrap().iter().map(|route| route.as_str().unwrap());
    routes.filter_map(|route| route.chars().last()).collect()
}
