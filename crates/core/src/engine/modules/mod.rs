//! Modules of the package, of both kinds: CommonJS files (`commonjs.rs`), each inside the function wrapper that
//! mini-program tools give it, and ES modules (`es.rs`), which are the engine's own. A file is what it compiles as.
//! One file is evaluated once, whoever asks first; `require` and `import` reach both kinds.

mod commonjs;
mod compiler;
mod es;
mod kept;
mod native;
mod order;

#[cfg(test)]
pub(super) use commonjs::prologue;
pub(super) use compiler::Compiler;

use super::convert::{self, plain_object};
use super::state::State;
use super::{bytecode, error_text};
use crate::bridge::Counters;
use crate::error::Error;
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// The modules that have been compiled or evaluated, or are being.
#[derive(Default)]
pub(super) struct Modules {
    files: RefCell<HashMap<Rc<str>, File>>,
    imports: es::Imports,
    interop: RefCell<Option<Persistent<Object<'static>>>>,
    hooked: native::Hooked,
    warned: Cell<bool>,
}

/// What is known of a file, by its path in the package.
#[derive(Clone)]
enum File {
    /// CommonJS, compiled for somebody who imports it, and not run yet.
    Compiled(Persistent<Function<'static>>),
    /// CommonJS that has run or is running: its `module`.
    Running(Persistent<Object<'static>>),
    Es(Rc<es::EsModule>),
}

impl Modules {
    /// Lets go of every engine value.
    pub(super) fn clear(&self) {
        self.hooked.remove();
        self.files.borrow_mut().clear();
        self.imports.clear();
        self.interop.borrow_mut().take();
    }

    fn file(&self, path: &str) -> Option<File> {
        self.files.borrow().get(path).cloned()
    }

    /// Whether the engine has the file, or is compiling it.
    fn is_there(&self, path: &str) -> bool {
        self.files.borrow().contains_key(path) || self.imports.is_compiling(path)
    }

    fn keep(&self, path: &str, file: File) {
        let before = self.files.borrow_mut().insert(path.into(), file);
        drop(before);
    }

    fn forget(&self, path: &str) {
        let before = self.files.borrow_mut().remove(path);
        drop(before);
    }

    fn interop<'js>(&self, ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
        let held = self.interop.borrow().clone().ok_or(rquickjs::Error::Unknown)?;
        held.restore(ctx)?.get(name)
    }
}

/// Makes ready what modules need. Before any foreign code runs.
pub(super) fn install(state: &Rc<State>, ctx: &Ctx<'_>) -> Result<()> {
    let make: Function<'_> = bytecode::module(ctx, &bytecode::INTEROP)?.get("interop")?;
    let interop: Object<'_> = make.call(())?;
    *state.modules.interop.borrow_mut() = Some(Persistent::save(ctx, interop));
    state.modules.hooked.install(ctx, state);
    Ok(())
}

/// Evaluates a file of the package once and gives what it exports, as `require` from the root of the package does. A
/// cycle sees what the module has exported so far; a CommonJS module that throws is forgotten.
pub(super) fn load<'js>(state: &Rc<State>, ctx: &Ctx<'js>, path: &str) -> Result<Value<'js>> {
    if state.modules.file(path).is_none() {
        compile(state, ctx, path)?;
    }
    match state.modules.file(path) {
        Some(File::Compiled(wrapper)) => commonjs::run(state, ctx, path, wrapper.restore(ctx)?),
        Some(File::Running(module)) => module.restore(ctx)?.get("exports"),
        Some(File::Es(module)) => es::load(state, ctx, path, &module),
        None => Err(rquickjs::Error::Unknown),
    }
}

/// Compiles a file as CommonJS, or else as an ES module. If it is neither, the error is the one that comes later in the
/// text: whoever reads further understands it better.
fn compile(state: &Rc<State>, ctx: &Ctx<'_>, path: &str) -> Result<()> {
    let source = state.surroundings.source(path).map_err(|error| throw(ctx, &error))?;
    if let Some(module) = kept::module(state, ctx, path, &source)? {
        Counters::count(&state.counters().sources_kept);
        state.modules.keep(path, File::Es(module));
        return Ok(());
    }
    let failed = match commonjs::compile(state, ctx, path, &source) {
        Ok(wrapper) => {
            state.modules.keep(path, File::Compiled(Persistent::save(ctx, wrapper)));
            return Ok(());
        }
        Err(rquickjs::Error::Exception) => ctx.catch(),
        Err(error) => return Err(error),
    };
    if state.ended().is_some()
        || state.modules.imports.reading.get()
        || error_text::is_out_of_memory(ctx, &failed, &state.heap)
    {
        return Err(ctx.throw(failed));
    }
    let second = match es::compile(state, ctx, path, &source) {
        Ok(module) => {
            Counters::count(&state.counters().sources_compiled);
            state.modules.keep(path, File::Es(module));
            return Ok(());
        }
        Err(rquickjs::Error::Exception) => ctx.catch(),
        Err(error) => return Err(error),
    };
    let place = |thrown: &Value<'_>, in_front: usize| {
        let (line, column) = place(&error_text::describe(ctx, thrown, 1024), path);
        (line, if line == 1 { column.saturating_sub(in_front) } else { column })
    };
    let (as_common, as_es) =
        (place(&failed, commonjs::prologue(path).len()), place(&second, es::prologue(&es::names(path, &source)).len()));
    Err(ctx.throw(if as_es > as_common { second } else { failed }))
}

/// Line and column that the text of an error gives for `path`.
fn place(text: &str, path: &str) -> (usize, usize) {
    let mut numbers = text
        .split_once(&format!("at {path}:"))
        .map_or("", |(_, rest)| rest)
        .split(|character: char| !character.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

/// The path that `request` means in the file `from`.
fn resolve(state: &State, from: &str, request: &str) -> std::result::Result<String, Error> {
    if request.starts_with('/') && !state.modules.warned.replace(true) {
        let text = format!("require('{request}'): a path from the root of the package is not supported everywhere");
        state.log(crate::host::LogLevel::Warn, &text);
    }
    state.surroundings.resolve(from, request).map_err(|error| {
        let wanted = error.message();
        let text = format!("module '{wanted}' is not defined, require args is '{request}'");
        Error::new(error.code(), text)
    })
}

/// Makes the function that scripts call of one that loads: with callbacks and as `.async` it answers later.
pub(super) fn make_require<'js>(state: &State, ctx: &Ctx<'js>, load: Function<'js>) -> Result<Function<'js>> {
    state.modules.interop(ctx, "makeRequire")?.call((load,))
}

/// A `module` object with its exports.
fn module_object<'js>(ctx: &Ctx<'js>, exports: Value<'js>) -> Result<Object<'js>> {
    let module = plain_object(ctx)?;
    convert::put_value(ctx, &module, "exports", exports)?;
    Object::from_value(module)
}

fn throw(ctx: &Ctx<'_>, error: &Error) -> rquickjs::Error {
    Exception::throw_message(ctx, error.message())
}
