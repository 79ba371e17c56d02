//! Node-API set-up of the module; for Node on Linux the two wrapped functions of src/node.rs, and for HarmonyOS a linker
//! that refuses a name which the system does not export.

fn main() {
    napi_build_ohos::setup();
    println!("cargo:rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_ENV").as_deref() {
        Ok("gnu") => {
            for wrapped in ["napi_wrap", "napi_module_register"] {
                println!("cargo:rustc-cdylib-link-arg=-Wl,--wrap={wrapped}");
            }
        }
        // Otherwise such a name is found out by the app that loads the library.
        Ok("ohos") => println!("cargo:rustc-cdylib-link-arg=-Wl,-z,defs"),
        _ => {}
    }
}
