//! Addresses of pages, as mini-programs write them: `/pages/a/a?x=1`, or relative to the page that asks.

use serde_json::{Map, Value};

/// What the addresses of plugins' pages begin with, before the id of the plugin.
pub(super) const PRIVATE: &str = "plugin-private://";

/// A page and the query it is opened with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// From the root of the package, without a slash in front and without an ending; of a plugin's page with the root of
    /// the plugin, `plugin-private://<id>/`.
    pub(crate) path: String,
    /// Texts by name. Values are not decoded: programs do that themselves.
    pub(crate) query: Map<String, Value>,
}

impl Address {
    /// Reads `url`, which `current`, the path of the page that asks, makes absolute. A root alone, with its slash, asks
    /// like a page in there.
    pub(crate) fn parse(url: &str, current: &str) -> Self {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let path = path.strip_suffix(".html").unwrap_or(path);
        Self { path: absolute(path, current), query: parse_query(query) }
    }

    /// The query as JSON text.
    pub(crate) fn query_text(&self) -> String {
        Value::Object(self.query.clone()).to_string()
    }
}

/// `a=1&b=2` as an object of texts.
pub(crate) fn parse_query(query: &str) -> Map<String, Value> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.into())
        })
        .collect()
}

/// Where `path` leads from the page `current`. Steps that would leave the package end at its root.
fn absolute(path: &str, current: &str) -> String {
    if let Some((scheme, rest)) = path.split_once("://") {
        return format!("{scheme}://{}", absolute(rest, ""));
    }
    let (root, current) = current.split_at(root_of(current));
    let mut steps: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => current.rsplit_once('/').map_or_else(Vec::new, |(folder, _)| folder.split('/').collect()),
    };
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("{root}{}", steps.join("/"))
}

/// How much of a path is the root of a plugin.
fn root_of(path: &str) -> usize {
    let rest = path.strip_prefix(PRIVATE).unwrap_or_default();
    rest.find('/').map_or(0, |at| PRIVATE.len() + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_read_from_the_root_or_from_the_page_that_asks() {
        for (url, expected) in [
            ("/pages/b/b", "pages/b/b"),
            ("../b/b?x=1", "pages/b/b"),
            ("b", "pages/a/b"),
            ("./b.html?", "pages/a/b"),
            ("../../../../b", "b"),
            ("", "pages/a"),
        ] {
            assert_eq!(Address::parse(url, "pages/a/a").path, expected, "{url}");
        }
    }

    #[test]
    fn f_m11_an_address_stays_in_the_plugin_of_the_page_that_asks() {
        for (url, expected) in [
            ("/b/b?x=1", "plugin-private://p/b/b"),
            ("../b", "plugin-private://p/b"),
            ("../../../../b", "plugin-private://p/b"),
            ("plugin-private://q/./b/../c?x", "plugin-private://q/c"),
            ("plugin://alias/name", "plugin://alias/name"),
        ] {
            assert_eq!(Address::parse(url, "plugin-private://p/a/a").path, expected, "{url}");
        }
        assert_eq!(Address::parse("b", "plugin-private://p/").path, "plugin-private://p/b");
    }

    #[test]
    fn query_values_stay_as_they_were_written() {
        let query = Address::parse("/a?x=1%20&y&z=a=b&x=2&&", "").query;
        assert_eq!(Value::Object(query), json!({"x": "2", "y": "", "z": "a=b"}));
    }
}
