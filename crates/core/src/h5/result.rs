//! What a page gets at the end of a call: the members of the answer in their order, `errMsg`, and `errCode` where there is
//! one. As text: a page is another engine.

use super::members::Members;
use crate::bridge::{Outcome, err_msg};
use crate::error::{Error, ErrorCode};

/// The result of `outcome` as JSON text, for a call whose `errMsg` begins with `prefix`.
pub(super) fn of_outcome(prefix: &str, outcome: &Outcome) -> String {
    let (payload, error) = match outcome {
        Outcome::Success(payload) | Outcome::Cancelled(payload) => (payload, None),
        Outcome::Failure { payload, error } => (payload, error.as_ref()),
    };
    if !payload.binaries().is_empty() {
        let text = "the answer holds binaries, which pages cannot be given yet";
        return of_error(prefix, &Error::new(ErrorCode::HandlerResult, text));
    }
    let members = Members::of(payload);
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
    members.with(&text, code)
}

/// The result of a call that failed before anybody answered it.
pub(super) fn of_error(prefix: &str, error: &Error) -> String {
    Members::default().with(&err_msg::error(prefix, error), Some(error.code()))
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
            assert_eq!(of_outcome("pay", &outcome), text);
        }
    }
}
