//! Errors on their way to ArkTS: an `Error` with the text, the number in `code` and the name in `codeName`.

use super::ffi::{Env, Fault, Try};
use finapp_core::{Error, ErrorCode};

/// Why a native function or an export gives up.
pub enum Raise<'s> {
    /// With an error of ours.
    Error(Error),
    /// With what JavaScript threw, or because Node-API refused.
    Fault(Fault<'s>),
}

impl From<Error> for Raise<'_> {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<ErrorCode> for Raise<'_> {
    fn from(code: ErrorCode) -> Self {
        Self::Error(code.into())
    }
}

impl<'s> From<Fault<'s>> for Raise<'s> {
    fn from(fault: Fault<'s>) -> Self {
        Self::Fault(fault)
    }
}

impl<'s> Raise<'s> {
    /// What a caught panic becomes. Its own text may name paths and stays in the log.
    pub fn panicked() -> Self {
        Self::Error(ErrorCode::Internal.into())
    }

    /// The value to throw or to reject with.
    pub fn value(self, env: Env<'s>) -> Try<'s> {
        match self {
            Self::Error(error) => typed(env, &error),
            Self::Fault(Fault::Thrown(value)) => Ok(value),
            Self::Fault(Fault::Status(_)) => typed(env, &ErrorCode::Internal.into()),
        }
    }

    /// Throws it when the running callback returns.
    pub fn throw(self, env: Env<'s>) {
        // OpenHarmony skips every call while an exception is pending, so the value is finished before it is thrown.
        if let Ok(value) = self.value(env) {
            env.throw(value);
        }
    }
}

/// The JavaScript form of `error`.
pub fn typed<'s>(env: Env<'s>, error: &Error) -> Try<'s> {
    let value = env.error(error.message())?;
    env.set_member(value, c"code", env.number(f64::from(error.code().number()))?)?;
    env.set_member(value, c"codeName", env.text(error.code().name())?)?;
    Ok(value)
}
