//! A mini-program that holds one of everything an applet can hold, and the host that serves it.

use finapp_core::bridge::HostCall;
use finapp_core::{FinAppClient, Result};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Its `app.js`: calls answered and not, a Promise, timers, listeners, a module, an App, a rejection nobody handles, a
/// cycle of garbage.
pub const APP: &str = "
    ft.loadExtApi([{name: 'answered'}, {name: 'held'}]);
    const other = require('./other');
    App({onShow() { this.other = other }, onError() {}});
    for (let at = 0; at < 5; at++) {
        ft.answered({at, success() { ft.held({at}) }, complete() {}});
        ft.held({at, progress() {}}).catch(() => {});
    }
    setInterval(() => { other.ticks++ }, 4);
    setTimeout(other.listen, 1_000_000, {an: 'argument'});
    ft.onCustomEvent(other.listen);
    wx.addCustomEventListener('named', e => other.listen(e));
    wx.onError(other.listen);
    wx.onUnhandledRejection(other.listen);
    Promise.reject(new Error('nobody handles this'));
    new Promise(() => {}).then(other.listen);
    const cycle = {listen: other.listen}; cycle.cycle = cycle;
    wx.invokeNativePlugin({api_name: 'nobody', fail: other.listen});";

/// Writes the package. `more` goes to the end of its `app.js`.
///
/// # Errors
/// When a file cannot be written.
#[expect(clippy::disallowed_methods, reason = "a package for tests has to be written")]
pub fn write(folder: &Path, more: &str) -> std::io::Result<()> {
    std::fs::write(folder.join("app.js"), format!("{APP}{more}"))?;
    std::fs::write(folder.join("other.js"), "exports.ticks = 0; exports.listen = x => { exports.seen = x }")
}

/// Answers `answered`, and keeps the calls of `held` until they have been cancelled.
///
/// # Errors
/// As [`FinAppClient::register`].
pub fn serve(client: &FinAppClient) -> Result<()> {
    client.register_custom_api("answered", |call: HostCall| {
        call.reply.success_text("{}".to_owned());
    })?;
    let held = Mutex::new(Vec::<HostCall>::new());
    client.register_custom_api("held", move |call: HostCall| {
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|call| call.reply.is_open());
        held.push(call);
    })
}
