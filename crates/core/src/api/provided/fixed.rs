//! Providers by configuration, for Node, the desktop runner and tests: files and values that stand there beforehand.

use super::providers::provided_name;
use crate::bridge::members::{Members, quoted, value};
use crate::bridge::{HostCall, HostHandler, Payload};
use crate::error::{Error, ErrorCode, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What each API is answered with: an object, or a list of objects that are used in their order, the last one for all
/// calls after it. `{"$fail": "text"}` fails the call, `{"$cancel": true}` cancels it.
pub(crate) type FixedProviders = BTreeMap<String, Value>;

/// Checks a configuration.
///
/// # Errors
/// `E_PARAM`, beginning with the path of the member.
pub(crate) fn validate(providers: &FixedProviders) -> Result<()> {
    for (name, answers) in providers {
        let refused = |text: &str| Err(Error::new(ErrorCode::Parameter, format!("providers.{name}: {text}")));
        if provided_name(name).is_err() {
            return refused("expected the name of an API that the library lets the host provide");
        }
        let list = answers.as_array().map_or(std::slice::from_ref(answers), Vec::as_slice);
        if list.is_empty() || !list.iter().all(Value::is_object) {
            return refused("expected an object, or a list of objects");
        }
    }
    Ok(())
}

/// Answers one API so.
pub(super) struct Fixed {
    answers: Vec<String>,
    next: AtomicUsize,
}

impl Fixed {
    pub(super) fn new(answers: &Value) -> Self {
        let list = answers.as_array().map_or(std::slice::from_ref(answers), Vec::as_slice);
        Self { answers: list.iter().map(Value::to_string).collect(), next: AtomicUsize::new(0) }
    }
}

impl HostHandler for Fixed {
    fn call(&self, call: HostCall) {
        let at = self.next.fetch_add(1, Ordering::AcqRel).min(self.answers.len().saturating_sub(1));
        let text = self.answers.get(at).map_or("{}", String::as_str);
        let members = Members::parse(text).unwrap_or_default();
        let said = members.get("$fail").and_then(value::<String>);
        if let Some(said) = said {
            let body = call.reply.checked(format!(r#"{{"errMsg":{}}}"#, quoted(&said)), Vec::new());
            call.reply.fail(body.unwrap_or_default());
        } else if members.get("$cancel") == Some("true") {
            call.reply.cancel(Payload::none());
        } else {
            call.reply.success_text(text.to_owned());
        }
    }
}
