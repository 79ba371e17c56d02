//! What may be named where: `unsafe`, and the crates that only one room may know.

use super::{Checked, Finding};
use crate::rust_text::{line_at, words};

const UNSAFE_ROOMS: &[&str] = &[
    "src/port/",
    "src/port.rs",
    "src/node.rs",
    "src/node/",
    "crates/core/src/engine/",
    "crates/core/src/host/hilog.rs",
    "crates/core/src/host/arkweb.rs",
];

/// The first part of a crate's name, and the only places that may name it.
const ROOMS: &[(&str, &[&str])] = &[
    // The benches measure us against the bare engine and bare Node-API; the build script compiles the prelude; scripts for
    // web pages are tested in an engine that is no mini-program's.
    (
        "rquickjs",
        &[
            "crates/core/src/engine/",
            "crates/core/build.rs",
            "crates/core/benches/",
            "crates/core/tests/web_page_scripts.rs",
        ],
    ),
    ("rusqlite", &["crates/core/src/api/storage/", "crates/core/src/api/report/"]),
    // One HTTP client, one TLS: the APIs that use them, and nobody else.
    ("rustls", &["crates/core/src/net/", "crates/core/src/api/network/failure.rs", "crates/core/tests/"]),
    ("tokio_tungstenite", &["crates/core/src/api/network/", "crates/core/tests/"]),
    ("glass_easel_template_compiler", &["crates/core/src/components/"]),
    ("napi", &["src/", "build.rs", "benches/bare/"]),
    ("arkweb_sys", &["crates/core/src/host/arkweb.rs"]),
    // They take a printf format: one file knows how to feed them.
    ("ohos_hilog_binding", &["crates/core/src/host/hilog.rs"]),
    ("ohos_hilogs_sys", &["crates/core/src/host/hilog.rs"]),
];

/// Unsafe code stands only where ARCHITECTURE.md says.
pub fn unsafe_stays_in_its_rooms(file: &Checked) -> Vec<Finding> {
    // What only measures or tests is not shipped.
    if is_in_any(file, UNSAFE_ROOMS) || is_in_any(file, &["benches/", "crates/core/benches/", "crates/core/tests/"]) {
        return Vec::new();
    }
    let code = words(&file.code).filter(|(_, word)| *word == "unsafe");
    code.map(|(at, _)| Finding::new(line_at(&file.code, at), "`unsafe` outside of its rooms")).collect()
}

/// The engine, Node-API and hilog are each named in one room.
pub fn dependencies_stay_in_their_rooms(file: &Checked) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, places) in ROOMS {
        if is_in_any(file, places) {
            continue;
        }
        let named = words(&file.code).find(|(_, word)| is_crate(word, name));
        if let Some((at, word)) = named {
            let text = format!("`{word}` may be named only in {}", places.join(", "));
            findings.push(Finding::new(line_at(&file.code, at), text));
        }
    }
    findings
}

fn is_crate(word: &str, name: &str) -> bool {
    word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn is_in_any(file: &Checked, places: &[&str]) -> bool {
    places.iter().any(|place| file.source.is_in(place))
}

#[cfg(test)]
mod tests {
    use super::super::checked;
    use super::*;

    #[test]
    fn unsafe_outside_of_its_rooms_is_found() {
        for (path, text, found) in [
            ("crates/core/src/bridge/call.rs", "//! x\nfn f() { unsafe { g() } }", 1),
            ("crates/core/src/bridge/call.rs", "#![deny(unsafe_code)] // unsafe", 0),
            ("crates/core/src/engine/turn.rs", "unsafe { g() }", 0),
            ("src/client.rs", "#[unsafe(no_mangle)]", 1),
            ("src/node.rs", "#[unsafe(no_mangle)]", 0),
        ] {
            assert_eq!(unsafe_stays_in_its_rooms(&checked(path, text)).len(), found, "{path} {text}");
        }
    }

    #[test]
    fn a_crate_outside_of_its_room_is_found() {
        for (path, text, found) in [
            ("crates/core/src/bridge/call.rs", "use rquickjs::Ctx;", 1),
            ("crates/core/src/bridge/call.rs", "// not rquickjs\nlet s = \"rquickjs\";", 0),
            ("crates/core/src/engine/turn.rs", "use rquickjs::Ctx;", 0),
            ("crates/core/src/client/mod.rs", "use napi_ohos::Env;", 1),
            ("src/client.rs", "use napi_ohos::Env;", 0),
            ("crates/core/src/host/log.rs", "use ohos_hilog_binding::x;", 1),
        ] {
            assert_eq!(dependencies_stay_in_their_rooms(&checked(path, text)).len(), found, "{path} {text}");
        }
    }
}
