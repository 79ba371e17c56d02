//! `app.json`, read leniently: what we use is checked and named when wrong, everything else is kept as it came.

use super::PackageError;
use super::plugins::{self, Plugin};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// What `app.json` says about a mini-program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    pages: Vec<String>,
    aliases: Vec<(String, String)>,
    plugins: Vec<Plugin>,
    fields: Map<String, Value>,
}

impl Manifest {
    /// Reads the text of an `app.json`.
    pub(super) fn parse(text: &str) -> Result<Self, PackageError> {
        let fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| syntax_error(&error))?;
        let pages = fields.get("pages").map_or_else(|| Ok(Vec::new()), |value| strings("pages", value))?;
        let mut aliases =
            fields.get("resolveAlias").map_or_else(|| Ok(Vec::new()), |value| texts("resolveAlias", value))?;
        aliases.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let plugins = plugins::declared(&fields)?;
        Ok(Self { pages, aliases, plugins, fields })
    }

    /// The paths of the pages, the first one is the start page.
    #[must_use]
    pub fn pages(&self) -> &[String] {
        &self.pages
    }

    /// The paths of all pages, those of subpackages too.
    #[must_use]
    pub fn all_pages(&self) -> Vec<String> {
        let mut pages = self.pages.clone();
        for subpackage in
            ["subpackages", "subPackages"].iter().filter_map(|name| self.fields.get(*name)?.as_array()).flatten()
        {
            let root = subpackage["root"].as_str().unwrap_or_default().trim_matches('/');
            let own = subpackage["pages"].as_array().into_iter().flatten().filter_map(Value::as_str);
            pages.extend(own.map(|page| if root.is_empty() { page.to_owned() } else { format!("{root}/{page}") }));
        }
        pages
    }

    /// The page that a mini-program begins with; none when it has no page.
    #[must_use]
    pub fn entry_page(&self) -> Option<&str> {
        let named = self.fields.get("entryPagePath").and_then(Value::as_str);
        named.or_else(|| self.pages.first().map(String::as_str))
    }

    /// The paths of the pages in the tab bar.
    #[must_use]
    pub fn tabs(&self) -> Vec<String> {
        let list = self.fields.get("tabBar").and_then(|bar| bar.get("list")).and_then(Value::as_array);
        let paths = list.into_iter().flatten().filter_map(|tab| tab["pagePath"].as_str());
        paths.map(|path| path.strip_suffix(".html").unwrap_or(path).trim_start_matches('/').to_owned()).collect()
    }

    /// What `resolveAlias` puts in the place of a module's name, the longest name first.
    pub(super) fn aliases(&self) -> &[(String, String)] {
        &self.aliases
    }

    /// The plugins that the mini-program includes, those of subpackages too.
    #[must_use]
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// Every field as it was written.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

pub(super) fn syntax_error(error: &serde_json::Error) -> PackageError {
    let text = error.to_string();
    let reason = match error.classify() {
        // Any JSON value fits a field, so only the outermost one can be of the wrong type.
        Category::Data => "expected an object",
        Category::Io | Category::Syntax | Category::Eof => text.split(" at line ").next().unwrap_or(&text),
    };
    PackageError::BadManifest {
        place: format!("line {} column {}", error.line(), error.column().max(1)),
        reason: reason.to_owned(),
    }
}

fn strings(field: &str, value: &Value) -> Result<Vec<String>, PackageError> {
    let items = value.as_array().ok_or_else(|| wrong_type(field.to_owned(), "an array", value))?;
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let text = item.as_str().ok_or_else(|| wrong_type(format!("{field}[{index}]"), "a string", item))?;
            Ok(text.to_owned())
        })
        .collect()
}

pub(super) fn texts(field: &str, value: &Value) -> Result<Vec<(String, String)>, PackageError> {
    let members = value.as_object().ok_or_else(|| wrong_type(field.to_owned(), "an object", value))?;
    members
        .iter()
        .map(|(name, item)| {
            let text = item.as_str().ok_or_else(|| wrong_type(format!("{field}.{name}"), "a string", item))?;
            Ok((name.clone(), text.to_owned()))
        })
        .collect()
}

pub(super) fn wrong_type(place: String, expected: &str, got: &Value) -> PackageError {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    PackageError::BadManifest { place, reason: format!("expected {expected}, got {got}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        Manifest::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn h_d8_broken_json_is_named_with_line_and_column() {
        assert_eq!(complaint("{\n  \"pages\": [\n    oops\n  ]\n}"), "app.json: line 3 column 5: expected value");
        assert!(complaint("").starts_with("app.json: line 1 column 1: EOF"), "{}", complaint(""));
        assert!(complaint("{\"a\": 1} x").starts_with("app.json: line 1 column 10: trailing characters"));
        let deep = format!("{{\"a\": {}", "[".repeat(100_000));
        assert!(complaint(&deep).contains("recursion limit exceeded"), "{}", complaint(&deep));
    }

    #[test]
    fn h_d8_anything_but_an_object_is_refused() {
        for text in ["[]", "null", "1", "\"text\"", "\n  true"] {
            let complaint = complaint(text);
            assert!(
                complaint.starts_with("app.json: line ") && complaint.ends_with(": expected an object"),
                "{complaint}"
            );
        }
    }

    #[test]
    fn h_d8_a_known_field_of_the_wrong_type_is_named() {
        for (text, expected) in [
            (r#"{"pages": ["a", 1]}"#, "app.json: pages[1]: expected a string, got a number"),
            (r#"{"pages": [["a"]]}"#, "app.json: pages[0]: expected a string, got an array"),
            (r#"{"pages": {}}"#, "app.json: pages: expected an array, got an object"),
            (r#"{"pages": null}"#, "app.json: pages: expected an array, got null"),
            (r#"{"resolveAlias": []}"#, "app.json: resolveAlias: expected an object, got an array"),
            (r#"{"resolveAlias": {"~/*": 1}}"#, "app.json: resolveAlias.~/*: expected a string, got a number"),
        ] {
            assert_eq!(complaint(text), expected);
        }
    }

    #[test]
    fn f_m12_pages_of_subpackages_are_pages_and_tabs_are_known() {
        let manifest = Manifest::parse(
            r#"{"pages": ["pages/a", "pages/b"], "entryPagePath": "pages/b",
                "subPackages": [{"root": "shop/", "pages": ["list", "item/item"]}, {"root": "x"}, 5],
                "tabBar": {"list": [{"pagePath": "/pages/a"}, {"pagePath": "pages/b.html"}, {}]}}"#,
        )
        .unwrap();
        assert_eq!(manifest.all_pages(), ["pages/a", "pages/b", "shop/list", "shop/item/item"]);
        assert_eq!(manifest.tabs(), ["pages/a", "pages/b"]);
        assert_eq!(manifest.entry_page(), Some("pages/b"));
        assert_eq!(Manifest::default().entry_page(), None);
    }

    #[test]
    fn unknown_fields_are_kept_as_they_came() {
        let manifest = Manifest::parse(r#"{"pages": ["pages/a"], "window": {"title": "x"}, "new": [1]}"#).unwrap();
        assert_eq!(manifest.pages(), ["pages/a"]);
        assert_eq!(manifest.fields()["window"]["title"], "x");
        assert_eq!(manifest.fields()["new"], serde_json::json!([1]));
        assert_eq!(Manifest::parse("{}").unwrap().pages().len(), 0);
    }
}
