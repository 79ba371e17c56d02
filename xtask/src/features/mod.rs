//! `cargo xtask features`: FEATURES.md, the public table of what is promised and what is shown by a test.
//! The rows stand in rows.tsv; a test counts for a row when it is named after it.

mod names;

use crate::outcome::{self, Failure, Outcome};
use crate::{sources, workspace};
use names::RowId;
use std::collections::{BTreeMap, BTreeSet};

const ROWS: &str = include_str!("rows.tsv");

const GROUPS: &[(char, &str)] = &[
    ('H', "Host side"),
    ('M', "Mini-program side"),
    ('J', "H5 pages"),
    ('P', "Platform"),
    ('A', "Hostile mini-program"),
    ('B', "Hostile H5 page"),
    ('C', "Host faults and platform"),
    ('D', "Life cycle"),
];

const HEAD: &str = "# Features\n\n\
    Every row has an id, and every test that shows it is named after the id: `f_h02_…` for a feature, `h_a23_…` for a\n\
    hostile or faulty case. Numbers that are missing are not used.\n\n\
    **done**: shown by the tests named. **begun**: has tests, and more to come. **planned**: not there yet.\n\n\
    Generated from the tests by `cargo xtask features --write`; the test command compares it.\n";

struct Row {
    id: RowId,
    done: bool,
    description: String,
}

/// The files with tests of each row.
type Tests = BTreeMap<RowId, BTreeSet<String>>;

/// `cargo xtask features [--write]`.
pub fn run(arguments: &[String]) -> Outcome {
    settle(outcome::write_flag(arguments)?)
}

/// Compares FEATURES.md with the tests.
///
/// # Errors
/// When they differ, a done row has no test, or a test names no row.
pub fn check() -> Outcome {
    settle(false)
}

fn settle(write: bool) -> Outcome {
    let rows = parse_rows(ROWS)?;
    let tests = find_tests()?;
    let mut breaches = breaches(&rows, &tests);
    let path = workspace::root().join("FEATURES.md");
    if let Err(failure) = outcome::settle(&path, &render(&rows, &tests), write, "features") {
        breaches.push(failure.to_string());
    }
    if breaches.is_empty() { Ok(()) } else { Err(Failure::new(breaches.join("\n"))) }
}

fn parse_rows(text: &str) -> Outcome<Vec<Row>> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| parse_row(line).ok_or_else(|| Failure::new(format!("rows.tsv: cannot read {line:?}")))).collect()
}

fn parse_row(line: &str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (id, state, description) = (columns.next()?, columns.next()?, columns.next()?);
    let done = match state {
        "done" => true,
        "planned" => false,
        _ => return None,
    };
    let row = Row { id: RowId::parse(id)?, done, description: description.to_owned() };
    columns.next().is_none().then_some(row)
}

fn find_tests() -> Outcome<Tests> {
    let mut tests = Tests::new();
    // Our own tests of this very table name rows as examples.
    for source in sources::all()?.iter().filter(|source| !source.is_in("xtask/src/features/")) {
        for id in names::tested_rows(source) {
            tests.entry(id).or_default().insert(source.path.clone());
        }
    }
    Ok(tests)
}

fn breaches(rows: &[Row], tests: &Tests) -> Vec<String> {
    let known: BTreeSet<&RowId> = rows.iter().map(|row| &row.id).collect();
    let untested = rows.iter().filter(|row| row.done && !tests.contains_key(&row.id));
    let unknown = tests.iter().filter(|(id, _)| !known.contains(id));
    untested
        .map(|row| format!("{} is marked done and has no test named {}", row.id, row.id.test_prefix()))
        .chain(unknown.map(|(id, files)| format!("a test is named after {id}, which is no row: {files:?}")))
        .collect()
}

fn render(rows: &[Row], tests: &Tests) -> String {
    let mut text = String::from(HEAD);
    for (letter, title) in GROUPS {
        text.push_str(&format!("\n## {title}\n\n| id | what | state | tests |\n| --- | --- | --- | --- |\n"));
        for row in rows.iter().filter(|row| row.id.letter == *letter) {
            let files = tests.get(&row.id);
            let state = match (row.done, files.is_some()) {
                (true, true) => "**done**",
                (true, false) => "no test",
                (false, true) => "begun",
                (false, false) => "planned",
            };
            let links: Vec<String> = files.into_iter().flatten().map(|path| link(path)).collect();
            text.push_str(&format!("| {} | {} | {state} | {} |\n", row.id, row.description, links.join(", ")));
        }
    }
    text
}

fn link(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    // Many folders have a `mod.rs` or `tests.rs`: the folder tells them apart.
    let shown = match path.rsplit('/').nth(1) {
        Some(folder) if matches!(file, "mod.rs" | "tests.rs" | "main.rs") => format!("{folder}/{file}"),
        _ => file.to_owned(),
    };
    format!("[{shown}]({path})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str, tests: &[(&str, &str)]) -> (Vec<Row>, Tests) {
        let mut found = Tests::new();
        for (id, path) in tests {
            found.entry(RowId::parse(id).unwrap()).or_default().insert((*path).to_owned());
        }
        (parse_rows(rows).unwrap(), found)
    }

    #[test]
    fn a_done_row_without_a_test_and_a_test_without_a_row_are_found() {
        let (rows, tests) = table("H01\tdone\tinit\nH02\tplanned\tregister\n", &[("H99", "tests/a.rs")]);
        assert_eq!(
            breaches(&rows, &tests),
            [
                "H01 is marked done and has no test named f_h01_",
                "a test is named after H99, which is no row: {\"tests/a.rs\"}"
            ]
        );
    }

    #[test]
    fn the_table_names_state_and_tests() {
        let (rows, tests) = table(
            "H01\tdone\tinit\nH02\tplanned\tregister\nA1\tplanned\ta loop\n",
            &[("H01", "crates/core/src/client/tests.rs"), ("A1", "crates/core/tests/turn.rs")],
        );
        let text = render(&rows, &tests);
        assert!(
            text.contains("| H01 | init | **done** | [client/tests.rs](crates/core/src/client/tests.rs) |"),
            "{text}"
        );
        assert!(text.contains("| H02 | register | planned |  |"), "{text}");
        assert!(text.contains("| A1 | a loop | begun | [turn.rs](crates/core/tests/turn.rs) |"), "{text}");
    }

    #[test]
    fn the_list_of_rows_is_well_formed() {
        let rows = parse_rows(ROWS).unwrap();
        let ids: BTreeSet<&RowId> = rows.iter().map(|row| &row.id).collect();
        assert_eq!(ids.len(), rows.len(), "an id stands twice");
        assert!(rows.iter().all(|row| GROUPS.iter().any(|(letter, _)| *letter == row.id.letter)));
        assert!(parse_rows("H01\tdone\n").is_err());
        assert!(parse_rows("H01\tmaybe\tinit\n").is_err());
    }
}
