//! From one mini-program to another and back: what each is told, and that nobody can lie about who asks.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{AppletRequest, AppletState, CloseReason, ErrorCode};
use serde_json::{Value, json};
use support::alone::until;
use support::{Folder, Host};

/// Tells every launch and show, and what the two functions say at that moment.
const GUEST: &str = "ft.loadExtApi([{name: 'report'}])
App({
  onLaunch(options) { ft.report({launch: options}) },
  onShow(options) { ft.report({show: options, enter: wx.getEnterOptionsSync(), launched: wx.getLaunchOptionsSync().scene}) }
})
ft.onCustomEvent(({back}) => wx.navigateBackMiniProgram({extraData: back, complete: ({errMsg}) => ft.report({errMsg})}))";

/// Goes where an event says, and tells what comes of it.
const CALLER: &str = "ft.loadExtApi([{name: 'report'}])
App({ onShow(options) { if (options.scene !== 1001) ft.report({show: options}) } })
ft.onCustomEvent(({to}) => wx.navigateToMiniProgram({...to, complete: ({errMsg, errCode}) => ft.report({errMsg, errCode})}))";

fn guest(host: &Host) -> Folder {
    let folder = Folder::new();
    folder.file("app.js", GUEST);
    host.client.add_applet(&AppletRequest::local("guest", folder.path())).unwrap();
    folder
}

/// What the next reports are, by who made them.
fn next(host: &Host, app_id: &str) -> Value {
    let (from, value) = host.reported_by();
    assert_eq!(from, app_id, "{value}");
    value
}

#[test]
fn f_m16_the_opened_one_learns_who_opened_it_and_gets_the_data() {
    let host = Host::new();
    let _guest = guest(&host);
    let folder = Folder::new();
    folder.file("app.js", CALLER);
    host.open_folder("caller", folder).unwrap();
    let to = json!({"appId": "guest", "path": "pages/a?x=1", "extraData": {"order": [1, "\u{4e8c}"]}});
    host.send("caller", json!({"to": to}));
    let told = json!({
        "path": "pages/a", "query": {"x": "1"}, "scene": 1037, "apiCategory": "default",
        "referrerInfo": {"appId": "caller", "extraData": {"order": [1, "\u{4e8c}"]}},
    });
    assert_eq!(next(&host, "guest"), json!({"launch": told}));
    assert_eq!(next(&host, "guest"), json!({"show": told, "enter": told, "launched": 1037}));
    assert_eq!(next(&host, "caller"), json!({"errMsg": "navigateToMiniProgram:ok"}));
    until("the caller is in the background", || {
        host.client.applet("caller").is_some_and(|caller| caller.state() == AppletState::Background)
    });
}

#[test]
fn f_m16_the_way_back_brings_the_opener_to_the_front_with_the_data() {
    let host = Host::new();
    let _guest = guest(&host);
    let folder = Folder::new();
    folder.file("app.js", CALLER);
    host.open_folder("caller", folder).unwrap();
    host.send("caller", json!({"to": {"appId": "guest"}}));
    next(&host, "guest");
    next(&host, "guest");
    next(&host, "caller");
    host.send("guest", json!({"back": {"paid": true}}));
    let mut told = [host.reported_by(), host.reported_by()];
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let [(caller, back), (guest, answer)] = told;
    assert_eq!((caller.as_str(), guest.as_str()), ("caller", "guest"));
    assert_eq!(answer, json!({"errMsg": "navigateBackMiniProgram:ok"}));
    assert_eq!(back["show"]["scene"], 1038);
    assert_eq!(back["show"]["referrerInfo"], json!({"appId": "guest", "extraData": {"paid": true}}));
    until("the guest is in the background", || {
        host.client.applet("guest").is_some_and(|guest| guest.state() == AppletState::Background)
    });

    // The guest is still there: the second time it is entered anew, not launched anew.
    host.send("caller", json!({"to": {"appId": "guest", "extraData": {"again": 1}}}));
    let mut told = [host.reported_by(), host.reported_by()];
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let entered = &told[1].1;
    assert_eq!(entered["show"]["referrerInfo"]["extraData"], json!({"again": 1}));
    assert_eq!(entered["enter"], entered["show"], "the last onShow is what getEnterOptionsSync tells");
    assert_eq!(entered["launched"], 1037);
}

#[test]
fn f_m16_who_was_not_opened_cannot_go_back_and_who_is_unknown_is_not_opened() {
    let host = Host::new();
    let folder = Folder::new();
    folder.file("app.js", CALLER);
    host.open_folder("caller", folder).unwrap();
    for (to, message, code) in [
        (json!({"appId": "nobody"}), "applet not found", ErrorCode::AppletNotFound),
        (json!({"appId": "caller"}), "a mini-program does not open itself", ErrorCode::Parameter),
        (json!({"appId": "../caller"}), "", ErrorCode::Parameter),
        (json!({}), "parameter error: parameter.appId should be String instead of Undefined;", ErrorCode::Parameter),
        (json!({"appId": "x", "extraData": [1]}), "", ErrorCode::Parameter),
    ] {
        host.send("caller", json!({"to": to}));
        let answer = next(&host, "caller");
        assert!(
            answer["errMsg"].as_str().unwrap().starts_with(&format!("navigateToMiniProgram:fail {message}")),
            "{answer}"
        );
        assert_eq!(answer["errCode"], code.number(), "{to}");
    }
    let answer = host.run("wx.navigateBackMiniProgram({fail: ({errMsg, errCode}) => ft.report({errMsg, errCode})})");
    assert_eq!(answer["errCode"], ErrorCode::AppletNotFound.number(), "{answer}");
}

