//! Rules of the house that no lint knows, checked on the text of the sources.

mod engine;
mod exports;
mod rooms;
mod shape;

use crate::outcome::{Failure, Outcome};
use crate::rust_text;
use crate::sources::{self, Source};

/// A file with what the rules look at.
pub struct Checked {
    /// The file.
    pub source: Source,
    /// Its code alone; empty for other languages than Rust.
    pub code: String,
}

/// What a rule found, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    line: usize,
    text: String,
}

impl Finding {
    fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

const RULES: &[fn(&Checked) -> Vec<Finding>] = &[
    shape::is_small,
    shape::opens_with_its_purpose,
    shape::is_finished,
    shape::is_named_after_its_thing,
    rooms::unsafe_stays_in_its_rooms,
    rooms::dependencies_stay_in_their_rooms,
    exports::every_export_catches_panics,
    engine::no_property_is_set_under_a_foreign_name,
    engine::bytecode_is_loaded_in_one_place,
];

/// Applies every rule to every source file.
///
/// # Errors
/// Names each finding.
pub fn run() -> Outcome {
    let mut findings = Vec::new();
    for source in sources::all()? {
        let checked = Checked::new(source);
        for finding in RULES.iter().flat_map(|rule| rule(&checked)) {
            findings.push(format!("{}:{}: {}", checked.source.path, finding.line, finding.text));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Failure::new(findings.join("\n"))) }
}

impl Checked {
    fn new(source: Source) -> Self {
        let code = if source.is_rust() { rust_text::code_only(&source.text) } else { String::new() };
        Self { source, code }
    }
}

#[cfg(test)]
pub fn checked(path: &str, text: &str) -> Checked {
    Checked::new(Source { path: path.to_owned(), text: text.to_owned() })
}
