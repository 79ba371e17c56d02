//! The engine: one QuickJS runtime and context, on the one thread that made it. The only room that names rquickjs.
//! Every way in is a turn with a budget, every native function is guarded, and every end is an [`Ended`].

mod app;
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
mod launch_options;
mod loader;
#[cfg_attr(not(test), expect(dead_code, reason = "the router, which takes all of it, is not there yet"))]
mod pages;
mod prelude;
mod rejections;
mod results;
mod runtime;
mod state;
mod surroundings;
mod timers;
mod turn;

#[expect(unused_imports, reason = "the router takes these")]
pub(crate) use pages::{PageLook, PageStep};
pub(crate) use runtime::{Engine, Pump};
pub use state::TemplateMode;
pub(crate) use state::{BuiltIn, Declared, Setup};
pub(crate) use surroundings::Surroundings;
pub(crate) use turn::{Alarm, Ended, TurnClock};
