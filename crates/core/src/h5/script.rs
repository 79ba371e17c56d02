//! Data for a page, as script text. Nothing else in the library turns data into source, and nothing else may.

use std::borrow::Cow;

/// A function of the library in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bridge {
    /// The answer to a call of the page.
    Callback,
    /// The answer to a call of FinClip's base library.
    BaseCallback,
    /// An event for FinClip's base library.
    BaseSubscribe,
    /// An event, or a call of a function of the page.
    Subscribe,
}

impl Bridge {
    fn name(self) -> &'static str {
        match self {
            Self::Callback => "webInvokeCallbackHandler",
            Self::BaseCallback => "invokeCallbackHandler",
            Self::BaseSubscribe => "subscribeHandler",
            Self::Subscribe => "webSubscribeCallBackHandler",
        }
    }
}

/// The call of `function` with `arguments`, each JSON text. A page without a library has no such function, and nothing
/// happens there. The script's value is what the function gives.
pub(super) fn call(function: Bridge, arguments: &[&str]) -> String {
    let name = function.name();
    let arguments: Vec<String> = arguments.iter().map(|argument| literal(argument)).collect();
    format!("window.FinChatJSBridge?.{name}?.({})", arguments.join(","))
}

/// The same, with the value as JSON text, once it is there.
pub(super) fn call_for_value(function: Bridge, arguments: &[&str]) -> String {
    format!("Promise.resolve({}).then(function(v){{return JSON.stringify(v)}})", call(function, arguments))
}

/// `script`, an expression, that tells its value to the app under `key`, which is text without anything to escape.
pub(super) fn telling(script: &str, key: &str) -> String {
    let message = super::values::MESSAGE;
    format!(
        "Promise.resolve().then(function(){{return {script}}}).then(function(v){{return v==null?null:String(v)}},\
         function(){{return null}}).then(function(v){{window.FinChatJSCore.webInvokeHandler('{message}',\
         JSON.stringify({{key:\"{key}\",value:v}}),0)}});void 0"
    )
}

/// JSON text as a JavaScript expression of the same value.
///
/// JSON is JavaScript but for two things: U+2028 and U+2029 end a line in old engines, and a member `__proto__` of a
/// literal sets the prototype, unless its name is computed. `<` is escaped as well: no script ends early in a page that
/// carries it.
fn literal(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let mut rest = json;
    while let Some(at) = rest.find('"') {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        let end = end_of_string(from);
        let (string, after) = from.split_at(end);
        let is_key = after.trim_start_matches([' ', '\t', '\n', '\r']).starts_with(':');
        if is_key && is_proto(string) {
            out.push_str("[\"__proto__\"]");
        } else {
            out.push_str(&escaped(string));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the string that `text` begins with ends: behind its closing quote.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether a string, with its quotes, reads `__proto__`, however it is escaped.
fn is_proto(string: &str) -> bool {
    string == "\"__proto__\""
        || (string.contains('\\') && serde_json::from_str::<String>(string).is_ok_and(|name| name == "__proto__"))
}

fn escaped(string: &str) -> Cow<'_, str> {
    if !string.contains(['<', '\u{2028}', '\u{2029}']) {
        return Cow::Borrowed(string);
    }
    Cow::Owned(string.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scripts_read_otherwise_than_json_is_escaped() {
        assert_eq!(literal(r#"{"a":"</script><!--"}"#), r#"{"a":"\u003c/script>\u003c!--"}"#);
        assert_eq!(literal("\"\u{2028}\u{2029}\""), r#""\u2028\u2029""#);
        assert_eq!(
            literal(r#"{"__proto__":{"\u005f_proto__" :1,"a":"__proto__"}}"#),
            r#"{["__proto__"]:{["__proto__"] :1,"a":"__proto__"}}"#
        );
        assert_eq!(literal(r#"["__proto__","\\\"__proto__\":"]"#), r#"["__proto__","\\\"__proto__\":"]"#);
        assert_eq!(literal("-0.5e+7"), "-0.5e+7");
    }
}
