//! Navigation between the pages of a mini-program: `navigateTo` and its family, and the tab bar. What is asked is read
//! here and becomes a plan in the `router`; the applet's own thread carries it out, one after another.

mod router;
mod tab_bar;
mod url;

use crate::bridge::{ApiOptions, Caller, Handler, HostCall, HostHandler, Pages, Payload};
use crate::engine::BuiltIn;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{AppletId, Generation};
pub(crate) use router::{Journey, Navigation, PluginPages, Router};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
pub(crate) use tab_bar::{Change, TabBar};
pub(crate) use url::{Address, parse_query};

/// The names of this family.
pub(super) const BUILT_INS: &[BuiltIn] = &[
    BuiltIn { name: "navigateTo", sync: false },
    BuiltIn { name: "redirectTo", sync: false },
    BuiltIn { name: "switchTab", sync: false },
    BuiltIn { name: "reLaunch", sync: false },
    BuiltIn { name: "navigateBack", sync: false },
    BuiltIn { name: "setTabBarItem", sync: false },
    BuiltIn { name: "setTabBarStyle", sync: false },
    BuiltIn { name: "showTabBar", sync: false },
    BuiltIn { name: "hideTabBar", sync: false },
    BuiltIn { name: "setTabBarBadge", sync: false },
    BuiltIn { name: "removeTabBarBadge", sync: false },
    BuiltIn { name: "showTabBarRedDot", sync: false },
    BuiltIn { name: "hideTabBarRedDot", sync: false },
];

/// Whether one of the names that change the tab bar takes an option.
pub(super) fn has_option(name: &str, option: &str) -> bool {
    tab_bar::options(name).any(|known| known == option)
}

/// Hears how a navigation ended: after `onShow` of the page that is seen now.
pub(crate) type Arrived = Box<dyn FnOnce(Result<()>) + Send>;

/// Carries navigations out, in their order.
pub(crate) trait Navigator: Send + Sync {
    /// Takes a navigation of that run of an applet. `arrived` is dropped when the applet closes first.
    fn go(&self, applet: &AppletId, generation: Generation, journey: Journey, arrived: Arrived);

    /// Changes the tab bar of that run of an applet, in order with its navigations.
    fn change(&self, applet: &AppletId, generation: Generation, change: Change, changed: Arrived);
}

/// Who answers each of the names.
pub(super) fn handlers(navigator: &Arc<dyn Navigator>) -> impl Iterator<Item = (&'static str, Handler, ApiOptions)> {
    BUILT_INS.iter().map(|built_in| {
        let api = Api { name: built_in.name, navigator: navigator.clone() };
        // A web page goes where its mini-program can go; the tab bar is not its own.
        let pages = if tab_bar::NAMES.contains(&built_in.name) { Pages::None } else { Pages::Own };
        (built_in.name, Handler::Host(Arc::new(api)), ApiOptions { pages, ..ApiOptions::default() })
    })
}

struct Api {
    name: &'static str,
    navigator: Arc<dyn Navigator>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    url: Value,
    #[serde(default)]
    delta: Value,
}

impl HostHandler for Api {
    fn call(&self, call: HostCall) {
        let HostCall { info, params, reply } = call;
        let (applet, generation, plugin) = (info.caller.applet(), info.caller.generation(), info.caller.plugin());
        let web_page = matches!(*info.caller, Caller::Page { .. }).then_some(info.page);
        let arrived: Arrived = Box::new(move |outcome| {
            match outcome {
                Ok(()) => reply.success(Payload::none()),
                Err(error) => reply.fail_with(Payload::none(), error),
            };
        });
        let changed = match Change::read(self.name, params.text()) {
            Some(Ok(change)) => return self.navigator.change(applet, generation, change, arrived),
            Some(Err(error)) => Err(error),
            None => read(self.name, params.text()),
        };
        match changed {
            Ok(navigation) => {
                let journey = Journey { navigation, plugin: plugin.cloned(), web_page };
                self.navigator.go(applet, generation, journey, arrived);
            }
            Err(error) => arrived(Err(error)),
        }
    }
}

fn read(name: &str, params: &str) -> Result<Navigation> {
    let asked: Asked = serde_json::from_str(params).map_err(|_| Error::from(ErrorCode::Parameter))?;
    if name == "navigateBack" {
        return Ok(Navigation::Back(delta(&asked.delta)));
    }
    let Value::String(url) = asked.url else {
        let got = type_name(&asked.url);
        let text = format!("parameter error: parameter.url should be String instead of {got};");
        return Err(Error::new(ErrorCode::Parameter, text));
    };
    Ok(match name {
        "navigateTo" => Navigation::To(url),
        "redirectTo" => Navigation::Redirect(url),
        "switchTab" => Navigation::SwitchTab(url),
        _ => Navigation::ReLaunch(url),
    })
}

/// One page, unless a number says more; what is larger than the stack ends at its first page.
fn delta(value: &Value) -> u32 {
    value.as_f64().map_or(1, |delta| if delta >= f64::from(u16::MAX) { u32::from(u16::MAX) } else { whole(delta) })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is held between 1 and 65,535")]
fn whole(delta: f64) -> u32 {
    delta.max(1.0) as u32
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Undefined",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m15_what_is_no_address_is_refused_by_its_type() {
        for (params, got) in [("{}", "Undefined"), (r#"{"url": 1}"#, "Number"), (r#"{"url": []}"#, "Array")] {
            let refused = read("navigateTo", params).unwrap_err();
            let expected = format!("parameter error: parameter.url should be String instead of {got};");
            assert_eq!((refused.code(), refused.message()), (ErrorCode::Parameter, expected.as_str()));
        }
    }

    #[test]
    fn f_m15_back_is_one_page_unless_a_number_says_more() {
        for (params, expected) in [
            ("{}", 1),
            (r#"{"delta": 3}"#, 3),
            (r#"{"delta": -3}"#, 1),
            (r#"{"delta": 2.9}"#, 2),
            (r#"{"delta": 1e300}"#, 65_535),
            (r#"{"delta": "2"}"#, 1),
        ] {
            assert_eq!(read("navigateBack", params).unwrap(), Navigation::Back(expected), "{params}");
        }
    }
}
