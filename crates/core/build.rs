//! Compiles our JavaScript to bytecode with the very engine that will load it, so that opening an applet parses nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a build script reads and writes files, and stops the build by panicking"
)]

#[path = "src/components/bundle_key.rs"]
mod bundle_key;

use rquickjs::module::{WriteOptions, WriteOptionsEndianness};
use rquickjs::{Context, Module, Runtime};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Each becomes a file of bytecode of that name, which `engine/bytecode.rs` loads.
const SCRIPTS: &[(&str, &str)] = &[
    ("language", "src/engine/language.js"),
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
        compile(&context, &out, name, path, source);
    }
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_COMPONENTS").is_some() {
        compile(&context, &out, "components", "the bundle of the component layer", bundle());
    }
}

/// What `cargo xtask bundle` made, when it is made from the files as they are now.
fn bundle() -> String {
    let components = Path::new("src/components");
    let inputs = bundle_key::inputs(components).expect("the component layer lies in its folder");
    let path = Path::new("../..").join(bundle_key::BUNDLE);
    println!("cargo:rerun-if-changed={}", components.join("layer").display());
    for watched in inputs.iter().chain([&path]) {
        println!("cargo:rerun-if-changed={}", watched.display());
    }
    let first_line = bundle_key::first_line(&inputs).expect("the component layer can be read");
    match fs::read_to_string(&path) {
        Ok(text) if text.lines().next() == Some(first_line.as_str()) => text,
        Ok(_) => panic!("the bundle of the component layer is older than its sources: run `cargo xtask bundle`"),
        Err(_) => panic!("the bundle of the component layer is missing: run `cargo xtask bundle`"),
    }
}

/// Writes the bytecode of a module to the file that `engine/bytecode.rs` takes it from.
fn compile(context: &Context, out: &Path, name: &str, path: &str, source: String) {
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
            // A place in a bundled file, which a trace would name, tells nobody anything.
            strip_debug: name == "components",
            ..WriteOptions::default()
        };
        module.write(options).expect("the engine writes what it has compiled")
    });
    fs::write(out.join(format!("{name}.bytecode")), bytecode).expect("OUT_DIR can be written");
}
