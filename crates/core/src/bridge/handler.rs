//! What answers a call: a host handler (any thread, any time later, JSON text and binaries) or an inline handler
//! (Rust, at once, on the caller's own thread, straight from engine values).

use super::call::Reply;
use super::caller::Caller;
use super::payload::Payload;
use crate::error::{Error, ErrorCode};
use crate::ids::{ApiName, PageId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Which function the mini-program's author wrote. It fixes the prefix of `errMsg` and the shape the host sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// `ft.scan({...})` or `wx.scan({...})`.
    Direct,
    /// `wx.invokeNativePlugin({api_name: 'scan', data: {...}})`.
    InvokeNativePlugin,
}

/// What a handler may know about a call besides its parameters.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The API's name.
    pub api: ApiName,
    /// The page that asks, or for a mini-program's own logic the page that was seen when it asked; 0 when none was.
    pub page: PageId,
    /// Which function the mini-program called.
    pub spoken: Spoken,
    /// Whether the caller waits for the return value.
    pub sync: bool,
}

/// A call on its way to a host handler.
#[derive(Debug)]
pub struct HostCall {
    /// Who asks for what.
    pub info: CallInfo,
    /// The parameters: JSON text, and binaries. An object, unless the mini-program gave its arguments a `toJSON` that
    /// says otherwise.
    pub params: Payload,
    /// Answers the call. Dropping it unanswered fails the call with `E_HANDLER`.
    pub reply: Reply,
}

/// A handler that may answer from any thread, at once or later.
///
/// ```
/// use finapp_core::bridge::{HostCall, HostHandler, Payload};
/// struct Scan;
/// impl HostHandler for Scan {
///     fn call(&self, call: HostCall) {
///         call.reply.success_text(r#"{"code":"4006381333931"}"#.to_owned());
///     }
/// }
/// ```
pub trait HostHandler: Send + Sync {
    /// Takes the call. Runs on the caller's thread and must not block it: hand the call over and return.
    fn call(&self, call: HostCall);
}

impl<F: Fn(HostCall) + Send + Sync> HostHandler for F {
    fn call(&self, call: HostCall) {
        self(call);
    }
}

/// Where an inline handler puts its answer.
pub trait Answer {
    /// Builds the answer in the caller's engine. Every member becomes an own property, whatever its name.
    ///
    /// # Errors
    /// `E_HANDLER_RESULT` when the value cannot be built or is over a limit.
    fn put(&mut self, value: &dyn erased_serde::Serialize) -> Result<(), Error>;
}

/// A handler written in Rust that reads its arguments straight from engine values, bounded in depth, keys and bytes,
/// and answers before it returns.
pub trait InlineHandler: Send + Sync {
    /// Answers the call.
    ///
    /// # Errors
    /// What the caller's `fail` shall see. `E_PARAM` when the arguments do not have the expected form.
    fn call(
        &self,
        info: &CallInfo,
        params: &mut dyn erased_serde::Deserializer<'_>,
        answer: &mut dyn Answer,
    ) -> Result<(), Error>;
}

/// Either kind of handler.
#[derive(Clone)]
pub enum Handler {
    /// Answered by the host, with JSON text.
    Host(Arc<dyn HostHandler>),
    /// Answered in Rust, at once.
    Inline(Arc<dyn InlineHandler>),
}

/// Makes an [`InlineHandler`] of a function from a deserializable argument to a serializable answer.
///
/// ```
/// use finapp_core::bridge::handler::inline;
/// use serde::{Deserialize, Serialize};
/// #[derive(Deserialize)] struct Ask { name: String }
/// #[derive(Serialize)] struct Greeting { text: String }
/// let _handler = inline(|_info, ask: Ask| Ok(Greeting { text: format!("hello {}", ask.name) }));
/// ```
pub fn inline<A, R, F>(function: F) -> Handler
where
    A: serde::de::DeserializeOwned + 'static,
    R: serde::Serialize + 'static,
    F: Fn(&CallInfo, A) -> Result<R, Error> + Send + Sync + 'static,
{
    Handler::Inline(Arc::new(Inline { function, shape: std::marker::PhantomData }))
}

struct Inline<A, R, F> {
    function: F,
    shape: std::marker::PhantomData<fn(A) -> R>,
}

impl<A, R, F> InlineHandler for Inline<A, R, F>
where
    A: serde::de::DeserializeOwned,
    R: serde::Serialize,
    F: Fn(&CallInfo, A) -> Result<R, Error> + Send + Sync,
{
    fn call(
        &self,
        info: &CallInfo,
        params: &mut dyn erased_serde::Deserializer<'_>,
        answer: &mut dyn Answer,
    ) -> Result<(), Error> {
        let argument = erased_serde::deserialize::<A>(params)
            .map_err(|error| Error::new(ErrorCode::Parameter, format!("parameter error: {error}")))?;
        // Everything of ours is whole at this point, so a panic of the host's function costs this one call.
        let result = catch_unwind(AssertUnwindSafe(|| (self.function)(info, argument))).unwrap_or_else(|panic| {
            std::mem::forget(panic);
            Err(ErrorCode::Internal.into())
        })?;
        answer.put(&result)
    }
}
