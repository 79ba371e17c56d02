//! `finapp run`: a mini-program on a desktop. The `session` holds it, `host` answers its custom APIs from a file, its
//! output goes to the `console`, and commands come from a `script` or from the `prompt`. Its web pages are in a browser,
//! which `web` starts when there is one to show.

mod command;
mod console;
mod expectation;
pub mod host;
mod prompt;
mod script;
mod session;
mod web;
mod web_command;

use crate::arguments::RunArguments;
use crate::failure::{Failure, Outcome};
use crate::pack;
use host::HostFile;
use session::Session;
use std::fs;

/// Runs the package until the commands are over, or it has closed.
pub fn run(arguments: &RunArguments) -> Outcome {
    let script = match &arguments.script {
        Some(path) => Some(fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?),
        None => None,
    };
    let host = HostFile::read(arguments.providers.as_deref())?;
    let built = if arguments.npm { Some(pack::with_npm(&arguments.package)?) } else { None };
    let package = built.as_ref().map_or(arguments.package.as_path(), |file| file.path());
    let mut session = Session::open(package, arguments, &host)?;
    let ended = match script {
        Some(script) => script::play(&mut session, &script),
        None => prompt::talk(&mut session),
    };
    session.close();
    ended?;
    if session.has_failed() { Err(Failure::Found) } else { Ok(()) }
}
