//! Commands from a file. What it prints is the same in every run, so that it can be compared: no times, no ids, and the
//! output of a command stands before the next one.

use super::command;
use super::session::{Next, Session};
use crate::failure::{Failure, Outcome};

/// Plays a script to its end, or to the first command that fails.
pub fn play(session: &mut Session, text: &str) -> Outcome {
    let commands = command::script(text).map_err(|error| Failure::cannot(format!("script: {error}")))?;
    session.settle();
    for (line, command) in commands {
        anstream::println!("> {line}");
        match session.carry_out(&command) {
            Ok(Next::Go) => {}
            Ok(Next::Quit) => return Ok(()),
            Err(text) => {
                anstream::println!("! {text}");
                return Err(Failure::Found);
            }
        }
        if session.is_closed() {
            return Ok(());
        }
    }
    Ok(())
}
