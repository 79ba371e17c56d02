//! Pages and components of mini-programs. The JavaScript part (`layer/`, on top of WeChat's own component framework) is
//! bundled by `cargo xtask bundle` and runs in the engine; `engine/pages.rs` is its other half. Templates are compiled
//! here, in Rust. Behind the feature `components`.

pub(crate) mod template;
