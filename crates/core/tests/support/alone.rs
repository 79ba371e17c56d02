//! Tests that need a process of their own, because they count its threads and descriptors, or may abort or never end;
//! and what such a process knows about itself.

use super::PATIENCE;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// Set in the child to the name of the test it was started for.
const MARK: &str = "FINAPP_TEST_ALONE";

/// Set by the cross-build to the program that runs the test programs of another system: what this process runs as is
/// then a loader or an emulator, not the test.
const RUNNER: &str = "FINAPP_TEST_RUNNER";

/// How long a child may take in all; a hang is a failure, never a stuck job.
const MOST: Duration = Duration::from_secs(240);

/// Runs `body` in a process of its own. `test` is the name of the calling test; it fails unless the child ends well.
pub fn alone(test: &str, body: impl FnOnce()) {
    alone_in(test, &[], &[], body);
}

/// The same with variables of its own in its environment.
pub fn alone_with(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) {
    alone_in(test, &[], variables, body);
}

/// The same, for a test that writes files longer than it allows itself: that is an error then, and not the signal that
/// ends a process.
pub fn alone_without_size_signal(test: &str, body: impl FnOnce()) {
    alone_in(test, &["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &[], body);
}

/// Whether the test runs as itself here, and not in an emulator or by another system's loader.
pub fn runs_natively() -> bool {
    std::env::var_os(RUNNER).is_none()
}

/// The same, with the process started by another program.
pub fn alone_under(test: &str, starter: &[&str], body: impl FnOnce()) {
    alone_in(test, starter, &[], body);
}

fn alone_in(test: &str, starter: &[&str], variables: &[(&str, &str)], body: impl FnOnce()) {
    if std::env::var_os(MARK).is_some_and(|own| own == test) {
        return body();
    }
    let mut child = started_by(starter, this_program())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, texts) = channel();
    collect(child.stdout.take().unwrap(), sender.clone());
    collect(child.stderr.take().unwrap(), sender);
    let mut output = String::new();
    for _ in 0..2 {
        match texts.recv_timeout(MOST) {
            Ok(text) => output.push_str(&text),
            Err(_) => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{test} did not end in its own process\n{output}");
            }
        }
    }
    let status = child.wait().unwrap();
    assert!(status.success() && output.contains("1 passed"), "{test} ended with {status}\n{output}");
}

fn started_by(starter: &[&str], program: Command) -> Command {
    let Some((first, rest)) = starter.split_first() else { return program };
    let mut command = Command::new(first);
    command.args(rest).arg(program.get_program()).args(program.get_args());
    command
}

/// The program that this process runs, to be run once more.
pub fn this_program() -> Command {
    let Some(runner) = std::env::var_os(RUNNER) else {
        return Command::new(std::env::current_exe().unwrap());
    };
    let mut command = Command::new(runner);
    command.arg(std::env::args_os().next().unwrap());
    command
}

fn collect(mut pipe: impl Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        let mut text = String::new();
        drop(pipe.read_to_string(&mut text));
        drop(sender.send(text));
    });
}

/// How many threads this process has.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// How many descriptors this process has open.
pub fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits until `holds`. For what happens soon and tells nobody, such as the end of a thread.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let step = Duration::from_millis(1);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        if holds() {
            return;
        }
        std::thread::park_timeout(step);
    }
    panic!("{what}: not in time");
}
