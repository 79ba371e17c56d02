//! The tab bar of a mini-program, as `app.json` has it and as `setTabBarItem` and its family change it. Nothing is drawn
//! here: a view reads how the bar stands. Changes are made on the applet's own thread, between navigations.

use super::type_name;
use crate::error::{Error, ErrorCode, Result};
use serde_json::{Map, Value, json};

/// The names of this family.
pub(super) const NAMES: [&str; 8] = [
    "setTabBarItem",
    "setTabBarStyle",
    "showTabBar",
    "hideTabBar",
    "setTabBarBadge",
    "removeTabBarBadge",
    "showTabBarRedDot",
    "hideTabBarRedDot",
];

/// The options of each that are no callbacks, with the type of each and whether it must be given.
const OPTIONS: [&[(&str, &str, bool)]; 8] = [
    &[("index", NUMBER, true), ("text", TEXT, false), ("iconPath", TEXT, false), ("selectedIconPath", TEXT, false)],
    &[
        ("color", TEXT, false),
        ("selectedColor", TEXT, false),
        ("backgroundColor", TEXT, false),
        ("borderStyle", TEXT, false),
    ],
    &[("animation", FLAG, false)],
    &[("animation", FLAG, false)],
    &[("index", NUMBER, true), ("text", TEXT, true)],
    &[("index", NUMBER, true)],
    &[("index", NUMBER, true)],
    &[("index", NUMBER, true)],
];

const NUMBER: &str = "Number";
const TEXT: &str = "String";
const FLAG: &str = "Boolean";

/// A badge that is longer is not written out.
const LONGEST_BADGE: usize = 4;

/// The options that one of the names takes.
pub(super) fn options(name: &str) -> impl Iterator<Item = &'static str> {
    let at = NAMES.iter().position(|known| *known == name);
    at.and_then(|at| OPTIONS.get(at)).into_iter().copied().flatten().map(|(option, ..)| *option)
}

/// What is to change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    name: &'static str,
    given: Map<String, Value>,
}

impl Change {
    /// Reads the parameters of one of the names. None for any other name.
    ///
    /// # Errors
    /// `E_PARAM` when one is missing or of another type.
    pub(super) fn read(name: &str, params: &str) -> Option<Result<Self>> {
        let at = NAMES.iter().position(|known| *known == name)?;
        let (name, options) = (NAMES.get(at)?, OPTIONS.get(at)?);
        Some(Self::checked(name, options, params))
    }

