//! Rules of the engine's room.

use super::{Checked, Finding};
use crate::rust_text::line_at;

const ENGINE: &str = "crates/core/src/engine/";
/// Runs before any foreign code, so no setter of a mini-program can be in the way yet.
const PRELUDE: &str = "crates/core/src/engine/prelude.rs";

/// Setting an engine property runs setters and takes `__proto__` for the prototype (case A15): only names that we
/// wrote ourselves are set, and foreign names are defined as own properties instead.
pub fn no_property_is_set_under_a_foreign_name(file: &Checked) -> Vec<Finding> {
    if !file.source.is_in(ENGINE) || file.source.is_in(PRELUDE) {
        return Vec::new();
    }
    let calls = file.code.match_indices(".set(").map(|(at, call)| (at, &file.code[at + call.len()..]));
    calls
        .filter(|(_, arguments)| !arguments.trim_start().starts_with('"') && has_two_arguments(arguments))
        .map(|(at, _)| {
            let text = "an engine property is set under a name that is not a literal; define it as an own property";
            Finding::new(line_at(&file.code, at), text)
        })
        .collect()
}

/// Bytecode is as dangerous as native code (case A26): one file loads it, and only what this very engine made.
pub fn bytecode_is_loaded_in_one_place(file: &Checked) -> Vec<Finding> {
    if !file.source.is_in(ENGINE) || file.source.is_in("crates/core/src/engine/bytecode.rs") {
        return Vec::new();
    }
    let loads = ["Module::load(", "JS_ReadObject"].into_iter().flat_map(|call| file.code.match_indices(call));
    loads
        .map(|(at, _)| Finding::new(line_at(&file.code, at), "bytecode is loaded outside of engine/bytecode.rs"))
        .collect()
}

// A cell's `set` takes one argument, an engine object's takes two.
fn has_two_arguments(arguments: &str) -> bool {
    let mut depth = 0_u32;
    let mut after_comma = false;
    for character in arguments.chars() {
        match character {
            ')' if depth == 0 => return false,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => after_comma = true,
            _ => {}
        }
        if after_comma && !character.is_whitespace() && character != ',' {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::checked;
    use super::*;

    #[test]
    fn h_a15_setting_a_property_under_a_foreign_name_is_found() {
        for (text, found) in [
            ("object.set(key, value)?;", 1),
            ("object.set(\n    name.as_str(),\n    value,\n)?;", 1),
            ("object.set(\"errMsg\", value)?;", 0),
            ("flag.set(true);", 0),
            ("flag.set((1, 2),);", 0),
        ] {
            let file = checked("crates/core/src/engine/convert/write.rs", text);
            assert_eq!(no_property_is_set_under_a_foreign_name(&file).len(), found, "{text}");
        }
        let elsewhere = checked("crates/core/src/client/mod.rs", "map.set(key, value)");
        assert!(no_property_is_set_under_a_foreign_name(&elsewhere).is_empty());
    }

    #[test]
    fn loading_bytecode_elsewhere_is_found() {
        for text in ["unsafe { Module::load(ctx, bytes) }", "unsafe { qjs::JS_ReadObject(ctx, bytes, length, 1) }"] {
            assert_eq!(bytecode_is_loaded_in_one_place(&checked("crates/core/src/engine/loader.rs", text)).len(), 1);
            assert!(bytecode_is_loaded_in_one_place(&checked("crates/core/src/engine/bytecode.rs", text)).is_empty());
        }
    }
}
