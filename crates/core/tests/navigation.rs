//! Pages through the whole of it: a package with pages, its own JavaScript, and the order of what it hears.
#![cfg(feature = "components")]
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletClient, AppletRequest, ErrorCode, LifeCycleEvent, Result, Route, StartParams};
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use support::{Folder, Host, PATIENCE};

/// What every page of these tests is: it notes each hook, with its name in front.
const PAGE: &str = "const name = __wxRoute.split('/').pop()
const note = (what) => getApp().notes.push(`${name}.${what}`)
Page({
  data: {name},
  onLoad(query) { note('onLoad' + (Object.keys(query).length ? JSON.stringify(query) : '')) },
  onShow() { note('onShow') }, onReady() { note('onReady') }, onHide() { note('onHide') }, onUnload() { note('onUnload') },
  onRouteDone() { note('onRouteDone') }, onPullDownRefresh() { note('onPullDownRefresh') }
})";

/// Notes what the App hears; does what an event says, and reports the notes since the last report.
const APP: &str = "ft.loadExtApi([{name: 'report'}])
App({
  notes: [],
  onLaunch({path}) { this.notes.push('App.onLaunch ' + path + ' ' + getCurrentPages().length) },
  onShow() { this.notes.push('App.onShow') }, onHide() { this.notes.push('App.onHide') },
  onPageNotFound({path, isEntryPage}) { this.notes.push(`App.onPageNotFound ${path} ${isEntryPage}`) }
})
const told = () => ({notes: getApp().notes.splice(0).join(' '), stack: getCurrentPages().map(({route}) => route.split('/').pop()).join(' ')})
ft.onCustomEvent(({api, options}) => api
  ? wx[api]({...options, complete: ({errMsg}) => { getApp().notes.push(errMsg); ft.report(told()) }})
  : ft.report(told()))";

fn package(pages: &[&str], tabs: &[&str]) -> Folder {
    let folder = Folder::new();
    let paths: Vec<String> = pages.iter().map(|name| format!("pages/{name}/{name}")).collect();
    let tabs: Vec<Value> =
        tabs.iter().map(|name| json!({"pagePath": format!("pages/{name}/{name}"), "text": name})).collect();
    folder.file("app.json", &json!({"pages": paths, "tabBar": {"list": tabs}}).to_string()).file("app.js", APP);
    for path in &paths {
        folder.file(&format!("{path}.js"), PAGE).file(&format!("{path}.json"), "{}");
        folder.file(&format!("{path}.wxml"), "<view id=\"name\">{{name}}</view>");
    }
    folder
}

fn go(host: &Host, api: &str, options: Value) -> (String, String) {
    host.send("demo", json!({"api": api, "options": options}));
    told(host)
}

fn notes(host: &Host) -> String {
    host.send("demo", json!({}));
    told(host).0
}

fn told(host: &Host) -> (String, String) {
    let told = host.reported();
    (told["notes"].as_str().unwrap().to_owned(), told["stack"].as_str().unwrap().to_owned())
}

fn url(name: &str) -> Value {
    json!({"url": format!("/pages/{name}/{name}")})
}

/// What a question about pages is answered with.
fn asked<T: Send + 'static>(ask: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) -> Result<T> {
    let (sender, receiver) = channel();
    ask(Box::new(move |answer| drop(sender.send(answer))));
    receiver.recv_timeout(PATIENCE).unwrap()
}

fn tree(applet: &AppletClient) -> Value {
    serde_json::from_str(&asked(|seen| applet.page_tree(None, seen)).unwrap()).unwrap()
}

#[test]
fn f_m12_a_cold_start_runs_app_and_first_page_in_their_order() {
    let host = Host::new();
    host.open_folder("demo", package(&["a", "b"], &[])).unwrap();
    assert_eq!(notes(&host), "App.onLaunch pages/a/a 0 App.onShow a.onLoad a.onShow a.onReady a.onRouteDone");
}

#[test]
fn f_m12_the_start_parameters_name_the_first_page_and_its_query() {
    let host = Host::new();
    let folder = package(&["a", "b"], &[]);
    let mut request = AppletRequest::local("demo", folder.path());
    let path = Some("/pages/b/b.html?x=1".to_owned());
    request.start_params = Some(StartParams { path, query: Some("y=%20".to_owned()) });
    host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(
        notes(&host),
        r#"App.onLaunch pages/b/b 0 App.onShow b.onLoad{"x":"1","y":"%20"} b.onShow b.onReady b.onRouteDone"#
    );
}

