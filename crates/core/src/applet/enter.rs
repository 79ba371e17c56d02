//! How a mini-program was entered: what `onLaunch` and `onShow` get.

use crate::api::navigation::Address;
use serde::Serialize;
use serde_json::value::RawValue;

/// "Opened by the host": WeChat's number for a start that nothing special led to.
const SCENE_HOST: u32 = 1001;
/// Opened by another mini-program.
const SCENE_OPENED: u32 = 1037;
/// Come back from another mini-program.
const SCENE_BACK: u32 = 1038;

/// Where a mini-program is entered, and who led there.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    /// The page; the first page of the package when its path is empty.
    pub(crate) address: Address,
    scene: u32,
    referrer: Referrer,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Referrer {
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_data: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    path: &'a str,
    query: &'a serde_json::Map<String, serde_json::Value>,
    scene: u32,
    referrer_info: &'a Referrer,
    api_category: &'static str,
}

impl Entrance {
    /// The host opens it.
    pub(crate) fn by_host(address: Address) -> Self {
        Self { address, scene: SCENE_HOST, referrer: Referrer::default() }
    }

    /// The mini-program `from` opens it.
    pub(crate) fn by_applet(address: Address, from: &str, extra_data: Option<Box<RawValue>>) -> Self {
        Self { address, scene: SCENE_OPENED, referrer: Referrer { app_id: Some(from.to_owned()), extra_data } }
    }

    /// The mini-program `from`, which it had opened, gives way to it.
    pub(crate) fn back_from(address: Address, from: &str, extra_data: Option<Box<RawValue>>) -> Self {
        Self { scene: SCENE_BACK, ..Self::by_applet(address, from, extra_data) }
    }

    /// As the mini-program sees it, as JSON text.
    pub(crate) fn text(&self) -> String {
        let told = Told {
            path: &self.address.path,
            query: &self.address.query,
            scene: self.scene,
            referrer_info: &self.referrer,
            api_category: "default",
        };
        // Maps of texts and checked JSON: writing them cannot fail, and an empty object would be an honest answer.
        serde_json::to_string(&told).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn h_a34_what_a_mini_program_sends_along_cannot_change_who_sent_it() {
        let forged =
            r#"{"appId": "bank", "scene": 1, "referrerInfo": {"appId": "bank"}, "__proto__": {"appId": "bank"}}"#;
        let data = RawValue::from_string(forged.to_owned()).unwrap();
        let entrance = Entrance::by_applet(Address::parse("pages/a?referrerInfo=bank", ""), "shop", Some(data));
        let told: serde_json::Value = serde_json::from_str(&entrance.text()).unwrap();
        assert_eq!((&told["scene"], &told["referrerInfo"]["appId"]), (&json!(1037), &json!("shop")));
        assert_eq!(told["referrerInfo"]["extraData"]["appId"], "bank", "its own data stays inside");
    }
}
