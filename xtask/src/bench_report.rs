//! The figures of a bench run against their marks: a table for the terminal and one for README.md.

use crate::outcome::{Failure, Outcome};
use crate::workspace;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a row must reach: at most this ratio of ours to the reference.
pub struct Mark {
    /// The row.
    pub name: &'static str,
    most: f64,
    what: &'static str,
}

const fn mark(name: &'static str, most: f64, what: &'static str) -> Mark {
    Mark { name, most, what }
}

/// Every row, in the order of the tables.
pub const MARKS: &[Mark] = &[
    mark("sync_rust", 4.0, "synchronous API answered in Rust / a bare engine call"),
    mark("sync_host", 1.3, "synchronous API answered by the host / a bare thread-safe function round trip"),
    mark("async_host_seq", 1.8, "asynchronous API, one after another / a bare thread-safe function and channel"),
    mark("async_host_pipe", 6.0, "asynchronous API, 256 in flight / the same bare primitive"),
    mark("async_host_pipe_vs_peer", 0.5, "the same / quickjs-emscripten in a Worker"),
    mark("event_1k", 1.5, "an event of 1 KB / a bare channel hop, parse and call"),
    mark("event_fanout", 0.7, "one event to 100 applets / 100 times the row above"),
    mark("binary_512k", 0.05, "512 KiB there and back / the same bytes as base64 text"),
    mark("json_64k", 1.5, "64 KB of nested parameters echoed / bare stringify and parse"),
    mark("open_close", 6.0, "open to the first line, and close / a bare runtime"),
    mark("open_close_page", 25.0, "the same with a page of three components, to onReady / the same"),
    mark("open_bytecode", 0.35, "opening 512 KB of source, second start / first start"),
    mark("memory_idle", 3.0, "memory of an idle applet / a bare runtime on its own thread"),
    mark("memory_idle_page", 12.0, "the same with a page of three components / the same"),
    mark("h5_call", 1.3, "a web page calls an API answered in Rust, in Chromium / a bare binding and script"),
    mark("h5_call_vs_peer", 1.0, "the same / Playwright's exposeFunction"),
    mark("h5_call_js", 1.3, "a handler of a web page is called / a bare script with a promised value"),
    mark("so_size", 1.0, "the stripped arm64 library / 6 MiB"),
    mark("scale", 1.5, "the same calls spread over 100 applets / in one applet"),
];

/// Begin and end of the part of README.md that [`into_readme`] fills.
const README_BEGIN: &str = "<!-- bench:start -->";
const README_END: &str = "<!-- bench:end -->";

/// Figures by row.
pub struct Results(Map<String, Value>);

impl Results {
    /// Reads one side's file.
    ///
    /// # Errors
    /// When it is missing or is not an object of rows, each with its five members.
    pub fn read(path: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let wrong = |what: &str| Failure::new(format!("{}: {what}", path.display()));
        let Ok(Value::Object(rows)) = serde_json::from_str(&text) else {
            return Err(wrong("expected a JSON object of rows"));
        };
        for (name, row) in &rows {
            let numbers =
                ["ours", "reference", "ratio", "n"].iter().all(|member| row.get(member).is_some_and(Value::is_number));
            if !numbers || !row.get("unit").is_some_and(Value::is_string) {
                return Err(wrong(&format!("row {name}: expected ours, reference, ratio, unit and n, got {row}")));
            }
        }
        Ok(Self(rows))
    }

    /// Nothing measured yet.
    pub fn none() -> Self {
        Self(Map::new())
    }

    /// Both together. Of a row that both sides have measured, the worse figure stands.
    pub fn joined(mut self, other: Self) -> Self {
        for (name, row) in other.0 {
            if self.0.get(&name).is_none_or(|own| ratio(own) <= ratio(&row)) {
                self.0.insert(name, row);
            }
        }
        self
    }

    /// Puts in a size and the size that it may have.
    pub fn insert_size(&mut self, name: &str, bytes: u64, most: u64) {
        let ratio = bytes as f64 / most as f64;
        let row = json!({"ours": bytes, "reference": most, "ratio": ratio, "unit": "bytes", "n": 1});
        self.0.insert(name.to_owned(), row);
    }

    /// Whether a row was measured.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Writes them for other programs.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Outcome {
        let text = serde_json::to_string_pretty(&self.0).map_err(|error| Failure::new(error.to_string()))?;
        std::fs::write(path, text + "\n").map_err(|error| Failure::file(path, &error))
    }

    /// The table for the terminal.
    pub fn table(&self) -> String {
        let mut text =
            format!("{:24} {:>12} {:>12} {:5} {:>8} {:>6}\n", "row", "ours", "reference", "unit", "ratio", "mark");
        for line in self.lines() {
            text.push_str(&format!(
                "{:24} {:>12} {:>12} {:5} {:>8} {:>6}  {}\n",
                line.name, line.ours, line.reference, line.unit, line.ratio, line.most, line.verdict
            ));
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = String::from(
            "| row | what / against what | ours | reference | ratio | mark |\n| --- | --- | --- | --- | --- | --- |\n",
        );
        for line in self.lines() {
            text.push_str(&format!(
                "| `{}` | {} | {} {} | {} {} | {} | {} {} |\n",
                line.name,
                line.what,
                line.ours,
                line.unit,
                line.reference,
                line.unit,
                line.ratio,
                line.most,
                line.verdict
            ));
        }
        text
    }

    fn lines(&self) -> Vec<Line> {
        let rows = MARKS.iter().filter_map(|mark| self.0.get(mark.name).map(|row| (mark, row)));
        rows.map(|(mark, row)| Line::new(mark, row)).collect()
    }
}

