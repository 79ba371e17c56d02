//! Loads the only bytecode there is: our own prelude and the glue of our built-ins, compiled by this very engine when this library was
//! built. Nothing from a package ever gets here.
#![expect(unsafe_code, reason = "the engine cannot check bytecode; the reason why it may be trusted stands below")]

use rquickjs::module::Evaluated;
use rquickjs::{Ctx, Module, Result};

/// A module of ours. Only this file makes one.
pub(super) struct Ours(&'static [u8]);

macro_rules! ours {
    ($name:literal) => {
        Ours(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bytecode")))
    };
}

/// `language.js`.
pub(super) const LANGUAGE: Ours = ours!("language");
/// `prelude.js`.
pub(super) const PRELUDE: Ours = ours!("prelude");
/// What the prelude is given for single built-ins.
pub(super) const GLUE: &[Ours] = &[ours!("storage"), ours!("network"), ours!("files"), ours!("report")];
/// `modules/interop.js`.
pub(super) const INTEROP: Ours = ours!("interop");
/// The component layer of mini-programs with the frameworks under it.
#[cfg(feature = "components")]
pub(super) const COMPONENTS: Ours = ours!("components");

/// Evaluates a module.
pub(super) fn module<'js>(ctx: &Ctx<'js>, code: &Ours) -> Result<Module<'js, Evaluated>> {
    // SAFETY: the bytes were written by `build.rs` with the engine version that this crate links (one exact pin for
    // both), and are part of the binary.
    let module = unsafe { Module::load(ctx.clone(), code.0) }?;
    let (module, evaluated) = module.eval()?;
    evaluated.finish::<()>()?;
    Ok(module)
}
