//! The functions that a mini-program hands to one call, or the Promise it gets instead.

use super::convert::{self, Names};
use rquickjs::{Ctx, Function, Persistent, Result, Value, qjs};

pub(super) type HeldFunction = Persistent<Function<'static>>;

/// What shall be called when a call moves on. Read once, when the call is made: what the caller does to its options
/// object afterwards changes nothing.
pub(super) struct Callbacks {
    pub(super) success: Option<HeldFunction>,
    pub(super) fail: Option<HeldFunction>,
    pub(super) complete: Option<HeldFunction>,
    pub(super) cancel: Option<HeldFunction>,
    pub(super) progress: Option<HeldFunction>,
    pub(super) promise: Option<(HeldFunction, HeldFunction)>,
    /// Glue of ours that finishes the result of a call that went well, before anybody sees it.
    pub(super) unpack: Option<HeldFunction>,
}

impl Callbacks {
    /// Reads the functions from `options`. Gives the Promise as well when none of `success`, `fail` and `complete`
    /// was given; given but not callable counts as given, as in the dialects served.
    pub(super) fn take<'js>(ctx: &Ctx<'js>, options: &Value<'js>, names: &Names) -> Result<(Self, Value<'js>)> {
        let mut given = false;
        let mut read = |name: qjs::JSAtom, decides: bool| -> Result<Option<HeldFunction>> {
            if !options.is_object() {
                return Ok(None);
            }
            let value = convert::get_kept(options, name)?;
            given |= decides && !value.is_undefined();
            Ok(value.into_function().map(|function| Persistent::save(ctx, function)))
        };
        let mut callbacks = Self {
            success: read(names.success, true)?,
            fail: read(names.fail, true)?,
            complete: read(names.complete, true)?,
            cancel: read(names.cancel, false)?,
            progress: read(names.progress, false)?,
            promise: None,
            unpack: None,
        };
        if given {
            return Ok((callbacks, Value::new_undefined(ctx.clone())));
        }
        let promise = callbacks.promised(ctx)?;
        Ok((callbacks, promise))
    }

    /// Only a Promise.
    pub(super) fn only_promise<'js>(ctx: &Ctx<'js>) -> Result<(Self, Value<'js>)> {
        let mut callbacks = Self {
            success: None,
            fail: None,
            complete: None,
            cancel: None,
            progress: None,
            promise: None,
            unpack: None,
        };
        let promise = callbacks.promised(ctx)?;
        Ok((callbacks, promise))
    }

    fn promised<'js>(&mut self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        let (promise, resolve, reject) = ctx.promise()?;
        self.promise = Some((Persistent::save(ctx, resolve), Persistent::save(ctx, reject)));
        Ok(promise.into_value())
    }
}
