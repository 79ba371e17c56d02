//! The engine: one QuickJS runtime and context, on the one thread that made it. The only room that names rquickjs.
//! Every way in is a turn with a budget, every native function is guarded, and every end is an [`Ended`].

mod app;
mod built_ins;
mod bytecode;
mod callbacks;
mod calls;
mod can_i_use;
mod compile;
mod console;
mod convert;
mod error_text;
mod events;
mod guard;
mod heap;
mod interrupt;
mod kept;
mod launch_options;
mod modules;
mod pages;
mod plugins;
mod prelude;
mod rejections;
mod results;
mod runtime;
mod state;
mod surroundings;
mod timers;
mod turn;

pub(crate) use app::AppEvent;
pub(crate) use bytecode::Glue;
pub(crate) use kept::{Compiled, Kept, Seal, renewed};
pub(crate) use pages::{PageLook, PageStep, WebViewChange};
pub(crate) use plugins::{Included, PluginFiles};
pub(crate) use runtime::{Engine, Pump};
pub use state::TemplateMode;
pub(crate) use state::{BuiltIn, Declared, Family, Setup};
pub(crate) use surroundings::Surroundings;
pub(crate) use turn::{Alarm, Ended, LOOKS_EVERY, TurnClock};
