//! The one place that builds an `errMsg`.
//! Success or failure is known before this code runs (the host called a method); the text is made to agree with it,
//! because clients in the field judge by the text.

use crate::error::Error;

/// The text of a success: `name:ok`, or what the host said, with the prefix if it has none.
///
/// ```
/// use finapp_core::bridge::err_msg::success;
/// assert_eq!(success("scan", None), "scan:ok");
/// assert_eq!(success("scan", Some("two codes")), "scan:ok two codes");
/// assert_eq!(success("scan", Some("scan:ok cached")), "scan:ok cached");
/// ```
#[must_use]
pub fn success(name: &str, said: Option<&str>) -> String {
    prefixed(name, "ok", said)
}

/// The text of a failure that the host reported.
///
/// ```
/// use finapp_core::bridge::err_msg::failure;
/// assert_eq!(failure("finclipLogin", Some("finclipLogin fail !!")), "finclipLogin:fail finclipLogin fail !!");
/// assert_eq!(failure("scan", Some("scan:fail no camera")), "scan:fail no camera");
/// ```
#[must_use]
pub fn failure(name: &str, said: Option<&str>) -> String {
    prefixed(name, "fail", said)
}

/// The text of a cancelled call: the form that every client takes for "fail, then cancel". FinClip's own
/// `name:cancel` is turned into it, as its clients do.
///
/// ```
/// use finapp_core::bridge::err_msg::cancelled;
/// assert_eq!(cancelled("pay", None), "pay:fail cancel");
/// assert_eq!(cancelled("pay", Some("pay:cancel by user")), "pay:fail cancel by user");
/// assert_eq!(cancelled("pay", Some("by user")), "pay:fail cancel by user");
/// ```
#[must_use]
pub fn cancelled(name: &str, said: Option<&str>) -> String {
    match said.map(str::trim).filter(|said| !said.is_empty()) {
        Some(said) => match said.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')) {
            Some(rest) if rest.starts_with("fail cancel") => said.to_owned(),
            Some(rest) if rest.starts_with("cancel") => format!("{name}:fail {rest}"),
            _ => format!("{name}:fail cancel {said}"),
        },
        None => format!("{name}:fail cancel"),
    }
}

/// The text of a failure that has a code of ours.
#[must_use]
pub fn error(name: &str, error: &Error) -> String {
    prefixed(name, "fail", Some(error.message()))
}

fn prefixed(name: &str, verdict: &str, said: Option<&str>) -> String {
    match said.filter(|said| !said.is_empty()) {
        None => format!("{name}:{verdict}"),
        Some(said) if has_prefix(said, name, verdict) => said.to_owned(),
        Some(said) => format!("{name}:{verdict} {said}"),
    }
}

fn has_prefix(said: &str, name: &str, verdict: &str) -> bool {
    said.strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(':'))
        .and_then(|rest| rest.strip_prefix(verdict))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_says_the_opposite_never_decides() {
        assert_eq!(success("pay", Some("pay:fail")), "pay:ok pay:fail");
        assert_eq!(failure("pay", Some("pay:ok")), "pay:fail pay:ok");
        assert_eq!(failure("pay", Some("Pay:fail")), "pay:fail Pay:fail");
        assert_eq!(failure("pay", Some("pay:failed")), "pay:fail pay:failed");
    }

    #[test]
    fn an_empty_text_is_no_text() {
        assert_eq!(success("pay", Some("")), "pay:ok");
        assert_eq!(failure("pay", Some("")), "pay:fail");
        assert_eq!(cancelled("pay", Some("by user")), "pay:fail cancel by user");
        assert_eq!(cancelled("pay", None), "pay:fail cancel");
    }
}
