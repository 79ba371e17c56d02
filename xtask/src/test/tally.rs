//! How many tests a runner reports, read from its closing lines.

/// Tests that passed and failed. A step that is no test runner counts as one test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
}

impl Tally {
    /// A check that held.
    pub const fn one_success() -> Self {
        Self { passed: 1, failed: 0 }
    }

    /// A check that did not.
    pub const fn one_failure() -> Self {
        Self { passed: 0, failed: 1 }
    }

    /// Both together.
    pub const fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// What a run of a test program counts for. One that failed without naming a failed test (it did not compile, it
    /// crashed) counts as one failure, and one that ran no test too.
    pub fn of_run(success: bool, counted: Self) -> Self {
        if (!success && counted.failed == 0) || counted == Self::default() {
            return counted.plus(Self::one_failure());
        }
        counted
    }

    /// Reads `cargo test`: `test result: ok. 3 passed; 0 failed; …`, once a program.
    pub fn of_cargo_test(text: &str) -> Self {
        let results = text.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
        results.fold(Self::default(), |sum, line| {
            sum.plus(Self { passed: before(line, " passed"), failed: before(line, " failed") })
        })
    }

    /// Reads nextest: `Summary [ 1.2s] 5 tests run: 3 passed, 1 failed, 1 timed out, 0 skipped`.
    pub fn of_nextest(text: &str) -> Self {
        let summary = text.lines().rev().find(|line| line.trim_start().starts_with("Summary [")).unwrap_or_default();
        let failed = [" failed", " timed out", " exec failed"].iter().map(|word| before(summary, word)).sum();
        Self { passed: before(summary, " passed"), failed }
    }

    /// Reads Node's runner: `ℹ pass 3` and `ℹ fail 0`.
    pub fn of_node(text: &str) -> Self {
        let last = |word: &str| {
            let mut numbers =
                text.lines().filter_map(|line| line.trim_start_matches(['ℹ', '#', ' ']).strip_prefix(word));
            numbers.next_back().and_then(|number| number.trim().parse().ok()).unwrap_or_default()
        };
        Self { passed: last("pass "), failed: last("fail ") + last("cancelled ") }
    }

    /// Reads hypium's sum: `Tests run: 5, Failure: 1, Error: 0`. An error may lie outside of the tests that were run.
    pub fn of_hypium(text: &str) -> Self {
        let sum = text.lines().rev().find_map(|line| line.trim().strip_prefix("Tests run: ")).unwrap_or_default();
        let mut numbers = sum.split(", ").map(|part| {
            let digits = part.rsplit(' ').next().unwrap_or_default();
            digits.parse::<u64>().unwrap_or_default()
        });
        let (run, failures, errors) = (numbers.next(), numbers.next(), numbers.next());
        let failed = failures.unwrap_or_default() + errors.unwrap_or_default();
        Self { passed: run.unwrap_or_default().saturating_sub(failed), failed }
    }
}

// The number that stands right before `word`.
fn before(line: &str, word: &str) -> u64 {
    let number = line.split_once(word).and_then(|(head, _)| head.rsplit([' ', ',', ';']).next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_each_runner_are_read() {
        let cargo = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured\n\n\
                     test result: FAILED. 3 passed; 1 failed; 0 ignored";
        assert_eq!(Tally::of_cargo_test(cargo), Tally { passed: 5, failed: 1 });
        let nextest =
            "  Summary [   0.9s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped\n    FAIL x";
        assert_eq!(Tally::of_nextest(nextest), Tally { passed: 3, failed: 2 });
        assert_eq!(Tally::of_node("ℹ tests 4\nℹ pass 3\nℹ fail 1\nℹ cancelled 0\n"), Tally { passed: 3, failed: 1 });
        assert_eq!(Tally::of_node("# pass 3\n# fail 0\n"), Tally { passed: 3, failed: 0 });
        let hypium = "FAILED a: b\n  expect 1 equals 2\nTests run: 7, Failure: 2, Error: 1\n";
        assert_eq!(Tally::of_hypium(hypium), Tally { passed: 4, failed: 3 });
        assert_eq!(Tally::of_hypium("Tests run: 0, Failure: 0, Error: 1"), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally::of_hypium("the process ended before the tests did"), Tally::default());
    }

    #[test]
    fn a_runner_that_crashed_or_ran_nothing_counts_as_failed() {
        let none = Tally::default();
        assert_eq!(Tally::of_run(true, none).failed, 1);
        assert_eq!(Tally::of_run(false, none).failed, 1);
        assert_eq!(Tally::of_run(false, Tally { passed: 3, failed: 0 }).failed, 1);
        assert_eq!(Tally::of_run(false, Tally { passed: 3, failed: 2 }).failed, 2);
        assert_eq!(Tally::of_run(true, Tally { passed: 3, failed: 0 }), Tally { passed: 3, failed: 0 });
    }
}
