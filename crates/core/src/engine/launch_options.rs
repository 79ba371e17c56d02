//! `getLaunchOptionsSync` and `getEnterOptionsSync`: what `App.onLaunch` and the last `App.onShow` get. Each call gives
//! an object of its own, also while `app.js` runs for the first time.

use super::convert;
use super::guard::guarded;
use super::state::State;
use rquickjs::{Ctx, Function, Object, Result};
use std::rc::Rc;

/// Puts both functions on `functions`.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, functions: &Object<'js>) -> Result<()> {
    let shared = state.clone();
    let launched = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
        guarded(&shared, &ctx, || ctx.json_parse(shared.setup.launch_options.as_str()))
    })?;
    convert::put_value(ctx, functions.as_value(), "getLaunchOptionsSync", launched.into_value())?;
    let shared = state.clone();
    let entered = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
        guarded(&shared, &ctx, || {
            let entered = shared.entered.borrow().clone();
            ctx.json_parse(entered.as_deref().unwrap_or(shared.setup.launch_options.as_str()))
        })
    })?;
    convert::put_value(ctx, functions.as_value(), "getEnterOptionsSync", entered.into_value())
}
