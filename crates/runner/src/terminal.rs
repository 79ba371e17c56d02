//! What people see: colours where the output is a terminal, and a bar while long work goes on.

use indicatif::{ProgressBar, ProgressStyle};
use owo_colors::OwoColorize;

/// Prints a complaint to standard error.
pub fn complain(text: &str) {
    anstream::eprintln!("{} {text}", "finapp:".red());
}

/// A bar for work of `steps` steps. It is drawn on standard error, and only when that is a terminal.
pub fn progress(steps: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX)).with_message(what);
    // A template that is not understood leaves the bar as it is.
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
