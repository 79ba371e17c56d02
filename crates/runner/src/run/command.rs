//! The commands of a prompt or a script, one a line.

use super::expectation::Expectation;
use super::web_command::WebCommand;
use serde_json::Value;

/// What `help` prints.
pub const HELP: &str = "\
tap <selector>                    taps the first element that the selector finds
input <selector> <text>           types the text there
event <selector> <type> [json]    any other event, with its detail
navigate <url>                    opens a page: /pages/detail/detail?id=7
redirect <url>, relaunch <url>    the same in the place of the page, or of all pages
tab <url>                         goes to a page of the tab bar
back                              goes back one page; on the first one the mini-program closes
send <json>                       sends a custom event
data, tree                        the data and the elements of the page that is seen
pages                             the page stack, the first page first
storage                           what the mini-program has stored
calls                             the calls in flight
call-page <name> [json]           calls a function of the web page that is seen, and prints its answer
send-page <json>                  sends that page an event, as ft.sendWebviewEvent does
tap-page <selector>               clicks the first element of that page that the selector finds
run-page <script>                 runs a script in that page, and prints its value
page-text                         the text that page shows
page-picture <file>               what that page looks like, as a PNG
wait-page <text>                  waits until that page shows the text
background, foreground            hides and shows the mini-program
wait <text>                       waits for a log line with the text
expect page <path>                fails unless that page is seen
expect text <text>                fails unless the page shows the text
expect data <path> <json>         fails unless the page's data has it, as in: items[0].done true
expect storage <key> <json>       fails unless that is stored
expect web <text>                 fails unless the web page shows the text
expect log <text>                 fails unless a line with the text was logged
quit                              closes the mini-program";

/// One command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Event { selector: String, kind: String, detail: Value },
    Navigate(Way, String),
    Back,
    Send(Value),
    Data,
    Tree,
    Pages,
    Storage,
    Calls,
    Web(WebCommand),
    Background,
    Foreground,
    Wait(String),
    Expect(Expectation),
    Help,
    Quit,
}

/// How a page is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Navigate,
    Redirect,
    Relaunch,
    Tab,
}

impl Command {
    /// Reads a line; none when it is empty or a comment.
    ///
    /// # Errors
    /// A sentence on what was expected.
    pub fn parse(line: &str) -> Result<Option<Self>, String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (name, rest) = split(line);
        let command = match name.as_str() {
            "tap" => Self::Event { selector: whole(rest, "tap <selector>")?, kind: "tap".into(), detail: empty() },
            "input" => {
                let (selector, text) = split(rest);
                let selector = whole(&selector, "input <selector> <text>")?;
                Self::Event { selector, kind: "input".into(), detail: serde_json::json!({ "value": unquoted(text) }) }
            }
            "event" => {
                let usage = "event <selector> <type> [json]";
                let (selector, rest) = split(rest);
                let (kind, detail) = split(rest);
                let detail = if detail.is_empty() { empty() } else { json(detail)? };
                Self::Event { selector: whole(&selector, usage)?, kind: whole(&kind, usage)?, detail }
            }
            "navigate" => Self::Navigate(Way::Navigate, whole(rest, "navigate <url>")?),
            "redirect" => Self::Navigate(Way::Redirect, whole(rest, "redirect <url>")?),
            "relaunch" => Self::Navigate(Way::Relaunch, whole(rest, "relaunch <url>")?),
            "tab" => Self::Navigate(Way::Tab, whole(rest, "tab <url>")?),
            "back" => Self::Back,
            "send" => Self::Send(json(rest)?),
            "data" => Self::Data,
            "tree" => Self::Tree,
            "pages" => Self::Pages,
            "storage" => Self::Storage,
            "calls" => Self::Calls,
            "background" => Self::Background,
            "foreground" => Self::Foreground,
            "wait" => Self::Wait(whole(rest, "wait <text>")?),
            "expect" => Self::Expect(Expectation::parse(rest)?),
            "help" => Self::Help,
            "quit" | "exit" => Self::Quit,
            other => match WebCommand::parse(other, rest)? {
                Some(command) => Self::Web(command),
                None => return Err(format!("{other}: no such command; `help` lists them")),
            },
        };
        Ok(Some(command))
    }
}

/// Takes the first word off: everything up to a blank, or between quotes.
pub(super) fn split(text: &str) -> (String, &str) {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('"')
        && let Some((word, rest)) = inside.split_once('"')
    {
        return (word.to_owned(), rest.trim());
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word.to_owned(), rest.trim())
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

pub(super) fn whole(text: &str, usage: &str) -> Result<String, String> {
    let text = unquoted(text);
    if text.is_empty() { Err(format!("expected: {usage}")) } else { Ok(text.to_owned()) }
}

pub(super) fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("expected JSON: {error}"))
}

pub(super) fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The lines of a script that hold a command, read before anything runs: a slip at the end
/// of a script should not cost a run.
///
/// # Errors
/// Names the line.
pub fn script(text: &str) -> Result<Vec<(&str, Command)>, String> {
    let mut commands = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match Command::parse(line) {
            Ok(Some(command)) => commands.push((line.trim(), command)),
            Ok(None) => {}
            Err(error) => return Err(format!("line {}: {error}", index + 1)),
        }
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(line: &str) -> Command {
        Command::parse(line).unwrap().unwrap()
    }

    #[test]
    fn a_line_that_is_no_command_is_refused_with_what_was_expected() {
        for (line, part) in [
            ("tpa .a", "no such command"),
            ("tap", "expected: tap"),
            ("input", "expected: input"),
            ("event .a", "expected: event"),
            ("event .a change {", "expected JSON"),
            ("send hello", "expected JSON"),
            ("call-page", "expected: call-page"),
            ("call-page app2jsFunction {", "expected JSON"),
            ("send-page", "expected JSON"),
            ("page-picture", "expected: page-picture"),
            ("expect", "expected: expect"),
            ("expect data a", "expected"),
        ] {
            let error = Command::parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
        assert!(script("data\n\ntap\n").unwrap_err().starts_with("line 3: "));
    }

    #[test]
    fn selectors_and_texts_keep_their_blanks() {
        let event = |selector: &str, kind: &str, detail| Command::Event {
            selector: selector.to_owned(),
            kind: kind.to_owned(),
            detail,
        };
        assert_eq!(parsed("tap .list .item"), event(".list .item", "tap", json!({})));
        assert_eq!(parsed("input .new buy milk"), event(".new", "input", json!({"value": "buy milk"})));
        assert_eq!(parsed("input \".a .b\" x"), event(".a .b", "input", json!({"value": "x"})));
        assert_eq!(parsed("input .a"), event(".a", "input", json!({"value": ""})));
        assert_eq!(parsed("event \".a .b\" change {\"v\": 1}"), event(".a .b", "change", json!({"v": 1})));
        assert_eq!(Command::parse("  # a comment").unwrap(), None);
    }
}