#[test]
fn f_m15_each_navigation_runs_its_hooks_and_then_its_callbacks() {
    let host = Host::new();
    host.open_folder("demo", package(&["c", "d"], &[])).unwrap();
    notes(&host);
    let gone = go(&host, "navigateTo", json!({"url": "../d/d?id=7"}));
    let expected = r#"c.onHide d.onLoad{"id":"7"} d.onShow d.onReady d.onRouteDone navigateTo:ok"#;
    assert_eq!(gone, (expected.to_owned(), "c d".to_owned()));
    let back = go(&host, "navigateBack", json!({}));
    assert_eq!(back, ("d.onUnload c.onShow c.onRouteDone navigateBack:ok".to_owned(), "c".to_owned()));
    let instead = go(&host, "redirectTo", url("d"));
    let expected = "c.onUnload d.onLoad d.onShow d.onReady d.onRouteDone redirectTo:ok";
    assert_eq!(instead, (expected.to_owned(), "d".to_owned()));
    go(&host, "navigateTo", url("c"));
    let anew = go(&host, "reLaunch", url("c"));
    let expected = "c.onUnload d.onUnload c.onLoad c.onShow c.onReady c.onRouteDone reLaunch:ok";
    assert_eq!(anew, (expected.to_owned(), "c".to_owned()));
}

#[test]
fn f_m15_tab_pages_stay_alive_while_others_are_seen() {
    let host = Host::new();
    host.open_folder("demo", package(&["a", "b", "c"], &["a", "b"])).unwrap();
    notes(&host);
    let (first, _) = go(&host, "switchTab", url("b"));
    assert_eq!(first, "a.onHide b.onLoad b.onShow b.onReady b.onRouteDone switchTab:ok");
    let (again, _) = go(&host, "switchTab", url("a"));
    assert_eq!(again, "b.onHide a.onShow a.onRouteDone switchTab:ok");
    go(&host, "navigateTo", url("c"));
    let (from_above, stack) = go(&host, "switchTab", url("b"));
    assert_eq!((from_above.as_str(), stack.as_str()), ("c.onUnload b.onShow b.onRouteDone switchTab:ok", "b"));
}

#[test]
fn f_m15_refusals_change_nothing_and_say_why() {
    let host = Host::with_limits(|limits| limits.pages_open = 2);
    host.open_folder("demo", package(&["a", "c", "d"], &["a"])).unwrap();
    go(&host, "reLaunch", url("c"));
    for (api, options, expected) in [
        ("navigateTo", url("a"), "navigateTo:fail can not navigateTo a tabbar page"),
        ("redirectTo", url("a"), "redirectTo:fail can not redirectTo a tabbar page"),
        ("navigateBack", json!({}), "navigateBack:fail cannot navigate back at first page"),
        ("navigateTo", json!({"url": "/pages/x/x"}), "navigateTo:fail page \"pages/x/x\" is not found"),
        (
            "navigateTo",
            json!({}),
            "navigateTo:fail parameter error: parameter.url should be String instead of Undefined;",
        ),
    ] {
        assert_eq!(go(&host, api, options), (expected.to_owned(), "c".to_owned()));
    }
    go(&host, "navigateTo", url("d"));
    assert_eq!(go(&host, "navigateTo", url("c")).0, "navigateTo:fail webview count limit exceed");
}

#[test]
fn f_m15_navigations_at_once_are_carried_out_one_after_another() {
    let host = Host::new();
    let folder = package(&["c", "d"], &[]);
    host.open_folder("demo", folder).unwrap();
    notes(&host);
    // Three in a row from one turn: none is lost, and each sees the stack that the one before left.
    for target in ["d", "c", "d"] {
        host.send("demo", json!({"api": "navigateTo", "options": url(target)}));
    }
    let stacks: Vec<String> = (0..3).map(|_| told(&host).1).collect();
    assert_eq!(stacks.last().unwrap(), "c d c d");
}

