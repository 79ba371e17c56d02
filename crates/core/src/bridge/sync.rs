//! The lock and the flag of the two state machines whose every interleaving is checked: the end of one call, and the
//! table of calls. They are the standard ones, and loom's while `bridge/call/interleavings.rs` runs.

#[cfg(not(all(test, finapp_loom)))]
pub(super) use crate::lock::lock;
#[cfg(not(all(test, finapp_loom)))]
pub(super) use std::sync::{Mutex, atomic::AtomicBool};

#[cfg(all(test, finapp_loom))]
pub(super) use loom::sync::{Mutex, atomic::AtomicBool};

/// As [`crate::lock::lock`].
#[cfg(all(test, finapp_loom))]
pub(super) fn lock<T>(mutex: &Mutex<T>) -> loom::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
