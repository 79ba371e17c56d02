//! ES modules, by the engine's own: no transpiler and no parser of ours. The engine asks for all imports of a module when
//! it compiles it; nothing runs then. What was found is later evaluated group by group, so that the engine never
//! evaluates more than one circle at a time, and CommonJS files have run, and so have names to import, before somebody
//! is linked to them.

use super::super::convert;
use super::super::error_text;
use super::super::kept::Kind;
use super::super::plugins;
use super::super::state::State;
use super::commonjs::{self, BROWSER, OWN};
use super::native::{self, Evaluation, Native};
use super::{File, module_object, order, resolve};
use crate::error::ErrorCode;
use rquickjs::{Ctx, Exception, Function, Object, Persistent, Result, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// How many imports may stand in one chain: the engine follows them on the stack, whose own limit may come first.
const DEEPEST: usize = 500;

type Thrown = Persistent<Value<'static>>;

/// A file that is an ES module.
pub(super) struct EsModule {
    native: Native,
    /// Whether its text may say `export`. One that only imports, and assigns to `module.exports`, is imported like
    /// CommonJS.
    exports: bool,
    module: Persistent<Object<'static>>,
    stage: RefCell<Stage>,
}

#[derive(Clone)]
enum Stage {
    Fresh,
    /// What it imports is being evaluated. A CommonJS file among that which requires it sees no exports yet.
    Preparing,
    Evaluating,
    Done,
    /// It threw, or could not be linked: the same is thrown to all who ask.
    Failed(Thrown),
}

/// What stands behind the names that the engine is given for imports.
#[derive(Clone)]
enum Target {
    Es(Rc<EsModule>),
    Bridge(Rc<Bridge>),
    Missing(Thrown),
}

/// Shows a file that is imported like CommonJS to ES modules.
struct Bridge {
    native: Native,
    path: Rc<str>,
    filled: Cell<bool>,
}

/// Who imports what.
#[derive(Default)]
pub(super) struct Imports {
    targets: RefCell<HashMap<Rc<str>, Target>>,
    edges: RefCell<HashMap<Rc<str>, Vec<Rc<str>>>>,
    /// What is being compiled, and so asks for its imports, and whether it has exports. Meanwhile nothing may fail and
    /// nothing may run.
    compiling: RefCell<Vec<(Rc<str>, bool)>>,
    /// Whether something is being read from bytecode: nothing may be compiled as a module.
    pub(super) reading: Cell<bool>,
}

impl Imports {
    pub(super) fn clear(&self) {
        self.targets.borrow_mut().clear();
        self.edges.borrow_mut().clear();
    }

    pub(super) fn is_compiling(&self, path: &str) -> bool {
        self.compiling.borrow().iter().any(|(own, _)| **own == *path)
    }

    /// How many modules are being compiled inside each other.
    pub(super) fn depth(&self) -> usize {
        self.compiling.borrow().len()
    }

    fn target(&self, name: &str) -> Option<Target> {
        self.targets.borrow().get(name).cloned()
    }

    fn add(&self, name: &str, target: Target) {
        self.targets.borrow_mut().insert(name.into(), target);
    }
}

impl EsModule {
    fn stage(&self) -> Stage {
        self.stage.borrow().clone()
    }

    fn enter(&self, stage: Stage) {
        let before = self.stage.replace(stage);
        drop(before);
    }
}

/// Compiles a file. The names that a CommonJS file finds are declared on its first line, since files of both kinds in
/// one are common; names that the file declares itself are left out.
pub(super) fn compile(state: &Rc<State>, ctx: &Ctx<'_>, path: &str, source: &Arc<str>) -> Result<Rc<EsModule>> {
    made(state, ctx, path, source, || state.heap.roomy(ctx, source.len(), || declare(state, ctx, path, source)))
}

/// Has the engine make the module of a file, with whatever it imports.
pub(super) fn made(
    state: &Rc<State>,
    ctx: &Ctx<'_>,
    path: &str,
    source: &str,
    make: impl FnOnce() -> Result<Native>,
) -> Result<Rc<EsModule>> {
    // Names such as `exports` are no export; anything else may be one.
    let exports = source.match_indices("export").any(|(at, word)| !source[at + word.len()..].starts_with('s'));
    let imports = &state.modules.imports;
    imports.compiling.borrow_mut().push((path.into(), exports));
    let native = make();
    imports.compiling.borrow_mut().pop();
    let native = native?;
    let make_exports: Function<'_> = state.modules.interop(ctx, "makeExports")?;
    let own: Value<'_> = make_exports.call((exports,))?;
    let module = module_object(ctx, own.clone())?;
    let meta = native.meta(ctx)?;
    convert::put_value(ctx, &meta, "require", commonjs::require(state, ctx, path)?.into_value())?;
    convert::put_value(ctx, &meta, "module", module.clone().into_value())?;
    convert::put_value(ctx, &meta, "exports", own)?;
    equip(state, ctx, path, &meta)?;
    let module =
        Rc::new(EsModule { native, exports, module: Persistent::save(ctx, module), stage: RefCell::new(Stage::Fresh) });
    // Others that were compiled meanwhile import it by its path already.
    imports.add(path, Target::Es(module.clone()));
    Ok(module)
}

/// Gives a file of a plugin what its plugin has.
fn equip<'js>(state: &State, ctx: &Ctx<'js>, path: &str, meta: &Value<'js>) -> Result<()> {
    let Some(environment) = plugins::environment(state, ctx, path)? else { return Ok(()) };
    plugins::NAMES.iter().try_for_each(|name| convert::put_value(ctx, meta, name, environment.get(*name)?))
}