    fn checked(name: &'static str, options: &[(&str, &str, bool)], params: &str) -> Result<Self> {
        let mut asked: Map<String, Value> =
            serde_json::from_str(params).map_err(|_| Error::from(ErrorCode::Parameter))?;
        let mut given = Map::new();
        let mut wrong = String::new();
        for (option, wanted, is_required) in options {
            match asked.remove(*option) {
                Some(value) if type_name(&value) == *wanted => drop(given.insert((*option).to_owned(), value)),
                None if !is_required => {}
                other => {
                    let got = other.as_ref().map_or("Undefined", type_name);
                    wrong.push_str(&format!("parameter.{option} should be {wanted} instead of {got};"));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(Error::new(ErrorCode::Parameter, format!("parameter error: {wrong}")));
        }
        Ok(Self { name, given })
    }
}

/// How the bar stands.
#[derive(Debug, Default)]
pub(crate) struct TabBar {
    /// What belongs to the whole of it; none without a bar.
    look: Option<Map<String, Value>>,
    items: Vec<Map<String, Value>>,
}

impl TabBar {
    /// The bar that the field `tabBar` of `app.json` describes.
    pub(crate) fn of(field: Option<&Value>) -> Self {
        let Some(declared) = field.and_then(Value::as_object) else { return Self::default() };
        let kept = |names: &[&str], from: &Map<String, Value>| -> Map<String, Value> {
            names.iter().filter_map(|name| Some(((*name).to_owned(), from.get(*name)?.clone()))).collect()
        };
        let mut look =
            kept(&["color", "selectedColor", "backgroundColor", "borderStyle", "position", "custom"], declared);
        look.entry("custom").or_insert(false.into());
        look.insert("visible".to_owned(), true.into());
        let items = declared.get("list").and_then(Value::as_array).into_iter().flatten();
        let items =
            items.filter_map(Value::as_object).filter(|item| item.get("pagePath").is_some_and(Value::is_string));
        let items = items.map(|item| kept(&["pagePath", "text", "iconPath", "selectedIconPath"], item)).collect();
        Self { look: Some(look), items }
    }

    /// Makes a change. `on_tab_page` says whether the page that is seen is one of the bar's.
    ///
    /// # Errors
    /// `E_PARAM`, with the texts that programs compare.
    pub(crate) fn change(&mut self, change: Change, on_tab_page: bool) -> Result<()> {
        let look = self.look.as_mut().filter(|_| on_tab_page);
        let look = look.ok_or_else(|| Error::new(ErrorCode::Parameter, "not TabBar page"))?;
        let Change { name, mut given } = change;
        let Some(index) = given.remove("index") else {
            match name {
                "setTabBarStyle" => look.extend(given),
                _ => drop(look.insert("visible".to_owned(), (name == "showTabBar").into())),
            }
            return Ok(());
        };
        let item = index.as_u64().and_then(|index| self.items.get_mut(usize::try_from(index).ok()?));
        let item = item.ok_or_else(|| Error::new(ErrorCode::Parameter, "tabbar item not found"))?;
        match name {
            "setTabBarBadge" => {
                let text = given.get("text").and_then(Value::as_str).unwrap_or_default();
                let badge = if text.chars().count() > LONGEST_BADGE { "..." } else { text };
                item.remove("redDot");
                item.insert("badge".to_owned(), badge.into());
            }
            "removeTabBarBadge" => drop(item.remove("badge")),
            "showTabBarRedDot" => {
                item.remove("badge");
                item.insert("redDot".to_owned(), true.into());
            }
            "hideTabBarRedDot" => drop(item.remove("redDot")),
            _ => item.extend(given),
        }
        Ok(())
    }

    /// How it stands, as JSON text; `null` without a bar. `seen` is the path of the page that is seen.
    pub(crate) fn text(&self, seen: &str) -> String {
        let Some(look) = &self.look else { return "null".to_owned() };
        let path = |item: &Map<String, Value>| {
            let path = item.get("pagePath").and_then(Value::as_str).unwrap_or_default();
            path.strip_suffix(".html").unwrap_or(path).trim_start_matches('/').to_owned()
        };
        let mut bar = look.clone();
        bar.insert("list".to_owned(), self.items.iter().cloned().map(Value::from).collect());
        bar.insert("selected".to_owned(), json!(self.items.iter().position(|item| path(item) == seen)));
        Value::from(bar).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m15_changes_of_the_tab_bar_are_refused_by_their_parameters() {
        for (name, params, expected) in [
            ("setTabBarItem", "{}", "parameter error: parameter.index should be Number instead of Undefined;"),
            (
                "setTabBarItem",
                r#"{"index": 0, "text": 1}"#,
                "parameter error: parameter.text should be String instead of Number;",
            ),
            (
                "showTabBar",
                r#"{"animation": "x"}"#,
                "parameter error: parameter.animation should be Boolean instead of String;",
            ),
            (
                "setTabBarBadge",
                r#"{"index": "0"}"#,
                "parameter error: parameter.index should be Number instead of String;parameter.text should be String instead of Undefined;",
            ),
        ] {
            let refused = Change::read(name, params).unwrap().unwrap_err();
            assert_eq!((refused.code(), refused.message()), (ErrorCode::Parameter, expected), "{name}");
        }
        assert!(Change::read("navigateTo", "{}").is_none());
    }

    #[test]
    fn f_m15_there_is_nothing_to_change_off_tab_pages_or_beyond_the_bar() {
        let field = json!({"list": [{"pagePath": "/a"}]});
        let change = |text: &str| Change::read("hideTabBarRedDot", text).unwrap().unwrap();
        let mut bar = TabBar::of(Some(&field));
        assert_eq!(bar.change(change(r#"{"index": 0}"#), false).unwrap_err().message(), "not TabBar page");
        for index in ["1", "-1", "0.5", "1e300"] {
            let refused = bar.change(change(&format!(r#"{{"index": {index}}}"#)), true).unwrap_err();
            assert_eq!(refused.message(), "tabbar item not found", "{index}");
        }
        assert_eq!(TabBar::of(None).change(change(r#"{"index": 0}"#), true).unwrap_err().message(), "not TabBar page");
        assert_eq!(TabBar::of(None).text("a"), "null");
    }
}