#[test]
fn f_m12_background_and_foreground_reach_page_and_app_in_their_order() {
    let host = Host::new();
    host.open_folder("demo", package(&["a"], &[])).unwrap();
    notes(&host);
    host.client.set_background("demo").unwrap();
    host.event(|event| matches!(event, LifeCycleEvent::Background { .. }).then_some(()));
    host.client.set_foreground("demo").unwrap();
    host.event(|event| matches!(event, LifeCycleEvent::Foreground { .. }).then_some(()));
    assert_eq!(notes(&host), "a.onHide App.onHide App.onShow a.onShow");
}

#[test]
fn f_m18_a_start_at_a_page_that_is_not_there_is_told_to_the_app_and_the_host() {
    let host = Host::new();
    let folder = package(&["a"], &[]);
    let mut request = AppletRequest::local("demo", folder.path());
    request.start_params = Some(StartParams { path: Some("pages/gone".to_owned()), query: None });
    host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(notes(&host), "App.onLaunch pages/gone 0 App.onShow App.onPageNotFound pages/gone true");
    let error = host.event(|event| match event {
        LifeCycleEvent::Error { error, .. } => Some(error.clone()),
        _ => None,
    });
    assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "page \"pages/gone\" is not found"));
    // The applet goes on, and can be sent somewhere.
    assert_eq!(go(&host, "redirectTo", url("a")).1, "a");
}

#[test]
fn h_d8_a_page_that_does_not_load_names_file_and_line_and_the_page_below_is_seen_again() {
    let host = Host::new();
    let folder = package(&["a", "b", "c"], &[]);
    folder
        .file("pages/b/b.js", "Page({})\nconst broken = (")
        .file("pages/c/c.js", "\n\nthrow new Error('no page today')");
    host.open_folder("demo", folder).unwrap();
    notes(&host);
    for (name, place) in [("b", "pages/b/b.js"), ("c", "pages/c/c.js")] {
        let (said, stack) = go(&host, "navigateTo", url(name));
        assert!(said.starts_with("a.onHide a.onShow navigateTo:fail "), "{said}");
        assert_eq!(stack, "a");
        let error = host.event(|event| match event {
            LifeCycleEvent::Error { error, .. } if error.message().contains(place) => Some(error.clone()),
            _ => None,
        });
        assert!(error.message().contains(place), "{error}");
    }
}

#[test]
fn a_host_sees_the_pages_and_moves_them() {
    let host = Host::new();
    let applet = host.open_folder("demo", package(&["a", "b"], &[])).unwrap();
    let stack = asked(|seen| applet.pages(seen)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&stack).unwrap(), json!([{"id": 1, "path": "pages/a/a"}]));
    asked(|arrived| applet.navigate(Route::To("/pages/b/b".to_owned()), arrived)).unwrap();
    assert_eq!(applet.top_page().0, 2);
    assert!(tree(&applet).to_string().contains(r#""id":"name""#), "{}", tree(&applet));
    let data = asked(|seen| applet.page_data(None, seen)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&data).unwrap(), json!({"name": "b"}));
    notes(&host);
    asked(|seen| applet.page_hook("onPullDownRefresh", "{}", seen)).unwrap();
    assert_eq!(notes(&host), "b.onPullDownRefresh");
    let refused = asked(|seen| applet.page_hook("constructor", "{}", seen)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Parameter);
    let refused = asked(|arrived| applet.navigate(Route::Tab("/pages/a/a".to_owned()), arrived)).unwrap_err();
    assert_eq!(refused.message(), "can not switch to no-tabBar page");
}

#[test]
fn f_m12_a_view_is_told_of_the_whole_page_first_and_then_of_changes_in_their_order() {
    let host = Host::new();
    let folder = package(&["a"], &[]);
    folder.file("pages/a/a.wxml", "<view bindtap=\"count\">{{n}}</view>");
    folder.file("pages/a/a.js", "Page({data: {n: 0}, count() { this.setData({n: this.data.n + 1}) }})");
    let applet = host.open_folder("demo", folder).unwrap();
    asked(|seen| applet.watch_page(None, true, seen)).unwrap();
    let changes = || -> Value { serde_json::from_str(&asked(|seen| applet.page_changes(seen)).unwrap()).unwrap() };
    let first = changes();
    assert!(first["lost"] == json!(false) && first["pages"][0]["changes"].to_string().contains("\"0\""), "{first}");
    for n in ["1", "2"] {
        assert_eq!(asked(|seen| applet.page_event("view", "tap", "{}", seen)).unwrap(), "true");
        let told = changes();
        let texts = told["pages"].to_string();
        assert!(texts.contains(&format!("\"{n}\"")) && told["pages"][0]["id"] == json!(1), "{told}");
    }
    assert_eq!(changes(), json!({"lost": false, "pages": []}), "nothing is told twice");
}

