//! The project's commands. This file only routes; each command has a file of its own and installs what it lacks.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command-line tool prints, reads files and takes times; the bans are for the library"
)]

mod arkts;
mod bench;
mod bench_report;
mod bundle;
mod declarations;
mod demo;
mod dependencies;
mod features;
mod module;
mod ohos;
mod outcome;
mod picture;
mod process;
mod rust_text;
mod setup;
mod soak;
mod source_check;
mod sources;
mod test;
mod workspace;

use outcome::{Failure, Outcome};
use std::process::ExitCode;

struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        usage: "demo [--thumbnail]",
        about: "runs examples/hello under a Node host and a Rust host, and examples/card in Chromium; --thumbnail for README.md",
        run: demo::run,
    },
    Command {
        name: "test",
        usage: "test [--quick] [--skip STEP]...",
        about: "everything that CI runs; --quick for the inner loop",
        run: test::run,
    },
    Command {
        name: "ohos",
        usage: "ohos",
        about: "builds for HarmonyOS, checks the libraries, packs the HAR, and runs the tests on what was built",
        run: ohos::run,
    },
    Command {
        name: "bench",
        usage: "bench [NAME...] [--readme]",
        about: "measures, prints a table and writes target/bench.json; --readme puts the table into README.md",
        run: bench::run,
    },
    Command {
        name: "bundle",
        usage: "bundle",
        about: "makes the bundle of the component layer that builds with the feature `components` take",
        run: bundle::run,
    },
    Command {
        name: "soak",
        usage: "soak [storage|report [KILLS]]",
        about: "opens and closes applets by the thousand and prints the memory slope; or kills a process that stores or reports",
        run: soak::run,
    },
    Command {
        name: "declarations",
        usage: "declarations [--write]",
        about: "compares finapp/types/libfinapp/index.d.ts with the Rust exports, or writes it",
        run: declarations::run,
    },
    Command {
        name: "features",
        usage: "features [--write]",
        about: "compares FEATURES.md with the tests that carry row ids, or writes it",
        run: features::run,
    },
    Command {
        name: "third-party",
        usage: "third-party [--write]",
        about: "compares THIRD-PARTY with the shipped dependencies, or writes it",
        run: dependencies::third_party::run,
    },
    Command { name: "picture", usage: "picture", about: "draws docs/parts.svg from docs/parts.dot", run: picture::run },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let asks_for_help = |word: &str| matches!(word, "help" | "--help" | "-h");
    if name.as_deref().is_none_or(asks_for_help) || rest.iter().any(|word| asks_for_help(word)) {
        print_help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| Some(command.name) == name.as_deref()) else {
        eprintln!("xtask: no command {:?}", name.unwrap_or_default());
        print_help();
        return ExitCode::from(2);
    };
    match (command.run)(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("xtask {}: {message}\nusage: cargo xtask {}", command.name, command.usage);
            ExitCode::from(2)
        }
        Err(failure) => {
            eprintln!("xtask {}: {failure}", command.name);
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  {:33} {}", command.usage, command.about);
    }
    println!("\nEach command installs what it needs on a Debian machine and says what it installs.");
}
