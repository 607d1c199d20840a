//! The command line of pixelwitness: it wires the crates together and says how it went.
//!
//! It never decides what a request means and never edits what was captured.

mod arguments;
mod audit;
mod classify;
mod differences;
mod doctor;
mod explain;
mod failure;
mod help;
mod interrupt;
mod jobs;
mod machine;
mod man;
mod memory;
mod output;
mod places;
mod planned;
mod progress;
mod read;
mod report;
mod reproduce;
mod sinkhole;
mod stages;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::{Arguments, Subcommand};
use failure::{Failure, Verdict};

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == pixelwitness_driver::KEEPER_COMMAND) {
        return pixelwitness_driver::keep(&arguments.split_off(2));
    }
    match run(arguments) {
        Ok(verdict) => verdict.into(),
        Err(failure) => failure.say(),
    }
}

fn run(arguments: Vec<OsString>) -> Result<Verdict, Failure> {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            output::write(&error.render().to_string())?;
            return Ok(Verdict::NothingFound);
        }
        Err(error) => return Err(Failure::usage(&error)),
    };
    match &arguments.subcommand {
        Subcommand::Audit(arguments) => audit::audit(arguments),
        Subcommand::Read(arguments) => read::read(arguments),
        Subcommand::Explain(arguments) => explain::explain(arguments),
        Subcommand::Classify(arguments) => classify::classify(arguments),
        Subcommand::Report(arguments) => report::report(arguments),
        Subcommand::Verify(arguments) => verify::verify(arguments),
        Subcommand::Doctor(arguments) => doctor::doctor(arguments),
        Subcommand::Schema => output::write(&pixelwitness_report::schema()).map(|()| Verdict::NothingFound),
        Subcommand::Completions { shell } => output::completions(*shell),
        Subcommand::Man(arguments) => man::man(arguments),
    }
}