#[test]
fn f_h13_the_back_gesture_goes_back_one_page_and_closes_on_the_first() {
    let host = Host::new();
    host.open_folder("demo", package(&["a", "b"], &[])).unwrap();
    go(&host, "navigateTo", url("b"));
    assert!(host.client.go_back("demo").unwrap());
    assert_eq!(notes(&host), "b.onUnload a.onShow a.onRouteDone");
    assert!(!host.client.go_back("demo").unwrap());
    host.closed("demo");
}

#[test]
fn what_is_asked_of_a_closing_applet_is_answered() {
    let host = Host::new();
    let applet = host.open_folder("demo", package(&["a"], &[])).unwrap();
    applet.close();
    assert_eq!(asked(|seen| applet.page_data(None, seen)).unwrap_err().code(), ErrorCode::Closed);
    let refused = asked(|arrived| applet.navigate(Route::Back, arrived)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Closed);
}

fn tab_bar(applet: &AppletClient) -> Value {
    serde_json::from_str(&asked(|seen| applet.tab_bar(seen)).unwrap()).unwrap()
}

#[test]
fn f_m15_the_tab_bar_changes_on_tab_pages_and_a_host_sees_how_it_stands() {
    let host = Host::new();
    let applet = host.open_folder("demo", package(&["a", "b", "c"], &["a", "b"])).unwrap();
    notes(&host);
    let said = |api: &str, options: Value| go(&host, api, options).0;
    let item = |name: &str| json!({"pagePath": format!("pages/{name}/{name}"), "text": name});
    let list = json!([item("a"), item("b")]);
    assert_eq!(tab_bar(&applet), json!({"visible": true, "custom": false, "selected": 0, "list": list}));

    assert_eq!(said("setTabBarItem", json!({"index": 1, "text": "new", "iconPath": "i.png"})), "setTabBarItem:ok");
    assert_eq!(said("setTabBarStyle", json!({"color": "#ff0000", "borderStyle": "white"})), "setTabBarStyle:ok");
    assert_eq!(said("setTabBarBadge", json!({"index": 0, "text": "12"})), "setTabBarBadge:ok");
    assert_eq!(said("showTabBarRedDot", json!({"index": 1})), "showTabBarRedDot:ok");
    assert_eq!(said("hideTabBar", json!({"animation": true})), "hideTabBar:ok");
    let bar = tab_bar(&applet);
    assert_eq!(bar["list"][0]["badge"], "12");
    assert_eq!(bar["list"][1], json!({"pagePath": "pages/b/b", "text": "new", "iconPath": "i.png", "redDot": true}));
    assert_eq!(
        [&bar["color"], &bar["borderStyle"], &bar["visible"]],
        [&json!("#ff0000"), &json!("white"), &json!(false)]
    );

    said("setTabBarBadge", json!({"index": 1, "text": "12345"}));
    said("removeTabBarBadge", json!({"index": 0}));
    said("showTabBar", json!({}));
    go(&host, "switchTab", url("b"));
    let bar = tab_bar(&applet);
    assert_eq!([&bar["visible"], &bar["selected"]], [&json!(true), &json!(1)]);
    assert_eq!(bar["list"][1]["badge"], "...", "a long one is not written out, and takes the dot's place");
    assert_eq!([bar["list"][0].get("badge"), bar["list"][1].get("redDot")], [None, None]);

    assert_eq!(said("hideTabBarRedDot", json!({"index": 2})), "hideTabBarRedDot:fail tabbar item not found");
    let refused = "setTabBarBadge:fail parameter error: parameter.text should be String instead of Undefined;";
    assert_eq!(said("setTabBarBadge", json!({"index": 0})), refused);
    go(&host, "navigateTo", url("c"));
    assert_eq!(said("showTabBar", json!({})), "showTabBar:fail not TabBar page");
    assert_eq!(tab_bar(&applet)["selected"], Value::Null);
}

