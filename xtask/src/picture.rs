//! `cargo xtask picture`: the picture in the README, drawn from text. The result is checked in, so that nobody needs
//! the drawing program to read or test the project.

use crate::outcome::{Failure, Outcome};
use crate::setup::{self, Need};
use crate::{process, workspace};
use std::process::Command;

/// Draws docs/parts.svg.
pub fn run(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(Failure::Usage(format!("expected no arguments, got {word}")));
    }
    setup::ensure(&[Need::Graphviz])?;
    process::run(
        Command::new("dot").args(["-Tsvg", "docs/parts.dot", "-o", "docs/parts.svg"]).current_dir(workspace::root()),
    )
}
