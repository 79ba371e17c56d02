//! The command line.

use crate::failure::EXIT_CODES;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Runs, checks, describes and packs mini-programs.
#[derive(Debug, Parser)]
#[command(name = "finapp", version, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// One command each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a mini-program: prints what it logs, takes commands from a prompt or a script
    Run(RunArguments),
    /// Reports what a package uses and what of it is missing
    Check(CheckArguments),
    /// Writes type declarations for the custom APIs that a package declares
    Types(TypesArguments),
    /// Makes the package of a folder, and prints its index entry
    Pack(PackArguments),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The package: a folder or a zip
    pub package: PathBuf,
    /// The page to start with, with its query: pages/detail/detail?id=7
    #[arg(long)]
    pub page: Option<String>,
    /// Takes the commands from this file, one a line, instead of from the prompt
    #[arg(long)]
    pub script: Option<PathBuf>,
    /// TCMPP's file of custom APIs
    #[arg(long)]
    pub custom_apis: Option<PathBuf>,
    /// What the host answers: a JSON file, see docs/runner.md
    #[arg(long)]
    pub providers: Option<PathBuf>,
    /// Keeps what the mini-program stores in this folder; without it nothing is kept
    #[arg(long)]
    pub storage: Option<PathBuf>,
    /// Builds miniprogram_npm first, as `pack --npm` does; the folder stays as it is
    #[arg(long)]
    pub npm: bool,
    /// Shows web pages in windows of the browser; without it they are there, but nobody sees them
    #[arg(long)]
    pub headed: bool,
    /// An origin whose web pages are the mini-program's own, besides those of its package: https://pages.example
    #[arg(long, value_name = "ORIGIN")]
    pub web_domain: Vec<String>,
    /// The id under which it runs
    #[arg(long, default_value = "applet")]
    pub app_id: String,
    /// Also prints what the library itself logs
    #[arg(long, short)]
    pub verbose: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The package: a folder or a zip
    pub package: PathBuf,
    /// TCMPP's file of custom APIs
    #[arg(long)]
    pub custom_apis: Option<PathBuf>,
    /// What the host answers, as for `run`: a declared API that is not in it is reported
    #[arg(long)]
    pub providers: Option<PathBuf>,
    /// An origin whose web pages the host shows: https://pages.example
    #[arg(long, value_name = "ORIGIN")]
    pub web_domain: Vec<String>,
    /// Prints the report as JSON, see docs/runner.md
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `types`.
#[derive(Debug, Args)]
pub struct TypesArguments {
    /// The package: a folder or a zip
    pub package: PathBuf,
    /// TCMPP's file of custom APIs
    #[arg(long)]
    pub custom_apis: Option<PathBuf>,
    /// Adds to the `wx` of the npm package miniprogram-api-typings instead of declaring one
    #[arg(long)]
    pub with_typings: bool,
    /// Writes to this file instead of standard output
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// Arguments of `pack`.
#[derive(Debug, Args)]
pub struct PackArguments {
    /// The folder of the mini-program
    pub folder: PathBuf,
    /// The package; without it, a zip with the folder's name in the current folder
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Builds miniprogram_npm from the dependencies in package.json, as installed in node_modules
    #[arg(long)]
    pub npm: bool,
    /// The id in the index entry
    #[arg(long, default_value = "applet")]
    pub app_id: String,
    /// The version in the index entry
    #[arg(long, default_value = "1.0.0")]
    pub app_version: String,
}