#[test]
fn h_a34_a_forged_referrer_stays_in_the_data_and_the_host_writes_who_asks() {
    let host = Host::new();
    let _guest = guest(&host);
    let folder = Folder::new();
    folder.file("app.js", CALLER);
    host.open_folder("caller", folder).unwrap();
    let to = json!({
        "appId": "guest", "path": "pages/a?scene=1&referrerInfo=bank",
        "extraData": {"appId": "bank", "referrerInfo": {"appId": "bank"}, "__proto__": {"appId": "bank"}},
        "referrerInfo": {"appId": "bank"}, "scene": 1, "from": "bank",
    });
    host.send("caller", json!({"to": to}));
    let launch = next(&host, "guest");
    assert_eq!(launch["launch"]["referrerInfo"]["appId"], "caller");
    assert_eq!(launch["launch"]["scene"], 1037);
    assert_eq!(launch["launch"]["referrerInfo"]["extraData"]["appId"], "bank");
}

#[test]
fn f_m16_exit_closes_the_mini_program_that_asks() {
    let host = Host::new();
    host.open("demo", "ft.onCustomEvent(() => wx.exitMiniProgram())");
    host.send("demo", json!({}));
    assert_eq!(host.closed("demo"), CloseReason::Host);
}

#[test]
fn f_m18_app_hooks_and_listeners_hear_of_colours_sizes_and_memory() {
    let host = Host::new();
    host.open(
        "demo",
        "wx.onThemeChange(({theme}) => ft.report({listener: theme}))
         wx.onWindowResize(({size}) => ft.report(size))
         wx.onMemoryWarning(({level}) => ft.report({level}))
         App({onThemeChange({theme}) { ft.report({app: theme}) }})",
    );
    host.client.update_host_info(r#"{"theme": "light"}"#).unwrap();
    host.client.update_host_info(r#"{"theme": "dark"}"#).unwrap();
    assert_eq!(host.reported(), json!({"app": "dark"}));
    assert_eq!(host.reported(), json!({"listener": "dark"}));
    host.client.update_host_info(r#"{"window": {"windowWidth": 800, "windowHeight": 600}}"#).unwrap();
    assert_eq!(host.reported(), json!({"windowWidth": 800, "windowHeight": 600}));
    host.client.set_memory_level(finapp_core::MemoryLevel::Low);
    assert_eq!(host.reported(), json!({"level": 10}));
}

#[test]
fn f_m18_listeners_hear_of_another_network_and_no_network() {
    let host = Host::new();
    host.open(
        "demo",
        "const told = (status) => ft.report(status)
         wx.onNetworkStatusChange(told)
         ft.onCustomEvent(({off}) => {
           if (off) wx.offNetworkStatusChange(told)
           wx.getNetworkType({complete: ({networkType, errMsg}) => ft.report({networkType, errMsg})})
         })",
    );
    let asked = |off: bool| {
        host.send("demo", json!({ "off": off }));
        host.reported()
    };
    assert_eq!(asked(false)["errMsg"], "getNetworkType:fail not supported");
    let tell = |network: &str| {
        host.client.update_host_info(&json!({"network": {"networkType": network}}).to_string()).unwrap();
    };
    tell("wifi");
    assert_eq!(host.reported(), json!({"isConnected": true, "networkType": "wifi"}));
    host.client.update_host_info(r#"{"theme": "dark"}"#).unwrap();
    tell("none");
    assert_eq!(host.reported(), json!({"isConnected": false, "networkType": "none"}));
    assert_eq!(asked(true), json!({"networkType": "none", "errMsg": "getNetworkType:ok"}));
    tell("5g");
    assert_eq!(asked(false), json!({"networkType": "5g", "errMsg": "getNetworkType:ok"}));
    let refused = host.client.update_host_info(r#"{"network": {"networkType": "6g"}}"#).unwrap_err();
    assert!(refused.message().starts_with("network.networkType: "), "{}", refused.message());
}

#[test]
fn f_m12_the_app_may_be_asked_for_before_it_is_made() {
    let told = Host::new().run(
        "const early = getApp({allowDefault: true}); early.kept = 1; early.own = 2
         const none = getApp()
         App({own: 3, onLaunch() { ft.report({none: none === undefined, kept: getApp().kept, own: getApp().own}) }})",
    );
    assert_eq!(told, json!({"none": true, "kept": 1, "own": 3}));
}
