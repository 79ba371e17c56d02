//! The permission list of a proxy object, as ArkWeb takes it: scheme and host exact, the port where one is named, the
//! beginning of the path. It is the platform's own gate, before the library looks at who calls.

use crate::error::{Error, Result};
use serde::Deserialize;
use url::Url;

/// Who may use the app's object. The default is everybody, as with an object that is registered without a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permission(Option<Lists>);

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    javascript_proxy_permission: Lists,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lists {
    #[serde(default)]
    url_permission_list: Vec<Place>,
    #[serde(default)]
    method_list: Vec<Method>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    method_name: String,
    #[serde(default)]
    url_permission_list: Vec<Place>,
}

#[derive(Clone, Debug, Deserialize)]
struct Place {
    scheme: String,
    host: String,
    #[serde(default)]
    port: String,
    #[serde(default)]
    path: String,
}

impl Permission {
    /// Reads a list: the text that `registerJavaScriptProxy` takes.
    ///
    /// # Errors
    /// When it is no such list.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = |text: String| Err(Error::Permission(text));
        let lists = match serde_json::from_str::<Text>(text) {
            Ok(text) => text.javascript_proxy_permission,
            Err(error) => return wrong(error.to_string()),
        };
        let places = lists.method_list.iter().flat_map(|method| &method.url_permission_list);
        match lists
            .url_permission_list
            .iter()
            .chain(places)
            .find(|place| place.scheme.is_empty() || place.host.is_empty())
        {
            Some(place) => wrong(format!("{place:?} has no scheme or no host")),
            None => Ok(Self(Some(lists))),
        }
    }

    /// Whether a frame with that address reaches `method`: both the list of the object and that of the method, if there
    /// is one, must have it.
    pub(crate) fn reaches(&self, method: &str, frame: &str) -> bool {
        let Some(lists) = &self.0 else { return true };
        let Ok(url) = Url::parse(frame) else { return false };
        let has = |places: &[Place]| places.is_empty() || places.iter().any(|place| place.has(&url));
        has(&lists.url_permission_list)
            && lists
                .method_list
                .iter()
                .filter(|named| named.method_name == method)
                .all(|named| has(&named.url_permission_list))
    }
}

impl Place {
    fn has(&self, url: &Url) -> bool {
        url.scheme() == self.scheme
            && url.host_str() == Some(&self.host)
            && (self.port.is_empty() || url.port_or_known_default().is_some_and(|port| port.to_string() == self.port))
            && url.path().trim_start_matches('/').starts_with(self.path.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"javascriptProxyPermission":{
        "urlPermissionList":[{"scheme":"https","host":"own.example","port":"","path":""},
            {"scheme":"https","host":"other.example","port":"8443","path":"app"}],
        "methodList":[{"methodName":"publishHandler",
            "urlPermissionList":[{"scheme":"https","host":"own.example","port":"","path":"in/"}]}]}}"#;

    #[test]
    fn only_listed_frames_reach_the_object() {
        let permission = Permission::parse(LIST).unwrap();
        for (frame, method, reaches) in [
            ("https://own.example/", "webInvokeHandler", true),
            ("https://own.example:444/", "webInvokeHandler", true),
            ("http://own.example/", "webInvokeHandler", false),
            ("https://sub.own.example/", "webInvokeHandler", false),
            ("https://own.example.evil.example/", "webInvokeHandler", false),
            ("https://other.example:8443/apple", "webInvokeHandler", true),
            ("https://other.example:8443/b", "webInvokeHandler", false),
            ("https://other.example/app", "webInvokeHandler", false),
            ("about:srcdoc", "webInvokeHandler", false),
            ("", "webInvokeHandler", false),
            ("https://own.example/", "publishHandler", false),
            ("https://own.example/in/a", "publishHandler", true),
        ] {
            assert_eq!(permission.reaches(method, frame), reaches, "{frame} {method}");
        }
    }

    #[test]
    fn a_list_without_a_host_is_refused() {
        assert!(Permission::parse("{}").is_err());
        assert!(Permission::parse(&LIST.replace("own.example", "")).is_err());
        assert!(Permission::default().reaches("webInvokeHandler", "https://anybody.example/"));
    }
}
