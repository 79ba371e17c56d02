//! What a script expects, and whether it came.

use super::command::{json, split, whole};
use super::session::Session;
use crate::view::all_text;
use serde_json::Value;

const USAGE: &str = "expect page|text|data|storage|web|log ...";

/// Something that must be so.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    Page(String),
    Text(String),
    Data(String, Value),
    Storage(String, Value),
    Web(String),
    Log(String),
}

impl Expectation {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (what, rest) = split(text);
        Ok(match what.as_str() {
            "page" => Self::Page(whole(rest, "expect page <path>")?),
            "text" => Self::Text(whole(rest, "expect text <text>")?),
            "web" => Self::Web(whole(rest, "expect web <text>")?),
            "log" => Self::Log(whole(rest, "expect log <text>")?),
            "data" => {
                let (path, value) = split(rest);
                Self::Data(whole(&path, "expect data <path> <json>")?, json(value)?)
            }
            "storage" => {
                let (key, value) = split(rest);
                Self::Storage(whole(&key, "expect storage <key> <json>")?, json(value)?)
            }
            _ => return Err(format!("expected: {USAGE}")),
        })
    }

    /// Looks whether it is so.
    ///
    /// # Errors
    /// What came instead.
    pub fn check(&self, session: &Session) -> Result<(), String> {
        match self {
            Self::Page(path) => {
                let pages = session.view().pages().map_err(|error| error.to_string())?;
                let top = pages.last().map(|page| page.path.as_str()).unwrap_or_default();
                same(top == path.trim_start_matches('/'), || format!("expected the page {path}, got {top:?}"))
            }
            Self::Text(text) => {
                let tree = session.view().tree().map_err(|error| error.to_string())?;
                let shown = all_text(&tree);
                same(shown.contains(text.as_str()), || format!("expected {text:?} on the page, got {shown:?}"))
            }
            Self::Data(path, value) => {
                let data = session.view().data().map_err(|error| error.to_string())?;
                let got = at(&data, path).cloned().unwrap_or_default();
                same(got == *value, || format!("expected {value} in {path}, got {got}"))
            }
            Self::Storage(key, value) => {
                let stored = session.stored().map_err(|error| error.to_string())?;
                let got = stored.get(key).cloned().unwrap_or_default();
                same(got == *value, || format!("expected {value} under {key}, got {got}"))
            }
            Self::Web(text) => {
                let shown = session.web_text()?;
                same(shown.contains(text.as_str()), || format!("expected {text:?} on the web page, got {shown:?}"))
            }
            Self::Log(text) => same(session.has_logged(text), || format!("expected a log line with {text:?}")),
        }
    }
}

fn same(it_is_so: bool, else_said: impl FnOnce() -> String) -> Result<(), String> {
    if it_is_so { Ok(()) } else { Err(else_said()) }
}

/// The value at a path such as `items[0].done`.
fn at<'a>(data: &'a Value, path: &str) -> Option<&'a Value> {
    path.split(['.', '[']).try_fold(data, |value, step| match step.strip_suffix(']') {
        Some(index) => value.get(index.parse::<usize>().ok()?),
        None => value.get(step),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_walks_through_members_and_items() {
        let data = json!({"items": [{"done": true}, [1, 2]]});
        assert_eq!(at(&data, "items[0].done"), Some(&json!(true)));
        assert_eq!(at(&data, "items[1][1]"), Some(&json!(2)));
        assert_eq!(at(&data, "items[7].done"), None);
        assert_eq!(at(&data, "items[x]"), None);
    }
}