#[test]
fn f_m15_each_tab_page_has_a_custom_tab_bar_of_its_own() {
    let host = Host::new();
    let folder = package(&["a", "b", "c"], &["a", "b"]);
    let manifest = json!({
        "pages": ["pages/a/a", "pages/b/b", "pages/c/c"],
        "tabBar": {"custom": true, "list": [{"pagePath": "pages/a/a"}, {"pagePath": "/pages/b/b"}]},
    });
    folder
        .file("app.json", &manifest.to_string())
        .file("custom-tab-bar/index.json", "{\"component\": true}")
        .file("custom-tab-bar/index.wxml", "<view class=\"bar\" bindtap=\"go\">{{selected}}</view>")
        .file(
            "custom-tab-bar/index.js",
            "Component({ data: {selected: 'none'}, lifetimes: {
               attached() { getApp().notes.push('bar.attached') }, ready() { getApp().notes.push('bar.ready') },
               detached() { getApp().notes.push('bar.detached') } },
               pageLifetimes: { show() { getApp().notes.push('bar.show') } },
               methods: { go() { wx.switchTab({url: '/pages/b/b', complete: () => ft.report({notes: '', stack: ''})}) } } })",
        );
    let page = "Page({ onLoad() { getApp().notes.push(String(this.getTabBar() === null)) },
      onShow() { const bar = this.getTabBar(); if (bar) bar.setData({selected: this.route.slice(-1)}) } })";
    for name in ["a", "b", "c"] {
        folder.file(&format!("pages/{name}/{name}.js"), page);
    }
    let applet = host.open_folder("demo", folder).unwrap();
    assert_eq!(notes(&host), "App.onLaunch pages/a/a 0 App.onShow bar.attached false bar.show bar.ready");
    let bar = |applet: &AppletClient| {
        let tree = tree(applet);
        let last = tree["children"].as_array().unwrap().last().unwrap().clone();
        (last["tag"] == "custom-tab-bar").then(|| last["children"][0]["text"].clone())
    };
    assert_eq!(bar(&applet), Some(json!("a")));
    assert_eq!(asked(|seen| applet.page_event(">>> .bar", "tap", "{}", seen)).unwrap(), "true");
    told(&host);
    assert_eq!(bar(&applet), Some(json!("b")));
    notes(&host);
    assert_eq!(go(&host, "reLaunch", url("c")).0, "bar.detached bar.detached true reLaunch:ok");
    assert_eq!(bar(&applet), None);
}

#[test]
fn f_h02_a_handler_learns_which_page_was_seen_when_the_mini_program_called() {
    let host = Host::new();
    let applet = host.open_folder("demo", package(&["c", "d"], &[])).unwrap();
    let calls = host.hands_over("where");
    host.send("demo", json!({"api": "navigateTo", "options": url("d")}));
    told(&host);
    host.send("demo", json!({"api": "invokeNativePlugin", "options": {"api_name": "where"}}));
    let call = calls.recv_timeout(PATIENCE).unwrap();
    assert_eq!((call.info.page, call.info.page.0), (applet.top_page(), 2));
}

#[test]
fn f_m12_a_template_script_has_timers_and_frames() {
    let host = Host::new();
    let folder = package(&["a"], &[]);
    folder.file("pages/a/a.js", "Page({ told(what) { ft.report(what) } })").file(
        "pages/a/a.wxml",
        "<wxs module=\"s\">module.exports = { tap: function (event, owner) {
               var never = owner.setTimeout(function () { owner.callMethod('told', { ended: 'never' }) }, 0)
               owner.clearTimeout(never)
               owner.setTimeout(function () {
                 owner.requestAnimationFrame(function () { owner.callMethod('told', { ended: 'frame' }) })
               }, 5)
             } }</wxs><view id=\"v\" bindtap=\"{{s.tap}}\"/>",
    );
    let applet = host.open_folder("demo", folder).unwrap();
    assert_eq!(asked(|seen| applet.page_event("#v", "tap", "{}", seen)).unwrap(), "true");
    assert_eq!(host.reported(), json!({"ended": "frame"}));
}
