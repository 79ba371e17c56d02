//! `finapp types`: declarations of the custom APIs that a package may call, for its author's editor and compiler.

mod declaration;
mod template;

use crate::arguments::TypesArguments;
use crate::failure::{Failure, Outcome};
use crate::probe;
use std::fs;

/// Writes the declarations.
pub fn run(arguments: &TypesArguments) -> Outcome {
    let mut apis = probe::declared(&arguments.package, arguments.custom_apis.as_deref())?;
    apis.sort_by(|left, right| left.name.cmp(&right.name));
    let text = declaration::file(&apis, arguments.with_typings);
    match &arguments.out {
        Some(path) => fs::write(path, text).map_err(|error| Failure::file(path, &error)),
        None => {
            anstream::print!("{text}");
            Ok(())
        }
    }
}
