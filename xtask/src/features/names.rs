//! Finding rows in the names of tests.

use crate::sources::Source;
use std::fmt;

/// The id of a row: a letter and a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// Which table.
    pub letter: char,
    number: u32,
}

impl RowId {
    /// Reads `H02` or `A1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        let letter = characters.next().filter(char::is_ascii_uppercase)?;
        Some(Self { letter, number: characters.as_str().parse().ok()? })
    }

    fn is_hostile(&self) -> bool {
        matches!(self.letter, 'A'..='D')
    }

    /// How the name of a test of this row begins.
    pub fn test_prefix(&self) -> String {
        let kind = if self.is_hostile() { 'h' } else { 'f' };
        format!("{kind}_{}_", self.to_string().to_lowercase())
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_hostile() {
            write!(f, "{}{}", self.letter, self.number)
        } else {
            write!(f, "{}{:02}", self.letter, self.number)
        }
    }
}

/// The rows that the tests in a file are named after: functions in Rust, quoted titles elsewhere.
pub fn tested_rows(source: &Source) -> Vec<RowId> {
    let heads: &[&str] = if source.is_rust() { &["fn "] } else { &["'", "\"", "`"] };
    let mut rows = Vec::new();
    for head in heads {
        let names = source.text.split(head).skip(1);
        rows.extend(names.filter_map(row_of));
    }
    rows
}

// `f_h02_…` or `h_a23_…`, with something after the id.
fn row_of(name: &str) -> Option<RowId> {
    let mut parts = name.splitn(3, '_');
    let (kind, id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    if !rest.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit()) {
        return None;
    }
    let row = RowId::parse(&id.to_uppercase()).filter(|_| id.starts_with(|first: char| first.is_ascii_lowercase()))?;
    let expected = if row.is_hostile() { "h" } else { "f" };
    (kind == expected).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        tested_rows(&source).iter().map(RowId::to_string).collect()
    }

    #[test]
    fn only_names_of_tests_count() {
        assert_eq!(rows("a.rs", "fn f_h02_the_handler_answers() {}\nfn h_a1_x() {}"), ["H02", "A1"]);
        assert_eq!(rows("a.rs", "async fn h_c03_never() {}"), ["C3"]);
        assert!(rows("a.rs", "// see f_h02_the_handler\nlet x = \"f_h02_x\"; fn f_h02_() {}").is_empty());
        assert!(rows("a.rs", "fn h_h02_x() {} fn f_a1_x() {} fn f_hx_x() {}").is_empty());
        assert_eq!(rows("a.mjs", "test('f_h17_bytes', () => {});\ntest(\"h_c23_full\", x)"), ["H17", "C23"]);
        assert_eq!(rows("a.test.ets", "it('f_j07_env', 0, f)"), ["J07"]);
    }

    #[test]
    fn ids_are_written_as_in_the_table() {
        assert_eq!(RowId::parse("A01").unwrap().test_prefix(), "h_a1_");
        assert_eq!(RowId::parse("H2").unwrap().to_string(), "H02");
        assert!(RowId::parse("h02").is_none() && RowId::parse("Hx").is_none());
    }
}
