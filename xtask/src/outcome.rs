//! How a command ends.

use std::fmt;
use std::path::Path;

/// The result of a command or of a part of one.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed, in words for the person who called it.
#[derive(Debug)]
pub enum Failure {
    /// The command was called with the wrong words.
    Usage(String),
    /// Something it did went wrong.
    Work(String),
}

impl Failure {
    /// A failure of the work itself.
    pub fn new(message: impl Into<String>) -> Self {
        Self::Work(message.into())
    }

    /// A file could not be read or written.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Work(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(message) | Self::Work(message)) = self;
        f.write_str(message)
    }
}

/// Takes the one flag that several commands know.
///
/// # Errors
/// For any other word.
pub fn write_flag(arguments: &[String]) -> Outcome<bool> {
    match arguments {
        [] => Ok(false),
        [only] if only == "--write" => Ok(true),
        _ => Err(Failure::Usage(format!("expected nothing or --write, got {}", arguments.join(" ")))),
    }
}

/// Compares a generated file with what is checked in, or writes it.
///
/// # Errors
/// When the two differ, with the first differing line; when the file cannot be written.
pub fn settle(path: &Path, generated: &str, write: bool, command: &str) -> Outcome {
    let present = std::fs::read_to_string(path).unwrap_or_default();
    if present == generated {
        return Ok(());
    }
    if write {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        }
        println!("wrote {}", path.display());
        return std::fs::write(path, generated).map_err(|error| Failure::file(path, &error));
    }
    let (line, had, wants) = first_difference(&present, generated);
    Err(Failure::new(format!(
        "{} is out of date from line {line} on:\n  checked in: {had}\n  generated:  {wants}\nrun: cargo xtask {command} --write",
        path.display()
    )))
}

fn first_difference<'a>(present: &'a str, generated: &'a str) -> (usize, &'a str, &'a str) {
    let (mut had, mut wants) = (present.lines(), generated.lines());
    let mut line = 1;
    loop {
        match (had.next(), wants.next()) {
            (Some(left), Some(right)) if left == right => line += 1,
            (left, right) => return (line, left.unwrap_or("(end)"), right.unwrap_or("(end)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_by_its_first_line() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), (2, "b", "c"));
        assert_eq!(first_difference("a\n", "a\nb\n"), (2, "(end)", "b"));
    }
}
