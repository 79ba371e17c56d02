//! How a command can fail, and the exit code of each way.

use finapp_core::Error;
use finapp_core::applet::package::PackageError;
use std::path::Path;
use std::process::ExitCode;

/// What the help says of exit codes. 2 is clap's own.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done; `check` found nothing missing, the script went as expected
  1  `check` found something missing or wrong; an expectation of the script failed, or the mini-program ended by itself
  2  the command line is wrong
  3  a package, a script or a file cannot be used, read or written";

/// Why a command did not end well.
#[derive(Debug)]
pub enum Failure {
    /// The command did its work, and its output already says what is wrong.
    Found,
    /// The command could not do its work.
    Cannot(String),
}

/// What a command ends in.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with a sentence of its own.
    pub fn cannot(text: impl Into<String>) -> Self {
        Self::Cannot(text.into())
    }

    /// The system refused something with a file.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Cannot(format!("{}: {error}", path.display()))
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Found => 1,
            Self::Cannot(_) => 3,
        })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Cannot(error.to_string())
    }
}

impl From<PackageError> for Failure {
    fn from(error: PackageError) -> Self {
        Self::Cannot(error.to_string())
    }
}
