//! Node-API set-up of the module, and for Node on Linux the two wrapped functions of src/node.rs.

fn main() {
    napi_build_ohos::setup();
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        for wrapped in ["napi_wrap", "napi_module_register"] {
            println!("cargo:rustc-cdylib-link-arg=-Wl,--wrap={wrapped}");
        }
    }
}
