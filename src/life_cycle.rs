//! Life-cycle events in the form that the host's listener is given.

use crate::port::ffi::{Env, Try};
use finapp_core::{CloseReason, LifeCycleEvent, PackageNews};

/// `{type, appId}`, with the reason of an end, the error, and what is new of a package, where there are any.
pub fn description<'s>(env: Env<'s>, event: &LifeCycleEvent) -> Try<'s> {
    let object = env.object()?;
    env.set_member(object, c"type", env.text(event.name())?)?;
    env.set_member(object, c"appId", env.text(event.app_id())?)?;
    let error = match event {
        LifeCycleEvent::Closed { reason, .. } => {
            env.set_member(object, c"reason", env.text(reason.name())?)?;
            CloseReason::error(reason)
        }
        LifeCycleEvent::Error { error, .. } => Some(error),
        LifeCycleEvent::Package { news: PackageNews::Progress { received, total }, .. } => {
            // Exact: a package is far smaller than 2^53 bytes.
            env.set_member(object, c"received", env.number(*received as f64)?)?;
            env.set_member(object, c"total", env.number(*total as f64)?)?;
            None
        }
        LifeCycleEvent::Package { news: PackageNews::Kept { version, error }, .. } => {
            env.set_member(object, c"version", env.text(version)?)?;
            Some(error)
        }
        LifeCycleEvent::Package { news: PackageNews::Updated { version }, .. } => {
            env.set_member(object, c"version", env.text(version)?)?;
            None
        }
        _ => None,
    };
    if let Some(error) = error {
        env.set_member(object, c"code", env.number(f64::from(error.code().number()))?)?;
        env.set_member(object, c"message", env.text(error.message())?)?;
    }
    Ok(object)
}