/// The names of a CommonJS file that the text may use. In a plugin those that are its own are always among them: a text
/// can name a thing without spelling it out.
pub(super) fn names(path: &str, source: &str) -> Vec<&'static str> {
    let used = OWN.iter().chain(&BROWSER).copied().filter(|name| source.contains(name));
    let of_plugin: &[&str] = if plugins::is_file_of_one(path) { &plugins::NAMES } else { &[] };
    used.chain(of_plugin.iter().copied()).collect()
}

/// What stands in front of a file, on its first line.
pub(super) fn prologue(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!("const {{ {} }} = import.meta; ", names.join(", ")) }
}

fn declare(state: &State, ctx: &Ctx<'_>, path: &str, source: &Arc<str>) -> Result<Native> {
    let in_front = prologue(&own_names(state, ctx, path, source));
    let native = native::compile_module(ctx, path, format!("{in_front}{source}"))?;
    if let Some(kept) = &state.setup.kept {
        kept.add(Kind::Module, path, &in_front, source.clone());
    }
    Ok(native)
}

/// The names that the text may use and does not declare itself.
fn own_names(state: &State, ctx: &Ctx<'_>, path: &str, source: &str) -> Vec<&'static str> {
    let named = names(path, source);
    // Declaring and importing them again at the end is an error only if the text has done so; behind that comes an error
    // in any case, so nothing is kept of this. Of names that are declared once and imported once the engine says nothing.
    let clash = |names: &[&str]| {
        let list = names.join(", ");
        let text = format!("{source}\nimport {{ {list} }} from ''; const {{ {list} }} = 0; )");
        let failed = native::compile_module(ctx, path, text).is_err();
        let text = error_text::describe(ctx, &ctx.catch(), 256);
        failed && (text.contains("redefinition") || text.contains("duplicate import"))
    };
    if named.is_empty() || state.ended().is_some() || !clash(&named) {
        return named;
    }
    named.into_iter().filter(|name| !clash(&[name])).collect()
}

/// Evaluates the module and all that it imports, and gives what `require` gives.
pub(super) fn load<'js>(state: &Rc<State>, ctx: &Ctx<'js>, path: &str, module: &Rc<EsModule>) -> Result<Value<'js>> {
    evaluate(state, ctx, path, module)?;
    module.module.clone().restore(ctx)?.get("exports")
}

