//! What a page gets at the end of a call: the members of the answer in their order, `errMsg`, and `errCode` where there is
//! one. As text: a page is another engine.

use super::buffers;
use super::members::Members;
use crate::bridge::{Binary, Outcome, err_msg};
use crate::error::{Error, ErrorCode};

/// The result of `outcome` as JSON text, for a call whose `errMsg` begins with `prefix`, and the binaries that go beside it
/// where the page has a port. Where it has none they are in the text.
pub(super) fn of_outcome(prefix: &str, outcome: &Outcome, has_port: bool) -> (String, Vec<Binary>) {
    let (payload, error) = match outcome {
        Outcome::Success(payload) | Outcome::Cancelled(payload) => (payload, None),
        Outcome::Failure { payload, error } => (payload, error.as_ref()),
    };
    let (members, binaries) = Members::of(payload);
    let buffers = match &*binaries {
        [] => None,
        _ if has_port => None,
        binaries => match buffers::written(binaries) {
            Some(buffers) => Some(buffers),
            None => {
                let text = "the answer holds binaries deeper than its members, which this page has no channel for";
                let error = Error::new(ErrorCode::HandlerResult, text);
                let text = err_msg::error(prefix, &error);
                return (Members::default().with(&text, Some(error.code()), None), Vec::new());
            }
        },
    };
    let said = members.text("errMsg");
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
    (members.with(&text, code, buffers), if has_port { binaries } else { Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::Payload;
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
