//! Loads the one piece of bytecode there is: our own prelude, compiled by this very engine when this library was
//! built. Nothing from a package ever gets here.
#![expect(unsafe_code, reason = "the engine cannot check bytecode; the reason why it may be trusted stands below")]

use rquickjs::module::Evaluated;
use rquickjs::{Ctx, Module, Result};

static PRELUDE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/prelude.bytecode"));

/// Evaluates the prelude's module.
pub(super) fn prelude<'js>(ctx: &Ctx<'js>) -> Result<Module<'js, Evaluated>> {
    // SAFETY: the bytes were written by `build.rs` with the engine version that this crate links (one exact pin for
    // both), and are part of the binary.
    let module = unsafe { Module::load(ctx.clone(), PRELUDE) }?;
    let (module, evaluated) = module.eval()?;
    evaluated.finish::<()>()?;
    Ok(module)
}
