//! Exports of the N-API module: a panic that leaves one aborts the host app, so each synchronous one catches it.

use super::{Checked, Finding};
use crate::rust_text::line_at;

/// Every synchronous function under `#[napi]` says `catch_unwind`.
pub fn every_export_catches_panics(file: &Checked) -> Vec<Finding> {
    if !file.source.is_in("src/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut rest = 0;
    while let Some(found) = file.code[rest..].find("#[napi") {
        let start = rest + found;
        let end = file.code[start..].find(']').map_or(file.code.len(), |length| start + length + 1);
        let attribute = &file.code[start..end];
        if is_synchronous_function(&file.code[end..]) && !attribute.contains("catch_unwind") {
            let text = "a synchronous export without `catch_unwind`: a panic in it would abort the host";
            findings.push(Finding::new(line_at(&file.code, start), text));
        }
        rest = end;
    }
    findings
}

// Looks at the item that follows the attribute, past other attributes. A panic in an async export becomes a rejection
// by itself.
fn is_synchronous_function(mut code: &str) -> bool {
    code = code.trim_start();
    while let Some(attribute) = code.strip_prefix("#[") {
        code = attribute.split_once(']').map_or("", |(_, after)| after).trim_start();
    }
    let head = code.split(['(', '{', ';', '=']).next().unwrap_or_default();
    let mut words = head.split_whitespace();
    !words.clone().any(|word| word == "async") && words.any(|word| word == "fn")
        || head.trim() == "pub" && is_synchronous_function(code.split_once(')').map_or("", |(_, after)| after))
}

#[cfg(test)]
mod tests {
    use super::super::checked;
    use super::*;

    #[test]
    fn a_synchronous_export_without_the_guard_is_found() {
        for (text, found) in [
            ("#[napi]\npub fn init() {}", 1),
            ("#[napi(js_name = \"init\")]\n/// Doc.\n#[must_use]\npub fn init() {}", 1),
            ("#[napi]\npub(crate) fn init() {}", 1),
            ("#[napi(constructor)]\npub fn new() -> Self {}", 1),
            ("#[napi(catch_unwind)]\npub fn init() {}", 0),
            ("#[napi(\n  js_name = \"x\",\n  catch_unwind\n)]\npub fn init() {}", 0),
            ("#[napi]\npub async fn init() {}", 0),
            ("#[napi]\npub struct Client { run: fn() }", 0),
            ("#[napi]\nimpl Client {}", 0),
        ] {
            assert_eq!(every_export_catches_panics(&checked("src/client.rs", text)).len(), found, "{text}");
        }
        assert!(every_export_catches_panics(&checked("crates/core/src/a.rs", "#[napi]\nfn f() {}")).is_empty());
    }
}
