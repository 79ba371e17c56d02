//! `FinAppErrorCode`: the numbers of the core's error table, by name, as ArkTS sees them. What differs from the core's
//! table does not compile.

use finapp_core::ErrorCode;
use napi_derive_ohos::napi;

/// Numbers of the errors: the code of what the library throws or rejects with, and the errCode that mini-programs see.
#[napi(object_from_js = false)]
pub enum FinAppErrorCode {
    /// The client is used before `init` (FinClip's number).
    NotInitialised = 10000,
    /// An argument, name or configuration field has the wrong form (FinClip's number).
    Parameter = 10001,
    /// The network failed (FinClip's number).
    Network = 10003,
    /// A package cannot be read or does not start (FinClip's number for a broken package).
    BadPackage = 12000,
    /// No applet with that id (FinClip's number).
    AppletNotFound = 14000,
    /// No applet is in the foreground (FinClip's number).
    NoForegroundApplet = 14001,
    /// A message envelope is not understood.
    BadRequest = 20001,
    /// Over the byte or key limit.
    TooLarge = 20002,
    /// Over the nesting limit.
    TooDeep = 20003,
    /// A value cannot be turned into JSON.
    Serialize = 20004,
    /// Not allowed for this caller.
    Denied = 20005,
    /// No such thing.
    NotFound = 20006,
    /// Too many in flight, or in use.
    Busy = 20007,
    /// A count limit was reached.
    Limit = 20008,
    /// Not available in this environment.
    Unsupported = 20009,
    /// The host's handler threw or rejected.
    Handler = 20010,
    /// The host answered something that cannot be sent.
    HandlerResult = 20011,
    /// No answer in time.
    Timeout = 20012,
    /// The applet did not stop when told to.
    Unresponsive = 20013,
    /// The applet reached its memory cap.
    Memory = 20014,
    /// Too many quarantined threads.
    ZombieLimit = 20015,
    /// The quota or the disk is full.
    StorageFull = 20016,
    /// The applet or the client is closed.
    Closed = 20017,
    /// The page that asked is no longer there.
    PageGone = 20018,
    /// Our fault; the applet is closed when its state is in doubt.
    Internal = 20019,
    /// The host or the user cancelled the call.
    Cancelled = 20020,
    /// Waiting would close a circle of threads that wait for each other.
    Cycle = 20021,
}

/// Compares the enum with the core's table: the same names, the same numbers, none missing on either side.
macro_rules! same_as_in_core {
    ($($name:ident)*) => {
        const _: () = {
            assert!([$(ErrorCode::$name),*].len() == ErrorCode::ALL.len(), "a code of the core is missing");
            $(assert!(FinAppErrorCode::$name as i32 == ErrorCode::$name.number(), "a number differs from the core");)*
        };
        // Refuses a name that stands here twice, or not at all.
        const _: fn(FinAppErrorCode) = |code| match code {
            $(FinAppErrorCode::$name => (),)*
        };
    };
}

same_as_in_core! {
    NotInitialised Parameter Network BadPackage AppletNotFound NoForegroundApplet BadRequest TooLarge TooDeep
    Serialize Denied NotFound Busy Limit Unsupported Handler HandlerResult Timeout Unresponsive Memory
    ZombieLimit StorageFull Closed PageGone Internal Cancelled Cycle
}
