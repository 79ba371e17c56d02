//! Compiles our JavaScript to bytecode with the very engine that will load it, so that opening an applet parses nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a build script reads and writes files, and stops the build by panicking"
)]

use rquickjs::module::{WriteOptions, WriteOptionsEndianness};
use rquickjs::{Context, Module, Runtime};
use std::{env, fs, path::PathBuf};

/// Each becomes a file of bytecode of that name, which `engine/bytecode.rs` loads.
const SCRIPTS: &[(&str, &str)] = &[
    ("prelude", "src/engine/prelude.js"),
    ("interop", "src/engine/modules/interop.js"),
    ("storage", "src/api/storage/glue.js"),
    ("network", "src/api/network/glue.js"),
    ("files", "src/api/files/glue.js"),
    ("report", "src/api/report/glue.js"),
];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let runtime = Runtime::new().expect("the engine starts");
    let context = Context::full(&runtime).expect("the engine has a context");
    for (name, path) in SCRIPTS.iter().copied() {
        println!("cargo:rerun-if-changed={path}");
        let source = fs::read_to_string(path).expect("the scripts lie beside their Rust files");
        let bytecode = context.with(|ctx| {
            let module = Module::declare(ctx.clone(), format!("finapp:{name}"), source).unwrap_or_else(|_| {
                let thrown = ctx.catch();
                panic!("{path} does not compile: {:?}", thrown.as_exception())
            });
            // Every target is little-endian, whatever machine builds. Without its source a function is
            // `[native code]` to whoever turns it into text, and no applet keeps a copy of these files.
            let options = WriteOptions {
                endianness: WriteOptionsEndianness::Little,
                strip_source: true,
                ..WriteOptions::default()
            };
            module.write(options).expect("the engine writes what it has compiled")
        });
        fs::write(out.join(format!("{name}.bytecode")), bytecode).expect("OUT_DIR can be written");
    }
}
