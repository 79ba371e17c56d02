//! Plugins that a mini-program includes. All run in the mini-program's engine, each with an `ft` of its own: what it
//! calls with that is called in its name. `prelude.js` makes the objects; here is what files of a plugin find, and the
//! ways between a plugin and its mini-program.

use super::convert::{self, Text};
use super::guard::guarded;
use super::modules;
use super::state::State;
use crate::bridge::Caller;
use crate::ids::AppletId;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Exception, FromJs, Function, Object, Persistent, Result, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What a file of a plugin finds under these names instead of what the mini-program has there: see `prelude.js` and
/// `components/layer/`.
pub(super) const NAMES: [&str; 12] = [
    "ft",
    "wx",
    "globalThis",
    "global",
    "App",
    "Page",
    "Component",
    "Behavior",
    "getApp",
    "getCurrentPages",
    "requirePlugin",
    "requireMiniProgram",
];

/// Where the folders of plugins lie.
const FOLDER: &str = "__plugin__/";

/// A plugin, as the mini-program includes it.
#[derive(Clone, Debug)]
pub(crate) struct Included {
    pub(crate) id: AppletId,
    /// What the mini-program calls it.
    pub(crate) aliases: Vec<String>,
    /// The file of the mini-program that it may require.
    pub(crate) export: Option<String>,
    pub(crate) caller: Arc<Caller>,
}

/// The files of a plugin that others may use, from the root of the package.
#[derive(Clone, Debug, Default)]
pub(crate) struct PluginFiles {
    /// Whose exports `requirePlugin` gives.
    pub(crate) main: Option<String>,
    /// Components by name, without an ending.
    #[cfg_attr(not(feature = "components"), expect(dead_code, reason = "without pages nobody uses components"))]
    pub(crate) components: Vec<(String, String)>,
}

/// What `globalThis` means in the files of each plugin.
#[derive(Default)]
pub(super) struct Environments(RefCell<Vec<Persistent<Object<'static>>>>);

impl Environments {
    pub(super) fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

/// Makes `requirePlugin` a global, and keeps what the prelude made for each plugin.
pub(super) fn install<'js>(state: &Rc<State>, ctx: &Ctx<'js>, environments: &Vec<Object<'js>>) -> Result<()> {
    for (plugin, environment) in state.setup.plugins.iter().zip(environments) {
        let shared = state.clone();
        let export = plugin.export.clone();
        let require = Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
            guarded(&shared, &ctx, || match &export {
                Some(file) => require_host(&shared, &ctx, file),
                None => Ok(Value::new_undefined(ctx.clone())),
            })
        })?;
        let require = require.with_name("requireMiniProgram")?;
        convert::put_value(ctx, environment.as_value(), "requireMiniProgram", require.into_value())?;
        state.plugins.0.borrow_mut().push(Persistent::save(ctx, environment.clone()));
    }
    let shared = state.clone();
    let load = Function::new(ctx.clone(), move |ctx: Ctx<'js>, alias: Value<'js>, later: Opt<bool>| {
        guarded(&shared, &ctx, || {
            let alias =
                if alias.is_string() { Text::from_js(&ctx, alias).map(|Text(text)| text)? } else { String::new() };
            let Some(main) = files_of(&shared, &ctx, &alias)?.main else { return convert::plain_object(&ctx) };
            let loaded = modules::load(&shared, &ctx, &main);
            // Whoever asked for it later gets the text alone; where it broke is for the error hooks and the host.
            if let Err(rquickjs::Error::Exception) = loaded
                && later.0 == Some(true)
            {
                let thrown = ctx.catch();
                shared.report_at(&ctx, &thrown, &main);
                return Err(ctx.throw(thrown));
            }
            loaded
        })
    })?;
    let require: Function<'js> = modules::make_require(state, ctx, load)?;
    convert::put_value(ctx, ctx.globals().as_value(), "requirePlugin", require.with_name("requirePlugin")?.into_value())
}

fn files_of(state: &State, ctx: &Ctx<'_>, alias: &str) -> Result<PluginFiles> {
    let named = |plugin: &&Included| plugin.aliases.iter().any(|own| own == alias);
    let Some(plugin) = state.setup.plugins.iter().find(named) else {
        return Err(Exception::throw_message(ctx, &format!("plugin \"{alias}\" is not declared in app.json")));
    };
    let files = state.surroundings.plugin(&plugin.id);
    files.map_err(|error| Exception::throw_message(ctx, &format!("plugin \"{alias}\": {}", error.message())))
}

fn require_host<'js>(state: &Rc<State>, ctx: &Ctx<'js>, file: &str) -> Result<Value<'js>> {
    // As if `app.json` itself asked for it.
    let path = state.surroundings.resolve("app.json", &format!("./{file}")).map_err(|error| {
        Exception::throw_message(ctx, &format!("app.json: plugins: the export '{}' is not found", error.message()))
    })?;
    modules::load(state, ctx, &path)
}

/// Whether the file belongs to a plugin.
pub(super) fn is_file_of_one(path: &str) -> bool {
    path.starts_with(FOLDER)
}

/// Splits the path of a file: the folder of the plugin that it belongs to, with the slash behind it, and the rest.
#[cfg(feature = "components")]
pub(super) fn split(path: &str) -> (&str, &str) {
    let folder = path.strip_prefix(FOLDER).and_then(|rest| rest.find('/')).map_or(0, |at| FOLDER.len() + at + 1);
    path.split_at(folder)
}

/// The path of a component that a plugin gives to its mini-program, if it gives one of that name.
#[cfg(feature = "components")]
pub(super) fn component(state: &State, ctx: &Ctx<'_>, alias: &str, name: &str) -> Result<Option<String>> {
    let components = files_of(state, ctx, alias)?.components;
    Ok(components.into_iter().find(|(own, _)| own == name).map(|(_, path)| path))
}

/// What a file finds under [`NAMES`]; none for a file of the mini-program itself.
///
/// # Errors
/// When the file lies in the folder of a plugin that the mini-program does not include.
pub(super) fn environment<'js>(state: &State, ctx: &Ctx<'js>, path: &str) -> Result<Option<Object<'js>>> {
    let Some(rest) = path.strip_prefix(FOLDER) else { return Ok(None) };
    let id = rest.split('/').next().unwrap_or_default();
    let place = state.setup.plugins.iter().position(|plugin| plugin.id.as_str() == id);
    let held = place.and_then(|place| state.plugins.0.borrow().get(place).cloned());
    match held {
        Some(held) => held.restore(ctx).map(Some),
        None => Err(Exception::throw_message(ctx, &format!("{path}: plugin \"{id}\" is not declared in app.json"))),
    }
}
