//! Loads the only bytecode there is: our own prelude and the glue of our built-ins, compiled by this very engine when
//! this library was built; and what this very engine has made of a package's text before, under the seal of `kept.rs`.
//! Nothing that a package holds ever gets here.
#![expect(unsafe_code, reason = "the engine cannot check bytecode; the reason why it may be trusted stands below")]

use super::kept::Verified;
use ring::digest::{self, SHA256};
use rquickjs::module::Evaluated;
use rquickjs::{Ctx, Module, Result, qjs};
use std::ffi::CStr;
use std::sync::LazyLock;

/// A module of ours. Only this file makes one.
pub(super) struct Ours(&'static [u8]);

impl Ours {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

macro_rules! ours {
    ($name:literal) => {
        Ours(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".bytecode")))
    };
}

/// `language.js`.
pub(super) const LANGUAGE: Ours = ours!("language");
/// `prelude.js`.
pub(super) const PRELUDE: Ours = ours!("prelude");

/// What makes the built-ins of a family, where they are more than a call of their slot: the `glue.js` in its folder. An
/// applet loads it when it calls the first of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Glue {
    Storage,
    Network,
    Files,
    Report,
}

impl Glue {
    pub(super) fn code(self) -> &'static Ours {
        match self {
            Self::Storage => &const { ours!("storage") },
            Self::Network => &const { ours!("network") },
            Self::Files => &const { ours!("files") },
            Self::Report => &const { ours!("report") },
        }
    }
}

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

/// What another engine or another build of it differs in: bytecode is nothing to it. The prelude's own bytecode stands
/// for the engine's instructions and for how it writes them.
pub(super) static ENGINE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // SAFETY: the engine gives a constant text that ends in a zero.
    let version = unsafe { CStr::from_ptr(qjs::JS_GetVersion()) };
    let mut engine = digest::Context::new(&SHA256);
    for part in [version.to_bytes_with_nul(), std::env::consts::ARCH.as_bytes(), &[0], PRELUDE.0] {
        engine.update(part);
    }
    engine.finish().as_ref().to_vec()
});

/// Makes code of bytecode again: what the compiler made, which the caller owns and runs.
pub(super) fn read(ctx: &Ctx<'_>, code: &Verified) -> Result<qjs::JSValue> {
    let bytes = code.code();
    // SAFETY: pointer and length belong together. The bytes are what `written` below gave in this very build: only a
    // seal that holds over exactly them makes a `Verified`, and its key never leaves the app's own folder.
    let code = unsafe {
        qjs::JS_ReadObject(ctx.as_raw().as_ptr(), bytes.as_ptr(), bytes.len() as _, qjs::JS_READ_OBJ_BYTECODE as _)
    };
    // SAFETY: only the tag is read.
    if unsafe { qjs::JS_IsException(code) } { Err(rquickjs::Error::Exception) } else { Ok(code) }
}

/// The bytecode of code that was compiled and has not run, with all that its errors and its text need. Takes it over.
pub(super) fn written(ctx: &Ctx<'_>, code: qjs::JSValue) -> Option<Vec<u8>> {
    let context = ctx.as_raw().as_ptr();
    let mut length = 0;
    // SAFETY: the code belongs to this context; the result is owned, and none when an exception was thrown.
    let bytes = unsafe { qjs::JS_WriteObject(context, &mut length, code, qjs::JS_WRITE_OBJ_BYTECODE as _) };
    // SAFETY: the code is owned, and not used again.
    unsafe { qjs::JS_FreeValue(context, code) };
    if bytes.is_null() {
        drop(ctx.catch());
        return None;
    }
    // SAFETY: the engine gives as many bytes as it says; they are freed after they have been copied.
    let copy = unsafe { std::slice::from_raw_parts(bytes, usize::try_from(length).unwrap_or_default()) }.to_vec();
    // SAFETY: the engine allocated them, and nobody else knows them.
    unsafe { qjs::js_free(context, bytes.cast()) };
    Some(copy)
}
