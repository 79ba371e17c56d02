//! What a page gets at the end of a call: the members of the answer in their order, `errMsg`, and `errCode` where there is
//! one. As text: a page is another engine.

use super::buffers;
use crate::bridge::members::{Members, quoted, value};
use crate::bridge::{Binary, Outcome, PathSegment, Payload, err_msg};
use crate::error::{Error, ErrorCode};

/// The result of `outcome` as JSON text, for a call whose `errMsg` begins with `prefix`, and the binaries that go beside it
/// where the page has a port. Where it has none they are in the text.
pub(super) fn of_outcome(prefix: &str, outcome: &Outcome, has_port: bool) -> (String, Vec<Binary>) {
    let (payload, error) = match outcome {
        Outcome::Success(payload) | Outcome::Cancelled(payload) => (payload, None),
        Outcome::Failure { payload, error } => (payload, error.as_ref()),
    };
    let (members, binaries) = members_of(payload);
    let buffers = match &*binaries {
        [] => None,
        _ if has_port => None,
        binaries => match buffers::written(binaries) {
            Some(buffers) => Some(buffers),
            None => {
                let text = "the answer holds binaries deeper than its members, which this page has no channel for";
                let error = Error::new(ErrorCode::HandlerResult, text);
                let text = err_msg::error(prefix, &error);
                return (written(Members::default(), &text, Some(error.code()), None), Vec::new());
            }
        },
    };
    let said: Option<String> = members.get("errMsg").and_then(value);
    let said = said.as_deref();
    let text = match (outcome, error) {
        (Outcome::Success(_), _) => err_msg::success(prefix, said),
        (Outcome::Cancelled(_), _) => err_msg::cancelled(prefix, said),
        (Outcome::Failure { .. }, None) => err_msg::failure(prefix, said),
        (Outcome::Failure { .. }, Some(error)) => err_msg::error(prefix, error),
    };
    let code = match outcome {
        Outcome::Cancelled(_) => Some(ErrorCode::Cancelled),
        _ => error.map(Error::code),
    };
    (written(members, &text, code, buffers), if has_port { binaries } else { Vec::new() })
}

/// The members of what a handler answered, and the binaries in it. What is no object is the member `data`, and nothing is
/// no member.
fn members_of(payload: &Payload) -> (Members<'_>, Vec<Binary>) {
    let (text, mut binaries) = (payload.text(), payload.binaries().to_vec());
    let is_nothing = text.is_empty() || text == "null";
    if let Ok(members) = Members::parse(text)
        && (binaries.is_empty() || !is_nothing)
    {
        return (members, binaries);
    }
    for binary in &mut binaries {
        binary.path.insert(0, PathSegment::Key("data".to_owned()));
    }
    let mut members = Members::default();
    members.set("data", if is_nothing { "null" } else { text });
    (members, binaries)
}

/// JSON text of the members with `errMsg`, with what carries their binaries, and with `errCode` unless the host gave one.
fn written(mut members: Members<'_>, message: &str, code: Option<ErrorCode>, buffers: Option<String>) -> String {
    members.retain(|name| name != "errMsg");
    if let Some(buffers) = buffers {
        members.set(buffers::NAME, buffers);
    }
    members.set("errMsg", quoted(message));
    if let Some(code) = code.filter(|_| members.get("errCode").is_none()) {
        members.set("errCode", code.number().to_string());
    }
    members.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn payload(text: &str) -> Payload {
        Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap()
    }

    #[test]
    fn an_answer_keeps_its_members_and_gets_a_message_that_agrees_with_it() {
        let cases = [
            (Outcome::Success(payload(r#"{"z":1,"a":[2]}"#)), r#"{"z":1,"a":[2],"errMsg":"pay:ok"}"#),
            (Outcome::Success(payload(r#"{"errMsg":"pay:fail"}"#)), r#"{"errMsg":"pay:ok pay:fail"}"#),
            (Outcome::Success(payload("[1]")), r#"{"data":[1],"errMsg":"pay:ok"}"#),
            (Outcome::Success(Payload::none()), r#"{"errMsg":"pay:ok"}"#),
            (Outcome::Cancelled(payload("null")), r#"{"errMsg":"pay:fail cancel","errCode":20020}"#),
            (
                Outcome::Failure { payload: payload(r#"{"code":401,"errMsg":"no funds"}"#), error: None },
                r#"{"code":401,"errMsg":"pay:fail no funds"}"#,
            ),
            (
                Outcome::Failure { payload: payload(r#"{"errCode":7}"#), error: Some(Error::from(ErrorCode::Timeout)) },
                r#"{"errCode":7,"errMsg":"pay:fail timeout"}"#,
            ),
            (Outcome::failed(ErrorCode::Timeout), r#"{"errMsg":"pay:fail timeout","errCode":20012}"#),
        ];
        for (outcome, text) in cases {
            assert_eq!(of_outcome("pay", &outcome, false), (text.to_owned(), Vec::new()));
        }
    }
}
