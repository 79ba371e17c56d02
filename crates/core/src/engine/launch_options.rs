//! `getLaunchOptionsSync` and `getEnterOptionsSync`: what `App.onLaunch` and the last `App.onShow` get. Each call gives
//! an object of its own, also while `app.js` runs for the first time.

use super::convert;
use super::guard::guarded;
use super::state::State;
use rquickjs::{Ctx, Function, Object, Result};
use std::rc::Rc;

/// Puts both functions on `functions`. An applet is entered anew by starting it anew, so both give the same today.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, functions: &Object<'js>) -> Result<()> {
    for name in ["getLaunchOptionsSync", "getEnterOptionsSync"] {
        let shared = state.clone();
        let function = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
            guarded(&shared, &ctx, || ctx.json_parse(shared.setup.launch_options.as_str()))
        })?;
        convert::put_value(ctx, functions.as_value(), name, function.into_value())?;
    }
    Ok(())
}
