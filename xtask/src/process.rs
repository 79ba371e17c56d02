//! Runs other programs: shows what runs, passes on what they print, and turns a bad end into words.

use crate::outcome::{Failure, Outcome};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The cargo that runs us, so that a command uses one toolchain throughout.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::workspace::root());
    cargo
}

/// Runs a program whose output goes straight to ours.
///
/// # Errors
/// When it cannot be started or does not end with 0.
pub fn run(command: &mut Command) -> Outcome {
    announce(command);
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{} ended with {status}", name(command)))) }
}

/// Runs a program and returns what it prints to standard output.
///
/// # Errors
/// When it cannot be started or does not end with 0.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{} ended with {}", name(command), output.status)));
    }
    String::from_utf8(output.stdout).map_err(|_| Failure::new(format!("{} printed broken UTF-8", name(command))))
}

/// Whether a program is there and answers `--version`, and what it answers.
pub fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program that has run, with all that it printed.
pub struct Watched {
    /// Whether it ended with 0.
    pub success: bool,
    /// Its standard output and standard error, line by line as they came.
    pub text: String,
}

/// Runs a program, passes its output on and keeps it.
///
/// # Errors
/// When it cannot be started or its output cannot be read.
pub fn watch(command: &mut Command) -> Outcome<Watched> {
    announce(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let kept = Arc::new(Mutex::new(String::new()));
    let readers: Vec<_> = [
        child.stdout.take().map(|pipe| pass_on(pipe, std::io::stdout(), kept.clone())),
        child.stderr.take().map(|pipe| pass_on(pipe, std::io::stderr(), kept.clone())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    for reader in readers {
        reader.join().map_err(|_| Failure::new(format!("the output of {} was lost", name(command))))?;
    }
    let text = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Watched { success: status.success(), text })
}

fn pass_on(
    pipe: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    kept: Arc<Mutex<String>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        // A reader that cannot print any more still empties the pipe, or the child would block.
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            drop(to.write_all(&line).and_then(|()| to.flush()));
            kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

fn announce(command: &Command) {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    println!("$ {} {}", name(command), words.join(" "));
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run {}: {error}", name(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_prints_is_kept_also_when_it_fails() {
        let watched = watch(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert!(!watched.success);
        assert!(watched.text.contains("out\n") && watched.text.contains("err\n"), "{:?}", watched.text);
    }

    #[test]
    fn a_bad_end_is_an_error() {
        assert!(run(Command::new("false").arg("x")).is_err());
        assert!(capture(&mut Command::new("false")).is_err());
    }
}