fn evaluate(state: &Rc<State>, ctx: &Ctx<'_>, path: &str, module: &Rc<EsModule>) -> Result<()> {
    match module.stage() {
        Stage::Done | Stage::Preparing | Stage::Evaluating => return Ok(()),
        Stage::Failed(thrown) => return Err(ctx.throw(thrown.restore(ctx)?)),
        Stage::Fresh => module.enter(Stage::Preparing),
    }
    let evaluated = evaluate_all(state, ctx, path);
    if matches!(module.stage(), Stage::Preparing) {
        module.enter(Stage::Fresh);
    }
    evaluated
}

/// Evaluates group by group what is reached from a module, and it at last.
fn evaluate_all(state: &Rc<State>, ctx: &Ctx<'_>, path: &str) -> Result<()> {
    let imports = &state.modules.imports;
    let imported = |name: &Rc<str>| match imports.target(name) {
        Some(Target::Es(module)) if matches!(module.stage(), Stage::Fresh | Stage::Preparing) => {
            imports.edges.borrow().get(name).cloned().unwrap_or_default()
        }
        _ => Vec::new(),
    };
    for group in order::order(&Rc::from(path), imported) {
        let mut circle = Vec::new();
        for name in group {
            match imports.target(&name) {
                Some(Target::Es(module)) => circle.push((name, module)),
                Some(Target::Bridge(bridge)) => fill(state, ctx, &bridge)?,
                Some(Target::Missing(thrown)) => return Err(ctx.throw(thrown.restore(ctx)?)),
                None => return Err(rquickjs::Error::Unknown),
            }
        }
        evaluate_circle(state, ctx, &circle)?;
    }
    Ok(())
}

/// Evaluates modules that import each other, of which the first was reached first. All else that they import was
/// evaluated before.
fn evaluate_circle(state: &State, ctx: &Ctx<'_>, circle: &[(Rc<str>, Rc<EsModule>)]) -> Result<()> {
    let Some((path, first)) = circle.first() else { return Ok(()) };
    match first.stage() {
        Stage::Fresh | Stage::Preparing => {}
        Stage::Done | Stage::Evaluating => return Ok(()),
        Stage::Failed(thrown) => return Err(ctx.throw(thrown.restore(ctx)?)),
    }
    let enter = |stage: &Stage| circle.iter().for_each(|(_, module)| module.enter(stage.clone()));
    enter(&Stage::Evaluating);
    let thrown = match first.native.evaluate(ctx) {
        Ok(Evaluation::Done) => None,
        Ok(Evaluation::Threw(thrown)) => Some(thrown),
        Ok(Evaluation::Pending) => {
            let text = format!("module '{path}' did not finish: await at the top of a module is not supported");
            drop(Exception::throw_message(ctx, &text));
            Some(ctx.catch())
        }
        // It could not be linked. The engine names what is imported; the importer is named here.
        Err(_) => {
            let thrown = ctx.catch();
            let text = error_text::describe(ctx, &thrown, 512);
            let text = text.lines().next().unwrap_or_default().trim_start_matches("SyntaxError: ").to_owned();
            drop(Exception::throw_syntax(ctx, &format!("{path}: {text}")));
            Some(ctx.catch())
        }
    };
    if let Some(thrown) = thrown {
        enter(&Stage::Failed(Persistent::save(ctx, thrown.clone())));
        return Err(ctx.throw(thrown));
    }
    let expose: Function<'_> = state.modules.interop(ctx, "expose")?;
    for (_, module) in circle {
        let exports: Value<'_> =
            module.native.meta(ctx)?.as_object().ok_or(rquickjs::Error::Unknown)?.get("exports")?;
        expose.call::<_, ()>((exports, module.native.namespace(ctx)?))?;
        module.enter(Stage::Done);
    }
    Ok(())
}

