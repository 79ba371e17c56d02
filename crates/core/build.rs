//! Compiles the prelude to bytecode with the very engine that will load it, so that opening an applet parses nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a build script reads and writes files, and stops the build by panicking"
)]

use rquickjs::module::{WriteOptions, WriteOptionsEndianness};
use rquickjs::{Context, Module, Runtime};
use std::{env, fs, path::PathBuf};

const PRELUDE: &str = "src/engine/prelude.js";

fn main() {
    println!("cargo:rerun-if-changed={PRELUDE}");
    let source = fs::read_to_string(PRELUDE).expect("the prelude lies beside its Rust file");
    let runtime = Runtime::new().expect("the engine starts");
    let context = Context::full(&runtime).expect("the engine has a context");
    let bytecode = context.with(|ctx| {
        let module = Module::declare(ctx.clone(), "finapp:prelude", source).unwrap_or_else(|_| {
            let thrown = ctx.catch();
            panic!("{PRELUDE} does not compile: {:?}", thrown.as_exception())
        });
        // Every target is little-endian, whatever machine builds. Without its source a function is `[native code]` to
        // whoever turns it into text, and no applet keeps a copy of this file.
        let options =
            WriteOptions { endianness: WriteOptionsEndianness::Little, strip_source: true, ..WriteOptions::default() };
        module.write(options).expect("the engine writes what it has compiled")
    });
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("prelude.bytecode"), bytecode).expect("OUT_DIR can be written");
}
