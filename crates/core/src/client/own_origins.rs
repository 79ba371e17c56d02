//! Which origins' H5 pages belong to a mini-program: that of its package always, and its business domains. The request that
//! starts it lists those, or else the index of its package; its `app.json` may only take away from them.

use super::request::AppletRequest;
use crate::error::{Error, ErrorCode, Result};
use crate::h5::origin;
use crate::ids::AppletId;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The list of the `app.json`, and of the request.
const LIST: &str = "webViewDomain";
/// The list in the index of a package.
const IN_INDEX: &str = "business";

/// What the host says when it starts an applet.
#[derive(Clone, Debug)]
pub(super) struct BusinessDomains {
    package: String,
    /// None: no list was given.
    listed: Option<HashSet<String>>,
    debug: bool,
}

impl BusinessDomains {
    /// The domains of a request. `debug` says that the host is being developed.
    ///
    /// # Errors
    /// `E_PARAM` when a domain is no origin.
    pub(super) fn parse(id: &AppletId, request: &AppletRequest, debug: bool) -> Result<Self> {
        let parse = |(index, address): (usize, &String)| {
            let text = || format!("{LIST}[{index}]: expected an origin like https://host");
            origin::of(address, debug).ok_or_else(|| Error::new(ErrorCode::Parameter, text()))
        };
        let listed = request.web_view_domain.as_ref();
        let listed = listed.map(|list| list.iter().enumerate().map(parse).collect::<Result<_>>()).transpose()?;
        Ok(Self { package: origin::of_package(id), listed, debug })
    }

    /// All origins of its own, with the lists of an index and of an `app.json`. What is no origin there allows nothing.
    pub(super) fn origins(&self, index: Option<&Map<String, Value>>, manifest: &Map<String, Value>) -> HashSet<String> {
        let mut own = match &self.listed {
            Some(listed) => listed.clone(),
            None => index.and_then(|index| self.list(index, IN_INDEX)).unwrap_or_default(),
        };
        if let Some(narrower) = self.list(manifest, LIST) {
            own.retain(|origin| narrower.contains(origin));
        }
        own.insert(self.package.clone());
        own
    }

    fn list(&self, fields: &Map<String, Value>, name: &str) -> Option<HashSet<String>> {
        let list = fields.get(name)?.as_array()?;
        Some(list.iter().filter_map(|entry| self.origin(entry.as_str()?)).collect())
    }

    /// As with the other lists of domains, no scheme means the safe one.
    fn origin(&self, entry: &str) -> Option<String> {
        if entry.contains("://") {
            return origin::of(entry, self.debug);
        }
        origin::of(&format!("https://{entry}"), self.debug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn domains(listed: Option<&[&str]>) -> BusinessDomains {
        let list = listed.map(|list| list.iter().map(|domain| (*domain).to_owned()).collect());
        let request = AppletRequest { web_view_domain: list, ..AppletRequest::default() };
        BusinessDomains::parse(&AppletId::parse("demo").unwrap(), &request, false).unwrap()
    }

    fn own(domains: &BusinessDomains, index: Value, manifest: Value) -> Vec<String> {
        let own = domains.origins(index.as_object(), manifest.as_object().unwrap());
        let mut own: Vec<String> = own.into_iter().collect();
        own.sort();
        assert!(own.contains(&domains.package), "its own pages are always there");
        own.retain(|origin| *origin != domains.package);
        own
    }

    #[test]
    fn the_request_decides_then_the_index_and_the_app_json_only_takes_away() {
        let listed = domains(Some(&["https://a.example", "https://b.example:8443/path"]));
        let index = json!({"business": ["https://c.example", "d.example", "http://e.example", 1]});
        assert_eq!(own(&listed, index.clone(), json!({})), ["https://a.example", "https://b.example:8443"]);
        let narrower = json!({"webViewDomain": ["a.example", "https://evil.example", "https://b.example"]});
        assert_eq!(own(&listed, Value::Null, narrower.clone()), ["https://a.example"]);
        assert_eq!(own(&domains(None), index, json!({})), ["https://c.example", "https://d.example"]);
        assert_eq!(own(&domains(None), Value::Null, narrower), [""; 0]);
        assert_eq!(own(&domains(Some(&[])), json!({"business": ["https://c.example"]}), json!({})), [""; 0]);
    }
}
