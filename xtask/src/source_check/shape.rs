//! How a file looks: its size, its first line, its name, and that nothing in it is unfinished.

use super::{Checked, Finding};

const MOST_LINES: usize = 500;
const EMPTY_NAMES: &[&str] = &["utils", "util", "misc", "common", "manager", "helpers", "helper"];
// Written in two halves, or this file would find itself.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// A file over the limit usually holds two ideas.
pub fn is_small(file: &Checked) -> Vec<Finding> {
    let lines = file.source.text.lines().count();
    if lines <= MOST_LINES || is_generated(file) {
        return Vec::new();
    }
    vec![Finding::new(MOST_LINES, format!("{lines} lines; more than {MOST_LINES} usually hold two ideas"))]
}

/// A reader learns from the first line what the file is for.
pub fn opens_with_its_purpose(file: &Checked) -> Vec<Finding> {
    let mut lines = file.source.text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.starts_with("#!/") && !line.is_empty()).unwrap_or_default();
    let opens = if file.source.is_rust() {
        first.starts_with("//!")
    } else {
        first.starts_with("//") || first.starts_with("/*")
    };
    if opens || is_sample(file) {
        return Vec::new();
    }
    vec![Finding::new(1, "the file does not open with a comment on what it is for")]
}

/// Unfinished work is an issue, not a comment.
pub fn is_finished(file: &Checked) -> Vec<Finding> {
    let mark = |line: &str| {
        let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
        words.find(|word| UNFINISHED.contains(word)).map(str::to_owned)
    };
    let lines = file.source.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| mark(line).map(|word| Finding::new(index + 1, format!("{word} left behind"))))
        .collect()
}

/// A file is named after the thing it defines.
pub fn is_named_after_its_thing(file: &Checked) -> Vec<Finding> {
    let parts = file.source.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let empty = parts.filter(|part| EMPTY_NAMES.contains(part));
    empty
        .map(|part| Finding::new(1, format!("a file or folder named `{part}` says nothing about what it holds")))
        .collect()
}

fn is_generated(file: &Checked) -> bool {
    file.source.path.ends_with(".d.ts")
}

// Packages that tests load stand as their author wrote them.
fn is_sample(file: &Checked) -> bool {
    file.source.path.contains("/fixtures/")
}

#[cfg(test)]
mod tests {
    use super::super::checked;
    use super::*;

    #[test]
    fn a_file_must_open_with_its_purpose() {
        for (path, text, found) in [
            ("src/a.rs", "//! What.\n", 0),
            ("src/a.rs", "// What.\n", 1),
            ("src/a.rs", "use std;\n", 1),
            ("tests/node/a.mjs", "#!/usr/bin/env node\n// What.\n", 0),
            ("tests/node/a.mjs", "import x;\n", 1),
            ("tests/fixtures/p/app.js", "App({})\n", 0),
        ] {
            assert_eq!(opens_with_its_purpose(&checked(path, text)).len(), found, "{path} {text:?}");
        }
    }

    #[test]
    fn size_names_and_leftovers_are_found() {
        assert_eq!(is_small(&checked("a.rs", &"\n".repeat(500))).len(), 0);
        assert_eq!(is_small(&checked("a.rs", &"\n".repeat(501))).len(), 1);
        assert_eq!(is_named_after_its_thing(&checked("src/utils/a.rs", "")).len(), 1);
        assert_eq!(is_named_after_its_thing(&checked("src/client.rs", "")).len(), 0);
        assert_eq!(
            is_finished(&checked("a.js", &format!("// {}: later", UNFINISHED[0]))),
            [Finding::new(1, format!("{} left behind", UNFINISHED[0]))]
        );
    }
}
