//! An engine that compiles and runs nothing: it makes the bytecode that is kept for later starts, on any thread.

use super::super::bytecode;
use super::super::heap::Heap;
use super::super::kept::{Kind, Written};
use super::{commonjs, native};
use crate::limits::Limits;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Module, Result, Runtime};
use std::cell::RefCell;
use std::rc::Rc;

/// What the module that is being compiled imports, as its text says it.
#[derive(Clone, Default)]
struct Imports(Rc<RefCell<Vec<String>>>);

/// The engine, with the limits that an applet's has.
pub(in super::super) struct Compiler {
    heap: Heap,
    imports: Imports,
    context: Context,
}

impl Compiler {
    pub(in super::super) fn new(limits: &Limits) -> Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_max_stack_size(limits.js_stack);
        let imports = Imports::default();
        runtime.set_loader(imports.clone(), Nothing);
        let context = Context::full(&runtime)?;
        Ok(Self { heap: context.with(|ctx| Heap::new(&ctx, limits.memory)), imports, context })
    }

    /// The bytecode of a file; nothing when it does not compile.
    pub(in super::super) fn write(&self, kind: Kind, path: &str, in_front: &str, source: &str) -> Option<Written> {
        self.imports.0.borrow_mut().clear();
        let compiled = |ctx: &Ctx<'_>| match kind {
            Kind::Function => native::compile_script(ctx, path, commonjs::whole(in_front, source)),
            Kind::Module => native::compile_module(ctx, path, format!("{in_front}{source}")).map(|own| own.owned(ctx)),
        };
        self.context.with(|ctx| {
            let code = self.heap.roomy(&ctx, source.len(), || match compiled(&ctx) {
                Ok(code) => bytecode::written(&ctx, code),
                Err(_) => {
                    drop(ctx.catch());
                    None
                }
            });
            Some(Written { code: code?, imports: self.imports.0.take() })
        })
    }
}

impl Resolver for Imports {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        // Bytecode does not tell them, and an import that has some is refused.
        if attributes.is_some() {
            return Err(Error::new_resolving(base, name));
        }
        self.0.borrow_mut().push(name.to_owned());
        Ok(format!("import of {name}"))
    }
}

/// Stands for every module that is imported: it is never linked.
struct Nothing;

impl Loader for Nothing {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        Module::declare(ctx.clone(), name, "")
    }
}