fn fill(state: &Rc<State>, ctx: &Ctx<'_>, bridge: &Bridge) -> Result<()> {
    if bridge.filled.get() {
        return Ok(());
    }
    let value = super::load(state, ctx, &bridge.path)?;
    let members: Object<'_> = state.modules.interop(ctx, "importable")?.call((value,))?;
    // Running the file may have come here as well.
    if !bridge.filled.replace(true) {
        bridge.native.export(ctx, &members)?;
    }
    Ok(())
}

/// Answers the engine: the name of the module that `request` means in the module `base`. While imports are found
/// nothing runs, and what is not there gets a name that throws later. Otherwise this is `import()`: the module is
/// evaluated here, and what is wrong is thrown.
pub(super) fn imported(state: &Rc<State>, ctx: &Ctx<'_>, base: &str, request: &str, plain: bool) -> Result<Rc<str>> {
    let imports = &state.modules.imports;
    if !imports.compiling.borrow().is_empty() {
        let name = find(state, ctx, base, request, plain).or_else(|_| missing(state, ctx, base, request))?;
        let mut edges = imports.edges.borrow_mut();
        let known = edges.entry(base.into()).or_default();
        // Of a module from bytecode the engine asks twice.
        if !known.contains(&name) {
            known.push(name.clone());
        }
        return Ok(name);
    }
    let name = find(state, ctx, base, request, plain)?;
    match imports.target(&name) {
        Some(Target::Es(module)) => evaluate(state, ctx, &name, &module)?,
        Some(Target::Bridge(bridge)) => fill(state, ctx, &bridge)?,
        Some(Target::Missing(thrown)) => return Err(ctx.throw(thrown.restore(ctx)?)),
        None => return Err(rquickjs::Error::Unknown),
    }
    Ok(name)
}

/// A module that throws what has just been thrown when its importer is about to be evaluated.
fn missing(state: &State, ctx: &Ctx<'_>, base: &str, request: &str) -> Result<Rc<str>> {
    let thrown = ctx.catch();
    // The engine would keep the importer half done if it heard of this now.
    let name: Rc<str> = format!("{base}: {request}").into();
    if state.modules.imports.target(&name).is_none() {
        Native::bridge(ctx, &name)?;
    }
    state.modules.imports.add(&name, Target::Missing(Persistent::save(ctx, thrown)));
    Ok(name)
}

/// Sees to it that there is a module for what is imported.
fn find(state: &Rc<State>, ctx: &Ctx<'_>, base: &str, request: &str, plain: bool) -> Result<Rc<str>> {
    let imports = &state.modules.imports;
    if !plain {
        return Err(Exception::throw_type(ctx, &format!("{base}: import attributes are not supported ('{request}')")));
    }
    let path = resolve(state, base, request).map_err(|error| {
        let text = match error.code() {
            ErrorCode::NotFound => format!("{}, in {base}", error.message()),
            _ => error.message().to_owned(),
        };
        Exception::throw_message(ctx, &text)
    })?;
    let path: Rc<str> = path.into();
    let compiling = imports.compiling.borrow().iter().find(|(own, _)| *own == path).map(|(_, exports)| *exports);
    if compiling.is_none() && state.modules.file(&path).is_none() {
        if imports.compiling.borrow().len() >= DEEPEST {
            return Err(Exception::throw_range(ctx, &format!("{path}: more than {DEEPEST} imports in one chain")));
        }
        super::compile(state, ctx, &path)?;
    }
    let name = match (compiling, state.modules.file(&path)) {
        (Some(true), _) => return Ok(path),
        (None, Some(File::Es(module))) if module.exports => return Ok(path),
        // The engine knows the file itself by its path.
        (Some(false), _) | (_, Some(File::Es(_))) => format!("{path}: module.exports").into(),
        _ => path.clone(),
    };
    if imports.target(&name).is_none() {
        let native = Native::bridge(ctx, &name)?;
        imports.add(&name, Target::Bridge(Rc::new(Bridge { native, path, filled: Cell::new(false) })));
    }
    Ok(name)
}
