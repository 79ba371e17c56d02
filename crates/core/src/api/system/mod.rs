//! System and app information: where a mini-program runs, and what it is. All answers come from what the host told last
//! and are given at once, on the applet's own thread.

mod answers;
mod applet;
mod device;
mod host_info;

use crate::bridge::handler::inline;
use crate::bridge::{CallInfo, Handler};
use crate::engine::BuiltIn;
use crate::ids::AppletId;
use crate::lock::read;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::sync::{Arc, RwLock};

pub(crate) use applet::AboutApplet;
pub use device::{
    Authorization, AuthorizeSetting, DeviceInfo, NetworkInfo, NetworkType, ScreenEdges, SystemSetting, WindowInfo,
};
pub use host_info::{HostInfo, Theme};

/// The names of this family.
pub(super) const BUILT_INS: &[BuiltIn] = &[
    BuiltIn { name: "getAppBaseInfo", sync: true },
    BuiltIn { name: "getDeviceInfo", sync: true },
    BuiltIn { name: "getWindowInfo", sync: true },
    BuiltIn { name: "getSystemSetting", sync: true },
    BuiltIn { name: "getAppAuthorizeSetting", sync: true },
    BuiltIn { name: "getSystemInfoSync", sync: true },
    BuiltIn { name: "getSystemInfo", sync: false },
    BuiltIn { name: "getSystemInfoAsync", sync: false },
    BuiltIn { name: "getAccountInfoSync", sync: true },
    BuiltIn { name: "getAppletInfo", sync: false },
];

/// Those that pages of the mini-program may call: what it is, and what FinClip's base library asks.
pub(super) const FOR_PAGES: [&str; 3] = ["getAppletInfo", "getSystemInfo", "getSystemInfoSync"];

/// Where the answers come from.
#[derive(Clone)]
pub(crate) struct Facts {
    /// What the host told last.
    pub(crate) host: Arc<RwLock<HostInfo>>,
    /// What the client knows of a mini-program.
    pub(crate) applet: Arc<dyn Fn(&AppletId) -> AboutApplet + Send + Sync>,
}

/// Who answers each of the names.
pub(super) fn handlers(facts: &Facts) -> Vec<(&'static str, Handler)> {
    vec![
        ("getAppBaseInfo", of_host(facts, answers::app_base_info)),
        ("getDeviceInfo", of_host(facts, answers::device_info)),
        ("getWindowInfo", of_host(facts, answers::window_info)),
        ("getSystemSetting", of_host(facts, answers::system_setting)),
        ("getAppAuthorizeSetting", of_host(facts, answers::authorize_setting)),
        ("getSystemInfoSync", of_host(facts, answers::system_info)),
        ("getSystemInfo", of_host(facts, answers::system_info)),
        ("getSystemInfoAsync", of_host(facts, answers::system_info)),
        ("getAccountInfoSync", of_applet(facts, applet::account_info)),
        ("getAppletInfo", of_applet(facts, applet::applet_info)),
    ]
}

fn of_host<R: Serialize + 'static>(facts: &Facts, answer: fn(&HostInfo) -> R) -> Handler {
    let host = facts.host.clone();
    inline(move |_info, (): ()| Ok(answer(&read(&host))))
}

fn of_applet<R: Serialize + 'static>(facts: &Facts, answer: fn(&str, AboutApplet) -> R) -> Handler {
    let about = facts.applet.clone();
    // Whatever is asked: a page's parameters are an object, and not nothing.
    inline(move |info: &CallInfo, _: IgnoredAny| {
        let id = info.caller.applet();
        Ok(answer(id.as_str(), about(id)))
    })
}

/// The answer of one of the names as it looks with a host that told nothing: every member is in it.
pub(super) fn sample(name: &str) -> Option<Value> {
    let host = HostInfo::default();
    let shape = match name {
        "getAppBaseInfo" => serde_json::to_value(answers::app_base_info(&host)),
        "getDeviceInfo" => serde_json::to_value(answers::device_info(&host)),
        "getWindowInfo" => serde_json::to_value(answers::window_info(&host)),
        "getSystemSetting" => serde_json::to_value(answers::system_setting(&host)),
        "getAppAuthorizeSetting" => serde_json::to_value(answers::authorize_setting(&host)),
        "getSystemInfoSync" | "getSystemInfo" | "getSystemInfoAsync" => {
            serde_json::to_value(answers::system_info(&host))
        }
        "getAccountInfoSync" => serde_json::to_value(applet::account_info("", AboutApplet::default())),
        "getAppletInfo" => serde_json::to_value(applet::applet_info("", AboutApplet::default())),
        _ => return None,
    };
    shape.ok()
}
