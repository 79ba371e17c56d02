//! ES modules from bytecode that was kept. The engine asks for the imports of a module while it reads it, and then others
//! are pointed to what is only half there. The compiler must not run meanwhile: it would follow the imports of such a
//! module. So a module is read only if all that it reaches is there already or will be read as well.

use super::super::bytecode;
use super::super::kept::{Kept, Kind};
use super::super::state::State;
use super::super::turn::Ended;
use super::es::{self, EsModule};
use super::{commonjs, native};
use rquickjs::{Ctx, Result};
use std::collections::HashSet;
use std::rc::Rc;

/// How many modules may be read inside each other: the engine must not run out of stack while it does so.
const DEEPEST: usize = 32;

/// The ES module of a file, if it can be read.
pub(super) fn module(state: &Rc<State>, ctx: &Ctx<'_>, path: &str, source: &str) -> Result<Option<Rc<EsModule>>> {
    let Some(kept) = &state.setup.kept else { return Ok(None) };
    let imports = &state.modules.imports;
    let outermost = !imports.reading.get();
    if outermost && !is_whole(state, kept, path) {
        return Ok(None);
    }
    let Some(code) = kept.find(Kind::Module, path, "", source) else { return Ok(None) };
    imports.reading.set(true);
    let made = es::made(state, ctx, path, source, || {
        state.heap.roomy(ctx, code.code().len(), || {
            let native = native::from_value(bytecode::read(ctx, &code)?)?;
            // Now that all are whole: the engine asks for the imports of each once more, and then takes them for found.
            if outermost { native.resolve(ctx) } else { Ok(()) }.map(|()| native)
        })
    });
    if outermost {
        imports.reading.set(false);
    }
    if made.is_err() {
        // Only for want of memory; and others may point to what the engine has freed.
        state.end(Ended::Memory);
    }
    made.map(Some)
}

/// Whether a module can be read without anything being compiled: it, and all ES modules and CommonJS files that it
/// reaches, are kept or there. What cannot be found at all needs no code.
fn is_whole(state: &State, kept: &Kept, path: &str) -> bool {
    let mut seen = HashSet::new();
    let mut open = Vec::new();
    let mut enter = Some(path.to_owned());
    loop {
        if let Some(path) = enter.take()
            && seen.insert(path.clone())
            && !state.modules.is_there(&path)
        {
            let Ok(source) = state.surroundings.source(&path) else { return false };
            match kept.look(Kind::Module, &path, "", &source) {
                Some(_) if open.len() + state.modules.imports.depth() >= DEEPEST => return false,
                Some(code) => open.push((path, code, 0)),
                None if kept.look(Kind::Function, &path, &commonjs::prologue(&path), &source).is_none() => {
                    return false;
                }
                None => {}
            }
        }
        let Some((path, code, at)) = open.last_mut() else { return !seen.is_empty() };
        match code.imports().get(*at) {
            Some(request) => {
                *at += 1;
                enter = state.surroundings.resolve(path, request).ok();
            }
            None => drop(open.pop()),
        }
    }
}
