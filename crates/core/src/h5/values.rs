//! Values of scripts in browsers that do not wait for promises, as ArkWeb does not: such a script hands its value to the
//! app itself, in a message under a name that is known to that script alone.

use super::script;
use super::stamp;
use super::view::ScriptValue;
use crate::lock::lock;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Mutex;

/// The message that carries a value. It has no id: it is no part of the order of messages.
pub(super) const MESSAGE: &str = "finapp.value";

/// Longer messages hold no value that would be taken.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Who waits for the values of one page's scripts.
#[derive(Default)]
pub struct ScriptValues(Mutex<HashMap<String, ScriptValue>>);

#[derive(Deserialize)]
struct Told {
    key: String,
    value: Option<String>,
}

impl ScriptValues {
    /// The script to run in the place of `script`, an expression, so that `value` gets what it gives.
    #[must_use]
    pub fn ask(&self, script: &str, value: ScriptValue) -> String {
        match stamp::random() {
            Ok(key) => {
                let asking = script::telling(script, &key);
                lock(&self.0).insert(key, value);
                asking
            }
            Err(_) => {
                value(None);
                script.to_owned()
            }
        }
    }

    /// Looks at a message of the page before anybody else does. True when it was a value that somebody waited for.
    pub fn take(&self, name: &str, params: &str) -> bool {
        if name != MESSAGE || params.len() > MOST_BYTES || lock(&self.0).is_empty() {
            return false;
        }
        let Ok(told) = serde_json::from_str::<Told>(params) else { return false };
        let Some(value) = lock(&self.0).remove(&told.key) else { return false };
        value(told.value);
        true
    }

    /// Another document is shown, or none: what was asked of the one before has no value any more.
    pub fn clear(&self) {
        let gone = std::mem::take(&mut *lock(&self.0));
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn key_in(script: &str) -> &str {
        let from = script.find("key:\"").unwrap() + 5;
        &script[from..from + script[from..].find('"').unwrap()]
    }

    #[test]
    fn h_b6_a_value_is_taken_once_and_only_with_the_key_of_its_script() {
        let values = ScriptValues::default();
        let (sender, told) = channel();
        let script = values.ask("1", Box::new(move |value| sender.send(value).unwrap()));
        let key = key_in(&script);
        assert!(key.len() >= 16);
        let message = format!(r#"{{"key":"{key}","value":"2"}}"#);
        assert!(!values.take("finapp.reply", &message));
        assert!(!values.take(MESSAGE, r#"{"key":"guessed","value":"3"}"#));
        assert!(!values.take(MESSAGE, "{"));
        assert!(values.take(MESSAGE, &message));
        assert!(!values.take(MESSAGE, &message));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [Some("2".to_owned())]);
    }

    #[test]
    fn h_b4_nothing_is_taken_for_a_document_that_is_gone() {
        let values = ScriptValues::default();
        let (sender, told) = channel();
        let script = values.ask("1", Box::new(move |value| sender.send(value).unwrap()));
        values.clear();
        assert!(!values.take(MESSAGE, &format!(r#"{{"key":"{}","value":null}}"#, key_in(&script))));
        assert!(told.try_recv().is_err());
    }
}
