//! Commands from whoever sits there: line editing and lines that come meanwhile on a terminal, plain lines elsewhere.

use super::command::Command;
use super::session::{Next, Session};
use crate::failure::{Failure, Outcome};
use reedline::{DefaultPrompt, DefaultPromptSegment, ExternalPrinter, Reedline, Signal};
use std::io::{BufRead, IsTerminal};

/// Takes commands until `quit`, the end of the input, or the end of the mini-program.
pub fn talk(session: &mut Session) -> Outcome {
    session.settle();
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        at_terminal(session)
    } else {
        piped(session)
    }
}

fn piped(session: &mut Session) -> Outcome {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::cannot(format!("standard input: {error}")))?;
        if obey(session, &line) == Next::Quit {
            return Ok(());
        }
    }
    Ok(())
}

fn at_terminal(session: &mut Session) -> Outcome {
    anstream::println!("`help` lists the commands");
    let printer = ExternalPrinter::default();
    let mut editor = Reedline::create().with_external_printer(printer.clone());
    let prompt = DefaultPrompt::new(DefaultPromptSegment::Basic("finapp".to_owned()), DefaultPromptSegment::Empty);
    loop {
        // Beside an edited line only the editor can print.
        let beside = printer.clone();
        session.show_with(Some(Box::new(move |line| drop(beside.print(line.to_string())))));
        let read = editor.read_line(&prompt);
        session.show_with(None);
        match read {
            Ok(Signal::Success(line)) if obey(session, &line) == Next::Go => {}
            Ok(Signal::Success(_) | Signal::CtrlC | Signal::CtrlD) => return Ok(()),
            Err(error) => return Err(Failure::cannot(format!("terminal: {error}"))),
        }
    }
}

fn obey(session: &mut Session, line: &str) -> Next {
    let done = match Command::parse(line) {
        Ok(Some(command)) => session.carry_out(&command),
        Ok(None) => Ok(Next::Go),
        Err(text) => Err(text),
    };
    match done {
        Ok(Next::Go) if session.is_closed() => Next::Quit,
        Ok(next) => next,
        Err(text) => {
            anstream::println!("! {text}");
            if session.is_closed() { Next::Quit } else { Next::Go }
        }
    }
}
