//! The object through which a page reaches the app, as a browser has to offer it: its name and functions, what runs before
//! any script of a page, and ArkWeb's list of the addresses that may see it.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use url::Url;

/// The name of the object in every page.
pub const PROXY_NAME: &str = "FinChatJSCore";

/// Its functions. Answers come as scripts; `invokeHandler` alone gives something, the answers that FinClip's base library
/// waits for.
pub const PROXY_METHODS: [&str; 3] = ["webInvokeHandler", "invokeHandler", "publishHandler"];

/// What runs in every document before any script of its own: it tells libraries where they are.
pub const START_SCRIPT: &str = "window.__fcjs_environment='miniprogram';";

/// ArkWeb's permission list, as JSON text: pages of these origins see the object, others do not. The list cannot say that
/// a port is the usual one, and ArkWeb shows the object to every frame, so each message is judged again by its session.
pub(crate) fn permission(origins: &BTreeSet<&str>) -> String {
    let places: Vec<Value> = origins.iter().filter_map(|origin| place(origin)).collect();
    let method = |name: &&str| json!({"methodName": name, "urlPermissionList": places});
    let methods: Vec<Value> = PROXY_METHODS.iter().map(method).collect();
    json!({"javascriptProxyPermission": {"urlPermissionList": places, "methodList": methods}}).to_string()
}

fn place(origin: &str) -> Option<Value> {
    let url = Url::parse(origin).ok()?;
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    Some(json!({"scheme": url.scheme(), "host": url.host_str()?, "port": port, "path": ""}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_b1_the_object_is_shown_to_the_origins_that_are_given_and_to_no_other() {
        let text = permission(&BTreeSet::from(["https://own.example", "https://own.example:8443", "nonsense"]));
        let list: Value = serde_json::from_str(&text).unwrap();
        let usual = json!({"scheme": "https", "host": "own.example", "port": "", "path": ""});
        let other = json!({"scheme": "https", "host": "own.example", "port": "8443", "path": ""});
        let permission = &list["javascriptProxyPermission"];
        assert_eq!(permission["urlPermissionList"], json!([usual, other]));
        let methods = permission["methodList"].as_array().unwrap();
        assert_eq!(
            methods.iter().map(|method| method["methodName"].as_str().unwrap()).collect::<Vec<_>>(),
            PROXY_METHODS
        );
        assert!(methods.iter().all(|method| method["urlPermissionList"] == json!([usual, other])));
    }
}
