//! `cargo xtask test`: everything that CI runs, in one order, with a table at the end.

mod steps;
pub mod suites;
mod tally;

use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use steps::STEPS;
pub use tally::Tally;

/// One step: what it is called, whether it belongs to the inner loop, and what it does.
struct Step {
    name: &'static str,
    quick: bool,
    needs: &'static [Need],
    run: fn() -> Outcome<Tally>,
}

struct Report {
    name: &'static str,
    took: Duration,
    tally: Tally,
    verdict: &'static str,
}

/// Runs the steps, all of them also after a failure, and fails when one failed.
pub fn run(arguments: &[String]) -> Outcome {
    let chosen = choose(arguments)?;
    let needs: HashSet<Need> = chosen.iter().flat_map(|step| step.needs).copied().collect();
    setup::ensure(&needs.into_iter().collect::<Vec<_>>())?;

    let reports: Vec<Report> = chosen.into_iter().map(run_step).collect();
    print_summary(&reports);
    let total = reports.iter().fold(Tally::default(), |sum, report| sum.plus(report.tally));
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err(Failure::new("not everything passed; see above")) }
}

fn choose(arguments: &[String]) -> Outcome<Vec<&'static Step>> {
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    let mut quick = false;
    let mut skipped = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => quick = true,
            "--skip" => match words.next() {
                Some(name) if STEPS.iter().any(|step| step.name == name) => skipped.push(name.as_str()),
                Some(name) => return Err(Failure::Usage(format!("no step {name}; the steps are {}", names()))),
                None => return Err(Failure::Usage(format!("--skip expects one of {}", names()))),
            },
            other => return Err(Failure::Usage(format!("unknown argument {other}"))),
        }
    }
    Ok(STEPS.iter().filter(|step| (step.quick || !quick) && !skipped.contains(&step.name)).collect())
}

fn run_step(step: &'static Step) -> Report {
    println!("\n== {} ==", step.name);
    let start = Instant::now();
    let result = (step.run)();
    let took = start.elapsed();
    let tally = match result {
        Ok(tally) => tally,
        Err(failure) => {
            println!("{failure}");
            Tally::one_failure()
        }
    };
    let verdict = if tally.failed == 0 { "ok" } else { "FAILED" };
    println!("== {}: {verdict} in {:.1} s ==", step.name, took.as_secs_f64());
    Report { name: step.name, took, tally, verdict }
}

fn print_summary(reports: &[Report]) {
    println!("\n{:14} {:>8} {:>8} {:>8}", "step", "seconds", "passed", "failed");
    for report in reports {
        let Tally { passed, failed } = report.tally;
        println!("{:14} {:8.1} {passed:8} {failed:8}  {}", report.name, report.took.as_secs_f64(), report.verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str]) -> Outcome<Vec<&'static str>> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        choose(&words).map(|steps| steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn a_step_that_does_not_exist_is_refused_by_name() {
        assert!(matches!(chosen(&["--skip", "nothing"]), Err(Failure::Usage(text)) if text.contains("format")));
        assert!(matches!(chosen(&["--skip"]), Err(Failure::Usage(_))));
        assert!(matches!(chosen(&["--fast"]), Err(Failure::Usage(_))));
    }

    #[test]
    fn the_inner_loop_is_a_part_and_a_skipped_step_is_left_out() {
        let all = chosen(&[]).unwrap();
        let quick = chosen(&["--quick"]).unwrap();
        assert!(quick.len() < all.len() && quick.iter().all(|name| all.contains(name)));
        assert!(!chosen(&["--skip", "docs"]).unwrap().contains(&"docs"));
    }
}
