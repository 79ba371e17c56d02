//! `finapp`: runs, checks, describes and packs mini-programs on a desktop. One module a command; here stands only which
//! one was asked for, and with which code the process ends.

#![deny(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    reason = "the doors of clippy.toml guard a library inside an app; this is a program of its own, with files and threads"
)]

mod arguments;
mod check;
mod failure;
mod pack;
mod package_files;
mod probe;
mod run;
mod terminal;
mod types;
mod view;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Types(arguments) => types::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Failure::Cannot(text) = &failure {
                terminal::complain(text);
            }
            failure.exit_code()
        }
    }
}
