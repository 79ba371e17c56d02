//! Python with pip: how programs come that neither Debian nor npm has for us.

use super::debian;
use crate::outcome::Outcome;
use std::process::Command;

/// Makes sure that `python3 -m pip` works.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn ensure() -> Outcome {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if pip.is_ok_and(|output| output.status.success()) { Ok(()) } else { debian::install(&["python3", "python3-pip"]) }
}