fn ratio(row: &Value) -> f64 {
    row.get("ratio").and_then(Value::as_f64).unwrap_or(f64::INFINITY)
}

struct Line {
    name: &'static str,
    what: &'static str,
    ours: String,
    reference: String,
    unit: String,
    ratio: String,
    most: String,
    verdict: &'static str,
}

impl Line {
    fn new(mark: &Mark, row: &Value) -> Self {
        let number = |member: &str| row.get(member).and_then(Value::as_f64).unwrap_or(f64::NAN);
        Self {
            name: mark.name,
            what: mark.what,
            ours: figure(number("ours")),
            reference: figure(number("reference")),
            unit: row.get("unit").and_then(Value::as_str).unwrap_or_default().to_owned(),
            ratio: figure(ratio(row)),
            most: format!("≤ {}", mark.most),
            verdict: if ratio(row) <= mark.most { "met" } else { "missed" },
        }
    }
}

// Three digits say all that a busy machine can know.
fn figure(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        size if size >= 1.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// Puts the table of the last run into README.md, with its date and machine.
///
/// # Errors
/// When there was no run, or README.md has lost its marks.
pub fn into_readme(results_file: &Path) -> Outcome {
    let results = Results::read(results_file)?;
    let measured = std::fs::metadata(results_file)
        .and_then(|metadata| metadata.modified())
        .map_err(|error| Failure::file(results_file, &error))?;
    let path = workspace::root().join("README.md");
    let readme = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    let body = format!("Measured on {} on {}.\n\n{}", date(measured), machine(), results.markdown());
    let filled = fill(&readme, &body)
        .ok_or_else(|| Failure::new(format!("README.md: expected the lines {README_BEGIN} and {README_END}")))?;
    std::fs::write(&path, filled).map_err(|error| Failure::file(&path, &error))
}

fn fill(readme: &str, body: &str) -> Option<String> {
    let (head, rest) = readme.split_once(README_BEGIN)?;
    let (_, tail) = rest.split_once(README_END)?;
    Some(format!("{head}{README_BEGIN}\n{body}{README_END}{tail}"))
}

fn machine() -> String {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name").and_then(|rest| rest.split_once(": ")))
        .map_or("an unnamed processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

// The civil date of a moment, in UTC: days since 1970 counted in years that begin in March, so that a leap day is the
// last day of its year.
fn date(moment: SystemTime) -> String {
    let days = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400) + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn results(text: &str) -> Results {
        let Value::Object(rows) = serde_json::from_str(text).unwrap() else { panic!("not an object") };
        Results(rows)
    }

    #[test]
    fn a_row_is_met_only_at_or_below_its_mark() {
        let rows = results(
            r#"{"sync_rust": {"ours": 1.2, "reference": 0.3, "ratio": 4.0, "unit": "us", "n": 5},
                "sync_host": {"ours": 2.0, "reference": 1.0, "ratio": 2.0, "unit": "us", "n": 5},
                "scale": {"ours": 2.0, "reference": 1.0, "ratio": null, "unit": "us", "n": 5}}"#,
        );
        let verdicts: Vec<_> = rows.lines().iter().map(|line| (line.name, line.verdict)).collect();
        assert_eq!(verdicts, [("sync_rust", "met"), ("sync_host", "missed"), ("scale", "missed")]);
    }

    #[test]
    fn of_a_row_that_both_sides_have_the_worse_stands() {
        let better = || results(r#"{"scale": {"ours": 1.0, "reference": 1.0, "ratio": 1.0, "unit": "us", "n": 5}}"#);
        let worse = || results(r#"{"scale": {"ours": 2.0, "reference": 1.0, "ratio": 2.0, "unit": "us", "n": 5}}"#);
        for joined in [better().joined(worse()), worse().joined(better())] {
            assert!((ratio(&joined.0["scale"]) - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn the_readme_keeps_everything_outside_of_the_marks() {
        let readme = format!("a\n{README_BEGIN}\nold\n{README_END}\nb\n");
        assert_eq!(fill(&readme, "new\n").unwrap(), format!("a\n{README_BEGIN}\nnew\n{README_END}\nb\n"));
        assert!(fill("nothing", "new").is_none());
    }

    #[test]
    fn a_date_is_that_of_the_calendar() {
        for (days, expected) in
            [(0, "1970-01-01"), (19_782, "2024-02-29"), (19_783, "2024-03-01"), (20_453, "2025-12-31")]
        {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(days * 86_400)), expected);
        }
    }
}
