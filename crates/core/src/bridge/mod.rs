//! The bridge: everything between "somebody called a name" and "the caller has its one answer".
//! Nothing here knows the engine, N-API or a page: those rooms stand on this one.

pub mod call;
mod call_state;
pub mod caller;
pub mod counters;
pub mod deadline;
pub mod dispatcher;
pub mod envelope;
pub mod err_msg;
pub mod handler;
pub(crate) mod members;
pub mod payload;
pub mod policy;
pub mod refusals;
pub mod registry;
mod relay;
mod sync;
pub mod trace;

pub use call::{CallScope, CallSink, PendingCall, Reply};
pub use caller::Caller;
pub use counters::Counters;
pub(crate) use deadline::Deadline;
pub use deadline::Deadlines;
pub use dispatcher::{Dispatcher, Precedence};
pub use handler::{Answer, CallInfo, Handler, HostCall, HostHandler, InlineHandler, Spoken};
pub use payload::{Binary, BinaryKind, Outcome, PathSegment, Payload};
pub use policy::{Authorized, OwnOrigins, Pages};
pub use refusals::Refusal;
pub use registry::{ApiOptions, ArgumentLimits, Registration, Registry};
pub use trace::Trace;
