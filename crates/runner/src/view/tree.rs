//! The elements of a page, as the library gives them, and how they are printed.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// An element or a text.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Node {
    /// The name of the element; empty for a text.
    pub tag: String,
    /// Its id.
    pub id: String,
    /// Its classes, with blanks between them.
    pub class: String,
    /// The attributes and properties that the template gives.
    pub attributes: BTreeMap<String, Value>,
    /// The text of a text, and of an element that holds nothing else.
    pub text: Option<String>,
    /// The events that somebody listens to.
    pub events: Vec<String>,
    /// What stands in it.
    pub children: Vec<Node>,
}

impl Node {
    fn is_text(&self) -> bool {
        self.tag.is_empty()
    }

    /// The text of a text, or of an element that holds nothing else.
    fn own_text(&self) -> Option<&str> {
        self.text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

/// All text of the page, with blanks between the pieces.
pub fn all_text(node: &Node) -> String {
    fn gather<'a>(node: &'a Node, into: &mut Vec<&'a str>) {
        match node.own_text() {
            Some(text) => into.push(text),
            None => node.children.iter().for_each(|child| gather(child, into)),
        }
    }
    let mut pieces = Vec::new();
    gather(node, &mut pieces);
    pieces.join(" ")
}

/// The elements, one a line: `view#id.class name="value" @tap "text"`.
pub fn draw(node: &Node) -> String {
    let mut drawn = String::new();
    draw_at(node, 0, &mut drawn);
    drawn
}

fn draw_at(node: &Node, depth: usize, into: &mut String) {
    if node.is_text() && node.own_text().is_none() && node.children.is_empty() {
        return;
    }
    let mut line = node.tag.clone();
    if !node.id.is_empty() {
        line.push_str(&format!("#{}", node.id));
    }
    for class in node.class.split_whitespace() {
        line.push_str(&format!(".{class}"));
    }
    for (name, value) in &node.attributes {
        line.push_str(&format!(" {name}={value}"));
    }
    for event in &node.events {
        line.push_str(&format!(" @{event}"));
    }
    if let Some(text) = node.own_text() {
        line.push_str(&format!(" {text:?}"));
    }
    writeln!(into, "{:width$}{}", "", line.trim_start(), width = 2 * depth).unwrap_or_default();
    if node.own_text().is_none() {
        node.children.iter().for_each(|child| draw_at(child, depth + 1, into));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_printed_one_element_a_line() {
        let page: Node = serde_json::from_str(
            r#"{"tag": "view", "class": "list big", "children": [
                {"tag": "input", "id": "new", "attributes": {"value": "a"}, "events": ["input"]},
                {"tag": "text", "text": " milk ", "children": [{"text": " milk "}]},
                {"text": "  "}]}"#,
        )
        .unwrap();
        assert_eq!(draw(&page), "view.list.big\n  input#new value=\"a\" @input\n  text \"milk\"\n");
        assert_eq!(all_text(&page), "milk");
    }
}
